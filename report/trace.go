package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ctcheck/deferral"
	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/trace"
)

// This file draws a trace as kernel mail does: a column a CPU, time downwards, one step after the
// other, what it read and changed below it, interrupt frames boxed, and a sentence at the end. By default it
// keeps to 80 columns, so that it survives a plain-text mail.

const (
	numberCols = 4  // the step's number and a space, at least
	widestLane = 28 // of those with others to their right
)

// TraceText writes a trace in columns, with its closing sentence. A CPU that takes no step has no
// column.
func TraceText(w io.Writer, p *model.Program, t *trace.Trace) { Mail.TraceText(w, p, t) }

// TraceText is the function [TraceText] in another style.
func (st Style) TraceText(w io.Writer, p *model.Program, t *trace.Trace) {
	io.WriteString(w, st.columns(p, t))
	fmt.Fprintf(w, "\n%s\n", st.paint(bad, st.wrap("=> "+Closing(p, t), "   ")))
	for _, l := range standings(t) {
		fmt.Fprintf(w, "%s\n", st.wrap("   "+l, "     "))
	}
	for _, note := range WrapNotes(t) {
		fmt.Fprintf(w, "%s\n", st.wrap("Note: "+note, "   "))
	}
}

// Lanes writes the steps of a trace in columns, and nothing of what they mean.
func (st Style) Lanes(w io.Writer, p *model.Program, t *trace.Trace) {
	io.WriteString(w, st.columns(p, t))
}

// columns is a trace in columns.
func (st Style) columns(p *model.Program, t *trace.Trace) string {
	d := &drawing{Style: st, column: map[*model.CPU]int{}, heads: newHeadings(t),
		numbers: max(numberCols, len(strconv.Itoa(len(t.Steps)))+1)}
	active := stepping(p, t)
	for i, c := range active {
		d.column[c] = i
	}
	d.lanes = d.laneWidth(len(active))
	d.names(active)
	d.start(t)
	for n, s := range t.Steps {
		if n == t.Loop {
			d.line("-- from here for ever --")
		}
		d.step(n+1, s)
	}
	if t.Loop >= 0 {
		d.line(fmt.Sprintf("-- back to the state before step %d --", t.Loop+1))
	}
	return d.b.String()
}

// Closing is the sentence that says what broke.
func Closing(p *model.Program, t *trace.Trace) string {
	if t.Property == model.NoDeadlock || t.Property == "" && t.Deadlock {
		return "Nothing can happen any more, and not every CPU has ended."
	}
	if t.Race != nil {
		a, b := racing(t.Race.Accesses[0]), racing(t.Race.Accesses[1])
		return fmt.Sprintf("A data race on %s: either can come next, %s or %s.", t.Race.Var.Name, a, b)
	}
	var events []ir.Happening
	for _, s := range t.Steps {
		events = append(events, s.Events...)
	}
	switch never := props.ExplainForever(t.Property, p, events); {
	case t.Loop >= 0:
		which := fmt.Sprintf("Steps %d to %d repeat", t.Loop+1, len(t.Steps))
		if t.Loop+1 == len(t.Steps) {
			which = fmt.Sprintf("Step %d repeats", len(t.Steps))
		}
		return which + " for ever, which is fair to every CPU. " + never
	case t.Deadlock:
		return "No CPU can step any more, and not every CPU has ended. " + never
	case t.Ended:
		return "Every CPU has ended. " + never
	}
	return props.Explain(t.Property, p, events)
}

// racing is one side of a data race in words.
func racing(a ir.RacingAccess) string {
	what := "read"
	if a.Write {
		what = "write"
	}
	if a.Stmt.Order == model.Plain {
		what = "plain " + what
	}
	return fmt.Sprintf("the %s of %s by %q", what, a.CPU.Name, a.Stmt.Label)
}

// laneWidth is the distance between columns: statements run over the columns to their right, which are
// empty in that row. The last one has what is left: more than half of the width, or a few columns.
func (d *drawing) laneWidth(cpus int) int {
	if cpus < 2 {
		return widestLane
	}
	return max(min((d.Width-d.numbers-d.Width*23/40)/(cpus-1), widestLane), d.Width/20)
}

type drawing struct {
	Style
	b       strings.Builder
	numbers int // columns
	lanes   int
	column  map[*model.CPU]int
	heads   *headings
}

func (d *drawing) line(s string) { d.b.WriteString(s + "\n") }

// ink is that of a CPU.
func (d *drawing) ink(c *model.CPU) ink { return firstCPU + ink(d.column[c]) }

// names writes the heads of the columns: side by side, or, where that is too narrow, as a flight of stairs.
func (d *drawing) names(cpus []*model.CPU) {
	row, end := strings.Builder{}, 0
	for i, c := range cpus {
		name, at := oneLine(c.Name), d.numbers+i*d.lanes
		if end > 0 && (at <= end || at+utf8.RuneCountInString(name) > d.Width) {
			d.line(row.String())
			row.Reset()
			end = 0
		}
		if at+utf8.RuneCountInString(name) > d.Width {
			indent := strings.Repeat(" ", at)
			d.line(d.paint(d.ink(c), d.wrap(indent+name, indent+"  ")))
			continue
		}
		row.WriteString(strings.Repeat(" ", at-end) + d.paint(d.ink(c), name))
		end = at + utf8.RuneCountInString(name)
	}
	if end > 0 {
		d.line(row.String())
	}
}

