package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"ctcheck/explore"
	"ctcheck/internal/testkit"
	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/report"
)

// line is where a model's file has a statement, which moves with every edit.
var line = regexp.MustCompile(`"startLine": \d+`)

// written is the reports in a format, by its name.
func written(t *testing.T, format string, rs ...*report.Report) string {
	t.Helper()
	for _, f := range report.Formats() {
		if f.Name == format {
			var b bytes.Buffer
			if err := f.Write(&b, rs...); err != nil {
				t.Fatal(err)
			}
			if f.Write(badWriter{}, rs...) == nil {
				t.Errorf("%s: an error of the writer is swallowed", format)
			}
			return b.String()
		}
	}
	t.Fatalf("there is no format %s", format)
	return ""
}

// conform checks that the formats that others define are what they define.
func conform(t *testing.T, rs ...*report.Report) {
	t.Helper()
	if err := junitValid(written(t, "junit", rs...)); err != nil {
		t.Errorf("junit: %v", err)
	}
	// The schema is that of OASIS, errata 01, as github.com/owenrumney/go-sarif/v3 v3.3.1 has it.
	schema, err := jsonschema.NewCompiler().Compile("../testdata/sarif/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	sarif, err := jsonschema.UnmarshalJSON(strings.NewReader(written(t, "sarif", rs...)))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(sarif); err != nil {
		t.Errorf("sarif: %v", err)
	}
	delete(sarif.(map[string]any), "runs")
	if schema.Validate(sarif) == nil {
		t.Error("sarif: the schema takes everything")
	}
}

// Every format of a small violated design, and of one with a cycle.
func TestFormats(t *testing.T) {
	c := models.DefaultConfig()
	c.Setters = 1
	c.NMI = 1
	nmi := makeReport(t, "valentin", c, explore.Options{}, "no-warn", "no-double-execution")
	ipi := makeReport(t, "peterz", models.DefaultConfig(), explore.Options{}, "no-double-execution")
	for name, r := range map[string]*report.Report{"nmi": nmi, "ipi": ipi, "lasso": ticketReport(t, false),
		"bounded": makeReport(t, "valentin", c, explore.Options{MaxStates: 10}, "no-warn")} {
		conform(t, r)
		for _, f := range report.Formats()[2:] {
			if f.Name == "html" || f.Name == "states" {
				continue // page_test.go, graph_test.go
			}
			got := line.ReplaceAllString(written(t, f.Name, r), `"startLine": 0`)
			golden(t, filepath.Join("formats", name+f.Ending), []byte(got))
			if name == "bounded" && regexp.MustCompile(`(?i)\bholds\b`).MatchString(got) {
				t.Errorf("%s: a bounded search says holds:\n%s", f.Name, got)
			}
		}
	}
	conform(t, nmi, nmi)
	for _, f := range report.Formats() {
		got := written(t, f.Name, nmi, nmi)
		if f.Name != "json" && !strings.Contains(got, "every verdict is the same") {
			t.Errorf("%s does not compare:\n%s", f.Name, got)
		}
	}
}

// A result points at the line of the model's file that states the last step.
func TestSARIFPointsAtTheStatement(t *testing.T) {
	type location struct {
		PhysicalLocation struct {
			ArtifactLocation struct{ URI string }
			Region           struct{ StartLine int }
		}
	}
	line := func(at location) string {
		source, err := os.ReadFile(filepath.Join("..", at.PhysicalLocation.ArtifactLocation.URI))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(string(source), "\n")[at.PhysicalLocation.Region.StartLine-1]
	}
	c := models.DefaultConfig()
	c.NMI = 1
	for _, name := range []string{"peterz", "valentin", "tlb-v6"} {
		r := makeReport(t, name, c, explore.Options{}, applicable(t, name, c)...)
		var log struct {
			Runs []struct {
				Results []struct {
					RuleIndex                   int
					Locations, RelatedLocations []location
					CodeFlows                   []struct {
						ThreadFlows []struct{ Locations []struct{ Location location } }
					}
				}
			}
		}
		if err := json.Unmarshal([]byte(written(t, "sarif", r)), &log); err != nil {
			t.Fatal(err)
		}
		for _, res := range log.Runs[0].Results {
			steps := r.Properties[res.RuleIndex].Trace.Steps
			flow := res.CodeFlows[0].ThreadFlows[0].Locations
			if len(flow) != len(steps) {
				t.Fatalf("%s: %d places, want one for each of %d steps", name, len(flow), len(steps))
			}
			own := "" // the last statement that the design itself has
			for n, s := range steps {
				if file := flow[n].Location.PhysicalLocation.ArtifactLocation.URI; file == "" {
					t.Errorf("%s: step %d has no place", name, n+1)
				} else if at := flow[n].Location.PhysicalLocation; s.Stmt != nil && s.Transition.Kind != ir.Flush &&
					(at.Region.StartLine != s.Stmt.Line || filepath.Base(file) != filepath.Base(s.Stmt.File)) {
					t.Errorf("%s: step %d is at %v, want %s:%d", name, n+1, at, s.Stmt.File, s.Stmt.Line)
				}
				if f := flow[n].Location; f.PhysicalLocation.ArtifactLocation.URI != "models/harness.go" &&
					f.PhysicalLocation.ArtifactLocation.URI != "models/target.go" {
					own = line(f)
				}
			}
			if own == "" {
				t.Errorf("%s: no step is the design's own", name)
			}
			if got := line(res.Locations[0]); got != own {
				t.Errorf("%s: the result is at %q, want the design's own last statement, %q", name, got, own)
			}
			last := line(flow[len(flow)-1].Location)
			if own != last && (len(res.RelatedLocations) != 1 || line(res.RelatedLocations[0]) != last) {
				t.Errorf("%s: where the run ends, %q, is no related location: %v", name, last, res.RelatedLocations)
			}
		}
	}
	r := makeReport(t, "peterz", models.DefaultConfig(), explore.Options{}, "no-double-execution")
	r.Replay, r.Build = "ctcheck replay -model peterz", "v0.1.0, commit 1234"
	testkit.Mentions(t, written(t, "sarif", r), "what a reader needs", `"version": "v0.1.0, commit 1234"`,
		"ctcheck replay -model peterz --run RUN draws it again", `run 0x2-1x3-0x2-2x8-2i0-2"`)
}

