package explore

import (
	"context"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/states"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// This file looks for a shortest way on from some state to a step that does what is wanted: a walk (walk.go)
// without reductions, in which each step is recorded. It is for a person who asks, not for the last word. States
// and bytes bound it.

// A StepInfo is what a transition did, for those who look for one that does something.
type StepInfo struct {
	Transition ir.Transition
	*ir.Record        // overwritten by the next transition
	Failed     uint64 // the properties that the step, or the state that it leads to, violates
	Reached    uint64 // the claims that the one or the other satisfies
	Ended      bool   // every CPU has ended in that state
	Stuck      bool   // nothing must happen in that state any more, and not all CPUs have ended
}

// A Witness is a shortest run that goes on from a trace until something happens.
type Witness struct {
	Found  bool
	Steps  []ir.Transition
	States uint64        // looked at
	Bound  verdict.Bound // what cut the search, if it was not complete
}

// nearest looks for a shortest way on from the end of a run to a step that does what is wanted. Of the options it
// keeps MaxStates and MaxBytes.
func nearest(ctx context.Context, m *machine.Machine, run []ir.Transition, wanted func(StepInfo) bool, o Options) (
	Witness, error) {
	pl, err := trace.Follow(m, run)
	if err != nil {
		return Witness{}, err
	}
	n := &nearestSearch{m: m, bounds: newBounds(ctx, o, 0), set: states.NewSet(m.Words()), wanted: wanted,
		pred: newPredecessors(), scratch: make([]uint64, m.Words())}
	n.set.Add(pl.State)
	n.walk = walk{m: m, set: n.set, pred: n.pred, stop: n.bounds.tick, blocked: n.bounds.outgrown,
		before: n.before, take: n.take, room: func() bool { return !n.bounds.full(n.set, n.pred.bytes()) }}
	if err := n.walk.run(); isFault(err) {
		way := append(n.pred.path(n.walk.faulty.from), uint16(n.walk.faulty.t))
		return Witness{}, replayFault(m, append(numbers(m, run), way...), false)
	} else if err != nil {
		return Witness{}, err
	}
	if n.way.States = uint64(n.set.Len()); !n.way.Found {
		n.way.Bound = n.bounds.cause() // what lies behind a store without room was not looked at
	}
	return n.way, nil
}

// A nearestSearch is the search for the nearest step that does what is wanted.
type nearestSearch struct {
	m       *machine.Machine
	bounds  *bounds
	set     *states.Set
	wanted  func(StepInfo) bool
	walk    walk
	pred    *predecessors
	rec     ir.Record
	scratch []uint64
	way     Witness
}

// before has the next step recorded.
func (n *nearestSearch) before() {
	n.rec = ir.Record{Writes: n.rec.Writes[:0], Events: n.rec.Events[:0], Accesses: n.rec.Accesses[:0]}
	n.walk.fx.Record = &n.rec
}

// take ends the walk at a step that does what is wanted.
func (n *nearestSearch) take(e edge) visitAction {
	fx, to := &n.walk.fx, n.walk.dst
	did := StepInfo{Transition: n.m.Transition(e.t), Record: &n.rec, Failed: fx.Failed | n.m.Violated(to),
		Reached: fx.Reached | n.m.Reached(to), Ended: n.m.Ended(to)}
	if e.isNew && !did.Ended {
		did.Stuck = n.m.Deadlock(to, n.m.HasObliged(to, n.scratch, &machine.Effects{}))
	}
	if !n.wanted(did) {
		return enqueue
	}
	n.way.Found = true
	for _, t := range append(n.pred.path(e.from), uint16(e.t)) {
		n.way.Steps = append(n.way.Steps, n.m.Transition(int(t)))
	}
	return stopWalk
}

// numbers is a run by the numbers of its transitions.
func numbers(m *machine.Machine, run []ir.Transition) []uint16 {
	var path []uint16
	for _, tr := range run {
		path = append(path, uint16(m.Number(tr)))
	}
	return path
}
