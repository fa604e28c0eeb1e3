package explore

import (
	"context"
	"strings"
	"testing"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
)

// truthText is what each state of a trace says of the properties, a letter each.
func truthText(t *Trace) string {
	var states []string
	for n := range len(t.Steps) + 1 {
		var s strings.Builder
		for _, tr := range t.Truths(n) {
			s.WriteString(tr.String()[:1])
		}
		states = append(states, s.String())
	}
	return strings.Join(states, " ")
}

// A run that somebody walks along says at each step what it says of the properties: what is broken there,
// what is owed, and whether it has come to a deadlock.
func TestTruths(t *testing.T) {
	p := model.New("truths")
	x := p.Shared("x", model.UpTo(3), no)
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		v := r.LocalOf("v", x)
		for i := range 3 {
			r.WriteOnce("x = "+string(rune('1'+i)), x, model.Int(i+1))
		}
		r.CondLoadAcquire("wait until x is 0", v, x, v.IsZero())
	}))
	m := compile(t, p, never("x is 2", x.Eq(model.Int(2))),
		&model.Monitor{Name: "x is 3 in the end", Eventually: x.Eq(model.Int(3))},
		&model.Monitor{Name: "x is not 1 for ever", NotForever: []model.Value{x.Eq(model.Int(1))}})
	tr, err := Play(m, []ir.Transition{{}, {}, {}})
	if err != nil {
		t.Fatal(err)
	}
	// x is 2; x is 3 in the end; x is not 1 for ever; no-deadlock
	if got, want := truthText(tr), "kokk kook bokk kkkb"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if next, err := tr.Next(); err != nil || len(next) != 0 {
		t.Errorf("%v, %v may come after the deadlock", next, err)
	}
	if tr, err = Play(m, nil); err != nil {
		t.Fatal(err)
	}
	if next, err := tr.Next(); err != nil || len(next) != 1 || next[0].Statement() != "x = 1" {
		t.Errorf("%v, %v may come first", next, err)
	}
	for _, path := range [][]ir.Transition{{{}, {}, {}, {}}, {{CPU: 3}}, {{Kind: ir.PushNMI}}} {
		if _, err := Play(m, path); err == nil {
			t.Errorf("%v is played", path)
		}
	}
}

// A store that becomes visible is that of the statement that it waited for, not of another one that stores to the
// same variable.
func TestWhoseStoreBecomesVisible(t *testing.T) {
	p := model.New("stores")
	x, y := p.Shared("x", model.UpTo(3), no), p.Shared("y", model.UpTo(3), no)
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		r.WriteOnce("x = 1", x, model.Int(1))
		r.WriteOnce("y = 1", y, model.Int(1))
		r.WriteOnce("x = 2", x, model.Int(2))
	}))
	m, err := machine.CompileUnder(machine.Memory{Model: model.TSO, Room: []int{3}}, p)
	if err != nil {
		t.Fatal(err)
	}
	flush := ir.Transition{Kind: ir.Flush}
	for _, path := range [][]ir.Transition{{{}, {}, {}, flush, flush, flush}, {{}, flush, {}, {}, flush,
		flush}} {
		tr, err := Play(m, path)
		if err != nil {
			t.Fatal(err)
		}
		var stored []string
		for _, s := range tr.Steps {
			if s.Transition.Kind == ir.Flush {
				stored = append(stored, s.Stored.Label)
			}
		}
		if got := strings.Join(stored, ", "); got != "x = 1, y = 1, x = 2" {
			t.Errorf("%v: %s become visible", path, got)
		}
	}
}

// A fault of the program is an error of what comes next, and of the step into it.
func TestPlayingFaults(t *testing.T) {
	p := model.New("fault")
	x := p.Shared("x", model.UpTo(1), no)
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		r.AtomicAdd("x += 2", x, model.Int(2))
	}))
	m := compile(t, p)
	tr, err := Play(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Next(); err == nil || !strings.Contains(err.Error(), "x = 2") {
		t.Errorf("next: %v", err)
	}
	if _, err := Play(m, []ir.Transition{{}}); err == nil || !strings.Contains(err.Error(), "x = 2") {
		t.Errorf("play: %v", err)
	}
}

// The nearest step that does something is as far away as the layers of a plain search say, from wherever it is
// asked for.
func TestNearest(t *testing.T) {
	p, claim := detour()
	m := compile(t, p, claim)
	broken := func(d Did) bool { return d.Failed != 0 }
	start, err := Play(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	w, err := Nearest(context.Background(), start, broken, Options{})
	if err != nil || !w.Found || len(w.Steps) != 3 || w.Bound != NoBound {
		t.Fatalf("%+v, %v; want 3 steps", w, err)
	}
	tr, err := Play(m, w.Steps)
	if err != nil || truthText(tr) != "kk kk kk bk" {
		t.Errorf("%s, %v", truthText(tr), err)
	}
	// From where the longer alternative was chosen it takes what that takes.
	long, err := Play(m, []ir.Transition{{CPU: 3}})
	if err != nil || long.Steps[0].Statement() != "x = 1" {
		t.Fatalf("%v, %v", long.Steps, err)
	}
	if w, err = Nearest(context.Background(), long, broken, Options{}); err != nil || len(w.Steps) != 5 {
		t.Errorf("%+v, %v; want 5 steps", w, err)
	}
	// Where it cannot happen, every state is looked at.
	w, err = Nearest(context.Background(), start, func(Did) bool { return false }, Options{})
	if want := run(t, m, Options{}).States; err != nil || w.Found || w.States != want || w.Bound != NoBound {
		t.Errorf("%+v, %v; want all %d states", w, err, want)
	}
	w, err = Nearest(context.Background(), start, func(Did) bool { return false }, Options{MaxStates: 10})
	if err != nil || w.Found || w.States != 10 || w.Bound != AtStates {
		t.Errorf("%+v, %v; want a bound", w, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if w, err = Nearest(ctx, start, func(Did) bool { return false }, Options{}); err != nil || w.Found ||
		w.Bound != AtInterrupt {
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
	for room, want := range map[int]Bound{2: AtBuffer, 3: NoBound} {
		m, err := machine.CompileUnder(machine.Memory{Model: model.TSO, Room: []int{room}}, p)
		if err != nil {
			t.Fatal(err)
		}
		start, err := Play(m, nil)
		if err != nil {
			t.Fatal(err)
		}
		w, err := Nearest(t.Context(), start, func(d Did) bool { return false }, Options{})
		if err != nil || w.Found || w.Bound != want {
			t.Errorf("room for %d: %+v, %v; want bound %q", room, w, err, want)
		}
	}
}
