package judge

import (
	"context"
	"fmt"
	"io"
	"strings"

	"ctcheck/axiom"
	"ctcheck/litmus"
	"ctcheck/report"
	"ctcheck/threads"
	"ctcheck/trace"
)

// This file has what is shown of a test that was decided by axioms: the execution that its question is about,
// or why there is none.

// Graph is the execution that a test asks about: of exists and ~exists one that satisfies the proposition, of
// forall one that does not. Where there is none it is one that would, with the cycle that forbids it; or nil,
// if the program never gets there whatever reads find. The error is that of package axiom.
func (o *Outcome) Graph(ctx context.Context) (*trace.Execution, error) {
	e := o.Executed.Yes
	with := "with "
	if o.Test.Quantifier == litmus.Forall {
		e, with = o.Executed.No, "without "
	}
	with += o.Test.Prop.String()
	var why *axiom.Reason
	if e == nil {
		var err error
		var whole bool
		if why, whole, err = axiom.Why(ctx, o.Executed.Program, o.asked()); err != nil || why == nil {
			o.Executed.Unreachable, o.Executed.Unexplained = err == nil && whole, err == nil && !whole
			return nil, err
		}
		e = why.Execution
	}
	x := e.Picture(o.Executed.Program, why)
	x.Title = "An execution under " + o.Memory.Title() + " " + with
	if why != nil {
		x.Title = "An execution " + with + ", which " + o.Memory.Title() + " forbids"
	}
	return x, nil
}

// asked is the test's question as what is looked for.
func (o *Outcome) asked() axiom.Options {
	p := o.Executed.Program
	opts := axiom.Options{Memory: o.Memory, Condition: ask(o.Test, o.Test.Prop, p), Unroll: o.Executed.Unroll}
	if o.Test.Quantifier == litmus.Forall {
		positive := opts.Condition
		opts.Condition = func(value func(i int) (threads.Value, bool)) axiom.Truth {
			return [...]axiom.Truth{axiom.Maybe: axiom.Maybe, axiom.Yes: axiom.No,
				axiom.No: axiom.Yes}[positive(value)]
		}
	}
	if o.Test.Filter != nil {
		opts.Filter = ask(o.Test, o.Test.Filter, p)
	}
	return opts
}

// Graphs is the executions of all outcomes that have one. The error is that of package axiom.
func Graphs(ctx context.Context, os []*Outcome) (xs []*trace.Execution, err error) {
	for _, o := range os {
		if o.Executed == nil || !o.Known() {
			continue
		}
		x, err := o.Graph(ctx)
		if err != nil {
			return nil, err
		}
		if x != nil {
			xs = append(xs, x)
		}
	}
	return xs, nil
}

// WhyText writes which order would allow what is forbidden, if it were weaker. The error is that of w, or of
// package axiom.
func WhyText(ctx context.Context, w io.Writer, st report.Style, os []*Outcome) error {
	var b strings.Builder
	for _, o := range os {
		if o.Forbids() {
			if err := o.whyText(ctx, &b, st); err != nil {
				return err
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// whyText writes which order would allow what is forbidden, if it were weaker.
func (o *Outcome) whyText(ctx context.Context, b *strings.Builder, st report.Style) error {
	opts := o.asked()
	opts.MaxNodes = cheap / 10
	ws, err := axiom.Weaken(ctx, o.Executed.Program, opts)
	if err != nil {
		return err
	}
	what := "allows it"
	fmt.Fprintf(b, "\n%s\n",
		report.Wrap("Each order made weaker, one at a time, under "+o.Memory.Title()+":", st.Width, ""))
	if len(ws) == 0 {
		fmt.Fprintln(b, "  there is none that can be made weaker")
	}
	for _, w := range ws {
		does := "still forbidden"
		switch {
		case w.Allows:
			does = what
		case w.Unknown:
			does = "not known"
		}
		fmt.Fprintf(b, "  %s:%d: %s %s: %s\n", o.Executed.Program.Threads[w.Thread].Name, w.Line, w.Label,
			w.Change, does)
	}
	return nil
}

// Forbids reports whether no execution is what the test asks about.
func (o *Outcome) Forbids() bool { return o.Executed != nil && o.Known() && !o.HasWitness() }
