package judge_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctcheck/judge"
	"ctcheck/model"
	"ctcheck/report"
	"ctcheck/verdict"
)

// agrees runs the tests of a table under lkmm, and says which are not as it says.
func agrees(t *testing.T, dir, name string, l judge.Limits) (known int) {
	t.Helper()
	lkmm := []model.MemoryModel{model.LKMM}
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Skipf("%s is not there", filepath.Join(dir, name))
	}
	e, err := judge.ReadExpectations(filepath.Join(dir, name), bytes.NewReader(data), lkmm)
	if err != nil {
		t.Fatal(err)
	}
	files, err := judge.Find([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if e.Of(&judge.Outcome{File: file, Memory: model.LKMM}) == "" {
			continue
		}
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		o := judge.Decide(t.Context(), file, src, lkmm, l)[0]
		if !o.Known() || !e.Expects(o) {
			continue
		}
		known++
		if differs := e.Disagreement(o); differs != "" {
			t.Errorf("%s: %s %d %d %v, the table has %s", file, o.Observation(), o.Positive, o.Negative,
				o.Flags, differs)
		}
	}
	return known
}

// The project's own tests under the kernel's model, counts and flags pinned.
func TestOwnUnderLKMM(t *testing.T) {
	if n := agrees(t, folder, "lkmm.tsv", judge.Limits{Mode: judge.FullMode}); n < 68 {
		t.Errorf("%d of the project's own tests", n)
	}
}

// Other people's tests, with the counts and flags of herd7.
func TestPublicUnderLKMM(t *testing.T) {
	if n := agrees(t, public, "verdicts.tsv", judge.Limits{}); n < 343 {
		t.Errorf("%d of the public tests", n)
	}
	if n := agrees(t, public, "verdicts.tsv", judge.Limits{Mode: judge.ConditionMode}); n < 343 {
		t.Errorf("%d of the public tests by witnesses", n)
	}
}

// Of herd7's own tests all that is written is what herd7 writes, but for what it has behind the flags.
func TestWhatHerdWrites(t *testing.T) {
	outputs, err := filepath.Glob(filepath.Join(public, "herd", "*.expected"))
	if err != nil || len(outputs) == 0 {
		t.Skipf("the outputs of herd7 are not there: %s", public)
	}
	for _, out := range outputs {
		file := strings.TrimSuffix(out, ".expected")
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		o := judge.Decide(t.Context(), file, src, []model.MemoryModel{model.LKMM}, judge.Limits{})[0]
		if !o.Known() {
			t.Errorf("%s", o.Why())
			continue
		}
		until := func(s string) string {
			s, _, _ = strings.Cut(s, "\nTime ")
			s, _, _ = strings.Cut(s, "\nHash=")
			return strings.TrimRight(s, "\n")
		}
		if got, want := until(herd(t, o)), until(string(text)); got != want {
			t.Errorf("%s:\n%s\nherd7 has\n%s", file, got, want)
		}
	}
	if len(outputs) < 79 {
		t.Errorf("%d outputs", len(outputs))
	}
}

// under decides a test that is given here.
func under(t *testing.T, src string, mm model.MemoryModel, l judge.Limits) *judge.Outcome {
	t.Helper()
	return judge.Decide(t.Context(), "here.litmus", []byte(src), []model.MemoryModel{mm}, l)[0]
}

const spinning = "C spin\n{}\nP0(int *x, int *y) { WRITE_ONCE(*x, 1); smp_store_release(y, 1); }\n" +
	"P1(int *x, int *y) { while (smp_load_acquire(y) == 0) { } int r0 = READ_ONCE(*x); }\nexists (1:r0=0)\n"