// start shows the shared variables as they are before the first step.
func (d *drawing) start(t *trace.Trace) {
	if vars := startText(t); vars != "" {
		indent := strings.Repeat(" ", d.numbers)
		d.line(d.wrap(indent+"/* "+vars+" */", indent+"   "))
	}
}

// A row is a line of a step, before it is broken.
type row struct {
	text string
	ink  ink
}

// step draws one step: a row for the statement, and rows for what came of it.
func (d *drawing) step(n int, s trace.Step) {
	depth := len(s.Stack) - 1
	var rows []row
	head := func(text string) { rows = append(rows, row{text, d.ink(s.CPU)}) }
	bars := strings.Repeat("| ", depth)
	inner := bars
	switch s.Transition.Kind {
	case ir.Step:
		above := d.heads.above(s)
		for i, c := range above.calls {
			at := bars + strings.Repeat("  ", above.outer+i)
			d.cell(0, s.CPU, []row{{at + callName(c) + ":", plain}}, at)
		}
		inner += strings.Repeat("  ", max(above.within()-1, 0))
		head(inner + "  " + s.Statement())
	case ir.Flush: // nobody's statement: it happens beside what the CPU does
		head(bars + "~ " + s.Statement())
	default:
		head(bars + "+-- " + s.Statement())
	}
	if s.Transition.Kind.Pushes() {
		inner += "| "
	}
	first := len(s.Writes) // of the changes among the notes
	if s.Waits != nil {
		first++
	}
	for i, note := range notes(s) {
		in := plain
		if i >= first && i < first+len(s.Changes) {
			in = strong
		}
		rows = append(rows, row{inner + "    " + note, in})
	}
	for _, ev := range s.Events {
		if ev.Kind == model.Popped {
			depth--
			head(strings.Repeat("| ", max(depth, 0)) + "+--")
		}
	}
	d.cell(n, s.CPU, rows, inner)
}

// cell writes rows into a CPU's column, the number, if any, beside the first.
func (d *drawing) cell(n int, cpu *model.CPU, rows []row, bars string) {
	lane := strings.Repeat(" ", d.column[cpu]*d.lanes)
	for i, r := range rows {
		number := strings.Repeat(" ", d.numbers)
		if n > 0 && i == 0 {
			number = fmt.Sprintf("%*d ", d.numbers-1, n)
		}
		hang := strings.Repeat(" ", d.numbers) + lane + bars + "      "
		lines := strings.Split(d.wrap(number+lane+r.text, hang), "\n")
		for k, l := range lines {
			lines[k] = d.inks(strings.TrimRight(l, " "), d.numbers+len(lane), d.ink(cpu), r.ink)
		}
		d.line(strings.Join(lines, "\n"))
	}
}

// inks colours a line of a cell that begins in the given column: the bars of handlers as their CPU, the text as
// what it is.
func (d *drawing) inks(l string, cell int, cpu, text ink) string {
	if len(l) <= cell {
		return l
	}
	bars := cell
	for strings.HasPrefix(l[bars:], "| ") || l[bars:] == "|" {
		bars = min(bars+2, len(l))
	}
	return l[:cell] + d.paint(cpu, l[cell:bars]) + d.paint(text, l[bars:])
}

// notes says what came of a step: what it read, what it changed, what happened with it.
func notes(s trace.Step) []string { return append(values(s), outcomes(s)...) }

// values is what a step read, and what it changed.
func values(s trace.Step) []string {
	var ns []string
	for _, w := range s.Writes {
		ns = append(ns, fmt.Sprintf("%s = %s", localName(w.Var, s), w.Var.Format(w.Value)))
	}
	if w := s.Waits; w != nil {
		ns = append(ns, waits(w))
	}
	for _, c := range s.Changes {
		before, after := c.Var.Format(c.Before), c.Var.Format(c.After)
		ns = append(ns, fmt.Sprintf("%s: %s -> %s", c.Var.Name, before, after))
	}
	return ns
}

// localName is the name of a local that a step assigns, with its routine where the step assigns another one of that
// name.
func localName(v *model.Var, s trace.Step) string {
	same := func(w ir.Write) bool { return w.Var != v && w.Var.Name == v.Name }
	if !slices.ContainsFunc(s.Writes, same) {
		return v.Name
	}
	for _, c := range slices.Concat(s.Calls, s.Before, s.After) {
		if slices.Contains(c.Routine.Locals, v) || slices.Contains(c.Routine.Params, v) {
			return v.Name + ", in " + c.Routine.Name
		}
	}
	return v.Name
}

// waits says that a store waits.
func waits(w *ir.Write) string {
	return fmt.Sprintf("%s = %s waits in the store buffer", w.Var.Name, w.Var.Format(w.Value))
}

// Tells reports whether traces tell of an event in words of its own.
func Tells(h ir.Happening) bool { return deferral.Note(h.Event, h.Value) != "" }

// outcomes is what happened with a step.
func outcomes(s trace.Step) []string {
	var ns []string
	for _, ev := range s.Events {
		note := deferral.Note(ev.Event, ev.Value)
		switch {
		case ev.Kind == model.Warned:
			note = ev.Label + " fires"
		case note == "":
			note = ev.Label // a statement that rides on the step
		}
		if note != "" {
			ns = append(ns, note)
		}
	}
	return ns
}
