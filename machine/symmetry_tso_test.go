package machine

import (
	"fmt"
	"testing"

	"ctcheck/model"
)

// pair is a program of two CPUs under x86-TSO, alike but for what is built with their numbers, and what classes of
// interchangeable CPUs there are.
func pair(t *testing.T, build func(p *model.Program, cs []*model.CPU) []*model.Monitor) int {
	t.Helper()
	p := model.New("pair")
	ms := build(p, []*model.CPU{p.CPU("a0"), p.CPU("a1")})
	m, err := Compile(Options{Memory: model.TSO, BufferSizes: []int{2, 2}}, p, ms...)
	if err != nil {
		t.Fatal(err)
	}
	return len(m.Symmetry().Classes())
}

// stores is two CPUs that store, each as is said.
func stores(store func(r *model.Routine, i int, x, y *model.Var)) func(*model.Program,
	[]*model.CPU) []*model.Monitor {
	return func(p *model.Program, cs []*model.CPU) []*model.Monitor {
		x, y := p.Shared("x", model.Bits(2), model.Int(0)), p.Shared("y", model.Bits(2), model.Int(0))
		for i, c := range cs {
			c.Run(p.Routine("store", func(r *model.Routine) {
				store(r, i, x, y)
				r.Pause("rest")
			}))
		}
		return nil
	}
}

// Store buffers that hold other stores, or stores after whose arrival other things happen, are not alike.
func TestSymmetryOfStoreBuffers(t *testing.T) {
	for _, row := range []struct {
		name  string
		build func(p *model.Program, cs []*model.CPU) []*model.Monitor
		alike bool
	}{
		{"the same store", stores(func(r *model.Routine, _ int, x, _ *model.Var) {
			r.WriteOnce("x = 1", x, model.Int(1))
		}), true},
		{"other bits", stores(func(r *model.Routine, i int, x, _ *model.Var) {
			r.WriteOncePart("part of x", x, model.Int(1<<i), model.Int(3))
		}), false},
		{"each its own variable", stores(func(r *model.Routine, i int, x, y *model.Var) {
			r.WriteOnce("store", []*model.Var{x, y}[i], model.Int(1))
		}), true},
		{"a variable of each, and more of one", stores(func(r *model.Routine, i int, x, y *model.Var) {
			r.WriteOnce("store", []*model.Var{x, y}[i], model.Int(1))
			r.AtomicOr("or", y, model.Int(2))
		}), false},
		{"the same event", stores(func(r *model.Routine, _ int, x, _ *model.Var) {
			r.WriteOnce("x = 1", x, model.Int(1))
			r.WhenVisible(func() { r.Event("seen") })
		}), true},
		{"an event of one", stores(func(r *model.Routine, i int, x, _ *model.Var) {
			r.WriteOnce("x = 1", x, model.Int(1))
			if i == 1 {
				r.WhenVisible(func() { r.Event("seen") })
			}
		}), false},
		{"a store of one", stores(func(r *model.Routine, i int, x, _ *model.Var) {
			if i == 1 {
				r.WriteOnce("x = 1", x, model.Int(1))
			}
		}), false},
		{"a store more", stores(func(r *model.Routine, i int, x, y *model.Var) {
			r.WriteOnce("x = 1", x, model.Int(1))
			if i == 1 {
				r.WriteOnce("y = 1", y, model.Int(1))
			}
		}), false},
	} {
		if got := pair(t, row.build) == 1; got != row.alike {
			t.Errorf("%s: interchangeable: %t, want %t", row.name, got, row.alike)
		}
	}
	arrives := func(other bool) func(p *model.Program, cs []*model.CPU) []*model.Monitor {
		return func(p *model.Program, cs []*model.CPU) []*model.Monitor {
			ms := stores(func(r *model.Routine, _ int, x, _ *model.Var) {
				r.WriteOnce("x = 1", x, model.Int(1))
				r.WhenVisible(func() { r.Event("seen") })
			})(p, cs)
			g := model.NewGhost("g", model.UpTo(3), model.Int(0))
			return append(ms, &model.Monitor{Name: "m", Ghosts: []*model.Var{g}, Never: g.Eq(model.Int(3)),
				On: func(ev model.Event) []*model.Stmt {
					return model.Build(func(c *model.Code) {
						if ev.Kind == "seen" && (ev.CPU == cs[0] || !other) {
							c.Set(g, model.Int(1))
						}
					})
				}})
		}
	}
	if pair(t, arrives(false)) != 1 {
		t.Error("the same happens when the stores arrive")
	}
	if pair(t, arrives(true)) != 0 {
		t.Error("another thing happens when the stores arrive, and the CPUs are said to be interchangeable")
	}
}

