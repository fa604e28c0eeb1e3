package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/report"
)

// This file has what the tests of Mermaid and of Graphviz share: reports, and what is to be seen of them.

// A drawing is a report, and what a diagram of it must have, as it was when the diagrams were looked at.
type drawing struct {
	name      string
	args      string // of ctcheck
	cpus      int    // that step in any trace
	lanes     int    // the sum over traces of the CPUs that step in it
	traces    int
	steps     int // of all traces
	messages  int // IPIs whose sender is in the trace
	loops     int
	states    int // of a state graph, where there is no trace
	across    int // notes over all lifelines
	why       string
	statement string // one of them
}

var drawings = []drawing{
	{name: "ipi", args: "-model peterz --props no-double-execution",
		cpus: 3, lanes: 3, traces: 1, steps: 17, messages: 1, across: 4, why: "an IPI is sent and arrives",
		statement: "16. IPI: csd of request 1"},
	{name: "nmi", args: "-model valentin --nmi 1",
		cpus: 2, lanes: 9, traces: 5, steps: 61, across: 16, why: "NMIs, and several traces in one diagram",
		statement: "/* enters the kernel */"},
	{name: "compared", args: "-model luto --memory sc,tso --props all",
		cpus: 2, lanes: 6, traces: 3, steps: 19, across: 12, why: "two memory models, which are compared",
		statement: "atomic_set(&ct->status, USER)"},
	{name: "buffers", args: "-model valentin-v8 --memory tso",
		cpus: 2, lanes: 2, traces: 1, steps: 11, across: 4, why: "flushes of a store buffer",
		statement: "waits in the store buffer"},
	{name: "lasso", args: "-model frederic --setters 1 --works 1 --rounds 0 --props no-starved-set",
		cpus: 2, lanes: 2, traces: 1, steps: 26, loops: 1, across: 4, why: "a run that goes round for ever",
		statement: "/* returns to user mode */"},
	{name: "holds", args: "-model valentin --setters 1", across: 1, states: 78, why: "there is no trace to draw",
		statement: "valentin: HOLDS under sequential consistency"},
}

// statements is "N. statement" of every step of every trace, from the JSON of the same check.
func (d drawing) statements(t *testing.T) []string {
	t.Helper()
	type single struct {
		Properties []struct {
			Trace []struct{ Statement string }
		}
	}
	var doc struct {
		single
		Reports []single
	}
	if err := json.Unmarshal([]byte(d.run(t, "json")), &doc); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, r := range append(doc.Reports, doc.single) {
		for _, p := range r.Properties {
			for i, s := range p.Trace {
				all = append(all, fmt.Sprintf("%d. %s", i+1, s.Statement))
			}
		}
	}
	return all
}

// run is the report in a format.
func (d drawing) run(t *testing.T, format string) string {
	t.Helper()
	return verdict(t, append(strings.Fields(d.args), "--format", format)...)
}

// showsAll checks that lines are among those that are shown.
func showsAll(t *testing.T, shown, want []string) {
	t.Helper()
	for _, w := range want {
		if !slices.ContainsFunc(shown, func(s string) bool { return tidy(s) == tidy(w) }) {
			t.Errorf("%q is not shown", w)
		}
	}
}

// tidy is text with the space in it as a page shows it.
func tidy(s string) string {
	return strings.Join(strings.Fields(s), " ")
}

// hostile is labels that end, begin or break something in one of the formats, or in HTML.
var hostile = map[string]string{
	"script":   `<script>window.pwned = 1</script>`,
	"close":    `</text></svg></script><script>window.pwned = 1</script>`,
	"handler":  `<img src=x onerror="window.pwned = 1"> <svg onload='window.pwned = 1'>`,
	"address":  `[a](javascript:window.pwned=1) javascript:window.pwned=1 click c0 call pwn()`,
	"quotes":   "\"a\" 'b' `c` \\\"d\\\" \\",
	"mermaid":  `end; note over c0: x %% y %%{init: {}}%% # #35; #lt; -->> +c0 -) x`,
	"keywords": `end`,
	"dot":      `"]; x -> y [label="z"]; } \l \n \N \G \E`,
	"xml":      `]]> <![CDATA[ <!-- --> <?x ?> &amp; &lt; &#60; &nbsp; <br/> <b>`,
	"newline":  "one\ntwo\r\nthree\tfour",
	"unicode":  "a\u2028b\u2029c \u202egnp.exe\u202c \u200bz \ufeff \U0001f980 \u00e9",
	"control":  "a\x00b\x01c\x1b[31md\x7fe\u0085f",
	"nonchars": "a\ufffeb\uffffc \xff\xfe",
	"math":     `$$\frac{1}{2}$$ $x$`,
	"markdown": "**b** _i_ | a | ``` ~~~",
	// Not longer: a diagram has it ten times, dot draws nothing that is wider than 65,535 points, and Mermaid
	// nothing that takes more than 50,000 characters to say.
	"long": strings.Repeat("0123456789", 100),
}

// visible is a label as a diagram may show it: what has no shape is a space.
func visible(label string) string {
	return tidy(strings.Map(func(r rune) rune {
		switch {
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfffe || r == 0xffff:
			return ' '
		}
		return r
	}, string([]rune(label))))
}

// hostileReport is a violation in which everything that has a name has the label in it.
func hostileReport(t *testing.T, label string) *report.Report {
	t.Helper()
	p := model.New("hostile")
	v := p.Shared("v "+label, model.Bool, model.False)
	p.CPU("cpu " + label).Run(p.Routine("routine "+label, func(r *model.Routine) {
		r.WriteOnce("statement "+label, v, model.True)
	}))
	res, err := explore.Run(context.Background(), p, []*model.Monitor{props.Never("claim "+label,
		v.Eq(model.True))}, explore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &report.Report{Model: "model " + label, Summary: label, Source: label, Program: p, Result: res}
}

// hostileText is the report with a label in a format.
func hostileText(t *testing.T, label string, write func(io.Writer, ...*report.Report) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, hostileReport(t, label)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
