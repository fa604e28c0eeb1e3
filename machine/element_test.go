package machine

import (
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
