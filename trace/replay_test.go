package trace_test

import (
	"strings"
	"testing"

	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/trace"
)

// This file tests that no run gets past the replay that is none, however it came about; package explore tests the
// runs that searches find.

const (
	no  = model.False
	yes = model.True
)

func compile(t *testing.T, p *model.Program, ms ...*model.Monitor) *machine.Machine {
	t.Helper()
	m, err := machine.Compile(machine.Options{}, p, ms...)
	if err != nil {
		t.Fatalf("Compile: %v", err)
	}
	return m
}

// never claims that cond is false in every state.
func never(name string, cond model.Value) *model.Monitor {
	return &model.Monitor{Name: name, Never: cond}
}

// No trace is handed out that was not replayed: replay refuses any path that is not a run, or does
// not violate the property, with its last step and not before.
func TestReplayRefusesTamperedPaths(t *testing.T) {
	p := model.New("lost update")
	x := p.Shared("x", model.UpTo(2), no)
	for _, name := range []string{"CPU0", "CPU1"} {
		p.CPU(name).Run(p.Routine(name, func(r *model.Routine) {
			l := r.LocalOf("l", x)
			r.ReadOnce("l = READ_ONCE(x)", l, x)
			r.WriteOnce("WRITE_ONCE(x, l + 1)", x, l.Add(yes))
		}))
	}
	m := compile(t, p, &model.Monitor{Name: "both count", AtEnd: x.Eq(model.Int(2))}, never("x is 1", x.Eq(yes)),
		never("x is 9", no))
	good := []uint16{0, 1, 0, 1} // both load, and then both store
	const both, one, nine, deadlock = 0, 1, 2, 3
	for _, row := range []struct {
		name string
		p    int
		path []uint16
		want string
		why  string
	}{
		{"as found", both, good, "", "the control: this one is a run that violates"},
		{"too short", both, good[:3], "last step does not violate", "the end is not reached"},
		{"empty", both, nil, "last step does not violate", "nothing has happened"},
		{"not enabled", both, append(good[:4:4], good[3]), "violated before step 5 of 5",
			"it went on"},
		{"one CPU only", both, []uint16{0, 0, 0}, "step 3 is not enabled",
			"it has ended after two"},
		{"violated earlier", one, []uint16{0, 0, 1}, "violated before step 3 of 3",
			"a step of noise"},
		{"just long enough", one, []uint16{0, 0}, "", "the control for the row above"},
		{"wrong property", nine, good, "last step does not violate", "another one's trace"},
		{"no deadlock", deadlock, good[:2], "not a deadlock", "something can happen"},
		{"an end", deadlock, good, "proper end", "nothing can happen, but all have ended"},
	} {
		tr, err := trace.Replay(m, row.p, row.path)
		if (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(),
			row.want) {
			t.Errorf("%s: error %v, want %q: %s", row.name, err, row.want, row.why)
		}
		if (tr == nil) != (err != nil) {
			t.Errorf("%s: trace %v with error %v", row.name, tr, err)
		}
	}
}

func TestReplayRefusesFaultsAndTakesDeadlocks(t *testing.T) {
	p := model.New("replay")
	x := p.Shared("x", model.Bool, no)
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		r.Choose(
			r.When(yes, func() { r.WriteOnce("x = 2", x, model.Int(2)) }),
			r.When(yes, func() { r.Pause("wait") }))
		r.Await("never", no)
	}))
	m := compile(t, p)
	if _, err := trace.Replay(m, 0, []uint16{0}); err == nil || !strings.Contains(err.Error(), "x = 2") {
		t.Errorf("error %v; want the fault of the program", err)
	}
	tr, err := trace.Replay(m, 0, []uint16{1})
	if err != nil || !tr.Deadlock || len(tr.Steps) != 1 {
		t.Errorf("trace %+v, error %v; it is a deadlock", tr, err)
	}
}
