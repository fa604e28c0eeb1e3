package judge

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"ctcheck/explore"
	"ctcheck/litmus"
	"ctcheck/model"
	"ctcheck/report"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// This file has what herd7 does not: a run. What a test asks is a property of its model, which the runs that
// lead to what is asked about violate; so everything that tells of designs tells of litmus tests too.

// A Protocol is a test as what designs are: a program, with the property that its question makes.
type Protocol struct {
	Test     *litmus.Test
	Program  *model.Program
	Monitors []*model.Monitor
}

// Load reads a test as a protocol. The error is one of package litmus.
func Load(file string, src []byte) (*Protocol, error) {
	t, err := litmus.Parse(file, src)
	if err != nil {
		return nil, err
	}
	p, err := t.Program()
	if err != nil {
		return nil, err
	}
	return &Protocol{t, p.Model, []*model.Monitor{p.Question()}}, nil
}

// Summary is what the test asks, in a line.
func (p *Protocol) Summary() string { return Condition(p.Test) }

// Report is a result as all reports have it.
func (p *Protocol) Report(r *verdict.Result) *report.Report {
	return &report.Report{Model: p.Test.Name, Summary: p.Summary(), Source: p.Test.File, Program: p.Program,
		Result: r}
}

// Witness searches for a shortest run to what the test asks about: of exists and ~exists a final state that
// satisfies the proposition, of forall one that does not; and for one to a deadlock. The error is a fault of
// the test in some run.
func (p *Protocol) Witness(ctx context.Context, mm model.MemoryModel, l Limits, workers int) (*report.Report,
	error) {
	if l.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, l.Timeout)
		defer cancel()
	}
	r, err := explore.Run(ctx, p.Program, p.Monitors, explore.Options{Memory: mm, Search: explore.BreadthFirst,
		Workers: workers, MaxBytes: l.MaxBytes, Reduce: explore.PartialOrder | explore.Symmetry})
	if err != nil {
		return nil, err
	}
	return p.Report(r), nil
}

// Text writes what is known of one test under several memory models: what herd7 writes, a run to what is asked
// about where there is one, what the memory models make different, and what was assumed. The reports are those
// of the memory models in which a run was looked for, the executions what [Graphs] has. The error is that of w.
func Text(w io.Writer, st report.Style, os []*Outcome, rs []*report.Report, xs []*trace.Execution) error {
	var b strings.Builder
	for i, o := range os {
		if i > 0 {
			b.WriteByte('\n')
			if o.Err != nil { // it is that of the first one
				break
			}
		}
		Herd(&b, o) // a builder takes all
	}
	told := map[string]bool{}
	for _, r := range rs {
		for _, p := range r.Properties {
			if p.Trace != nil && !told[p.Name] {
				told[p.Name] = true
				fmt.Fprintf(&b, "\n%s\n\n", report.Wrap(runTitle(os[0].Test, p.Trace), st.Width, "  "))
				st.TraceText(&b, r.Program, p.Trace)
			}
		}
	}
	for _, x := range xs {
		fmt.Fprintf(&b, "\n%s\n\n", report.Wrap(x.Title+":", st.Width, "  "))
		report.ExecutionText(&b, st, x)
	}
	for _, o := range os {
		switch {
		case !o.Forbids():
		case o.Executed.Unexplained:
			fmt.Fprintf(&b, "\nWhy %s forbids it was not found out: a search for reasons is short.\n", o.Memory)
		case o.Executed.Unreachable:
			fmt.Fprintf(&b, "\nUnder %s no execution gets there, whatever its reads find.\n", o.Memory)
		}
	}
	if lines := differences(os); len(lines) > 0 {
		fmt.Fprintf(&b, "\n%s\n", strings.Join(lines, "\n"))
	}
	if as := assumptions(os); len(as) > 0 {
		fmt.Fprintln(&b, "\nassumed:")
		for _, a := range as {
			fmt.Fprintln(&b, report.Wrap("  "+a, st.Width, "    "))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// assumptions is what was assumed: of searches through states what the test's model says, and which axioms.
func assumptions(os []*Outcome) (as []string) {
	states := false
	for _, o := range os {
		switch {
		case o.Executed != nil && o.Memory.OfAxioms():
			as = append(as, o.Memory.Assumed(""))
		case o.Test != nil && o.Err == nil && o.Skipped == "":
			states = true
		}
	}
	if !states {
		return as
	}
	if p, err := os[0].Test.Program(); err == nil {
		as = append(p.Model.Assumptions, as...)
	}
	return as
}

// runTitle says where a run leads.
func runTitle(t *litmus.Test, tr *trace.Trace) string {
	to := "to a final state with " + t.Prop.String()
	switch {
	case tr.Property == model.NoDeadlock:
		to = "to where no thread can go on, and not all have ended"
	case t.Quantifier == litmus.Forall:
		to = "to a final state without " + t.Prop.String()
	}
	kind := "a shortest one"
	if !tr.Shortest {
		kind = "not known to be a shortest one"
	}
	return fmt.Sprintf("A run under %s %s, in %s (%s):", tr.Memory.Title(), to, report.Steps(tr), kind)
}

// differences says which final states some memory model has and the first one has not, and the other way round.
func differences(os []*Outcome) (lines []string) {
	first := os[0]
	for _, o := range os[1:] {
		if !first.Known() || !o.Known() {
			continue
		}
		more, less := without(o.States, first.States), without(first.States, o.States)
		if len(more) == 0 && len(less) == 0 {
			lines = append(lines, fmt.Sprintf("The final states are the same under %s and %s.", first.Memory,
				o.Memory))
			continue
		}
		for _, d := range []struct {
			in, not *Outcome
			states  []string
		}{{o, first, more}, {first, o, less}} {
			if len(d.states) > 0 {
				lines = append(lines, fmt.Sprintf("Under %s and not under %s:", d.in.Memory, d.not.Memory))
				for _, s := range d.states {
					lines = append(lines, "  "+s)
				}
			}
		}
	}
	return lines
}

// without is those of a that are not in b.
func without(a, b []string) (left []string) {
	for _, s := range a {
		if !slices.Contains(b, s) {
			left = append(left, s)
		}
	}
	return left
}

// HasWitness reports whether there is a run to what the test asks about.
func (o *Outcome) HasWitness() bool {
	if !o.Known() {
		return false
	}
	if o.Test.Quantifier == litmus.Forall {
		return o.Negative > 0
	}
	return o.Positive > 0
}
