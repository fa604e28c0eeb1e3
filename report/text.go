package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	humanize "github.com/dustin/go-humanize"

	"ctcheck/explore"
	"ctcheck/model"
)

// text writes one report.
func (r *Report) text(b *strings.Builder) {
	r.head(b)
	r.verdicts(b)
	for _, p := range r.Properties {
		if p.Trace != nil && !r.drawnElsewhere(p) {
			b.WriteByte('\n')
			Story(b, r.Program, p.Trace)
		}
	}
	r.foot(b)
}

func (r *Report) head(b *strings.Builder) {
	line := func(key, value string) {
		fmt.Fprintln(b, Wrap(fmt.Sprintf("  %-8s%s", key, value), traceWidth, strings.Repeat(" ", 10)))
	}
	fmt.Fprintln(b, Wrap(r.Model+": "+r.Summary, traceWidth, "  "))
	line("source", r.Source)
	line("config", r.config())
	order := "depth first"
	if r.Search == explore.BreadthFirst {
		order = "breadth first"
	}
	if r.Complete {
		order += ", every interleaving"
	}
	line("search", fmt.Sprintf("%s, %s, %s", order, r.store(), r.reductions()))
	if r.Resumed != "" {
		line("resumed", r.Resumed)
	}
	key := "assumed"
	for _, a := range r.assumptions() {
		line(key, a)
		key = ""
	}
}

func (r *Report) verdicts(b *strings.Builder) {
	tw := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw)
	for _, p := range r.Properties {
		what := r.verdict(p)
		switch {
		case p.Violated:
			what = fmt.Sprintf("VIOLATED in %s", Steps(p.Trace))
			if r.drawnElsewhere(p) {
				what += ", by the run of " + explore.NoDeadlock
			}
		case what == "unknown" && p.Live && r.Store != explore.Exact:
			what = "not violated so far, whole runs aside"
		case what == "unknown":
			what = "not violated so far"
		}
		fmt.Fprintf(tw, "  %s\t%s\n", p.Name, what)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Program.Void)) {
		fmt.Fprintf(tw, "  %s\tvoid: %s\n", name, r.Program.Void[name])
	}
	for _, c := range r.Claims {
		what := "reached"
		if !c.Reached {
			what = "NOT REACHED"
		}
		fmt.Fprintf(tw, "  reachable: %s\t%s\n", c.Name, what)
	}
	tw.Flush()
}

// drawnElsewhere reports whether the property's trace is a deadlock's, which is drawn once, under its
// own name.
func (r *Report) drawnElsewhere(p explore.Property) bool {
	return p.Name != explore.NoDeadlock && slices.ContainsFunc(r.Properties, func(q explore.Property) bool {
		return q.Name == explore.NoDeadlock && q.Trace != nil && p.Trace.SameRun(q.Trace)
	})
}

func (r *Report) foot(b *strings.Builder) {
	figures := fmt.Sprintf("%s states of %d bits, %s transitions, depth %d, %.2f s, %s of states",
		humanize.Comma(int64(r.States)), r.StateBits, humanize.Comma(int64(r.Transitions)), r.Depth,
		r.Duration.Seconds(), humanize.IBytes(r.Bytes))
	fmt.Fprintf(b, "\n%s\n", Wrap(figures, traceWidth, "  "))
	if !r.Complete {
		fmt.Fprintln(b, Wrap(r.boundSentence(), traceWidth, "  "))
	}
	r.storage(b)
	fmt.Fprintln(b, r.summaryLine())
}

// boundSentence says what an incomplete search did not look at.
func (r *Report) boundSentence() string {
	if r.AllVisited && r.Bound != explore.AtFirst {
		return fmt.Sprintf("Every state was visited, but the search among them for runs that go on for "+
			"ever was cut (%s): what needs whole runs is open.", r.Bound)
	}
	switch r.Bound {
	case explore.AtInterrupt:
		return "The search was interrupted: states beyond these were not looked at."
	case explore.AtFirst:
		return "The search stopped at the first violation, as asked: the other properties are open."
	case explore.AtStore:
		return "The store is lossy: a state that it took for one that it had seen was not looked at, nor were " +
			"whole runs."
	case explore.AtBuffer:
		return "Some store waits for room in a store buffer, however large: what it could do in a larger one " +
			"was not looked at. Put a barrier into the loop that makes such stores."
	case explore.AtDepth:
		return "The search was cut by --max-depth: longer runs were not looked at."
	}
	return fmt.Sprintf("The search was cut by --%s: states beyond these were not looked at.", r.Bound)
}

// Story writes a trace as [Text] has it: a title, and the columns.
func Story(w io.Writer, p *model.Program, t *explore.Trace) {
	fmt.Fprintf(w, "%s\n\n", Wrap(traceTitle(t), traceWidth, "  "))
	TraceText(w, p, t)
}

// Steps is the length of a trace in words; of a lasso, of both its parts.
func Steps(t *explore.Trace) string {
	count := func(n int) string {
		if n == 1 {
			return "1 step"
		}
		return fmt.Sprintf("%d steps", n)
	}
	if t.Loop < 0 {
		return count(len(t.Steps))
	}
	return fmt.Sprintf("%s and a cycle of %s", count(t.Loop), count(len(t.Steps)-t.Loop))
}

func traceTitle(t *explore.Trace) string {
	kind := "a shortest run, with the fewest switches between CPUs"
	switch {
	case t.Loop >= 0:
		kind = "a shortest way to a fair cycle, and a short cycle"
	case t.Shortest && !t.Fewest:
		kind = "a shortest run; a bound kept the search from the fewest switches"
	case t.Shortest:
	case t.Deadlock || t.Ended:
		kind = "a shortest way to where the run stops"
	default:
		kind = "the first run found; a bound kept the search from a shortest one"
	}
	return fmt.Sprintf("%s: VIOLATED in %s (%s)", t.Property, Steps(t), kind)
}