// Code in other frames, a result that is used otherwise, and an end that one never reaches tell CPUs apart.
func TestSymmetryOfCode(t *testing.T) {
	for _, row := range []struct {
		name  string
		step  func(r *model.Routine, i int, x, v *model.Var)
		alike bool
	}{
		{"the same", func(r *model.Routine, _ int, x, v *model.Var) {
			r.AtomicFetchAdd("add", v, x,
				model.Int(1))
		}, true},
		{"another result", func(r *model.Routine, i int, x, v *model.Var) {
			if i == 0 {
				r.AtomicFetchAdd("add", v, x, model.Int(1))
			} else {
				r.AtomicAddReturn("add", v, x, model.Int(1))
			}
		}, false},
		{"another operation", func(r *model.Routine, i int, x, v *model.Var) {
			if i == 0 {
				r.AtomicFetchAdd("add", v, x, model.Int(1))
			} else {
				r.AtomicFetchOr("or", v, x, model.Int(1))
			}
		}, false},
		{"another frame", func(r *model.Routine, i int, _, _ *model.Var) {
			r.Frame([]model.Frame{model.Body, model.User}[i], func() { r.Pause("stay") })
		}, false},
		{"one goes on for ever", func(r *model.Routine, i int, _, v *model.Var) {
			r.Forever(func() {
				r.Pause("again")
				if i == 1 {
					r.If(v.Eq(model.Int(3)), r.Break)
				}
			})
		}, false},
		{"both go on for ever", func(r *model.Routine, _ int, _, _ *model.Var) {
			r.Forever(func() { r.Pause("again") })
		}, true},
	} {
		got := pair(t, func(p *model.Program, cs []*model.CPU) []*model.Monitor {
			x := p.Shared("x", model.UpTo(3).Mod(), model.Int(0))
			for i, c := range cs {
				c.Run(p.Routine("code", func(r *model.Routine) {
					v := r.LocalOf("v", x)
					r.ReadOnce("v = x", v, x)
					row.step(r, i, x, v)
					r.WriteOnce("x = v", x, v)
				}))
			}
			return nil
		})
		if got == 1 != row.alike {
			t.Errorf("%s: interchangeable: %t, want %t", row.name, got == 1, row.alike)
		}
	}
}

// A class has no more than 20 CPUs; the number of states that are alike may be more than fits a word, and then is
// the most that does.
func TestOrbitsOfManyCPUs(t *testing.T) {
	p := model.New("many")
	x := p.Shared("x", model.UpTo(3).Mod(), model.Int(0))
	add := p.Routine("add", func(r *model.Routine) {
		for i := range 24 {
			r.AtomicAdd(fmt.Sprint("add ", i), x, model.Int(1))
		}
	})
	for i := range 42 {
		p.CPU(fmt.Sprint("c", i)).Run(add)
	}
	m := compile(t, p)
	y := m.Symmetry()
	var sizes []int
	for _, c := range y.Classes() {
		sizes = append(sizes, len(c))
	}
	if fmt.Sprint(sizes) != "[20 20 2]" {
		t.Fatalf("classes of %v CPUs, want 20, 20 and 2", sizes)
	}
	s, _ := m.Initial()
	if y.Orbit(s) != 1 {
		t.Errorf("%d states are like the first one, want it alone", y.Orbit(s))
	}
	s = append([]uint64(nil), s...)
	for i := range m.cpus {
		m.cpus[i].levels[0].pc.put(s, int64(i%20))
	}
	if y.Orbit(s) != 1<<64-1 {
		t.Errorf("%d states are like one in which all are elsewhere, want the most that there are", y.Orbit(s))
	}
	for i := range m.cpus {
		m.cpus[i].levels[0].pc.put(s, int64(i%2))
	}
	if y.Orbit(s) != 184756*184756*2 {
		t.Errorf("%d states are like one in which half are elsewhere", y.Orbit(s))
	}
}

// Handlers tell CPUs apart, as their own code does; CPUs that do nothing are alike.
func TestSymmetryOfHandlers(t *testing.T) {
	adds := func(p *model.Program, x *model.Var, n int) *model.Routine {
		return p.Routine("adds", func(r *model.Routine) { r.AtomicAdd("x += n", x, model.Int(n)) })
	}
	for _, row := range []struct {
		name string
		code func(p *model.Program, x *model.Var, c, other *model.CPU, i int)
		same bool
	}{
		{"no code", func(p *model.Program, _ *model.Var, c, _ *model.CPU, _ int) {
			c.Run(p.Routine("nothing", func(*model.Routine) {}))
		}, true},
		{"the same NMIs", func(p *model.Program, x *model.Var, c, _ *model.CPU, _ int) {
			c.Run(adds(p, x, 1))
			c.OnNMI(adds(p, x, 2), 1, 1)
		}, true},
		{"other NMIs", func(p *model.Program, x *model.Var, c, _ *model.CPU, i int) {
			c.Run(adds(p, x, 1))
			c.OnNMI(adds(p, x, 1+i), 1, 1)
		}, false},
		{"fewer NMIs", func(p *model.Program, x *model.Var, c, _ *model.CPU, i int) {
			c.Run(adds(p, x, 1))
			c.OnNMI(adds(p, x, 1), 1+i, 1)
		}, false},
		{"the same IPIs to each other", func(p *model.Program, x *model.Var, c, other *model.CPU, _ int) {
			line := other.IPI("line", adds(p, x, 2))
			c.Run(p.Routine("sends", func(r *model.Routine) { r.SendIPI("send", line) }))
		}, true},
		{"other IPIs to each other", func(p *model.Program, x *model.Var, c, other *model.CPU, i int) {
			line := other.IPI("line", adds(p, x, 1+i))
			c.Run(p.Routine("sends", func(r *model.Routine) { r.SendIPI("send", line) }))
		}, false},
		{"lines that nobody uses", func(p *model.Program, x *model.Var, c, _ *model.CPU, i int) {
			c.IPI("line", adds(p, x, 1+i))
			c.Run(adds(p, x, 1))
		}, false},
	} {
		got := pair(t, func(p *model.Program, cs []*model.CPU) []*model.Monitor {
			x := p.Shared("x", model.UpTo(3).Mod(), model.Int(0))
			for i, c := range cs {
				row.code(p, x, c, cs[1-i], i)
			}
			return nil
		})
		if got == 1 != row.same {
			t.Errorf("%s: interchangeable: %t, want %t", row.name, got == 1, row.same)
		}
	}
}
