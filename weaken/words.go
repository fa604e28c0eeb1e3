package weaken

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	humanize "github.com/dustin/go-humanize"

	"ctcheck/model"
	"ctcheck/report"
)

// This file has the words that the text and the Markdown of a table share.

const caveat = `"Not needed" speaks of these properties, configurations and memory models only, and of one ` +
	"weakening at a time: no compiler reorders anything here, no machine is weaker than x86, what the model " +
	"leaves out may rely on a step, and two weakenings that break nothing may break something together."

const bracketed = "In brackets: the configuration with the shortest run that breaks it."

const nothing = "There is nothing to weaken: the protocol has no access and no fence that has a weaker form, and " +
	"no two neighbouring steps."

var orderNames = [...]string{"plain", "relaxed", "acquire", "release", "full"}

// A group is consecutive rows of one statement that differ in nothing but the order, with like verdicts.
type group []*Row

func (t *Table) groups() []group {
	var gs []group
	for _, r := range t.Rows {
		if n := len(gs); n > 0 && t.alike(gs[n-1][0], r) {
			gs[n-1] = append(gs[n-1], r)
		} else {
			gs = append(gs, group{r})
		}
	}
	return gs
}

func (t *Table) alike(a, b *Row) bool {
	return a.Kind == Order && b.Kind == Order && a.change.at == b.change.at &&
		slices.EqualFunc(a.Verdicts, b.Verdicts, func(v, w *Verdict) bool { return t.words(v) == t.words(w) })
}

// numbers is the rows' numbers.
func (g group) numbers() string {
	if len(g) == 1 {
		return fmt.Sprint(g[0].Number)
	}
	return fmt.Sprintf("%d-%d", g[0].Number, g[len(g)-1].Number)
}

// weakening is what the rows do to the statement; of a swap, what comes before its other statement.
func (g group) weakening() string {
	switch g[0].Kind {
	case Order:
		var to []string
		for _, r := range g {
			to = append(to, orderNames[r.To])
		}
		return orderNames[g[0].From] + " -> " + strings.Join(to, ", ")
	case Fence:
		return "gone"
	case Torn:
		return "torn: load, store"
	case Unmasked:
		return "leaves interrupts on"
	}
	return "swapped with"
}

// statement is the row's statement, with a remark if it stands for others.
func (r *Row) statement() string {
	if r.More {
		return r.Statement + " (and those like it)"
	}
	return r.Statement
}

// words is a verdict in words.
func (t *Table) words(v *Verdict) string {
	var parts []string
	switch v.Outcome() {
	case Needed:
		parts = append(parts, "needed: "+t.breaks(v))
	case Inert:
		parts = append(parts, Inert+": "+v.Inert)
	case NotNeeded:
		parts = append(parts, "not needed under these assumptions")
	}
	heads := [2]string{Open, Cannot}
	if len(v.Breaks) > 0 {
		heads = [2]string{"the rest is " + Open, "the rest " + Cannot}
	}
	for _, list := range []struct {
		head  string
		notes []Note
	}{{heads[0], v.Open}, {heads[1], v.Faults}} {
		for _, text := range texts(list.notes) {
			parts = append(parts, list.head+t.where(list.notes, text)+": "+text)
		}
	}
	return strings.Join(parts, "; ")
}

// breaks names what is broken, and where.
func (t *Table) breaks(v *Verdict) string {
	var properties, claims []string
	for _, b := range v.Breaks {
		name := b.Name
		if b.Case.Key != "" {
			name += " (" + b.Case.Key + ")"
		}
		if b.Claim {
			claims = append(claims, name)
		} else {
			properties = append(properties, name)
		}
	}
	var parts []string
	if len(properties) > 0 {
		parts = append(parts, "breaks "+strings.Join(properties, ", "))
	}
	if len(claims) > 0 {
		parts = append(parts, "breaks reachability: "+strings.Join(claims, ", "))
	}
	return strings.Join(parts, "; ")
}

// texts is the texts of some notes, each once.
func texts(notes []Note) []string {
	var all []string
	for _, n := range notes {
		if !slices.Contains(all, n.Text) {
			all = append(all, n.Text)
		}
	}
	return all
}

// where is the cases of a text; nothing if it is said of all.
func (t *Table) where(notes []Note, text string) string {
	var keys []string
	for _, n := range notes {
		if n.Text == text && n.Case != nil && n.Case.Key != "" {
			keys = append(keys, n.Case.Key)
		}
	}
	if len(keys) == 0 || len(keys) == len(t.Cases) {
		return ""
	}
	return " in " + strings.Join(keys, ", ")
}

// memories is the memory models, each with its name.
func (t *Table) memories() string {
	var names []string
	for _, mm := range t.Memories {
		names = append(names, fmt.Sprintf("%s (%s)", mm, mm.Title()))
	}
	return strings.Join(names, " and ")
}

