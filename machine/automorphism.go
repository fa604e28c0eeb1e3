package machine

import (
	"fmt"
	"slices"

	"ctcheck/ir"
	"ctcheck/model"
)

// This file tries to map a machine onto itself so that given CPUs change places: an automorphism of
// the program (Clarke, Enders, Filkorn and Jha, Exploiting symmetry in temporal logic model checking,
// FMSD 1996; Emerson and Sistla, Symmetry and model checking, FMSD 1996).
//
// It walks the code of every CPU in step with that of the CPU it goes to. The instructions must be the
// same but for the places in the state that they name, and those must go to each other throughout: a
// place that has once been seen to go somewhere goes there always, and back. So the mapping is its own
// inverse, and whatever it maps is a step of the mapped state exactly when it is one of the state. The
// expressions of properties, claims and claims on whole runs must be mapped to themselves. A data race is
// mapped to one, since accesses are compared in all that makes a race (those inside an Atomic go to such: they
// follow the pause that begins it, without a step boundary between).
//
// What may differ is the order of what commutes: operands of commutative operators, and local code on
// different places (commute.go), such as ghost code that looks at one request after the other.
//
// A matching that fails proves nothing: there may be an automorphism that it does not find. One that
// succeeds is an automorphism.

type matching struct {
	m      *Machine
	cpu    []int       // where each CPU goes
	slots  map[int]int // where each slot goes; those that no code names stay
	place  map[int]*loc
	trail  []int // slots, in the order in which they were bound
	points map[boundary]boundary
	why    string // the first difference
}

// A boundary is a step boundary of a level.
type boundary struct {
	lv *level
	pt int32
}

// swap looks for an automorphism that makes two CPUs change places and lets the others stay.
func (m *Machine) swap(i, k int) *matching {
	x := &matching{m: m, slots: map[int]int{}, place: map[int]*loc{}, points: map[boundary]boundary{}}
	for c := range m.cpus {
		x.cpu = append(x.cpu, c)
	}
	x.cpu[i], x.cpu[k] = k, i
	x.match(i)
	return x
}

func (x *matching) differ(format string, args ...any) bool {
	if x.why == "" {
		x.why = fmt.Sprintf(format, args...)
	}
	return false
}

// match walks the CPU's own code first: there is no doubt there what goes where.
func (x *matching) match(first int) bool {
	order := []int{first}
	for c := range x.m.cpus {
		if c != first && x.cpu[c] >= c {
			order = append(order, c)
		}
	}
	for _, c := range order {
		if !x.shape(&x.m.cpus[c], &x.m.cpus[x.cpu[c]]) {
			return false
		}
	}
	if !x.own(first) || !x.handlers(order, true) {
		return false
	}
	for _, c := range order[1:] {
		if !x.own(c) {
			return false
		}
	}
	return x.handlers(order, false) && x.ends() && x.claims() && x.starts()
}

// shape compares what two CPUs have besides code.
func (x *matching) shape(a, b *cpu) bool {
	if a.IsService != b.IsService || len(a.levels) != len(b.levels) || len(a.pending) != len(b.pending) ||
		a.NMIDepth != b.NMIDepth || a.NMITotal != b.NMITotal {
		return x.differ("%s and %s are not CPUs of one kind", a.Name, b.Name)
	}
	if !x.loc(a.nmiLeft, b.nmiLeft) {
		return x.differ("%s and %s have different NMIs", a.Name, b.Name)
	}
	for j := range a.levels {
		if !x.loc(a.levels[j].pc, b.levels[j].pc) {
			return x.differ("%s and %s have code of different lengths", a.Name, b.Name)
		}
		if la, lb := &a.levels[j], &b.levels[j]; la.Context != lb.Context || !x.loc(la.irqs, lb.irqs) {
			return x.differ("%s and %s have different interrupts", a.Name, b.Name)
		}
	}
	for i := range a.left {
		if (a.pending[i] == nil) != (b.pending[i] == nil) || !x.loc(a.left[i], b.left[i]) {
			return x.differ("%s and %s have different interrupts", a.Name, b.Name)
		}
	}
	if !x.buffers(a.buf, b.buf) {
		return x.differ("%s and %s have different store buffers", a.Name, b.Name)
	}
	return true
}

