package explore

import (
	"path/filepath"
	"testing"

	"ctcheck/model"
	"ctcheck/verdict"
)

// A search that was cut after a store buffer had been full, and could not be made larger, knows so when it is
// resumed: what lies behind the store that found no room was not searched.
func TestResumedSearchKnowsFullBuffers(t *testing.T) {
	p, _ := stubborn()
	o := Options{Memory: model.TSO, Search: BreadthFirst, Workers: 1}
	whole, err := Run(t.Context(), p, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	if whole.Complete || whole.Bound != verdict.AtBuffer {
		t.Fatalf("in one go: %s, cut by %s; the stores have no end", whole.Verdict, whole.Bound)
	}
	file := filepath.Join(t.TempDir(), "checkpoint")
	for _, states := range []uint64{whole.States / 2, whole.States - 1} {
		next := o
		for range 2 { // the second time nothing new is expanded, or next to nothing
			next.Checkpoint, next.MaxStates = file, states
			if _, err := Run(t.Context(), p, nil, next); err != nil {
				t.Fatalf("cut after %d states: %v", states, err)
			}
			next.Resume = file
		}
		next.MaxStates = 0
		r, err := Run(t.Context(), p, nil, next)
		if err != nil {
			t.Fatalf("cut after %d states: %v", states, err)
		}
		if r.Complete || r.Bound != whole.Bound || r.Verdict != whole.Verdict || r.States != whole.States ||
			r.Transitions != whole.Transitions {
			t.Errorf("cut after %d states: %s, cut by %s, %d states, %d transitions; in one go %s, %s, %d, %d",
				states, r.Verdict, r.Bound, r.States, r.Transitions, whole.Verdict, whole.Bound, whole.States,
				whole.Transitions)
		}
	}
}
