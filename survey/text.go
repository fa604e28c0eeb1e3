package survey

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	humanize "github.com/dustin/go-humanize"

	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/report"
	"ctcheck/verdict"
)

// This file writes a table for terminals, where a property is a letter, and in Markdown, where it is
// a word.

// shorts is how tables call the properties.
var shorts = map[string]struct{ letter, word string }{
	"no-double-execution": {"D", "double"},
	"no-lost-work":        {"L", "lost"},
	"no-flush-in-user":    {"U", "user"},
	"no-late-work":        {"T", "late"},
	"no-late-work-in-nmi": {"N", "late-in-nmi"},
	"no-set-in-kernel":    {"K", "set"},
	"no-warn":             {"W", "warn"},
	"no-needless-ipi":     {"I", "needless"},
	"no-starved-ipi":      {"S", "starved"},
	"no-ipi-in-user":      {"E", "ipi"},
	"terminates":          {"R", "hang"},
	"no-starved-set":      {"V", "starved set"},
	"no-data-race":        {"P", "data race"},
	model.NoDeadlock:      {"X", "deadlock"},
}

// text is a cell in letters.
func (c *Cell) text() string {
	var b strings.Builder
	for _, p := range c.Faults() {
		b.WriteString(shorts[p.Name].letter)
	}
	if ps := c.Wrapping(); len(ps) > 0 {
		b.WriteByte('(')
		for _, p := range ps {
			b.WriteString(shorts[p.Name].letter)
		}
		b.WriteByte(')')
	}
	if b.Len() == 0 {
		return c.Outcome()
	}
	if !c.Complete() {
		b.WriteByte('~')
	}
	return b.String()
}

// words is a cell in words.
func (c *Cell) words() string {
	var ws, wrapping []string
	for _, p := range c.Faults() {
		ws = append(ws, shorts[p.Name].word)
	}
	for _, p := range c.Wrapping() {
		wrapping = append(wrapping, shorts[p.Name].word)
	}
	if len(wrapping) > 0 {
		ws = append(ws, "("+strings.Join(wrapping, ", ")+")")
	}
	if len(ws) == 0 {
		return c.Outcome()
	}
	if !c.Complete() {
		ws = append(ws, "~")
	}
	return strings.Join(ws, ", ")
}