const hostile = "end \"q\" <b>'x'</b> ]]> ] \\l \\ -- %% a;b #35; &lt; `c` | {e} @ \n\tnew\u2028line ``` $x$ " +
	"\x01\ufffe\uffff"

// hostileReport is a violation whose every label is hostile.
func hostileReport(t *testing.T) *report.Report {
	t.Helper()
	p := model.New("hostile")
	v := p.Shared("var "+hostile, model.Bool, model.False)
	p.CPU("CPU " + hostile).Run(p.Routine("routine "+hostile, func(r *model.Routine) {
		r.WriteOnce("stmt "+hostile, v, model.True)
	}))
	res, err := explore.Run(context.Background(), p, []*model.Monitor{props.Never("prop "+hostile,
		v.Eq(model.True))}, explore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &report.Report{Model: "model " + hostile, Summary: hostile, Source: hostile, Program: p, Result: res}
}

// What is in a label stays in it, in every format.
func TestHostileLabels(t *testing.T) {
	r := hostileReport(t)
	conform(t, r)

	mmd := strings.Split(strings.TrimSuffix(written(t, "mmd", r), "\n"), "\n")
	entity := regexp.MustCompile(`#\d+;|<br/>`)
	for _, l := range mmd[1:] {
		_, text, ok := strings.Cut(l, ": ")
		if l == "    rect rgb(255, 214, 214)" || l == "    end" {
			continue
		}
		if name, is := strings.CutPrefix(l, "    participant c0 as "); is {
			text, ok = name, true
		}
		text = entity.ReplaceAllString(text, "")
		if !ok || strings.ContainsAny(text, "#;:<>\"'%&@{}\\`$\t\x01\u2028\ufffe\uffff") {
			t.Errorf("mmd: %q", l)
		}
	}

	dot := written(t, "dot", r)
	quoted := regexp.MustCompile(`"(?:[^"\\]|\\["\\l])*"`) // a string with no escapes but these
	shape := regexp.MustCompile(`^[\w\s{}\[\]=;,>_-]*$`)
	if rest := quoted.ReplaceAllString(dot, ""); !shape.MatchString(rest) {
		t.Errorf("dot: %s", rest)
	}
	for _, want := range []string{`\"q\"`, `\\l \\ -- %%`, "&amp;lt;"} {
		if !strings.Contains(dot, want) {
			t.Errorf("dot: no %s in:\n%s", want, dot)
		}
	}

	if strings.ContainsAny(dot, "\x01\u2028\ufffe\uffff") {
		t.Errorf("dot: a character that an SVG cannot have: %q", dot)
	}

	md := written(t, "md", r)
	fence := regexp.MustCompile("(?m)^`{4,}$")
	if n := len(fence.FindAllString(md, -1)); n != 4 {
		t.Errorf("md: %d fences, want 4:\n%s", n, md)
	}
	head, _, _ := strings.Cut(md, "````")
	for l := range strings.Lines(regexp.MustCompile(`\\.`).ReplaceAllString(head, "")) {
		if n := strings.Count(l, "|"); strings.ContainsAny(l, "<>`$[]") || n != 0 && n != 3 {
			t.Errorf("md: %q", l)
		}
	}
}
