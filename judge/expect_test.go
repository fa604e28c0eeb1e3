package judge_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ctcheck/judge"
	"ctcheck/model"
	"ctcheck/verdict"
)

var both = []model.MemoryModel{model.SC, model.TSO}

func table(t *testing.T, name, text string, memories ...model.MemoryModel) *judge.Expectations {
	t.Helper()
	if memories == nil {
		memories = both
	}
	e, err := judge.ReadExpectations(name, strings.NewReader(strings.ReplaceAll(text, " | ", "\t")), memories)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Each word of a table says something of an outcome, and the wrong one is noticed.
func TestWords(t *testing.T) {
	os := map[string]*judge.Outcome{}
	for _, name := range []string{"SB", "SB+mbs", "x86-lock-inc"} {
		os[name] = decide(t, name, model.TSO)[0]
	}
	for _, row := range []struct {
		test, right, wrong string
	}{
		{"SB", "Sometimes reachable validated", "Never Always unreachable,not validated"},
		{"SB+mbs", "Never unreachable,not validated", "Sometimes Always reachable validated"},
		{"x86-lock-inc", "Always reachable validated", "Never Sometimes unreachable,not validated"},
	} {
		words := func(list string) []string {
			before, last, ok := strings.Cut(list, ",")
			ws := strings.Fields(before)
			if ok {
				ws = append(ws, last)
			}
			return ws
		}
		for _, w := range words(row.right) {
			if contradicts(t, os[row.test], w) {
				t.Errorf("%s is not %s", row.test, w)
			}
		}
		for _, w := range words(row.wrong) {
			if !contradicts(t, os[row.test], w) {
				t.Errorf("%s is %s", row.test, w)
			}
		}
	}
	cut := &judge.Outcome{File: "a", Memory: model.TSO, Bound: verdict.AtTimeout}
	if contradicts(t, cut, "Sometimes") {
		t.Error("what is not known contradicts something")
	}
}

// contradicts reports whether an outcome is not what a table with a word says.
func contradicts(t *testing.T, o *judge.Outcome, word string) bool {
	return table(t, "t.tsv", "file | tso\n"+o.File+" | "+word+"\n").Disagreement(o) != ""
}

// A row is found by the path below the table's folder, or by the end of the test's path.
func TestRows(t *testing.T) {
	e := table(t, "some/tests/verdicts.tsv", "file | lkmm | sc | tso\n"+
		"herd/a.litmus | Never | Never | Sometimes\r\n"+
		"a.litmus | - | Always | -\n"+
		"\n"+
		"b/a.litmus | - | unreachable\n")
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		file   string
		memory model.MemoryModel
		want   string
	}{
		{"some/tests/herd/a.litmus", model.SC, "Never"},
		{"some/tests/herd/a.litmus", model.TSO, "Sometimes"},
		{filepath.Join(here, "some/tests/herd/a.litmus"), model.SC, "Never"},
		{"elsewhere/herd/a.litmus", model.TSO, "Sometimes"},
		{"elsewhere/a.litmus", model.SC, "Always"},
		{"some/tests/a.litmus", model.TSO, ""},
		{"some/tests/x/b/a.litmus", model.SC, "unreachable"},
		{"some/tests/x/b/a.litmus", model.TSO, ""},
		{"b.litmus", model.SC, ""},
		{"xa.litmus", model.SC, ""},
	} {
		if got := e.Of(&judge.Outcome{File: row.file, Memory: row.memory}); got != row.want {
			t.Errorf("%s under %s: %q, want %q", row.file, row.memory, got, row.want)
		}
		if got, want := e.Lists(row.file), strings.HasSuffix(row.file, "/a.litmus"); got != want {
			t.Errorf("%s has a row: %t", row.file, got)
		}
	}
}

