package machine

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ctcheck/ir"
	"ctcheck/model"
)

var allFrames = []model.Frame{model.Body, model.User, model.Entry, model.Exit, model.IRQ, model.NMIEntry,
	model.NMIBody, model.NMIExit}

func TestFrameSets(t *testing.T) {
	s := model.Frames(model.Body, model.NMIExit)
	names := map[string]bool{}
	for _, f := range allFrames {
		if got, want := s.Has(f), f == model.Body || f == model.NMIExit; got != want {
			t.Errorf("Has(%v) = %v, want %v", f, got, want)
		}
		names[f.String()] = true
	}
	if len(names) != len(allFrames) || model.Frames() != 0 {
		t.Errorf("frames have the names %v; want one for each, and the empty set empty", names)
	}
}

// interrupted is a program whose CPU 1 goes through all its own frames, with two IPI lines that
// CPU 0 may send to it, and NMIs.
func interrupted(nmis, depth int) (p *model.Program, lines []*model.IPI) {
	p = model.New("interrupted")
	x := p.Shared("x", model.UpTo(99), model.Int(0))
	c, d := p.CPU("CPU0"), p.CPU("CPU1")
	handler := p.Routine("handler", func(r *model.Routine) {
		n := r.Param("n", model.UpTo(9))
		r.AtomicAdd("x += n", x, n)
		r.Pause("handler")
	})
	lines = []*model.IPI{d.IPI("line 1", handler, model.Int(1)), d.IPI("line 2", handler, model.Int(2))}
	c.Run(p.Routine("sender", func(r *model.Routine) {
		r.SendIPI("send 1", lines[0])
		r.SendIPI("send 2", lines[1])
		r.SendIPI("send 1 again", lines[0])
	}))
	d.Run(p.Routine("task", func(r *model.Routine) {
		r.Pause("body")
		for _, f := range []model.Frame{model.User, model.Entry, model.Body, model.Exit} {
			r.Frame(f, func() { r.Pause("a step of " + f.String()) })
		}
	}))
	if nmis > 0 {
		d.OnNMI(p.Routine("NMI", func(r *model.Routine) {
			r.Frame(model.NMIEntry, func() { r.Pause("NMI entry") })
			r.Frame(model.NMIBody, func() { r.Pause("NMI body") })
			r.Frame(model.NMIExit, func() { r.Pause("NMI exit") })
		}), nmis, depth)
	}
	return p, lines
}

// As csd_lock() does: the line is busy until the handler begins.
func TestSendIPIWaitsWhilePending(t *testing.T) {
	p, lines := interrupted(0, 0)
	w := walk(t, p)
	w.step(0)
	if diff := cmp.Diff([]string{"line 1"}, names(w.m.Pending(w.s))); diff != "" {
		t.Errorf("pending (-want +got):\n%s", diff)
	}
	w.step(0)
	if w.canStep(0) {
		t.Error("line 1 was sent again while pending")
	}
	w.ipi(1, lines[0].Index)
	if diff := cmp.Diff([]string{"line 2"}, names(w.m.Pending(w.s))); diff != "" {
		t.Errorf("pending while line 1's handler runs (-want +got):\n%s", diff)
	}
	w.step(0)
	w.step(1, 2)
	w.want("x", 1, "the handler got the argument of its line")
	w.ipi(1, lines[1].Index)
	w.step(1, 2)
	w.want("x", 3, "the other line has another argument")
}

func names(is []*model.IPI) (ns []string) {
	for _, i := range is {
		ns = append(ns, i.Name)
	}
	return ns
}

// An IPI interrupts the CPU's own code in the frame Body and nothing else.
func TestIPIsInterruptOnlyTheBody(t *testing.T) {
	p, lines := interrupted(1, 1)
	w := walk(t, p)
	push := ir.Transition{CPU: 1, Kind: ir.PushIPI, Index: 0}
	if w.can(push) {
		t.Error("an IPI arrived that was not sent")
	}
	w.step(0, 2)
	for _, want := range []string{"[body]", "[user]", "[entry]", "[body]", "[exit]", "[body]"} {
		if got := w.stack(1); got != want {
			t.Fatalf("stack %s, want %s", got, want)
		}
		if got := w.can(push); got != (want == "[body]") {
			t.Errorf("in %s: IPI enabled = %v", want, got)
		}
		if want == "[body]" {
			handlersAreNotInterrupted(w, push, lines[1])
		}
		if w.canStep(1) {
			w.step(1)
		}
	}
}

// As above, but in a handler over the body: an NMI's, then another IPI's.
func handlersAreNotInterrupted(w *walker, push ir.Transition, other *model.IPI) {
	s := w.s
	w.nmi(1)
	if w.can(push) {
		w.t.Error("an IPI interrupted an NMI")
	}
	w.s = s
	w.ipi(1, other.Index)
	if got := w.stack(1); got != "[body irq]" || w.can(push) {
		w.t.Errorf("stack %s: IPI enabled = %v; a handler runs with interrupts off", got,
			w.can(push))
	}
	w.s = s
}

