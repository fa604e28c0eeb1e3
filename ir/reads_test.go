package ir_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ctcheck/ir"
	"ctcheck/model"
)

func namesOf(vs []*ir.Var) string {
	var names []string
	for _, v := range vs {
		names = append(names, v.Name)
	}
	return strings.Join(names, " ")
}

// What an instruction reads is what its expressions name, however deep, and a word that it changes a part of; what
// it writes is where it puts something.
func TestReadsAndWrites(t *testing.T) {
	low := lowered(t, func(p *model.Program, r *model.Routine) {
		x := p.Shared("x", model.Bits(2), model.Int(0))
		c := p.CPUs[0]
		line := c.IPI("line", p.Routine("handler", func(r *model.Routine) { r.Pause("handler") }))
		a, b, ok := r.LocalOf("a", x), r.LocalOf("b", x), r.Local("ok", model.Bool)
		r.ReadOnce("read", a, x)
		r.WriteOnce("write", x, a.Add(b.Sub(a)))
		r.WriteOncePart("part", x, model.Int(1), b)
		r.TryCmpxchg("try", ok, x, a, b)
		r.Cmpxchg("cmpxchg", b, x, a.Add(model.Int(0)), b)
		r.SendIPI("send", line)
		r.Choose(r.When(a.Lt(b), func() { r.Pause("p") }), r.When(ok, func() { r.Pause("q") }))
	})
	want := map[string]string{
		"read": "x / a", "write": "a b a / x", "part": "b x / x", "try": "b a x / x ok a", "cmpxchg": "b a x / x b",
		"send": "line / line", "choose": "a b ok / ",
	}
	seen := 0
	for i := range low.Code {
		in := &low.Code[i]
		if in.Stmt == nil {
			continue
		}
		label := in.Stmt.Label
		if in.Op == ir.OpChoose {
			label = "choose"
		}
		if w, ok := want[label]; ok {
			seen++
			if got := namesOf(in.Reads()) + " / " + namesOf(in.Writes()); got != w {
				t.Errorf("%s: reads and writes %q, want %q", label, got, w)
			}
		}
	}
	if seen != len(want) {
		t.Errorf("%d instructions seen, want %d", seen, len(want))
	}
	f := ir.Flow{Program: low}
	if reads, writes := f.Touches(ir.Stretch{Code: []int{0, 1, 1, 0}}); namesOf(reads) != "x a b" ||
		namesOf(writes) != "a x" {
		t.Errorf("a stretch touches %q and %q, each once", namesOf(reads), namesOf(writes))
	}
}

// Shared memory is read by steps, and an event before does not change that.
func TestSharedMemoryInExpressions(t *testing.T) {
	p := model.New("p")
	x := p.Shared("x", model.Bool, model.False)
	p.CPU("CPU").Run(p.Routine("main", func(r *model.Routine) {
		r.Event("told")
		r.If(x, func() { r.Pause("p") })
	}))
	watcher := &model.Monitor{Name: "m", On: func(model.Event) []*model.Stmt {
		return model.Build(func(c *model.Code) { c.If(x, c.Fail) })
	}}
	if _, err := ir.Lower(p, watcher); err == nil || !strings.Contains(err.Error(), "main reads x") {
		t.Errorf("got %v, want that main reads x", err)
	}
}

// NMIs need a handler and a depth, and then there are levels for them; 64 CPUs are the most.
func TestLevelsAndCPUs(t *testing.T) {
	pause := func(r *model.Routine) { r.Pause("p") }
	for _, row := range []struct {
		handler      bool
		total, depth int
		levels       int // 0: refused
	}{
		{true, 1, 1, 2}, {true, 3, 2, 3}, {false, 0, 0, 1}, {true, 0, 0, 1}, {true, 0, 1, 1},
		{false, 1, 1, 0}, {true, 1, 0, 0}, {true, -2, 1, 0}, {true, 1, -1, 0},
		{true, model.AnyNumber, 2, 3}, {true, model.AnyNumber, 0, 0}, {false, model.AnyNumber, 1, 0},
	} {
		p := model.New("p")
		c := p.CPU("CPU")
		c.Run(p.Routine("main", pause))
		if row.handler {
			c.NMI = p.Routine("nmi", pause)
		}
		c.NMITotal, c.NMIDepth = row.total, row.depth
		low, err := ir.Lower(p)
		if (err != nil) != (row.levels == 0) {
			t.Errorf("%+v: %v", row, err)
			continue
		}
		if err != nil {
			continue
		}
		if c := low.CPUs[0]; len(c.Levels) != row.levels || (c.NMIsLeft != nil) != (row.total != 0) {
			t.Errorf("%+v: %d levels, budget %v", row, len(c.Levels), c.NMIsLeft)
		}
	}
	for _, n := range []int{64, 65} {
		p := model.New("p")
		main := p.Routine("main", pause)
		for i := range n {
			p.CPU(fmt.Sprint("CPU", i)).Run(main)
		}
		if _, err := ir.Lower(p); (err == nil) != (n <= 64) {
			t.Errorf("%d CPUs: %v", n, err)
		}
	}
}

