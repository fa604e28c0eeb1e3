package machine

import (
	"slices"

	"ctcheck/ir"
	"ctcheck/model"
)

// This file takes a packed state apart for people: variables, and of each CPU its stack of contexts, the calls
// under way with their locals, what it does next, its store buffer and the interrupts that may strike.

// An activation is a call under way, with what its names stand for.
type activation struct {
	routine *model.Routine
	names   []binding
}

// A binding is a parameter or local of a call: where its value lies, or, if that is constant, the value.
type binding struct {
	v     *model.Var
	l     *loc
	value int64
}

// Snapshot takes s apart.
func (m *Machine) Snapshot(s []uint64) ir.Snapshot {
	snap := ir.Snapshot{Globals: m.Globals(s)}
	for i := range m.cpus {
		c := &m.cpus[i]
		st := ir.CPUState{CPU: c.CPU.CPU, Buffer: m.Buffer(s, i)}
		for j := range c.levels {
			lv := &c.levels[j]
			if pc := lv.pc.get(s) - lv.bias; pc >= 0 {
				st.Levels = append(st.Levels, m.level(s, lv, &lv.points[pc]))
			}
		}
		for j, l := range c.pending {
			if l.get(s) != 0 {
				st.Pending = append(st.Pending, c.IPIs[j])
			}
		}
		if c.nmiLeft != nil {
			st.NMIsLeft = int(c.nmiLeft.get(s))
		}
		snap.CPUs = append(snap.CPUs, st)
	}
	return snap
}

// level is what a state says of a level that is at the given point.
func (m *Machine) level(s []uint64, lv *level, pt *point) ir.LevelState {
	st := ir.LevelState{Context: lv.Context, Frame: pt.frame, Next: m.upcoming(pt.ip)}
	for _, a := range slices.Backward(pt.calls) {
		call := ir.CallState{Routine: a.routine}
		for _, n := range a.names {
			value := n.value
			if n.l != nil {
				value = n.l.get(s)
			}
			call.Locals = append(call.Locals, ir.Binding{Var: n.v, Value: value})
		}
		st.Calls = append(st.Calls, call)
	}
	return st
}

// upcoming is the statement of the step that begins at ip, where it does not depend on the state.
func (m *Machine) upcoming(ip int) *model.Stmt {
	for n := 0; n < len(m.code); n++ {
		switch in := &m.code[ip]; in.op {
		case ir.OpOpen:
			if in.stmt.Kind == model.StmtAccess {
				return in.stmt
			}
			ip++
		case ir.OpHalt, ir.OpReturn, ir.OpVisible, ir.OpUnless:
			return nil
		case ir.OpAccess, ir.OpPause, ir.OpAwait, ir.OpFence, ir.OpSend, ir.OpChoose:
			return in.stmt
		case ir.OpJump:
			ip = in.to
		default:
			ip++
		}
	}
	return nil
}
