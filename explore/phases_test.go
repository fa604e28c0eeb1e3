package explore

import (
	"fmt"
	"testing"

	"ctcheck/model"
)

// A phase that says how much there is to do has done that, or all but the last part, when the next one begins.
func TestPhasesAreDoneInTheEnd(t *testing.T) {
	long, claim := detour()
	lasso, eventually := stubborn()
	for _, row := range []struct {
		p    *model.Program
		ms   []*model.Monitor
		o    Options
		want string
	}{
		{long, []*model.Monitor{claim}, Options{Search: BreadthFirst}, "fewest switches"},
		{long, []*model.Monitor{claim}, Options{Search: BreadthFirst, Reduce: Symmetry}, "which CPU is which"},
		{lasso, eventually, Options{Search: BreadthFirst}, "fair runs"},
	} {
		o, met, phase, entered := row.o, false, "", uint64(0)
		o.Progress = &Progress{}
		check := func(next string) {
			done, total := o.Progress.done.Load(), o.Progress.total.Load()
			if total > 0 && phase != "" && (done == 0 || done > total) {
				t.Errorf("%s: %d of %d is done in the end", phase, done, total)
			}
			if phase == row.want && total > 0 && done+1 >= total {
				met = true
			}
			phase = next
		}
		o.Progress.seen = func(next, _ string) { entered++; check(next) }
		if _, err := Run(t.Context(), row.p, row.ms, o); err != nil {
			t.Fatal(err)
		}
		if check(""); o.Progress.Status().Phases != entered {
			t.Errorf("%s: %d phases, want %d", row.want, o.Progress.Status().Phases, entered)
		}
		if !met {
			t.Errorf("%s: never done but for the last part", row.want)
		}
	}
}

// The depth of a search is the number of steps to the states farthest away.
func TestDepthOfASearch(t *testing.T) {
	for n := 1; n < 5; n++ {
		p := model.New("line")
		p.CPU("CPU").Run(p.Routine("main", func(r *model.Routine) {
			for i := range n {
				r.Pause(fmt.Sprint("p", i))
			}
		}))
		for _, o := range []Options{{}, {Search: BreadthFirst}, {Search: BreadthFirst, Store: Hash128}} {
			r, err := Run(t.Context(), p, nil, o)
			if err != nil {
				t.Fatal(err)
			}
			if r.Depth != n {
				t.Errorf("%d steps: depth %d with %+v", n, r.Depth, o)
			}
		}
	}
}

// The memory that is told is that of what is held: no more than a search of some hundred states can need.
func TestBytesOfSearchesThatNumberStates(t *testing.T) {
	lasso, eventually := stubborn()
	for _, row := range []struct {
		p  *model.Program
		ms []*model.Monitor
		o  Options
	}{
		{grid(3, 9), nil, Options{}},
		{lasso, eventually, Options{}},
		{lasso, eventually, Options{Search: BreadthFirst}},
		{grid(3, 9), nil, Options{Search: BreadthFirst, Coverage: true}},
	} {
		_, s, r := phasesOf(t, model.SC, row.p, row.ms, row.o)
		if s.Bytes == 0 || s.Bytes > 1<<24 {
			t.Errorf("%s, %+v: %d bytes for %d states", row.p.Name, row.o, s.Bytes, r.States)
		}
	}
}