// A handler that changes its frame to Body is still a handler: no IPI interrupts it.
func TestIPIsDoNotInterruptAHandlersBody(t *testing.T) {
	p := model.New("body in irq")
	c := p.CPU("CPU0")
	first := c.IPI("first", p.Routine("handler", func(r *model.Routine) {
		r.Frame(model.Body, func() { r.Pause("softirq") })
	}))
	second := c.IPI("second", p.Routine("handler", func(r *model.Routine) { r.Pause("other") }))
	c.Run(p.Routine("main", func(r *model.Routine) {
		r.SendIPI("send", first)
		r.SendIPI("send", second)
	}))
	w := walk(t, p)
	w.step(0, 2)
	w.ipi(0, 0)
	if got := w.stack(0); got != "[body body]" {
		t.Errorf("stack %s, want the handler in the frame that it says", got)
	}
	if w.can(ir.Transition{CPU: 0, Kind: ir.PushIPI, Index: 1}) {
		t.Error("an IPI interrupted another's handler")
	}
}

// An NMI may come at every step boundary: wherever the CPU stands, also at its end and in handlers,
// it is enabled exactly while the budget and the depth allow.
func TestNMIsComeAtEveryBoundary(t *testing.T) {
	for _, row := range []struct {
		total, depth int
		deepest      int
		why          string
	}{
		{1, 1, 1, "one"},
		{3, 1, 1, "three, none inside another"},
		{3, 2, 2, "three, two deep"},
		{2, 5, 2, "the depth is no more than the budget"},
	} {
		p, _ := interrupted(row.total, row.depth)
		m := compile(t, p)
		push := slices.Index(m.trans, ir.Transition{CPU: 1, Kind: ir.PushNMI, Index: 0})
		states, _ := reach(t, m)
		w := &walker{t: t, m: m}
		deepest, stacks := 0, map[string]bool{}
		for _, w.s = range states {
			stack := m.Stack(w.s, 1)
			stacks[w.stack(1)] = true
			n := 0
			for _, f := range stack {
				if f == model.NMIEntry || f == model.NMIBody || f == model.NMIExit {
					n++
				}
			}
			deepest = max(deepest, n)
			left := m.cpus[1].nmiLeft.get(w.s)
			dst, fx := make([]uint64, m.Words()), Effects{}
			got := m.Fire(w.s, push, dst, &fx)
			if want := left > 0 && n < row.depth; got != want {
				t.Fatalf("%v, %d left: NMI enabled = %v: %s", stack, left, got, row.why)
			}
			if got && m.cpus[1].nmiLeft.get(dst) != left-1 {
				t.Fatalf("the budget went from %d to %d", left, m.cpus[1].nmiLeft.get(dst))
			}
		}
		if deepest != row.deepest {
			t.Errorf("%d NMIs on top of each other, want %d: %s", deepest, row.deepest, row.why)
		}
		for _, s := range []string{"[body nmi-entry]", "[user nmi-body]", "[entry nmi-exit]",
			"[exit nmi-entry]", "[body irq nmi-entry]"} {
			if !stacks[s] {
				t.Errorf("no state has the stack %s: %s", s, row.why)
			}
		}
	}
}

// The interrupted code goes on where it was, after handlers in the opposite order.
func TestStacks(t *testing.T) {
	p, _ := interrupted(2, 2)
	w := walk(t, p)
	w.step(0)
	w.ipi(1, 0)
	w.nmi(1)
	w.step(1)
	w.nmi(1)
	var got []string
	for w.stack(1) != "[user]" {
		got = append(got, w.stack(1))
		w.step(1)
	}
	want := []string{
		"[body irq nmi-body nmi-entry]", "[body irq nmi-body nmi-body]",
		"[body irq nmi-body nmi-exit]",
		"[body irq nmi-body]", "[body irq nmi-exit]",
		"[body irq]", "[body irq]",
		"[body]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if w.can(ir.Transition{CPU: 1, Kind: ir.PushNMI, Index: 0}) {
		t.Error("a third NMI came of two")
	}
	if got := w.stack(0); got != "[body]" {
		t.Errorf("the other CPU's stack is %s", got)
	}
}

