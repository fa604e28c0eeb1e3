package command

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
)

func TestWeakenStatus(t *testing.T) {
	rows := []goodCall{
		{"weaken -model valentin", 0, []string{"these have to be atomic: rows 4, 8;",
			"1+nmi, 2+nmi, 1+2nmi under sc and tso", "needed: breaks no-lost-work (1)", "full searches"},
			"a design in all its configurations"},
		{"weaken --model=valentin-v7 --memory=tso --configs=1,2", 0, []string{"memory  tso (x86-TSO)",
			"these have to be atomic: rows 4, 8;"}, "one memory model, some configurations"},
		{"weaken -model valentin -setters 1 -props no-late-work -memory sc", 0, []string{
			"config  --setters 1 --works 2\n", "checked no-late-work, no-deadlock,",
			"needed: breaks no-late-work\n"},
			"a configuration of its own"},
		{"weaken -model valentin --setters 1 --trace 8 --memory tso", 0, []string{
			"Row 8 under tso, with --setters 1 --works 2: work =", "WRITE_ONCE(ct->work, ...) /* torn */",
			"CPUy's store to ct->work becomes visible"}, "a run"},
		{"weaken -model valentin --configs 1 --traces --format md", 0, []string{"| 8 | `ct_kernel_enter_state` |",
			"Row 4 under sc,", "Row 8 under tso,", "Row 18 under sc,", "```\n"}, "all runs, in Markdown"},
		{"weaken -model valentin --configs 1 --trace 1", 0, []string{"Row 1 breaks no property"},
			"no run to show"},
		{"weaken -model valentin --props none --configs 1", 0, []string{"checked no-deadlock, and"},
			"no properties"},
		{"weaken -model tlb-v6 --props all --configs 1", 0,
			[]string{"Not applicable: no-double-execution: "}, "properties that are vacuous"},
		{"weaken -model off", 0, []string{"There is nothing to weaken"}, "no steps"},
		{"weaken -model bench-valentin --configs 1", 0, []string{"has no target CPU"},
			"a program without a target"},
		{"weaken -model valentin --timeout 1ns", 3, []string{"open: not run", "not all of them complete"},
			"no time"},
		{"weaken --help", 0, []string{"It is a survey", "--setters", "--traces"}, "help"},
	}
	for _, row := range rows {
		row.check(t)
	}
}

func TestBadWeakenCalls(t *testing.T) {
	rows := []badCall{
		{"weaken", `no model is named; try -model peterz `, "nothing asked"},
		{"weaken -model petrez", `there is no model "petrez"; did you mean peterz?`, "a slip"},
		{"weaken valentin", `weaken takes no such argument: "valentin"; a model is named with -model`,
			"the model as a word"},
		{"weaken -model valentin --memory pso", `there is no memory model "pso"; did you mean tso`, "a slip"},
		{"weaken -model valentin --memory power", `there are: sc, tso, tso-lazy`, "not known"},
		{"weaken -model valentin --memory sc,sc", `--memory: "sc" is given twice`, "a memory model twice"},
		{"weaken -model valentin --memory=", `--memory is empty`, "no memory model"},
		{"weaken -model valentin --configs 2-sane", `did you mean 2-same?`, "a slip"},
		{"weaken -model valentin --configs=", `--configs is empty`, "no configuration"},
		{"weaken -model valentin --configs 1 --nmi 1 --self", `--nmi --self makes another; give one of them`,
			"two ways to say which"},
		{"weaken -model valentin --setters 9", `setters is 9; it can be 1 to 8`, "out of range"},
		{"weaken -model peterz --context idle", `model peterz has no idle or guest of its own`,
			"not for this design"},
		{"weaken -model valentin --props no-lots-work", `did you mean no-lost-work`, "a mistyped property"},
		{"weaken -model valentin --trace 0", `--trace is 0; the table has rows 1 to 18`, "no row"},
		{"weaken -model valentin --trace 19", `--trace is 19; the table has rows 1 to 18`, "behind the last row"},
		{"weaken -model off --trace 1", `--trace is 1; the table has no rows`, "no rows at all"},
		{"weaken -model valentin --trace 1 --traces", `--trace and --traces: give one of them`, "both"},
		{"weaken -model valentin --format xml", `--format is "xml"; it can be text, md or json`, "unknown format"},
		{"weaken -model valentin --timeout -1s", `--timeout is -1s`, "no time at all"},
		{"weaken -model valentin --tarce 1", `did you mean --trace`, "a mistyped flag"},
	}
	for _, row := range rows {
		row.check(t, strings.Fields(row.args)...)
	}
}

// Every example of the help text is a call that works.
func TestWeakenExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("as TestExamplesOfTheHelp")
	}
	status := 0
	for example := range strings.SplitSeq(newWeaken(Own{}, &status).Example, "\n") {
		args, ok := strings.CutPrefix(strings.TrimSpace(example), "ctcheck ")
		if !ok {
			t.Errorf("%q is no call of ctcheck", example)
		}
		if got, out, errs := callMain(strings.Fields(args)...); got != exitHolds || out == "" || errs != "" {
			t.Errorf("%s: status %d, stderr %q", example, got, errs)
		}
	}
}

// Ctrl-C ends the survey in order: the table says what is open, in every format, and decides nothing.
func TestInterruptedWeaken(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, format := range []string{"text", "md", "json"} {
		var out, errs bytes.Buffer
		args := []string{"weaken", "-model", "valentin", "--format", format}
		if status := Run(ctx, Own{}, args, &out, &errs); status != exitIncomplete || errs.Len() > 0 ||
			!strings.Contains(out.String(), "not run") || strings.Contains(out.String(), "not needed under") ||
			strings.Contains(out.String(), `"not needed"`) {
			t.Errorf("status %d\n%s\n%s", status, out.String(), errs.String())
		}
	}
}

// Two runs say the same: several searches side by side do not mix.
func TestWeakenRepeats(t *testing.T) {
	args := strings.Fields("weaken -model valentin-v7 --configs 1,1+nmi --traces --format json")
	_, first, _ := callMain(args...)
	_, second, _ := callMain(args...)
	if first != second {
		t.Errorf("two runs differ:\n%s\n%s", first, second)
	}
	var j struct {
		Complete bool
		Rows     []struct{ Verdicts []struct{ Verdict string } }
	}
	if err := json.Unmarshal([]byte(first), &j); err != nil || !j.Complete || len(j.Rows) != 12 ||
		len(j.Rows[3].Verdicts) != 2 || j.Rows[3].Verdicts[0].Verdict != "needed" {
		t.Errorf("%v: %+v", err, j)
	}
}
