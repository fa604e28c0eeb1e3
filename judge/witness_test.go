package judge_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctcheck/judge"
	"ctcheck/model"
	"ctcheck/report"
	"ctcheck/verdict"
)

// load is a test of the folder as a protocol.
func load(t *testing.T, name string) *judge.Protocol {
	t.Helper()
	file := filepath.Join(folder, name+".litmus")
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := judge.Load(file, src)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// There is a run to what is asked about exactly if some final state is that, and to a deadlock exactly if the
// test is flagged: two searches, which have little in common, agree.
func TestWitnessesAgreeWithOutcomes(t *testing.T) {
	files, err := judge.Find([]string{folder})
	if err != nil {
		t.Fatal(err)
	}
	shown, stuck := 0, 0
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), judge.Ending)
		p := load(t, name)
		for _, o := range decide(t, name, both...) {
			r, err := p.Witness(t.Context(), o.Memory, judge.Limits{}, 1)
			if err != nil {
				t.Errorf("%s: %v", f, err)
				continue
			}
			for _, pr := range r.Properties {
				want := o.HasWitness()
				if pr.Name == model.NoDeadlock {
					want = len(o.Flags) > 0
				}
				if pr.Violated != want || !r.Complete {
					t.Errorf("%s under %s: %s is violated: %t, want %t", f, o.Memory, pr.Name, pr.Violated, want)
				}
				if pr.Violated && pr.Name == model.NoDeadlock {
					stuck++
				} else if pr.Violated {
					shown++
				}
			}
		}
	}
	if shown < 20 || stuck < 4 {
		t.Errorf("%d runs, %d deadlocks", shown, stuck)
	}
}

// The text of one test has herd7's lines, the run, what differs, and what was assumed.
func TestText(t *testing.T) {
	p := load(t, "SB")
	outcomes := decide(t, "SB", both...)
	r, err := p.Witness(t.Context(), model.TSO, judge.Limits{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := judge.Text(&b, report.Mail, outcomes, []*report.Report{r}, nil); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{
		"Observation SB Never 0 3\n", "Observation SB Sometimes 1 3\n",
		"A run under x86-TSO to a final state with 0:r0=0 /\\ 1:r0=0, in 6 steps (a\n  shortest one):\n",
		"  1   WRITE_ONCE(*x, 1)\n        x = 1 waits in the store buffer\n",
		"=> Every thread has ended, with 0:r0=0 /\\ 1:r0=0.\n",
		"Under tso and not under sc:\n  0:r0=0; 1:r0=0;\n",
		"\nassumed:\n  primitives as the kernel has them on x86",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "Under sc and not") {
		t.Errorf("tso has all states of sc:\n%s", text)
	}
	b.Reset()
	mbs := decide(t, "SB+mbs", both...)
	if err := judge.Text(&b, report.Mail, mbs, nil, nil); err != nil ||
		!strings.Contains(b.String(), "The final states are the same under sc and tso.\n") {
		t.Errorf("error %v\n%s", err, b.String())
	}
	b.Reset()
	mbs[1].Bound = verdict.AtTimeout
	if err := judge.Text(&b, report.Mail, mbs, nil, nil); err != nil || strings.Contains(b.String(),
		"the same under") ||
		!strings.Contains(b.String(), "SB+mbs.litmus: no answer under tso: cut by --timeout\n") {
		t.Errorf("error %v\n%s", err, b.String())
	}
}
