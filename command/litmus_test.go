package command

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tests is the folder with the project's own litmus tests.
const tests = "../testdata/litmus/"

// write makes a file in a folder of the test's own.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

// The exit status says the worst of what was met: not understood, not as expected, cut.
func TestLitmusStatus(t *testing.T) {
	dir := t.TempDir()
	bad := write(t, dir, "bad.litmus", "C bad\n{ }\nP0(int *x) { frobnicate(x); }\nexists (x=1)\n")
	write(t, dir, "SB.litmus", "C SB\n{ }\nP0(int *x, int *y) { WRITE_ONCE(*x, 1); int r0 = READ_ONCE(*y); }\n"+
		"P1(int *x, int *y) { WRITE_ONCE(*y, 1); int r0 = READ_ONCE(*x); }\nexists (0:r0=0 /\\ 1:r0=0)\n")
	right := write(t, dir, "right.tsv", "file\tsc\ttso\nSB.litmus\tNever\tSometimes\nbad.litmus\tNever\tNever\n")
	wrong := write(t, dir, "wrong.tsv", "file\tsc\ttso\nSB.litmus\tNever\tunreachable\n")
	kernel := write(t, dir, "kernel.tsv", "file\tlkmm\tpositive\tnegative\tflags\nSB.litmus\tSometimes\t1\t3\t-\n")
	worse := write(t, dir, "worse.tsv", "file\tlkmm\tpositive\tnegative\tflags\nSB.litmus\tSometimes\t1\t4\t-\n")
	sb := filepath.Join(dir, "SB.litmus")
	for _, row := range []struct {
		args   string
		status int
		why    string
	}{
		{sb, 0, "an exists that is not satisfied is no failure"},
		{"--expect " + right + " " + sb, 0, "as expected"},
		{"--expect " + wrong + " " + sb, 1, "not as expected"},
		{"--memory sc --expect " + wrong + " " + sb, 0, "only what is run is compared"},
		{"--timeout 1ns " + sb, 3, "no time"},
		{"--timeout 1ns --expect " + wrong + " " + sb, 3, "no answer contradicts nothing"},
		{bad, 2, "not supported"},
		{dir, 2, "one of two is not supported"},
		{"--expect " + wrong + " " + dir, 2, "that is worse than not as expected"},
		{sb + " " + sb, 0, "twice the same"},
		{"--expect " + wrong + " " + sb + " " + sb, 1, "not as expected, of many"},
		{"--timeout 1ns " + sb + " " + sb, 3, "no time, of many"},
		{"--memory lkmm --expect " + kernel + " " + sb, 0, "as expected, with counts"},
		{"--memory lkmm --expect " + worse + " " + sb, 1, "another count"},
		{"--memory lkmm --mode condition --expect " + worse + " " + sb, 0, "nothing was counted"},
		{"--memory lkmm " + tests + "x86-SB.litmus", 2, "nothing was decided"},
		{"--memory lkmm " + tests + "x86-SB.litmus " + sb, 0, "one of two was"},
		{"--memory lkmm --timeout 1ns " + sb, 3, "no time"},
		{"--engine axioms --memory sc,tso,lkmm " + sb, 0, "three models by axioms"},
		{tests + "lock-twice.litmus", 0, "a deadlock is an answer"},
	} {
		if status, out, errs := callMain(strings.Fields("litmus " + row.args)...); status != row.status {
			t.Errorf("litmus %s: status %d, want %d (%s)\n%s%s", row.args, status, row.status, row.why, out, errs)
		}
	}
}

