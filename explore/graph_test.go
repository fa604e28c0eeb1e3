package explore_test

import (
	"context"
	"testing"

	"ctcheck/explore"
	"ctcheck/model"
)

// handover is two CPUs that store twice before they look at what the other has stored, so that a store buffer needs
// two entries; with deadlock, each then waits for something that never comes.
func handover(deadlock bool) (*model.Program, []*model.Monitor) {
	p := model.New("handover")
	x, y := p.Shared("x", model.UpTo(2), model.Int(0)), p.Shared("y", model.UpTo(2), model.Int(0))
	for i, mine := range []*model.Var{x, y} {
		name, other := []string{"CPU0", "CPU1"}[i], []*model.Var{y, x}[i]
		p.CPU(name).Run(p.Routine(name, func(r *model.Routine) {
			v := r.LocalOf("v", x)
			r.WriteOnce("mine = 1", mine, model.Int(1))
			r.WriteOnce("mine = 2", mine, model.Int(2))
			r.ReadOnce("v = other", v, other)
			if deadlock {
				r.Await("never", model.False)
			}
		}))
	}
	return p, []*model.Monitor{{Name: "x is not 2", Never: x.Eq(model.Int(2))}}
}

// A graph has the states and transitions that the search counts, under a memory model with buffers too, which have
// the room that they need.
func TestTheGraphIsTheSearchs(t *testing.T) {
	for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
		for _, deadlock := range []bool{false, true} {
			p, ms := handover(deadlock)
			o := explore.Options{Memory: mm}
			r, err := explore.Run(t.Context(), p, ms, o)
			if err != nil {
				t.Fatal(err)
			}
			g, err := explore.GraphOf(t.Context(), p, ms, o, int(r.States))
			if err != nil || g == nil {
				t.Fatalf("%s: %v, %v", mm, g, err)
			}
			if uint64(len(g.States)) != r.States || uint64(len(g.Steps)) != r.Transitions {
				t.Errorf("%s: %d states and %d steps, want %d and %d", mm, len(g.States), len(g.Steps), r.States,
					r.Transitions)
			}
			stuck, failed := false, false
			for _, s := range g.States {
				stuck, failed = stuck || s.Stuck, failed || len(s.Failed) > 0
			}
			if stuck != deadlock || failed != r.Properties[0].Violated {
				t.Errorf("%s: a deadlock %t, a violation %t", mm, stuck, failed)
			}
			if path := g.Path(r.Properties[0].Trace); len(path) != len(r.Properties[0].Trace.Steps)+1 {
				t.Errorf("%s: the trace is not in the graph: %v", mm, path)
			}
			if g, err := explore.GraphOf(t.Context(), p, ms, o, int(r.States)-1); g != nil || err != nil {
				t.Errorf("%s: a graph with more states than that: %v, %v", mm, g, err)
			}
		}
	}
	p, ms := handover(false)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if g, err := explore.GraphOf(ctx, p, ms, explore.Options{}, 1000); g != nil || err != nil {
		t.Errorf("a graph that nobody waits for: %v, %v", g, err)
	}
}

// A fault of the program is an error of its graph.
func TestNoGraphOfAFault(t *testing.T) {
	p := model.New("fault")
	x := p.Shared("x", model.UpTo(1), model.Int(0))
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) { r.AtomicAdd("x += 2", x, model.Int(2)) }))
	if g, err := explore.GraphOf(t.Context(), p, nil, explore.Options{}, 10); err == nil || g != nil {
		t.Errorf("%v, %v; want an error", g, err)
	}
}
