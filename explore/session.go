package explore

import (
	"context"
	"slices"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/trace"
)

// This file is for those who walk through the states of a program one step at a time.

// A Session is a program that somebody walks through. It is read only and safe for concurrent use. Store buffers
// have all the room that a search by itself would ever give them.
type Session struct{ m *machine.Machine }

// NewSession makes a session of a program with the monitors of its properties. Of the options it keeps the memory
// model. The error is a fault of the program or of a monitor.
func NewSession(p *model.Program, ms []*model.Monitor, o Options) (*Session, error) {
	on := machine.Options{Memory: o.Memory}
	if o.Memory.HasBuffers() {
		on.BufferSizes = slices.Repeat([]int{MaxBufferSize}, len(p.CPUs))
	}
	m, err := machine.Compile(on, p, ms...)
	if err != nil {
		return nil, err
	}
	if _, err := trace.Play(m, nil); err != nil {
		return nil, withRun(context.Background(), m, err)
	}
	return &Session{m}, nil
}

// Lowered is the program with its properties, claims and events, as all engines read it.
func (s *Session) Lowered() *ir.Program { return s.m.Lowered() }

// Transitions is all that the program has, enabled or not.
func (s *Session) Transitions() []ir.Transition {
	var all []ir.Transition
	for t := range s.m.Transitions() {
		all = append(all, s.m.Transition(t))
	}
	return all
}

// Play takes the steps of a run from the initial state. The trace is of no property. The error says which step
// cannot be taken, or is a fault of the program.
func (s *Session) Play(run []ir.Transition) (*trace.Trace, error) { return trace.Play(s.m, run) }

// Judge plays a run as Play does, and says which properties it violates. The errors are those of [trace.Judge].
func (s *Session) Judge(run []ir.Transition, loop int) (*trace.Trace, []trace.Violation, error) {
	return trace.Judge(s.m, run, loop)
}

// Nearest looks for a shortest way on from the end of a run to a step that does what is wanted. The search is
// breadth first over the exact states, and interprets every step: for a person who asks, not for the last word. Of
// the options it keeps MaxStates and MaxBytes. The error is a fault of the program, or says which step of the run
// cannot be taken.
func (s *Session) Nearest(ctx context.Context, run []ir.Transition, wanted func(StepInfo) bool, o Options) (
	Witness, error) {
	return nearest(ctx, s.m, run, wanted, o)
}