// A handler without a step runs with its interrupt, and one with a step that is not enabled yet
// waits.
func TestHandlersWithoutSteps(t *testing.T) {
	p := model.New("no steps")
	ran := p.Ghost("ran", model.UpTo(9), model.Int(0))
	c, d := p.CPU("CPU0"), p.CPU("CPU1")
	empty := c.IPI("empty", p.Routine("empty", func(r *model.Routine) { r.Set(ran, ran.Add(model.Int(1))) }))
	c.OnNMI(p.Routine("waits", func(r *model.Routine) { r.Await("CPU1 is done", d.Done()) }), 1, 1)
	c.Run(p.Routine("main", func(r *model.Routine) { r.SendIPI("to itself", empty) }))
	d.Run(p.Routine("main", func(r *model.Routine) { r.Pause("pause") }))
	w := walk(t, p)
	w.step(0)
	w.ipi(0, 0)
	w.want("ran", 1, "local code rides on the interrupt")
	if got := w.stack(0); got != "[body]" {
		t.Errorf("stack %s; the handler has returned", got)
	}
	w.nmi(0)
	if w.canStep(0) {
		t.Error("the NMI's handler did not wait")
	}
	w.step(1)
	w.step(0)
	if !w.m.Ended(w.s) {
		t.Error("all CPUs have ended, and no IPI is pending")
	}
}

// Await may look at other CPUs: their ends, frames, handlers and pending IPIs.
func TestAwaitLooksAtCPUs(t *testing.T) {
	p := model.New("await")
	target, judge := p.CPU("target"), p.CPU("judge")
	line := target.IPI("line", p.Routine("handler", func(r *model.Routine) { r.Pause("handler") }))
	target.Run(p.Routine("target", func(r *model.Routine) {
		r.Pause("body")
		r.Frame(model.User, func() { r.Pause("user") })
		r.SendIPI("send", line)
	}))
	conds := []struct {
		name string
		cond model.Expr
		want []bool // at: body, user, body, pending at the end, in the handler, after it
	}{
		{"done", target.Done(), []bool{false, false, false, true, false, true}},
		{"in user", target.In(model.Frames(model.User)), []bool{false, true, false, false, false, false}},
		{"in irq or user", target.In(model.Frames(model.User, model.IRQ)), []bool{false, true, false, false, true,
			false}},
		{"interrupted", target.Interrupted(), []bool{false, false, false, false, true, false}},
		{"pending", line.Pending(), []bool{false, false, false, true, false, false}},
		{"not pending", line.Pending().IsZero(), []bool{true, true, true, false, true, true}},
	}
	judge.Run(p.Routine("judge", func(r *model.Routine) {
		var alts []model.Alt
		for _, c := range conds {
			alts = append(alts, r.When(model.True, func() { r.Await(c.name, c.cond) }))
		}
		r.Choose(alts...)
	}))
	w := walk(t, p)
	for at := range 6 {
		for i, c := range conds {
			if got := w.can(ir.Transition{CPU: 1, Index: i}); got != c.want[at] {
				t.Errorf("%s at moment %d, stack %s: %v", c.name, at, w.stack(0), got)
			}
		}
		switch at {
		case 3:
			w.ipi(0, 0)
		case 5:
		default:
			w.step(0)
		}
	}
}

// A run has ended when every CPU has, no handler runs and no IPI is pending.
func TestEnded(t *testing.T) {
	p, _ := interrupted(1, 1)
	w := walk(t, p)
	w.step(1, 5)
	for _, move := range []struct {
		do  func()
		why string
	}{
		{func() {}, "CPU0 has not ended"},
		{func() { w.step(0, 2); w.ipi(1, 0); w.step(1, 2); w.step(0) }, "an IPI is pending"},
		{func() { w.ipi(1, 0); w.step(1, 2) }, "the other one is pending"},
		{func() { w.ipi(1, 1) }, "a handler runs"},
		{func() { w.step(1, 2); w.nmi(1) }, "an NMI runs"},
	} {
		move.do()
		if w.m.Ended(w.s) {
			t.Errorf("Ended is true, but %s", move.why)
		}
	}
	w.step(1, 3)
	if !w.m.Ended(w.s) {
		t.Error("Ended is false at the end")
	}
}

// While the initial state is made, the CPUs start one after the other: the first sees the second in Body and not
// done, although that one begins elsewhere, or has nothing to do; the second sees the first where it begins.
func TestCPUsThatHaveNotStarted(t *testing.T) {
	p := model.New("starts")
	cpus := []*model.CPU{p.CPU("first"), p.CPU("second"), p.CPU("idle")}
	for i, c := range cpus[:2] {
		other := cpus[1-i]
		seen := p.Ghost(fmt.Sprint("seen", i), model.Bits(5), model.Int(0))
		c.Run(p.Routine(c.Name, func(r *model.Routine) {
			r.Frame(model.User, func() {
				for bit, what := range []model.Expr{other.In(model.Frames(model.Body)),
					other.In(model.Frames(model.User)), other.Interrupted(), other.Done(), cpus[2].Done()} {
					r.If(what, func() { r.Set(seen, seen.Add(model.Int(1<<bit))) })
				}
				r.Pause("user")
			})
		}))
	}
	cpus[2].Run(p.Routine("nothing", func(*model.Routine) {}))
	w := walk(t, p)
	w.want("seen0", 1, "the second has not started, so it is in Body, not interrupted and not done")
	w.want("seen1", 2, "the first has started in User; the idle one has not started, so it is not done")
}