func TestBadTables(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{"", "t.tsv is empty"},
		{"name | sc\n", "t.tsv:1: there is no column file"},
		{"file | lkmm\n", "t.tsv:1: there is no column sc or tso"},
		{"file | sc | sc\n", `two columns "sc"`},
		{"file | sc\na.litmus | maybe\n", `t.tsv:2: found "maybe" in the column sc; there can be Never`},
		{"file | sc\na.litmus | Never\na.litmus | Never\n", "t.tsv:3: a.litmus has two rows"},
		{"file | sc\na.litmus | Never | Never\n", "t.tsv:2: there are 3 columns, and the first line names 2"},
		{"file | sc\n | Never\n", "t.tsv:2: there is no file"},
	} {
		_, err := judge.ReadExpectations("t.tsv", strings.NewReader(strings.ReplaceAll(row.text, " | ", "\t")),
			both)
		if err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error %v, want %q", row.text, err, row.want)
		}
	}
}

// The sum counts words by memory model, what differs, what is not as expected, and what has no answer.
func TestTally(t *testing.T) {
	tally := &judge.Tally{Memories: both, Expect: table(t, "t.tsv", "file | sc | tso\n"+
		"SB.litmus | Never | Sometimes\nSB+mbs.litmus | unreachable | reachable\nABBA.litmus | - | Never\n")}
	var lines []string
	add := func(os []*judge.Outcome) { lines = append(lines, judge.Line(os, tally.Add(os))) }
	add(decide(t, "SB", both...))
	add(decide(t, "SB+mbs", both...))
	add(decide(t, "ABBA", both...))
	for _, is := range []bool{tally.Unsupported(), tally.Cut()} {
		if is {
			t.Error("something has no answer")
		}
	}
	add(judge.Decide(t.Context(), "bad.litmus", []byte("C bad\n{"), both, judge.Limits{}))
	add(judge.Decide(t.Context(), "ppc.litmus", []byte("PPC bad\n{ }\n"), both, judge.Limits{}))
	slow := decide(t, "SB", both...)
	slow[1].Bound = verdict.AtTimeout
	add(slow)
	const want = "../testdata/litmus/SB.litmus: sc Never 0 3; tso Sometimes 1 3\n" +
		"../testdata/litmus/SB+mbs.litmus: sc Never 0 3; tso Never 0 3; BUT t.tsv expects reachable under tso\n" +
		"../testdata/litmus/ABBA.litmus: sc Sometimes 1 1, deadlock; tso Sometimes 1 1, deadlock; BUT t.tsv " +
		"expects Never under tso\n"
	got := strings.Join(lines, "\n") + "\n"
	if !strings.HasPrefix(got, want) {
		t.Errorf("lines\n%s\nwant\n%s", got, want)
	}
	if !strings.HasSuffix(got, "SB.litmus: sc Never 0 3; tso unknown (cut by --timeout)\n") {
		t.Errorf("lines\n%s", got)
	}
	text := tally.Text(1500 * time.Millisecond)
	for _, want := range []string{
		"6 tests in 1.5 s; counts of final states are not counts of executions\n",
		"  memory  Never  Sometimes  Always  unknown  unsupported  validated\n" +
			"      sc      3          1       0        0            2          1\n" +
			"     tso      1          2       0        1            2          2\n",
		"Final states differ between the memory models in 1 tests, the word in 1.\n",
		"the word differs:\n  ../testdata/litmus/SB.litmus: Never under sc, Sometimes under tso\n",
		"flags:\n  1 deadlock\n", "not supported, by construct:\n  1 PPC\n",
		"malformed, unreadable or at fault: 1\n",
		"t.tsv: 4 agree, 2 do not\nt.tsv has no row for 2 of the tests\n",
		"SB+mbs.litmus under tso: Never 0 3, expected reachable\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if !tally.Unsupported() || !tally.Contradicted() || !tally.Cut() {
		t.Errorf("unsupported %t, contradicted %t, cut %t", tally.Unsupported(), tally.Contradicted(), tally.Cut())
	}
}