// Where there is no answer, or not all of it, that is said.
func TestWhatIsNotDecided(t *testing.T) {
	for _, row := range []struct {
		src   string
		l     judge.Limits
		known bool
		want  string // in what is written
		why   string
	}{
		{spinning, judge.Limits{}, true, "Observation spin Never 0 1", "rounds that change nothing are left out"},
		{spinning, judge.Limits{}, true, "waits in a loop", "which is said"},
		{strings.ReplaceAll(spinning, "{ }", "{ atomic_inc(x); }"), judge.Limits{}, false, "more than 8 times",
			"this one writes"},
		{strings.Replace(strings.ReplaceAll(spinning, "{ }", "{ atomic_inc(x); }"), "1:r0=0", "1:r0=1", 1),
			judge.Limits{}, true, "Sometimes", "what was found is so"},
		{"C oota\n{}\nP0(int *x, int *y) { int r0 = *x; *y = r0; }\n" +
			"P1(int *x, int *y) { int r0 = *y; *x = r0; }\n" +
			"exists (~0:r0=0)\n", judge.Limits{}, true, "out of thin air", "a cycle of copies"},
		{"C oota\n{}\nP0(int *x, int *y) { int r0 = *x; *y = r0; }\n" +
			"P1(int *x, int *y) { int r0 = *y; *x = r0 + 0; }\n" +
			"exists (0:r0=1)\n", judge.Limits{}, false, "out of thin air decides", "more than copies"},
		{"C n\n{}\nP0(int *x) { for (int i = 0; i < 3; i++) { atomic_inc(x); } }\nexists (x=3)\n",
			judge.Limits{Unroll: 2}, false, "more than 2 times in some execution; --unroll",
			"a bound that is asked for"},
		{"C n\n{}\nP0(int *x) { for (int i = 0; i < 3; i++) { atomic_inc(x); } }\nexists (x=3)\n",
			judge.Limits{Unroll: 4}, true, "Observation n Always 1 0", "and one that is enough"},
		{"C lock\n{}\nP0(spinlock_t *l) { spin_lock(l); spin_lock(l); }\nexists (l=0)\n", judge.Limits{}, true,
			"Flag deadlock", "nobody gets any further"},
		{"C lock\n{}\nP0(spinlock_t *l) { spin_lock(l); spin_lock(l); }\nexists (l=0)\n",
			judge.Limits{Mode: judge.ConditionMode}, true, "Flag deadlock", "by witnesses too"},
		{"C big\n{}\nP0(int *x) { for (int i = 0; i < 8; i++) { for (int j = 0; j < 8; j++) " +
			"{ for (int k = 0; k < 8; k++) " +
			"{ atomic_inc(x); } } } }\nexists (x=1)\n", judge.Limits{}, false, "more than 512 accesses",
			"too large"},
		{"C zero\n{}\nP0(int *x) { int r0 = READ_ONCE(*x); int r1 = 1 / r0; }\nexists (0:r1=1)\n",
			judge.Limits{}, false,
			"division by 0", "no value"},
		{"C stray\n{}\nP0(int *x) { int *r0 = READ_ONCE(*x); int r1 = READ_ONCE(*r0); }\nexists (0:r1=1)\n",
			judge.Limits{}, false, "no address", "an access to a number"},
	} {
		o := under(t, row.src, model.LKMM, row.l)
		if text := herd(t, o); o.Known() != row.known || !strings.Contains(text, row.want) {
			t.Errorf("%s: known %t, bound %q\n%s\nwant %q", row.why, o.Known(), o.Bound, text, row.want)
		}
	}
	o := under(t, "X86 s\n{ }\n P0 ;\n MOV [x],$1 ;\nexists (x=1)\n", model.LKMM, judge.Limits{})
	if o.Known() || o.Skipped == "" || o.Err != nil || o.Bound != verdict.NoBound {
		t.Errorf("x86 under lkmm: %+v", o)
	}
}

// Counts are null where not all executions were counted, and a deadlock is said.
func TestJSONOfAxioms(t *testing.T) {
	row := func(name string, l judge.Limits) map[string]any {
		src, err := os.ReadFile(filepath.Join(folder, name+".litmus"))
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := judge.JSON(&b, []*judge.Outcome{under(t, string(src), model.LKMM, l)}, nil); err != nil {
			t.Fatal(err)
		}
		var rows []map[string]any
		if err := json.Unmarshal(b.Bytes(), &rows); err != nil {
			t.Fatal(err)
		}
		return rows[0]
	}
	if r := row("SB+mbs", judge.Limits{}); r["positive"] != 0.0 || r["negative"] != 3.0 || r["deadlock"] != nil {
		t.Errorf("SB+mbs: %v", r)
	}
	r := row("SB+mbs", judge.Limits{Mode: judge.ConditionMode})
	if p, ok := r["positive"]; !ok || p != nil || r["negative"] != nil || r["observation"] != "Never" {
		t.Errorf("SB+mbs by witnesses: %v", r)
	}
	if r := row("lock-twice", judge.Limits{}); r["deadlock"] != true || r["positive"] != 0.0 ||
		r["observation"] != "Never" {
		t.Errorf("lock-twice: %v", r)
	}
	if r := row("x86-SB", judge.Limits{}); r["skipped"] == nil || r["observation"] != nil {
		t.Errorf("x86-SB: %v", r)
	}
}

