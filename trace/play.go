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
	t := pl.Trace
	t.End = values(m, pl.State)
	if t.Deadlock = m.Deadlock(pl.State, m.HasObliged(pl.State, pl.next, &machine.Effects{})); t.Deadlock {
		t.Standing = pl.standing()
	}
	return t, nil
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

// A replayed run has the states that a machine went through.
type replayed struct {
	m      *machine.Machine
	states [][]uint64 // the initial one, and that after each step
	failed []uint64   // the properties that each, or the step to it, violates
}

// Snapshot implements [States].
func (r *replayed) Snapshot(n int) ir.Snapshot { return r.m.Snapshot(r.states[n]) }

// Truths implements [States].
func (r *replayed) Truths(n int) []Truth {
	s := r.states[n]
	ts := make([]Truth, len(r.m.Properties)+1)
	for _, l := range r.m.Live() {
		if l.Kind != ir.LiveProgress && r.m.Stays(l, s) && !(l.Kind == ir.LiveEventually && r.met(l, n)) {
			ts[l.Property] = Owed
		}
	}
	for p := range r.m.Properties {
		if r.failed[n]>>p&1 != 0 {
			ts[p] = Broken
		}
	}
	if r.m.Deadlock(s, r.m.HasObliged(s, make([]uint64, len(s)), &machine.Effects{})) {
		ts[len(ts)-1] = Broken
	}
	return ts
}

// met reports whether what a claim says happens in the end was true in one of the states up to the nth.
func (r *replayed) met(l machine.Live, n int) bool {
	for _, s := range r.states[:n+1] {
		if !r.m.Stays(l, s) {
			return true
		}
	}
	return false
}

// Next implements [States]. The error is a fault of the program in one of the steps, which is left out.
func (r *replayed) Next() (steps []Step, err error) {
	p := &Player{m: r.m, State: r.states[len(r.states)-1], next: make([]uint64, r.m.Words())}
	for id := range r.m.Transitions() {
		switch step, ok, fault := p.Try(id); {
		case fault != nil && err == nil:
			err = fault
		case fault == nil && ok:
			steps = append(steps, step)
		}
	}
	return steps, err
}
