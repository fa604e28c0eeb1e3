package explore

import (
	"context"
	"slices"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// A Did is what a transition did, for those who look for one that does something.
type Did struct {
	Transition ir.Transition
	*ir.Record        // overwritten by the next transition
	Failed     uint64 // the properties that the step, or the state that it leads to, violates
	Reached    uint64 // the claims that the one or the other satisfies
	Ended      bool   // every CPU has ended in that state
	Stuck      bool   // nothing must happen in that state any more, and not all CPUs have ended
}

// A Way is a shortest run that goes on from a trace until something happens.
type Way struct {
	Found  bool
	Steps  []ir.Transition
	States uint64        // looked at
	Bound  verdict.Bound // what cut the search, if it was not complete
}

// Nearest looks for a shortest way on from the end of a run to a step that does what is wanted. The run is given
// by its transitions from the initial state. The search is breadth first over the exact states, and interprets
// every step: for a person who asks, not for the last word. Of the options it keeps MaxStates and MaxMemory.
// The error is a fault of the program, or of a run that is none.
func Nearest(ctx context.Context, m *machine.Machine, run []ir.Transition, wanted func(Did) bool, o Options) (
	Way, error) {
	pl, err := trace.Follow(m, run)
	if err != nil {
		return Way{}, err
	}
	n := &near{engine: newEngine(ctx, m, Options{MaxStates: o.MaxStates, MaxMemory: o.MaxMemory}),
		wanted: wanted, scratch: make([]uint64, m.Words())}
	n.set.Add(pl.State)
	n.parent, n.via = []uint32{0}, []uint16{0}
	var w Way
	for i := 0; i < n.set.Len() && !w.Found && n.bound == verdict.NoBound; i++ {
		if w, err = n.expand(uint32(i)); err != nil {
			return Way{}, err
		}
	}
	w.States = uint64(n.set.Len())
	switch {
	case w.Found:
	case n.bound == verdict.NoBound && n.outgrew != 0: // what lies behind a store without room was not looked at
		w.Bound = verdict.AtBuffer
	default:
		w.Bound = n.bound
	}
	return w, nil
}

// A near is the search for the nearest step that does what is wanted.
type near struct {
	*engine
	wanted  func(Did) bool
	rec     ir.Record
	scratch []uint64
	parent  []uint32 // of each state: that from which it was first met
	via     []uint16 // and the transition from there
}

// expand takes every transition of a state.
func (n *near) expand(i uint32) (Way, error) {
	for id := range n.m.Transitions() {
		if n.tick() {
			break
		}
		n.rec = ir.Record{Writes: n.rec.Writes[:0], Events: n.rec.Events[:0], Accesses: n.rec.Accesses[:0]}
		n.fx.Record = &n.rec
		if !n.m.Fire(n.set.At(i), id, n.dst, &n.fx) {
			n.outgrown(n.fx.Full)
			continue
		}
		if n.fx.Err != nil {
			return Way{}, n.fx.Err
		}
		failed, reached := n.fx.Failed|n.m.Violated(n.dst), n.fx.Reached|n.m.Reached(n.dst)
		_, known := n.set.Find(n.dst)
		did := Did{n.m.Transition(id), &n.rec, failed, reached, n.m.Ended(n.dst), false}
		if !known && !did.Ended {
			did.Stuck = n.stuckAt(n.dst)
		}
		if n.wanted(did) {
			return Way{Found: true, Steps: n.way(i, id)}, nil
		}
		if known {
			continue
		}
		if n.full() {
			break
		}
		n.set.Add(n.dst)
		n.parent, n.via = append(n.parent, i), append(n.via, uint16(id))
		n.extra = uint64(4*cap(n.parent) + 2*cap(n.via))
	}
	return Way{}, nil
}

// stuckAt reports whether nothing must happen in s any more.
func (n *near) stuckAt(s []uint64) bool {
	fx := machine.Effects{}
	for id := range n.m.Transitions() {
		if n.obliged(id) && n.m.Fire(s, id, n.scratch, &fx) {
			return false
		}
	}
	return true
}

// way is the transitions to a state, and one more.
func (n *near) way(i uint32, id int) []ir.Transition {
	steps := []ir.Transition{n.m.Transition(id)}
	for ; i != 0; i = n.parent[i] {
		steps = append(steps, n.m.Transition(int(n.via[i])))
	}
	slices.Reverse(steps)
	return steps
}
