package litmus_test

import (
	"context"
	"testing"

	"ctcheck/explore"
	"ctcheck/internal/plain"
	"ctcheck/litmus"
	"ctcheck/model"
)

// The property that a question makes is violated exactly if some final state counts and satisfies the
// proposition, or, of forall, does not; and its sentence says so.
func TestQuestion(t *testing.T) {
	violated := map[string]int{}
	for _, file := range ownTests(t) {
		test := read(t, file)
		for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
			for _, q := range []litmus.Quantifier{litmus.Exists, litmus.Forall, litmus.NotExists} {
				test.Quantifier = q
				p := program(t, test)
				m := p.Question()
				r := plain.Explore(mm, p.Model, []*model.Monitor{m}, 500_000)
				want := hasFinal(t, mm, p, q != litmus.Forall)
				if r.Err != nil || r.Violated[m.Name] != want {
					t.Errorf("%s under %s: %s is violated: %t, want %t, %v", test.Name, mm, m.Name, !want, want,
						r.Err)
				}
				if want {
					violated[m.Name]++
				}
			}
		}
	}
	if violated[litmus.Never] < 20 || violated[litmus.Eachtime] < 20 {
		t.Errorf("violated: %v; the tests are too much alike", violated)
	}
}

// hasFinal reports whether some final state counts and satisfies the proposition, or does not.
func hasFinal(t *testing.T, mm model.MemoryModel, p *litmus.Program, satisfied bool) bool {
	t.Helper()
	finals, err := explore.Finals(context.Background(), mm, p.Model, p.Vars...)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range finals {
		if s := p.State(x); p.Counts(s) && p.Satisfies(s) == satisfied {
			return true
		}
	}
	return false
}
