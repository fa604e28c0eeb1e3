package explore

import (
	"fmt"

	"ctcheck/trace"
	"ctcheck/verdict"
)

// This file says what a search has come to: the result, and a trace for everything that is violated, which is
// replayed before it is handed out.

// result is the result without its traces.
func (s *search) result() *verdict.Result {
	m, o := s.in.m, &s.in.o
	bound := s.bounds.cause()
	r := &verdict.Result{Bound: bound, Complete: bound == verdict.NoBound, AllVisited: s.visited,
		Memory: m.Options().Memory, States: s.counts.states, Transitions: s.counts.transitions,
		Depth: s.counts.depth, Coverage: s.cover.result()}
	r.Search = &verdict.Search{Order: o.Search.String(), Store: o.Store.String(), Seed: o.Seed,
		Estimate: s.estimate, Bytes: s.counts.bytes, StateBits: m.Bits(), BufferSizes: m.Options().BufferSizes,
		Reduced: s.reduce.report(s.counts)}
	if s.parallel != nil {
		s.parallel.saver.report(r)
		r.Search.Layers = s.parallel.layers
	}
	for i, name := range s.in.properties() {
		r.Properties = append(r.Properties, verdict.Property{Name: name, Violated: s.found.failed>>i&1 != 0})
	}
	for _, c := range m.Live() {
		r.Properties[c.Property].Live = true
	}
	missing := false
	for i, c := range m.Program.Claims {
		reached := s.found.reached>>i&1 != 0
		r.Claims = append(r.Claims, verdict.Claim{Name: c.Name, Reached: reached})
		missing = missing || !reached
	}
	switch {
	case s.found.failed != 0:
		r.Verdict = verdict.Violated
	case !r.Complete:
		r.Verdict = verdict.Incomplete
	case missing:
		r.Verdict = verdict.Unreached
	}
	return r
}

// traces finds, replays and attaches a trace for every violated property.
func (s *search) traces(r *verdict.Result) error {
	runs, shortest, err := s.counterexamples(r.Bound)
	if err != nil {
		return err
	}
	for i := range r.Properties {
		p := &r.Properties[i]
		if !p.Violated {
			continue
		}
		var t *trace.Trace
		la := s.found.lassos[i]
		if la != nil {
			t, err = trace.ReplayLasso(s.in.m, la)
		} else {
			t, err = trace.Replay(s.in.m, i, runs.paths[i])
		}
		if err != nil {
			return fmt.Errorf("checker fault: the trace of %s: %w", p.Name, err)
		}
		// With larger buffers there might be a shorter one.
		t.Property, t.Shortest = p.Name, shortest && la == nil && s.bounds.outgrew == 0
		t.Fewest = t.Shortest && runs.fewest
		p.Trace = t
	}
	return nil
}

// counterexamples is a run for each violated property that has no lasso, and whether they are shortest ones. Where
// the search that found the violations cannot say, it is made once more for that, unless it was somebody who waits
// that stopped it.
func (s *search) counterexamples(bound verdict.Bound) (runs shortestRuns, shortest bool, err error) {
	want := s.found.failed
	for p := range s.found.lassos {
		want &^= 1 << p
	}
	if s.parallel == nil {
		runs.paths = s.in.concretize(s.reduce, s.found.paths)
	} else if runs, err = s.parallel.runs(want); err != nil || s.counts.prunedSteps == 0 {
		return runs, true, err
	} else {
		runs.fewest = false
		for p := range runs.paths {
			runs.paths[p] = s.in.until(p, runs.paths[p])
		}
	}
	if bound == verdict.AtInterrupt || bound == verdict.AtTimeout {
		return runs, false, nil
	}
	s.release()
	better, err := s.in.shortest(goal{want: want}, s.reduce, 0)
	s.bounds.outgrew |= better.outgrew
	if err != nil || !better.all {
		return runs, false, err
	}
	return better, true, nil
}
