package judge_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ctcheck/judge"
	"ctcheck/model"
	"ctcheck/verdict"
)

// folder has litmus tests of the project's own.
const folder = "../testdata/litmus"

// decide runs one of them.
func decide(t *testing.T, name string, memories ...model.MemoryModel) []*judge.Outcome {
	t.Helper()
	file := filepath.Join(folder, name+".litmus")
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return judge.Decide(t.Context(), file, src, memories, judge.Limits{})
}

// of runs a test that is given here.
func of(t *testing.T, src string, mm model.MemoryModel) *judge.Outcome {
	t.Helper()
	o := judge.Decide(t.Context(), "here.litmus", []byte(src), []model.MemoryModel{mm}, judge.Limits{})[0]
	if o.Err != nil {
		t.Fatal(o.Err)
	}
	return o
}

func herd(t *testing.T, o *judge.Outcome) string {
	t.Helper()
	var b strings.Builder
	if err := judge.Herd(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The output is herd7's, line by line.
func TestHerd(t *testing.T) {
	o := decide(t, "SB", model.TSO)[0]
	o.Duration = 1234 * time.Millisecond
	const want = `Test SB Allowed
States 4
0:r0=0; 1:r0=0;
0:r0=0; 1:r0=1;
0:r0=1; 1:r0=0;
0:r0=1; 1:r0=1;
Ok
Witnesses
Positive: 1 Negative: 3
Condition exists (0:r0=0 /\ 1:r0=0)
Observation SB Sometimes 1 3
Time SB 1.23
Counted SB final states, not executions, under x86-TSO
`
	if got := herd(t, o); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A quantified is what becomes of a proposition under a quantifier.
type quantified struct {
	condition             string
	kind, ok, witnesses   string
	observation, spelling string
}

// The quantifier changes the first line, whether it is validated, and which states are witnesses, but not the
// observation.
func TestQuantifiers(t *testing.T) {
	const code = "C Q\n{ }\nP0(int *x) { WRITE_ONCE(*x, 1); }\n" +
		"P1(int *x) { int r0 = READ_ONCE(*x); int r1 = READ_ONCE(*x); }\n"
	for _, row := range []quantified{
		{`exists (1:r0=1 /\ 1:r1=0)`, "Allowed", "No", "Positive: 0 Negative: 3", "Never 0 3", ""},
		{`exists (x=1 /\ 1:r1=1)`, "Allowed", "Ok", "Positive: 1 Negative: 1", "Sometimes 1 1",
			`exists ([x]=1 /\ 1:r1=1)`},
		{`forall (1:r0=0 \/ 1:r1=1)`, "Required", "Ok", "Positive: 3 Negative: 0", "Always 3 0", ""},
		{`forall (1:r0=1 /\ 1:r1=1)`, "Required", "No", "Positive: 1 Negative: 2", "Sometimes 1 2", ""},
		{`~exists (1:r0=1 /\ 1:r1=0)`, "Forbidden", "Ok", "Positive: 3 Negative: 0", "Never 0 3", ""},
		{`~exists (1:r0=1 /\ 1:r1=1)`, "Forbidden", "No", "Positive: 2 Negative: 1", "Sometimes 1 2", ""},
		{`exists (~(1:r0=1 /\ 1:r1=1))`, "Allowed", "Ok", "Positive: 2 Negative: 1", "Sometimes 2 1",
			`exists (not (1:r0=1 /\ 1:r1=1))`},
	} {
		got := herd(t, of(t, code+row.condition+"\n", model.SC))
		if row.spelling == "" {
			row.spelling = row.condition
		}
		for _, line := range []string{"Test Q " + row.kind, row.ok, row.witnesses, "Condition " + row.spelling,
			"Observation Q " + row.observation} {
			if !slices.Contains(strings.Split(got, "\n"), line) {
				t.Errorf("%s: no line %q in\n%s", row.condition, line, got)
			}
		}
	}
}

// Registers come before locations, integers before addresses, and numbers in their order; what only locations ask
// for is shown too.
func TestOrderOfStates(t *testing.T) {
	o := of(t, `C order
{ int y = 2; int x = 0; int *p = &x; }
P0(int *x, int *y, int **p) { WRITE_ONCE(*x, 10); WRITE_ONCE(*p, y); }
P1(int *x, int **p) { int *r1 = READ_ONCE(*p); int r0 = READ_ONCE(*x); }
P2(int *x) { WRITE_ONCE(*x, -1); }
locations [y; x]
exists (1:r1=y /\ 1:r0=10)
`, model.SC)
	want := []string{
		"1:r0=-1; 1:r1=x; [x]=-1; [y]=2;", "1:r0=-1; 1:r1=x; [x]=10; [y]=2;",
		"1:r0=-1; 1:r1=y; [x]=-1; [y]=2;",
		"1:r0=0; 1:r1=x; [x]=-1; [y]=2;", "1:r0=0; 1:r1=x; [x]=10; [y]=2;",
		"1:r0=10; 1:r1=x; [x]=-1; [y]=2;", "1:r0=10; 1:r1=x; [x]=10; [y]=2;",
		"1:r0=10; 1:r1=y; [x]=-1; [y]=2;", "1:r0=10; 1:r1=y; [x]=10; [y]=2;",
	}
	if !slices.Equal(o.States, want) {
		t.Errorf("got\n%s", strings.Join(o.States, "\n"))
	}
}

// States that differ only in what the filter asks for count once.
func TestFilter(t *testing.T) {
	const code = "C filter\n{ }\nP0(int *x) { WRITE_ONCE(*x, 1); WRITE_ONCE(*x, 2); }\n" +
		"P1(int *x) { int r0 = READ_ONCE(*x); int r1 = READ_ONCE(*x); }\n"
	o := of(t, code+"filter (~ 1:r1=0)\nexists (1:r0=2)\n", model.SC)
	if got := strings.Join(o.States, " "); got != "1:r0=0; 1:r0=1; 1:r0=2;" || o.Positive != 1 || o.Negative != 2 {
		t.Errorf("states %s, %d and %d", got, o.Positive, o.Negative)
	}
	if o := of(t, code+"filter (1:r1=0)\nexists (1:r0=2)\n", model.SC); len(o.States) != 1 || o.Positive != 0 {
		t.Errorf("states %q", o.States)
	}
}

// A test without final states says Never 0 0, as the kernel's judge expects of a deadlock, and flags it; one that
// may be stuck and may end has its final states too. A test that waits for ever has no end and is not stuck.
func TestNoFinalStates(t *testing.T) {
	for _, mm := range model.MemoryModels() {
		o := decide(t, "lock-twice", mm)[0]
		got := herd(t, o)
		for _, line := range []string{"States 0\nNo\nWitnesses\n", "\nFlag deadlock\n",
			"Observation lock-twice Never 0 0\n"} {
			if !strings.Contains(got, line) {
				t.Errorf("%s: no %q in\n%s", mm, line, got)
			}
		}
		if o := decide(t, "ABBA", mm)[0]; len(o.States) == 0 || !slices.Equal(o.Flags, []string{judge.Deadlock}) {
			t.Errorf("ABBA under %s: %q, flags %q", mm, o.States, o.Flags)
		}
		o = of(t,
			"C ever\n{ }\nP0(int *x) { int r0; do { r0 = READ_ONCE(*x); } while (r0 == 0); }\nexists (0:r0=1)\n",
			mm)
		if o.Observation() != judge.Never || len(o.States) != 0 || len(o.Flags) != 0 {
			t.Errorf("%s: waiting for ever: %s, %q, %q", mm, o.Observation(), o.States, o.Flags)
		}
	}
}

// What herd7's log readers look for, in their order (herdtools7, tools/lexLog_tools.mll): after Test they skip to
// States, take lines of bindings up to the result, two lines on witnesses, flags, and the condition; then lines
// that begin with a word and the name of the test.
var logGrammar = regexp.MustCompile(`^Test [A-Za-z0-9_/.+\[\]-]+ (Allowed|Required|Forbidden)
States [0-9]+
(( *([0-9]+:[A-Za-z][\w.]*|\[?[A-Za-z][\w.]*\]?|[a-z]+\[[0-9]+\])=(-?[0-9]+|[A-Za-z][\w.]*);)*
)*(Ok|No)
Witnesses
Positive: [0-9]+ Negative: [0-9]+
(Flag [^\n]*
)*Condition [^\n]+
([A-Za-z]+ [A-Za-z0-9_/.+\[\]-]+ [^\n]*
)+$`)

// Every test of the folder prints what log readers take.
func TestLogsCanBeRead(t *testing.T) {
	files, err := judge.Find([]string{folder})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 30 {
		t.Errorf("%d files", len(files))
	}
	for _, f := range files {
		for _, o := range decide(t, strings.TrimSuffix(filepath.Base(f), judge.Ending), model.MemoryModels()...) {
			if text := herd(t, o); !o.Known() || !logGrammar.MatchString(text) {
				t.Errorf("%s:\n%s", f, text)
			}
		}
	}
}

// Where there is no answer there is no Observation, and the reason is said.
func TestNoAnswer(t *testing.T) {
	for _, row := range []struct {
		o    judge.Outcome
		want string
	}{
		{judge.Outcome{File: "a.litmus", Bound: verdict.AtTimeout},
			"a.litmus: no answer under sc: cut by --timeout\n"},
		{judge.Outcome{File: "a.litmus", Bound: verdict.AtInterrupt},
			"a.litmus: no answer under sc: interrupted\n"},
		{judge.Outcome{File: "a.litmus", Bound: verdict.AtBuffer}, "put a barrier into the loop"},
		{judge.Outcome{File: "a.litmus", Err: os.ErrNotExist}, "a.litmus: file does not exist\n"},
		{*judge.Decide(t.Context(), "a.litmus", []byte("C x"), []model.MemoryModel{model.SC}, judge.Limits{})[0],
			"a.litmus:1:4: found the end of the file"},
	} {
		if got := herd(t, &row.o); !strings.Contains(got, row.want) || strings.Contains(got, "Observation") {
			t.Errorf("got %q, want %q", got, row.want)
		}
		if row.o.OK() || row.o.Observation() != "" || row.o.HasWitness() {
			t.Errorf("%s: there is an answer", row.want)
		}
	}
}
