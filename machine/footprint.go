package machine

import (
	"ctcheck/ir"
	"ctcheck/model"
)

// This file finds which bits of the state a transition can look at or change: its footprint. It is a
// walk over the code from a step boundary to the next ones, along both arms of every branch, so it is
// an upper bound for every state.

// A footprint is a set of bits of the packed state, a mask for each word.
type footprint []uint64

// add adds a place; scratch words, which are zero between steps, do not count.
func (f footprint) add(l *loc) {
	if l != nil && l.word < len(f) {
		f[l.word] |= l.mask << l.shift
	}
}

func (f footprint) addExpr(e *expr) {
	if e == nil {
		return
	}
	f.add(e.l)
	if e.cpu != nil {
		if e.op == model.OpDone {
			e.cpu.buf.addFirst(f)
		}
		for i := range e.cpu.levels {
			f.add(e.cpu.levels[i].pc)
			if e.op == model.OpIRQsOff {
				f.add(e.cpu.levels[i].irqs)
			}
		}
	}
	f.addExpr(e.a)
	f.addExpr(e.b)
}

// addInstr adds what an instruction may touch on a CPU with the given store buffer.
func (f footprint) addInstr(in *instr, b *buffer) {
	switch {
	case in.op == ir.OpAccess && (in.acc == model.Load || in.site > 0):
		b.add(f)
	case in.drains, in.op == ir.OpFence:
		b.addFirst(f)
	}
	for _, l := range in.reads {
		f.add(l)
	}
	f.addWrites(in)
	in.exprs(f.addExpr) // which also look at CPUs
}

// exprs visits the expressions that the instruction evaluates, nil ones included.
func (in *instr) exprs(visit func(e *expr)) {
	if in.op == ir.OpEvent { // only traces look at an event's argument
		return
	}
	visit(in.arg)
	visit(in.cmp)
	visit(in.cond)
	for _, a := range in.alts {
		visit(a.guard)
	}
}

// addWrites adds what the instruction may change.
func (f footprint) addWrites(in *instr) {
	for _, l := range in.writes {
		f.add(l)
	}
}

// A path is the instructions that [Machine.run] may execute in one transition, and where it may end.
type path struct {
	code []*instr
	ends []int32 // the points of the level
	pops bool    // or it leaves the level
}

// path follows every way from ip on.
func (m *Machine) path(ip int, moved bool) path {
	st := m.flow.Stretch(ip, moved)
	p := path{pops: st.Returns}
	for _, ip := range st.Code {
		p.code = append(p.code, &m.code[ip])
	}
	for _, ip := range st.Ends {
		p.ends = append(p.ends, m.code[ip].point)
	}
	return p
}

// addRun adds what [Machine.run] may touch from ip on.
func (m *Machine) addRun(f footprint, lv *level, ip int, moved bool) {
	f.add(lv.pc)
	for _, in := range m.path(ip, moved).code {
		f.addInstr(in, m.cpus[lv.cpu].buf)
	}
}

// footprint is what the transitions of one CPU may touch while its running level is top, at point pt.
func (m *Machine) footprint(c *cpu, top, pt int) footprint {
	f := make(footprint, m.words)
	lv := &c.levels[top]
	m.addRun(f, lv, lv.points[pt].ip, false)
	waits := func() {
		if m.options.Memory.InterruptsDrain() {
			c.buf.addFirst(f)
		}
	}
	m.addIRQs(f, c, top, &lv.points[pt], waits)
	if next, ok := c.NextNMI(top); ok {
		waits()
		f.add(c.nmiLeft)
		m.addRun(f, &c.levels[next], c.levels[next].Entries[0], true)
	}
	return f
}

// stateFootprint is what [Machine.Violated] and [Machine.Reached] look at.
func (m *Machine) stateFootprint() footprint {
	f := make(footprint, m.words)
	for _, cs := range [][]check{m.never, m.atEnd, m.reach} {
		for i := range cs {
			f.addExpr(cs[i].e)
		}
	}
	if m.races != 0 {
		m.addRaces(f)
	}
	if len(m.atEnd) > 0 {
		for i := range m.cpus {
			m.cpus[i].buf.addFirst(f)
			for j := range m.cpus[i].levels {
				f.add(m.cpus[i].levels[j].pc)
			}
			for _, l := range m.cpus[i].pending {
				f.add(l)
			}
		}
	}
	return f
}

// join adds what is in g, and reports whether there was something new.
func (f footprint) join(g footprint) (grew bool) {
	for i, w := range g {
		grew = grew || w&^f[i] != 0
		f[i] |= w
	}
	return grew
}

// meets reports whether two sets have something in common.
func (f footprint) meets(g footprint) bool {
	for i, w := range g {
		if f[i]&w != 0 {
			return true
		}
	}
	return false
}
