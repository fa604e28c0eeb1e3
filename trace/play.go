package trace

import (
	"fmt"
	"slices"
	"strings"

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
	for _, tr := range path {
		id := m.Number(tr)
		if id < 0 || !pl.enabled(id) {
			return nil, pl.astray(tr)
		}
		if err := pl.Take(id); err != nil {
			return nil, err
		}
	}
	return pl, nil
}

// astray says why the next step of a run cannot be the given one, and what it can be.
func (p *Player) astray(tr ir.Transition) error {
	cpus := p.m.Program.CPUs
	n, word := len(p.Trace.Steps)+1, stepText(tr)
	if tr.CPU >= len(cpus) {
		return fmt.Errorf("step %d is %q, of a CPU that the program does not have: 0 is %s, and the last is %d, %s",
			n, word, cpus[0].Name, len(cpus)-1, cpus[len(cpus)-1].Name)
	}
	what := fmt.Sprintf("step %d is %q: %s cannot do that there", n, word, cpus[tr.CPU].Name)
	var can []string
	for id := range p.m.Transitions() {
		if p.enabled(id) {
			can = append(can, stepText(p.m.Transition(id)))
		}
	}
	if len(can) == 0 {
		return fmt.Errorf("%s; the run has ended before it", what)
	}
	return fmt.Errorf("%s; what can come is %s", what, strings.Join(can, ", "))
}

// A Violation is a property that a run violates.
type Violation struct {
	Property string
	Steps    int // after so many steps for the first time; of a claim on whole runs after all of them
}

// Judge plays a run and says which properties it violates, in their order. Loop is the index of the first of the
// steps that repeat for ever, -1 if none do. If the last step violates a property for the first time, or the run as
// a whole does, then the trace is of the first such property. The error says which step cannot be taken, or that
// the steps do not come back to where they are to repeat, or is a fault of the program.
func Judge(m *machine.Machine, path []ir.Transition, loop int) (*Trace, []Violation, error) {
	t, err := Play(m, path)
	if err != nil {
		return nil, nil, err
	}
	run := t.States.(*replayed)
	if loop >= 0 && !slices.Equal(run.states[loop], run.states[len(path)]) {
		return nil, nil, fmt.Errorf("the run does not come back to where it stands before step %d", loop+1)
	}
	ids := make([]uint16, len(path))
	for i, tr := range path {
		ids[i] = uint16(m.Number(tr))
	}
	at := make([]int, len(t.Properties))
	for n := len(path); n >= 0; n-- {
		for p, truth := range run.Truths(n) {
			if truth == Broken {
				at[p] = n + 1
			}
		}
	}
	whole := map[int]*Trace{} // by the property that it violates
	for _, l := range m.Live() {
		if w, err := ReplayLasso(m, &Lasso{Claim: l, Steps: ids, Loop: loop}); err == nil {
			whole[l.Property], at[l.Property] = w, len(path)+1
		}
	}
	t.Loop = loop
	var vs []Violation
	for p, n := range at {
		if n == 0 {
			continue
		}
		vs = append(vs, Violation{t.Properties[p], n - 1})
		if n-1 == len(path) && t.Property == "" {
			switch w, err := Replay(m, p, ids); {
			case whole[p] != nil:
				t = whole[p]
			case err == nil && loop < 0:
				t = w
			}
			t.Property = t.Properties[p]
		}
	}
	return t, vs, nil
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
