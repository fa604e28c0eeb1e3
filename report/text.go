package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	humanize "github.com/dustin/go-humanize"

	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// text writes one report: the verdict, the runs that show it, and then what was searched and assumed.
func (r *Report) text(b *strings.Builder, st Style) {
	fmt.Fprintln(b, st.paintVerdict(r.Verdict, st.wrap(r.firstLine(), "  ")))
	r.verdicts(b, st)
	drawn := 0
	for _, p := range r.Properties {
		if p.Trace != nil && !r.drawnElsewhere(p) {
			b.WriteByte('\n')
			st.story(b, p.Trace.Program, p.Trace)
			if st.Detail == Verbose {
				st.after(b, p.Trace)
			}
			b.WriteString(r.again(p.Trace, p.Instance))
			if drawn++; drawn == 1 && r.Replay != "" {
				fmt.Fprintln(b, st.wrap("   (draws it again; explore in place of replay opens it in a browser)",
					"   "))
			}
		}
	}
	for _, c := range r.witnessed() {
		r.witness(b, st, c)
	}
	if c := r.coverage(); c != nil {
		c.text(b, st, r.search().Order == verdict.RandomWalks && st.Detail != Verbose)
	}
	b.WriteByte('\n')
	r.head(b, st)
	r.foot(b, st)
}

// witnessed is the claims whose witnesses are drawn in text.
func (r *Report) witnessed() []verdict.Claim {
	return slices.DeleteFunc(slices.Clone(r.Claims), func(c verdict.Claim) bool {
		return !c.Reached || r.Witness != "all" && r.Witness != c.Name
	})
}

// witness draws a run that reaches what must be reachable.
func (r *Report) witness(b *strings.Builder, st Style, c verdict.Claim) {
	fmt.Fprintf(b, "\n%s\n", st.wrap(witnessTitle(c), "  "))
	if c.Witness != nil {
		fmt.Fprintf(b, "\n%s%s", st.columns(c.Witness.Program, c.Witness), r.again(c.Witness, ""))
	}
}

func witnessTitle(c verdict.Claim) string {
	if c.Witness == nil {
		return fmt.Sprintf("reachable: %s: reached, but the search for a shortest run that shows it was cut",
			c.Name)
	}
	return fmt.Sprintf("reachable: %s: reached in %s (a shortest run)", c.Name, Steps(c.Witness))
}

// again says how to see a run once more. The call can be pasted into a shell, so no word of it is broken.
// It is of an instance where there are any number of setters.
func (r *Report) again(t *trace.Trace, instance string) string {
	if r.Replay == "" {
		return ""
	}
	call := r.Replay
	if instance != "" {
		call = strings.Replace(call, "--setters any", "--setters "+instance, 1)
	}
	if r.Memory != model.SC {
		call += " --memory " + r.Memory.String()
	}
	return fmt.Sprintf("\n   %s --run %s\n", oneLine(call), t.Address())
}

// firstLine is the verdict, with the properties that are violated, and the counters on which that rests.
func (r *Report) firstLine() string {
	var violated []string
	for _, p := range r.Properties {
		if !p.Violated {
			continue
		}
		name := p.Name
		if wraps := wrapNames(p.Trace); len(wraps) > 0 {
			name += " (wraps " + strings.Join(wraps, ", ") + ")"
		}
		violated = append(violated, name)
	}
	line := fmt.Sprintf("%s: %s under %s", r.Model, r.Verdict, r.Memory)
	if r.Any != nil {
		line += ", for any number of " + r.Any.Kind + "s"
	}
	switch {
	case len(violated) > 0:
		line += ": " + strings.Join(violated, ", ")
	case r.Verdict == verdict.Incomplete && r.Any != nil:
		line += ": " + strings.Join(r.open(), ", ") + " not decided"
	case r.Verdict == verdict.Incomplete:
		line += ": " + r.cutBy()
	case r.Verdict == verdict.Unreached:
		line += ": never " + strings.Join(r.unreached(), ", never ")
	}
	return line
}

// cutBy says in a few words why the search is not complete.
func (r *Report) cutBy() string {
	switch r.Bound {
	case verdict.AtInterrupt:
		return "interrupted"
	case verdict.AtStore:
		return "the store is lossy"
	case verdict.AtBuffer:
		return "a store buffer has no more room"
	case verdict.AtWalks:
		if r.search().Walks == 1 {
			return "1 random walk"
		}
		return humanize.Comma(int64(r.search().Walks)) + " random walks"
	}
	return fmt.Sprintf("cut by --%s after %s states", r.Bound, humanize.Comma(int64(r.States)))
}

