package machine

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ctcheck/deferral"
	"ctcheck/ir"
	"ctcheck/model"
)

// told is a record's events in words.
func told(rec ir.Record) (events []string) {
	for _, h := range rec.Events {
		s := fmt.Sprintf("%s %s", h.CPU.Name, h.Kind)
		if h.Arg != nil {
			s += fmt.Sprintf(" %d", h.Value)
		}
		switch h.Kind {
		case deferral.Ran:
			s += fmt.Sprint(" by ", h.Subject)
		case model.FrameEntered:
			s += " " + h.Frame.String()
		case model.Warned:
			s += " " + h.Label
		}
		if h.IPI != nil {
			s += " " + h.IPI.Name
		}
		events = append(events, s)
	}
	return events
}

// storied is a program that has every event: CPU0 asks CPU1 for work, which is refused and sent.
func storied() *model.Program {
	p := model.New("story")
	work := deferral.New(p, 8)
	x := p.Shared("x", model.UpTo(7), model.Int(0))
	c, d := p.CPU("CPU0"), p.CPU("CPU1")
	line := d.IPI("csd", p.Routine("handler", func(r *model.Routine) {
		work.RunWork(r, "func(info)", r.Param("work", model.UpTo(3)), deferral.ByIPI)
	}), model.Int(2))
	q := work.Request(c, 2, line)
	c.Run(p.Routine("main", func(r *model.Routine) {
		l, ret := r.LocalOf("l", x), r.Local("ret", model.Bool)
		r.Pause("before")
		q.Start(r)
		r.AtomicFetchOr("l = atomic_fetch_or(4, x)", l, x, model.Int(4))
		r.Event(deferral.Published)
		q.Answer(r, ret)
		r.SendIPI("send", line)
		q.Complete(r)
	}))
	d.Run(p.Routine("task", func(r *model.Routine) {
		l := r.LocalOf("l", x)
		r.Event(deferral.EnteredUser)
		r.Frame(model.User, func() {
			r.Pause("leave user")
			r.If(line.Pending(), func() { r.IPIEvent(deferral.IPIInUser, line) })
			r.Event(deferral.LeftUser)
		})
		r.Frame(model.Entry, func() {
			r.ReadOnce("l = x", l, x)
			r.WarnOnOnce("WARN_ON_ONCE(l & 4)", l.Has(model.Int(4)))
			r.Event(deferral.Flushed)
			work.RunWork(r, "flush", l, deferral.ByFlush)
		})
		r.Frame(model.Body, nil)
	}))
	return p
}

// What each step says that it did, in order. An event belongs to the step before it, but for
// Started.
func TestRecords(t *testing.T) {
	w := walk(t, storied())
	for _, row := range []struct {
		do      func() ir.Record
		stmt    string
		frame   model.Frame
		routine string
		events  []string
		why     string
	}{
		{func() ir.Record { return w.step(0) }, "before", model.Body, "main", nil,
			"Started does not ride on the step before it"},
		{func() ir.Record { return w.step(0) }, "l = atomic_fetch_or(4, x)", model.Body, "main",
			[]string{"CPU0 started", "CPU0 published", "CPU0 answered 0"},
			"Started opens the step that follows it, the others close the step before them"},
		{func() ir.Record { return w.step(0) }, "send", model.Body, "main",
			[]string{"CPU0 sent csd", "CPU0 completed"}, "an event of the step itself comes first"},
		{func() ir.Record { return w.step(1) }, "leave user", model.User, "task",
			[]string{"CPU1 ipi-in-user csd", "CPU1 left-user", "CPU1 frame-entered entry"},
			"the step is still of the frame that it leaves"},
		{func() ir.Record { return w.step(1) }, "l = x", model.Entry, "task",
			[]string{"CPU1 warned WARN_ON_ONCE(l & 4)", "CPU1 flushed"}, "the condition was true"},
		{func() ir.Record { return w.step(1) }, "flush", model.Entry, "task",
			[]string{"CPU1 ran 4 by flush", "CPU1 frame-entered body"},
			"the argument's value is that of the state"},
		{func() ir.Record { return w.ipi(1, 0) }, "", model.Body, "", []string{"CPU1 pushed csd"},
			"no statement: an interrupt"},
		{func() ir.Record { return w.step(1) }, "func(info)", model.IRQ, "handler",
			[]string{"CPU1 ran 2 by IPI", "CPU1 popped csd"},
			"the constant argument, and the return"},
	} {
		rec := row.do()
		stmt := ""
		if rec.Stmt != nil {
			stmt = rec.Stmt.Label
		}
		if stmt != row.stmt ||
			stmt != "" && (rec.Frame != row.frame || rec.Routine != row.routine) {
			t.Errorf("%q in %s of %q; want %q in %s of %q", stmt, rec.Frame, rec.Routine, row.stmt,
				row.frame,
				row.routine)
		}
		if diff := cmp.Diff(row.events, told(rec)); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", row.stmt, row.why, diff)
		}
	}
}

