package explore

import (
	"slices"
	"sync"
	"sync/atomic"

	"ctcheck/machine"
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

// gather fills the set with the states of a breadth-first search, the initial one first: those of each worker by a
// goroutine of its own. It reports whether there was room, and time.
func (s *search) gather(initial []uint64) bool {
	n, words := s.counts.states, s.in.m.Words()
	s.in.o.Progress.Enter("numbering states", "", n)
	used := s.counts.bytes + s.parallel.budget.besides()
	switch {
	case n > states.MaxStates:
		s.bounds.stop(verdict.AtStates)
		return false
	case !s.bounds.fits(used + collected(states.BytesFor(words, int(n)))):
		s.bounds.stop(verdict.AtBytes)
		return false
	}
	s.watch(states.SetFor(words, int(n)))
	s.set.Put(0, initial)
	var halt atomic.Bool
	var others sync.WaitGroup
	fills := s.places(initial)
	for _, f := range fills[1:] {
		others.Go(func() { f.run(halt.Load) })
	}
	fills[0].run(func() bool {
		if s.bounds.tick() {
			halt.Store(true)
		}
		return halt.Load()
	})
	others.Wait()
	return !s.bounds.stopped()
}

// A fill is one worker's part of gather.
type fill struct {
	s       *search
	table   *states.Table
	initial []uint64
	next    [256]uint32   // the number of the next state at each distance, modulo 256
	batch   [256][]uint64 // states at each distance
}

// places numbers the states by their distances, and those at the same one by workers. So what is asked together
// lies together: steps lead to the next distance, or back.
func (s *search) places(initial []uint64) []*fill {
	var fills []*fill
	for _, w := range s.parallel.workers {
		f := &fill{s: s, table: w.table, initial: initial}
		for state, distance := range f.table.AllWithDepth {
			if distance != 0 || !slices.Equal(state, initial) {
				f.next[distance]++
			}
		}
		fills = append(fills, f)
	}
	at := uint32(1)
	for distance := range 256 {
		for _, f := range fills {
			n := f.next[distance]
			f.next[distance] = at
			at += n
		}
	}
	return fills
}

// run puts the states of the table but the initial one into the set.
func (f *fill) run(stop func() bool) {
	words := len(f.initial)
	for state, distance := range f.table.AllWithDepth {
		if stop() {
			return
		}
		if distance == 0 && slices.Equal(state, f.initial) {
			continue
		}
		b := &f.batch[distance]
		if *b == nil {
			*b = make([]uint64, 0, blockStates*words)
		}
		if *b = append(*b, state...); len(*b) == cap(*b) {
			f.put(distance)
		}
	}
	for distance := range f.batch {
		f.put(uint8(distance))
	}
}

// put puts what waits at a distance into the set.
func (f *fill) put(distance uint8) {
	b := &f.batch[distance]
	n := len(*b) / len(f.initial)
	f.s.set.Put(f.next[distance], *b)
	f.next[distance] += uint32(n)
	f.s.in.o.Progress.Advance(uint64(n))
	*b = (*b)[:0]
}

// number fills the set with the reachable states in breadth-first order.
func (s *search) number(initial []uint64) error {
	s.in.o.Progress.Enter("numbering states in order", "", 0)
	s.renumber(initial)
	var batch machine.Successors
	step := s.parallel.workers[0].step
	used := s.counts.bytes + s.parallel.budget.besides()
	for i := uint32(0); int(i) < s.set.Len() && !s.bounds.tick(); i++ {
		batch.Reset()
		step.Expand(s.set.At(i), &batch)
		for _, odd := range batch.Effects {
			if odd.Err != nil {
				return odd.Err
			}
		}
		for state := range slices.Chunk(batch.Words, s.in.m.Words()) {
			if !s.bounds.fits(used + collected(s.set.NextBytes())) {
				s.bounds.stop(verdict.AtBytes)
				return nil
			}
			s.set.Add(state)
		}
	}
	return nil
}

// renumber begins to number the states anew.
func (s *search) renumber(initial []uint64) {
	s.watch(states.NewSet(s.in.m.Words()))
	s.set.Add(initial)
}

// watch has a set of numbered states be that of the search, and told where it stands.
func (s *search) watch(set *states.Set) {
	s.set = set
	s.bounds.look = func() {
		s.parallel.saveWhole()
		s.in.o.Progress.numbered(s.counts, s.set, s.extra, 0)
	}
}