func TestLitmusBadCalls(t *testing.T) {
	dir := t.TempDir()
	table := write(t, dir, "t.tsv", "file\tlkmm\n")
	counts := write(t, dir, "c.tsv", "file\tlkmm\tpositive\nSB.litmus\tSometimes\tmany\n")
	for _, row := range []badCall{
		{"litmus", "needs a FILE or a DIR", "no test"},
		{"litmus missing.litmus", "missing.litmus", "no such file"},
		{"litmus " + dir, "has no file whose name ends in .litmus", "a folder without tests"},
		{"litmus - -", "- is given twice", "one standard input"},
		{"litmus --memory pso " + tests, `there is no memory model "pso"`, "no such model"},
		{"litmus --memory sc,sc " + tests, "given twice", "the same twice"},
		{"litmus --format yaml " + tests, "--format is", "no such format"},
		{"litmus --format html " + tests, "shows the run of one test", "a page of many"},
		{"litmus --out " + dir + "/x.html " + tests, "shows the run of one test", "a page of many"},
		{"litmus --out " + dir + "/x.pdf " + tests, "the format follows the ending", "no such format"},
		{"litmus --timeout 0s " + tests, "--timeout is 0s", "no time"},
		{"litmus --workers 0 " + tests, "--workers is 0", "nobody"},
		{"litmus --format json --width 60 " + tests, "--width", "of text only"},
		{"litmus --expect missing.tsv " + tests, "--expect: open missing.tsv", "no table"},
		{"litmus --expect " + table + " " + tests, "there is no column sc or tso", "a table about something else"},
		{"litmus --expect " + counts + " --memory lkmm " + tests, "in the column positive", "counts are numbers"},
		{"litmus --memory lkmm --mode half " + tests, "--mode is \"half\"; it can be full or condition",
			"no such mode"},
		{"litmus --mode full " + tests, "--mode goes with --memory lkmm or --engine axioms",
			"states have no modes"},
		{"litmus --why " + tests + "SB.litmus", "--why goes with --memory lkmm", "nor reasons"},
		{"litmus --why --memory lkmm " + tests, "--why is of one test; there are", "and of one test"},
		{"litmus --unroll 3 " + tests + "SB.litmus", "--unroll goes with --memory lkmm", "states need none"},
		{"litmus --memory lkmm --unroll 0 " + tests + "SB.litmus", "--unroll is 0; it can be 1 to", "no round"},
		{"litmus --engine both " + tests, "--engine is \"both\"; it can be states or axioms", "no such engine"},
		{"litmus --engine axioms --memory tso-lazy " + tests, "has none of tso-lazy", "no axioms of that"},
		{"litmus --memory sc,lkmm --format html " + tests + "SB.litmus", "ask for lkmm apart",
			"two kinds of pictures"},
		{"litmus --memory lkmm --format md " + tests + "SB.litmus", "md does not show execution graphs",
			"no such picture"},
		{"litmus --memory lkmm --out " + dir + "/x.sarif " + tests + "SB.litmus",
			"sarif does not show execution graphs",
			"no such picture"},
		{"-model " + tests + "SB.litmus --memory lkmm", "lkmm is for litmus tests: ctcheck litmus --memory lkmm",
			"the other command has it"},
		{"matrix --memory lkmm", "memory model", "a survey has no axioms"},
		{"-model missing.litmus", "the litmus test missing.litmus cannot be read", "no such file"},
		{"-model " + tests + "SB.litmus --setters 3", "--setters is about designs", "a flag of designs"},
		{"weaken -model " + tests + "SB.litmus --configs 2", "--configs is about designs", "a flag of designs"},
		{"explore -model " + tests + "SB.litmus --props all", "--props is about designs", "a flag of designs"},
	} {
		row.check(t, strings.Fields(row.args)...)
	}
}

// Where a design's name goes a litmus test does.
func TestLitmusAsModel(t *testing.T) {
	for _, row := range []goodCall{
		{"-model " + tests + "SB.litmus --memory sc,tso", exitViolated, []string{"SB: exists (0:r0=0 /\\ 1:r0=0)",
			"never: VIOLATED in 6 steps", "=> Every thread has ended, with 0:r0=0 /\\ 1:r0=0.",
			"never: holds under sc, violated under tso"}, "what exists asks for is a violation"},
		{"-model " + tests + "SB+mbs.litmus --memory sc,tso", exitHolds, []string{"never        holds"},
			"and here it is not"},
		{"weaken -model " + tests + "SB+mbs.litmus", exitHolds, []string{"smp_mb()\n", "tso  needed: breaks never"},
			"both fences are needed"},
		{"weaken -model " + tests + "rcu-MP.litmus --memory tso", exitHolds,
			[]string{"  checked never, no-deadlock"}, "what counts readers is no property"},
		{"weaken -model " + tests + "MP+wmb+rmb.litmus --memory tso", exitHolds,
			[]string{"changes nothing: on x86 it orders the"}, "neither is on x86"},
		{"weaken -model " + tests + "MP+wmb+rmb.litmus --format md", exitHolds, []string{"under sc (sequential " +
			"consistency) and tso (x86-TSO).\n\n| # |"}, "there are no configurations"},
	} {
		row.check(t)
	}
}

// Every format of one test, on standard output and as a file.
func TestLitmusFormats(t *testing.T) {
	dir := t.TempDir()
	for format, want := range map[string]string{"text": "Observation SB Sometimes 1 3",
		"json": `"observation": "Never"`,
		"csv":  "SB,tso,Sometimes,true,1,3,", "junit": `classname="ctcheck.litmus.tso"`,
		"html": "WRITE_ONCE(*x, 1)", "md": "never", "mmd": "sequenceDiagram", "dot": "digraph", "states": "state 0",
		"sarif": "never"} {
		i := -1
		for k, f := range litmusFormats() {
			if f.name == format {
				i = k
			}
		}
		file := filepath.Join(dir, "out"+litmusFormats()[i].ending)
		status, out, errs := callMain("litmus", "--format", format, "--out", file, tests+"SB.litmus")
		data, err := os.ReadFile(file)
		if status != 0 || errs != "" || err != nil || !strings.Contains(out, want) {
			t.Errorf("%s: status %d, %s, error %v, no %q in\n%s", format, status, errs, err, want, out)
		}
		if !strings.Contains(string(data), want) {
			t.Errorf("%s: no %q in the file\n%s", format, want, data)
		}
	}
	if len(litmusFormats()) != 10 {
		t.Errorf("%d formats, and ten were tested", len(litmusFormats()))
	}
}

