package model

import (
	"fmt"
	"strings"
	"testing"
)

// The walk's order is that of the CPUs and their handlers, a routine before those it calls, each once; a
// statement is part of an Atomic only if every way to it leads through one. The program and what is expected of
// it are read side by side, so they are one long function.
func TestWalk(t *testing.T) {
	p := New("walk")
	v := p.Shared("v", Bits(2), Int(0))
	within := p.Routine("within", func(r *Routine) { r.WriteOnce("within", v, Int(1)) })
	both := p.Routine("both", func(r *Routine) {
		r.WriteOnce("both", v, Int(1))
		r.Call(within, nil)
	})
	shared := p.Routine("shared", func(r *Routine) {
		x := r.Local("x", Bits(2))
		r.AtomicRead("read", x, v)
		r.If(x, func() { r.WriteOnce("then", v, Int(1)) }, func() { r.WriteOnce("else", v, Int(2)) })
		r.Choose(r.When(True, func() { r.Pause("one") }), r.When(True, func() { r.SmpMb() }))
	})
	main := func(r *Routine) {
		r.Frame(Body, func() { r.Pause("begin") })
		r.Atomic("step", func() {
			r.WriteOnce("in step", v, Int(3))
			r.Call(both, nil)
		})
		r.Call(shared, nil)
	}
	a, b := p.CPU("A"), p.CPU("B")
	a.Run(p.Routine("main", main))
	b.Run(p.Routine("other", func(r *Routine) { r.Call(both, nil) }))
	a.OnNMI(p.Routine("nmi", func(r *Routine) { r.Pause("nmi") }), 1, 1)
	b.IPI("ipi", p.Routine("handler", func(r *Routine) {
		leaf := p.Routine("leaf", func(r *Routine) { r.WriteOnce("leaf", v, Int(0)) })
		r.Atomic("all", func() { r.Call(leaf, nil) })
	}))

	var got []string
	p.Walk(func(pl Place) {
		s := pl.Stmt()
		if s != (*pl.List)[pl.Index] {
			t.Errorf("%s is not where its place says", s.Label)
		}
		what := s.Label
		switch s.Kind {
		case StmtCall:
			what = "call " + s.Call.Name
		case StmtIf, StmtChoose, StmtFrame:
			what = fmt.Sprint("kind ", s.Kind)
		}
		if pl.Atomic != nil {
			what += " < " + pl.Atomic.Label
		}
		got = append(got, pl.Routine.Name+": "+what)
	})
	want := fmt.Sprintf(`main: kind %d
main: begin
main: step
main: in step < step
main: call both < step
main: call shared
both: both
both: call within
within: within
shared: read
shared: kind %d
shared: then
shared: else
shared: kind %d
shared: one
shared: smp_mb()
nmi: nmi
other: call both
handler: all
handler: call leaf < all
leaf: leaf < all`, StmtFrame, StmtIf, StmtChoose)
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
}

// Lists may be changed after the walk, from the last place to the first.
func TestWalkBackwards(t *testing.T) {
	p := New("walk")
	v := p.Shared("v", Bits(2), Int(0))
	p.CPU("A").Run(p.Routine("main", func(r *Routine) {
		r.WriteOnce("1", v, Int(1))
		r.Forever(func() {
			r.WriteOnce("2", v, Int(1))
			r.Pause("kept")
			r.WriteOnce("3", v, Int(1))
		})
		r.WriteOnce("4", v, Int(1))
	}))
	var places []Place
	p.Walk(func(pl Place) {
		if pl.Stmt().Kind == StmtAccess {
			places = append(places, pl)
		}
	})
	for i := len(places) - 1; i >= 0; i-- {
		pl := places[i]
		*pl.List = append((*pl.List)[:pl.Index:pl.Index], (*pl.List)[pl.Index+1:]...)
	}
	var left []string
	p.Walk(func(pl Place) { left = append(left, fmt.Sprint(pl.Stmt().Kind, pl.Stmt().Label)) })
	want := []string{fmt.Sprint(StmtWhile, ""), fmt.Sprint(StmtPause, "kept")}
	if fmt.Sprint(left) != fmt.Sprint(want) {
		t.Errorf("left %v, want %v", left, want)
	}
}
