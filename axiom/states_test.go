package axiom_test

import (
	"fmt"
	"slices"
	"testing"

	"ctcheck/axiom"
	"ctcheck/explore"
	"ctcheck/litmus"
	"ctcheck/model"
	"ctcheck/verdict"
)

// finalsByAxioms is the final states of a test as it prints them, under the axioms of a memory model.
func finalsByAxioms(t *testing.T, test *litmus.Test, mm model.MemoryModel) (states []string, r *axiom.Result) {
	t.Helper()
	p, err := test.AsThreads()
	if err != nil {
		t.Fatal(err)
	}
	o := axiom.Options{Memory: mm, Condition: condition(test, test.Prop, p.Cells), MaxNodes: 20_000}
	if test.Filter != nil {
		o.Filter = condition(test, test.Filter, p.Cells)
	}
	if r, err = axiom.Run(t.Context(), p, o); err != nil {
		t.Fatal(err)
	}
	for _, values := range r.States {
		var s litmus.State
		for _, v := range values {
			s = append(s, litmus.Shown(v, p.Cells))
		}
		states = append(states, fmt.Sprint(s))
	}
	slices.Sort(states)
	return slices.Compact(states), r
}

// finalsBySearch is the same by a search through states.
func finalsBySearch(t *testing.T, test *litmus.Test, mm model.MemoryModel) (states []string, known bool) {
	t.Helper()
	p, err := test.Program()
	if err != nil {
		t.Fatal(err)
	}
	ends, err := explore.EndsOf(t.Context(), explore.Options{Memory: mm, MaxStates: 200_000}, p.Model, p.Vars...)
	if err != nil || ends.Bound != verdict.NoBound {
		return nil, false
	}
	for _, values := range ends.Finals {
		if s := p.State(values); p.Counts(s) {
			states = append(states, fmt.Sprint(s))
		}
	}
	slices.Sort(states)
	return slices.Compact(states), true
}
