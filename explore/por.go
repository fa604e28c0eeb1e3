package explore

import (
	"fmt"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/trace"
)

// This file leaves out orders of steps that do not matter (partial-order reduction). In each state the
// search takes the steps of some CPUs only, where package machine says that those of the others can wait
// ([machine.Persistent], and why that is sound). The choice depends on nothing but the state, so
// the reduced graph is the same for every order of the search and any number of workers.
//
// What violates a property, satisfies a claim or is a deadlock is found in the reduced graph exactly if
// it is there in the full one, but it may be farther away. So a trace is looked for once more in the full
// graph, which is searched no deeper than the violations lie; if a bound cuts that, the run that the
// reduced search found is the trace, and does not claim to be a shortest one.

// unordered says why the options do not go with [PartialOrder]; nothing if they do.
func (o Options) unordered(p *ir.Program) string {
	switch {
	case len(p.Live) > 0:
		return p.Properties[p.Live[0].Property] + " is a claim on whole runs"
	case p.Races != 0:
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
// than the number of states, for a program with the monitors of the properties to be decided. It is also an error
// if the program or a monitor is at fault. [Run] leaves such a reduction out, and says so in the result.
func (o Options) Unsound(p *model.Program, ms []*model.Monitor) error {
	low, err := ir.Lower(p, ms...)
	if err != nil {
		return err
	}
	return o.unsound(low)
}

func (o Options) unsound(p *ir.Program) error {
	if why := o.unordered(p); o.Reduce&PartialOrder != 0 && why != "" {
		return fmt.Errorf("partial-order reduction: %s", why)
	}
	return nil
}

// A pruner leaves out steps that can wait. Without a chooser it leaves out none.
type pruner struct {
	chooser       *machine.Chooser
	states, steps uint64 // of which some were left out, and these
}

func (r *reductions) newPruner() pruner {
	if r.persistent == nil {
		return pruner{}
	}
	return pruner{chooser: r.persistent.NewChooser()}
}

// bytes is the memory of what the chooser remembers.
func (p *pruner) bytes() uint64 {
	if p.chooser == nil {
		return 0
	}
	return p.chooser.Bytes()
}

// room has somebody asked before what the chooser remembers becomes so much more.
func (p *pruner) room(ask func(more int64) bool) {
	if p.chooser != nil {
		p.chooser.Room = ask
	}
}

func (p *pruner) note(left int) {
	if left > 0 {
		p.states++
		p.steps += uint64(left)
	}
}

// choose is the CPUs whose steps are taken in s.
func (p *pruner) choose(s []uint64) uint64 {
	cpus, left := p.chooser.Choose(s)
	p.note(left)
	return cpus
}

// until is the part of a run up to where it violates property p, which a run that was not looked for in
// the order of its length may do before its end.
func (in *problem) until(p int, path []uint16) []uint16 {
	if p == len(in.m.Properties) {
		return path
	}
	pl := trace.NewPlayer(in.m)
	for n, id := range path {
		if (pl.Effects.Failed|in.m.Violated(pl.State))>>p&1 != 0 {
			return path[:n]
		}
		if err := pl.Take(int(id)); err != nil {
			return path
		}
	}
	return path
}
