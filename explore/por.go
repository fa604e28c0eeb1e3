package explore

import (
	"fmt"

	"ctcheck/machine"
	"ctcheck/trace"
)

// This file leaves out orders of steps that do not matter (partial-order reduction). In each state the
// search takes the steps of some CPUs only, where package model says that those of the others can wait
// (persistent.go, which also says why that is sound). The choice depends on nothing but the state, so
// the reduced graph is the same for every order of the search and any number of workers.
//
// What violates a property, satisfies a claim or is a deadlock is found in the reduced graph exactly if
// it is there in the full one, but it may be farther away. So a trace is looked for once more in the full
// graph, which is searched no deeper than the violations lie; if a bound cuts that, the run that the
// reduced search found is the trace, and does not claim to be a shortest one.

// unordered says why the options do not go with [PartialOrder]; nothing if they do.
func (o Options) unordered(m *machine.Machine) string {
	switch live := m.Live(); {
	case len(live) > 0:
		return m.Properties[live[0].Property] + " is a claim on whole runs"
	case m.JudgesRaces():
		return "a data race is between steps that can be taken next, which some of them must not wait for"
	case o.MaxDepth > 0:
		return "a bound on the depth cuts other runs there"
	case o.Store != Exact:
		return "a lossy store keeps the runs that lead to violations, and would keep longer ones"
	case o.Coverage:
		return "coverage counts every step"
	case o.First:
		return "what it meets first is not what is nearest"
	}
	return ""
}

// Unsound is an error if a reduction that the options ask for would not be sound, or would change more
// than the number of states. [Run] leaves such a reduction out, and says so in the result.
func (o Options) Unsound(m *machine.Machine) error {
	if why := o.unordered(m); o.Reduce&PartialOrder != 0 && why != "" {
		return fmt.Errorf("partial-order reduction: %s", why)
	}
	return nil
}

// postpone makes ready for [PartialOrder].
func (e *engine) postpone() {
	if e.o.Reduce&PartialOrder == 0 {
		return
	}
	if e.porOff = e.o.unordered(e.m); e.porOff != "" {
		return
	}
	if e.por = e.m.Persistent(); e.por.None() {
		e.por, e.porOff = nil, "nothing to reduce: every step depends on others"
	}
}

// A pruner leaves out steps that can wait. Without a chooser it leaves out none.
type pruner struct {
	*machine.Chooser
	states, steps uint64 // of which some were left out, and these
}

func (e *engine) newPruner() pruner {
	if e.por == nil {
		return pruner{}
	}
	return pruner{Chooser: e.por.NewChooser()}
}

// successors appends the successors of s to the batch, less those that can wait, and without a reduction
// less those of the CPUs that are done. It reports how many there are, with the latter, and whether any
// is more than the coming of an NMI.
func (w *worker) successors(s []uint64, done uint8) (n int, owed bool) {
	if w.por.Chooser == nil {
		return w.step.ExpandOnce(s, done, &w.batch)
	}
	n = w.step.Expand(s, &w.batch)
	owed = !w.idle(w.batch.Via[len(w.batch.Via)-n:])
	left := w.por.Prune(s, &w.batch, n)
	w.por.note(left)
	for len(w.batch.Done) < len(w.batch.Via) {
		w.batch.Done = append(w.batch.Done, 0)
	}
	return n - left, owed
}

func (p *pruner) note(left int) {
	if left > 0 {
		p.states++
		p.steps += uint64(left)
	}
}

// choose is the CPUs whose steps are taken in s.
func (p *pruner) choose(s []uint64) uint64 {
	cpus, left := p.Choose(s)
	p.note(left)
	return cpus
}

// until is the part of a run up to where it violates property p, which a run that was not looked for in
// the order of its length may do before its end.
func (e *engine) until(p int, path []uint16) []uint16 {
	if p == len(e.m.Properties) {
		return path
	}
	pl := trace.NewPlayer(e.m)
	for n, id := range path {
		if (pl.Effects.Failed|e.m.Violated(pl.State))>>p&1 != 0 {
			return path[:n]
		}
		if err := pl.Take(int(id)); err != nil {
			return path
		}
	}
	return path
}
