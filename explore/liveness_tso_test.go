package explore_test

import (
	"slices"
	"testing"

	"ctcheck/deferral"
	"ctcheck/explore"
	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/verdict"
)

// This file has claims on whole runs under x86-TSO: a store buffer goes on by itself, in the end.

// spinOn is a CPU that spins until it sees the flag, and one that sets it and then does something.
func spinOn(then func(r *model.Routine, flag *model.Var)) func() (*model.Program, *model.Monitor) {
	return func() (*model.Program, *model.Monitor) {
		p := model.New("spin on")
		flag := p.Shared("flag", model.Bool, model.False)
		task(p, "waiter", func(r *model.Routine) {
			seen := r.Local("seen", model.Bool)
			r.DoWhile(func() { r.ReadOnce("seen = flag", seen, flag) }, seen.IsZero())
			r.Event(deferral.Published)
			r.Forever(func() {
				r.Pause("on")
				r.Event(deferral.Published)
			})
		})
		task(p, "setter", func(r *model.Routine) {
			r.WriteOnce("flag = 1", flag, model.True)
			then(r, flag)
		})
		return p, progress(deferral.Published)
	}
}

// blink is a CPU that raises and lowers a flag for ever, and one that spins until it sees it up.
func blink() (*model.Program, *model.Monitor) {
	return spinOn(func(r *model.Routine, flag *model.Var) {
		r.Forever(func() {
			r.SmpMb()
			r.WriteOnce("flag = 0", flag, model.False)
			r.SmpMb()
			r.WriteOnce("flag = 1", flag, model.True)
		})
	})()
}

// told is two CPUs: one stores and interrupts the other, whose handler must find what was stored.
func told() (*model.Program, *model.Monitor) {
	p := model.New("told")
	x, got := p.Shared("x", model.Bool, model.False), p.Shared("got", model.Bool, model.False)
	c := task(p, "target", func(r *model.Routine) { r.Forever(func() { r.Pause("rest") }) })
	ipi := c.IPI("line", p.Routine("handler", func(r *model.Routine) {
		l := r.Local("l", model.Bool)
		r.ReadOnce("l = x", l, x)
		r.WriteOnce("got = l", got, l)
	}))
	task(p, "sender", func(r *model.Routine) {
		r.WriteOnce("x = 1", x, model.True)
		r.SendIPI("send", ipi)
	})
	return p, props.Eventually("progress", got)
}

// neverDrained is a CPU that is interrupted, and whose stores wait wherever it takes interrupts, unless they reach
// memory right there.
func neverDrained() (*model.Program, *model.Monitor) {
	p := model.New("never drained")
	x, got := p.Shared("x", model.Bool, model.False), p.Shared("got", model.Bool, model.False)
	c := task(p, "target", func(r *model.Routine) {
		r.Forever(func() {
			r.Frame(model.Exit, func() { r.WriteOnce("x = 1", x, model.True) })
			r.Frame(model.Body, func() { r.Pause("rest") })
			r.Frame(model.Exit, func() {
				r.Pause("off")
				r.SmpMb()
			})
		})
	})
	ipi := c.IPI("line", p.Routine("handler", func(r *model.Routine) { r.WriteOnce("got = 1", got, model.True) }))
	task(p, "sender", func(r *model.Routine) { r.SendIPI("send", ipi) })
	return p, props.Eventually("progress", got)
}

var weakRuns = []struct {
	name    string
	build   func() (*model.Program, *model.Monitor)
	holds   bool
	loop    bool
	flushes bool // some of the steps that repeat for ever
	why     string
}{
	{"spin, setter ends", spinOn(func(*model.Routine, *model.Var) {}), true, false, false,
		"the buffer of a CPU that has ended goes on"},
	{"spin, setter spins", spinOn(func(r *model.Routine, flag *model.Var) {
		r.Forever(func() { r.ReadOnce("flag", nil, flag) })
	}), true, false, false, "steps of the CPU are none of its buffer, which must go on too"},
	{"spin, setter waits for its store", spinOn(func(r *model.Routine, _ *model.Var) {
		r.SmpMb()
		r.Pause("behind")
	}), true, false, false, "as without the barrier"},
	{"spin, flag blinks", blink, false, true, true, "the spinner may always look at the wrong moment"},
	{"interrupted", told, true, false, false,
		"the sending waits for the store, the handler's return for its own; both come"},
	{"visible on the way", ends(func(x *model.Var) *model.Monitor {
		return props.Eventually("progress", x.Eq(model.Int(1)))
	}), true, false, false, "stores get to memory one by one"},
	{"visible at the end", ends(func(x *model.Var) *model.Monitor {
		return props.InfinitelyOften("progress", x.Eq(model.Int(2)))
	}), true, false, false, "no run stops with a store in the buffer"},
	{"never", ends(func(x *model.Var) *model.Monitor {
		return props.Eventually("progress", x.Eq(model.Int(3)))
	}), false, false, false, "the run ends without it"},
	{"interrupted while it stores", neverDrained, true, false, false,
		"an interrupt drains the buffer, and does not wait for a moment when it is empty"},
	{"NMI", nmiFrees, false, false, false, "an NMI need not come, under any memory model"},
}

func TestWholeRunsUnderTSO(t *testing.T) {
	for _, row := range weakRuns {
		for i, o := range slices.Concat(uncut, uncut) {
			p, m := row.build()
			r := under(t, []model.MemoryModel{model.TSO, model.TSOLazy}[i/len(uncut)], p, o, m)
			pr := r.Properties[0]
			if !pr.Live || !r.Complete || pr.Violated == row.holds {
				t.Errorf("%s: %+v: live %t, complete %t, violated %t: %s", row.name, o, pr.Live, r.Complete,
					pr.Violated, row.why)
				continue
			}
			if row.holds {
				continue
			}
			flushes := false
			for i, s := range pr.Trace.Steps {
				again := pr.Trace.Loop >= 0 && i >= pr.Trace.Loop
				flushes = flushes || again && s.Transition.Kind == ir.Flush
			}
			if (pr.Trace.Loop >= 0) != row.loop || flushes != row.flushes {
				t.Errorf("%s: %+v: loop %d, with flushes %t: %s", row.name, o, pr.Trace.Loop, flushes, row.why)
			}
		}
	}
}

// What holds only because a store gets to memory in the end does not hold without the store.
func TestNothingIsFlushedFromNothing(t *testing.T) {
	p, m := spin(true)
	if r := under(t, model.TSO, p, explore.Options{}, m); r.Verdict != verdict.Violated {
		t.Errorf("%v, want the spinner to spin for ever", r.Verdict)
	}
}
