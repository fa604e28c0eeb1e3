package cttest_test

import (
	"slices"
	"strings"
	"testing"

	"ctcheck/cttest"
	"ctcheck/model"
	"ctcheck/props"
)

// This file has what litmus shapes grow into: locks and a handshake that hold under sequential consistency
// and break, or do not, on x86.

// unfenced takes the barriers out of a program.
func unfenced(p *model.Program) *model.Program {
	var strip func(stmts []*model.Stmt) []*model.Stmt
	strip = func(stmts []*model.Stmt) []*model.Stmt {
		stmts = slices.DeleteFunc(stmts, func(s *model.Stmt) bool { return s.Kind == model.StmtFence })
		for _, s := range stmts {
			s.Body, s.Else = strip(s.Body), strip(s.Else)
		}
		return stmts
	}
	for _, c := range p.CPUs {
		c.Main.Body = strip(c.Main.Body)
	}
	return p
}

// dekker is T. J. Dekker's mutual exclusion for two CPUs (E. W. Dijkstra, Cooperating sequential processes,
// EWD 123, 1965), once each.
func dekker() (*model.Program, *model.Monitor) {
	p := model.New("dekker")
	flag := []*model.Var{
		p.Shared("flag[0]", model.Bool, model.False),
		p.Shared("flag[1]", model.Bool, model.False),
	}
	turn := p.Shared("turn", model.UpTo(1), model.Int(0))
	inside := p.Ghost("CPUs inside", model.UpTo(2), model.Int(0))
	for i, name := range []string{"CPU0", "CPU1"} {
		me, other := model.Int(i), model.Int(1-i)
		p.CPU(name).Run(p.Routine("lock", func(r *model.Routine) {
			f, t := r.Local("f", model.Bool), r.LocalOf("t", turn)
			r.WriteOnce("WRITE_ONCE(flag[me], 1)", flag[me], model.True)
			r.SmpMb()
			r.Forever(func() {
				r.ReadOnce("f = READ_ONCE(flag[other])", f, flag[other])
				r.If(f.IsZero(), r.Break)
				r.ReadOnce("t = READ_ONCE(turn)", t, turn)
				r.If(t.Ne(me), func() {
					r.WriteOnce("WRITE_ONCE(flag[me], 0)", flag[me], model.False)
					r.CondLoadAcquire("smp_cond_load_acquire(&turn, VAL == me)", t, turn, t.Eq(me))
					r.WriteOnce("WRITE_ONCE(flag[me], 1)", flag[me], model.True)
					r.SmpMb()
				})
			})
			r.Set(inside, inside.Add(model.Int(1)))
			r.Pause("/* critical section */")
			r.Set(inside, inside.Sub(model.Int(1)))
			r.WriteOnce("WRITE_ONCE(turn, other)", turn, other)
			r.StoreRelease("smp_store_release(&flag[me], 0)", flag[me], model.False)
		}))
	}
	p.ReachedState("a CPU is inside", inside.Eq(model.Int(1)))
	return p, props.Always("mutual exclusion", inside.Le(model.Int(1)))
}

// Dekker's and Peterson's locks are store buffering before a critical section: each CPU raises its flag and
// looks at the other's. They exclude on x86 with a barrier between, and not without; under sequential
// consistency they need none. The numbers of states are exact on purpose.
func TestLocksNeedTheirBarriers(t *testing.T) {
	for _, row := range []struct {
		name                 string
		lock                 func() (*model.Program, *model.Monitor)
		sc, tso, bare, steps int // states, and the steps to a violation
	}{
		{"Dekker", dekker, 68, 173, 349, 4},
		{"Peterson", func() (*model.Program, *model.Monitor) { return peterson(false) }, 92, 199, 524, 6},
	} {
		p, exclusion := row.lock()
		sc := cttest.Holds(t, p, exclusion)
		tso := cttest.Under(model.TSO).Holds(t, p, exclusion)
		unfenced(p)
		if bare := cttest.Holds(t, p, exclusion); bare.States != sc.States {
			t.Errorf("%s: %d states under sc, %d without barriers", row.name, sc.States, bare.States)
		}
		bare := cttest.Under(model.TSO).Check(t, p, exclusion)
		tr := cttest.Under(model.TSO).Violates(t, p, "mutual exclusion", exclusion)
		got := []int{int(sc.States), int(tso.States), int(bare.States), len(tr.Steps)}
		if want := []int{row.sc, row.tso, row.bare, row.steps}; !slices.Equal(got, want) {
			t.Errorf("%s: states under sc, under tso, under tso without barriers, and steps to a violation: "+
				"%v, want %v", row.name, got, want)
		}
	}
}