// Writes has the locals that the access assigned, in order, and not those that local code assigns.
func TestRecordedWrites(t *testing.T) {
	w := walk(t, solo(func(p *model.Program, r *model.Routine) {
		x := p.Shared("x", model.UpTo(7), model.Int(5))
		old, ok, other := r.Local("old", model.UpTo(7)), r.Local("ok", model.Bool), r.Local("other", model.UpTo(7))
		r.TryCmpxchg("ok = try_cmpxchg(&x, &old, 1)", ok, x, old, model.Int(1))
		r.Set(other, model.Int(3))
		r.TryCmpxchg("ok = try_cmpxchg(&x, &old, 5)", ok, x, old, model.Int(5))
		r.WriteOnce("x = 2", x, model.Int(2))
	}))
	var got []string
	for _, wr := range slices.Concat(w.step(0).Writes, w.step(0).Writes, w.step(0).Writes) {
		got = append(got, fmt.Sprintf("%s=%d", wr.Var.Name, wr.Value))
	}
	if diff := cmp.Diff([]string{"ok=0", "old=5", "ok=1"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Without a Record nothing is recorded, and the successor is the same.
func TestRecordDoesNotChangeTheSuccessor(t *testing.T) {
	m := compile(t, storied())
	states, _ := reach(t, m)
	for _, s := range states {
		for tr := range m.Transitions() {
			a, b := make([]uint64, m.Words()), make([]uint64, m.Words())
			plain, recorded := Effects{}, Effects{Record: &ir.Record{}}
			ok1, ok2 := m.Fire(s, tr, a, &plain), m.Fire(s, tr, b, &recorded)
			if ok1 != ok2 || ok1 && fmt.Sprint(a) != fmt.Sprint(b) {
				t.Fatalf("transition %d of %v: %v %v and, recorded, %v %v", tr, s, ok1, a, ok2, b)
			}
		}
	}
}

// A monitor is asked about every event once, with all that is known when the program is compiled,
// and its ghost code runs with the event: before the rest of the step, after the monitors that it
// uses.
func TestMonitors(t *testing.T) {
	p := storied()
	ran := model.NewGhost("ran", model.UpTo(9), model.Int(0))
	seen := model.NewGhost("seen", model.UpTo(9), model.Int(0))
	var asked []string
	counts := &model.Monitor{Ghosts: []*model.Var{ran}, On: func(ev model.Event) []*model.Stmt {
		asked = append(asked, fmt.Sprint(ev.CPU.Name, " ", ev.Kind, " ", ev.Context, ev.Depth))
		if ev.Kind != deferral.Ran {
			return nil
		}
		return model.Build(func(c *model.Code) { c.Set(ran, ran.Add(model.Int(1))) })
	}}
	judges := func(name string) *model.Monitor {
		return &model.Monitor{Name: name, Ghosts: []*model.Var{seen}, Uses: []*model.Monitor{counts},
			On: func(ev model.Event) []*model.Stmt {
				return model.Build(func(c *model.Code) {
					if ev.Kind == deferral.Ran {
						c.Set(seen, ran)
						c.If(ran.Eq(model.Int(2)), c.Fail)
					}
				})
			}, Never: seen.Eq(model.Int(2)), AtEnd: seen.Eq(model.Int(9))}
	}
	w := walk(t, p, judges("one"), judges("two"))
	if diff := cmp.Diff([]string{"one", "two"}, w.m.Properties); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	if n := strings.Count(strings.Join(asked, ","), "ran"); n != 2 {
		t.Errorf("asked about %d Ran events, want 2: the flush's and the handler's\n%v", n, asked)
	}
	w.step(0, 3)
	w.step(1, 3)
	w.want("seen", 1, "the monitor that is used ran first, and once though two use it")
	if w.m.Violated(w.s) != 0 {
		t.Error("a property is violated too early; AtEnd is for the end only")
	}
	w.ipi(1, 0)
	_, fx, _ := w.try(ir.Transition{CPU: 1})
	if fx.Failed != 3 {
		t.Errorf("Failed = %b, want both properties", fx.Failed)
	}
	if got := w.m.Violated(w.s); got != 3 {
		t.Errorf("Violated = %b, want both properties, by Never and by AtEnd", got)
	}
	if m := compile(t, storied(), &model.Monitor{Name: "end", AtEnd: model.True}); m.Violated(w.s) != 0 {
		t.Error("an AtEnd that is true is violated")
	}
}

// The program's own monitors are checked with every set of properties, once, and come first.
func TestProgramsOwnMonitors(t *testing.T) {
	p := storied()
	own := &model.Monitor{Name: "own", Never: model.False}
	p.Monitors = append(p.Monitors, own)
	m := compile(t, p, &model.Monitor{Name: "asked for", Never: model.False}, own)
	if diff := cmp.Diff([]string{"own", "asked for"}, m.Properties); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A claim about events is satisfied by the step that has the event; one about states by the state.
func TestClaims(t *testing.T) {
	p := storied()
	x := p.Vars[0]
	p.Reached("something ran", deferral.Ran, nil)
	p.Reached("work 2 ran", deferral.Ran,
		func(ev model.Event) model.Value { return model.Of(ev.Arg).Eq(model.Int(2)) })
	p.Reached("a local call ran", deferral.Ran, func(ev model.Event) model.Value {
		if ev.Subject == deferral.ByLocalCall {
			return model.True
		}
		return model.False
	})
	p.ReachedState("x is 4", x.Eq(model.Int(4)))
	p.ReachedState("x is 7", x.Eq(model.Int(7)))
	w := walk(t, p)
	events, states := []uint64{}, []uint64{w.m.Reached(w.s)}
	for _, tr := range []ir.Transition{{CPU: 0}, {CPU: 0}, {CPU: 0}, {CPU: 1}, {CPU: 1}, {CPU: 1},
		{CPU: 1, Kind: ir.PushIPI, Index: 0}, {CPU: 1}} {
		_, fx, _ := w.try(tr)
		events = append(events, fx.Reached)
		states = append(states, w.m.Reached(w.s))
	}
	if diff := cmp.Diff([]uint64{0, 0, 0, 0, 0, 1, 0, 3}, events); diff != "" {
		t.Errorf("by events (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]uint64{0, 0, 8, 8, 8, 8, 8, 8, 8}, states); diff != "" {
		t.Errorf("by states (-want +got):\n%s", diff)
	}
}

// Events before a CPU's first step belong to the initial state.
func TestInitialEvents(t *testing.T) {
	p := storied()
	p.Reached("in user mode", deferral.EnteredUser, nil)
	fail := &model.Monitor{Name: "fails", On: func(ev model.Event) []*model.Stmt {
		if ev.Kind != deferral.EnteredUser {
			return nil
		}
		return model.Build((*model.Code).Fail)
	}}
	_, fx := compile(t, p, fail).Initial()
	if fx.Failed != 1 || fx.Reached != 1 {
		t.Errorf("Failed %b, Reached %b; want the property and the claim", fx.Failed, fx.Reached)
	}
}
