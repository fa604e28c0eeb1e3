package explore

import (
	"fmt"
	"path/filepath"
	"testing"

	"ctcheck/model"
	"ctcheck/verdict"
)

// A search under x86-TSO that goes on from a checkpoint and then needs larger store buffers begins anew with these:
// the checkpoint has no such states.
func TestResumeAndThenLargerBuffers(t *testing.T) {
	p := model.New("stores")
	for i := range 2 {
		var vs []*model.Var
		for k := range 3 {
			vs = append(vs, p.Shared(fmt.Sprint("v", i, k), model.Bool, no))
		}
		p.CPU(fmt.Sprint("CPU", i)).Run(p.Routine("main", func(r *model.Routine) {
			r.Pause("p")
			r.Pause("q")
			for _, v := range vs {
				r.WriteOnce("store", v, yes)
			}
		}))
	}
	file := filepath.Join(t.TempDir(), "cut")
	o := Options{Memory: model.TSO, Search: BreadthFirst}
	whole, err := Run(t.Context(), p, nil, o)
	if err != nil || whole.Verdict != verdict.Holds {
		t.Fatal(whole, err)
	}
	cut := o
	cut.MaxStates, cut.Checkpoint = 8, file
	if r, err := Run(t.Context(), p, nil,
		cut); err != nil || r.Verdict != verdict.Incomplete || r.Search.Checkpoint == "" {
		t.Fatal(r, err)
	}
	o.Resume = file
	r, err := Run(t.Context(), p, nil, o)
	if err != nil || r.Verdict != verdict.Holds || r.States != whole.States {
		t.Errorf("%+v, error %v, want %d states", r, err, whole.States)
	}
}
