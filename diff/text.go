package diff

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	humanize "github.com/dustin/go-humanize"

	"ctcheck/report"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// This file writes a diff for people.

// Text writes the diff: what was mended and what broke, a table, a run for each property that
// changed, and where the two part. The error is that of w.
func (d *Diff) Text(w io.Writer, st report.Style) error {
	var b strings.Builder
	for _, l := range d.head() {
		fmt.Fprintln(&b, report.Wrap(l, st.Width, "  "))
	}
	for i, name := range d.Names {
		if d.Sources[i] != "" {
			fmt.Fprintln(&b, report.Wrap(fmt.Sprintf("  %s: %s", name, d.Sources[i]), st.Width, "    "))
		}
	}
	fmt.Fprintf(&b, "\n%s", d.table(st.Width))
	d.stories(func(title string, p *Pair, i int, t *trace.Trace) {
		fmt.Fprintf(&b, "\n%s\n\n", report.Wrap(title, st.Width, "  "))
		st.TraceText(&b, p.Sides[i].program, t)
		fmt.Fprintf(&b, "\n   %s\n", d.again(i, p, t))
	})
	d.parting(func(text string) { fmt.Fprintf(&b, "\n%s\n", report.Wrap(text, st.Width, "  ")) },
		func(i int, t *trace.Trace) {
			fmt.Fprintf(&b, "\n  %s:\n\n", d.Names[i])
			st.Lanes(&b, d.Parting.Pair.Sides[i].program, t)
		})
	fmt.Fprintf(&b, "\n%s\n", report.Wrap(d.figures(), st.Width, "  "))
	_, err := io.WriteString(w, b.String())
	return err
}

// Markdown writes the same, with runs in code fences. The error is that of w.
func (d *Diff) Markdown(w io.Writer) error {
	var b strings.Builder
	head := d.head()
	fmt.Fprintf(&b, "# %s\n\n", head[0])
	for _, l := range head[1:] {
		fmt.Fprintf(&b, "- %s\n", l)
	}
	fmt.Fprintf(&b, "\n```\n%s```\n", d.table(100))
	d.stories(func(title string, p *Pair, i int, t *trace.Trace) {
		fmt.Fprintf(&b, "\n## %s\n\n```\n", title)
		report.TraceText(&b, p.Sides[i].program, t)
		fmt.Fprintf(&b, "```\n\n`%s`\n", d.again(i, p, t))
	})
	fmt.Fprint(&b, "\n## Where they part\n")
	d.parting(func(text string) { fmt.Fprintf(&b, "\n%s\n", text) }, func(i int, t *trace.Trace) {
		fmt.Fprintf(&b, "\n%s:\n\n```\n", d.Names[i])
		report.Mail.Lanes(&b, d.Parting.Pair.Sides[i].program, t)
		fmt.Fprint(&b, "```\n")
	})
	fmt.Fprintf(&b, "\n%s\n", d.figures())
	_, err := io.WriteString(w, b.String())
	return err
}

// HTML writes the page of where the two part, side by side, below the answer. The error is that of w.
func (d *Diff) HTML(w io.Writer) error {
	head := d.head()
	p := report.Pair{Title: head[0], Says: head[1:]}
	d.parting(func(text string) { p.Says = append(p.Says, text) }, func(i int, t *trace.Trace) {
		p.Sides[i] = report.PairSide{Name: d.Names[i], Program: d.Parting.Pair.Sides[i].program, Trace: t}
	})
	p.Says = append(p.Says, d.figures())
	return p.HTML(w)
}

// head is the answer in a few lines.
func (d *Diff) head() []string {
	lines := []string{fmt.Sprintf("%s -> %s under %s", d.Names[0], d.Names[1], d.Memory)}
	for _, what := range []string{Broke, Mended, Open} {
		names, where := d.changed(what)
		for i := range names {
			if where[i].Key != "" {
				names[i] += " (" + d.keys(names[i], what) + ")"
			}
		}
		switch {
		case len(names) > 0:
			lines = append(lines, what+": "+strings.Join(names, ", "))
		case what != Open && d.Complete():
			lines = append(lines, what+": nothing")
		case what != Open:
			lines = append(lines, what+": nothing so far")
		}
	}
	return lines
}

// keys is the configurations in which that became of a property.
func (d *Diff) keys(name, what string) string {
	var keys []string
	for _, p := range d.Pairs {
		if p.What(name) == what {
			keys = append(keys, p.Key)
		}
	}
	return strings.Join(keys, ", ")
}

