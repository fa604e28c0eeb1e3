package axiom

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ctcheck/model"
	"ctcheck/threads"
	"ctcheck/verdict"
)

// Truth is what is known of a condition.
type Truth uint8

// The truths.
const (
	Maybe Truth = iota
	Yes
	No
)

// A Condition is what is asked of final states: its truth as far as it is known, given the value of each of the
// program's Observed, if that is known.
type Condition func(value func(i int) (threads.Value, bool)) Truth

// Mode says which executions are looked for.
type Mode uint8

// The modes.
const (
	// Full finds all executions.
	Full Mode = iota
	// Witness finds one that satisfies the condition, and one that does not.
	Witness
)

// Options say what is decided, and how far.
type Options struct {
	Memory model.MemoryModel
	Mode   Mode
	// Condition is what is asked; Filter, which may be nil, says which executions count.
	Condition, Filter Condition
	// OnlyYes, in mode Witness, looks for no execution that does not satisfy the condition.
	OnlyYes bool
	// MaxNodes bounds the search; 0: it is not bounded.
	MaxNodes uint64
	// Unroll is how often a loop goes round; 0: [DefaultUnroll].
	Unroll int
	// Visit, if it is not nil, is called with every execution.
	Visit func(e *Execution)
}

// DefaultUnroll is how often a loop goes round if nothing else is said.
const DefaultUnroll = 8

// A Result is what a search found.
type Result struct {
	Positive, Negative uint64 // executions that satisfy the condition, and that do not; complete if Whole
	Whole              bool   // all executions were found
	// States is the final states, each once, of executions that count.
	States [][]threads.Value
	// Total is all executions, those that the filter leaves out too.
	Total uint64
	Flags []string // of the model, in order
	// Yes and No are executions that satisfy the condition, and that do not: the first ones found, or nil. If
	// the search was not cut, and mode is Witness, there is none where it is nil.
	Yes, No *Execution
	Nodes   uint64
	Bound   verdict.Bound
	// Spun: in some execution a round of a loop changes nothing. It was not followed: without that round it is
	// an execution too, with the same final state.
	Spun bool
	// Unrolled: an execution goes round a loop more often than was looked at.
	Unrolled bool
	// Thin: an execution has a value out of thin air. Murky: something that depends on such a value, by more
	// than copies, decides how an execution goes on; it was not followed.
	Thin, Murky bool
	// Fault is what is wrong with the program in some execution.
	Fault error
}

var errNoAddress = errors.New("an access is to what is no address of a location")

// maxAccesses bounds the accesses of a program.
const maxAccesses = 512

type search struct {
	ctx      context.Context
	p        *threads.Program
	o        Options
	axioms   func(s *search, g *graph) Axiom
	w        int
	alg      algebra
	none     []uint64
	zero     int32
	one      int32
	inits    []int32
	terms    []term
	regBase  []int
	ctrlBase []int
	loops    []map[int]int   // of each thread, by the place of their Again, the number of a loop
	live     []map[int][]int // of each thread, by that, the registers that are read later
	unroll   int16
	mayWrite [][]set  // of each thread and place in its code: cells
	mayPlain [][]bool // the same: whether there is a plain write from there on
	visiting []bool
	peer     []int
	// For [Why]: what is done with each execution, and whether they need not be coherent.
	explain func(g *graph)
	best    *Reason
	lax     bool
	why     error
	frames  []*graph
	want    Truth // of the condition, in mode Witness
	res     *Result
	seen    map[string]bool
	stopped bool
}

// Run searches. The error says that the program is too large.
func Run(ctx context.Context, p *threads.Program, o Options) (*Result, error) {
	s := &search{ctx: ctx, p: p, o: o, res: &Result{}, seen: map[string]bool{}}
	if s.axioms = axioms[o.Memory]; s.axioms == nil {
		return nil, fmt.Errorf("axiom: there are no axioms of %s", o.Memory)
	}
	if err := s.prepare(); err != nil {
		return nil, err
	}
	if o.Mode == Full {
		s.from()
		s.res.Whole = !s.stopped
	} else {
		for _, s.want = range []Truth{Yes, No} {
			if s.want == No && o.OnlyYes {
				break
			}
			s.stopped = false
			if s.from(); s.res.Bound != verdict.NoBound {
				break
			}
		}
	}
	slices.Sort(s.res.Flags)
	return s.res, nil
}

