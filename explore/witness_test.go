package explore_test

import (
	"context"
	"testing"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// reaches reports whether a run reaches the claim, by a search for nothing else along it.
func reaches(t *testing.T, s *explore.Session, tr *trace.Trace, claim int) bool {
	t.Helper()
	if len(tr.Steps) == 0 {
		return false
	}
	path := tr.Path()
	met := false
	_, err := s.Nearest(t.Context(), path[:len(path)-1], func(d explore.StepInfo) bool {
		if d.Transition == path[len(path)-1] {
			met = d.Reached>>claim&1 != 0
		}
		return d.Transition == path[len(path)-1]
	}, explore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return met
}

// Every claim that a search says was reached has a run whose last step reaches it, and no shorter run does, says
// a search with a bound on its depth.
func TestWitnesses(t *testing.T) {
	seen := 0
	for _, d := range models.All() {
		for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
			p, err := d.Program(models.DefaultConfig())
			if err != nil {
				t.Fatal(err)
			}
			run := func(depth int) *verdict.Result {
				r, err := explore.Run(t.Context(), p, nil, explore.Options{Memory: mm, Search: explore.BreadthFirst,
					MaxDepth: depth})
				if err != nil {
					t.Fatal(err)
				}
				return r
			}
			r := run(0)
			all := func(string) bool { return true }
			if err := explore.Witnesses(t.Context(), p, nil, r, explore.Options{}, all); err != nil {
				t.Fatal(err)
			}
			s, err := explore.NewSession(p, nil, explore.Options{Memory: mm})
			if err != nil {
				t.Fatal(err)
			}
			for i, c := range r.Claims {
				if c.Reached != (c.Witness != nil) {
					t.Errorf("%s, %s: %s: reached %v, witness %v", d.Name, mm, c.Name, c.Reached, c.Witness)
					continue
				}
				if c.Witness == nil {
					continue
				}
				seen++
				n := len(c.Witness.Steps)
				if !c.Witness.Shortest || !reaches(t, s, c.Witness, i) {
					t.Errorf("%s, %s: the witness of %s does not reach it", d.Name, mm, c.Name)
				}
				if n > 2 && run(n - 2).Claims[i].Reached { // it looks one step further, and says what comes there
					t.Errorf("%s, %s: %s is reached in fewer steps than %d", d.Name, mm, c.Name, n)
				}
			}
		}
	}
	if seen < 80 {
		t.Errorf("only %d witnesses", seen)
	}
}

// What is not chosen, or not found in time, has no witness, and that is no error.
func TestNoWitness(t *testing.T) {
	d, _ := models.Find("valentin")
	p, err := d.Program(models.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	r, err := explore.Run(t.Context(), p, nil, explore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	all := func(string) bool { return true }
	if err := explore.Witnesses(over, p, nil, r, explore.Options{}, all); err != nil || r.Claims[1].Witness != nil {
		t.Errorf("after the time is over: %v, %v", r.Claims[1].Witness, err)
	}
	one := func(name string) bool { return name == r.Claims[1].Name }
	if err := explore.Witnesses(t.Context(), p, nil, r, explore.Options{}, one); err != nil ||
		r.Claims[0].Witness != nil || r.Claims[1].Witness == nil {
		t.Errorf("one was chosen: %v, %v, %v", r.Claims[0].Witness, r.Claims[1].Witness, err)
	}
}

// A claim that the initial state satisfies has a witness of no steps.
func TestWitnessOfNoSteps(t *testing.T) {
	p := model.New("start")
	x := p.Shared("x", model.Bool, model.Int(1))
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		r.WriteOnce("WRITE_ONCE(x, 0)", x, model.Int(0))
	}))
	p.ReachedState("x is set", x.Eq(model.Int(1)))
	r, err := explore.Run(t.Context(), p, nil, explore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := func(string) bool { return true }
	if err := explore.Witnesses(t.Context(), p, nil, r, explore.Options{}, all); err != nil {
		t.Fatal(err)
	}
	if w := r.Claims[0].Witness; w == nil || len(w.Steps) != 0 {
		t.Errorf("the witness is %v", w)
	}
}

// The layers of a breadth-first search have all its states, and are as many as the greatest distance says, however
// many workers there are; one that was resumed does not know them.
func TestLayers(t *testing.T) {
	for _, name := range []string{"peterz", "valentin", "luto", "tlb-v6"} {
		for _, o := range []explore.Options{{}, {Workers: 2}, {Memory: model.TSO}, {Reduce: explore.Symmetry}} {
			o.Search = explore.BreadthFirst
			d, _ := models.Find(name)
			p, err := d.Program(models.DefaultConfig())
			if err != nil {
				t.Fatal(err)
			}
			r, err := explore.Run(t.Context(), p, nil, o)
			if err != nil {
				t.Fatal(err)
			}
			sum := uint64(0)
			for _, n := range r.Search.Layers {
				sum += n
			}
			if sum != r.States || len(r.Search.Layers) != r.Depth+1 || r.Search.Layers[0] != 1 {
				t.Errorf("%s: %d states in %d layers, want %d in %d", name, sum, len(r.Search.Layers), r.States,
					r.Depth+1)
			}
		}
	}
}
