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
// can be left behind, not which claims hold.
//
// Such programs are many and most have a few hundred states, so what a search needs to begin with counts as much
// as how fast it goes: it begins with small tables, interprets each step, and gives the store buffers the room
// that the code can need at most. Where that was not enough to come to an end it goes on with what large searches
// have: a stepper, and persistent sets, which leave out no state in which the run has ended or is stuck (package
// machine, persistent.go). A persistent set may be all CPUs, so it makes no difference that none was left out
// before.

// fewStates is how many states are expanded one step at a time.
const fewStates = 1 << 10

// Ends is how the runs of a program end.
type Ends struct {
	// Finals is the final values of the variables that were asked for: distinct tuples, sorted.
	Finals [][]int64
	// Deadlock says that some run is stuck: nothing can happen before every CPU has ended.
	Deadlock bool
	// Bound is what cut the search; the rest is not all there is then.
	Bound verdict.Bound
	// States is how many states were visited. Of a large program they are not all, as orders of steps are left
	// out that end alike.
	States uint64
}

// EndsOf is how the runs of a program end under the memory model of the options: with which values in the
// variables, shared ones or ghosts of its own, in that order; without any, in all of them. A run that goes on for
// ever has no end. Of the options it keeps the bounds on states and bytes too; ctx bounds the time. If some store
// buffer needs more than [MaxBufferSize] entries, the bound is [verdict.AtBuffer].
//
// The error is a fault of the program, or a variable that it does not have.
func EndsOf(ctx context.Context, o Options, p *model.Program, vars ...*model.Var) (*Ends, error) {
	return endsOf(ctx, o, fewStates, p, vars...)
}

// endsOf is EndsOf, with so many states expanded one step at a time.
func endsOf(ctx context.Context, o Options, few int, p *model.Program, vars ...*model.Var) (*Ends, error) {
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
	low, err := ir.Lower(p)
	if err != nil {
		return nil, err
	}
	var e *endSearch
	err = growBuffers(machine.Options{Memory: o.Memory, Prompt: true}, low, roomOf(o.Memory, low),
		func(m *machine.Machine, larger uint64) (uint64, error) {
			e = &endSearch{m: m, vars: at, bounds: newBounds(ctx, o, larger), set: states.NewSet(m.Words()),
				ends: &Ends{}, few: few}
			err := withRun(ctx, m, e.run())
			e.ends.Bound, e.ends.States = e.bounds.cause(), uint64(e.set.Len())
			return e.bounds.outgrew, err
		})
	if err != nil {
		return nil, err
	}
	return e.ends, nil
}

// Finals is the final values that runs of the program under a memory model leave in the variables, as [EndsOf]
// finds them.
//
// The answer is exact or none at all: it is an error if the program is faulty, if ctx ends, or if some
// store buffer needs more than 16 entries.
func Finals(ctx context.Context, mm model.MemoryModel, p *model.Program, vars ...*model.Var) (
	[][]int64, error) {
	e, err := EndsOf(ctx, Options{Memory: mm}, p, vars...)
	switch {
	case err != nil:
		return nil, err
	case e.Bound == verdict.AtBuffer:
		return nil, fmt.Errorf("model %s: the final states are not known: a store buffer needs more than %d "+
			"entries; put a barrier into the loop that stores", p.Name, MaxBufferSize)
	case e.Bound != verdict.NoBound:
		return nil, fmt.Errorf("model %s: the final states are not known: %s cut the search after %d states",
			p.Name, e.Bound, e.States)
	}
	return e.Finals, nil
}

// An endSearch is the search of a machine for the ends of its runs.
type endSearch struct {
	m      *machine.Machine
	vars   []int
	bounds *bounds
	set    *states.Set
	ends   *Ends
	few    int // how many states are expanded one step at a time

	at      []uint64 // the state that is expanded: one in the set moves when the set grows
	dst     []uint64
	fx      machine.Effects
	stepper *machine.Stepper
	chooser *machine.Chooser // nil: every step depends on others
	batch   machine.Successors
}

// run visits the states. The error is a fault of the program.
func (e *endSearch) run() error {
	first, fx := e.m.Initial()
	if fx.Err != nil {
		return fx.Err
	}
	e.set.Add(first)
	e.dst = make([]uint64, e.m.Words())
	for i := 0; i < e.set.Len(); i++ {
		if i == 0 && e.bounds.ctx.Err() != nil {
			e.bounds.stop(stopCause(e.bounds.ctx.Err()))
		}
		if e.bounds.stopped() {
			return nil
		}
		e.at = append(e.at[:0], e.set.At(uint32(i))...)
		expand := e.interpret
		if i >= e.few {
			expand = e.leap
		}
		obliged, err := expand()
		if err != nil {
			return err
		}
		ended := e.m.Ended(e.at)
		if ended {
			e.ends.Finals = insert(e.ends.Finals, e.m.Globals(e.at), e.vars)
		}
		e.ends.Deadlock = e.ends.Deadlock || !ended && !obliged && !e.bounds.stopped()
	}
	return nil
}

// interpret takes every transition of the state, one at a time. It reports whether one of them has to be taken in
// the end. The error is a fault of the program.
func (e *endSearch) interpret() (obliged bool, err error) {
	for t := range e.m.Transitions() {
		if e.bounds.tick() {
			return obliged, nil
		}
		if !e.m.Fire(e.at, t, e.dst, &e.fx) {
			e.bounds.outgrown(e.fx.Full)
			continue
		}
		if e.fx.Err != nil {
			return false, e.fx.Err
		}
		obliged = obliged || e.m.Transition(t).Kind.Obliged()
		e.add(e.dst)
	}
	return obliged, nil
}

// leap takes the transitions of a persistent set, all at once. It returns what [endSearch.interpret] does.
func (e *endSearch) leap() (obliged bool, err error) {
	if e.stepper == nil {
		e.stepper = e.m.NewStepper()
		if sets := e.m.Persistent(); !sets.None() {
			e.chooser = sets.NewChooser()
		}
	}
	if e.bounds.tick() {
		return false, nil
	}
	e.batch.Reset()
	n := e.stepper.Expand(e.at, &e.batch)
	if e.batch.Full != 0 {
		e.bounds.outgrown(e.batch.Full)
	}
	for _, t := range e.batch.Via {
		obliged = obliged || e.m.Transition(int(t)).Kind.Obliged()
	}
	if e.chooser != nil {
		e.chooser.Prune(e.at, &e.batch, n)
	}
	for i := range e.batch.Effects {
		if err := e.batch.Effects[i].Err; err != nil {
			return false, err
		}
	}
	for w := e.m.Words(); len(e.batch.Words) > 0; e.batch.Words = e.batch.Words[w:] {
		e.add(e.batch.Words[:w])
	}
	return obliged, nil
}

// add adds a state, if there is room.
func (e *endSearch) add(s []uint64) {
	if _, known := e.set.Find(s); !known && !e.bounds.full(e.set, 0) {
		e.set.Add(s)
	}
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
