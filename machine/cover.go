package machine

import (
	"ctcheck/ir"
	"ctcheck/model"
)

// This file says what of a program's code a step went through, for those who count it.

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
