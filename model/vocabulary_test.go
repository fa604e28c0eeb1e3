package model

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// All and Any take what is not 0 for true: a value that may be neither 0 nor 1 is compared with 0 first.
func TestTruthsAreNotCompared(t *testing.T) {
	p := New("truths")
	two, signed := p.Ghost("two", UpTo(2), Int(0)), p.Ghost("signed", Range{Lo: -1, Hi: 0}, Int(0))
	bit := p.Ghost("bit", Bool, Int(0))
	for _, row := range []struct {
		v    Value
		want string
	}{
		{All(bit, bit), "bit && bit"}, {All(two, bit), "two != 0 && bit"}, {Any(signed, bit), "signed != 0 || bit"},
		{All(bit.And(bit), bit), "bit && bit && bit"}, {All(bit.And(two), bit), "(bit & two) != 0 && bit"},
		{All(Int(2), bit), "2 != 0 && bit"}, {All(bit, Int(0)), "bit && false"}, {All(bit, Int(1)), "bit && true"},
	} {
		if got := row.v.Node().String(); got != row.want {
			t.Errorf("%q, want %q", got, row.want)
		}
	}
}

// The values of an expression, where there are no more than asked for.
func TestValuesOfRanges(t *testing.T) {
	p := New("values")
	v := p.Ghost("v", Range{Lo: 3, Hi: 5}, Int(3))
	for _, row := range []struct {
		v    Value
		most int
		want []int64
	}{
		{v, 3, []int64{3, 4, 5}}, {v, 2, nil}, {v.Add(v), 9, []int64{6, 7, 8, 9, 10}}, {v.Add(v), 8, nil},
		{v.Eq(Int(3)), 2, []int64{0, 1}},
	} {
		if got := row.v.Node().Values(row.most); !slices.Equal(got, row.want) {
			t.Errorf("%v of at most %d: %v, want %v", row.v.Node(), row.most, got, row.want)
		}
	}
}

// What stands beside a variable whose bits have names is written with these, however deep it stands.
func TestNamesInSums(t *testing.T) {
	p := New("names")
	w := p.Ghost("w", Bits(4), Int(0)).Flag(Int(1), "A").Flag(Int(2), "B")
	n := p.Ghost("n", Bits(4), Int(0))
	var ok *Var
	p.Routine("r", func(r *Routine) { ok = r.Local("ok", Bool) })
	for _, row := range []struct {
		v    Value
		want string
	}{
		{Of(Int(3)).Or(w), "A|B | w"}, {ok.Eq(Int(1)), "ok"},
		{w.Sub(n).Eq(Int(1)), "w - n == A"}, {w.Add(n).Ne(Int(3)), "w + n != (A|B)"}, {n.Eq(Int(1)), "n == 1"},
		{n.Eq(Int(1)).Eq(w), "n == 1 == w"}, {w.Has(Int(1)).Or(n), "w & A | n"}, {w.Or(n.And(Int(3))), "w | n & 3"},
		{w.Eq(n).Lt(n), "(w == n) < n"}, {w.Or(n).Or(Int(3)), "w | n | (A|B)"},
	} {
		if got := row.v.Node().String(); got != row.want {
			t.Errorf("%q, want %q", got, row.want)
		}
	}
}

// Under x86-TSO what drains the store buffer is a locked or serializing instruction, and nothing else does.
func TestWhatDrains(t *testing.T) {
	p := New("drains")
	x := p.Shared("x", Bits(2), Int(0))
	c := p.CPU("CPU")
	line := c.IPI("line", p.Routine("handler", func(r *Routine) { r.Pause("h") }))
	drains := map[string]bool{"xchg": true, "or": true, "smp_store_mb": true, "smp_mb()": true, "send": true,
		"atomic": true}
	p.Routine("r", func(r *Routine) {
		v := r.LocalOf("v", x)
		r.ReadOnce("read", v, x)
		r.LoadAcquire("acquire", v, x)
		r.WriteOnce("write", x, Int(1))
		r.StoreRelease("release", x, Int(1))
		r.Xchg("xchg", v, x, Int(1), Relaxed)
		r.AtomicOr("or", x, Int(1))
		r.SmpStoreMb("smp_store_mb", x, Int(1))
		r.SmpMb()
		r.SmpRmb()
		r.SmpWmb()
		r.SendIPI("send", line)
		r.Atomic("atomic", func() { r.WriteOnce("inside", x, Int(2)) })
		r.Pause("pause")
		for _, s := range *r.stmts {
			if TSO.Drains(s) != drains[s.Label] || SC.Drains(s) {
				t.Errorf("%s drains: %t under TSO, %t under SC", s.Label, TSO.Drains(s), SC.Drains(s))
			}
			if waits := s.Label == "write" || s.Label == "release"; TSO.Waits(s) != waits || SC.Waits(s) {
				t.Errorf("%s waits: %t under TSO, %t under SC", s.Label, TSO.Waits(s), SC.Waits(s))
			}
		}
	})
}