// buffers compares store buffers but for the code that runs when a store reaches memory.
func (x *matching) buffers(a, b *buffer) bool {
	if a == nil || b == nil {
		return a == b
	}
	if len(a.sites) != len(b.sites) || len(a.entries) != len(b.entries) {
		return false
	}
	for i, sa := range a.sites {
		sb := b.sites[i]
		if sa.mask != sb.mask || (sa.ip < 0) != (sb.ip < 0) || !x.loc(sa.v, sb.v) {
			return false
		}
	}
	for i, ea := range a.entries {
		if !x.loc(ea.site, b.entries[i].site) || !x.loc(ea.value, b.entries[i].value) {
			return false
		}
	}
	return true
}

// own walks a CPU's own code.
func (x *matching) own(c int) bool {
	a, b := &x.m.cpus[c], &x.m.cpus[x.cpu[c]]
	la, lb := &a.levels[0], &b.levels[0]
	if !x.walk(la, lb, la.Entries[0], lb.Entries[0]) {
		return false
	}
	if a.buf == nil {
		return true
	}
	for i, st := range a.buf.sites {
		if st.ip >= 0 && !x.walk(la, lb, st.ip, b.buf.sites[i].ip) {
			return false
		}
	}
	return true
}

// handlers walks the handlers of interrupts and NMIs: with moved those of IPIs that do not stay, otherwise
// the rest. An IPI goes where its pending bit goes.
func (x *matching) handlers(order []int, moved bool) bool {
	for _, c := range order {
		a, b := &x.m.cpus[c], &x.m.cpus[x.cpu[c]]
		for j := 1; j < len(a.levels); j++ {
			la, lb := &a.levels[j], &b.levels[j]
			for i, start := range la.Entries {
				k := i
				if la.Context == model.InIRQ {
					k = x.ipi(a, b, i, moved)
				}
				if moved && (la.Context != model.InIRQ || k < 0 || k == i) {
					continue
				}
				if k < 0 {
					return x.differ("%s goes to no IPI of %s", a.IPIs[i].Name, b.Name)
				}
				if !x.walk(la, lb, start, lb.Entries[k]) {
					return false
				}
			}
		}
	}
	return true
}

// ipi is the IPI of b that IPI i of a goes to, -1 if it goes elsewhere or, when only a look is meant, if
// that is not known yet.
func (x *matching) ipi(a, b *cpu, i int, look bool) int {
	if a.pending[i] == nil { // a device goes to the one of the same number
		return i
	}
	to, bound := x.slots[a.pending[i].slot]
	if !bound {
		if look || !x.loc(a.pending[i], b.pending[i]) {
			return -1
		}
		return i
	}
	return slices.IndexFunc(b.pending, func(l *loc) bool { return l != nil && l.slot == to })
}

// walk compares two pieces of code, from an instruction each to wherever they lead.
func (x *matching) walk(la, lb *level, a, b int) bool {
	seen := map[[2]int]bool{}
	todo := [][2]int{{a, b}}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[p] {
			continue
		}
		seen[p] = true
		as, a := x.m.localCode(p[0])
		bs, b := x.m.localCode(p[1])
		if !x.sameLocal(as, bs) {
			return x.differ("%s in what comes before %s", x.unlike(la, lb), x.label(a))
		}
		ins, inb := &x.m.code[a], &x.m.code[b]
		if !x.sameInstr(ins, inb) || !x.point(la, lb, ins, inb) {
			return x.differ("%s at %s", x.unlike(la, lb), x.label(a))
		}
		switch ins.op {
		case ir.OpHalt, ir.OpReturn, ir.OpVisible, ir.OpFault:
		case ir.OpJump: // localCode follows jumps, so this one leads back to itself
			return x.differ("%s loops without a step", x.name(la))
		case ir.OpUnless:
			todo = append(todo, [2]int{a + 1, b + 1}, [2]int{ins.to, inb.to})
		case ir.OpChoose:
			for i := range ins.alts {
				todo = append(todo, [2]int{ins.alts[i].to, inb.alts[i].to})
			}
		case ir.OpAccess:
			if ins.site > 0 && ins.to > 0 { // what happens when it takes effect is walked for itself
				todo = append(todo, [2]int{ins.to, inb.to})
			} else {
				todo = append(todo, [2]int{a + 1, b + 1})
			}
		default:
			todo = append(todo, [2]int{a + 1, b + 1})
		}
	}
	return true
}

