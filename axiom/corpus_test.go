package axiom_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ctcheck/axiom"
	"ctcheck/litmus"
	"ctcheck/model"
	"ctcheck/threads"
)

// own is the project's litmus tests; public is other people's, which may lie beside it.
const (
	own    = "../testdata/litmus"
	public = "../../shared/litmus"
)

// condition is a proposition of a test for the engine.
func condition(t *litmus.Test, p *litmus.Prop, cells []threads.Cell) axiom.Condition {
	return func(value func(i int) (threads.Value, bool)) axiom.Truth {
		switch truth, ok := t.Ask(p, cells, value); {
		case !ok:
			return axiom.Maybe
		case truth:
			return axiom.Yes
		}
		return axiom.No
	}
}

// eachTest calls f for the tests in C of the project, and for a share of the public ones.
func eachTest(t *testing.T, share int, f func(t *testing.T, file string, test *litmus.Test)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(own, "*.litmus"))
	if err != nil || len(files) < 60 {
		t.Fatalf("%d tests, %v", len(files), err)
	}
	others, _ := filepath.Glob(filepath.Join(public, "*", "*.litmus"))
	if len(others) == 0 {
		t.Logf("the public tests are not there: %s", public)
	}
	for i, file := range others {
		if i%share == 0 {
			files = append(files, file)
		}
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if test, err := litmus.Parse(file, src); err == nil && test.Arch == litmus.C {
			f(t, file, test)
		}
	}
}

// Every execution is one by the other evaluation of the model, with the same flags; and where a test is small,
// there are no others.
func TestExecutionsOfTests(t *testing.T) {
	replayedTests, counted := 0, 0
	share := 4
	if testing.Short() {
		share = 40
	}
	eachTest(t, share, func(t *testing.T, file string, test *litmus.Test) {
		p, err := test.AsThreads()
		if err != nil {
			t.Fatal(err)
		}
		_, r := finalsByAxioms(t, test, model.LKMM)
		if r.Bound != "" || r.Thin || r.Murky || r.Positive+r.Negative > 24 || len(p.Threads) > 4 {
			return
		}
		n, flags := replayed(t, test, p, file)
		if !slices.Equal(flags, r.Flags) {
			t.Errorf("%s: flags %v, by replay %v", file, r.Flags, flags)
		}
		replayedTests++
		if test.Filter != nil || loopsOrSections(p) {
			return
		}
		if all, flags, ok := brute(p, model.LKMM, 1000); ok {
			counted++
			if all != n || !slices.Equal(flags, r.Flags) {
				t.Errorf("%s: %d executions, of all candidates %d, flags %v and %v", file, n, all, r.Flags, flags)
			}
		}
	})
	if replayedTests < 60 || counted < 40 {
		t.Errorf("%d tests replayed, %d counted", replayedTests, counted)
	}
}

// loopsOrSections reports whether a program has what the enumeration of candidates has not.
func loopsOrSections(p *threads.Program) bool {
	return slices.ContainsFunc(p.Threads, func(th *threads.Thread) bool {
		return slices.ContainsFunc(th.Code, func(in threads.Instr) bool {
			return in.Op == threads.Again || in.Op >= threads.SrcuLock
		})
	}) || slices.ContainsFunc(p.Cells, func(c threads.Cell) bool { return c.Init.Kind == threads.Addr })
}

// Under sequential consistency and x86-TSO the axioms have the final states of searches through states.
func TestAxiomsAgainstStates(t *testing.T) {
	n, cut := 0, 0
	share := 3
	if testing.Short() {
		share = 30
	}
	eachTest(t, share, func(t *testing.T, file string, test *litmus.Test) {
		if strings.HasSuffix(file, "srcu-up-elsewhere.litmus") {
			return // a section that never ends is none for the axioms, and a grace period waits for it there
		}
		for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
			want, known := finalsBySearch(t, test, mm)
			if !known {
				continue
			}
			got, r := finalsByAxioms(t, test, mm)
			if r.Bound != "" || r.Unrolled {
				cut++
				continue
			}
			n++
			if !slices.Equal(got, want) {
				t.Errorf("%s under %s:\n%v by axioms,\n%v by states", file, mm, got, want)
			}
		}
	})
	if n < 120 || cut > 2 {
		t.Errorf("%d compared, %d cut", n, cut)
	}
}

// Under each memory model both modes say the same.
func TestModes(t *testing.T) {
	n := 0
	eachTest(t, 5, func(t *testing.T, file string, test *litmus.Test) {
		p, err := test.AsThreads()
		if err != nil {
			t.Fatal(err)
		}
		for _, mm := range []model.MemoryModel{model.SC, model.TSO, model.LKMM} {
			_, all := finalsByAxioms(t, test, mm)
			if all.Bound != "" || all.Unrolled || all.Murky {
				continue
			}
			o := axiom.Options{Memory: mm, Mode: axiom.Witness, Condition: condition(test, test.Prop, p.Cells)}
			if test.Filter != nil {
				o.Filter = condition(test, test.Filter, p.Cells)
			}
			r, err := axiom.Run(t.Context(), p, o)
			if err != nil {
				t.Fatal(err)
			}
			n++
			if (r.Yes != nil) != (all.Positive > 0) || (r.No != nil) != (all.Negative > 0) {
				t.Errorf("%s under %s: %t %t by witnesses, %d %d in full", file, mm, r.Yes != nil, r.No != nil,
					all.Positive, all.Negative)
			}
		}
	})
	if n < 180 {
		t.Errorf("%d compared", n)
	}
}

// More is not reached when a full barrier is added, and nothing changes when threads change places.
func TestStrongerAndRenamed(t *testing.T) {
	used := map[string]int{}
	smaller := 0
	for seed := range uint64(120) {
		src := randomTest(700_000+seed, false, true, used)
		test := parsed(t, src)
		states, r := finalsByAxioms(t, test, model.LKMM)
		if r.Bound != "" || r.Thin || r.Murky {
			continue
		}
		lines := strings.Split(src, "\n")
		for i, line := range lines {
			if !strings.HasPrefix(line, "\tr") && !strings.HasPrefix(line, "\tWRITE") {
				continue
			}
			more := slices.Insert(slices.Clone(lines), i+1, "\tsmp_mb();")
			got, _ := finalsByAxioms(t, parsed(t, strings.Join(more, "\n")), model.LKMM)
			for _, s := range got {
				if !slices.Contains(states, s) {
					t.Fatalf("seed %d: %s is new with a barrier behind line %d\n%s", seed, s, i+1, src)
				}
			}
			if len(got) < len(states) {
				smaller++
			}
		}
		swap := strings.NewReplacer("P0(", "P1(", "P1(", "P0(", " 0:", " 1:", " 1:", " 0:")
		_, other := finalsByAxioms(t, parsed(t, swap.Replace(src)), model.LKMM)
		if other.Positive != r.Positive || other.Negative != r.Negative || !slices.Equal(other.Flags, r.Flags) {
			t.Fatalf("seed %d: %d %d %v, with threads in other places %d %d %v\n%s", seed, r.Positive,
				r.Negative, r.Flags,
				other.Positive, other.Negative, other.Flags, src)
		}
	}
	if smaller < 20 {
		t.Errorf("%d barriers made a difference", smaller)
	}
}
