package judge_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ctcheck/judge"
	"ctcheck/model"
	"ctcheck/verdict"
)

// outcomes is some of each kind, with a table that one of them is not as.
func outcomes(t *testing.T) ([]*judge.Outcome, *judge.Expectations) {
	t.Helper()
	os := slices.Concat(decide(t, "SB", both...), decide(t, "lock-twice", both...),
		judge.Decide(t.Context(), "bad.litmus", []byte("C bad\n{"), both, judge.Limits{}), decide(t, "MP", both...))
	os[7].Bound = verdict.AtTimeout
	return os, table(t, "t.tsv", "file | sc | tso\nSB.litmus | Never | Never\nMP.litmus | Never | Never\n")
}

// The fields of JSON are those that there are to be: where there is no answer the reason stands in their place.
func TestJSON(t *testing.T) {
	os, e := outcomes(t)
	var b bytes.Buffer
	if err := judge.JSON(&b, os, e); err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	if err := json.Unmarshal(b.Bytes(), &rows); err != nil {
		t.Fatal(err)
	}
	const answer = "file flags memory name negative observation ok positive seconds states"
	for i, want := range []string{
		"agrees expected " + answer, "agrees expected " + answer, answer, answer,
		"file memory name seconds unsupported", "file memory name seconds unsupported",
		"agrees expected " + answer, "expected file memory name seconds unknown",
	} {
		if got := strings.Join(slices.Sorted(maps.Keys(rows[i])), " "); got != want {
			t.Errorf("row %d has %s, want %s", i, got, want)
		}
	}
	sb := rows[1]
	if sb["file"] != filepath.Join(folder, "SB.litmus") || sb["name"] != "SB" || sb["memory"] != "tso" ||
		sb["observation"] != "Sometimes" || sb["ok"] != true || sb["positive"] != 1.0 || sb["negative"] != 3.0 ||
		len(sb["states"].([]any)) != 4 || len(sb["flags"].([]any)) != 0 || sb["agrees"] != false {
		t.Errorf("SB under tso: %v", sb)
	}
	if twice := rows[2]; len(twice["states"].([]any)) != 0 || twice["flags"].([]any)[0] != "deadlock" {
		t.Errorf("lock-twice: %v", twice)
	}
	b.Reset()
	if err := judge.JSON(&b, nil, nil); err != nil || b.String() != "[]\n" {
		t.Errorf("of none: %q, %v", b.String(), err)
	}
}

func TestCSV(t *testing.T) {
	os, e := outcomes(t)
	var b bytes.Buffer
	if err := judge.CSV(&b, os, e); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := func(row int, name string) string { return rows[row][slices.Index(rows[0], name)] }
	for _, row := range []struct {
		row        int
		name, want string
	}{
		{2, "observation", "Sometimes"}, {2, "states", "0:r0=0; 1:r0=0; | 0:r0=0; 1:r0=1; | 0:r0=1; 1:r0=0; | " +
			"0:r0=1; 1:r0=1;"}, {2, "agrees", "false"}, {3, "flags", "deadlock"}, {3, "ok", "false"},
		{5, "observation", ""}, {5, "unsupported", os[4].Why()}, {8, "unknown", "cut by --timeout"},
		{8, "expected", "Never"}, {8, "agrees", ""}, {1, "positive", "0"}, {1, "negative", "3"},
	} {
		if got := column(row.row, row.name); got != row.want {
			t.Errorf("row %d, %s: %q, want %q", row.row, row.name, got, row.want)
		}
	}
	if len(rows) != len(os)+1 {
		t.Errorf("%d rows of %d outcomes", len(rows), len(os))
	}
}

