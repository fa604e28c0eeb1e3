package explore

import (
	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/verdict"
)

// This file counts what the steps of a search go through: statements, the outcomes of branches, the values of
// variables, and of each statement how many of the states that it leads to are new. It is for searches that
// interpret every step: depth first, and a breadth-first one of its own (coverage_bfs.go). What it needs is memory
// for the counts, which does not grow with the states.
//
// A transition counts for the first statement that it takes; what else it goes through is counted too, but led
// to no state. With symmetry, states stand for others, and so do the counts.

// A coverer counts.
type coverer struct {
	m       *machine.Machine
	trail   []ir.Passed
	times   map[ir.Passed]uint64
	led     map[*model.Stmt]*verdict.Count
	outside []verdict.Count // of each transition
	other   verdict.Count
	values  map[*model.Var]map[int64]struct{}
}

func newCoverer(m *machine.Machine) *coverer {
	return &coverer{m: m, times: map[ir.Passed]uint64{}, led: map[*model.Stmt]*verdict.Count{},
		outside: make([]verdict.Count, m.Transitions()), values: map[*model.Var]map[int64]struct{}{}}
}

// begin makes ready for a transition.
func (c *coverer) begin(fx *machine.Effects) {
	if c != nil {
		c.trail = c.trail[:0]
		fx.Trail = &c.trail
	}
}

// took counts a transition that was enabled, and led to a known state or not.
func (c *coverer) took(id int, known bool) {
	if c == nil {
		return
	}
	for _, p := range c.trail {
		c.times[p]++
	}
	count := &c.other
	if c.m.Transition(id).Kind != ir.Step {
		count = &c.outside[id]
	} else if s := c.first(); s != nil {
		if count = c.led[s]; count == nil {
			count = &verdict.Count{}
			c.led[s] = count
		}
	}
	if known {
		count.Known++
	} else {
		count.New++
	}
}

// first is the first statement of the transition.
func (c *coverer) first() *model.Stmt {
	for _, p := range c.trail {
		if p.Way == ir.Itself {
			return p.Stmt
		}
	}
	return nil
}

// met looks at the values in a new state.
func (c *coverer) met(s []uint64) {
	if c == nil {
		return
	}
	c.m.Values(s, func(v *model.Var, x int64) {
		vs := c.values[v]
		if vs == nil {
			vs = map[int64]struct{}{}
			c.values[v] = vs
		}
		vs[x] = struct{}{}
	})
}

// result is what was counted.
func (c *coverer) result() *verdict.Coverage {
	if c == nil {
		return nil
	}
	r := &verdict.Coverage{Other: c.other}
	listed := map[*model.Stmt]bool{}
	for _, cb := range c.m.Lowered().Coverables() {
		s := cb.Stmt()
		cv := verdict.Covered{Coverable: cb, Times: c.times[ir.Passed{Stmt: s, Way: cb.Way}]}
		if n := c.led[s]; n != nil && cb.Way == ir.Itself {
			cv.Count = *n
			listed[s] = true
		}
		r.Covered = append(r.Covered, cv)
	}
	for s, n := range c.led { // a fence, or the return of a handler, that is waited for
		if !listed[s] {
			r.Other.New, r.Other.Known = r.Other.New+n.New, r.Other.Known+n.Known
		}
	}
	for id, n := range c.outside {
		tr := c.m.Transition(id)
		if tr.Kind == ir.Step {
			continue
		}
		in := verdict.Interrupts{CPU: c.m.Program.CPUs[tr.CPU], Kind: tr.Kind, Count: n}
		if tr.Kind == ir.PushIPI || tr.Kind == ir.PushIRQ {
			in.IPI = in.CPU.IPIs[tr.Index]
		}
		r.Interrupts = append(r.Interrupts, in)
	}
	r.Values = c.allValues()
	return r
}

// allValues is the variables in the order of the program, then the ghosts of monitors, then the locals of
// routines.
func (c *coverer) allValues() (vs []verdict.Values) {
	s, _ := c.m.Initial()
	for _, b := range c.m.Globals(s) {
		vs = append(vs, verdict.Values{Var: b.Var, Distinct: len(c.values[b.Var])})
	}
	seen := map[*model.Routine]bool{}
	c.m.Program.Walk(func(pl model.Place) {
		if seen[pl.Routine] {
			return
		}
		seen[pl.Routine] = true
		for _, list := range [][]*model.Var{pl.Routine.Params, pl.Routine.Locals} {
			for _, v := range list {
				if n := len(c.values[v]); n > 0 {
					vs = append(vs, verdict.Values{Var: v, Routine: pl.Routine, Distinct: n})
				}
			}
		}
	})
	return vs
}
