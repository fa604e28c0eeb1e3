package command

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A list that is given in parts is the whole list: the same report, whichever way it was asked for.
func TestListsAddUp(t *testing.T) {
	for _, row := range []struct{ parts, whole, why string }{
		{"-model peterz --props no-double-execution --props no-lost-work",
			"-model peterz --props no-double-execution,no-lost-work", "properties"},
		{"-model peterz -props no-warn -props=no-late-work,no-deadlock --props terminates",
			"-model peterz --props no-warn,no-late-work,no-deadlock,terminates", "in every form, in three parts"},
		{"-model luto --memory sc --memory tso", "-model luto --memory sc,tso", "memory models"},
		{"-model valentin --context idle --context user", "-model valentin --context idle,user", "contexts"},
		{"-model bench-valentin --reduce symmetry --reduce por", "-model bench-valentin --reduce symmetry,por",
			"reductions"},
		{"matrix --designs off --designs luto --configs 1 --configs 2,1+nmi --props no-warn --props no-lost-work",
			"matrix --designs off,luto --configs 1,2,1+nmi --props no-warn,no-lost-work", "rows and columns"},
		{"weaken -model valentin-v7 --configs 1 --configs 2 --memory tso --memory sc --props no-warn " +
			"--props no-late-work", "weaken -model valentin-v7 --configs 1,2 --memory tso,sc --props " +
			"no-warn,no-late-work", "configurations"},
	} {
		status, parts, errs := callMain(strings.Fields(row.parts)...)
		want, whole, _ := callMain(strings.Fields(row.whole)...)
		parts, whole = volatile.ReplaceAllString(parts, "T"), volatile.ReplaceAllString(whole, "T")
		if status != want || errs != "" || parts != whole || want == exitBadCall {
			t.Errorf("ctcheck %s: status %d, stderr %q (%s)\n%s\nbut with commas %d\n%s", row.parts, status, errs,
				row.why, parts, want, whole)
		}
	}
}

// What cannot be both is refused, and named.
func TestRepeatedFlags(t *testing.T) {
	for _, row := range []badCall{
		{"-model peterz --model valentin", `--model is given twice, as "peterz" and as "valentin"`, "two designs"},
		{"-model peterz --setters 2 -setters=3", `--setters is given twice, as "2" and as "3"`, "two numbers"},
		{"-model peterz --setters 3 --setters 3", `--setters is given twice`, "the same number"},
		{"-model peterz --self --self=false", `--self is given twice, as "true" and as "false"`, "yes and no"},
		{"-model peterz --props no-warn --props no-warn", `"no-warn" is given twice`, "a property twice"},
		{"-model peterz --props no-warn --props all", `"all" stands alone`, "a set among names"},
		{"-model peterz --props default --props no-warn", `"default" stands alone`, "the default, and more"},
		{"-model peterz --props no-warn --props=", `a name is empty`, "no name"},
		{"-model peterz --memory tso --memory tso", `"tso" is given twice`, "a memory model twice"},
		{"-model valentin --context idle --context idle", `"idle" is given twice`, "a context twice"},
		{"-model peterz --reduce none --reduce symmetry", `"none" stands alone`, "contradicting names"},
		{"matrix --designs off --designs off", `"off" is given twice`, "a design twice"},
		{"matrix --memory sc --memory tso", `--memory is given twice, as "sc" and as "tso"`, "a table has one"},
		{"weaken -model off -model luto", `--model is given twice`, "two designs"},
		{"weaken -model off --configs 1 --configs 1", `"1" is given twice`, "a configuration twice"},
		{"explore -model off --memory sc --memory sc", `--memory is given twice`, "the explorer has one"},
		{"findings --progress none --progress plain", `--progress is given twice`, "two ways"},
		{"list --props --props", `--props is given twice`, "a word here"},
		{"completion bash --no-descriptions --no-descriptions", `--no-descriptions is given twice`, "a shell's"},
	} {
		row.check(t, strings.Fields(row.args)...)
	}
}

// No flag of any command can be given twice and lose what came first: it adds up, or is refused.
func TestNoFlagIsDropped(t *testing.T) {
	status := 0
	root := newRoot(Own{}, &status)
	strictCommands(root)
	watchRepeats(root)
	seen := 0
	var look func(cmd *cobra.Command)
	look = func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			seen++
			if f.Value.Type() == "stringArray" { // which adds up
				return
			}
			value := map[string]string{"bool": "true", "int": "3", "int64": "3", "uint64": "3", "duration": "3s",
				"string": "word"}[f.Value.Type()]
			first, second := cmd.Flags().Set(f.Name, value), cmd.Flags().Set(f.Name, value)
			adds := f.Value.String() == value+","+value
			if first != nil || adds == (repeated(second) != nil) {
				t.Errorf("%s --%s: %v, then %v, and it is %s", cmd.Name(), f.Name, first, second, f.Value)
			}
		})
		for _, c := range cmd.Commands() {
			look(c)
		}
	}
	look(root)
	if seen < 80 {
		t.Errorf("%d flags", seen)
	}
}

// A flag that no report would show is refused.
func TestFlagsThatNoReportShows(t *testing.T) {
	for _, row := range []badCall{
		{"--format json --width 60", "--width goes with --format text", "JSON has no columns"},
		{"--format md --color always", "--color always goes with --format text", "nor colours"},
		{"--format sarif --coverage", "--coverage is shown by text, json, html or md", "nowhere to say it"},
		{"--format mmd --coverage --out x.xml", "give one with --format or --out", "in two formats"},
	} {
		row.check(t, append([]string{"-model", "off"}, strings.Fields(row.args)...)...)
	}
	goodCall{"-model off --format mmd --coverage --out " + t.TempDir() + "/off.json --color never", 0,
		[]string{"sequenceDiagram"}, "a file has it"}.check(t)
}