// Unlock needs no barrier: a release store is a plain one on x86 (CACM section 4.1, the Linux spinlock).
func TestTicketLockOnX86(t *testing.T) {
	p, exclusion := ticketLock()
	cttest.Under(model.TSO).Holds(t, p, exclusion)
}

// seqlock is a sequence lock (Documentation/locking/seqlock.rst): the writer makes the count odd, writes two
// halves, and makes it even; the reader reads both until the count before and after is even and the same.
// With early the writer's first half is written before the count, and with hasty the reader does not look
// again.
func seqlock(early, hasty bool) (p *model.Program, halves [2]*model.Var) {
	p = model.New("seqlock")
	seq := p.Shared("seq", model.UpTo(2), model.Int(0))
	a, b := p.Shared("a", model.Bits(1), model.Int(0)), p.Shared("b", model.Bits(1), model.Int(0))
	halves = [2]*model.Var{p.Ghost("read a", model.Bits(1), model.Int(0)),
		p.Ghost("read b", model.Bits(1), model.Int(0))}
	p.CPU("writer").Run(p.Routine("write_seqcount", func(r *model.Routine) {
		if early {
			r.WriteOnce("WRITE_ONCE(a, 1)", a, model.Int(1))
		}
		r.WriteOnce("WRITE_ONCE(seq, 1)", seq, model.Int(1))
		r.SmpWmb()
		if !early {
			r.WriteOnce("WRITE_ONCE(a, 1)", a, model.Int(1))
		}
		r.WriteOnce("WRITE_ONCE(b, 1)", b, model.Int(1))
		r.SmpWmb()
		r.WriteOnce("WRITE_ONCE(seq, 2)", seq, model.Int(2))
	}))
	p.CPU("reader").Run(p.Routine("read_seqcount", func(r *model.Routine) {
		begin, again := r.LocalOf("begin", seq), r.LocalOf("again", seq)
		x, y := r.LocalOf("x", a), r.LocalOf("y", b)
		r.DoWhile(func() {
			r.DoWhile(func() { r.ReadOnce("begin = READ_ONCE(seq)", begin, seq) }, begin.Has(model.Int(1)))
			r.SmpRmb()
			r.ReadOnce("x = READ_ONCE(a)", x, a)
			r.ReadOnce("y = READ_ONCE(b)", y, b)
			r.SmpRmb()
			if hasty {
				r.Break()
			}
			r.ReadOnce("again = READ_ONCE(seq)", again, seq)
		}, again.Ne(begin))
		r.Set(halves[0], x)
		r.Set(halves[1], y)
	}))
	return p, halves
}

// The barriers of a seqlock are smp_wmb() and smp_rmb(), which x86 needs not: it never reads half a write.
// It does under both models if the algorithm is wrong.
func TestSeqlock(t *testing.T) {
	whole := []string{"read a=0 read b=0", "read a=1 read b=1"}
	torn := []string{"read a=0 read b=0", "read a=0 read b=1", "read a=1 read b=0", "read a=1 read b=1"}
	early := []string{"read a=0 read b=0", "read a=1 read b=0", "read a=1 read b=1"}
	for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
		for _, row := range []struct {
			early, hasty bool
			want         []string
		}{{false, false, whole}, {true, false, early}, {false, true, torn}} {
			p, halves := seqlock(row.early, row.hasty)
			if got := cttest.Under(mm).Finals(t, p, halves[:]...); !slices.Equal(got, row.want) {
				t.Errorf("early %t, hasty %t under %s: %q, want %q", row.early, row.hasty, mm, got, row.want)
			}
		}
	}
}

// A side is one CPU's part of the handshake: how it announces itself before it looks at the other.
type side struct {
	name  string
	write func(r *model.Routine, v, old *model.Var)
}

var sides = []side{
	{"WRITE_ONCE", func(r *model.Routine, v, _ *model.Var) { r.WriteOnce("WRITE_ONCE", v, model.Int(1)) }},
	{"smp_store_release", func(r *model.Routine, v, _ *model.Var) {
		r.StoreRelease("smp_store_release", v, model.Int(1))
	}},
	{"WRITE_ONCE; smp_mb", func(r *model.Routine, v, _ *model.Var) {
		r.WriteOnce("WRITE_ONCE", v, model.Int(1))
		r.SmpMb()
	}},
	{"atomic_or", func(r *model.Routine, v, _ *model.Var) { r.AtomicOr("atomic_or", v, model.Int(1)) }},
	{"atomic_fetch_or", func(r *model.Routine, v, old *model.Var) {
		r.AtomicFetchOr("old = atomic_fetch_or", old, v, model.Int(1))
	}},
	{"atomic_add_return", func(r *model.Routine, v, old *model.Var) {
		r.AtomicAddReturn("old = atomic_add_return", old, v, model.Int(1))
	}},
}

