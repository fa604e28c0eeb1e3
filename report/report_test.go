package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/internal/testkit"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/report"
)

// makeReport runs a design under sequential consistency.
func makeReport(t *testing.T, name string, c models.Config, o explore.Options,
	names ...string) *report.Report {
	t.Helper()
	r := makeUnder(t, model.SC, name, c, o, names...)
	r.Config = []report.Param{{Name: "setters", Value: c.Setters}, {Name: "nmi", Value: c.NMI}}
	return r
}

// makeUnder runs a design under a memory model and returns its report, with the figures that vary from run to run
// set to 0.
func makeUnder(t *testing.T, mm model.MemoryModel, name string, c models.Config, o explore.Options,
	names ...string) *report.Report {
	t.Helper()
	d, _ := models.Find(name)
	p, err := d.Program(c)
	if err != nil {
		t.Fatal(err)
	}
	ms, err := props.Select(p, names...)
	if err != nil {
		t.Fatal(err)
	}
	o.Memory = mm
	r, err := explore.Run(t.Context(), p, ms, o)
	if err != nil {
		t.Fatal(err)
	}
	r.Duration, r.Search.Bytes = 0, 0
	return &report.Report{Model: d.Name, Summary: d.Summary, Source: d.Source, Program: p,
		Result: r}
}

var breadthFirst = explore.Options{Search: explore.BreadthFirst}

// golden compares with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	testkit.Golden(t, filepath.Join("..", "testdata", name), got)
}

// traces are the stories that reviewers read; each is pinned word for word.
var traces = []struct {
	file, model, property string
	change                func(c *models.Config)
	why                   string
}{
	{"peterz-double.txt", "peterz", "no-double-execution", nil, "the race of the RFC's changelog"},
	{"peterz-nmi-double.txt", "peterz", "no-double-execution",
		func(c *models.Config) { c.Setters, c.NMI = 1, 1 }, "an NMI inside the flush flushes again"},
	{"peterz-nested-lost.txt", "peterz", "no-lost-work",
		func(c *models.Config) { c.Setters, c.NMI, c.NMIDepth = 1, 2, 2 },
		"nested boxes; a carry between flags"},
	{"peterz-wrap-late.txt", "peterz", "no-late-work",
		func(c *models.Config) { c.Setters, c.Rounds = 1, 0 }, "the trace says that a counter wraps"},
	{"valentin-nmi-warn.txt", "valentin", "no-warn",
		func(c *models.Config) { c.Setters, c.NMI = 1, 1 }, "only the target moves: one column"},
	{"valentin-nmi-lost.txt", "valentin", "no-lost-work",
		func(c *models.Config) { c.Setters, c.NMI = 1, 1 }, "the NMI's exit opens the door too early"},
	{"valentin-needless.txt", "valentin", "no-ipi-in-user",
		func(c *models.Config) { c.Setters = 4 }, "four setters declared, two columns"},
}

func TestTraces(t *testing.T) {
	for _, row := range traces {
		c := models.DefaultConfig()
		if row.change != nil {
			row.change(&c)
		}
		var first string
		for _, o := range []explore.Options{{}, {Search: explore.BreadthFirst}} {
			r := makeReport(t, row.model, c, o, row.property)
			var b bytes.Buffer
			report.TraceText(&b, r.Program, r.Properties[0].Trace)
			if first == "" {
				first = b.String()
			} else if b.String() != first {
				t.Errorf("%s: the trace depends on the search", row.file)
			}
		}
		story(t, row.file, first)
	}
}