// Every statement of the CPUs' code is there once, those of all handlers too, and those of a routine that is
// called twice.
func TestStatements(t *testing.T) {
	p := New("statements")
	c := p.CPU("CPU")
	leaf := p.Routine("leaf", func(r *Routine) { r.Pause("leaf") })
	c.Run(p.Routine("main", func(r *Routine) {
		r.Pause("main")
		r.Call(leaf, nil)
		r.Call(leaf, nil)
	}))
	c.IPI("line", p.Routine("handler", func(r *Routine) { r.Pause("handler") }))
	c.OnNMI(p.Routine("NMI", func(r *Routine) { r.Pause("nmi") }), 1, 1)
	var got []string
	for s := range p.Statements() {
		if s.Kind == StmtPause {
			got = append(got, s.Label)
		}
	}
	if want := "[main leaf nmi handler]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
}

// A routine that is called inside an Atomic first and outside later is no part of it, nor is what it calls; one
// that is met again inside is not gone through again.
func TestWalkOfLooseRoutines(t *testing.T) {
	p := New("loose")
	leaf := p.Routine("leaf", func(r *Routine) { r.Pause("leaf") })
	mid := p.Routine("mid", func(r *Routine) { r.Call(leaf, nil) })
	p.CPU("A").Run(p.Routine("main", func(r *Routine) {
		r.Atomic("step", func() { r.Call(mid, nil) })
		r.Call(mid, nil)
		r.Atomic("again", func() { r.Call(mid, nil) })
	}))
	p.Walk(func(pl Place) {
		if pl.Routine.Name != "main" && pl.Atomic != nil {
			t.Errorf("%s is said to be part of %q only", pl.Routine.Name, pl.Atomic.Label)
		}
	})
}

// More misuse that is noted where it happens.
func TestMisuseOfOperandsAndRanges(t *testing.T) {
	in := func(f func(r *Routine)) func(p *Program) { return func(p *Program) { p.Routine("main", f) } }
	for _, row := range []struct {
		name string
		use  func(p *Program)
		want string
	}{
		{"no operand", in(func(r *Routine) { r.If(nil, nil) }), "is nil"},
		{"visible before all", in(func(r *Routine) { r.WhenVisible(func() {}) }), "follows an access"},
		{"visible after a pause", in(func(r *Routine) { r.Pause("p"); r.WhenVisible(func() {}) }),
			"follows an access"},
		{"empty range", func(p *Program) { p.Shared("v", Range{Lo: 2, Hi: 1}, Int(2)) }, "variable v"},
		{"wide range", func(p *Program) { p.Shared("w", UpTo(1<<40), Int(0)) }, "variable w"},
		{"range without an end", func(p *Program) { p.Shared("u", Range{Lo: -1 << 63, Hi: 1<<63 - 1}, Int(0)) },
			"variable u"},
	} {
		p := New("misuse")
		row.use(p)
		if text := strings.Join(p.Faults(), "\n"); !strings.Contains(text, row.want) {
			t.Errorf("%s: %q, want %q in it", row.name, text, row.want)
		}
	}
	p := New("wide")
	p.Shared("x", UpTo(1<<32-1), Int(0))
	if fs := p.Faults(); len(fs) > 0 {
		t.Errorf("32 bits are no more than a variable may have: %v", fs)
	}
}

// A step is an access, a stay, a wait, a message, what is done to the interrupt flag, or what an Atomic makes one.
func TestWhichStatementsAreSteps(t *testing.T) {
	steps := map[StmtKind]bool{StmtAccess: true, StmtPause: true, StmtAwait: true, StmtSend: true,
		StmtIRQ: true, StmtChoose: true, StmtAtomic: true}
	for k := StmtAccess; k <= StmtFail; k++ {
		if k.IsStep() != steps[k] {
			t.Errorf("kind %d is a step: %t", k, k.IsStep())
		}
	}
}

// On x86 an order says nothing that a plain access would not do anyway, and fences but smp_mb() order the compiler
// only; what serializes, and what is no access, is not said to be inert.
func TestWhatIsInertOnX86(t *testing.T) {
	p := New("inert")
	x := p.Shared("x", Bits(2), Int(0))
	why := map[string]string{"acquire": "load is an acquire", "release": "store is a release",
		"xchg": "locked instruction", "smp_rmb()": "compiler only", "smp_wmb()": "compiler only",
		"read": "load is an acquire"}
	p.Routine("r", func(r *Routine) {
		v := r.LocalOf("v", x)
		r.ReadOnce("read", v, x)
		r.LoadAcquire("acquire", v, x)
		r.WriteOnce("write", x, Int(1))
		r.StoreRelease("release", x, Int(1))
		r.SmpStoreMb("smp_store_mb", x, Int(1))
		r.Xchg("xchg", v, x, Int(1), Relaxed)
		r.SmpMb()
		r.SmpRmb()
		r.SmpWmb()
		r.Pause("pause")
		for _, s := range *r.stmts {
			got, want := TSO.Inert(s), why[s.Label]
			if (got == "") != (want == "") || !strings.Contains(got, want) {
				t.Errorf("%s is inert: %q, want %q", s.Label, got, want)
			}
		}
	})
}
