package weaken

import (
	"fmt"
	"io"
	"strings"

	"ctcheck/report"
)

// This file writes a table for terminals and mails: the statements of each routine, below each its
// weakenings with what became of them.

// The columns of a row: its number, the weakening, the memory models, the verdict.
const (
	weakeningAt = 8
	memoryAt    = 30
)

// Text writes the table, and the runs of the given rows. The error is that of w.
func (t *Table) Text(w io.Writer, runs []*Row) error {
	var b strings.Builder
	t.head(&b)
	above := Row{}
	for _, g := range t.groups() {
		r := g[0]
		if r.Routine != above.Routine {
			fmt.Fprintf(&b, "\n%s():\n", r.Routine)
		}
		if r.change.at != above.change.at {
			fmt.Fprintf(&b, "%s\n", report.Wrap("  "+r.statement(), report.Mail.Width, "      "))
		}
		above = *r
		t.rows(&b, g)
	}
	for _, note := range t.notes() {
		fmt.Fprintf(&b, "\n%s\n", report.Wrap(note, report.Mail.Width, "  "))
	}
	for _, r := range runs {
		if len(r.told()) == 0 && len(r.faults()) == 0 {
			fmt.Fprintf(&b, "\n%s\n", r.noRun())
		}
		for _, v := range r.told() {
			s := v.Shortest()
			fmt.Fprintf(&b, "\n%s\n", report.Wrap(r.title(v), report.Mail.Width, "  "))
			report.Story(&b, s.Program, s.Trace)
		}
		for _, f := range r.faults() {
			fmt.Fprintf(&b, "\n%s\n%s", report.Wrap(f.Model, report.Mail.Width, "  "), f.Story())
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (t *Table) head(b *strings.Builder) {
	line := func(key, value string) {
		row := fmt.Sprintf("  %-8s%s", key, value)
		fmt.Fprintln(b, report.Wrap(row, report.Mail.Width, strings.Repeat(" ", 10)))
	}
	fmt.Fprintln(b, report.Wrap(t.Model+": what carries the load", report.Mail.Width, "  "))
	if t.Source != "" {
		line("source", t.Source)
	}
	line("checked", strings.Join(t.asked(), ", ")+", and what must be reachable")
	line("memory", t.memories())
	key := "config"
	for _, c := range t.Cases {
		switch {
		case c.Key == "" && c.Flags == "": // there are no configurations
		case c.Key == "":
			line(key, c.Flags)
		default:
			line(key, fmt.Sprintf("%-8s %s", c.Key, c.Flags))
		}
		key = ""
	}
	if itself := t.itself(); len(itself) > 0 {
		fmt.Fprintf(b, "\n%s\n", "By itself the protocol violates these; rows are judged by the others there:")
		for _, note := range itself {
			fmt.Fprintln(b, report.Wrap("  "+note, report.Mail.Width, "    "))
		}
	}
}

// rows writes a row, or some that differ in the order only: the weakening on the left, what became of it
// on the right.
func (t *Table) rows(b *strings.Builder, g group) {
	number, left := g.numbers(), lines(g.weakening(), memoryAt-weakeningAt-1)
	if r := g[0]; r.Kind == Swap { // whose other statement is too long to have anything beside it
		row := fmt.Sprintf("%*s  %s %s", weakeningAt-2, number, g.weakening(), r.Next)
		fmt.Fprintln(b, report.Wrap(row, report.Mail.Width, strings.Repeat(" ", weakeningAt+4)))
		number, left = "", nil
	}
	right := t.verdicts(g[0])
	for i := range max(len(left), len(right)) {
		row := fmt.Sprintf("%*s  %-*s%s", weakeningAt-2, number, memoryAt-weakeningAt, at(left, i), at(right, i))
		fmt.Fprintln(b, strings.TrimRight(row, " "))
		number = ""
	}
}

// verdicts is the lines that say what became of a row, the memory models first.
func (t *Table) verdicts(r *Row) []string {
	all := t.byMemory(r)
	widest := 0
	for _, s := range all {
		widest = max(widest, len(s.memory))
	}
	var out []string
	for _, s := range all {
		for i, line := range lines(s.words, report.Mail.Width-memoryAt-widest-2) {
			memory := ""
			if i == 0 {
				memory = s.memory
			}
			out = append(out, fmt.Sprintf("%-*s%s", widest+2, memory, line))
		}
	}
	return out
}

func lines(s string, width int) []string { return strings.Split(report.Wrap(s, width, ""), "\n") }

// at is line i, or nothing behind the last one.
func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// A said is a verdict that some memory models share.
type said struct{ memory, words string }

// byMemory is the verdicts of a row, those that are alike as one.
func (t *Table) byMemory(r *Row) []said {
	var all []said
	for _, v := range r.Verdicts {
		words := t.words(v)
		if n := len(all); n > 0 && all[n-1].words == words {
			all[n-1].memory += ", " + v.Memory.String()
		} else {
			all = append(all, said{v.Memory.String(), words})
		}
	}
	return all
}
