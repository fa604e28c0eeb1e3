package explore

import (
	"context"
	"errors"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/trace"
)

// This file finds the run that leads to a fault of the program. A fault is looked for as a violation is: it has a
// number behind those of the properties, and a breadth-first search goes back through its layers from it. The
// other searches have a path to the first one that they meet, and are followed by a breadth-first one for a
// shortest run.

// fault is the number of a fault of the program among the properties.
func (p *problem) fault() int { return len(p.m.Properties) + 1 }

// breaks reports whether a step violates a property, or is a fault where that is the number.
func (p *problem) breaks(fx *machine.Effects, property int) bool {
	if property == p.fault() {
		return fx.Err != nil
	}
	return fx.Failed>>property&1 != 0
}

// isFault reports whether an error is one of the program that shows in a run.
func isFault(err error) bool {
	var f *ir.Fault
	return errors.As(err, &f)
}

// faulty is the error with which the search ended; where that is a fault of the program, with the run.
func (s *search) faulty(err error) error {
	in, p := s.in, s.in.fault()
	if !isFault(err) {
		return err
	}
	if _, fx := in.m.Initial(); fx.Err != nil {
		return &trace.Fault{Err: err, Why: "no step leads to it: it comes before the first one"}
	}
	runs, shortest := shortestRuns{}, false
	if path, ok := s.found.paths[p]; ok {
		runs.paths = in.concretize(s.reduce, map[int][]uint16{p: path})
	} else if s.parallel != nil && s.parallel.when[p] > 0 {
		var fault error
		if runs, fault = s.parallel.runs(1 << p); fault != nil {
			return fault
		}
		// A store without room would have stopped it before the layer of the fault.
		shortest = s.reduce.persistent == nil && s.bounds.outgrew&^s.bounds.larger == 0
	}
	if !shortest && in.ctx.Err() == nil {
		s.release()
		if better, fault := in.shortest(goal{want: 1 << p}, s.reduce, 0); fault == nil && better.all {
			runs, shortest = better, better.outgrew == 0 // or else there might be a shorter one with larger buffers
		}
	}
	path, ok := runs.paths[p]
	if !ok {
		return &trace.Fault{Err: err, Why: "a bound came before a run that leads there was found"}
	}
	return replayFault(in.m, path, shortest)
}

// withRun is an error; where that is a fault of the program, with the run that leads there.
func withRun(ctx context.Context, m *machine.Machine, err error) error {
	o := Options{Search: BreadthFirst}
	return newSearch(&problem{ctx, m, o}, newReductions(m, o), 0).faulty(err)
}

// replayFault is the fault of the program that is the last step of a run.
func replayFault(m *machine.Machine, path []uint16, shortest bool) error {
	last := len(path) - 1
	var way []ir.Transition
	for _, t := range path[:last] {
		way = append(way, m.Transition(int(t)))
	}
	pl, err := trace.Follow(m, way)
	if err != nil {
		return err
	}
	err = pl.Fail(int(path[last]))
	if len(pl.Trace.Steps) < len(path) {
		return err
	}
	t := pl.Trace
	t.End, t.Shortest, t.Fewest = m.Globals(pl.State)[:len(m.Program.Vars)], shortest, shortest
	return &trace.Fault{Trace: t, Err: err}
}
