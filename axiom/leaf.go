package axiom

import (
	"fmt"
	"slices"

	"ctcheck/model"
	"ctcheck/threads"
)

// This file has the ends of the search.

// leaf is an execution.
func (s *search) leaf(g *graph) {
	if !s.ended(g) {
		return
	}
	values := make([]threads.Value, len(s.p.Observed))
	for i := range values {
		v, st := s.observed(g, i)
		switch st {
		case fault:
			s.res.Fault, s.stopped = s.why, true
			return
		case unknown, murky:
			s.res.Murky = true
			return
		}
		values[i] = v
		s.res.Thin = s.res.Thin || v.Kind == threads.Thin
	}
	s.res.Total++
	look := func(i int) (threads.Value, bool) { return values[i], true }
	if s.o.Filter != nil && s.o.Filter(look) != Yes {
		return
	}
	truth := s.o.Condition(look)
	if s.o.Mode == Witness && truth != s.want {
		return
	}
	if s.explain != nil {
		s.explain(g)
		return
	}
	if key := fmt.Sprint(values); !s.seen[key] {
		s.seen[key] = true
		s.res.States = append(s.res.States, values)
	}
	s.count(g, truth)
	s.stopped = s.o.Mode == Witness
}

// ended reports whether all threads have ended in a graph in which nothing is left to do, and notes why not.
func (s *search) ended(g *graph) bool {
	ok := len(g.guess) == 0 // others are about values out of thin air
	s.res.Murky = s.res.Murky || !ok
	for _, i := range s.computed(g) {
		switch _, st := s.find(g, i); st {
		case fault:
			s.res.Fault, s.stopped = s.why, true
		case murky:
			s.res.Murky, ok = true, false
		}
	}
	for _, st := range g.state {
		switch st {
		case atFault:
			s.res.Fault, s.stopped = s.why, true
		case unrolled:
			s.res.Unrolled = true
		case isMurky:
			s.res.Murky = true
		}
		ok = ok && st == done
	}
	return ok && s.res.Fault == nil
}

// computed is what has to have a value: what was assigned, and what was written.
func (s *search) computed(g *graph) []int32 {
	is := slices.Clone(g.worked)
	for i := range g.events {
		if e := &g.events[i]; e.is(isWrite) && e.val >= 0 {
			is = append(is, e.val)
		}
	}
	return is
}

// count counts an execution.
func (s *search) count(g *graph, truth Truth) {
	n, first := &s.res.Positive, &s.res.Yes
	if truth == No {
		n, first = &s.res.Negative, &s.res.No
	}
	*n++
	if s.o.Memory == model.LKMM {
		for _, f := range s.flags(g) {
			if !slices.Contains(s.res.Flags, f) {
				s.res.Flags = append(s.res.Flags, f)
			}
		}
	}
	if s.o.Visit == nil && *first != nil {
		return
	}
	e := s.execution(g)
	if *first == nil {
		*first = e
	}
	if s.o.Visit != nil {
		s.o.Visit(e)
	}
}

// observed is the value of what is observed, at the end of a graph that may not be whole, if it is known.
func (s *search) observed(g *graph, i int) (v threads.Value, st status) {
	o := s.p.Observed[i]
	if o.Thread >= 0 {
		if g.state[o.Thread] != done {
			return v, unknown
		}
		return s.find(g, g.regs[s.regBase[o.Thread]+o.N])
	}
	for t, st := range g.state {
		if st != done && s.mayWrite[t][g.pc[t]].has(o.N) {
			return v, unknown
		}
	}
	v, last := s.p.Cells[o.N].Init, false
	for w := range g.events {
		if e := &g.events[w]; !e.is(isWrite) || int(e.cell) != o.N || !set(s.alg.row(g.co, w)).empty() {
			continue
		}
		x, st := s.find(g, g.events[w].val)
		switch {
		case st != known:
			return v, st
		case last && x != v:
			return v, unknown
		}
		v, last = x, true
	}
	return v, known
}

// refuted reports whether no execution that comes of a graph is one that is looked for.
func (s *search) refuted(g *graph) bool {
	look := func(i int) (threads.Value, bool) {
		v, st := s.observed(g, i)
		return v, st == known
	}
	if s.o.Filter != nil && s.o.Filter(look) == No {
		return true
	}
	if s.o.Mode != Witness {
		return false
	}
	t := s.o.Condition(look)
	return t != Maybe && t != s.want
}
