package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctcheck/cfront"
	"ctcheck/internal/testkit"
)

// cDir is a folder with C files: two designs, a protocol and one that is wrong.
func cDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"peterz.c", "ct_seq.h", "valentin.c", "ct_base.h"} {
		text, err := os.ReadFile(filepath.Join("../testdata/c", name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, name, string(text))
	}
	write(t, dir, "two.c", protocolC)
	write(t, dir, "bad.c", "#include <ctcheck.h>\nint x;\nCTCHECK_CPU(A) { x = y; }\n")
	write(t, dir, "part.c", "int shared;\nvoid set(void) { shared = 1; }\n")
	write(t, dir, "rest.c", "#include <ctcheck.h>\nvoid set(void);\nCTCHECK_CPU(A) { set(); }\n"+
		"CTCHECK_NEVER(\"set\", shared);\n")
	return dir
}

const protocolC = `#include <linux/atomic.h>
#include <ctcheck.h>
#ifndef LIMIT
#define LIMIT 2
#endif
static atomic_t n;
CTCHECK_CPU(A, B) { atomic_inc(&n); }
CTCHECK_NEVER("too many", atomic_read(&n) > LIMIT);
CTCHECK_REACHED("both", atomic_read(&n) == 2);
`

func TestCFiles(t *testing.T) {
	dir := cDir(t)
	t.Chdir(dir)
	for _, row := range []struct {
		args   string
		status int
		parts  []string
	}{
		{"-model peterz.c", exitViolated, []string{"peterz: a deferral design in C", "source  peterz.c",
			"no-double-execution", "VIOLATED in 17 steps", "ct_seq_set_work(cpu=2, work=1):",
			"ret = atomic_try_cmpxchg(&ct->seq, &seq, seq | CT_SEQ_WORK)", "=> WORK_0 runs, by the IPI"}},
		{"-model valentin.c --setters 1 --works 1 --props no-warn,no-double-execution", exitHolds,
			[]string{"no-warn", "holds", "preempt_disable() is taken as nothing"}},
		{"-model two.c", exitHolds, []string{"two: a protocol in C", "too many", "reachable: both", "reached"}},
		{"-model two.c -D LIMIT=1", exitViolated, []string{"too many: VIOLATED in 2 steps", "n: 1 -> 2"}},
		{"-model two.c --define LIMIT=1 --memory sc,tso", exitViolated, []string{"x86-TSO"}},
		{"-model part.c,rest.c", exitViolated, []string{"part: a protocol in C", "set: VIOLATED in 1 step"}},
		{"matrix --designs peterz.c,peterz --configs 1,2", exitHolds, []string{"peterz.c", "peterz"}},
		{"weaken -model valentin.c --setters 1 --works 1 --memory sc", exitHolds, []string{"valentin",
			"atomic_try_cmpxchg(&ct->work, &old_work, old_work | work)"}},
		{"weaken -model two.c --memory tso", exitHolds, []string{"atomic_inc(&n)"}},
		{"help c", exitHolds, []string{"CTCHECK_DEFERRAL", "Not supported"}},
	} {
		status, out, errs := callMain(strings.Fields(row.args)...)
		if status != row.status || errs != "" {
			t.Errorf("%s: status %d, %s", row.args, status, errs)
		}
		testkit.Mentions(t, out, row.args, row.parts...)
	}
}

func TestBadCFiles(t *testing.T) {
	dir := cDir(t)
	t.Chdir(dir)
	for _, row := range []struct {
		args  string
		parts []string
	}{
		{"-model nosuch.c", []string{"nosuch.c cannot be read: no such file"}},
		{"-model bad.c", []string{"bad.c:3:22: ", "  CTCHECK_CPU(A) { x = y; }\n", "^"}},
		{"-model two.c,two.c", []string{"given twice"}},
		{"-model two.c,-", []string{"stands alone"}},
		{"-model two.c,two", []string{`"two" is no C file`}},
		{"-model part.c", []string{"does not say what is to be checked"}},
		{"-model two.c --setters 2", []string{"--setters", "two.c says itself"}},
		{"-model peterz -D X", []string{"--define is about C files"}},
		{"-model peterz -I .", []string{"--include is about C files"}},
		{"-model two.c -I nosuch", []string{"-I nosuch: there is no such folder"}},
		{"-model two.c -D 1x", []string{"-D 1x: it is not of the form"}},
		{"-model two.c --checkpoint file", []string{"do not go with C files"}},
		{"matrix --designs two.c", []string{"no deferral design"}},
		{"matrix --designs peterz.c,peterz.c", []string{"given twice"}},
		{"weaken -model two.c --configs 1", []string{"--configs is about deferral designs"}},
		{"c-header a b", []string{`"b" is a second`}},
	} {
		status, out, errs := callMain(strings.Fields(row.args)...)
		if status != exitBadCall || out != "" {
			t.Errorf("%s: status %d, output %q", row.args, status, out)
		}
		testkit.Mentions(t, errs, row.args, row.parts...)
	}
}

// Headers are written once, and never over something else unless that is asked for.
func TestCHeader(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "include")
	if status, out, errs := callMain("c-header", dir); status != exitHolds || !strings.Contains(out,
		"headers are in") {
		t.Fatal(status, out, errs)
	}
	for _, name := range cfront.Headers() {
		want, err := cfront.Header(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != string(want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	file := filepath.Join(dir, "ctcheck.h")
	if err := os.WriteFile(file, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	status, _, errs := callMain("c-header", dir)
	if text, _ := os.ReadFile(file); status != exitBadCall || string(text) != "mine" {
		t.Errorf("status %d, and the file is %q", status, text)
	}
	testkit.Mentions(t, errs, "what is in the way", "ctcheck.h is there and differs", "--force")
	if status, _, errs := callMain("c-header", "--force", dir); status != exitHolds {
		t.Error(status, errs)
	}
	if text, _ := os.ReadFile(file); string(text) == "mine" {
		t.Error("--force replaces nothing")
	}
}
