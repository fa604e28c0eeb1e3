package command

import (
	"regexp"
	"strings"
	"testing"

	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
)

var againLine = regexp.MustCompile(`(?m)^   ctcheck (replay .*)$`)

// Each run that a report draws is drawn again by the call that stands below it, and violates what it did. It is
// refused where something of it cannot be.
func TestReplayOfEachTrace(t *testing.T) {
	drawn := 0
	for _, d := range models.All() {
		for _, flags := range []string{"--props all", "--nmi 1 --props all --memory tso", "--rounds 0 --setters 1",
			"--self=true --setters 1"} {
			if testing.Short() && drawn > 40 {
				return
			}
			_, out, errs := callMain(append([]string{"-model", d.Name}, strings.Fields(flags)...)...)
			if errs != "" {
				t.Fatal(errs)
			}
			for _, story := range strings.Split(out, ": VIOLATED in ")[1:] {
				call := againLine.FindStringSubmatch(story)
				if call == nil {
					continue // of the properties' table
				}
				drawn++
				status, again, errs := callMain(strings.Fields(call[1])...)
				lanes := story[strings.Index(story, "\n\n"):strings.Index(story, "\n\n=>")]
				if status != exitViolated || errs != "" || !strings.Contains(again, " VIOLATES") ||
					!strings.Contains(again, lanes) {
					t.Errorf("%s: status %d, %s\n%s\nthe run was%s", call[1], status, errs, again, lanes)
				}
			}
		}
	}
	if drawn < 100 {
		t.Errorf("only %d runs", drawn)
	}
}

// A run that goes on for ever is replayed with its cycle, which must come back.
func TestReplayOfCycles(t *testing.T) {
	starves := Protocol{Name: "starves", Summary: "a lock that is not fair",
		Build: func() (*model.Program, []*model.Monitor) {
			p, _ := ownLock("starves", false).Build()
			inside := p.Ghost("CPU2 was inside", model.Bool, model.Int(0))
			lock := p.Vars[0]
			p.CPU("CPU2").Run(p.Routine("third", func(r *model.Routine) {
				seen := r.LocalOf("seen", lock)
				r.DoWhile(func() { r.Xchg("xchg(&lock, 1)", seen, lock, model.Int(1)) }, seen.Eq(model.Int(1)))
				r.Set(inside, model.Int(1))
			}))
			p.CPU("CPU3").Run(p.Routine("greedy", func(r *model.Routine) {
				seen := r.LocalOf("seen", lock)
				r.Forever(func() {
					r.DoWhile(func() { r.Xchg("xchg(&lock, 1)", seen, lock, model.Int(1)) }, seen.Eq(model.Int(1)))
					r.StoreRelease("smp_store_release(&lock, 0)", lock, model.Int(0))
				})
			}))
			return p, []*model.Monitor{props.Eventually("CPU2 gets in", inside.Eq(model.Int(1)))}
		}}
	own := Own{Protocols: []Protocol{starves}}
	_, out, _ := callOwn(own, "-model starves --props default")
	call := againLine.FindStringSubmatch(out)
	if call == nil || !strings.Contains(call[1], ":") {
		t.Fatalf("no cycle in\n%s", out)
	}
	status, again, errs := callOwn(own, call[1])
	if status != exitViolated || errs != "" || !strings.Contains(again, "VIOLATES CPU2 gets in") ||
		!strings.Contains(again, "-- from here for ever --") {
		t.Errorf("%s: status %d, %s\n%s", call[1], status, errs, again)
	}
	// Without the cycle the run is one that still may go on.
	if status, again, _ := callOwn(own, strings.Replace(call[1], ":", "-", 1)); status != exitHolds {
		t.Errorf("%s without its colon: status %d\n%s", call[1], status, again)
	}
}

func TestReplay(t *testing.T) {
	const nmi = "replay -model valentin --setters 1 --nmi 1 "
	for _, c := range []goodCall{
		{nmi + "--run 1x2-1n-1x3", exitViolated, []string{"valentin: a run of 6 steps under sc VIOLATES no-warn",
			"\n=> WARN_ON_ONCE", "violated=no-warn\n"}, "what the help shows"},
		{nmi + "--run 1x2-1n-1x6", exitViolated, []string{"The run violates no-warn by its first 6 steps."},
			"more"},
		{nmi + "--run 1x2", exitHolds, []string{"violates nothing that was asked", "violated=\n"}, "less"},
		{nmi + "--run=", exitHolds, []string{"a run of 0 steps"}, "the start"},
		{nmi + "--run 1x2-1n-1x3 --props none", exitHolds, []string{"violates nothing"}, "nothing is asked"},
		{"replay -model luto --memory tso --props no-needless-ipi --run 2x4-0", exitViolated,
			[]string{"waits in the store buffer", "VIOLATES no-needless-ipi"}, "store buffers"},
	} {
		c.check(t)
	}
	for _, c := range []badCall{
		{nmi, "replay needs the run", "no run"},
		{nmi + "--run 1x2-q", `--run: step 3 of the run is "q"`, "no word"},
		{nmi + "--run 1x20", `--run: step 10 is "1": CPUy cannot do that there; what can come is 0, 1n`,
			"not there"},
		{nmi + "--run 2", `of a CPU that the program does not have: 0 is CPUx, and the last is 1, CPUy`, "no CPU"},
		{nmi + "--run 1:1", "the run does not come back to where it stands before step 2", "no cycle"},
		{nmi + "--run 1 --memory scc", `there is no memory model "scc"`, "no memory model"},
		{"replay --run 1", "no model is named", "no model"},
		{"explore -model peterz --run 9", "--run: step 1 is", "of the explorer"},
		{"explore -model peterz --run 0-", `--run: step 2 of the run is ""`, "of the explorer"},
	} {
		c.check(t, strings.Fields(c.args)...)
	}
}

// A word is quoted as a shell takes it.
func TestQuote(t *testing.T) {
	for word, want := range map[string]string{"peterz": "peterz", "a.c,b.c": "a.c,b.c", "": "''",
		"my lock.c": "'my lock.c'",
		"it's":      `'it'\''s'`, "$x": "'$x'", "A=1": "A=1"} {
		if got := quote(word); got != want {
			t.Errorf("%s: %s, want %s", word, got, want)
		}
	}
	_, out, _ := callMain("-model", "../testdata/c/rfc-v1-11-of-14.c", "-D", "X=a b", "--setters", "1",
		"--works", "1", "--nmi", "1", "--props", "no-warn")
	want := "ctcheck replay -model ../testdata/c/rfc-v1-11-of-14.c --works 1 --setters 1"
	if !strings.Contains(out, "-D 'X=a b'") {
		t.Errorf("no %s in\n%s", want, out)
	}
}