// unreached is the claims that were not reached.
func (r *Report) unreached() (names []string) {
	for _, c := range r.Claims {
		if !c.Reached {
			names = append(names, c.Name)
		}
	}
	return names
}

func (r *Report) head(b *strings.Builder, st Style) {
	fmt.Fprintln(b, st.paint(strong, st.wrap(r.Model+": "+r.Summary, "  ")))
	for _, row := range r.facts(st.Detail) {
		fmt.Fprintln(b, st.wrap(fmt.Sprintf("  %-8s%s", row[0], row[1]), strings.Repeat(" ", 10)))
	}
}

// facts is what was checked and how, each with its key; what has none goes with the fact before it.
func (r *Report) facts(detail Detail) [][2]string {
	var facts [][2]string
	for _, f := range [][2]string{{"source", r.Source}, {"config", r.config()}} {
		if f[1] != "" { // a protocol that a test checks has neither
			facts = append(facts, f)
		}
	}
	if r.Any != nil {
		facts = append(facts, [2]string{"method", r.method()})
	}
	if r.Search != nil {
		facts = append(facts, [2]string{"search", r.how(detail)})
	}
	if r.search().Resumed != "" {
		facts = append(facts, [2]string{"resumed", r.search().Resumed})
	}
	key := "assumed"
	for _, a := range r.assumptions() {
		facts = append(facts, [2]string{key, a})
		key = ""
	}
	if detail == Verbose {
		key := "claims"
		for _, p := range r.Properties {
			if known, ok := props.Find(p.Name); ok {
				facts = append(facts, [2]string{key, p.Name + ": " + known.Doc})
				key = ""
			}
		}
	}
	return facts
}

// after writes what every variable is after a run.
func (st Style) after(b *strings.Builder, t *trace.Trace) {
	fmt.Fprint(b, "\n   In the end:\n")
	for _, v := range t.End {
		fmt.Fprintln(b, st.wrap(fmt.Sprintf("     %s = %s", v.Var.Name, v.Var.Format(v.Value)), "       "))
	}
}

// verdicts writes a line a finding, in two columns, or, where these are too wide, one below the other.
func (r *Report) verdicts(b *strings.Builder, st Style) {
	rows := r.findings()
	wide := 0
	for _, row := range rows {
		wide = max(wide, utf8.RuneCountInString(row[0]))
	}
	fmt.Fprintln(b)
	for _, row := range rows {
		name, what := oneLine(row[0]), oneLine(row[1])
		if st.Width-wide-4 < leastFinding {
			fmt.Fprintln(b, st.wrap("  "+name, "    "))
			fmt.Fprintln(b, st.paintFinding(what, st.wrap("      "+what, "      ")))
			continue
		}
		lines := st.wrap(fmt.Sprintf("  %-*s  %s", wide, name, what), strings.Repeat(" ", wide+4))
		fmt.Fprintln(b, lines[:len("  "+name)]+st.paintFinding(what, lines[len("  "+name):]))
	}
}

// leastFinding is the columns that the second of them needs.
const leastFinding = 20

// findings is each property and claim with what became of it.
func (r *Report) findings() [][2]string {
	var rows [][2]string
	for _, p := range r.Properties {
		rows = append(rows, [2]string{p.Name, r.finding(p)})
	}
	rows = append(rows, r.left()...)
	reasons := r.void()
	for _, name := range slices.Sorted(maps.Keys(reasons)) {
		rows = append(rows, [2]string{name, "vacuous: " + reasons[name]})
	}
	for _, c := range r.Claims {
		what := r.reached(c)
		switch what {
		case notReached:
			what = "NOT REACHED"
		case unknown:
			what = "not reached so far"
		}
		rows = append(rows, [2]string{"reachable: " + c.Name, what})
	}
	return rows
}

// finding is what became of a property, in words.
func (r *Report) finding(p verdict.Property) string {
	switch what := r.verdict(p); {
	case r.Any != nil:
		return r.decided(p)
	case p.Violated && r.drawnElsewhere(p):
		return fmt.Sprintf("VIOLATED in %s, by the run of %s", length(p.Trace), model.NoDeadlock)
	case p.Violated:
		return "VIOLATED in " + length(p.Trace)
	case what == unknown && p.Live && r.lossy():
		return "not violated so far, whole runs aside"
	case what == unknown:
		return "not violated so far"
	default:
		return what
	}
}

