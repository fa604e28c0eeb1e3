package command

import (
	"strings"
	"testing"
)

func TestSimulate(t *testing.T) {
	const peterz = "simulate -model peterz --walks 500 "
	for _, c := range []goodCall{
		{peterz, exitViolated, []string{"peterz: VIOLATED under sc: no-double-execution",
			"a run that a random walk found", "search  random walks, 500 with seed 1",
			"coverage: ", "complete=no"}, "a race"},
		{peterz + "--props no-warn --seed 7", exitIncomplete, []string{"INCOMPLETE under sc: 500 random walks",
			"not violated so far", "500 with seed 7"}, "nothing is found"},
		{peterz + "--brief", exitViolated, []string{"=> WORK_"}, "in few lines"},
		{peterz + "--memory sc,tso --format json", exitViolated, []string{`"bound": "walks"`,
			`"verdict": "violated"`}, "for scripts"},
		{"simulate -model valentin-v7 --setters 8 --works 8 --rounds 64 --nmi 4 --timeout 300ms", exitIncomplete,
			[]string{"random walks", "different states"}, "what no search finishes"},
	} {
		c.check(t)
	}
	for _, c := range []badCall{
		{peterz + "--walks 0", "--walks", "twice"},
		{"simulate -model peterz --walks 0", "--walks is 0; it must be at least 1", "none"},
		{"simulate -model peterz --max-depth 0", "--max-depth is 0; it must be at least 1", "no steps"},
		{"simulate -model peterz --timeout 0s", "--timeout is 0s", "no time"},
		{"simulate -model peterz --workers 2", "--workers", "a flag of the search"},
		{"simulate", "no model is named", "no model"},
		{"simulate -model peters", "did you mean peterz", "misspelt"},
		{"show", "no model is named", "no model"},
		{"show -model peterz --width 9", "--width is 9", "too narrow"},
	} {
		c.check(t, strings.Fields(c.args)...)
	}
	goodCall{"show -model valentin", exitHolds,
		[]string{"ct_set_cpu_work(work) {\n\told_work = atomic_read(&ct->work);"}, "as in a mail"}.check(t)
	goodCall{"show -model ../examples/mcs_lock.c", exitHolds, []string{"tail = NULL;\n"},
		"its ranges are found by searches"}.check(t)
	badCall{"-model ../testdata/litmus/SB.litmus --witness all", "says of nothing that it must be reachable",
		"no claims"}.check(t, "-model", "../testdata/litmus/SB.litmus", "--witness", "all")
	badCall{"-model peterz --brief --coverage", "--coverage is not in brief text", "not shown"}.check(t, "-model",
		"peterz", "--brief", "--coverage")
	badCall{"-model peterz --brief --witness all", "--witness is not in brief text", "not shown"}.check(t, "-model",
		"peterz", "--brief", "--witness", "all")
	goodCall{"show -model ../examples/ticket_lock.c", exitHolds, []string{"ticket_lock: a protocol in C"},
		"C"}.check(t)
}
