package explore_test

import (
	"context"
	"testing"

	"ctcheck/explore"
	"ctcheck/internal/plain"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/verdict"
)

const bfs = explore.BreadthFirst

var lossyModes = []explore.Options{
	{Search: bfs, Store: explore.Hash128},
	{Store: explore.Hash128},
	{Search: bfs, Store: explore.Bitstate},
	{Store: explore.Bitstate},
}

// A lossy search never says HOLDS; what it says is violated or reached is so; where its array is
// large it misses nothing; where it is small it misses some, and says about how many.
func TestLossySearches(t *testing.T) {
	most := 80
	if testing.Short() {
		most = 8
	}
	programs, traces, missed := 0, 0, 0
	for seed := uint64(0); programs < most; seed++ {
		p, ms := plain.Random(seedBytes(seed))
		want := plain.Explore(model.SC, p, ms, 3000)
		if want.Truncated || want.Err != nil {
			continue
		}
		m, err := machine.Compile(machine.Options{}, p, ms...)
		if err != nil {
			t.Fatal(err)
		}
		programs++
		for _, o := range []explore.Options{
			{Search: bfs, Store: explore.Hash128, Seed: seed},
			{Search: bfs, Store: explore.Bitstate, Seed: seed, MaxBytes: 8 << 20},
			{Search: bfs, Store: explore.Bitstate, Seed: seed, MaxBytes: 8 << 20, First: true},
			{Search: bfs, Store: explore.Hash128, Seed: seed, MaxStates: 40},
			{Search: bfs, Store: explore.Hash128, Seed: seed, MaxDepth: 5},
			{Store: explore.Hash128, Seed: seed},
			{Store: explore.Bitstate, Seed: seed, MaxBytes: 8 << 20},
			{Store: explore.Hash128, Seed: seed, First: true},
			{Store: explore.Bitstate, Seed: seed, MaxBytes: 8 << 20, MaxStates: 40},
		} {
			r := inOrder(context.Background(), t, m, o)
			whole := r.Bound == verdict.AtStore
			if whole && (r.States != uint64(want.States) || r.Transitions != uint64(want.Transitions)) {
				missed++
			}
			if limit := o.MaxStates; limit > 0 && (r.States != min(limit, uint64(want.States)) ||
				(r.Bound == verdict.AtStates) != (want.States > int(limit))) {
				t.Fatalf("seed %d, %+v: %d states of %d, bound %q", seed, o, r.States, want.States, r.Bound)
			}
			if r.Verdict == verdict.Holds || r.Complete || r.Verdict == verdict.Unreached ||
				r.Search.Estimate == nil {
				t.Fatalf("seed %d, %+v: %v, complete %t, estimate %v", seed, o, r.Verdict, r.Complete,
					r.Search.Estimate)
			}
			for _, pr := range r.Properties {
				bad := want.Violated[pr.Name] || pr.Name == model.NoDeadlock && want.Deadlock
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
	if traces < most || missed > 0 {
		t.Errorf("%d traces; states were missed in %d searches", traces, missed)
	}
}

// A lossy search of the reduced graph is as that with the exact store, where it misses nothing.
func TestReducedLossySearches(t *testing.T) {
	fewer, traces := 0, 0
	for seed := range uint64(30) {
		m := twinMachine(seed)
		if m == nil {
			continue
		}
		full := search(context.Background(), t, m, explore.Options{})
		exact := search(context.Background(), t, m, explore.Options{Reduce: explore.Symmetry})
		if exact.Search.Reduced[0].Off != "" {
			continue // for want of symmetry, or for claims on whole runs, which a lossy search has none of
		}
		for _, o := range lossyModes {
			o.Reduce, o.MaxBytes = explore.Symmetry, 8<<20
			r := inOrder(context.Background(), t, m, o)
			if r.Bound != verdict.AtStore || r.States != exact.States || r.Transitions != exact.Transitions ||
				r.Search.Reduced[0].StandFor != full.States {
				t.Fatalf("seed %d, %+v: bound %q, %d states for %d, %d transitions; exact %d for %d, %d", seed, o,
					r.Bound, r.States, r.Search.Reduced[0].StandFor, r.Transitions, exact.States, full.States,
					exact.Transitions)
			}
			if r.States < full.States {
				fewer++
			}
			for i, pr := range r.Properties {
				if pr.Violated != full.Properties[i].Violated {
					t.Fatalf("seed %d, %+v: %s violated: %t", seed, o, pr.Name, pr.Violated)
				}
				if pr.Violated {
					traces++
				}
			}
			// Without time for more, the trace is that of the lossy search, in a run of the program.
			for n := range 100 {
				if r := inOrder(endsAfter(n), t, m, o); r.Bound == verdict.AtStore {
					break
				}
			}
		}
	}
	if min(fewer, traces) < 10 {
		t.Errorf("%d searches with fewer states, %d traces: too few of one", fewer, traces)
	}
}

// A bound on memory that has no room for a store at all makes no search crash.
func TestLossySearchInNoMemory(t *testing.T) {
	m := randomMachine(5001)
	for seed := uint64(5002); m == nil; seed++ {
		m = randomMachine(seed)
	}
	for _, o := range lossyModes {
		for o.MaxBytes = 1; o.MaxBytes < 1<<20; o.MaxBytes *= 3 {
			r := inOrder(context.Background(), t, m, o)
			if r.Verdict == verdict.Holds || r.States == 0 || o.MaxBytes < 1<<10 && r.Bound != verdict.AtBytes {
				t.Errorf("%+v: %v, bound %q, %d states", o, r.Verdict, r.Bound, r.States)
			}
		}
	}
}

// A violation that there is no more time to look for with the exact store is shown by the run that
// the lossy search found.
func TestLossyTraceWithoutTheExactStore(t *testing.T) {
	for _, o := range lossyModes[:2] {
		if shown := lossyTraces(t, o); shown < 10 {
			t.Errorf("%+v: %d traces are of the lossy search itself", o, shown)
		}
	}
}

func lossyTraces(t *testing.T, o explore.Options) (shown int) {
	for seed := range uint64(60) {
		p, ms := plain.Random(seedBytes(seed))
		if want := plain.Explore(model.SC, p, ms, 1000); want.Truncated || want.Err != nil {
			continue
		}
		m, err := machine.Compile(machine.Options{}, p, ms...)
		if err != nil {
			t.Fatal(err)
		}
		// The clock ends with the lossy search, or, for small programs, before it.
		r := &verdict.Result{}
		for n := 0; r.Bound != verdict.AtStore; n++ {
			r = inOrder(endsAfter(n), t, m, o)
		}
		for _, pr := range r.Properties {
			if pr.Violated && !pr.Trace.Shortest {
				shown++
			}
		}
	}
	return shown
}