// A test that is not as expected fails; one without an answer is an error, and none is a test that passed.
func TestJUnit(t *testing.T) {
	os, e := outcomes(t)
	var b bytes.Buffer
	if err := judge.JUnit(&b, os, e); err != nil {
		t.Fatal(err)
	}
	var file struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Suites   []struct {
			Name  string `xml:"name,attr"`
			Cases []struct {
				Name    string  `xml:"name,attr"`
				Failure *string `xml:"failure"`
				Error   *struct {
					Message string `xml:"message,attr"`
				} `xml:"error"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &file); err != nil {
		t.Fatal(err)
	}
	if file.Tests != 8 || file.Failures != 1 || file.Errors != 3 || len(file.Suites) != 2 {
		t.Errorf("%d tests, %d failures, %d errors, %d suites", file.Tests, file.Failures, file.Errors,
			len(file.Suites))
	}
	tso := file.Suites[1]
	if !strings.HasSuffix(tso.Name, "x86-TSO") || tso.Cases[0].Failure == nil ||
		!strings.Contains(*tso.Cases[0].Failure, "Observation SB Sometimes 1 3") || tso.Cases[1].Failure != nil ||
		tso.Cases[2].Error == nil || tso.Cases[3].Error == nil || tso.Cases[3].Error.Message != "cut by --timeout" {
		t.Errorf("%s", b.String())
	}
}

// Files are those that arguments name and folders have, in an order that does not depend on the machine.
func TestFind(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{"b.litmus", "a/z.litmus", "a/y.litmus", "a/y.litmus.expected", "notes.txt",
		"a.litmus",
		"none/x.txt"} {
		path := filepath.Join(dir, f)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(f), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(dir, filepath.Join(dir, "a", "loop.litmus")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("y.litmus", filepath.Join(dir, "a", "link.litmus")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "broken"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "broken", "link.litmus")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, row := range []struct{ args, want string }{
		{"broken a", "broken/link.litmus a/link.litmus a/y.litmus a/z.litmus"},
		{".", "a/link.litmus a/y.litmus a/z.litmus a.litmus b.litmus broken/link.litmus"},
		{"a", "a/link.litmus a/y.litmus a/z.litmus"},
		{"notes.txt a/z.litmus", "notes.txt a/z.litmus"},
		{"- b.litmus", "- b.litmus"},
		{"./a/../a/loop.litmus/a", "a/loop.litmus/a/link.litmus a/loop.litmus/a/y.litmus a/loop.litmus/a/z.litmus"},
	} {
		files, err := judge.Find(strings.Fields(row.args))
		if got := strings.Join(files, " "); err != nil || got != row.want {
			t.Errorf("%s: %s, error %v, want %s", row.args, got, err, row.want)
		}
	}
	for _, args := range []string{"none", "missing", "- -"} {
		if files, err := judge.Find(strings.Fields(args)); err == nil {
			t.Errorf("%s: %q", args, files)
		}
	}
}

// Of an endless file no more is read than a test may have.
func TestReadBounded(t *testing.T) {
	src, err := judge.Read(judge.Stdin, endless{})
	if err != nil {
		t.Fatal(err)
	}
	o := judge.Decide(t.Context(), "endless", src, both[:1], judge.Limits{})[0]
	if o.Known() || !strings.Contains(o.Why(), "bytes") {
		t.Errorf("%s", o.Why())
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}

// Results come in order whenever they are done, and nothing is begun after an error.
func TestAll(t *testing.T) {
	const n = 40
	var begun atomic.Int64
	work := func(_ context.Context, i int) int {
		begun.Add(1)
		time.Sleep(time.Duration(i*7%5) * time.Millisecond)
		return i * i
	}
	var got []int
	err := judge.All(t.Context(), n, 4, work, func(i, r int) error {
		got = append(got, r)
		if r != i*i {
			t.Errorf("%d has the result %d", i, r)
		}
		return nil
	})
	if err != nil || len(got) != n || begun.Load() != n {
		t.Errorf("error %v, %d results of %d", err, len(got), begun.Load())
	}
	begun.Store(0)
	stop := errors.New("stop")
	err = judge.All(t.Context(), 1000, 2, work, func(i, _ int) error {
		if i == 3 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || begun.Load() > 100 {
		t.Errorf("error %v, %d were begun", err, begun.Load())
	}
}

// A test stops at its time, and where the caller does; and then it says so.
func TestLimits(t *testing.T) {
	src, err := os.ReadFile(filepath.Join(folder, "IRIW.litmus"))
	if err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, row := range []struct {
		ctx    context.Context
		limits judge.Limits
		want   verdict.Bound
	}{
		{t.Context(), judge.Limits{Timeout: 1}, verdict.AtTimeout},
		{t.Context(), judge.Limits{MaxBytes: 5000}, verdict.AtBytes},
		{over, judge.Limits{}, verdict.AtInterrupt},
		{t.Context(), judge.Limits{Timeout: time.Hour, MaxBytes: 1 << 30}, verdict.NoBound},
	} {
		for _, o := range judge.Decide(row.ctx, "IRIW", src, both, row.limits) {
			if o.Bound != row.want || o.Known() != (row.want == verdict.NoBound) || len(o.States) > 0 != o.Known() {
				t.Errorf("%+v under %s: %q, %d states", row.limits, o.Memory, o.Bound, len(o.States))
			}
		}
	}
}

// Of the tests of the folder the number of states says whether the memory models differ: sc's are among tso's.
func TestStrongerHasFewer(t *testing.T) {
	files, err := judge.Find([]string{folder})
	if err != nil {
		t.Fatal(err)
	}
	more := 0
	for _, f := range files {
		os := decide(t, strings.TrimSuffix(filepath.Base(f), judge.Ending), model.SC, model.TSO)
		for _, s := range os[0].States {
			if !slices.Contains(os[1].States, s) {
				t.Errorf("%s: %s under sc only", f, s)
			}
		}
		if len(os[1].States) > len(os[0].States) {
			more++
		}
	}
	if more < 8 {
		t.Error("only " + strconv.Itoa(more) + " tests have more states under tso")
	}
}
