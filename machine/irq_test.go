package machine

import (
	"testing"

	"ctcheck/ir"
	"ctcheck/model"
)

// This file has the interrupt flag, devices and interrupts on interrupts, driven by hand.

// steps is a routine of that many pauses.
func steps(p *model.Program, name string, n int) *model.Routine {
	return p.Routine(name, func(r *model.Routine) {
		for range n {
			r.Pause(name)
		}
	})
}

// The flag masks interrupts step by step: one may come right before local_irq_disable(), and none comes until it
// is on again. Save and restore nest.
func TestTheFlagMasks(t *testing.T) {
	p := model.New("flag")
	c := p.CPU("CPU0")
	c.OnIRQ("disk", steps(p, "handler", 1), 1)
	c.OnNMI(steps(p, "NMI", 1), 1, 1)
	c.Run(p.Routine("main", func(r *model.Routine) {
		outer, inner := r.Local("outer", model.Bool), r.Local("inner", model.Bool)
		r.Pause("begin")
		r.LocalIRQSave(outer)
		r.Pause("off")
		r.LocalIRQSave(inner)
		r.LocalIRQRestore(inner)
		r.Pause("still off")
		r.LocalIRQRestore(outer)
		r.LocalIRQDisable()
		r.LocalIRQEnable()
		r.Frame(model.Exit, func() { r.Pause("on, but in the exit") })
		r.Assert(outer.And(inner.IsZero()), "the flags are what they were")
		r.LocalIRQDisable()
	}))
	w := walk(t, p)
	disk, nmi := ir.Transition{Kind: ir.PushIRQ}, ir.Transition{Kind: ir.PushNMI}
	for n, want := range []bool{true, true, false, false, false, false, false, true, false, false, true, false} {
		if w.can(disk) != want || !w.can(nmi) {
			t.Errorf("after %d steps: the disk interrupts: %t, want %t; an NMI: %t", n, w.can(disk), want,
				w.can(nmi))
		}
		if off := w.m.Snapshot(w.s).CPUs[0].Levels[0].IRQsOff; off == want {
			t.Errorf("after %d steps: interrupts off: %t", n, off)
		}
		if w.canStep(0) {
			w.step(0)
		}
	}
}

// A handler begins with interrupts off, whatever it interrupted, and ends with the flag as it was there. Its own
// line waits; others come where it enables them, each of them once.
func TestLinesNest(t *testing.T) {
	p := model.New("nest")
	c := p.CPU("CPU0")
	opens := p.Routine("opens", func(r *model.Routine) {
		r.LocalIRQEnable()
		r.Pause("open")
		r.LocalIRQDisable()
		r.Pause("shut")
	})
	a, b := c.IPI("a", opens), c.IPI("b", opens)
	c.OnIRQ("disk", steps(p, "handler", 1), 2)
	c.Run(p.Routine("main", func(r *model.Routine) {
		r.RaiseIPI("raise a", a)
		r.RaiseIPI("raise a again", a)
		r.RaiseIPI("raise b", b)
		r.Pause("main")
	}))
	w := walk(t, p)
	w.step(0, 3)
	push := func(kind ir.TransitionKind, i int) ir.Transition { return ir.Transition{Kind: kind, Index: i} }
	lines := []ir.Transition{push(ir.PushIPI, 0), push(ir.PushIPI, 1), push(ir.PushIRQ, 2)}
	want := func(where string, can ...bool) {
		t.Helper()
		for i, tr := range lines {
			if w.can(tr) != can[i] {
				t.Errorf("%s: line %d comes: %t, want %t", where, i, w.can(tr), can[i])
			}
		}
	}
	want("in its own code", true, true, true)
	w.must(lines[0])
	want("where a handler begins", false, false, false)
	w.step(0)
	want("where it enabled interrupts", false, true, true)
	w.must(lines[1])
	w.step(0)
	want("in the handler of b on that of a", false, false, true)
	w.must(lines[2])
	if got := w.stack(0); got != "[body irq irq irq]" {
		t.Errorf("the stack is %s", got)
	}
	w.step(0)
	want("back in that of b", false, false, true)
	w.step(0, 2)
	want("where it disabled them again", false, false, false)
	w.step(0)
	want("back in that of a", false, false, true)
	w.step(0, 3)
	want("in its own code, with nothing pending", false, false, true)
}

