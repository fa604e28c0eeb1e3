package report_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/report"
)

var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

// styled is a report in a style.
func styled(t *testing.T, s report.Style, rs ...*report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.Text(&b, rs...); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// fits checks that the lines of a text are no longer than the width, but for the one for scripts, and that colours
// change nothing else.
func fits(t *testing.T, width int, rs ...*report.Report) {
	t.Helper()
	text := styled(t, report.Style{Width: width}, rs...)
	for l := range strings.Lines(text) {
		l = strings.TrimSuffix(l, "\n")
		if n := utf8.RuneCountInString(l); n > width && !strings.HasPrefix(l, "ctcheck: ") {
			t.Errorf("%s, width %d: %d columns: %q", rs[0].Model, width, n, l)
		}
	}
	inColour := styled(t, report.Style{Width: width, Color: true}, rs...)
	if got := colour.ReplaceAllString(inColour, ""); got != text {
		t.Errorf("%s, width %d: without colours it is\n%s\nwant\n%s", rs[0].Model, width, got, text)
	}
	if inColour == text || strings.Contains(text, "\x1b") {
		t.Errorf("%s, width %d: no colour, or colour where there should be none", rs[0].Model, width)
	}
}

// The traces of all designs fit narrow terminals and mails, with many CPUs too.
func TestTextFitsTheWidth(t *testing.T) {
	for _, d := range models.All() {
		c := models.DefaultConfig()
		c.NMI = 1
		p, err := d.Program(c)
		if err != nil {
			continue // this configuration is not of the design
		}
		res, err := explore.Run(t.Context(), p, props.Default(p), explore.Options{Search: explore.BreadthFirst})
		if err != nil {
			t.Fatal(err)
		}
		r := &report.Report{Model: d.Name, Summary: d.Summary, Source: d.Source, Program: p, Result: res}
		for _, width := range []int{report.NarrowestText, 60, 80, 132} {
			fits(t, width, r)
		}
	}
	six := models.DefaultConfig()
	six.Setters = 4
	r := makeReport(t, "peterz", six, explore.Options{Search: explore.BreadthFirst, Coverage: true},
		"no-double-execution")
	tso := makeUnder(t, model.TSO, "luto", models.DefaultConfig(), breadthFirst, "no-needless-ipi")
	for _, width := range []int{report.NarrowestText, 60, 80, 132} {
		fits(t, width, r)
		fits(t, width, tso, tso)
		fits(t, width, ticketReport(t, false))
	}
}

// Labels cannot move the cursor of a terminal, nor break the lines.
func TestHostileLabelsOnTerminals(t *testing.T) {
	r := hostileReport(t)
	text := styled(t, report.Style{Width: 80}, r)
	for _, c := range text {
		if c < ' ' && c != '\n' || c == 0x2028 {
			t.Errorf("%U in the text", c)
		}
	}
	if n := strings.Count(text, "new\ufffdline"); n == 0 {
		t.Errorf("the label is not there:\n%s", text)
	}
	for _, width := range []int{report.NarrowestText, 80} {
		fits(t, width, r)
	}
}

// A run of a thousand steps and more keeps its columns.
func TestNumbersOfLongRuns(t *testing.T) {
	p := model.New("long")
	x := p.Shared("x", model.UpTo(1200), model.Int(0))
	p.CPU("CPU0").Run(p.Routine("count", func(r *model.Routine) {
		r.Forever(func() { r.AtomicAdd("x++", x, model.Int(1)) })
	}))
	res, err := explore.Run(t.Context(), p, []*model.Monitor{&model.Monitor{Name: "the end",
		Never: x.Eq(model.Int(1200))}}, explore.Options{First: true})
	if err != nil {
		t.Fatal(err)
	}
	text := styled(t, report.Style{Width: 80}, &report.Report{Model: "long", Program: p, Result: res})
	for _, want := range []string{"\n   1   x++\n", "\n1200   x++\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
}
