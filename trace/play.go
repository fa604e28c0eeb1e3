package trace

import (
	"fmt"

	"ctcheck/ir"
	"ctcheck/machine"
)

// This file plays runs for those who look at them step by step: what each state of a trace is, what it says
// of the properties, and what may come next.

// A Truth is what a state of a run says of a property.
type Truth uint8

// The truths.
const (
	Kept   Truth = iota // the state does not violate it, nor did the step that led there
	Broken              // the state violates it, or the step that led there
	Owed                // a claim on whole runs: were the run to stay as it is, it would violate it
)

func (t Truth) String() string { return [...]string{"kept", "broken", "owed"}[t] }

// Play takes the given transitions, one after the other from the initial state. The trace is of no
// property. The error names the step that is not enabled, or is a fault of the program.
func Play(m *machine.Machine, path []ir.Transition) (*Trace, error) {
	pl, err := Follow(m, path)
	if err != nil {
		return nil, err
	}
	pl.Trace.End = values(m, pl.State)
	return pl.Trace, nil
}

// Follow is a player that has taken the given transitions, one after the other from the initial state. The
// error names the step that is not enabled, or is a fault of the program.
func Follow(m *machine.Machine, path []ir.Transition) (*Player, error) {
	if _, fx := m.Initial(); fx.Err != nil {
		return nil, fx.Err
	}
	pl := NewPlayer(m)
	for n, tr := range path {
		id := m.Number(tr)
		if id < 0 {
			return nil, fmt.Errorf("step %d is none that the program has", n+1)
		}
		if err := pl.Take(id); err != nil {
			return nil, err
		}
	}
	return pl, nil
}

// Snapshot is the state after the first n steps.
func (t *Trace) Snapshot(n int) ir.Snapshot { return t.m.Snapshot(t.states[n]) }

// Truths is what the state after the first n steps says of the properties, in the order of Properties. Claims on
// whole runs that are violated by what goes on for ever are only ever owed.
func (t *Trace) Truths(n int) []Truth {
	s := t.states[n]
	ts := make([]Truth, len(t.m.Properties)+1)
	for _, l := range t.m.Live() {
		if l.Kind != ir.LiveProgress && t.m.Stays(l, s) && !(l.Kind == ir.LiveEventually && t.met(l, n)) {
			ts[l.Property] = Owed
		}
	}
	for p := range t.m.Properties {
		if t.failed[n]>>p&1 != 0 {
			ts[p] = Broken
		}
	}
	if t.m.Deadlock(s, t.m.GoesOn(s, make([]uint64, len(s)), &machine.Effects{})) {
		ts[len(ts)-1] = Broken
	}
	return ts
}

// met reports whether what a claim says happens in the end was true in one of the states up to the nth.
func (t *Trace) met(l machine.Live, n int) bool {
	for _, s := range t.states[:n+1] {
		if !t.m.Stays(l, s) {
			return true
		}
	}
	return false
}

// Next is the steps that may be taken after the last one, in the order of the machine's transitions. The error is
// a fault of the program in one of them.
func (t *Trace) Next() (steps []Step, err error) {
	p := &Player{m: t.m, State: t.states[len(t.Steps)], Next: make([]uint64, t.m.Words())}
	for id := range t.m.Transitions() {
		step, ok, err := p.Try(id)
		if err != nil {
			return nil, err
		}
		if ok {
			steps = append(steps, step)
		}
	}
	return steps, nil
}
