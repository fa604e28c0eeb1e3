package explore

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"ctcheck/model"
	"ctcheck/verdict"
)

// phasesOf is the phases that a search goes through, and where it stands in the end.
func phasesOf(t *testing.T, mm model.MemoryModel, p *model.Program, ms []*model.Monitor, o Options) (string, Status,
	*verdict.Result) {
	t.Helper()
	var phases []string
	o.Progress = &Progress{seen: func(phase, of string) {
		if of != "" {
			phase += " of " + of
		}
		if n := len(phases); n == 0 || phases[n-1] != phase {
			phases = append(phases, phase)
		}
	}}
	o.Memory = mm
	r, err := Run(t.Context(), p, ms, o)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(phases, "; "), o.Progress.Status(), r
}

// stubborn is a CPU that goes round for ever, and never does what is claimed.
func stubborn() (*model.Program, []*model.Monitor) {
	p := model.New("stubborn")
	x := p.Shared("x", model.UpTo(3), no)
	for i := range 2 {
		p.CPU(fmt.Sprint("CPU", i)).Run(p.Routine("main", func(r *model.Routine) {
			r.Forever(func() {
				r.WriteOnce("x = 1", x, model.Int(1))
				r.WriteOnce("x = 2", x, model.Int(2))
			})
		}))
	}
	return p, []*model.Monitor{{Name: "x is 3", Eventually: x.Eq(model.Int(3))}}
}

// Every phase says its name, what it is of, and how far it is.
func TestEveryPhaseReports(t *testing.T) {
	long, claim := detour()
	lasso, eventually := stubborn()
	for _, row := range []struct {
		why  string
		mm   model.MemoryModel
		p    *model.Program
		ms   []*model.Monitor
		o    Options
		want string
	}{
		{"depth first, and the nested search", model.SC, long, []*model.Monitor{claim}, Options{},
			"search; shortest run of x is 6; fewest switches of x is 6"},
		{"breadth first", model.SC, long, []*model.Monitor{claim}, Options{Search: BreadthFirst},
			"search; fewest switches of x is 6"},
		{"symmetry", model.SC, long, []*model.Monitor{claim}, Options{Search: BreadthFirst, Reduce: Symmetry},
			"search; fewest switches of x is 6; which CPU is which of x is 6"},
		{"a lossy store", model.SC, long, []*model.Monitor{claim}, Options{Search: BreadthFirst, Store: Hash128},
			"search; shortest run of x is 6; fewest switches of x is 6"},
		{"a claim on whole runs, larger and larger buffers", model.TSO, lasso, eventually, Options{
			Search: BreadthFirst},
			"search of store buffers of 1, 1 entries; search of store buffers of 2, 2 entries; " +
				"search of store buffers of 4, 4 entries; search of store buffers of 8, 8 entries; " +
				"search of store buffers of 16, 16 entries"},
		{"a claim on whole runs", model.SC, lasso, eventually, Options{Search: BreadthFirst},
			"search; numbering states; fair runs; fair runs of x is 3; a fair cycle of x is 3; shortest run of " +
				"x is 3; fewest switches of x is 3; a fair cycle of x is 3; numbering states in order; fair runs"},
		{"a claim on whole runs, with symmetry, which does not decide it", model.SC, lasso, eventually,
			Options{Search: BreadthFirst, Reduce: Symmetry},
			"search; numbering states; fair runs; fair runs of x is 3; search without symmetry; numbering states"},
		{"a checkpoint", model.SC, grid(3, 9), nil, Options{Search: BreadthFirst, MaxStates: 100,
			Checkpoint: filepath.Join(t.TempDir(), "cut")}, "search; checkpoint; search"},
		{"coverage", model.SC, long, []*model.Monitor{claim}, Options{Search: BreadthFirst, Coverage: true},
			"search; shortest run of x is 6; fewest switches of x is 6"},
	} {
		if got, _, _ := phasesOf(t, row.mm, row.p, row.ms, row.o); !strings.HasPrefix(got, row.want) {
			t.Errorf("%s: %s, want %s", row.why, got, row.want)
		}
	}
}

