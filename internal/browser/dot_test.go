package browser

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ctcheck/report"
)

// layOut is the SVG that Graphviz makes of a source.
func layOut(t *testing.T, source string) string {
	t.Helper()
	dot, err := exec.LookPath("dot")
	if err != nil {
		missing(t, "dot, of Graphviz,")
	}
	cmd := exec.Command(dot, "-Tsvg")
	cmd.Stdin = strings.NewReader(source)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil || strings.Contains(complaints.String(), "Error") {
		t.Fatalf("dot: %v\n%s", err, complaints.String())
	}
	return string(out)
}

// A picture is what is in an SVG of Graphviz.
type picture struct {
	classes map[string]int // of groups: node, edge, cluster
	texts   []string
}

// readSVG reads an SVG, which must be well-formed.
func readSVG(t *testing.T, svg string) picture {
	t.Helper()
	pic := picture{classes: map[string]int{}}
	inText := false
	for dec := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := dec.Token()
		if err == io.EOF {
			return pic
		}
		if err != nil {
			t.Fatalf("the SVG is malformed: %v", err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if inText = e.Name.Local == "text"; inText {
				pic.texts = append(pic.texts, "")
			}
			for _, a := range e.Attr {
				if e.Name.Local == "g" && a.Name.Local == "class" {
					pic.classes[a.Value]++
				}
			}
		case xml.CharData:
			if inText {
				pic.texts[len(pic.texts)-1] += string(e)
			}
		case xml.EndElement:
			inText = false
		}
	}
}

// Graphviz draws every kind of report, with all its parts.
func TestDOT(t *testing.T) {
	for _, d := range drawings {
		t.Run(d.name, func(t *testing.T) {
			pic := readSVG(t, layOut(t, d.run(t, "dot")))
			if got, want := pic.classes["node"], d.steps+d.traces+d.lanes+d.states; got != want {
				t.Errorf("%s: %d nodes, want %d", d.why, got, want)
			}
			if got, want := pic.classes["cluster"], d.traces+d.lanes+min(d.states, 1); got != want {
				t.Errorf("%s: %d clusters, want %d", d.why, got, want)
			}
			showsAll(t, pic.texts, d.statements(t))
			if !strings.Contains(tidy(strings.Join(pic.texts, "\n")), d.statement) {
				t.Errorf("%s: no %q", d.why, d.statement)
			}
		})
	}
}

// Graphviz draws the steps of a CPU below each other and below its name, one CPU beside the other in their order,
// and the step that violates the property in red.
func TestDOTKeepsLanes(t *testing.T) {
	source := ctcheck(t, 1, "-model", "peterz", "--setters", "3", "--format", "dot")
	layOut(t, source) // skips without Graphviz
	cmd := exec.Command("dot", "-Tplain")
	cmd.Stdin = strings.NewReader(source)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]float64{}
	for _, m := range regexp.MustCompile(`(?m)^node (\S+) (\S+) `).FindAllStringSubmatch(string(out), -1) {
		if at[m[1]], err = strconv.ParseFloat(m[2], 64); err != nil {
			t.Fatal(err)
		}
	}
	steps := regexp.MustCompile(`(r0t0_\d+) \[label=.*group=(r0t0_cpu(\d+))`).FindAllStringSubmatch(source, -1)
	for _, m := range steps {
		if math.Abs(at[m[1]]-at[m[2]]) > 0.01 {
			t.Errorf("%s is at %.2f, and its CPU at %.2f", m[1], at[m[1]], at[m[2]])
		}
	}
	last := math.Inf(-1)
	for _, m := range regexp.MustCompile(`(r0t0_cpu\d+) \[label`).FindAllStringSubmatch(source, -1) {
		if at[m[1]] <= last {
			t.Errorf("%s is at %.2f, not to the right of the one before it, at %.2f", m[1], at[m[1]], last)
		}
		last = at[m[1]]
	}
	red := regexp.MustCompile(`(r0t0_\d+) \[label=.*color=red, penwidth=3`).FindAllStringSubmatch(source, -1)
	if len(steps) < 10 || len(red) != 1 || red[0][1] != fmt.Sprintf("r0t0_%d", len(steps)) {
		t.Errorf("of %d steps these are red: %v", len(steps), red)
	}
}

// Whatever is in a label, Graphviz shows it.
func TestDOTHostileLabels(t *testing.T) {
	for name, label := range hostile {
		t.Run(name, func(t *testing.T) {
			pic := readSVG(t, layOut(t, hostileText(t, label, report.DOT)))
			showsAll(t, pic.texts, []string{visible("cpu " + label), visible("routine " + label + "():"),
				visible("1. statement " + label), visible("v " + label + ": false -> true")})
			if pic.classes["node"] != 3 || pic.classes["cluster"] != 2 {
				t.Errorf("nodes and clusters: %v", pic.classes)
			}
		})
	}
}

// The SVG of hostile labels is harmless in a browser.
func TestDOTInBrowser(t *testing.T) {
	for name, label := range hostile {
		svg := filepath.Join(t.TempDir(), "graph.svg")
		if err := os.WriteFile(svg, []byte(layOut(t, hostileText(t, label, report.DOT))), 0o600); err != nil {
			t.Fatal(err)
		}
		tb := open(t, "file://"+svg, 800, 600)
		if tb.count("parsererror, script") != 0 || eval[bool](tb, "'pwned' in window") {
			t.Errorf("%s: the SVG is malformed or runs a script", name)
		}
		showsAll(t, tb.texts("text"), []string{visible("1. statement " + label)})
	}
}