// Stores that wait in their buffers, and become visible in steps that are nobody's.
func TestTracesOfStores(t *testing.T) {
	one := models.DefaultConfig()
	one.Setters = 1
	nmis := one
	nmis.NMI, nmis.NMIDepth = 2, 2
	for _, row := range []struct {
		file, model, property string
		config                models.Config
		why                   string
	}{
		{"valentin-v8-tso-set.txt", "valentin-v8", "no-set-in-kernel", one, "both CPUs' stores wait"},
		{"valentin-v8-tso-nmi-late.txt", "valentin-v8", "no-late-work", nmis,
			"an NMI's store waits behind one of the code that it interrupts"},
	} {
		r := makeUnder(t, model.TSO, row.model, row.config, breadthFirst, row.property)
		var b bytes.Buffer
		report.TraceText(&b, r.Program, r.Properties[0].Trace)
		story(t, row.file, b.String())
	}
}

// story compares a trace with the one that is kept, which must fit into a mail.
func story(t *testing.T, file, text string) {
	t.Helper()
	golden(t, filepath.Join("traces", file), []byte(text))
	for line := range strings.SplitSeq(text, "\n") {
		if len(line) > 80 {
			t.Errorf("%s: %d columns, a mail has 80: %q", file, len(line), line)
		}
	}
}

// applicable is the names of all properties that are not vacuous for the design.
func applicable(t *testing.T, name string, c models.Config) []string {
	t.Helper()
	d, _ := models.Find(name)
	p, err := d.Program(c)
	if err != nil {
		t.Fatal(err)
	}
	return props.Applicable(p)
}

func TestText(t *testing.T) {
	c := models.DefaultConfig()
	for file, r := range map[string]*report.Report{
		"valentin.txt": makeReport(t, "valentin", c, explore.Options{}, applicable(t, "valentin", c)...),
		"bounded.txt":  makeReport(t, "valentin", c, explore.Options{MaxStates: 100}, "no-warn"),
	} {
		var b bytes.Buffer
		if err := report.Text(&b, r); err != nil {
			t.Fatal(err)
		}
		golden(t, filepath.Join("reports", file), b.Bytes())
	}
}

// The last line is for scripts, so its form is fixed.
func TestSummaryLine(t *testing.T) {
	form := regexp.MustCompile(`^ctcheck: (HOLDS|VIOLATED|INCOMPLETE|UNREACHED) model=\S+ properties=\S+ ` +
		`states=\d+ transitions=\d+ depth=\d+ complete=(yes|no) memory=sc seconds=\d+\.\d+$`)
	for _, name := range []string{"off", "peterz", "valentin"} {
		var b bytes.Buffer
		r := makeReport(t, name, models.DefaultConfig(), explore.Options{}, "no-double-execution")
		if err := report.Text(&b, r); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(b.String()), "\n")
		if last := lines[len(lines)-1]; !form.MatchString(last) {
			t.Errorf("%s: last line %q", name, last)
		}
	}
}

func TestJSON(t *testing.T) {
	c := models.DefaultConfig()
	c.Setters, c.NMI = 1, 1
	r := makeReport(t, "valentin", c, explore.Options{}, "no-warn", "no-double-execution", "no-needless-ipi")
	var b bytes.Buffer
	if err := report.JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("reports", "valentin-nmi.json"), b.Bytes())

	// What scripts rely on, read back without knowledge of our types.
	var j map[string]any
	if err := json.Unmarshal(b.Bytes(), &j); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"schema", "model", "config", "memory_model", "verdict", "complete", "bound",
		"properties", "reached", "states", "transitions", "depth", "seconds", "bytes"} {
		if _, ok := j[key]; !ok {
			t.Errorf("no %q in the JSON report", key)
		}
	}
	want := map[string]string{"no-double-execution": "violated", "no-warn": "violated",
		"no-needless-ipi": "holds", model.NoDeadlock: "holds"}
	for _, p := range j["properties"].([]any) {
		p := p.(map[string]any)
		if p["verdict"] != want[p["name"].(string)] {
			t.Errorf("%v is %v, want %s", p["name"], p["verdict"], want[p["name"].(string)])
		}
		if (p["trace"] != nil) != (p["verdict"] == "violated") {
			t.Errorf("%v: a trace goes with a violation, and only with one", p["name"])
		}
	}
}

