package explore

import (
	"context"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/states"
	"ctcheck/trace"
)

// This file finds the run that leads to a fault of the program. The search that meets a fault ends there with an
// error, which names the step, and has no way back; so it is looked for once more, by a walk (walk.go).

// Fault looks for a shortest run to a fault of the program, such as a value outside its range: what is an error of
// [Run]. The last step of the trace is the one with the fault, after which the state is as before it. The trace is
// nil if there is no fault, or if a bound or the end of ctx came first. Of the options it keeps MaxStates and
// MaxBytes. The error is the fault; without a trace it is none, or a fault of the checker.
func (s *Session) Fault(ctx context.Context, o Options) (*trace.Trace, error) {
	m, b := s.m, newBounds(ctx, o, 0)
	first, _ := m.Initial()
	w := walk{m: m, set: states.NewSet(m.Words()), pred: newPredecessors(), stop: b.tick}
	w.room = func() bool { return !b.full(w.set, w.pred.bytes()) }
	w.set.Add(first)
	err := w.run()
	if err == nil || w.fx.Err == nil {
		return nil, err
	}
	return replayFault(m, append(w.pred.path(w.faulty.from), uint16(w.faulty.t)))
}

// replayFault is the trace of a run whose last step is a fault of the program.
func replayFault(m *machine.Machine, path []uint16) (*trace.Trace, error) {
	last := len(path) - 1
	var way []ir.Transition
	for _, t := range path[:last] {
		way = append(way, m.Transition(int(t)))
	}
	pl, err := trace.Follow(m, way)
	if err != nil {
		return nil, err
	}
	err = pl.Fail(int(path[last]))
	if len(pl.Trace.Steps) < len(path) {
		return nil, err
	}
	pl.Trace.End = m.Globals(pl.State)[:len(m.Program.Vars)]
	return pl.Trace, err
}
