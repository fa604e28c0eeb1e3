package explore

import (
	"ctcheck/ir"
	"ctcheck/machine"
)

// This file says what fairness asks of a run. It is asked of what the run repeats for ever, by the
// search for a fair component, by the search for a short cycle in it, and by the replay.

// dues tallies what fairness asks of the states and steps that a run repeats for ever: of every
// agent, which is a CPU or a store buffer, that it steps, or cannot everywhere (weak fairness); of every
// IPI that can be delivered somewhere that it is (strong fairness).
type dues struct {
	moved, idle []bool // by agent: it steps; somewhere it cannot
	can, done   []bool // by transition: an IPI that can be delivered somewhere; it is taken
	enabled     []bool // by agent: it can step in the state that is looked at
}

func newDues(m *machine.Machine) *dues {
	n, t := m.Agents(), m.Transitions()
	return &dues{moved: make([]bool, n), idle: make([]bool, n), enabled: make([]bool, n),
		can: make([]bool, t), done: make([]bool, t)}
}

// look takes in one state; try says of a transition whether it is enabled there, and whether the run
// takes it.
func (d *dues) look(m *machine.Machine, try func(t int) (enabled, taken bool, err error)) error {
	clear(d.enabled)
	for t := range m.Transitions() {
		enabled, taken, err := try(t)
		if err != nil {
			return err
		}
		tr := m.Transition(t)
		if !enabled || tr.Kind == ir.PushNMI {
			continue
		}
		d.enabled[m.Agent(t)] = true
		if tr.Kind == ir.PushIPI {
			d.can[t] = true
		}
		if taken {
			d.take(m, t)
		}
	}
	for c, enabled := range d.enabled {
		d.idle[c] = d.idle[c] || !enabled
	}
	return nil
}

// take takes in one step.
func (d *dues) take(m *machine.Machine, t int) {
	tr := m.Transition(t)
	if tr.Kind == ir.PushNMI {
		return
	}
	d.moved[m.Agent(t)] = true
	d.done[t] = true
}

// stepped reports whether every agent steps, or somewhere cannot.
func (d *dues) stepped() bool {
	for c := range d.moved {
		if d.owes(c) {
			return false
		}
	}
	return true
}

// owes reports whether agent a can step everywhere and never does.
func (d *dues) owes(a int) bool { return !d.moved[a] && !d.idle[a] }

// withheld is the deliveries of IPIs that are possible somewhere and never happen.
func (d *dues) withheld() []int {
	var ts []int
	for t, can := range d.can {
		if can && !d.done[t] {
			ts = append(ts, t)
		}
	}
	return ts
}
