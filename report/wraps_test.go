package report_test

import (
	"encoding/json"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/models"
)

// Where a violation's run wraps a counter that the kernel has longer, every format says so, with the counter,
// beside the verdict and not only below the trace; of other violations none does.
func TestWrapsAreSaid(t *testing.T) {
	c := models.DefaultConfig()
	c.Rounds = 0
	r := makeReport(t, "peterz", c, explore.Options{}, "no-double-execution", "no-late-work")
	text := written(t, "text", r)
	for _, want := range []string{
		"peterz: VIOLATED under sc: no-double-execution, ", "no-late-work (wraps ct->seq)",
		"  no-late-work                                 VIOLATED in 27 steps, in which\n",
		"  no-double-execution                          VIOLATED in 17 steps\n",
		"no-late-work: VIOLATED in 27 steps, in which ct->seq wraps (a shortest run,",
		" seconds=0.00 wraps=no-late-work:ct->seq\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("text lacks %q", want)
		}
	}
	for format, wants := range map[string][]string{
		"md": {`| no-late-work | VIOLATED in 27 steps, in which ct-\>seq wraps |`,
			"| no-double-execution | VIOLATED in 17 steps |"},
		"junit": {`message="CPUy runs kernel code`,
			"has not run. In this run ct-&gt;seq wraps modulo 32; the kernel"},
		"sarif": {`"no-late-work": "VIOLATED in 27 steps, in which ct->seq wraps"`,
			"has not run. In this run ct->seq wraps modulo 32; the kernel"},
		"html": {"VIOLATED in 27 steps, in which ct-&gt;seq wraps", "wraps=no-late-work:ct-"},
		"mmd":  {"in which<br/>  ct-#62;seq wraps"},
		"dot":  {"in which ct->seq wraps"},
	} {
		text := written(t, format, r)
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q", format, want)
			}
		}
	}
	var j struct {
		Properties []struct {
			Name  string
			Wraps []string
		}
	}
	if err := json.Unmarshal([]byte(written(t, "json", r)), &j); err != nil {
		t.Fatal(err)
	}
	for _, p := range j.Properties {
		want := ""
		if p.Name == "no-late-work" {
			want = "ct->seq"
		}
		if got := strings.Join(p.Wraps, " "); got != want {
			t.Errorf("json: %s wraps %q, want %q", p.Name, got, want)
		}
	}
	conform(t, r)
	text = written(t, "text", makeReport(t, "peterz", models.DefaultConfig(), breadthFirst))
	if strings.Contains(text, "wraps") {
		t.Errorf("nothing wraps in\n%s", text)
	}
}
