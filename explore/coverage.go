package explore

import (
	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/verdict"
)

// This file counts what the steps of a search go through: statements, the ways at branches, the values of
// variables, and of each statement how many of the states that it leads to are new. It is for searches that
// interpret every step: depth first, and a breadth-first one that is here, by one worker, in which a state is
// expanded in the order in which it was met.
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
	for _, cb := range c.m.Coverables() {
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
		if tr.Kind == ir.PushIPI {
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

// A covering is the breadth-first search that counts.
type covering struct {
	*engine
	parent []uint32 // of each state: that from which it was first met
	via    []uint16 // and the transition from there
	at     uint32   // the state that is expanded
}

// coverBreadthFirst searches breadth first, in the order of the states' numbers.
func (e *engine) coverBreadthFirst() error {
	if err := e.begin(); err != nil {
		return err
	}
	c := &covering{engine: e, parent: []uint32{0}, via: []uint16{0}}
	layer := 1 // the number of the first state beyond the layer
	for i := 0; i < e.set.Len() && !e.tick(); i++ {
		if i == layer {
			e.depth++
			layer = e.set.Len()
		}
		c.at, c.queue = uint32(i), e.set.Len()-i
		if limit := e.o.MaxDepth; limit > 0 && e.depth == limit {
			return c.rim(i)
		}
		if err := c.expand(); err != nil {
			return err
		}
	}
	return nil
}

// expand takes every transition of the state.
func (c *covering) expand() error {
	owed := false
	for t := range c.m.Transitions() {
		c.cover.begin(&c.fx)
		if !c.m.Fire(c.set.At(c.at), t, c.dst, &c.fx) {
			c.outgrown(c.fx.Full)
			continue
		}
		if c.fx.Err != nil {
			return c.fx.Err
		}
		owed = owed || c.obliged(t)
		c.trans++
		c.reached |= c.fx.Reached
		c.fail(c.fx.Failed, func() []uint16 { return append(c.path(c.at), uint16(t)) })
		c.take(t)
		if c.bound != verdict.NoBound {
			return nil
		}
	}
	if !owed && !c.m.Ended(c.set.At(c.at)) {
		c.fail(c.deadlock, func() []uint16 { return c.path(c.at) })
	}
	return nil
}

// take takes the successor in c.dst into the set.
func (c *covering) take(t int) {
	c.canon(c.dst)
	_, known := c.set.Find(c.dst)
	c.cover.took(t, known)
	if known || c.bound != verdict.NoBound || c.full() {
		return
	}
	i, _ := c.set.Add(c.dst)
	c.parent, c.via = append(c.parent, c.at), append(c.via, uint16(t))
	c.extra = uint64(4*cap(c.parent) + 2*cap(c.via))
	c.fail(c.admit(c.dst), func() []uint16 { return c.path(i) })
}

// rim looks past the states at the bound on depth, which begin with the given one.
func (c *covering) rim(first int) error {
	for i := first; i < c.set.Len() && !c.tick(); i++ {
		if c.stuck(uint32(i)) {
			c.fail(c.deadlock, func() []uint16 { return c.path(uint32(i)) })
		}
		if c.bound != verdict.NoBound {
			return nil
		}
		if err := c.lookPast(uint32(i)); err != nil {
			return err
		}
	}
	return nil
}

// path is the transitions from the initial state to another one.
func (c *covering) path(i uint32) []uint16 {
	var back []uint16
	for ; i != 0; i = c.parent[i] {
		back = append(back, c.via[i])
	}
	path := make([]uint16, len(back))
	for k, t := range back {
		path[len(back)-1-k] = t
	}
	return path
}
