package explore

import (
	"context"
	"runtime/debug"
	"time"

	"ctcheck/machine"
	"ctcheck/states"
	"ctcheck/verdict"
)

// This file makes one search of a machine's states from its beginning to a result: it chooses the algorithm and the
// store that the options name, has claims on whole runs decided where every state was visited, makes the search
// once more where a reduction left something open, and has traces made of what is violated.

// A search is one search of a machine's states, or what there is of it: what it is of, what stops it, what it
// leaves out, what it found, and the states that it stored.
type search struct {
	in     *problem
	bounds *bounds
	reduce *reductions
	found  *findings
	counts *counts

	set      *states.Set       // the states by their numbers, of a search that has them
	extra    uint64            // bytes held besides the set
	parallel *parallelBFS      // what a breadth-first search left, with the states in its tables
	cover    *coverer          // counts what is gone through; nil: nothing does
	estimate *verdict.Estimate // of what a lossy store missed
	visited  bool              // every state was visited
	shelf    *shelf            // has memory of the search before
}

// newSearch makes ready for a search that is reduced by what the reductions say.
func newSearch(in *problem, reduce *reductions, larger uint64) *search {
	b := newBounds(in.ctx, in.o, larger)
	s := &search{in: in, bounds: b, reduce: reduce, counts: &counts{}, set: states.NewSet(in.m.Words()),
		shelf: &shelf{}, found: newFindings(func() {
			if in.o.First {
				b.stop(verdict.AtFirst)
			}
		})}
	if in.o.Coverage {
		s.cover = newCoverer(in.m)
	}
	return s
}

// searchMachine searches the states of a machine, whose store buffers keep their room.
func searchMachine(ctx context.Context, m *machine.Machine, o Options) (*verdict.Result, error) {
	r, _, err := runWithin(ctx, m, o, 0, &shelf{})
	return r, err
}

// runWithin is searchMachine; it stops when the store buffer of one of the CPUs in larger turns out too
// small, and also returns the CPUs of which that is so. What the next search can use is on the shelf then.
func runWithin(ctx context.Context, m *machine.Machine, o Options, larger uint64, h *shelf) (_ *verdict.Result,
	outgrew uint64, err error) {
	begin := time.Now()
	if err := o.check(); err != nil {
		return nil, 0, err
	}
	s := newSearch(&problem{ctx, m, o}, newReductions(m, o), larger)
	s.shelf = h
	defer func() { s.release() }()
	o.Progress.Enter("search", searching(m), 0)
	if err := s.run(); err != nil {
		return nil, 0, s.faulty(err)
	}
	if s.reduce.undecided != "" && s.reduce.symmetry != nil {
		again := o
		again.Resume = ""
		s.release()
		s = newSearch(&problem{ctx, m, again}, s.reduce.withoutSymmetry(again), larger)
		o.Progress.Enter("search without symmetry", searching(m), 0)
		if err := s.run(); err != nil {
			return nil, 0, s.faulty(err)
		}
	}
	if s.parallel == nil && o.Store == Exact {
		s.counts.bytes = s.set.Bytes() + s.extra
	}
	r := s.result()
	r.Search.Resumed = o.Resume
	s.set = nil
	if s.found.failed != 0 {
		if r.Search.Bytes > 1<<28 {
			debug.FreeOSMemory() // room for the tables of the traces
		}
		if err := s.traces(r); err != nil {
			return nil, 0, s.faulty(err)
		}
	}
	r.Duration = time.Since(begin)
	return r, s.bounds.outgrew, nil
}

// run visits the states, in the order and with the store that the options name, and decides every
// property.
func (s *search) run() error {
	var err error
	switch o := &s.in.o; {
	case o.Store != Exact:
		err = s.lossy()
	case o.Search == BreadthFirst && s.cover != nil:
		err = s.coverBreadthFirst()
		s.counts.states = uint64(s.set.Len())
	case o.Search == BreadthFirst:
		err = s.breadthFirst()
	default:
		err = s.depthFirst()
		s.counts.states = uint64(s.set.Len())
	}
	if err != nil {
		return err
	}
	if s.visited = s.bounds.cause() == verdict.NoBound; s.visited {
		if err := s.wholeRuns(); err != nil {
			return err
		}
		if s.bounds.stopped() && s.parallel != nil {
			s.parallel.saver.save(s.parallel, s.counts.depth+1)
		}
	}
	return nil
}

// release gives the memory of the states back.
func (s *search) release() {
	if s.parallel != nil {
		s.parallel.release()
	}
	s.set, s.parallel = nil, nil
}
