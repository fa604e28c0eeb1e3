package model

import "testing"

// This file has rules of store buffers that the comparison with the plain explorer turned up.

// walkTSO is [walk] under x86-TSO, with room for two stores on each CPU.
func walkTSO(t *testing.T, p *Program, ms ...*Monitor) *walker {
	t.Helper()
	m, err := CompileUnder(Memory{Model: TSO, Room: []int{2, 2}}, p, ms...)
	if err != nil {
		t.Fatalf("CompileUnder: %v", err)
	}
	s, _ := m.Initial()
	return &walker{t, m, append([]uint64(nil), s...)}
}

// What is stored to part of a word is the bits of that part, whatever the others are: two such stores
// are in the buffer as equals, and neither leaves the range.
func TestStoreToPartKeepsToItsBits(t *testing.T) {
	p := solo(func(p *Program, r *Routine) {
		x := p.Shared("x", Bits(2), Int(2))
		r.WriteOncePart("low = 7", x, Int(1), Int(7))
		r.WriteOncePart("low = -1", x, Int(1), Int(-1))
	})
	w := walkTSO(t, p)
	w.step(0, 2)
	for _, b := range w.m.Buffer(w.s, 0) {
		if b.Value != 1 {
			t.Errorf("%q has %d in the buffer, want the low bit alone", b.Stmt.Label, b.Value)
		}
	}
	w.must(Transition{0, Flush, 0})
	w.want("x", 3, "the high bit stays")
}

// A smp_mb() with nothing to wait for is no step, not even where Started or a choice would take what
// follows for theirs; with something to wait for, they wait.
func TestDrainIsNoStepOfItsOwn(t *testing.T) {
	for _, row := range []struct {
		name  string
		build func(r *Routine, x *Var)
	}{
		{"Started", func(r *Routine, x *Var) {
			r.Event(Started)
			r.SmpMb()
			r.AtomicOr("or", x, True)
		}},
		{"Choose", func(r *Routine, x *Var) {
			r.Choose(r.When(True, func() {
				r.SmpMb()
				r.AtomicOr("or", x, True)
			}))
		}},
	} {
		build := func(before func(r *Routine, x *Var)) *Program {
			return solo(func(p *Program, r *Routine) {
				x := p.Shared("x", Bool, False)
				before(r, x)
				row.build(r, x)
				r.AtomicAnd("and", x, False)
			})
		}
		w := walkTSO(t, build(func(*Routine, *Var) {}))
		if n := w.finish(0); n != 2 {
			t.Errorf("%s: %d steps with an empty buffer, want the two accesses", row.name, n)
		}
		w = walkTSO(t, build(func(r *Routine, x *Var) { r.WriteOnce("x = 0", x, False) }))
		w.step(0)
		if w.canStep(0) {
			t.Errorf("%s: a step past smp_mb() while a store waits", row.name)
		}
		w.must(Transition{0, Flush, 0})
		if n := w.finish(0); n != 2 {
			t.Errorf("%s: %d steps after the store, want the two accesses", row.name, n)
		}
	}
}

// Stores of one statement are equal in the buffer, wherever it was called; those of another level are
// not, if something is told of them.
func TestStoresOfOneStatementAreEqual(t *testing.T) {
	p := New("calls")
	x := p.Shared("x", Bool, False)
	f := p.Routine("f", func(r *Routine) {
		r.WriteOnce("x = 1", x, True)
		r.WhenVisible(func() { r.Event(Published) })
	})
	c := p.CPU("CPU0")
	c.Run(p.Routine("main", func(r *Routine) {
		call := func() { r.Call(f, nil) }
		r.Choose(r.When(True, call), r.When(True, call))
	}))
	if states, _ := reach(t, walkTSO(t, p).m); len(states) != 3 {
		t.Errorf("%d states, want 3: before, waiting, in memory", len(states))
	}
	c.OnNMI(f, 1, 1)
	fail := &Monitor{Name: "from the NMI", On: func(ev Event) []*Stmt {
		if ev.Kind != Published || ev.Context != InNMI {
			return nil
		}
		return Build((*Code).Fail)
	}}
	w := walkTSO(t, p, fail)
	w.step(0)
	w.nmi(0)
	w.step(0)
	for _, want := range []uint64{0, 1} {
		if _, fx, _ := w.try(Transition{0, Flush, 0}); fx.Failed != want {
			t.Errorf("the flush fails %b, want %b: the task's store comes first", fx.Failed, want)
		}
	}
}
