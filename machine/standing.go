package machine

import (
	"slices"

	"ctcheck/ir"
	"ctcheck/model"
)

// This file says, of a state in which a CPU cannot step, what it waits for.

// waits notes what the instruction at ip waits for, where somebody asks. It is false: the transition is not
// enabled.
func (m *Machine) waits(s []uint64, lv *level, ip int, until *model.Node, fx *Effects) bool {
	if fx.Record == nil {
		return false
	}
	in := &m.code[ip]
	w := &ir.Wait{Stmt: in.stmt, Until: until}
	fx.Record.Wait = w
	note := func(v *model.Var, x int64) {
		if !slices.ContainsFunc(w.Values, func(b ir.Binding) bool { return b.Var == v }) {
			w.Values = append(w.Values, ir.Binding{Var: v, Value: x})
		}
	}
	if in.op == ir.OpAccess {
		note(in.v.v, m.cpus[lv.cpu].buf.load(s, in.v))
	}
	until.Walk(func(n *model.Node) {
		if n.Op == model.OpVar && (in.op != ir.OpAccess || n.Var != in.stmt.Dst) {
			note(n.Var, m.valueOf(s, n.Var, m.flow.Code[ip].Call))
		}
	})
	return false
}

// valueOf is the value of a variable that code in a call speaks of.
func (m *Machine) valueOf(s []uint64, v *model.Var, call *ir.Call) int64 {
	if v.Kind == model.Local {
		if x, isConst := call.Consts[v]; isConst {
			return x
		}
		return m.places[call.Vars[v]].get(s)
	}
	for _, l := range m.globals {
		if l.v == v {
			return l.get(s)
		}
	}
	return v.Init // of no variable of the program
}

// Standing is where each CPU stands in a state in which none can step.
func (m *Machine) Standing(s []uint64) []ir.Standing {
	var all []ir.Standing
	dst := make([]uint64, m.words)
	for i := range m.cpus {
		c := &m.cpus[i]
		lv := &c.levels[c.top(s)]
		pt := &lv.points[lv.pc.get(s)-lv.bias]
		st := ir.Standing{CPU: c.CPU.CPU, Ended: m.code[pt.ip].op == ir.OpHalt, Context: lv.Context,
			Frame: pt.frame, IRQsOff: !lv.open(s), In: pt.call, Step: m.upcoming(pt.ip)}
		for j, l := range c.pending {
			if l != nil && l.get(s) != 0 {
				st.Pending = append(st.Pending, c.IPIs[j])
			}
		}
		for t, tr := range m.trans {
			if tr.CPU != i || tr.Kind != ir.Step {
				continue
			}
			var rec ir.Record
			if fx := (Effects{Record: &rec}); !m.Fire(s, t, dst, &fx) && rec.Wait != nil {
				st.Waits = append(st.Waits, rec.Wait)
			}
		}
		all = append(all, st)
	}
	return all
}
