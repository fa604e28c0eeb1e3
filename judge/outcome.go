package judge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ctcheck/axiom"
	"ctcheck/explore"
	"ctcheck/litmus"
	"ctcheck/model"
	"ctcheck/verdict"
)

// herd7's words for how many final states satisfy a proposition: none, some or all.
const (
	Never     = "Never"
	Sometimes = "Sometimes"
	Always    = "Always"
)

// Deadlock is the flag of a test some run of which is stuck before all threads have ended: a lock is never
// released, say.
const Deadlock = "deadlock"

// An Outcome is what came of a test under a memory model.
type Outcome struct {
	File   string            // as it was named, or reached from the folder that was
	Test   *litmus.Test      // nil if it could not be read
	Memory model.MemoryModel // under which
	// States is the final states as herd7 prints them, in its order; those that the test's filter leaves out
	// aside.
	States []string
	// Positive and Negative are how many of these satisfy the proposition, without its quantifier, and how many
	// do not. Under a memory model of axioms they are counts of executions, as herd7's are, and of some only if
	// Whole is not set.
	Positive, Negative int
	Whole              bool
	// Executed is what else is known under a memory model of axioms; nil under others.
	Executed *Executed
	Flags    []string
	Visited  uint64        // states that the search went through
	Duration time.Duration // of the search, and of reading and lowering the test
	// Err is why there is no answer: an error of package litmus, or a fault of the test in some run.
	Err error
	// Skipped is why the test was not run: the memory model does not speak of its like.
	Skipped string
	// Bound is what cut the search; there is no answer then.
	Bound verdict.Bound
}

// Limits bound the search under one memory model.
type Limits struct {
	Timeout  time.Duration // 0: none
	MaxBytes uint64        // of its tables; 0: no bound
	Mode     Mode          // by axioms
	Unroll   int           // by axioms: how often a loop goes round; 0: [axiom.DefaultUnroll]
	Axioms   bool          // memory models that have both states and axioms are decided by axioms
}

// byAxioms reports whether a memory model is decided by axioms.
func (l *Limits) byAxioms(mm model.MemoryModel) bool {
	return mm.OfAxioms() || l.Axioms && axiom.Has(mm)
}

// Decide runs a test under memory models. The file's name is for messages and the outcomes.
func Decide(ctx context.Context, file string, src []byte, memories []model.MemoryModel, l Limits) []*Outcome {
	begin := time.Now()
	var p *litmus.Program
	t, err := litmus.Parse(file, src)
	if err == nil && slices.ContainsFunc(memories, func(mm model.MemoryModel) bool { return !l.byAxioms(mm) }) {
		p, err = t.Program()
	}
	read := time.Since(begin)
	var os []*Outcome
	for _, mm := range memories {
		o := &Outcome{File: file, Test: t, Memory: mm, Err: err}
		switch {
		case err != nil:
		case l.byAxioms(mm):
			o.axioms(ctx, l)
		default:
			o.run(ctx, p, l)
		}
		o.Duration += read
		os = append(os, o)
	}
	return os
}

// run finds the final states.
func (o *Outcome) run(ctx context.Context, p *litmus.Program, l Limits) {
	begin := time.Now()
	defer func() { o.Duration = time.Since(begin) }()
	if l.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, l.Timeout)
		defer cancel()
	}
	ends, err := explore.EndsOf(ctx, explore.Options{Memory: o.Memory, MaxBytes: l.MaxBytes}, p.Model, p.Vars...)
	if err != nil {
		o.Err = err
		return
	}
	o.Visited = ends.States
	if o.Bound = ends.Bound; o.Bound != verdict.NoBound {
		return
	}
	o.Whole = true
	if ends.Deadlock {
		o.Flags = append(o.Flags, Deadlock)
	}
	o.count(p, ends.Finals)
}

// count sorts the final states and counts those that satisfy the proposition. Where the filter speaks of more
// than the test shows, several may look alike, which count once.
func (o *Outcome) count(p *litmus.Program, finals [][]int64) {
	states := make([]litmus.State, 0, len(finals))
	for _, values := range finals {
		if s := p.State(values); p.Counts(s) {
			states = append(states, s)
		}
	}
	slices.SortFunc(states, p.Compare)
	states = slices.CompactFunc(states, func(a, b litmus.State) bool { return p.Compare(a, b) == 0 })
	for _, s := range states {
		o.States = append(o.States, p.Format(s))
		if p.Satisfies(s) {
			o.Positive++
		} else {
			o.Negative++
		}
	}
}

// Known reports whether there is an answer.
func (o *Outcome) Known() bool { return o.Err == nil && o.Skipped == "" && o.Bound == verdict.NoBound }

// Observation is herd7's word; empty where there is no answer. Where no run ends it is Never.
func (o *Outcome) Observation() string {
	switch {
	case !o.Known():
		return ""
	case o.Positive == 0:
		return Never
	case o.Negative == 0:
		return Always
	}
	return Sometimes
}

// OK reports whether the proposition with its quantifier is validated.
func (o *Outcome) OK() bool { return o.Known() && o.Test.Quantifier.Validated(o.Positive, o.Negative) }

// Name is the test's; empty if the file could not be read.
func (o *Outcome) Name() string {
	if o.Test == nil {
		return ""
	}
	return o.Test.Name
}

// Construct is what of the test is not supported, in a word or two; empty if it is malformed or at fault
// instead.
func (o *Outcome) Construct() string {
	construct, _ := litmus.IsUnsupported(o.Err)
	return construct
}

// Why is why there is no answer, in a sentence; empty where there is one.
func (o *Outcome) Why() string {
	var bad *litmus.Error
	switch {
	case errors.As(o.Err, &bad):
		return o.Err.Error()
	case o.Err != nil:
		return fmt.Sprintf("%s: %v", o.File, o.Err)
	}
	switch o.Bound {
	case verdict.NoBound:
		return o.Skipped
	case verdict.AtBuffer:
		return fmt.Sprintf("a store buffer needs more than %d entries; put a barrier into the loop that stores",
			explore.MaxBufferSize)
	case verdict.AtInterrupt:
		return "interrupted"
	case verdict.AtUnroll:
		return fmt.Sprintf("a loop goes round more than %d times in some execution; --unroll N follows it further",
			o.Executed.Unroll)
	case verdict.AtThinAir:
		return "in some execution a value out of thin air decides how it goes on"
	}
	return fmt.Sprintf("cut by --%s", o.Bound)
}