// drawnElsewhere reports whether the property's trace is a deadlock's, which is drawn once, under its
// own name.
func (r *Report) drawnElsewhere(p verdict.Property) bool {
	return p.Name != model.NoDeadlock && slices.ContainsFunc(r.Properties, func(q verdict.Property) bool {
		return q.Name == model.NoDeadlock && q.Trace != nil && p.Trace.SameRun(q.Trace)
	})
}

func (r *Report) foot(b *strings.Builder, st Style) {
	fmt.Fprintf(b, "\n%s\n", st.wrap(r.figures(), "  "))
	for _, s := range r.remarks() {
		fmt.Fprintln(b, st.wrap(s, "  "))
	}
	if r.search().Checkpoint != "" {
		fmt.Fprintln(b, oneLine(r.checkpoint()))
	}
	fmt.Fprintln(b, st.paintVerdict(r.Verdict, oneLine(r.summaryLine())))
}

// figures says how much was searched; of an engine that does not search, how long it took.
func (r *Report) figures() string {
	if r.Any != nil {
		return r.cost()
	}
	if r.Search == nil {
		return fmt.Sprintf("%.2f s", r.Duration.Seconds())
	}
	states := "%s states of %d bits, %s transitions, depth %d, %.2f s, %s of states"
	if r.search().Order == verdict.RandomWalks {
		states = "%s different states of %d bits, %s steps, longest walk %d, %.2f s, %s of states"
	}
	if r.search().Uncounted {
		states = "at least " + states
	}
	return fmt.Sprintf(states, humanize.Comma(int64(r.States)), r.search().StateBits,
		humanize.Comma(int64(r.Transitions)), r.Depth, r.Duration.Seconds(), humanize.IBytes(r.search().Bytes))
}

// boundSentence says what an incomplete search did not look at.
func (r *Report) boundSentence() string {
	switch {
	case r.AllVisited && r.Bound == verdict.AtFirst:
		return "Every state was visited, and the search among them for runs that go on for ever stopped at the " +
			"first violation, as asked: the other claims on whole runs are open."
	case r.AllVisited:
		return fmt.Sprintf("Every state was visited, but the search among them for runs that go on for "+
			"ever was cut (%s): what needs whole runs is open.", r.Bound)
	}
	switch r.Bound {
	case verdict.AtInterrupt:
		return "The search was interrupted: states beyond these were not looked at."
	case verdict.AtFirst:
		return "The search stopped at the first violation, as asked: the other properties are open."
	case verdict.AtStore:
		return "The store is lossy: a state that it took for one that it had seen was not looked at, nor were " +
			"whole runs."
	case verdict.AtBuffer:
		return "Some store waits for room in a store buffer, however large: what it could do in a larger one " +
			"was not looked at. Put a barrier into the loop that makes such stores."
	case verdict.AtWalks:
		return "These were random walks: what none of them met was not looked at, nor were whole runs."
	case verdict.AtDepth:
		return "The search was cut by --max-depth: longer runs were not looked at."
	}
	return fmt.Sprintf("The search was cut by --%s: states beyond these were not looked at.", r.Bound)
}

// Story writes a trace as [Text] has it: a title, and the columns.
func Story(w io.Writer, p *model.Program, t *trace.Trace) { Mail.story(w, p, t) }

func (st Style) story(w io.Writer, p *model.Program, t *trace.Trace) {
	fmt.Fprintf(w, "%s\n\n", st.paintWord(bad, "VIOLATED", st.wrap(traceTitle(t), "  ")))
	st.TraceText(w, p, t)
}

// Steps is the length of a trace in words; of a lasso, of both its parts.
func Steps(t *trace.Trace) string {
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

func traceTitle(t *trace.Trace) string {
	kind := "a shortest run, with the fewest switches between CPUs"
	switch {
	case t.Loop >= 0:
		kind = "a shortest way to a fair cycle, and a short cycle"
	case t.Shortest && !t.Fewest:
		kind = "a shortest run; a bound kept the search from the fewest switches"
	case t.Shortest:
	case t.Random:
		kind = "a run that a random walk found, shortened; there may be shorter ones"
	case t.Deadlock || t.Ended:
		kind = "a shortest way to where the run stops"
	default:
		kind = "the first run found; a bound kept the search from a shortest one"
	}
	return fmt.Sprintf("%s: VIOLATED in %s (%s)", t.Property, length(t), kind)
}
