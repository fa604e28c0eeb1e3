package explore

import (
	"context"
	"fmt"
	"slices"

	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/states"
	"ctcheck/verdict"
)

// This file collects the final states of a program, which is what litmus tests are about: which values
// can be left behind, not which claims hold. It is the plainest search of this package, breadth first
// with the set of states as its own queue, for programs of a few thousand states.

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
	err := inRoom(mm, p, nil, nil, func(m *machine.Machine, larger uint64) (uint64, error) {
		finals = nil
		outgrew, err := everyState(ctx, m, larger, func(s []uint64) {
			if !m.Ended(s) {
				return
			}
			values := m.Globals(s)
			final := make([]int64, len(at))
			for i, k := range at {
				final[i] = values[k].Value
			}
			if i, known := slices.BinarySearchFunc(finals, final, slices.Compare); !known {
				finals = slices.Insert(finals, i, final)
			}
		})
		if err == nil && outgrew&^larger != 0 {
			err = fmt.Errorf("model %s: the final states are not known: a store buffer needs more than %d "+
				"entries; put a barrier into the loop that stores", p.Name, MostRoom)
		}
		return outgrew, err
	})
	if err != nil {
		return nil, err
	}
	return finals, nil
}

// everyState calls f for every reachable state, once each and by distance. It returns the CPUs whose store
// buffer was outgrown, and stops when one of those in larger is: the states were then not all.
func everyState(ctx context.Context, m *machine.Machine, larger uint64, f func(s []uint64)) (outgrew uint64,
	err error) {
	first, fx := m.Initial()
	if fx.Err != nil {
		return 0, fx.Err
	}
	set, dst := states.NewSet(m.Words()), make([]uint64, m.Words())
	set.Add(first)
	for i := 0; i < set.Len(); i++ {
		if i&1023 == 0 && ctx.Err() != nil || set.Len() >= states.MaxStates {
			bound := verdict.AtStates
			if ctx.Err() != nil {
				bound = stopCause(ctx.Err())
			}
			return 0, fmt.Errorf("model %s: the final states are not known: %s cut the search after %d states",
				m.Program.Name, bound, set.Len())
		}
		f(set.At(uint32(i)))
		for t := range m.Transitions() {
			if !m.Fire(set.At(uint32(i)), t, dst, &fx) {
				if outgrew |= fx.Full; outgrew&larger != 0 {
					return outgrew, nil
				}
				continue
			}
			if fx.Err != nil {
				return 0, fx.Err
			}
			set.Add(dst)
		}
	}
	return outgrew, nil
}
