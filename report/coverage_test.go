package report_test

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/report"
)

// goLine is a place in a model, which moves whenever somebody edits the file.
var goLine = regexp.MustCompile(`\.go:\d+`)

// The coverage of a design, in every format that has it.
func TestCoverageReports(t *testing.T) {
	c := models.DefaultConfig()
	c.Setters, c.NMI = 1, 1
	r := makeReport(t, "valentin", c, explore.Options{Search: explore.BreadthFirst, Coverage: true}, "no-late-work")
	text := goLine.ReplaceAllString(written(t, "text", r), ".go:0")
	golden(t, filepath.Join("reports", "coverage.txt"), []byte(text))
	for l := range strings.Lines(text) {
		if n := len([]rune(strings.TrimSuffix(l, "\n"))); n > 80 && !strings.HasPrefix(l, "ctcheck: ") {
			t.Errorf("%d columns: %s", n, l)
		}
	}
	md := goLine.ReplaceAllString(written(t, "md", r), ".go:0")
	golden(t, filepath.Join("reports", "coverage.md"), []byte(md))
	page, _ := pageOf(t, r)
	for _, want := range []string{"Never taken:", "old_work = atomic_read(&amp;ct-&gt;work)", "CPUy: NMI",
		"branches were taken."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	type covered struct {
		Statement, File   string
		Line              int
		Taken, New, Known uint64
	}
	var j struct {
		States, Transitions uint64
		Coverage            struct {
			Complete          bool
			Steps, Interrupts []covered
			Ways              []covered
			Variables         []struct {
				Name          string
				Values, Range int
			}
		}
	}
	if err := json.Unmarshal([]byte(written(t, "json", r)), &j); err != nil {
		t.Fatal(err)
	}
	sum := covered{}
	for _, x := range append(j.Coverage.Steps, j.Coverage.Interrupts...) {
		sum.New, sum.Known = sum.New+x.New, sum.Known+x.Known
	}
	if sum.New != j.States-1 || sum.New+sum.Known != j.Transitions || !j.Coverage.Complete {
		t.Errorf("%+v of %d states and %d transitions", sum, j.States, j.Transitions)
	}
	if first := j.Coverage.Steps[0]; !strings.HasPrefix(first.File, "models/") || first.Line == 0 {
		t.Errorf("the first step is at %s:%d", first.File, first.Line)
	}
	if len(j.Coverage.Variables) == 0 || len(j.Coverage.Ways) == 0 {
		t.Errorf("%+v", j.Coverage)
	}
}

// A branch that a mistake makes dead is reported with its place; in a search that was cut nothing is called never.
func TestDeadBranchesAreReported(t *testing.T) {
	p := model.New("dead")
	x := p.Shared("x", model.UpTo(3), model.Int(0))
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		v := r.LocalOf("v", x)
		for i := range 9 {
			r.WriteOnce("x = i", x, model.Int(i%2))
		}
		r.ReadOnce("v = x", v, x)
		r.If(v.Eq(model.Int(3)), func() { r.WriteOnce("x = 2", x, model.Int(2)) }) // it never is
	}))
	ms := []*model.Monitor{props.Never("x is 2", x.Eq(model.Int(2)))}
	for _, bound := range []uint64{0, 3} {
		res, err := explore.Run(t.Context(), p, ms, explore.Options{Coverage: true, MaxStates: bound})
		if err != nil {
			t.Fatal(err)
		}
		text := written(t, "text", &report.Report{Model: "dead", Program: p, Result: res})
		head := "never taken:"
		if bound > 0 {
			head = "not taken so far:"
		}
		_, list, ok := strings.Cut(text, head)
		if !ok || !regexp.MustCompile(`x = 2, in main \(coverage_test\.go:\d+\)`).MatchString(list) ||
			!strings.Contains(list, "if (v == 3): true") {
			t.Errorf("bound %d: no %q with the dead step in:\n%s", bound, head, text)
		}
		if bound > 0 && strings.Contains(text, "never taken") {
			t.Errorf("a search that was cut says never:\n%s", text)
		}
	}
}
