package command

import (
	"strings"
	"testing"
)

func TestDiff(t *testing.T) {
	const c = "../testdata/c/"
	for _, row := range []goodCall{
		{"diff valentin valentin-v4 --configs 1+nmi", exitHolds, []string{"valentin -> valentin-v4 under sc\n",
			"mended: no-double-execution (1+nmi)", "broke: nothing",
			"They part with --setters 1 --works 1 --nmi 1 " +
				"after 3 steps"}, "what changed"},
		{"diff peterz peterz --configs 2", exitHolds, []string{"broke: nothing\nmended: nothing",
			"They do the same"},
			"nothing changed"},
		{"diff luto luto --memory tso --setters 1", exitHolds, []string{"under x86-TSO", "They do the same"},
			"another memory model, a configuration from flags"},
		{"diff peterz valentin --configs 2 --props no-double-execution --format json", exitHolds,
			[]string{`"became": "mended"`, `"parting": {`}, "for scripts"},
		{"diff peterz valentin --configs 2 --format md", exitHolds, []string{"# peterz -> valentin under sc",
			"## mended: no-double-execution", "## Where they part"}, "for an issue"},
		{"diff ../examples/ticket_lock.c ../examples/mcs_lock.c", exitHolds, []string{"They part"},
			"locks in C"},
		{"diff " + c + "rfc-v1-11-of-14.c valentin --setters 1 --works 1 --nmi 1", exitHolds,
			[]string{"no-warn", "violated"}, "a patch and a design"},
		{"diff ../testdata/litmus/SB.litmus ../testdata/litmus/SB+mbs.litmus", exitHolds, []string{"They"},
			"litmus tests"},
	} {
		row.check(t)
	}
	goodCall{"diff peterz valentin --configs 2 --format html", exitHolds, []string{"<!DOCTYPE html>",
		`<div class="pair">`}, "side by side"}.check(t)
	for _, row := range []badCall{
		{"diff peterz valentin --format htm", `--format is "htm"; it can be text, md or json, or html`,
			"no format"},
		{"diff peterz", "diff takes two names", "one name"},
		{"diff peterz valentin luto", "diff takes two names, as in ctcheck diff valentin valentin-v4, and here " +
			"are 3",
			"three names"},
		{"diff peterz valentni", "did you mean valentin", "misspelt"},
		{"diff peterz -", "diff reads files, and not standard input", "what is there once"},
		{"diff ../examples/ticket_lock.c peterz --configs 2", "--configs is about deferral designs", "no deferral"},
		{"diff ../examples/ticket_lock.c peterz --setters 2", "--setters", "no deferral"},
		{"diff peterz valentin --configs 2 --setters 1", "give one of them", "both"},
		{"diff peterz valentin --props nonsense", "nonsense", "no property"},
		{"diff peterz nosuch.c", "cannot be read", "no file"},
	} {
		row.check(t, strings.Fields(row.args)...)
	}
	if status, out, errs := callOwn(mine(), "diff peterz next-version --configs 2"); status != exitHolds ||
		errs != "" ||
		!strings.Contains(out, "They do the same") {
		t.Errorf("a design of one's own: %d %s\n%s", status, errs, out)
	}
	if status, out, errs := callOwn(mine(), "diff good-lock bad-lock"); status != exitHolds || errs != "" ||
		!strings.Contains(out, "broke: exclusion\n") {
		t.Errorf("protocols of one's own: %d %s\n%s", status, errs, out)
	}
}
