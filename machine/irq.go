package machine

import (
	"ctcheck/ir"
	"ctcheck/model"
)

// This file says where a CPU takes interrupts (rules.go of package ir has the rules).

// Due reports whether transition t is the coming of a pending IPI that its CPU would take in s, were its store
// buffer empty.
func (m *Machine) Due(s []uint64, t int) bool {
	tr := m.trans[t]
	c := &m.cpus[tr.CPU]
	return tr.Kind == ir.PushIPI && c.pending[tr.Index].get(s) != 0 && c.takes(s, c.top(s), tr.Index)
}

// drained reports whether no store of a CPU keeps a handler from beginning.
func (m *Machine) drained(c *cpu, s []uint64) bool {
	return !m.options.Memory.InterruptsDrain() || c.buf.empty(s)
}

// takes reports whether the running level, which has the index top, takes an interrupt of a line: it takes some,
// and no handler of the same line is on the stack.
func (c *cpu) takes(s []uint64, top, line int) bool {
	if c.above(top) == nil || !c.levels[top].open(s) {
		return false
	}
	for i := 1; i <= top; i++ {
		if c.levels[i].at(s).line == line {
			return false
		}
	}
	return true
}

// above is the level at which the handler of an interrupt runs that comes while the level with index top does; nil
// for none.
func (c *cpu) above(top int) *level {
	if top+1 < len(c.levels) && c.levels[top+1].Context == model.InIRQ {
		return &c.levels[top+1]
	}
	return nil
}

// open reports whether a level that is on the stack would take interrupts, if it ran.
func (lv *level) open(s []uint64) bool {
	return lv.flagged(s) && ir.TakesIRQs(lv.Context, lv.at(s).frame)
}

// flagged reports whether the interrupt flag of a level is on.
func (lv *level) flagged(s []uint64) bool {
	if lv.irqs == nil {
		return lv.Context == model.Task
	}
	return lv.irqs.get(s) != 0
}

// mayTake reports whether the level takes interrupts at a point in some state.
func (lv *level) mayTake(pt *point) bool {
	return (lv.irqs != nil || lv.Context == model.Task) && ir.TakesIRQs(lv.Context, pt.frame)
}

// addIRQs adds what it takes to know which interrupts a CPU takes while its running level, the one with index
// top, is at the given point, and what these may touch. needs adds what their handlers wait for.
func (m *Machine) addIRQs(f footprint, c *cpu, top int, pt *point, needs func()) {
	up := c.above(top)
	if up == nil || !c.levels[top].mayTake(pt) {
		return
	}
	needs()
	f.add(c.levels[top].irqs)
	for i := 1; i < top; i++ {
		f.add(c.levels[i].pc) // for the lines whose handlers are under way
	}
	for i := range c.IPIs {
		if i != pt.line && (c.pending[i] != nil || c.left[i] != nil) {
			f.add(c.pending[i])
			f.add(c.left[i])
			m.addRun(f, up, up.Entries[i], true)
		}
	}
}

// irq takes a step that is about the interrupt flag.
func (m *Machine) irq(s []uint64, in *instr, fx *Effects) {
	if in.dst != nil {
		was := int64(0)
		if in.v != nil {
			was = in.v.get(s)
		}
		m.set(s, in.dst, was, in, fx)
	}
	if in.v != nil && in.arg != nil {
		in.v.put(s, model.Truth(m.eval(s, in.arg) != 0))
	}
}