// child is the graph of the next depth, as a copy of that of depth d.
func (s *search) child(d int) *graph {
	if d+1 == len(s.frames) {
		s.frames = append(s.frames, &graph{})
	}
	c := s.frames[d+1]
	c.copyFrom(s.frames[d])
	return c
}

// node goes on with the graph of depth d.
func (s *search) node(d int) {
	g := s.frames[d]
	terms := len(s.terms)
	defer func() { s.terms = s.terms[:terms] }()
	if s.res.Nodes++; s.limited() {
		return
	}
	for s.advance(g) {
	}
	if slices.Contains(g.state, spins) {
		s.res.Spun = true
		return
	}
	if g.isNew {
		g.static, g.isNew = s.newStatic(g), false
	}
	s.alg.n = len(g.events)
	coherent := s.coherent
	if s.lax {
		coherent = s.anyOrder
	}
	before, ok := coherent(g)
	defer func() { s.alg.n = len(g.events); s.alg.free(before) }()
	if !ok || !s.confirm(g) || s.refuted(g) {
		return
	}
	if s.axioms(s, g) != None {
		return
	}
	for t, st := range g.state {
		if st == chooses {
			for way := range int16(2) {
				c := s.child(d)
				c.state[t], c.forced[t] = runs, way
				s.node(d + 1)
			}
			return
		}
	}
	if s.read(d, g, before) || s.guessed(d, g) {
		return
	}
	for r := range g.rf {
		if g.events[r].is(isRead) && g.rf[r] < 0 {
			return // there is no write left for it
		}
	}
	if !s.split(d, g) {
		s.leaf(g)
	}
}

// limited reports whether the search is over.
func (s *search) limited() bool {
	switch {
	case s.stopped:
	case s.o.MaxNodes > 0 && s.res.Nodes > s.o.MaxNodes:
		s.stopped, s.res.Bound = true, verdict.AtStates
	case s.res.Nodes&63 == 1 && s.ctx.Err() != nil:
		s.stopped, s.res.Bound = true, verdict.AtInterrupt
		if errors.Is(s.ctx.Err(), context.DeadlineExceeded) {
			s.res.Bound = verdict.AtTimeout
		}
	}
	return s.stopped
}

// confirm looks at guesses whose values are known now, and is false if one is wrong.
func (s *search) confirm(g *graph) bool {
	left := g.guess[:0]
	for _, u := range g.guess {
		v, st := s.find(g, u.term)
		if st == unknown || st == murky || v.Kind == threads.Thin {
			left = append(left, u)
			continue
		}
		ok := false
		switch u.kind {
		case isTrue:
			ok = st == known && !v.IsZero()
		case isFalse:
			ok = st == known && v.IsZero()
		case isCell:
			ok = st == known && v == threads.Value{Kind: threads.Addr, N: int64(u.cell)}
		case isNoAddress:
			ok = st == fault || v.Kind != threads.Addr
		}
		if !ok {
			return false
		}
	}
	g.guess = left
	return true
}

// split goes on from two writes of a cell whose order is not known. It is false if there are none.
func (s *search) split(d int, g *graph) bool {
	a := &s.alg
	for i := range g.events {
		if !g.events[i].is(isWrite) {
			continue
		}
		for j := i + 1; j < len(g.events); j++ {
			if !g.events[j].is(isWrite) || g.events[i].cell != g.events[j].cell || a.has(g.co, i, j) ||
				a.has(g.co, j, i) {
				continue
			}
			for _, p := range [][2]int{{i, j}, {j, i}} {
				c := s.child(d)
				a.put(c.co, p[0], p[1])
				s.node(d + 1)
				s.alg.n = len(g.events)
			}
			return true
		}
	}
	return false
}
