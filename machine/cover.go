package machine

import (
	"ctcheck/ir"
	"ctcheck/model"
)

// This file says what of a program's code a step went through, for those who count it.

// Coverables is all that the transitions of the machine may go through, in the order of [Program.Walk]: steps,
// those inside an Atomic too, and the ways at branches. Not among them are ways that a constant condition
// excludes, and the ghost code of monitors.
func (m *Machine) Coverables() []ir.Coverable {
	compiled := map[ir.Passed]bool{}
	for i := range m.code {
		in := &m.code[i]
		switch {
		case in.stmt == nil:
		case in.op.IsStatement():
			compiled[ir.Passed{Stmt: in.stmt, Way: ir.Itself}] = true
		case in.op == ir.OpUnless && in.cond.op == model.OpConst:
			compiled[ir.Passed{Stmt: in.stmt, Way: int(model.Truth(in.cond.k != 0))}] = true
		case in.op == ir.OpUnless:
			compiled[ir.Passed{Stmt: in.stmt, Way: ir.WayFalse}], compiled[ir.Passed{Stmt: in.stmt,
				Way: ir.WayTrue}] = true, true
		case in.op == ir.OpChoose:
			for w, a := range in.alts {
				if a.guard.op != model.OpConst || a.guard.k != 0 {
					compiled[ir.Passed{Stmt: in.stmt, Way: w}] = true
				}
			}
		}
	}
	var cs []ir.Coverable
	m.Program.Walk(func(pl model.Place) {
		s := pl.Stmt()
		add := func(way int, always bool) {
			if is := compiled[ir.Passed{Stmt: s, Way: way}]; is || always {
				cs = append(cs, ir.Coverable{Place: pl, Way: way, Compiled: is})
			}
		}
		switch s.Kind {
		case model.StmtChoose:
			for w := range s.Alts {
				add(w, true)
			}
		case model.StmtIf, model.StmtWhile, model.StmtDoWhile:
			add(ir.WayTrue, false)
			add(ir.WayFalse, false)
		default:
			if s.Kind.IsStep() {
				add(ir.Itself, true)
			}
		}
	})
	return cs
}

// pass notes where a transition goes.
func (fx *Effects) pass(s *model.Stmt, way int) {
	if fx.Trail != nil && s != nil {
		*fx.Trail = append(*fx.Trail, ir.Passed{Stmt: s, Way: way})
	}
}

// Values calls f for every variable that has a value in s: shared ones, ghosts, and the locals and parameters of
// the calls under way, as in [Machine.Snapshot]. Parameters that stand for constants are not among them.
func (m *Machine) Values(s []uint64, f func(*model.Var, int64)) {
	for _, l := range m.globals {
		f(l.v, l.get(s))
	}
	for i := range m.cpus {
		c := &m.cpus[i]
		for j := range c.levels {
			lv := &c.levels[j]
			pc := lv.pc.get(s) - lv.bias
			if pc < 0 {
				continue
			}
			for _, a := range lv.points[pc].calls {
				for _, n := range a.names {
					if n.l != nil {
						f(n.v, n.l.get(s))
					}
				}
			}
		}
	}
}
