package explore

import (
	"context"
	"fmt"
	"slices"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/states"
	"ctcheck/verdict"
)

// This file collects the final states of a program, which is what litmus tests are about: which values
// can be left behind, not which claims hold. The search is a walk (walk.go) that leaves out steps which can
// wait ([machine.Persistent]), for programs of some thousand states.

// Finals is the final values that runs of the program under a memory model leave in the variables, shared
// ones or ghosts of its own, in that order; without any, in all of them. Final is a state in which every
// CPU has ended, with no IPI pending and no store waiting; a run that goes on for ever or deadlocks has
// none. The tuples are distinct and sorted.
//
// The answer is exact or none at all: it is an error if the program is faulty, if ctx ends, or if some
// store buffer needs more than 16 entries.
func Finals(ctx context.Context, mm model.MemoryModel, p *model.Program, vars ...*model.Var) (
	[][]int64, error) {
	if len(vars) == 0 {
		vars = p.Vars
	}
	var at []int // in Machine.Globals
	for _, v := range vars {
		i := slices.Index(p.Vars, v)
		if i < 0 {
			return nil, fmt.Errorf("model %s: %s is not one of its shared variables and ghosts; a register's "+
				"last value goes to a ghost", p.Name, v.Name)
		}
		at = append(at, i)
	}
	var finals [][]int64
	err := withBuffers(mm, p, nil, nil, func(m *machine.Machine, larger uint64) (outgrew uint64, err error) {
		finals, outgrew, err = finalsOf(ctx, m, larger, at)
		return outgrew, err
	})
	if err != nil {
		return nil, err
	}
	return finals, nil
}

// finalsOf is the final values of some variables of a machine. It also returns the CPUs whose store buffer was
// outgrown, and stops when one of those in larger is: the values are not all then.
func finalsOf(ctx context.Context, m *machine.Machine, larger uint64, vars []int) (finals [][]int64,
	outgrew uint64, err error) {
	first, fx := m.Initial()
	if fx.Err != nil {
		return nil, 0, fx.Err
	}
	set, b := states.NewSet(m.Words()), newBounds(ctx, Options{}, larger)
	set.Add(first)
	chooser := m.Persistent().NewChooser()
	cpus := ^uint64(0)
	w := walk{m: m, set: set, stop: b.tick, blocked: b.outgrown,
		// Steps that can wait are left out: states in which the run has ended are met all the same.
		wait: func(t int) bool { return cpus>>m.Transition(t).CPU&1 == 0 },
		room: func() bool { return !b.full(set, 0) },
		expand: func(i uint32) bool {
			if i == 0 && ctx.Err() != nil {
				b.stop(stopCause(ctx.Err()))
			}
			if s := set.At(i); m.Ended(s) {
				finals = insert(finals, m.Globals(s), vars)
			}
			cpus, _ = chooser.Choose(set.At(i))
			return !b.stopped()
		}}
	err = w.run()
	switch {
	case err != nil:
	case b.stopped() && b.met != verdict.AtBuffer:
		err = fmt.Errorf("model %s: the final states are not known: %s cut the search after %d states",
			m.Program.Name, b.met, set.Len())
	case b.outgrew&^larger != 0:
		err = fmt.Errorf("model %s: the final states are not known: a store buffer needs more than %d "+
			"entries; put a barrier into the loop that stores", m.Program.Name, MaxBufferSize)
	}
	return finals, b.outgrew, err
}

// insert adds the values of some variables to tuples that are distinct and sorted.
func insert(tuples [][]int64, values []ir.Binding, vars []int) [][]int64 {
	tuple := make([]int64, len(vars))
	for i, v := range vars {
		tuple[i] = values[v].Value
	}
	i, known := slices.BinarySearchFunc(tuples, tuple, slices.Compare)
	if known {
		return tuples
	}
	return slices.Insert(tuples, i, tuple)
}
