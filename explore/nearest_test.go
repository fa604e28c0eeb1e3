package explore

import (
	"context"
	"testing"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// The nearest step that does something is as far away as the layers of a plain search say, from wherever it is
// asked for.
func TestNearest(t *testing.T) {
	p, claim := detour()
	m := compile(t, p, claim)
	broken := func(d StepInfo) bool { return d.Failed != 0 }
	w, err := nearest(context.Background(), m, nil, broken, Options{})
	if err != nil || !w.Found || len(w.Steps) != 3 || w.Bound != verdict.NoBound {
		t.Fatalf("%+v, %v; want 3 steps", w, err)
	}
	tr, err := trace.Play(m, w.Steps)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 4 {
		if want := map[bool]trace.Truth{false: trace.Kept, true: trace.Broken}[n == 3]; tr.Truths(n)[0] != want {
			t.Errorf("after %d steps the claim is %v, want %v", n, tr.Truths(n)[0], want)
		}
	}
	// From where the longer alternative was chosen it takes what that takes.
	longer := []ir.Transition{{CPU: 3}}
	long, err := trace.Play(m, longer)
	if err != nil || long.Steps[0].Statement() != "x = 1" {
		t.Fatalf("%v, %v", long.Steps, err)
	}
	if w, err = nearest(context.Background(), m, longer, broken, Options{}); err != nil || len(w.Steps) != 5 {
		t.Errorf("%+v, %v; want 5 steps", w, err)
	}
	// Where it cannot happen, every state is looked at.
	w, err = nearest(context.Background(), m, nil, func(StepInfo) bool { return false }, Options{})
	if want := run(t, m, Options{}).States; err != nil || w.Found || w.States != want || w.Bound !=
		verdict.NoBound {
		t.Errorf("%+v, %v; want all %d states", w, err, want)
	}
	w, err = nearest(context.Background(), m, nil, func(StepInfo) bool { return false }, Options{MaxStates: 10})
	if err != nil || w.Found || w.States != 10 || w.Bound != verdict.AtStates {
		t.Errorf("%+v, %v; want a bound", w, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if w, err = nearest(ctx, m, nil, func(StepInfo) bool { return false }, Options{}); err != nil || w.Found ||
		w.Bound != verdict.AtInterrupt {
		t.Errorf("%+v, %v; want an interrupt", w, err)
	}
}

// Where a store finds no room in its buffer, nothing is said of what lies behind it.
func TestNearestWithFullBuffers(t *testing.T) {
	p := model.New("stores")
	x := p.Shared("x", model.UpTo(3), no)
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		r.WriteOnce("x = 1", x, model.Int(1))
		r.WriteOnce("x = 2", x, model.Int(2))
		r.WriteOnce("x = 3", x, model.Int(3))
	}))
	for room, want := range map[int]verdict.Bound{2: verdict.AtBuffer, 3: verdict.NoBound} {
		m, err := machine.Compile(machine.Options{Memory: model.TSO, BufferSizes: []int{room}}, p)
		if err != nil {
			t.Fatal(err)
		}
		w, err := nearest(t.Context(), m, nil, func(d StepInfo) bool { return false }, Options{})
		if err != nil || w.Found || w.Bound != want {
			t.Errorf("room for %d: %+v, %v; want bound %q", room, w, err, want)
		}
	}
}
