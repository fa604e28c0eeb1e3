package trace

import "ctcheck/machine"

// This file says what fairness asks of a run. It is asked of what the run repeats for ever, by the
// search for a fair component, by the search for a short cycle in it, and by the replay.

// Obligations tallies what fairness asks of the states and steps that a run repeats for ever: of every
// agent, which is a CPU or a store buffer, that it steps, or cannot everywhere (weak fairness); of every
// IPI that can be delivered somewhere that it is (strong fairness). An IPI can be delivered where nothing but
// stores that wait keeps it off: the interrupt would drain them.
type Obligations struct {
	Moved, idle         []bool // by agent: it steps; somewhere it cannot
	Possible, Delivered []bool // by transition: an IPI that can be delivered somewhere; it is taken
	enabled             []bool // by agent: it can step in the state that is looked at
}

// NewObligations is those of a run that has done nothing.
func NewObligations(m *machine.Machine) *Obligations {
	n, t := m.Agents(), m.Transitions()
	return &Obligations{Moved: make([]bool, n), idle: make([]bool, n), enabled: make([]bool, n),
		Possible: make([]bool, t), Delivered: make([]bool, t)}
}

// Look takes in one state, s; try says of a transition whether it is enabled there, and whether the run
// takes it. The error is the first one of try.
func (d *Obligations) Look(m *machine.Machine, s []uint64, try func(t int) (enabled, taken bool, err error)) error {
	clear(d.enabled)
	for t := range m.Transitions() {
		enabled, taken, err := try(t)
		if err != nil {
			return err
		}
		d.Possible[t] = d.Possible[t] || m.Due(s, t)
		if !enabled || !m.Transition(t).Kind.Obliged() {
			continue
		}
		d.enabled[m.Agent(t)] = true
		if taken {
			d.Take(m, t)
		}
	}
	for c, enabled := range d.enabled {
		d.idle[c] = d.idle[c] || !enabled
	}
	return nil
}

// Take takes in one step.
func (d *Obligations) Take(m *machine.Machine, t int) {
	tr := m.Transition(t)
	if !tr.Kind.Obliged() {
		return
	}
	d.Moved[m.Agent(t)] = true
	d.Delivered[t] = true
}

// Join takes in what others tallied of the same run.
func (d *Obligations) Join(others *Obligations) {
	for _, into := range []struct{ all, more []bool }{{d.Moved, others.Moved}, {d.idle, others.idle},
		{d.Possible, others.Possible}, {d.Delivered, others.Delivered}} {
		for i, is := range into.more {
			into.all[i] = into.all[i] || is
		}
	}
}

// Stepped reports whether every agent steps, or somewhere cannot.
func (d *Obligations) Stepped() bool {
	for c := range d.Moved {
		if d.Owes(c) {
			return false
		}
	}
	return true
}

// Owes reports whether agent a can step everywhere and never does.
func (d *Obligations) Owes(a int) bool { return !d.Moved[a] && !d.idle[a] }

// Withheld is the deliveries of IPIs that are possible somewhere and never happen.
func (d *Obligations) Withheld() []int {
	var ts []int
	for t, can := range d.Possible {
		if can && !d.Delivered[t] {
			ts = append(ts, t)
		}
	}
	return ts
}