// asked is the properties that the table is about: those of any case, and that no deadlock is reachable.
func (t *Table) asked() []string {
	var names []string
	for _, c := range t.Cases {
		for _, n := range c.asked {
			if !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	return append(names, model.NoDeadlock)
}

// itself says what the protocol itself gets wrong, and where: a line for each set of such things.
func (t *Table) itself() []string {
	var notes []string
	where := map[string][]string{} // what, and under which memory models -> configurations
	for i, c := range t.Cases {
		under := map[string][]string{}
		var order []string
		for m, mm := range t.Memories {
			if what := strings.Join(t.own[m][i].violations(), ", "); what != "" {
				if under[what] == nil {
					order = append(order, what)
				}
				under[what] = append(under[what], mm.String())
			}
		}
		for _, what := range order {
			note := fmt.Sprintf("under %s: %s", strings.Join(under[what], " and "), what)
			if where[note] == nil {
				notes = append(notes, note)
			}
			where[note] = append(where[note], c.Key)
		}
	}
	for i, note := range notes {
		if keys := strings.Join(where[note], ", "); keys != "" {
			notes[i] = keys + " " + note
		}
	}
	return notes
}

// void says which properties were not asked, where, and why: a sentence for each reason.
func (t *Table) void() []string {
	voids := map[string][]Note{} // by property
	for _, c := range t.Cases {
		for name, reason := range c.Void {
			voids[name] = append(voids[name], Note{Case: c, Text: reason})
		}
	}
	var reasons []string
	names := map[string][]string{} // by reason, with where it applies
	for _, name := range slices.Sorted(maps.Keys(voids)) {
		for _, text := range texts(voids[name]) {
			reason := t.where(voids[name], text) + ": " + text
			if names[reason] == nil {
				reasons = append(reasons, reason)
			}
			names[reason] = append(names[reason], name)
		}
	}
	var notes []string
	for _, reason := range reasons {
		notes = append(notes, fmt.Sprintf("Not applicable: %s%s.", strings.Join(names[reason], ", "), reason))
	}
	return notes
}

// atomics says of the read-modify-writes which have to be atomic.
func (t *Table) atomics() string {
	numbers := map[string][]string{}
	all := 0
	for _, r := range t.Rows {
		if r.Kind != Torn {
			continue
		}
		all++
		outcome := NotNeeded
		for _, o := range []string{Cannot, Open, Needed} {
			if slices.ContainsFunc(r.Verdicts, func(v *Verdict) bool { return v.Outcome() == o }) {
				outcome = o
			}
		}
		numbers[outcome] = append(numbers[outcome], fmt.Sprint(r.Number))
	}
	if all == 0 {
		return ""
	}
	var parts []string
	for _, o := range []struct{ outcome, says string }{
		{Needed, "these have to be atomic"},
		{NotNeeded, "these do not, under these assumptions"},
		{Open, "these are open"},
		{Cannot, "of these it cannot be asked"},
	} {
		if ns := numbers[o.outcome]; len(ns) > 0 {
			rows := "row"
			if len(ns) > 1 {
				rows = "rows"
			}
			parts = append(parts, fmt.Sprintf("%s: %s %s", o.says, rows, strings.Join(ns, ", ")))
		}
	}
	return fmt.Sprintf("Of the %d read-modify-writes %s.", all, strings.Join(parts, "; "))
}

// bare names the statements that are not in the table by themselves.
func (t *Table) bare() string {
	var names []string
	for _, r := range t.Bare {
		names = append(names, fmt.Sprintf("%s: %s", r.Routine, r.statement()))
	}
	if len(names) == 0 {
		return ""
	}
	return "By themselves these have no weaker form: " + strings.Join(names, "; ") + "."
}

// figures says how much was searched.
func (t *Table) figures() string {
	searches, states, transitions := 0, uint64(0), uint64(0)
	for _, c := range slices.Concat(append(t.own, t.cells)...) {
		if c.result != nil {
			searches++
			states += c.result.States
			transitions += c.result.Transitions
		}
	}
	kind := "full searches"
	if !t.Complete() {
		kind = "searches, not all of them complete"
	}
	return fmt.Sprintf("%s %s, %s states and %s transitions in all.", humanize.Comma(int64(searches)), kind,
		humanize.Comma(int64(states)), humanize.Comma(int64(transitions)))
}

// notes is what bounds the table's meaning, a paragraph each.
func (t *Table) notes() []string {
	var notes []string
	add := func(s string) {
		if s != "" {
			notes = append(notes, s)
		}
	}
	if len(t.Rows) == 0 {
		add(nothing)
	}
	add(t.atomics())
	add(t.bare())
	if t.keyed() {
		add(bracketed)
	}
	add(caveat)
	for _, v := range t.void() {
		add(v)
	}
	add(t.figures())
	return notes
}

// keyed reports whether some verdict names configurations.
func (t *Table) keyed() bool {
	return slices.ContainsFunc(t.Rows, func(r *Row) bool {
		return slices.ContainsFunc(r.Verdicts, func(v *Verdict) bool {
			return len(v.Breaks) > 0 && v.Breaks[0].Case.Key != ""
		})
	})
}

// HasRun reports whether the row has a run to show.
func (r *Row) HasRun() bool { return len(r.told()) > 0 }

// told is the verdicts of a row that have a run to show.
func (r *Row) told() []*Verdict {
	return slices.DeleteFunc(slices.Clone(r.Verdicts), func(v *Verdict) bool { return v.Shortest() == nil })
}

// faults is what leads to faults of the weaker protocol, the first case under each memory model.
func (r *Row) faults() []*report.Fault {
	var fs []*report.Fault
	for _, v := range r.Verdicts {
		i := slices.IndexFunc(v.Faults, func(n Note) bool { return n.Run != nil })
		if i >= 0 {
			n := v.Faults[i]
			fs = append(fs, &report.Fault{Model: r.name(v, n.Case.Flags), Fault: n.Run})
		}
	}
	return fs
}

// title is what stands above a run.
func (r *Row) title(v *Verdict) string { return r.name(v, v.Shortest().Case.Flags) }

// name is a row in a case, in words.
func (r *Row) name(v *Verdict, with string) string {
	what := group{r}.weakening()
	if r.Kind == Swap {
		what += " " + r.Next
	}
	flags := ""
	if with != "" {
		flags = ", with " + with
	}
	return fmt.Sprintf("Row %d under %s%s: %s, %s", r.Number, v.Memory, flags, r.Statement, what)
}

// noRun says why a row has no run to show.
func (r *Row) noRun() string {
	return fmt.Sprintf("Row %d breaks no property, so it has no run to show.", r.Number)
}
