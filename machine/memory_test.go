package machine

import (
	"testing"

	"ctcheck/deferral"
	"ctcheck/ir"
	"ctcheck/model"
)

// This file has rules of store buffers that the comparison with the plain explorer turned up.

// walkTSO is [walk] under x86-TSO, with room for two stores on each CPU.
func walkTSO(t *testing.T, p *model.Program, ms ...*model.Monitor) *walker {
	t.Helper()
	return walkUnder(t, model.TSO, p, ms...)
}

func walkUnder(t *testing.T, mm model.MemoryModel, p *model.Program, ms ...*model.Monitor) *walker {
	t.Helper()
	m, err := Compile(Options{Memory: mm, BufferSizes: []int{2, 2}}, p, ms...)
	if err != nil {
		t.Fatalf("Compile: %v", err)
	}
	s, _ := m.Initial()
	return &walker{t, m, append([]uint64(nil), s...)}
}

// What is stored to part of a word is the bits of that part, whatever the others are: two such stores
// are in the buffer as equals, and neither leaves the range.
func TestStoreToPartKeepsToItsBits(t *testing.T) {
	p := solo(func(p *model.Program, r *model.Routine) {
		x := p.Shared("x", model.Bits(2), model.Int(2))
		r.WriteOncePart("low = 7", x, model.Int(1), model.Int(7))
		r.WriteOncePart("low = -1", x, model.Int(1), model.Int(-1))
	})
	w := walkTSO(t, p)
	w.step(0, 2)
	for _, b := range w.m.Buffer(w.s, 0) {
		if b.Value != 1 {
			t.Errorf("%q has %d in the buffer, want the low bit alone", b.Stmt.Label, b.Value)
		}
	}
	w.must(ir.Transition{CPU: 0, Kind: ir.Flush, Index: 0})
	w.want("x", 3, "the high bit stays")
}

// A smp_mb() with nothing to wait for is no step, not even where Started or a choice would take what
// follows for theirs; with something to wait for, they wait.
func TestDrainIsNoStepOfItsOwn(t *testing.T) {
	for _, row := range []struct {
		name  string
		build func(r *model.Routine, x *model.Var)
	}{
		{"Started", func(r *model.Routine, x *model.Var) {
			r.Opening(deferral.Started, nil, nil)
			r.SmpMb()
			r.AtomicOr("or", x, model.True)
		}},
		{"Choose", func(r *model.Routine, x *model.Var) {
			r.Choose(r.When(model.True, func() {
				r.SmpMb()
				r.AtomicOr("or", x, model.True)
			}))
		}},
	} {
		build := func(before func(r *model.Routine, x *model.Var)) *model.Program {
			return solo(func(p *model.Program, r *model.Routine) {
				x := p.Shared("x", model.Bool, model.False)
				before(r, x)
				row.build(r, x)
				r.AtomicAnd("and", x, model.False)
			})
		}
		w := walkTSO(t, build(func(*model.Routine, *model.Var) {}))
		if n := w.finish(0); n != 2 {
			t.Errorf("%s: %d steps with an empty buffer, want the two accesses", row.name, n)
		}
		w = walkTSO(t, build(func(r *model.Routine, x *model.Var) { r.WriteOnce("x = 0", x, model.False) }))
		w.step(0)
		if w.canStep(0) {
			t.Errorf("%s: a step past smp_mb() while a store waits", row.name)
		}
		w.must(ir.Transition{CPU: 0, Kind: ir.Flush, Index: 0})
		if n := w.finish(0); n != 2 {
			t.Errorf("%s: %d steps after the store, want the two accesses", row.name, n)
		}
	}
}

// Under x86-TSO a handler begins when no store of its CPU waits, under the lazy reading of it at once. An IPI is
// due under both.
func TestInterruptsDrain(t *testing.T) {
	p := model.New("drain")
	x := p.Shared("x", model.Bool, model.False)
	nothing := p.Routine("nothing", func(*model.Routine) {})
	c := p.CPU("CPU0")
	ipi := c.IPI("ipi", nothing)
	c.OnNMI(nothing, 1, 1)
	c.Run(p.Routine("main", func(r *model.Routine) {
		r.SendIPI("send", ipi)
		r.WriteOnce("x = 1", x, model.True)
		r.Pause("pause")
		r.Frame(model.Exit, func() { r.Pause("off") })
	}))
	for _, mm := range []model.MemoryModel{model.TSO, model.TSOLazy} {
		w := walkUnder(t, mm, p)
		w.step(0, 2)
		push := []ir.Transition{{Kind: ir.PushIPI}, {Kind: ir.PushNMI}}
		for _, tr := range push {
			if w.can(tr) == mm.InterruptsDrain() {
				t.Errorf("%v: with a store that waits %v is enabled: %t", mm, tr, w.can(tr))
			}
		}
		if !w.m.Due(w.s, w.m.Number(push[0])) || w.m.Due(w.s, w.m.Number(push[1])) {
			t.Errorf("%v: the IPI is due, an NMI never is", mm)
		}
		w.must(ir.Transition{Kind: ir.Flush})
		for _, tr := range push {
			if !w.can(tr) {
				t.Errorf("%v: without a store that waits %v is not enabled", mm, tr)
			}
		}
		w.step(0)
		if w.m.Due(w.s, w.m.Number(push[0])) {
			t.Errorf("%v: an IPI is due with interrupts off", mm)
		}
	}
}

// Stores of one statement are equal in the buffer, wherever it was called; those of another level are
// not, if something is told of them.
func TestStoresOfOneStatementAreEqual(t *testing.T) {
	p := model.New("calls")
	x := p.Shared("x", model.Bool, model.False)
	f := p.Routine("f", func(r *model.Routine) {
		r.WriteOnce("x = 1", x, model.True)
		r.WhenVisible(func() { r.Event(deferral.Published) })
	})
	c := p.CPU("CPU0")
	c.Run(p.Routine("main", func(r *model.Routine) {
		call := func() { r.Call(f, nil) }
		r.Choose(r.When(model.True, call), r.When(model.True, call))
	}))
	if states, _ := reach(t, walkTSO(t, p).m); len(states) != 3 {
		t.Errorf("%d states, want 3: before, waiting, in memory", len(states))
	}
	c.OnNMI(f, 1, 1)
	fail := &model.Monitor{Name: "from the NMI", On: func(ev model.Event) []*model.Stmt {
		if ev.Kind != deferral.Published || ev.Context != model.InNMI {
			return nil
		}
		return model.Build((*model.Code).Fail)
	}}
	w := walkUnder(t, model.TSOLazy, p, fail)
	w.step(0)
	w.nmi(0)
	w.step(0)
	for _, want := range []uint64{0, 1} {
		if _, fx, _ := w.try(ir.Transition{CPU: 0, Kind: ir.Flush, Index: 0}); fx.Failed != want {
			t.Errorf("the flush fails %b, want %b: the task's store comes first", fx.Failed, want)
		}
	}
}
