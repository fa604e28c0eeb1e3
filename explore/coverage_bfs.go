package explore

import (
	"ctcheck/machine"
	"ctcheck/states"
)

// This file is the breadth-first search that counts what is covered (coverage.go): one goroutine, in the order of
// the states' numbers. What bounds it is what bounds every search over a numbered set: states, bytes, depth.

// A coverageSearch is the search.
type coverageSearch struct {
	in     *problem
	bounds *bounds
	reduce *reductions
	found  *findings
	counts *counts
	cover  *coverer
	set    *states.Set
	walk   walk
	pred   *predecessors
	at     uint32 // the state that is expanded
	layer  uint32 // the first state beyond the layer
}

// coverBreadthFirst searches breadth first.
func (s *search) coverBreadthFirst() error {
	c := &coverageSearch{in: s.in, bounds: s.bounds, reduce: s.reduce, found: s.found, counts: s.counts,
		cover: s.cover, set: s.set, pred: newPredecessors(), layer: 1}
	c.walk = walk{m: c.in.m, set: c.set, pred: c.pred, stop: c.bounds.tick, blocked: c.bounds.outgrown,
		canon: c.reduce.canon, before: func() { c.cover.begin(&c.walk.fx) }, expand: c.expand, take: c.take,
		room: c.room, met: c.met, done: c.done}
	c.bounds.look = func() {
		c.in.o.Progress.numbered(c.counts, c.set, c.pred.bytes(), c.set.Len()-int(c.at))
	}
	err := c.run()
	s.extra = c.pred.bytes()
	return err
}

func (c *coverageSearch) run() error {
	initial, err := c.found.initial(c.in.m)
	if err != nil {
		return err
	}
	c.set.Add(initial)
	c.cover.met(initial)
	c.counts.standFor += c.reduce.orbit(initial)
	if err := c.walk.run(); err != nil || c.bounds.stopped() || !c.atBound() {
		return err
	}
	return c.lookBeyond()
}

// atBound reports whether the layer is the last one that the bound on depth lets into the set.
func (c *coverageSearch) atBound() bool {
	return c.in.o.MaxDepth > 0 && c.counts.depth == c.in.o.MaxDepth
}

// expand ends the walk at the bound on depth.
func (c *coverageSearch) expand(i uint32) bool {
	if i == c.layer {
		c.counts.depth++
		c.layer = uint32(c.set.Len())
	}
	c.at = i
	return !c.atBound()
}

func (c *coverageSearch) take(e edge) visitAction {
	c.counts.transitions++
	c.found.reached |= c.walk.fx.Reached
	c.found.fail(c.walk.fx.Failed, func() []uint16 { return append(c.pred.path(e.from), uint16(e.t)) })
	c.cover.took(e.t, !e.isNew)
	if c.bounds.stopped() {
		return stopWalk
	}
	return enqueue
}

func (c *coverageSearch) room() bool { return !c.bounds.full(c.set, c.pred.bytes()) }

func (c *coverageSearch) met(i uint32) {
	s := c.set.At(i)
	c.cover.met(s)
	c.counts.standFor += c.reduce.orbit(s)
	c.found.reached |= c.in.m.Reached(s)
	c.found.fail(c.in.m.Violated(s), func() []uint16 { return c.pred.path(i) })
}

func (c *coverageSearch) done(i uint32, obliged bool) {
	if c.in.m.Deadlock(c.set.At(i), obliged) {
		c.found.fail(c.in.deadlock(), func() []uint16 { return c.pred.path(i) })
	}
}

// lookBeyond looks past the states at the bound on depth, the first of which is c.at.
func (c *coverageSearch) lookBeyond() error {
	past := depthCutoff{in: c.in, bounds: c.bounds, reduce: c.reduce, found: c.found, counts: c.counts, set: c.set}
	dst, fx := make([]uint64, c.in.m.Words()), machine.Effects{}
	for i := c.at; int(i) < c.set.Len() && !c.bounds.tick(); i++ {
		c.done(i, c.in.m.HasObliged(c.set.At(i), dst, &fx))
		if c.bounds.stopped() {
			return nil
		}
		if err := past.look(i); err != nil {
			return err
		}
	}
	return nil
}
