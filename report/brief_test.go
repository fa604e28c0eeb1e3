package report_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"ctcheck/explore"
	"ctcheck/models"
	"ctcheck/report"
)

// A brief text has at most so many lines, in any width that goes, whatever the design does; and the verdict first,
// what broke, and the line for scripts last.
func TestBriefIsBrief(t *testing.T) {
	cut := 0
	for _, d := range models.All() {
		for _, nmi := range []int{0, 2} {
			c := models.DefaultConfig()
			c.NMI, c.NMIDepth = nmi, max(nmi, 1)
			r := makeReport(t, d.Name, c, breadthFirst, applicable(t, d.Name, c)...)
			for _, width := range []int{report.NarrowestText, 80, 200} {
				st := report.Style{Width: width, Detail: report.Brief}
				var b strings.Builder
				if err := st.Text(&b, r, r); err != nil {
					t.Fatal(err)
				}
				lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
				if width >= 80 && len(lines) > report.MostBrief {
					t.Errorf("%s, %d NMIs, %d columns: %d lines:\n%s", d.Name, nmi, width, len(lines), b.String())
				}
				if !strings.HasPrefix(lines[0], d.Name+": "+r.Verdict.String()) ||
					!strings.HasPrefix(lines[len(lines)-1], "ctcheck: ") {
					t.Errorf("%s: it begins with %s and ends with %s", d.Name, lines[0], lines[len(lines)-1])
				}
				for _, l := range lines {
					if strings.HasPrefix(l, "... ") {
						cut++
					}
					if utf8.RuneCountInString(l) > width && !strings.HasPrefix(l, "ctcheck: ") {
						t.Errorf("%s, %d columns: too wide: %s", d.Name, width, l)
					}
				}
			}
		}
	}
	if cut == 0 {
		t.Error("no run was too long, so nothing was seen to be cut")
	}
}

// Verbose text says what the usual one leaves out, and nothing less.
func TestVerboseSaysMore(t *testing.T) {
	r := makeReport(t, "peterz", models.DefaultConfig(), explore.Options{Search: explore.BreadthFirst,
		Reduce: explore.Symmetry | explore.PartialOrder}, "no-double-execution")
	text := func(d report.Detail) string {
		var b strings.Builder
		st := report.Style{Width: 80, Detail: d}
		if err := st.Text(&b, r); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	usual, verbose := text(report.Usual), text(report.Verbose)
	for _, want := range []string{"In the end:\n     ct->seq = ", "no-double-execution: at every moment",
		"no symmetry (no two"} {
		if !strings.Contains(verbose, want) || strings.Contains(usual, want) {
			t.Errorf("%q is in the verbose text: %v, and in the usual one: %v", want,
				strings.Contains(verbose, want), strings.Contains(usual, want))
		}
	}
	for line := range strings.Lines(usual) {
		searched := strings.Contains(line, "  search") || strings.Contains(line, "por:") ||
			strings.Contains(line, " states\n")
		if !searched && !strings.Contains(verbose, line) {
			t.Errorf("the verbose text does not have %s", line)
		}
	}
}