// The pictures of execution graphs.
func TestLitmusGraphs(t *testing.T) {
	dir := t.TempDir()
	for _, row := range []struct{ format, test, want string }{
		{"dot", "SB", "label=\"fr\\l\""}, {"dot", "SB+mbs", "color=red"}, {"html", "SB", "<svg"},
		{"html", "SB+mbs", "class=\"cycle\""}, {"html", "rcu-MP", "the beginning of P0"},
	} {
		file := filepath.Join(dir, row.test+"."+row.format)
		status, out, errs := callMain("litmus", "--memory", "lkmm", "--format", row.format, "--out", file,
			tests+row.test+".litmus")
		data, err := os.ReadFile(file)
		if status != 0 || errs != "" || err != nil || !strings.Contains(out, row.want) || string(data) != out {
			t.Errorf("%s of %s: status %d, %s, error %v, no %q in\n%s", row.format, row.test, status, errs,
				err, row.want,
				out)
		}
	}
}

// A table that has no row for a test is no agreement.
func TestLitmusNoRow(t *testing.T) {
	dir := t.TempDir()
	table := write(t, dir, "other.tsv", "file\tsc\nMP.litmus\tNever\n")
	for _, row := range []struct {
		files, want string
		is          bool
	}{
		{tests + "SB.litmus", table + " has no row for this test\n", true},
		{tests + "MP.litmus", "no row", false},
		{tests + "SB.litmus " + tests + "MP.litmus", table + " has no row for 1 of the tests\n", true},
		{tests + "MP.litmus " + tests + "MP.litmus", "no row", false},
	} {
		status, out, errs := callMain(strings.Fields("litmus --memory sc --expect " + table + " " + row.files)...)
		if status != exitHolds || strings.Contains(out, row.want) != row.is {
			t.Errorf("%s: status %d, %q there: %t\n%s%s", row.files, status, row.want, !row.is, out, errs)
		}
	}
}

// Ctrl-C ends also the wait for a test that does not come.
func TestLitmusInterruptedReading(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	silent, w := io.Pipe()
	defer w.Close()
	if src, err := readTest(ctx, "-", silent); src != nil || err == nil {
		t.Errorf("%q was read, error %v", src, err)
	}
	if src, err := readTest(ctx, tests+"SB.litmus", silent); len(src) == 0 || err != nil {
		t.Errorf("%q was read, error %v", src, err)
	}
}

// Of many tests there is a line each in the order given, and a sum; JSON has every test under every memory model.
func TestLitmusMany(t *testing.T) {
	json1 := filepath.Join(t.TempDir(), "all.json")
	args := []string{"litmus", "--workers", "4", "--out", json1, tests + "SB.litmus", tests + "MP.litmus",
		tests + "ABBA.litmus"}
	status, out, errs := callMain(args...)
	want := tests + "SB.litmus: sc Never 0 3; tso Sometimes 1 3\n" +
		tests + "MP.litmus: sc Never 0 3; tso Never 0 3\n" +
		tests + "ABBA.litmus: sc Sometimes 1 1, deadlock; tso Sometimes 1 1, deadlock\n\n3 tests in "
	if status != 0 || errs != "" || !strings.HasPrefix(out, want) {
		t.Errorf("status %d, %s\n%s\nwant\n%s", status, errs, out, want)
	}
	data, err := os.ReadFile(json1)
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct{ File, Memory string }
	if err := json.Unmarshal(data, &rows); err != nil || len(rows) != 6 || rows[5].Memory != "tso" ||
		rows[5].File != tests+"ABBA.litmus" {
		t.Errorf("%v, %+v", err, rows)
	}
}

// The public tests, where they are there, are as their tables say.
func TestPublicLitmusTests(t *testing.T) {
	const public = "../../shared/litmus"
	if _, err := os.Stat(public); err != nil {
		t.Skipf("the public tests are not there: %v", err)
	}
	for table, of := range map[string]string{"verdicts.tsv": ".", "x86.tsv": "x86"} {
		status, out, _ := callMain("litmus", "--memory", "sc,tso", "--timeout", "5s", "--expect",
			filepath.Join(public, table), filepath.Join(public, of))
		if status != exitHolds && status != exitIncomplete || !strings.Contains(out, table+": ") ||
			!strings.Contains(out, " agree, 0 do not\n") {
			t.Errorf("%s: status %d\n%s", table, status, out)
		}
	}
}