// One bit holds what is raised: of two raises one is left. Sending would wait.
func TestRaisesCoalesce(t *testing.T) {
	p, lines := interrupted(0, 0)
	p.CPUs[0].Main = p.Routine("raiser", func(r *model.Routine) {
		r.RaiseIPI("raise 1", lines[0])
		r.RaiseIPI("raise 1 again", lines[0])
		r.SendIPI("send 1", lines[0])
	})
	w := walk(t, p)
	w.step(0, 2)
	if w.canStep(0) {
		t.Error("an IPI was sent while pending")
	}
	w.ipi(1, 0)
	w.step(1, 2)
	w.want("x", 1, "the handler ran once")
	if w.can(ir.Transition{CPU: 1, Kind: ir.PushIPI}) {
		t.Error("the second raise was kept")
	}
}

// An IPI for a CPU that has ended with interrupts off is never taken, which is a deadlock; a device need not come.
func TestEndedWithInterruptsOff(t *testing.T) {
	for _, off := range []bool{false, true} {
		p := model.New("off")
		c := p.CPU("CPU0")
		ipi := c.IPI("ipi", steps(p, "handler", 1))
		c.OnIRQ("disk", steps(p, "disk's handler", 1), 1)
		c.Run(p.Routine("main", func(r *model.Routine) {
			r.RaiseIPI("raise", ipi)
			if off {
				r.LocalIRQDisable()
			}
		}))
		w := walk(t, p)
		w.step(0)
		for w.canStep(0) {
			w.step(0)
		}
		obliged := w.m.HasObliged(w.s, make([]uint64, w.m.Words()), &Effects{})
		if obliged == off || w.m.Deadlock(w.s, obliged) != off {
			t.Errorf("off %t: something has to happen: %t, a deadlock: %t", off, obliged,
				w.m.Deadlock(w.s, obliged))
		}
	}
}

// Levels take bits only where code speaks of the flag, and as many as handlers can nest.
func TestBitsOfInterrupts(t *testing.T) {
	for _, row := range []struct {
		levels, flags int
		handlers      []bool // whether each line's enables interrupts
		own           bool   // whether the CPU's own code disables them
	}{
		{1, 0, nil, false}, {1, 1, nil, true}, {2, 0, []bool{false, false}, false}, {2, 1, []bool{false}, true},
		{3, 2, []bool{false, true, false}, false}, {4, 4, []bool{true, true, true}, true},
		{2, 1, []bool{true}, false},
	} {
		p := model.New("bits")
		c := p.CPU("CPU0")
		for i, opens := range row.handlers {
			c.OnIRQ(string(rune('a'+i)), p.Routine("handler", func(r *model.Routine) {
				r.Pause("handler")
				if opens {
					r.LocalIRQEnable()
				}
			}), 1)
		}
		c.Run(p.Routine("main", func(r *model.Routine) {
			r.Pause("main")
			if row.own {
				r.LocalIRQDisable()
			}
		}))
		m, flags := compile(t, p), 0
		for _, lv := range m.cpus[0].levels {
			if lv.irqs != nil {
				flags++
			}
		}
		if n := len(m.cpus[0].levels); n != row.levels || flags != row.flags {
			t.Errorf("%+v: %d levels, %d flags", row, n, flags)
		}
	}
}

// Words in which a handler lies on none, or leaves its flag behind, are no state.
func TestNoStateOfInterrupts(t *testing.T) {
	p := model.New("no state")
	c := p.CPU("CPU0")
	opens := p.Routine("opens", func(r *model.Routine) { r.LocalIRQEnable() })
	c.OnIRQ("a", opens, 1)
	c.OnIRQ("b", opens, 1)
	c.Run(steps(p, "main", 1))
	w := walk(t, p)
	for i, change := range []func(levels []level, s []uint64){
		func(levels []level, s []uint64) {},
		func(levels []level, s []uint64) { levels[1].pc.put(s, 1) },
		func(levels []level, s []uint64) { levels[2].pc.put(s, 1) },
		func(levels []level, s []uint64) { levels[1].irqs.put(s, 1) },
	} {
		s := append([]uint64(nil), w.s...)
		change(w.m.cpus[0].levels, s)
		if w.m.Valid(s) != (i < 2) {
			t.Errorf("change %d: valid is %t", i, w.m.Valid(s))
		}
	}
}