// Text writes the table for a terminal: designs down, configurations across, legends below. The error is that of w.
func (t *Table) Text(w io.Writer) error {
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.DiscardEmptyColumns)
	row := []string{"design"}
	for _, c := range t.Configs {
		row = append(row, c.Key)
	}
	fmt.Fprintln(tw, strings.Join(row, "\t"))
	for i, d := range t.Designs {
		row = []string{d.Name}
		for _, c := range t.Cells[i] {
			row = append(row, c.text())
		}
		fmt.Fprintln(tw, strings.Join(row, "\t"))
	}
	fmt.Fprintln(tw)
	for _, name := range t.asked() {
		if t.shows(name) {
			fmt.Fprintf(tw, "%s\t%s is violated\n", shorts[name].letter, name)
		}
	}
	tw.Flush()
	if notes := t.outcomes(); len(notes) > 0 {
		b.WriteString(strings.Join(notes, "\n") + "\n")
	}
	fmt.Fprintln(&b)
	tw = tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, c := range t.Configs {
		fmt.Fprintf(tw, "%s\t%s: %s\n", c.Key, c.Name, Flags(c.Config))
	}
	tw.Flush()
	for _, note := range t.notes() {
		fmt.Fprintf(&b, "\n%s\n", report.Wrap(note, report.Mail.Width, "  "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Markdown writes the table as one table of Markdown, with the legends below. The error is that of w.
func (t *Table) Markdown(w io.Writer) error {
	return t.markdown(w, func(d models.Design) string { return d.Name })
}

// markdown is Markdown, with the designs as the function writes them.
func (t *Table) markdown(w io.Writer, name func(d models.Design) string) error {
	var b strings.Builder
	b.WriteString("| design |")
	for _, c := range t.Configs {
		fmt.Fprintf(&b, " %s |", c.Name)
	}
	fmt.Fprintf(&b, "\n|---|%s\n", strings.Repeat("---|", len(t.Configs)))
	for i, d := range t.Designs {
		fmt.Fprintf(&b, "| %s |", name(d))
		for _, c := range t.Cells[i] {
			fmt.Fprintf(&b, " %s |", c.words())
		}
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	var ws []string
	for _, name := range t.asked() {
		if t.shows(name) {
			ws = append(ws, fmt.Sprintf("*%s*: `%s` is violated", shorts[name].word, name))
		}
	}
	notes := slices.Concat(ws, t.outcomes())
	if len(notes) > 0 {
		fmt.Fprintf(&b, "%s.\n\n", strings.Join(notes, "; "))
	}
	fmt.Fprintf(&b, "%s\n", strings.Join(t.notes(), "\n\n"))
	_, err := io.WriteString(w, b.String())
	return err
}

// sameWords reports whether two tables of the same designs and configurations say the same in every cell.
func (t *Table) sameWords(o *Table) bool {
	return slices.EqualFunc(t.Cells, o.Cells, func(a, b []*Cell) bool {
		return slices.EqualFunc(a, b, func(a, b *Cell) bool { return a.words() == b.words() })
	})
}

// asked is the properties that the table is about.
func (t *Table) asked() []string { return append(slices.Clone(t.Props), model.NoDeadlock) }

// shows reports whether some cell says that the property is violated.
func (t *Table) shows(name string) bool {
	is := func(p verdict.Property) bool { return p.Name == name }
	return t.some(func(c *Cell) bool { return slices.ContainsFunc(c.Violations(), is) })
}

func (t *Table) some(f func(c *Cell) bool) bool {
	return slices.ContainsFunc(slices.Concat(t.Cells...), f)
}

// outcomes explains the words other than properties that occur in the table.
func (t *Table) outcomes() []string {
	var notes []string
	for _, o := range []struct{ name, says string }{
		{Cut, "nothing is violated in the part that was searched, the rest is open"},
		{NotRun, "open"},
		{Empty, "nothing is violated, but something that must be reachable is not"},
		{Void, "none of the properties asked for applies"},
		{Refused, "it cannot be decided for any number of setters"},
	} {
		if t.some(func(c *Cell) bool { return c.Outcome() == o.name }) {
			notes = append(notes, o.name+": "+o.says)
		}
	}
	if t.some(func(c *Cell) bool { return c.Outcome() == Violated && !c.Complete() }) {
		notes = append(notes, "~: the search was cut, more may be violated")
	}
	if t.some(func(c *Cell) bool { return len(c.Wrapping()) > 0 }) {
		notes = append(notes, fmt.Sprintf("(): a counter wraps in the run, and with %d rounds it holds",
			boundedRounds))
	}
	return notes
}

// notes is what bounds the table's meaning, a sentence each.
func (t *Table) notes() []string {
	var states, transitions uint64
	for _, c := range slices.Concat(t.Cells...) {
		if c.Result != nil {
			states += c.Result.States
			transitions += c.Result.Transitions
		}
	}
	kind := "Full searches"
	if !t.Complete() {
		kind = "Searches, not all of them complete,"
	}
	notes := []string{fmt.Sprintf("%s under %s, %s states and %s transitions in all. Checked: %s.", kind,
		t.Memory.Title(), humanize.Comma(int64(states)), humanize.Comma(int64(transitions)),
		strings.Join(t.asked(), ", "))}
	for _, name := range t.Props {
		notes = append(notes, t.voidNotes(name)...)
	}
	return append(notes, t.anyNotes()...)
}

// voidNotes says of which designs, or of which cells, the property is vacuous, and why.
func (t *Table) voidNotes(name string) []string {
	where := map[string][]string{}
	all := map[string]int{} // how many cells have the reason
	for i, d := range t.Designs {
		reasons := map[string]bool{}
		for _, c := range t.Cells[i] {
			if reason := c.Void[name]; reason != "" {
				reasons[reason] = true
				all[reason]++
			}
		}
		for reason := range reasons {
			where[reason] = append(where[reason], d.Name)
		}
	}
	var notes []string
	for _, reason := range slices.Sorted(maps.Keys(where)) {
		of := strings.Join(where[reason], ", ")
		if all[reason] == len(t.Designs)*len(t.Configs) {
			of = "every design here"
		}
		notes = append(notes, fmt.Sprintf("Not applicable: %s is vacuous for %s: %s.", name, of, reason))
	}
	return notes
}

// Flags is the flags of the check command that make the configuration: how many setters and work
// bits, and those of the other parameters that are not as the command has them when it is told
// nothing.
func Flags(c models.Config) string {
	var fs []string
	usual := map[string]any{}
	for _, p := range models.DefaultConfig().Params() {
		usual[p.Name] = p.Value
	}
	for _, p := range c.Params() {
		switch {
		case p.Value == usual[p.Name] && p.Name != "setters" && p.Name != "works":
		case p.Value == true:
			fs = append(fs, "--"+p.Name)
		case p.Value == false:
			fs = append(fs, "--"+p.Name+"=false")
		default:
			fs = append(fs, fmt.Sprintf("--%s %v", p.Name, p.Value))
		}
	}
	return strings.Join(fs, " ")
}
