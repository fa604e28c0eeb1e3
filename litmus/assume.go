package litmus

import "fmt"

// assumptions is the sentences that bound what a verdict on the test means.
func (l *lowering) assumptions() []string {
	var has [Nothing + 1]bool
	for _, th := range l.t.Threads {
		eachStmt(th.Body, func(s *Stmt) {
			if s.Kind == Do {
				has[s.Prim.Class] = true
			}
		})
	}
	var out []string
	add := func(sentence string, classes ...Class) {
		for _, c := range classes {
			if has[c] {
				out = append(out, sentence)
				return
			}
		}
	}
	if l.t.Arch == C {
		out = append(out, "primitives as the kernel has them on x86; the compiler reorders nothing, plain "+
			"accesses too")
	}
	add("a cmpxchg that fails is a locked instruction all the same", Cmpxchg)
	add("a conditional operation that has nothing to do, such as atomic_add_unless, finds that by a load and "+
		"orders nothing",
		Unless)
	add("a spin_trylock that fails finds that by a load and orders nothing", Trylock)
	add("a spin_lock waits until the lock is free", Lock)
	add("RCU is what it promises: a grace period is a full barrier, and waits for the readers that have begun",
		ReadLock, Sync)
	add("srcu_read_lock and srcu_read_unlock are no barriers, and smp_mb__after_srcu_read_unlock is a full one",
		SrcuLock)
	for _, loc := range l.t.asked() {
		if loc.IsReg() && !l.t.known[loc] {
			out = append(out, fmt.Sprintf("%s is 0: P%d has no register %s", loc, loc.Thread, loc.Name))
		}
	}
	return out
}
