package command

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"ctcheck/internal/testkit"
	"ctcheck/models"
)

func TestMatrixStatus(t *testing.T) {
	if testing.Short() {
		t.Skip("the whole set takes long under the race detector")
	}
	rows := []goodCall{
		{"matrix", 0, []string{"peterz-retry ", "  1+2nmi", "DLTKW", "Full searches"}, "the whole set"},
		{"matrix --designs luto,off --configs 2,1", 0, []string{"design  2      1\n", "luto    holds  holds\noff "},
			"in the order asked for"},
		{"matrix -designs=peterz -props no-warn -format md", 0, []string{"| peterz | holds | holds |"},
			"one dash, and ="},
		{"matrix --designs off --props all", 0, []string{"off     IE"}, "all properties"},
		{"matrix --designs off --props none --configs 1", 0, []string{"off     holds", "Checked: no-deadlock."},
			"only deadlocks"},
		{"matrix --designs valentin --configs 1+nmi-endless --format json", 0,
			[]string{`"rounds": 0`, `"config_key": "1+nmi-endless"`, `"complete": true`}, "beyond the matrix"},
		{"matrix --timeout 1ns", 3, []string{"not run: open", "not all of them complete"}, "no time"},
		{"findings --help", 0, []string{"docs/findings.md"}, "help"},
		{"matrix --help", 0, []string{"It is a survey", "* 1+2nmi ", "  2-endless"}, "help"},
	}
	for _, row := range rows {
		row.check(t)
	}
}

func TestBadMatrixCalls(t *testing.T) {
	rows := []badCall{
		{"matrix --designs petrez", `there is no model "petrez"; did you mean peterz?`, "a slip"},
		{"matrix --designs zzz", `there are: off, peterz, `, "nothing is near"},
		{"matrix --designs peterz,", `--designs: a name is empty`, "a comma too many"},
		{"matrix --designs peterz,peterz", `--designs: "peterz" is given twice`, "a design twice"},
		{"matrix --configs 2-sane", `there is no configuration "2-sane"; did you mean 2-same?`, "a slip"},
		{"matrix --configs 1,1", `--configs: "1" is given twice`, "a column twice"},
		{"matrix --props no-lots-work", `did you mean no-lost-work`, "a slip"},
		{"matrix --props all,no-warn", `"all" stands alone`, "a set among names"},
		{"matrix --format xml", `--format is "xml"; it can be text, md or json`, "unknown format"},
		{"matrix --timeout -1s", `--timeout is -1s`, "no time at all"},
		{"matrix --desings off", `there is no flag --desings; did you mean --designs?`, "a mistyped flag"},
		{"matrix --designs=", `--designs is empty; leave it out`, "no design"},
		{"matrix --configs=", `--configs is empty; leave it out`, "no column"},
		{"matrix peterz", `"peterz"; designs are named with --designs`, "a design as a word"},
		{"findings all", `findings takes no such argument: "all"`, "a word too many"},
	}
	for _, row := range rows {
		row.check(t, strings.Fields(row.args)...)
	}
}

// Ctrl-C ends the survey in order: the table says what is open, and nothing unsearched holds; there
// is no page that is not complete.
func TestInterruptedSurvey(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	if status := Run(ctx, Own{}, []string{"matrix"}, &out, &errs); status != exitIncomplete ||
		!strings.Contains(out.String(), "not run") || strings.Contains(out.String(), "holds") ||
		errs.Len() > 0 {
		t.Errorf("status %d\n%s\n%s", status, out.String(), errs.String())
	}
	out.Reset()
	if status := Run(ctx, Own{}, []string{"findings"}, &out, &errs); status != exitIncomplete || out.Len() > 0 ||
		!strings.Contains(errs.String(), "interrupted") {
		t.Errorf("status %d\n%s\n%s", status, out.String(), errs.String())
	}
}

// The names of the parameters in reports are those of the flags that set them.
func TestParamsAreFlags(t *testing.T) {
	status := 0
	f := newCheck(Own{}, &status).Flags()
	for _, p := range models.DefaultConfig().Params() {
		flag := f.Lookup(p.Name)
		if flag == nil || flag.DefValue != fmt.Sprint(p.Value) {
			t.Errorf("%s = %v is not what a flag says", p.Name, p.Value)
		}
	}
}

const findingsFile = "../docs/findings.md"

// The page of findings is what the tool writes now.
func TestFindings(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes minutes under the race detector")
	}
	status, out, errs := callMain("findings")
	if status != exitHolds || errs != "" {
		t.Fatalf("status %d, %s", status, errs)
	}
	testkit.Golden(t, findingsFile, []byte(out))
}

// Every run on the page is what the command above it prints.
func TestRunsOfFindings(t *testing.T) {
	page, err := os.ReadFile(findingsFile)
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	runs := regexp.MustCompile("(?s)\n`ctcheck ([^`]*)`\n\n```\n(.*?)```\n").FindAllStringSubmatch(text, -1)
	if len(runs) == 0 || strings.Count(text, "\n```\n") != 2*len(runs) {
		t.Errorf("%d runs with a command above them, %d fences", len(runs), strings.Count(text, "\n```\n"))
	}
	for _, r := range runs {
		status, out, _ := callMain(strings.Fields(r[1])...)
		if status != exitViolated || !strings.Contains(out, "\n"+r[2]) {
			t.Errorf("ctcheck %s: status %d, and it does not print\n%s", r[1], status, r[2])
		}
	}
	also := regexp.MustCompile("(?s)- Also `ctcheck ([^`]*)`, (no-[a-z-]+)\\s+in\\s+(\\d+)\\s+steps")
	for _, a := range also.FindAllStringSubmatch(text, -1) {
		_, out, _ := callMain(strings.Fields(a[1])...)
		want := regexp.MustCompile(fmt.Sprintf(`(?m)^  %s +VIOLATED in %s steps`, a[2], a[3]))
		if !want.MatchString(out) {
			t.Errorf("ctcheck %s does not say %s", a[1], want)
		}
	}
}
