package explore

import (
	"errors"
	"slices"

	"ctcheck/machine"
	"ctcheck/states"
)

// This file is the breadth-first search by one goroutine, which takes every transition of every state, in the
// order in which the states are met, and interprets each step. It is for questions about small programs, and for
// what needs to know each single step: graphs, coverage, the nearest step that does something, breadth-first
// numbers, and shortest ways through a graph whose states are known. What is asked is in the hooks.
//
// It has no bound of its own, and leaves nothing out but where a hook says so: stop, expand and room where a bound
// is met, take where a step leads to nothing that is asked for.

// An edge is a transition that is enabled in a state.
type edge struct {
	from  uint32
	t     int
	to    uint32 // the number of the state that it leads to, or the one that this will have
	isNew bool   // that state was not met before
}

// A walk is a search of this kind. The hooks that may be nil say so.
type walk struct {
	m   *machine.Machine
	set *states.Set
	dst []uint64 // where the edge leads, in its canonical form
	fx  machine.Effects

	// stop is asked before every transition whether to end.
	stop func() bool
	// expand is told of every state before its transitions, and may end the walk. May be nil.
	expand func(i uint32) bool
	// before is called before every transition. May be nil.
	before func()
	// blocked is told of the CPUs whose store buffer had no room for a store. May be nil.
	blocked func(cpus uint64)
	// canon brings a state into its canonical form. May be nil.
	canon func(s []uint64)
	// take is told of every edge, and says where to go on. May be nil: everywhere.
	take func(e edge) visitAction
	// room is asked before a state is added. Told no, the walk goes on without it: a bound is to stop it. May be
	// nil.
	room func() bool
	// met is told of every state that was added. May be nil.
	met func(i uint32)
	// done is told of every state after its transitions, and whether one of them has to be taken. May be nil.
	done func(i uint32, obliged bool)

	// faulty is the step that is a fault of the program, where run returns one.
	faulty edge
	// pred is the way back, if it is kept.
	pred *predecessors
	// among is of a walk through states that are all in the set; nil: the set begins with the first state, and
	// the walk adds the others.
	among *among
}

// visitAction says where a walk goes on after an edge.
type visitAction uint8

const (
	enqueue  visitAction = iota // where the edge leads, in its turn, unless that was met before
	skip                        // not there
	stopWalk                    // nowhere
)

// among is which states of a complete set were met, in their order.
type among struct {
	met   func(i uint32) bool
	queue []uint32
}

// errUnknownState is what a walk through a complete set, or one over it, says of a state that is not there.
var errUnknownState = errors.New("checker fault: a complete search missed a state")

// run walks from the first state of the set, or of the queue. The error is a fault of the program, or of the
// checker.
func (w *walk) run() error {
	w.dst = make([]uint64, w.m.Words())
	for n := 0; ; n++ {
		i, ok := w.nth(n)
		if !ok || w.expand != nil && !w.expand(i) {
			return nil
		}
		obliged := false
		for t := range w.m.Transitions() {
			if w.stop() {
				return nil
			}
			on, enabled, err := w.step(i, t)
			if err != nil || on == stopWalk {
				return err
			}
			obliged = obliged || enabled && w.m.Transition(t).Kind.Obliged()
		}
		if w.done != nil && !w.stop() {
			w.done(i, obliged)
		}
	}
}

// nth is the nth state that was met, counted from 0, if there is one.
func (w *walk) nth(n int) (i uint32, ok bool) {
	switch {
	case w.among == nil:
		return uint32(n), n < w.set.Len()
	case n < len(w.among.queue):
		return w.among.queue[n], true
	}
	return 0, false
}

// step takes a transition of a state, if it is enabled, and adds where it leads.
func (w *walk) step(i uint32, t int) (on visitAction, enabled bool, err error) {
	if w.before != nil {
		w.before()
	}
	if !w.m.Fire(w.set.At(i), t, w.dst, &w.fx) {
		if w.blocked != nil {
			w.blocked(w.fx.Full)
		}
		return skip, false, nil
	}
	if w.fx.Err != nil {
		w.faulty = edge{from: i, t: t}
		return stopWalk, true, w.fx.Err
	}
	if w.canon != nil {
		w.canon(w.dst)
	}
	e := edge{from: i, t: t}
	if e.to, e.isNew, err = w.look(); err != nil {
		return stopWalk, true, err
	}
	if w.take != nil {
		on = w.take(e)
	}
	if on == enqueue && e.isNew {
		w.add(e)
	}
	return on, true, nil
}

// look is the number of the state in dst, and whether it was not met before.
func (w *walk) look() (i uint32, isNew bool, err error) {
	i, known := w.set.Find(w.dst)
	switch {
	case w.among == nil && !known:
		return uint32(w.set.Len()), true, nil
	case w.among != nil && !known:
		return 0, false, errUnknownState
	}
	return i, w.among != nil && !w.among.met(i), nil
}

// add has the walk go on at the end of an edge to a new state.
func (w *walk) add(e edge) {
	if w.room != nil && !w.room() {
		return
	}
	if w.among != nil {
		w.among.queue = append(w.among.queue, e.to)
	} else {
		w.set.Add(w.dst)
	}
	if w.pred != nil {
		w.pred.add(e)
	}
	if w.met != nil {
		w.met(e.to)
	}
}

// predecessors is, of each state by its number, the edge by which it was first met.
type predecessors struct {
	state []uint32
	via   []uint16
}

// newPredecessors is of a walk that adds the states in the order of their numbers, and has the first one.
func newPredecessors() *predecessors { return &predecessors{state: []uint32{0}, via: []uint16{0}} }

func (p *predecessors) add(e edge) {
	if int(e.to) == len(p.state) {
		p.state, p.via = append(p.state, 0), append(p.via, 0)
	}
	p.state[e.to], p.via[e.to] = e.from, uint16(e.t)
}

func (p *predecessors) bytes() uint64 { return uint64(4*cap(p.state) + 2*cap(p.via)) }

// path is the transitions from the state where the walk began, which is its own predecessor, to another one.
func (p *predecessors) path(to uint32) (path []uint16) {
	for i := to; i != p.state[i]; i = p.state[i] {
		path = append(path, p.via[i])
	}
	slices.Reverse(path)
	return path
}
