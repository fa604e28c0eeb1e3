package props_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ctcheck/deferral"
	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/props"
)

// deferring is a program with a target and two requests of another CPU, the first with an IPI, and the target runs
// what is built.
func deferring(setter, target func(p *model.Program, d *deferral.Deferral, r *model.Routine)) *model.Program {
	p := model.New("deferring")
	d := deferral.New(p, 1)
	x, y := p.CPU("CPUx"), p.CPU("CPUy")
	d.Target = y
	line := y.IPI("line", p.Routine("handler", func(r *model.Routine) { r.Pause("handler") }))
	d.Request(x, 0, line)
	d.Request(x, 0, nil)
	y.OnNMI(p.Routine("NMI", func(r *model.Routine) { r.Pause("NMI") }), 2, 2)
	x.Run(p.Routine("setter", func(r *model.Routine) { setter(p, d, r) }))
	y.Run(p.Routine("target", func(r *model.Routine) { target(p, d, r) }))
	return p
}

func pauses(_ *model.Program, _ *deferral.Deferral, r *model.Routine) { r.Pause("stay") }

// monitor is the monitor of a property of the program.
func monitor(t *testing.T, p *model.Program, name string) *model.Monitor {
	t.Helper()
	ms, err := props.Select(p, name)
	if err != nil || len(ms) != 1 {
		t.Fatalf("%s: %v, %v", name, ms, err)
	}
	return ms[0]
}

// Only what happens on the target, at its own level and in the frame that is meant, counts.
func TestWhichEventsCount(t *testing.T) {
	p := deferring(pauses, pauses)
	x, y := p.CPUs[0], p.CPUs[1]
	entered := func(c *model.CPU, ctx model.Context, f model.Frame) model.Event {
		return model.Event{Kind: model.FrameEntered, CPU: c, Context: ctx, Frame: f}
	}
	of := func(k model.EventKind, c *model.CPU) model.Event { return model.Event{Kind: k, CPU: c} }
	for _, row := range []struct {
		name  string
		ev    model.Event
		count bool
		why   string
	}{
		{"no-lost-work", entered(y, model.Task, model.Body), true, "an entry from user mode is over"},
		{"no-lost-work", entered(x, model.Task, model.Body), false, "another CPU enters the kernel"},
		{"no-lost-work", entered(y, model.InIRQ, model.Body), false, "a handler is no entry"},
		{"no-lost-work", entered(y, model.Task, model.User), false, "that is no entry"},
		{"no-needless-ipi", of(model.Pushed, y), true, "the target is interrupted: in the kernel"},
		{"no-needless-ipi", of(model.Pushed, x), false, "another CPU is"},
		{"no-needless-ipi", of(model.Popped, y), false, "a handler's end takes the target nowhere new"},
		{"no-needless-ipi", entered(y, model.Task, model.Entry), true, "the target is in the kernel"},
		{"no-needless-ipi", entered(y, model.Task, model.User), false, "it is not"},
		{"no-needless-ipi", model.Event{Kind: model.Sent, CPU: y, Frame: model.Entry}, false,
			"no frame is entered"},
		{"no-flush-in-user", of(deferral.LeftUser, x), false, "another CPU leaves user mode"},
		{"no-set-in-kernel", of(deferral.Flushed, x), false, "another CPU flushes"},
	} {
		if got := len(monitor(t, p, row.name).On(row.ev)) > 0; got != row.count {
			t.Errorf("%s: %+v counts: %t, want %t: %s", row.name, row.ev, got, row.count, row.why)
		}
	}
	progress := monitor(t, p, "terminates").Progress
	for _, row := range []struct {
		ev    model.Event
		count bool
	}{
		{of(deferral.Answered, x), true}, {of(deferral.Completed, x), true}, {of(deferral.Started, x), false},
		{entered(y, model.Task, model.Body), true}, {entered(y, model.Task, model.User), true},
		{entered(y, model.Task, model.Entry), false}, {entered(y, model.InNMI, model.Body), false},
		{entered(x, model.Task, model.Body), false}, {entered(x, model.InIRQ, model.User), false},
	} {
		if got := progress(row.ev); got != row.count {
			t.Errorf("terminates: %+v is progress: %t, want %t", row.ev, got, row.count)
		}
	}
	ledger := monitor(t, p, "no-lost-work").Uses[0]
	for _, ev := range []model.Event{entered(x, model.Task, model.Entry), entered(y, model.InIRQ, model.Entry),
		entered(y, model.Task, model.Body)} {
		if len(ledger.On(ev)) > 0 {
			t.Errorf("the ledger takes %+v for the begin of an entry", ev)
		}
	}
}

