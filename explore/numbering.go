package explore

import (
	"ctcheck/states"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// This file numbers the states of a breadth-first search, for the search for fair runs: its tables have no
// numbers. The numbers follow from where the states happen to lie, which depends on the
// number of workers; so where a fair run is found that breaks a claim, the search for it is made once
// more with the states numbered in breadth-first order, and what is printed depends on nothing else.
//
// What bounds it is memory: the numbered set stands beside the tables.

// wholeRuns decides the claims on whole runs, after a complete search.
func (s *search) wholeRuns() error {
	if len(s.in.m.Live()) == 0 || s.parallel == nil && s.reduce.symmetry == nil {
		return s.liveness()
	}
	safety := s.found.failed
	initial, _ := s.in.m.Initial()
	if s.parallel != nil && !s.gather(initial) {
		return nil
	}
	if s.reduce.symmetry != nil {
		return s.decideOnQuotient()
	}
	if err := s.liveness(); err != nil || s.found.failed == safety || s.bounds.stopped() {
		return err
	}
	failed, lassos := s.found.failed, s.found.lassos
	s.found.failed, s.found.lassos = safety, map[int]*trace.Lasso{}
	err := s.number(initial)
	if err == nil && !s.bounds.stopped() {
		err = s.liveness()
	}
	if s.bounds.stopped() { // cut: what was found first stands
		s.found.failed, s.found.lassos = failed, lassos
	}
	return err
}

// gather fills the set with the states of a breadth-first search, the initial one first. It reports
// whether there was room.
func (s *search) gather(initial []uint64) bool {
	s.renumber(initial)
	used := s.counts.bytes + s.parallel.budget.besides()
	progress := s.in.o.Progress
	progress.Enter("numbering states", "", s.counts.states)
	for _, w := range s.parallel.workers {
		for state := range w.table.All {
			if s.bounds.tick() {
				return false
			}
			progress.Advance(1)
			if !s.bounds.fits(used + collected(s.set.NextBytes())) {
				s.bounds.stop(verdict.AtBytes)
				return false
			}
			s.set.Add(state)
		}
	}
	return true
}

// number fills the set with the reachable states in breadth-first order.
func (s *search) number(initial []uint64) error {
	s.in.o.Progress.Enter("numbering states in order", "", 0)
	s.renumber(initial)
	w := walk{m: s.in.m, set: s.set, stop: s.bounds.tick}
	return w.run()
}

// renumber begins to number the states anew.
func (s *search) renumber(initial []uint64) {
	s.set = states.NewSet(s.in.m.Words())
	s.set.Add(initial)
	s.bounds.look = func() { s.in.o.Progress.numbered(s.counts, s.set, s.extra, 0) }
}
