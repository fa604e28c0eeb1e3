package judge

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"ctcheck/model"
)

// A Tally sums up the outcomes of many tests.
type Tally struct {
	Memories []model.MemoryModel
	Expect   *Expectations // nil: nothing is expected

	tests      int
	skipped    int                                  // under all memory models
	words      map[model.MemoryModel]map[string]int // by herd7's word, and unknown and unsupported
	ok         map[model.MemoryModel]int
	flags      map[string]int
	constructs map[string]int // not supported
	unread     int            // malformed, or at fault
	limits     int
	differ     []string // tests whose words differ between memory models
	more       int      // tests whose final states do
	agree      int
	unlisted   int // tests that Expect has no row for
	contradict []string
	byAxioms   map[model.MemoryModel]bool
	comments   []string // tests whose comments say otherwise
}

// Words for outcomes without an answer.
const (
	unknown     = "unknown"
	unsupported = "unsupported"
	skipped     = "skipped"
)

// Add adds the outcomes of one test, and returns what of them is not as expected, a sentence each.
func (t *Tally) Add(os []*Outcome) (contradictions []string) {
	if t.words == nil {
		t.words, t.ok = map[model.MemoryModel]map[string]int{}, map[model.MemoryModel]int{}
		t.flags, t.constructs = map[string]int{}, map[string]int{}
		t.byAxioms = map[model.MemoryModel]bool{}
		for _, mm := range t.Memories {
			t.words[mm] = map[string]int{}
		}
	}
	t.tests++
	if !slices.ContainsFunc(os, func(o *Outcome) bool { return o.Skipped == "" }) {
		t.skipped++
	}
	t.failed(os)
	if t.Expect != nil && !t.Expect.Lists(os[0].File) {
		t.unlisted++
	}
	flags := map[string]bool{}
	for _, o := range os {
		t.words[o.Memory][o.word()]++
		if o.Executed != nil {
			t.byAxioms[o.Memory] = true
		}
		if o.OK() {
			t.ok[o.Memory]++
		}
		for _, f := range o.Flags {
			flags[f] = true
		}
		if t.Expect == nil {
			continue
		}
		switch differs := t.Expect.Disagreement(o); {
		case !o.Known() || !t.Expect.Expects(o):
		case differs != "":
			contradictions = append(contradictions, fmt.Sprintf("%s expects %s under %s", t.Expect.Name, differs,
				o.Memory))
			t.contradict = append(t.contradict, fmt.Sprintf("%s under %s: %s, expected %s", o.File, o.Memory,
				o.summary(), differs))
		default:
			t.agree++
		}
	}
	for f := range flags {
		t.flags[f]++
	}
	t.compare(os)
	t.authors(os)
	return contradictions
}

// authors notes a test whose comment has another word than the kernel's model.
func (t *Tally) authors(os []*Outcome) {
	for _, o := range os {
		if o.Memory != model.LKMM || !o.Known() || o.Test.Result == "" {
			continue
		}
		said := strings.ToUpper(o.Test.Result)
		if said != strings.ToUpper(o.Observation()) && !(said == "DEADLOCK" && o.Deadlocks()) {
			t.comments = append(t.comments, fmt.Sprintf("%s: %s, its comment says %s", o.File, o.summary(),
				o.Test.Result))
		}
	}
}

// failed counts a test without an answer.
func (t *Tally) failed(os []*Outcome) {
	for _, o := range os {
		switch {
		case o.Known(), o.Skipped != "":
			continue
		case o.Construct() != "":
			t.constructs[o.Construct()]++
		case o.Err != nil:
			t.unread++
		default:
			t.limits++
			continue
		}
		return
	}
}

// compare notes what the memory models decide.
func (t *Tally) compare(os []*Outcome) {
	first := os[0]
	other := func(is func(o *Outcome) bool) bool {
		return first.Known() && slices.ContainsFunc(os[1:], func(o *Outcome) bool { return o.Known() && is(o) })
	}
	if other(func(o *Outcome) bool { return !slices.Equal(o.States, first.States) }) {
		t.more++
	}
	if other(func(o *Outcome) bool { return o.Observation() != first.Observation() }) {
		var words []string
		for _, o := range os {
			words = append(words, fmt.Sprintf("%s under %s", o.word(), o.Memory))
		}
		t.differ = append(t.differ, first.File+": "+strings.Join(words, ", "))
	}
}

// word is herd7's, or why there is none.
func (o *Outcome) word() string {
	switch {
	case o.Err != nil:
		return unsupported
	case o.Skipped != "":
		return skipped
	case !o.Known():
		return unknown
	}
	return o.Observation()
}

