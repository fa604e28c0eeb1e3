package explore

import (
	"ctcheck/states"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// This file gives numbers to the states of a breadth-first search, which stores them without, for the
// search for fair runs. The numbers follow from where the states happen to lie, which depends on the
// number of workers; so where a fair run is found that breaks a claim, the search for it is made once
// more with the states numbered in breadth-first order, and what is printed depends on nothing else.

// wholeRuns decides the claims on whole runs, after a complete search.
func (e *engine) wholeRuns() error {
	if len(e.m.Live()) == 0 || e.layers == nil && e.sym == nil {
		return e.liveness()
	}
	safety := e.failed
	initial, _ := e.m.Initial()
	if e.layers != nil && !e.gather(initial) {
		return nil
	}
	if e.sym != nil {
		return e.settle()
	}
	if err := e.liveness(); err != nil || e.failed == safety || e.bound != verdict.NoBound {
		return err
	}
	found, lassos := e.failed, e.lassos
	e.failed, e.lassos = safety, map[int]*trace.Lasso{}
	err := e.number(initial)
	if err == nil && e.bound == verdict.NoBound {
		err = e.liveness()
	}
	if e.bound != verdict.NoBound { // cut: what was found first stands
		e.failed, e.lassos = found, lassos
	}
	return err
}

// gather fills the set with the states of a breadth-first search, the initial one first. It reports
// whether there was room.
func (e *engine) gather(initial []uint64) bool {
	e.set = states.NewSet(e.m.Words())
	e.set.Add(initial)
	used := e.bytes + e.layers.besides()
	e.o.Progress.Enter("numbering states", "", e.states)
	for _, w := range e.layers.workers {
		for s := range w.table.All {
			if e.tick() {
				return false
			}
			e.o.Progress.Advance(1)
			if limit := e.o.MaxMemory; limit > 0 && used+collected(e.set.NextBytes()) > limit {
				e.bound = verdict.AtMemory
				return false
			}
			e.set.Add(s)
		}
	}
	return true
}

// number fills the set with the reachable states in breadth-first order.
func (e *engine) number(initial []uint64) error {
	e.o.Progress.Enter("numbering states in order", "", 0)
	e.set = states.NewSet(e.m.Words())
	e.set.Add(initial)
	for i := 0; i < e.set.Len(); i++ {
		for t := range e.m.Transitions() {
			if e.tick() {
				return nil
			}
			if !e.m.Fire(e.set.At(uint32(i)), t, e.dst, &e.fx) {
				continue
			}
			if e.fx.Err != nil {
				return e.fx.Err
			}
			e.set.Add(e.dst)
		}
	}
	return nil
}