// In a bounded search a property that was not violated is not said to hold.
func TestUnknownIsNotHolds(t *testing.T) {
	r := makeReport(t, "valentin", models.DefaultConfig(), explore.Options{MaxStates: 10}, "no-warn")
	var text, js bytes.Buffer
	if err := report.Text(&text, r); err != nil {
		t.Fatal(err)
	}
	if err := report.JSON(&js, r); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{text.String(), js.String()} {
		if regexp.MustCompile(`(?i)\bholds\b`).MatchString(out) {
			t.Errorf("a bounded search says holds:\n%s", out)
		}
	}
}

type badWriter struct{}

func (badWriter) Write([]byte) (int, error) { return 0, fmt.Errorf("disk full") }

func TestWriteErrorsAreReturned(t *testing.T) {
	r := makeReport(t, "off", models.DefaultConfig(), explore.Options{}, "no-warn")
	if report.Text(badWriter{}, r) == nil || report.JSON(badWriter{}, r) == nil {
		t.Error("an error of the writer is swallowed")
	}
}

// A report says which reductions were on and what they saved, or why one was not.
func TestReductions(t *testing.T) {
	c := models.DefaultConfig()
	c.Setters, c.Works = 3, 1
	text := func(name string, reduce explore.Reductions, props ...string) (string, string) {
		r := makeReport(t, name, c, explore.Options{Search: explore.BreadthFirst, Reduce: reduce}, props...)
		var b, j bytes.Buffer
		if err := (report.Style{Width: 80, Detail: report.Verbose}).Text(&b, r); err != nil {
			t.Fatal(err)
		}
		if err := report.JSON(&j, r); err != nil {
			t.Fatal(err)
		}
		return strings.Join(strings.Fields(b.String()), " "), strings.Join(strings.Fields(j.String()), "")
	}
	rows := []struct {
		model      string
		reduce     explore.Reductions
		text, json string
	}{
		{"valentin", 0, "exact store, no reductions assumed", `"reductions":[],`},
		{"valentin", explore.Symmetry, "exact store, symmetry of CPUx, CPUx2, CPUx3 (3 interchangeable CPUs): " +
			"603 states stand for 2,355 assumed",
			`"reductions":[{"name":"symmetry","classes":[["CPUx","CPUx2","CPUx3"]],"stand_for":2355}],`},
		{"frederic-csd", explore.Symmetry, "exact store, no symmetry (no two CPUs are interchangeable; CPUx and " +
			`CPUx2: CPUx differs from CPUx2 at "first = llist_add(&csd->node, &call_single_queue)") assumed`,
			`"reductions":[{"name":"symmetry","off":"notwoCPUsareinterchangeable;CPUxandCPUx2:`},
		{"bench-valentin", explore.PartialOrder, "exact store, por: 1,407 steps left out, in 808 states assumed",
			`"reductions":[{"name":"por","in_states":808,"left_out":1407}],`},
	}
	for _, row := range rows {
		text, json := text(row.model, row.reduce)
		if !strings.Contains(text, row.text) || !strings.Contains(json, row.json) {
			t.Errorf("%s, %b: %s\n%s\nwant %q and %q", row.model, row.reduce, text, json, row.text, row.json)
		}
	}
	both, _ := text("valentin", explore.PartialOrder|explore.Symmetry, "terminates")
	want := "stand for 2,355, no por (terminates is a claim on whole runs) assumed"
	if !strings.Contains(both, want) {
		t.Errorf("%s\nwant %q", both, want)
	}
}

// An engine that visits no states has no search to tell of: every format does without.
func TestResultsWithoutASearch(t *testing.T) {
	r := makeReport(t, "peterz", models.DefaultConfig(), breadthFirst)
	r.Search = nil
	for _, f := range report.Formats() {
		text := written(t, f.Name, r)
		for _, word := range []string{"breadth first", "depth first", "exact store", "0 bits", "of states"} {
			if strings.Contains(text, word) {
				t.Errorf("%s speaks of %q", f.Name, word)
			}
		}
	}
}