// A table may have counts and flags, and a data race forgives the word.
func TestCountsOfTables(t *testing.T) {
	o := under(t, "C MP\n{}\nP0(int *x, int *y) { *x = 1; smp_store_release(y, 1); }\n"+
		"P1(int *x, int *y) { int r0 = READ_ONCE(*y); int r1 = *x; }\nexists (1:r0=1 /\\ 1:r1=0)\n", model.LKMM,
		judge.Limits{})
	for row, want := range map[string]string{
		"Sometimes | 1 | 3 | data-race":  "",
		"Never | 1 | 3 | data-race":      "",
		"Sometimes | 2 | 3 | data-race":  "2 positive",
		"Sometimes | 1 | 4 | data-race":  "4 negative",
		"Sometimes | 1 | 3 | -":          "flags -",
		"Sometimes | - | - | -":          "",
		"Always | 1 | 3 | invalid-sleep": "flags invalid-sleep",
	} {
		e := table(t, "t.tsv", "file | lkmm | positive | negative | flags\nhere.litmus | "+row+"\n", model.LKMM)
		if got := e.Disagreement(o); got != want {
			t.Errorf("%s: %q, want %q", row, got, want)
		}
	}
	ok := under(t, "C W\n{}\nP0(int *x) { WRITE_ONCE(*x, 1); }\nexists (x=1)\n", model.LKMM, judge.Limits{})
	e := table(t, "t.tsv", "file | lkmm\nhere.litmus | Never\n", model.LKMM)
	if e.Disagreement(ok) != "Never" {
		t.Error("without a race the word counts")
	}
}

// What is shown of a test: an execution, or the cycle that forbids it, or that there is nothing.
func TestGraphs(t *testing.T) {
	for _, row := range []struct{ name, want string }{
		{"SB", "with 0:r0=0 /\\ 1:r0=0:"},
		{"SB+mbs", "--smp_mb()-->"},
		{"MP+wmb+rmb", "of happens-before (hb)"},
		{"rcu-MP", "comes before the end of P0's section"},
		{"deref-store", "no execution gets there"},
	} {
		os := decide(t, row.name, model.LKMM)
		xs, err := judge.Graphs(t.Context(), os)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := judge.Text(&b, report.Mail, os, nil, xs); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), row.want) {
			t.Errorf("%s: no %q in\n%s", row.name, row.want, b.String())
		}
	}
	os := []*judge.Outcome{under(t, "C n\n{}\nP0(int *x) { WRITE_ONCE(*x, 1); }\nexists (x=2)\n", model.LKMM,
		judge.Limits{})}
	xs, err := judge.Graphs(t.Context(), os)
	var b bytes.Buffer
	if err := judge.Text(&b, report.Mail, os, nil, xs); err != nil {
		t.Fatal(err)
	}
	if err != nil || len(xs) > 0 || !strings.Contains(b.String(), "no execution gets there") {
		t.Errorf("%d, %v\n%s", len(xs), err, b.String())
	}
	b.Reset()
	mbs := decide(t, "SB+mbs", model.LKMM, model.TSO)
	if err := judge.WhyText(t.Context(), &b, report.Mail, mbs); err != nil {
		t.Fatal(err)
	}
	if strings.Count(b.String(), "smp_mb(); is taken away: allows it") != 2 {
		t.Errorf("%s", b.String())
	}
}

// sc and tso by axioms count executions, and have the states that a search has.
func TestBothEngines(t *testing.T) {
	for _, name := range []string{"SB", "MP+locks", "rcu-MP", "inc", "filter"} {
		src, err := os.ReadFile(filepath.Join(folder, name+".litmus"))
		if err != nil {
			t.Fatal(err)
		}
		for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
			a := under(t, string(src), mm, judge.Limits{Axioms: true})
			b := under(t, string(src), mm, judge.Limits{})
			if a.Executed == nil || b.Executed != nil || strings.Join(a.States,
				"|") != strings.Join(b.States, "|") ||
				a.Observation() != b.Observation() || !strings.Contains(herd(t, a), "executions, as herd7 does") {
				t.Errorf("%s under %s: %v and %v", name, mm, a.States, b.States)
			}
		}
	}
}
