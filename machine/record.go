package machine

import (
	"ctcheck/ir"
	"ctcheck/model"
)

// This file puts what transitions do, and what states are, into the words of the program.

// begin notes the statement with which the transition begins.
func begin(r *ir.Record, in *instr) {
	if r.Stmt == nil {
		r.Stmt, r.Frame, r.Routine = in.stmt, in.frame, in.routine
	}
}

// event notes an event with the value of its argument.
func (m *Machine) event(r *ir.Record, s []uint64, in *instr) {
	h := ir.Happening{Event: *in.ev}
	if in.arg != nil {
		h.Value = m.eval(s, in.arg)
	}
	r.Events = append(r.Events, h)
}

// Globals are the shared variables and ghosts with their values in s, in order of declaration.
func (m *Machine) Globals(s []uint64) []ir.Binding {
	bs := make([]ir.Binding, len(m.globals))
	for i, l := range m.globals {
		bs[i] = ir.Binding{Var: l.v, Value: l.get(s)}
	}
	return bs
}

// Pending is the IPIs that are pending in s.
func (m *Machine) Pending(s []uint64) []*model.IPI {
	var is []*model.IPI
	for i := range m.cpus {
		for j, l := range m.cpus[i].pending {
			if l != nil && l.get(s) != 0 {
				is = append(is, m.cpus[i].IPIs[j])
			}
		}
	}
	return is
}

// Stack is the frames of a CPU in s, outermost first.
func (m *Machine) Stack(s []uint64, cpu int) []model.Frame {
	var fs []model.Frame
	c := &m.cpus[cpu]
	for i := range c.levels {
		lv := &c.levels[i]
		if pc := lv.pc.get(s) - lv.bias; pc >= 0 {
			fs = append(fs, lv.points[pc].frame)
		}
	}
	return fs
}
