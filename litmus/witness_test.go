package litmus_test

import (
	"context"
	"testing"

	"ctcheck/explore"
	"ctcheck/internal/plain"
	"ctcheck/litmus"
	"ctcheck/model"
)

// A state in which the witness holds is reached exactly if some final state counts and satisfies the proposition,
// or does not.
func TestWitness(t *testing.T) {
	for _, file := range ownTests(t) {
		test := read(t, file)
		for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
			for _, satisfied := range []bool{true, false} {
				p := program(t, test)
				r := plain.Explore(mm, p.Model, []*model.Monitor{{Name: "witness",
					Never: p.Witness(satisfied)}}, 500_000)
				if want := hasFinal(t, mm, p, satisfied); r.Err != nil || r.Violated["witness"] != want {
					t.Errorf("%s under %s: a witness of %t is reached: %t, want %t, %v", test.Name, mm, satisfied,
						!want, want, r.Err)
				}
			}
		}
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