// Deferral rests on store buffering: the setter sets the work bit and then reads whether the target is in
// user mode, the target stores that it is in the kernel and then reads the work. If neither sees the other,
// the work waits for an entry that is over: no IPI, no flush. On x86 that needs a locked instruction or a
// full barrier on both sides; a read-modify-write of any order will do there (the kernel's memory model
// asks for a fully ordered one, for other machines).
func TestDeferralNeedsFullOrder(t *testing.T) {
	ordered := func(s side) bool {
		return strings.HasPrefix(s.name, "atomic") || strings.HasSuffix(s.name, "smp_mb")
	}
	lost := "setter saw=0 target saw=0"
	seen := []string{"setter saw=0 target saw=WORK", "setter saw=KERNEL target saw=0",
		"setter saw=KERNEL target saw=WORK"}
	for _, setter := range sides {
		for _, target := range sides {
			for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
				want := seen
				if mm == model.TSO && !(ordered(setter) && ordered(target)) {
					want = append([]string{lost}, seen...)
				}
				p := model.New("deferral")
				work := p.Shared("work", model.Bool, model.Int(0)).Flag(model.Int(1), "WORK")
				state := p.Shared("state", model.Bool, model.Int(0)).Flag(model.Int(1), "KERNEL")
				setterSaw := p.Ghost("setter saw", model.Bool, model.Int(0)).Like(state)
				targetSaw := p.Ghost("target saw", model.Bool, model.Int(0)).Like(work)
				side := func(name string, s side, mine, other, saw *model.Var) {
					p.CPU(name).Run(p.Routine(name, func(r *model.Routine) {
						old, l := r.LocalOf("old", mine), r.LocalOf("l", other)
						s.write(r, mine, old)
						r.AtomicRead("l = atomic_read", l, other)
						r.Set(saw, l)
					}))
				}
				side("setter", setter, work, state, setterSaw)
				side("target", target, state, work, targetSaw)
				if got := cttest.Under(mm).Finals(t, p, setterSaw, targetSaw); !slices.Equal(got, want) {
					t.Errorf("%s and %s under %s: %q, want %q", setter.name, target.name, mm, got, want)
				}
			}
		}
	}
}

// What is not exact is refused, and what cannot be searched to the end does not hold.
func TestTooManyStores(t *testing.T) {
	endless := func(loads bool) *model.Program {
		p := model.New("endless")
		x := p.Shared("x", model.Bool, model.Int(0))
		p.CPU("CPU0").Run(p.Routine("CPU0", func(r *model.Routine) {
			r.Forever(func() {
				r.WriteOnce("WRITE_ONCE(x, 1)", x, model.Int(1))
				if loads {
					r.ReadOnce("READ_ONCE(x)", r.LocalOf("l", x), x)
				}
			})
		}))
		return p
	}
	p := endless(true)
	fine, never := props.Always("fine", model.True), props.Never("zero", p.Vars[0].Eq(model.Int(1)))
	other := model.NewGhost("other", model.Bool, model.Int(0))
	for _, row := range []struct{ said, want string }{
		{says(func(t testing.TB) { cttest.Under(model.TSO).Finals(t, p) }), "a store buffer needs more than 16"},
		{says(func(t testing.TB) { cttest.Under(model.TSO).Finals(t, p, other) }), "other is not one of its"},
		{says(func(t testing.TB) { cttest.Under(model.TSO).Holds(t, p, fine) }), "cut by store-buffer"},
		{says(func(t testing.TB) { cttest.Under(model.TSO).Violates(t, p, "fine", fine) }),
			"fine is not violated so far; INCOMPLETE"},
		{says(func(t testing.TB) { cttest.Under(model.TSO).Violates(t, p, "zero", never) }), ""},
	} {
		if !strings.Contains(row.said, row.want) || row.want == "" && row.said != "" {
			t.Errorf("%q does not say %q", row.said, row.want)
		}
	}
	for _, got := range [][]string{cttest.Under(model.SC).Finals(t, p), cttest.Under(model.TSO).Finals(t,
		endless(false))} {
		if len(got) != 0 {
			t.Errorf("a run without end ends with %q", got)
		}
	}
}
