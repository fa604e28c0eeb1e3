package judge

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ctcheck/axiom"
	"ctcheck/axiom/replay"
	"ctcheck/litmus"
	"ctcheck/model"
	"ctcheck/threads"
	"ctcheck/verdict"
)

// This file decides tests under memory models of axioms.

// Mode says which executions are looked for under a memory model of axioms.
type Mode string

// The modes.
const (
	// Automatic is FullMode for as long as that is cheap, then ConditionMode.
	Automatic     Mode = ""
	FullMode      Mode = "full"      // all of them
	ConditionMode Mode = "condition" // one that satisfies the proposition, and one that does not
)

// Modes is the names of those that a user may ask for.
func Modes() []string { return []string{string(FullMode), string(ConditionMode)} }

// HasAxioms reports whether a memory model can be decided by axioms.
func HasAxioms(mm model.MemoryModel) bool { return axiom.Has(mm) }

// cheap is how many nodes of a search come before Automatic looks for less.
const cheap = 500_000

// An Executed is a test with what came of it under a memory model of axioms.
type Executed struct {
	Program *threads.Program
	*axiom.Result
	Unroll int // how often loops were followed
	// Unreachable: [Outcome.Graph] found that the program never does what is asked about, whatever reads find.
	Unreachable bool
	// Unexplained: it found no reason, and did not look at all that there may be.
	Unexplained bool
}

// axioms decides a test.
func (o *Outcome) axioms(ctx context.Context, l Limits) {
	begin := time.Now()
	defer func() { o.Duration = time.Since(begin) }()
	if o.Test.Arch != litmus.C {
		o.Skipped = "the axioms are for tests in C, and this is x86 assembly"
		return
	}
	p, err := o.Test.AsThreads()
	if err != nil {
		o.Err = err
		return
	}
	opts := axiom.Options{Memory: o.Memory, Condition: ask(o.Test, o.Test.Prop, p), Unroll: l.Unroll}
	if l.Unroll == 0 {
		opts.Unroll = axiom.DefaultUnroll
	}
	if o.Test.Filter != nil {
		opts.Filter = ask(o.Test, o.Test.Filter, p)
	}
	var r *axiom.Result
	if l.Mode != ConditionMode {
		r, err = o.full(ctx, p, opts, l)
		switch {
		case err != nil || l.Mode != Automatic || !worthLess(r):
		case ctx.Err() != nil: // between the two searches
			r.Bound = verdict.AtInterrupt
		default:
			r = nil
		}
	}
	if r == nil && err == nil {
		within, cancel := context.WithCancel(ctx)
		if l.Timeout > 0 {
			within, cancel = context.WithTimeout(ctx, l.Timeout-time.Since(begin))
		}
		opts.Mode = axiom.Witness
		r, err = axiom.Run(within, p, opts)
		cancel()
	}
	switch {
	case err != nil:
		o.Err = tooLarge(o, err)
	case r.Fault != nil:
		o.Err = fmt.Errorf("%s: in some execution, %w", o.Test.Name, r.Fault)
	default:
		o.executed(&Executed{Program: p, Result: r, Unroll: opts.Unroll})
	}
}

// tooLarge is an error of the engine as one of the test.
func tooLarge(o *Outcome, err error) error {
	return &litmus.Error{File: o.File, Pos: litmus.Pos{Line: 1, Col: 1}, Msg: err.Error(), Construct: "large test"}
}

// full looks for all executions. In Automatic mode it takes half of the time at most.
func (o *Outcome) full(ctx context.Context, p *threads.Program, opts axiom.Options, l Limits) (*axiom.Result,
	error) {
	share := l.Timeout
	if l.Mode == Automatic {
		opts.MaxNodes = cheap
		share = min(share, share/2+1)
	}
	if share > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, share)
		defer cancel()
	}
	return axiom.Run(ctx, p, opts)
}

// worthLess reports whether a search for all executions was cut by the share of it.
func worthLess(r *axiom.Result) bool {
	return r.Bound == verdict.AtStates || r.Bound == verdict.AtTimeout
}

// ask is a proposition for the engine.
func ask(t *litmus.Test, q *litmus.Prop, p *threads.Program) axiom.Condition {
	return func(value func(i int) (threads.Value, bool)) axiom.Truth {
		switch truth, ok := t.Ask(q, p.Cells, value); {
		case !ok:
			return axiom.Maybe
		case truth:
			return axiom.Yes
		}
		return axiom.No
	}
}

// executed is what came of a search.
func (o *Outcome) executed(x *Executed) {
	p, r := x.Program, x.Result
	o.Executed, o.Visited = x, r.Nodes
	o.Whole = r.Whole && !r.Unrolled && !r.Murky
	o.Positive, o.Negative = int(r.Positive), int(r.Negative)
	// What was found is so, whatever the search did not see.
	if both := r.Yes != nil && r.No != nil; !both {
		switch o.Bound = r.Bound; {
		case o.Bound != verdict.NoBound:
		case r.Murky:
			o.Bound = verdict.AtThinAir
		case r.Unrolled:
			o.Bound = verdict.AtUnroll
		}
	}
	for _, e := range []*axiom.Execution{r.Yes, r.No} {
		if e == nil {
			continue
		}
		if _, err := replay.Check(p, e, o.Memory); err != nil {
			o.Err = fmt.Errorf("an execution was found that is none, which is a fault of ctcheck: %w", err)
			return
		}
	}
	o.Flags = append(o.Flags, r.Flags...)
	all := o.Whole || r.Bound == verdict.NoBound && !r.Unrolled && !r.Murky && o.Test.Filter == nil
	if all && r.Total == 0 && r.Yes == nil && r.No == nil {
		o.Flags = append(o.Flags, Deadlock)
	}
	o.finals(p, r)
}

// finals is the final states in herd7's order.
func (o *Outcome) finals(p *threads.Program, r *axiom.Result) {
	states := make([]litmus.State, len(r.States))
	for i, values := range r.States {
		for _, v := range values {
			states[i] = append(states[i], litmus.Shown(v, p.Cells))
		}
	}
	form := o.Test.Form()
	slices.SortFunc(states, form.Compare)
	states = slices.CompactFunc(states, func(a, b litmus.State) bool { return form.Compare(a, b) == 0 })
	for _, s := range states {
		o.States = append(o.States, form.Format(s))
	}
}

// Deadlocks reports whether no execution ends.
func (o *Outcome) Deadlocks() bool {
	return slices.Contains(o.Flags, Deadlock) && o.Positive+o.Negative == 0
}