// In the end of a breadth-first search the figures are the result's, with any number of workers.
func TestProgressAddsUp(t *testing.T) {
	for workers := 1; workers <= 3; workers++ {
		_, s, r := phasesOf(t, model.SC, grid(4, 9), nil, Options{Search: BreadthFirst, Workers: workers})
		if s.States != r.States || s.Trans != r.Transitions || s.Frontier != 0 || s.Bytes == 0 ||
			s.Depth < r.Depth {
			t.Errorf("%d workers: %+v of %d states, %d transitions, depth %d", workers, s, r.States,
				r.Transitions, r.Depth)
		}
	}
	// Of a search that began anew with larger store buffers, the figures are those of the last.
	stores := model.New("stores")
	v := stores.Shared("v", model.UpTo(3), no)
	stores.CPU("CPU0").Run(stores.Routine("main", func(r *model.Routine) {
		for i := range 3 {
			r.WriteOnce(fmt.Sprint("v = ", i+1), v, model.Int(i+1))
		}
	}))
	phases, s, r := phasesOf(t, model.TSO, stores, nil, Options{Search: BreadthFirst})
	if s.States != r.States || s.Trans != r.Transitions || !strings.Contains(phases, "of 4 entries") {
		t.Errorf("%s: %+v of %d states, %d transitions", phases, s, r.States, r.Transitions)
	}
	for _, o := range []Options{{}, {Search: BreadthFirst, Coverage: true}, {Store: Hash128},
		{Search: BreadthFirst, Store: Bitstate, MaxBytes: 1 << 22}} {
		_, s, r := phasesOf(t, model.SC, grid(4, 9), nil, o)
		if s.States == 0 || s.States > r.States || s.Bytes == 0 || s.Frontier == 0 {
			t.Errorf("%+v: %+v of %d states", o, s, r.States)
		}
	}
}

// Ctrl-C ends a search in whatever phase it is: with no error, and with no claim that anything holds that was not
// decided.
func TestInterruptedInEveryPhase(t *testing.T) {
	build := func(end, ever int) (*model.Program, []*model.Monitor) {
		p := grid(3, 12)
		x := p.Shared("x", model.UpTo(4), no)
		p.CPU("last").Run(p.Routine("last", func(r *model.Routine) {
			for i := range 3 {
				r.WriteOnce("x = "+fmt.Sprint(i+1), x, model.Int(i+1))
			}
			r.Forever(func() { r.Pause("pause") })
		}))
		return p, []*model.Monitor{{Name: "in the end", Eventually: x.Eq(model.Int(end))},
			never("never", x.Eq(model.Int(ever)))}
	}
	reductions := []Reductions{0, Symmetry}
	if testing.Short() {
		reductions = reductions[1:]
	}
	for _, reduce := range reductions {
		for _, in := range [][2]int{{3, 4}, {3, 2}, {4, 4}, {4, 2}} { // x is 3 in the end, and never 4
			p, ms := build(in[0], in[1])
			o := Options{Search: BreadthFirst, Reduce: reduce, Workers: 1}
			_, _, whole := phasesOf(t, model.SC, p, ms, o)
			if got, want := whole.Verdict == verdict.Holds, in == [2]int{3, 4}; got != want || !whole.Complete {
				t.Fatalf("%v: %s", in, whole.Verdict)
			}
			for k, all := 0, 1; k < all; k++ {
				ctx, cancel := context.WithCancel(t.Context())
				var phases []string
				o.Progress = &Progress{seen: func(phase, of string) {
					if phases = append(phases, phase); len(phases) == k+1 {
						cancel()
					}
				}}
				r, err := Run(ctx, p, ms, o)
				if err != nil {
					t.Fatalf("interrupted in %v: %v", phases, err)
				}
				all = max(all, len(phases)+1)
				if r.Verdict == verdict.Holds && whole.Verdict != verdict.Holds || r.Complete &&
					r.Verdict != whole.Verdict {
					t.Errorf("reduce %v, interrupted in %v: %s, complete %v; want %s", reduce, phases, r.Verdict,
						r.Complete, whole.Verdict)
				}
				for i, pr := range r.Properties {
					want := whole.Properties[i].Violated
					if pr.Violated && (!want || pr.Trace == nil) || r.Complete && pr.Violated != want {
						t.Errorf("reduce %v, interrupted in %v: %s violated: %v, trace %v, want %v", reduce, phases,
							pr.Name, pr.Violated, pr.Trace != nil, want)
					}
				}
				cancel()
			}
		}
	}
}
