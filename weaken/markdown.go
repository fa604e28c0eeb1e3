package weaken

import (
	"fmt"
	"io"
	"strings"

	"ctcheck/report"
)

// Markdown writes the table as one table of Markdown, its notes, and the runs of the given rows. The error is
// that of w.
func (t *Table) Markdown(w io.Writer, runs []*Row) error {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s: what carries the load.** ", t.Model)
	fmt.Fprintf(&b, "Checked: %s, and what must be reachable, under %s", strings.Join(t.asked(), ", "),
		t.memories())
	if n := len(t.Cases); n == 1 && t.Cases[0].Flags == "" {
		b.WriteString(".\n\n")
	} else if n == 1 {
		fmt.Fprintf(&b, ", with `%s`.\n\n", t.Cases[0].Flags)
	} else {
		fmt.Fprintf(&b, ", in %d configurations:\n\n", n)
		for _, c := range t.Cases {
			fmt.Fprintf(&b, "- %s: %s, `%s`\n", c.Key, c.Name, c.Flags)
		}
		b.WriteByte('\n')
	}
	if itself := t.itself(); len(itself) > 0 {
		b.WriteString("By itself the protocol violates these; rows are judged by the others there:\n\n- " +
			strings.Join(itself, "\n- ") + "\n\n")
	}
	b.WriteString("| # | routine | statement | weakening |")
	for _, mm := range t.Memories {
		fmt.Fprintf(&b, " %s |", mm)
	}
	fmt.Fprintf(&b, "\n|---|---|---|---|%s\n", strings.Repeat("---|", len(t.Memories)))
	for _, g := range t.groups() {
		r := g[0]
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s |", g.numbers(), r.Routine, r.code(), g.change())
		for _, v := range r.Verdicts {
			fmt.Fprintf(&b, " %s |", cellText(t.words(v)))
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "\n%s\n", strings.Join(t.notes(), "\n\n"))
	for _, r := range runs {
		if len(r.told()) == 0 && len(r.faults()) == 0 {
			fmt.Fprintf(&b, "\n%s\n", r.noRun())
		}
		for _, v := range r.told() {
			s := v.Shortest()
			fmt.Fprintf(&b, "\n%s\n\n```\n", r.title(v))
			report.Story(&b, s.Program, s.Trace)
			b.WriteString("```\n")
		}
		for _, f := range r.faults() {
			fmt.Fprintf(&b, "\n%s\n\n```\n%s```\n", f.Model, f.Story())
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// code is the row's statement in a cell of Markdown.
func (r *Row) code() string {
	s := "`" + r.Statement + "`"
	if r.More {
		s += " (and those like it)"
	}
	return cellText(s)
}

// change is what the rows do to the statement, in a cell of Markdown.
func (g group) change() string {
	if g[0].Kind == Swap {
		return cellText(g.weakening() + " `" + g[0].Next + "`")
	}
	return cellText(g.weakening())
}

// cellText keeps a cell in one: a bar would end it, in code too.
func cellText(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
