package machine

import (
	"slices"

	"ctcheck/ir"
	"ctcheck/model"
)

// This file puts what transitions do, and what states are, into the words of the program.

// begin notes the statement with which the transition begins.
func begin(r *ir.Record, in *instr, call *ir.Call) {
	if r.Stmt == nil {
		r.Stmt, r.Frame, r.Routine, r.In = in.stmt, in.frame, in.routine, call
	}
}

// A follower notes the calls that begin while instructions are executed. Each instruction says which call it stands
// in, and between two rounds of a loop that calls there is one that stands outside: so a call has begun where an
// instruction is in another call than the one before it, and not in one that was under way.
type follower struct {
	m      *Machine
	rec    *ir.Record
	within *ir.Call // that the last instruction stood in
}

// follow begins in a call, or, with nil, before the first one of a level. It is nil if nothing is to be noted.
func (m *Machine) follow(rec *ir.Record, within *ir.Call) *follower {
	if rec == nil {
		return nil
	}
	return &follower{m, rec, within}
}

// at notes what begins with an instruction.
func (f *follower) at(s []uint64, ip int) {
	var begun []*ir.Call
	now := f.m.flow.Code[ip].Call
	for c := now; c != nil && !f.within.Inside(c); c = c.Up {
		begun = append(begun, c)
	}
	f.within = now
	for _, c := range slices.Backward(begun) {
		called := &ir.Called{Call: c, Args: f.m.arguments(s, c)}
		if f.rec.Stmt == nil {
			f.rec.Before = append(f.rec.Before, called)
		} else {
			f.rec.After = append(f.rec.After, called)
		}
	}
}

// arguments is the parameters of a call with their values in s.
func (m *Machine) arguments(s []uint64, c *ir.Call) []ir.Binding {
	var args []ir.Binding
	for _, v := range c.Routine.Params {
		args = append(args, ir.Binding{Var: v, Value: m.valueOf(s, v, c)})
	}
	return args
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
