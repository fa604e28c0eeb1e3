package machine

import (
	"slices"
	"strings"
	"testing"

	"ctcheck/model"
)

// CPUs that each work on their own element, by a number that is theirs, are interchangeable as they are with
// variables of their own; where one of them looks at the elements by a computed index they are not, since it
// takes these in their order.
func TestSymmetryOfElements(t *testing.T) {
	for reads, classes := range map[bool]int{false: 1, true: 0} {
		p := model.New("per CPU")
		for _, name := range []string{"a", "b"} {
			p.CPU(name)
		}
		counters := p.PerCPU("counters", model.UpTo(2), model.Int(0))
		work := p.Routine("work", func(r *model.Routine) {
			me, x := r.Param("me", model.Bool), r.Local("x", model.UpTo(2))
			r.AtomicAddReturn("x = add_return(1, &counters[me])", x, counters.At(me), model.Int(1))
			r.WriteOnce("counters[me] = 0", counters.At(me), model.Int(0))
		})
		for _, c := range p.CPUs {
			c.Run(p.Routine("main", func(r *model.Routine) { r.Call(work, nil, model.Int(c.Index)) }))
		}
		if reads {
			p.CPU("reader").Run(p.Routine("main", func(r *model.Routine) {
				i, x := r.Local("i", model.UpTo(2)), r.Local("x", model.UpTo(2))
				r.While(i.Lt(model.Int(2)), func() {
					r.ReadOnce("x = counters[i]", x, counters.At(i))
					r.Set(i, i.Add(model.Int(1)))
				})
			}))
		}
		m, err := Compile(Options{Memory: model.TSO}, p)
		if err != nil {
			t.Fatal(err)
		}
		if y := m.Symmetry(); len(y.Classes()) != classes {
			t.Errorf("with a reader: %t: classes %v, apart %v", reads, y.Classes(), y.Apart())
		}
	}
}

// An expression reads the element that is chosen, whatever it and the others hold; so do properties.
func TestExpressionsReadElements(t *testing.T) {
	p := model.New("reads")
	g := p.GhostArray("g", 3, model.Range{Lo: -3, Hi: 3}, model.Int(0))
	b := p.GhostArray("b", 3, model.Bool, model.False)
	at := p.Ghost("at", model.UpTo(2), model.Int(0))
	values := []int64{-3, 2, 0}
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		i := r.Local("i", model.UpTo(2))
		for k, x := range values {
			r.Set(g.At(model.Int(k)), model.Int(x))
			r.Set(b.At(model.Int(k)), model.Int(x&1))
		}
		for k, x := range values {
			r.Pause("one")
			r.Set(i, model.Int(k))
			r.Set(at, i)
			r.Assert(g.At(i).Eq(model.Int(x)), "g")
			r.Assert(b.At(at).Eq(model.Int(x&1)), "b")
			r.Assert(model.All(b.At(at), g.At(at)).Eq(model.Int(x&1)), "both")
			r.Assert(g.At(at).Lt(model.Int(0)).Eq(model.Int(model.Truth(x < 0))), "less")
		}
	}))
	never := &model.Monitor{Name: "never", Never: g.At(at).Eq(model.Int(2)).And(b.At(at).IsZero())}
	m, err := Compile(Options{}, p, never)
	if err != nil {
		t.Fatal(err)
	}
	s, fx := m.Initial()
	violated := []uint64{m.Violated(s)}
	for range values {
		dst := make([]uint64, m.Words())
		if fx.Err != nil || !m.Fire(s, 0, dst, &fx) {
			t.Fatal("it does not go on: ", fx.Err)
		}
		s = dst
		violated = append(violated, m.Violated(s))
	}
	if fx.Err != nil || !slices.Equal(violated, []uint64{0, 0, 1, 0}) {
		t.Errorf("error %v, violated %v", fx.Err, violated)
	}
}

// An access to an element in one place may touch all of them, and nothing behind it in the code; what it may not
// touch can wait.
func TestFootprintOfElements(t *testing.T) {
	p := model.New("footprint")
	a := p.Array("a", 3, model.Bool, model.False)
	x := p.Shared("x", model.Bool, model.False)
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		i := r.Local("i", model.UpTo(3))
		r.Choose(r.When(model.True, func() { r.Pause("pause") }), r.When(model.True, func() {
			r.Set(i, model.Int(1))
			r.Pause("one")
		}))
		r.WriteOnce("a[i] = 1", a.At(i), model.True)
		r.WriteOnce("x = 1", x, model.True)
	}))
	m, err := Compile(Options{}, p)
	if err != nil {
		t.Fatal(err)
	}
	for pt := range m.cpus[0].levels[0].points {
		stmt := m.upcoming(m.cpus[0].levels[0].points[pt].ip)
		f := m.footprint(&m.cpus[0], 0, pt)
		var names []string
		for _, l := range m.globals {
			if g := make(footprint, m.words); true {
				g.add(l)
				if f.meets(g) {
					names = append(names, l.v.Name)
				}
			}
		}
		want := map[string]string{"a[i] = 1": "a[0] a[1] a[2]", "x = 1": "x"}
		if stmt != nil && stmt.Label != "" && strings.Join(names, " ") != want[stmt.Label] {
			t.Errorf("%q may touch %v, want %s", stmt.Label, names, want[stmt.Label])
		}
	}
}