// summary is an outcome in a few words.
func (o *Outcome) summary() string {
	if !o.Known() {
		return fmt.Sprintf("%s (%s)", o.word(), o.Why())
	}
	counts := "not counted"
	if o.Whole {
		counts = fmt.Sprintf("%d %d", o.Positive, o.Negative)
	}
	return strings.Join(append([]string{o.word() + " " + counts}, o.Flags...), ", ")
}

// Line is the outcomes of one test in a line.
func Line(os []*Outcome, contradictions []string) string {
	if os[0].Err != nil {
		return os[0].Why()
	}
	var parts []string
	for _, o := range os {
		parts = append(parts, o.Memory.String()+" "+o.summary())
	}
	line := os[0].File + ": " + strings.Join(parts, "; ")
	if len(contradictions) > 0 {
		line += "; BUT " + strings.Join(contradictions, ", ")
	}
	return line
}

// mostListed is how many tests whose words differ are listed once more; of more than that their own lines tell.
const mostListed = 20

// Text is the sum, some lines.
func (t *Tally) Text(spent time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d tests in %.1f s; %s\n\n", t.tests, spent.Seconds(), t.counts())
	columns := []string{Never, Sometimes, Always}
	for _, more := range []string{unknown, unsupported, skipped} {
		if slices.ContainsFunc(t.Memories, func(mm model.MemoryModel) bool { return t.words[mm][more] > 0 }) {
			columns = append(columns, more)
		}
	}
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(tw, "memory\t%s\tvalidated\t\n", strings.Join(columns, "\t"))
	for _, mm := range t.Memories {
		fmt.Fprintf(tw, "%s\t", mm)
		for _, c := range columns {
			fmt.Fprintf(tw, "%d\t", t.words[mm][c])
		}
		fmt.Fprintf(tw, "%d\t\n", t.ok[mm])
	}
	tw.Flush()
	list := func(title string, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(&b, "\n%s\n  %s\n", title, strings.Join(lines, "\n  "))
		}
	}
	if len(t.Memories) > 1 {
		fmt.Fprintf(&b, "\nFinal states differ between the memory models in %d tests, the word in %d.\n", t.more,
			len(t.differ))
		if len(t.differ) <= mostListed {
			list("the word differs:", t.differ)
		}
	}
	list("flags:", counted(t.flags))
	list("not supported, by construct:", counted(t.constructs))
	if t.unread > 0 {
		fmt.Fprintf(&b, "\nmalformed, unreadable or at fault: %d\n", t.unread)
	}
	if t.Expect != nil {
		fmt.Fprintf(&b, "\n%s: %d agree, %d do not\n", t.Expect.Name, t.agree, len(t.contradict))
		if t.unlisted > 0 { // perhaps the table is about other paths
			fmt.Fprintf(&b, "%s has no row for %d of the tests\n", t.Expect.Name, t.unlisted)
		}
		list("not as expected:", t.contradict)
	}
	list("comments in the files that say otherwise, which is no failure:", t.comments)
	return b.String()
}

// counts is what is counted.
func (t *Tally) counts() string {
	var states, executions []string
	for _, mm := range t.Memories {
		if t.byAxioms[mm] {
			executions = append(executions, mm.String())
		} else {
			states = append(states, mm.String())
		}
	}
	switch {
	case len(executions) == 0:
		return "counts of final states are not counts of executions"
	case len(states) == 0:
		return "counts are of executions"
	}
	return fmt.Sprintf("counts are of executions under %s, and of final states under %s",
		strings.Join(executions, ", "), strings.Join(states, ", "))
}

// counted is names with their counts, the most frequent ones first.
func counted(counts map[string]int) (lines []string) {
	names := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(names, func(a, b string) int { return counts[b] - counts[a] })
	for _, n := range names {
		lines = append(lines, fmt.Sprintf("%d %s", counts[n], n))
	}
	return lines
}

// Unsupported reports whether some test was not read, is not supported, or is at fault, or whether all of them
// were skipped.
func (t *Tally) Unsupported() bool {
	return t.unread > 0 || len(t.constructs) > 0 || t.tests > 0 && t.skipped == t.tests
}

// Contradicted reports whether something is not as expected.
func (t *Tally) Contradicted() bool { return len(t.contradict) > 0 }

// Cut reports whether a limit kept something from its answer.
func (t *Tally) Cut() bool { return t.limits > 0 }