// A handler's IRET stands where its last statement does, for a report to point at.
func TestWhereTheIRETStands(t *testing.T) {
	p := model.New("p")
	c := p.CPU("CPU")
	pause := func(r *model.Routine) { r.Pause("p") }
	c.Run(p.Routine("main", pause))
	h := p.Routine("handler", func(r *model.Routine) {
		r.Pause("first")
		r.Pause("last")
	})
	c.IPI("line", h)
	low, err := ir.Lower(p)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(low.Code, func(in ir.Instr) bool { return in.Stmt != nil && in.Stmt.Label == "IRET" })
	if s := low.Code[i].Stmt; s.Line != h.Body[1].Line || s.File != h.Body[1].File {
		t.Errorf("it stands at %s:%d, want %d", s.File, s.Line, h.Body[1].Line)
	}
}

// Levels with up to 64 slots are looked at.
func TestAlwaysZeroOfManyLocals(t *testing.T) {
	for _, n := range []int{64, 65} {
		low := lowered(t, func(_ *model.Program, r *model.Routine) {
			for i := range n {
				r.Local(fmt.Sprint("v", i), model.Bool)
			}
			r.Pause("p")
		})
		if got := len(zeros(low)); got != n%65 {
			t.Errorf("%d of %d locals are known to be zero", got, n)
		}
	}
}

// A stretch ends where its level is left: nothing that stands behind the return is part of it.
func TestStretchEndsAtTheReturn(t *testing.T) {
	p, m := sample()
	low, err := ir.Lower(p, m)
	if err != nil {
		t.Fatal(err)
	}
	f := ir.Flow{Program: low}
	st := f.Stretch(16, false)
	slices.Sort(st.Code)
	if !st.Returns || !slices.Equal(st.Code, []int{16, 17, 18}) || len(st.Ends) != 0 {
		t.Errorf("the handler's store: %+v, want that it returns", st)
	}
}

// Under x86-TSO a plain store may wait, and none does that is part of an Atomic; under SC none does.
func TestWhatIsBuffered(t *testing.T) {
	low := lowered(t, func(p *model.Program, r *model.Routine) {
		x := p.Shared("x", model.Bits(2), model.Int(0))
		v := r.LocalOf("v", x)
		r.WriteOnce("outside", x, model.Int(1))
		r.Atomic("step", func() {
			r.WriteOnce("inside", x, model.Int(2))
			r.Set(v, model.Int(1))
		})
		r.Xchg("xchg", v, x, model.Int(3))
		r.ReadOnce("read", v, x)
	})
	for i := range low.Code {
		in := &low.Code[i]
		if in.Stmt == nil {
			continue
		}
		tso, sc := ir.Flow{Program: low, Memory: model.TSO}, ir.Flow{Program: low}
		if got, want := tso.Buffered(in), in.Stmt.Label == "outside"; got != want || sc.Buffered(in) {
			t.Errorf("%s waits: %t under TSO, %t under SC", in.Stmt.Label, got, sc.Buffered(in))
		}
		want := in.Stmt.Kind == model.StmtAtomic || in.Stmt.Label == "xchg"
		if got := tso.Drains(in); got != want && in.Op.IsStatement() {
			t.Errorf("%s drains: %t under TSO", in.Stmt.Label, got)
		}
	}
}