// An interrupt's frame inherits where the frame under it was, and gives that back, or what it was before it left
// user mode itself; only the CPU's own code enters user mode for all.
func TestFramesGiveBack(t *testing.T) {
	p := deferring(pauses, pauses)
	for _, name := range []string{"no-flush-in-user", "no-set-in-kernel"} {
		m := monitor(t, p, name)
		g := m.Ghosts
		if len(g) != 4 {
			t.Fatalf("%s: %d ghosts, want the running frame's, and one for an IPI and each of two NMIs", name,
				len(g))
		}
		text := func(k model.EventKind, ctx model.Context, depth int) string {
			var all []string
			for _, s := range m.On(model.Event{Kind: k, CPU: p.CPUs[1], Context: ctx, Depth: depth}) {
				arg := fmt.Sprint(s.Arg)
				if i := slices.IndexFunc(g, func(v *model.Var) bool { return v.Name == arg }); i >= 0 {
					arg = fmt.Sprint("g", i)
				}
				all = append(all, fmt.Sprint("g", slices.Index(g, s.Dst), " = ", arg))
			}
			return strings.Join(all, ", ")
		}
		for _, row := range []struct{ got, want string }{
			{text(deferral.EnteredUser, model.Task, 0), "g0 = 0"},
			{text(deferral.EnteredUser, model.InIRQ, 0), "g0 = g1"},
			{text(deferral.EnteredUser, model.InNMI, 2), "g0 = g3"},
			{text(model.Pushed, model.InNMI, 1), "g2 = g0"},
			{text(model.Popped, model.InNMI, 1), "g0 = g2, g2 = 0"},
		} {
			if row.got != row.want {
				t.Errorf("%s: %s, want %s", name, row.got, row.want)
			}
		}
	}
	m := monitor(t, p, "no-set-in-kernel")
	if left := m.On(model.Event{Kind: deferral.LeftUser,
		CPU: p.CPUs[1]}); len(left) != 1 || fmt.Sprint(left[0].Arg) != "0" {
		t.Error("the step that leaves user mode begins a new entry: its flush is to come")
	}
}

// earliest is after how many steps of a run the property is violated.
func earliest(t *testing.T, p *model.Program, name string, order ...int) int {
	t.Helper()
	m, err := machine.Compile(machine.Options{}, p, monitor(t, p, name))
	if err != nil {
		t.Fatal(err)
	}
	s, _ := m.Initial()
	for n, cpu := range order {
		var fx machine.Effects
		dst := make([]uint64, m.Words())
		can := func(tr ir.Transition) bool {
			for id := range m.Transitions() {
				if m.Transition(id) == tr {
					return m.Fire(s, id, dst, &fx)
				}
			}
			return false
		}
		if !can(ir.Transition{CPU: cpu, Kind: ir.PushIPI}) && !can(ir.Transition{CPU: cpu}) || fx.Err != nil {
			t.Fatalf("CPU %d can do nothing after %d steps, or %v", cpu, n, fx.Err)
		}
		if s = dst; fx.Failed|m.Violated(s) != 0 {
			return n + 1
		}
	}
	return 0
}

// Lost work is found where it is lost, not only in the end: where a refused call ends without an IPI, where the
// IPI's handler returns without having served it, and else in the end.
func TestWhereWorkIsLost(t *testing.T) {
	asks := func(i int, answer model.Int) func(p *model.Program, d *deferral.Deferral, r *model.Routine) {
		return func(_ *model.Program, d *deferral.Deferral, r *model.Routine) {
			q := d.Requests[i]
			q.Start(r)
			r.Pause("asks")
			q.Answer(r, answer)
			if q.IPI != nil && answer == model.False {
				r.SendIPI("kick", q.IPI)
			}
			q.Complete(r)
			r.Pause("goes on")
		}
	}
	for _, row := range []struct {
		name    string
		request int
		answer  model.Int
		order   []int
		want    int
	}{
		{"refused, and no IPI", 1, model.False, []int{0, 0, 1}, 1},
		{"refused, and the IPI does nothing", 0, model.False, []int{0, 0, 1, 1, 0, 1}, 4},
		{"promised, and never done", 1, model.True, []int{0, 0, 1}, 3},
	} {
		if got := earliest(t, deferring(asks(row.request, row.answer), pauses), "no-lost-work",
			row.order...); got != row.want {
			t.Errorf("%s: found after %d steps, want %d", row.name, got, row.want)
		}
	}
}

// Ghosts say what they are to whoever looks at a state, and only urgent requests are starved.
func TestGhostsHaveNames(t *testing.T) {
	p := deferring(pauses, pauses)
	deferral.Of(p).Requests[0].Urgent = true
	starved := monitor(t, p, "no-starved-ipi")
	if never := fmt.Sprint(starved.Never.Node()); !strings.Contains(never, "request 1") ||
		strings.Contains(never, "request 2") {
		t.Errorf("starved is %s, which is of the first request alone", never)
	}
	if g := starved.Uses[0].Ghosts[0]; g.Format(1) != "asked" || g.Format(5) != "answered and served" {
		t.Errorf("a request is %q and then %q", g.Format(1), g.Format(5))
	}
	if g := monitor(t, p, "no-needless-ipi").Ghosts[1]; g.Name != "request 2 met the kernel" {
		t.Errorf("the second request's ghost is called %q", g.Name)
	}
}
