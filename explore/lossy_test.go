package explore_test

import (
	"context"
	"testing"

	"ctcheck/explore"
	"ctcheck/internal/plain"
	"ctcheck/model"
)

// A lossy search never says HOLDS; what it says is violated or reached is so; where its array is
// large it misses nothing; where it is small it misses some, and says about how many.
func TestLossySearches(t *testing.T) {
	programs, traces, missed := 0, 0, 0
	for seed := uint64(0); programs < 80; seed++ {
		p, ms := plain.Random(seedBytes(seed))
		want := plain.Explore(p, ms, 3000)
		if want.Truncated || want.Err != nil {
			continue
		}
		m, err := model.Compile(p, ms...)
		if err != nil {
			t.Fatal(err)
		}
		programs++
		for _, o := range []explore.Options{
			{Store: explore.Hash128, Seed: seed},
			{Store: explore.Bitstate, Seed: seed, MaxMemory: 8 << 20},
			{Store: explore.Bitstate, Seed: seed, MaxMemory: 8 << 20, First: true},
			{Store: explore.Hash128, Seed: seed, MaxStates: 40},
			{Store: explore.Hash128, Seed: seed, MaxDepth: 5},
		} {
			r := search(context.Background(), t, m, o)
			whole := r.Bound == explore.AtStore
			if whole && (r.States != uint64(want.States) || r.Transitions != uint64(want.Transitions)) {
				missed++
			}
			if r.Verdict == explore.Holds || r.Complete || r.Verdict == explore.Unreached || r.Estimate == nil {
				t.Fatalf("seed %d, %+v: %v, complete %t, estimate %v", seed, o, r.Verdict, r.Complete, r.Estimate)
			}
			for _, pr := range r.Properties {
				bad := want.Violated[pr.Name] || pr.Name == explore.NoDeadlock && want.Deadlock
				switch {
				case pr.Violated && !bad:
					t.Fatalf("seed %d, %+v: %s is not violated", seed, o, pr.Name)
				case pr.Violated:
					traces++
					if n := len(pr.Trace.Steps); n < want.MinDepth[pr.Name] ||
						pr.Trace.Shortest && n > want.MinDepth[pr.Name] {
						t.Fatalf("seed %d, %+v: %d steps, want %d", seed, o, n, want.MinDepth[pr.Name])
					}
				case bad && whole:
					t.Fatalf("seed %d, %+v: %s is violated", seed, o, pr.Name)
				}
			}
		}
	}
	if traces < 100 || missed > 0 {
		t.Errorf("%d traces; states were missed in %d searches", traces, missed)
	}
}

// A violation that there is no more time to look for with the exact store is shown by the run that
// the lossy search found.
func TestLossyTraceWithoutTheExactStore(t *testing.T) {
	shown := 0
	for seed := uint64(0); seed < 60; seed++ {
		p, ms := plain.Random(seedBytes(seed))
		if want := plain.Explore(p, ms, 1000); want.Truncated || want.Err != nil {
			continue
		}
		m, err := model.Compile(p, ms...)
		if err != nil {
			t.Fatal(err)
		}
		// The clock ends with the lossy search, or, for small programs, before it.
		r := &explore.Result{}
		for n := 0; r.Bound != explore.AtStore; n++ {
			r = search(endsAfter(n), t, m, explore.Options{Store: explore.Hash128})
		}
		for _, pr := range r.Properties {
			if pr.Violated && !pr.Trace.Shortest {
				shown++
			}
		}
	}
	if shown < 10 {
		t.Errorf("%d traces are of the lossy search itself", shown)
	}
}