// table is a line for each property, with a column for each configuration, as many as fit side by
// side.
func (d *Diff) table(width int) string {
	names := d.Properties()
	wide := 0
	for _, n := range names {
		wide = max(wide, utf8.RuneCountInString(n))
	}
	var b strings.Builder
	most := max((width-wide)/10, 1)
	for pairs := range slices.Chunk(d.Pairs, most) {
		row := func(name string, cell func(p *Pair) string) {
			var line strings.Builder
			fmt.Fprintf(&line, "%-*s", wide, name)
			for _, p := range pairs {
				fmt.Fprintf(&line, "  %-8s", cell(p))
			}
			fmt.Fprintln(&b, strings.TrimRight(line.String(), " "))
		}
		if pairs[0].Key != "" {
			row("", func(p *Pair) string { return p.Key })
		}
		for _, name := range names {
			row(name, func(p *Pair) string { return strings.Replace(p.What(name), Holds, "-", 1) })
		}
	}
	return b.String() + "\n-: both hold; violated: by both; absent: not asked of one of them.\n"
}

// stories tells of a run for each property that broke, and each that was mended.
func (d *Diff) stories(tell func(title string, p *Pair, side int, t *trace.Trace)) {
	for _, side := range []int{1, 0} { // what broke comes first
		what := [...]string{Mended, Broke}[side] // which of the two has the run

		names, where := d.changed(what)
		for i, name := range names {
			if where[i].Sides[side].property(name) == nil {
				continue // what is never reached has no run
			}
			in := ""
			if where[i].Flags != "" {
				in = " with " + where[i].Flags
			}
			title := fmt.Sprintf("%s: %s, which %s violates%s in %s", what, name, d.Names[side], in,
				report.Steps(where[i].Sides[side].property(name).Trace))
			tell(title, where[i], side, where[i].Sides[side].property(name).Trace)
		}
	}
}

// again is the call that draws a run once more.
func (d *Diff) again(side int, p *Pair, t *trace.Trace) string {
	call := "ctcheck replay -model " + d.Names[side]
	if p.Flags != "" {
		call += " " + p.Flags
	}
	if t.Memory != 0 {
		call += " --memory " + t.Memory.String()
	}
	return call + " --props " + t.Property + " --run " + t.Address()
}

// parting says where the two part, and draws the runs.
func (d *Diff) parting(say func(string), draw func(side int, t *trace.Trace)) {
	pt := d.Parting
	if pt == nil {
		say("Where they part was not looked for: the search was cut before.")
		return
	}
	in := ""
	if pt.Pair.Flags != "" {
		in = " with " + pt.Pair.Flags
	}
	pairs := humanize.Comma(int64(pt.States))
	switch {
	case pt.Apart != nil:
		say(fmt.Sprintf("They cannot be taken step by step together%s: %v.", in, pt.Apart))
		return
	case !pt.Found && pt.Bound != verdict.NoBound:
		say(fmt.Sprintf("They do the same%s on every schedule that was looked at, in %s pairs of states, "+
			"before the search was cut (%s).", in, pairs, pt.Bound))
		return
	case !pt.Found:
		say(fmt.Sprintf("They do the same%s on every schedule, in %s pairs of states: no step differs in the "+
			"requests that are deferred, the work that runs, the IPIs and warnings, the properties that are "+
			"violated or in what is reached.", in, pairs))
		return
	}
	what := "they do something different in the last step of this schedule"
	if pt.Only != "" {
		a, b := d.Names[0], d.Names[1]
		if pt.Only == "b" {
			a, b = b, a
		}
		what = fmt.Sprintf("after this schedule %s can take a step that %s cannot", a, b)
	}
	say(fmt.Sprintf("They part%s after %d steps, on no schedule sooner: %s.", in, len(pt.Run), what))
	for i, t := range pt.Runs {
		draw(i, t)
	}
}

// figures is how much was searched.
func (d *Diff) figures() string {
	var states, transitions uint64
	n := 0
	for _, p := range d.Pairs {
		for _, s := range p.Sides {
			if s.Result != nil {
				n++
				states += s.Result.States
				transitions += s.Result.Transitions
			}
		}
	}
	kind := "full searches"
	if !d.Complete() {
		kind = "searches, not all of them complete"
	}
	return fmt.Sprintf("%d %s under %s, %s states and %s transitions in all.", n, kind, d.Memory.Title(),
		humanize.Comma(int64(states)), humanize.Comma(int64(transitions)))
}