// unlike is how a reason begins.
func (x *matching) unlike(la, lb *level) string {
	if la.cpu == lb.cpu {
		return x.name(la) + " tells them apart"
	}
	return fmt.Sprintf("%s differs from %s", x.name(la), x.name(lb))
}

func (x *matching) name(lv *level) string { return x.m.cpus[lv.cpu].Name }

// label is what an instruction is called in a reason.
func (x *matching) label(ip int) string {
	switch in := &x.m.code[ip]; {
	case in.op == ir.OpHalt || in.op == ir.OpReturn:
		return "its end"
	case in.stmt != nil && in.stmt.Label != "":
		return fmt.Sprintf("%q", in.stmt.Label)
	case in.routine != "":
		return "a statement of " + in.routine
	}
	return "other code"
}

// point binds the step boundaries before two instructions.
func (x *matching) point(la, lb *level, a, b *instr) bool {
	if a.point < 0 || b.point < 0 {
		return a.point < 0 && b.point < 0
	}
	if la.points[a.point].frame != lb.points[b.point].frame {
		return false
	}
	from, to := boundary{la, a.point}, boundary{lb, b.point}
	for _, p := range [][2]boundary{{from, to}, {to, from}} {
		if at, bound := x.points[p[0]]; bound && at != p[1] {
			return false
		}
		x.points[p[0]] = p[1]
	}
	return true
}

// sameInstr reports whether two instructions do the same, each to its own places.
func (x *matching) sameInstr(a, b *instr) bool {
	if a.op != b.op || a.acc != b.acc || a.res != b.res || a.bits != b.bits || a.site != b.site ||
		a.drains != b.drains || a.plain != b.plain || len(a.alts) != len(b.alts) ||
		a.op == ir.OpSend && a.stmt.Raise != b.stmt.Raise {
		return false
	}
	for i := range a.alts {
		if !x.expr(a.alts[i].guard, b.alts[i].guard) {
			return false
		}
	}
	return x.loc(a.v, b.v) && x.loc(a.dst, b.dst) && x.loc(a.old, b.old) &&
		x.expr(a.arg, b.arg) && x.expr(a.cmp, b.cmp) && x.expr(a.cond, b.cond)
}

// ends compares the ends of the CPUs' code.
func (x *matching) ends() bool {
	for c := range x.m.cpus {
		la, lb := &x.m.cpus[c].levels[0], &x.m.cpus[x.cpu[c]].levels[0]
		if la.halt < 0 && lb.halt < 0 {
			continue
		}
		if la.halt < 0 || lb.halt < 0 || x.points[boundary{la, int32(la.halt)}] != (boundary{lb, int32(lb.halt)}) {
			return x.differ("%s and %s end differently", x.name(la), x.name(lb))
		}
	}
	return true
}

// claims compares what is claimed of states and of whole runs. Of the latter a property may make
// several; they may change places.
func (x *matching) claims() bool {
	for _, cs := range [][]check{x.m.never, x.m.atEnd, x.m.reach} {
		for i := range cs {
			if !x.expr(cs[i].e, cs[i].e) {
				return x.differ("a property or claim tells them apart")
			}
		}
	}
	type group struct {
		property int
		kind     ir.LiveKind
	}
	conds := map[group][]*expr{}
	for _, l := range x.m.live {
		if l.cond != nil {
			g := group{l.Property, l.Kind}
			conds[g] = append(conds[g], l.cond)
		}
	}
	for g, es := range conds {
		if !x.sameSet(es, es) {
			return x.differ("%s tells them apart", x.m.Properties[g.property])
		}
	}
	return true
}

// starts reports whether the initial state goes to itself.
func (x *matching) starts() bool {
	s := x.m.initial
	for from, to := range x.slots {
		a, b := x.place[from], x.place[to]
		if a.word < len(s) && a.get(s) != b.get(s) {
			return x.differ("they start with different values")
		}
	}
	for from, to := range x.points {
		if from.lv == to.lv && from.pt != to.pt && from.lv.pc.get(s) == int64(from.pt)+from.lv.bias {
			return x.differ("they start in different places")
		}
	}
	return true
}
