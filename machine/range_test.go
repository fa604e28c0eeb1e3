package machine

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ctcheck/internal/testkit"
	"ctcheck/ir"
	"ctcheck/model"
)

// A value out of its range is an error that says where: the model, the CPU, the statement with its
// place in the source, the variable, the value and the cure. at is that place.
var faults = []struct {
	name  string
	build func(p *model.Program, r *model.Routine) (at string)
	steps int // that succeed before
	stmt  string
	value string
	why   string
}{
	{"store", func(p *model.Program, r *model.Routine) (at string) {
		x := p.Shared("x", model.UpTo(3), model.Int(0))
		at = nextLine()
		r.WriteOnce("WRITE_ONCE(x, 4)", x, model.Int(4))
		return at
	}, 0, "WRITE_ONCE(x, 4)", "x = 4 is outside its range 0..3", "the plainest case"},
	{"add below Lo", func(p *model.Program, r *model.Routine) (at string) {
		x := p.Shared("x", model.Range{Lo: -2, Hi: 3}, model.Int(-1))
		r.AtomicSub("atomic_dec(x)", x, model.Int(1))
		at = nextLine()
		r.AtomicSub("atomic_dec(x)", x, model.Int(1))
		return at
	}, 1, "atomic_dec(x)", "x = -3 is outside its range -2..3", "the second of two alike is named"},
	{"load into a narrow local", func(p *model.Program, r *model.Routine) (at string) {
		x, l := p.Shared("x", model.UpTo(7), model.Int(5)), r.Local("l", model.UpTo(3))
		at = nextLine()
		r.ReadOnce("l = READ_ONCE(x)", l, x)
		return at
	}, 0, "l = READ_ONCE(x)", "l = 5 is outside its range 0..3",
		"it is the local that is too narrow"},
	{"refreshed expectation", func(p *model.Program, r *model.Routine) (at string) {
		x, old, ok := p.Shared("x", model.UpTo(7), model.Int(5)), r.Local("old", model.UpTo(3)),
			r.Local("ok", model.Bool)
		at = nextLine()
		r.TryCmpxchg("ok = try_cmpxchg(&x, &old, 1)", ok, x, old, model.Int(1))
		return at
	}, 0, "ok = try_cmpxchg(&x, &old, 1)", "old = 5 is outside its range 0..3",
		"a failing one writes too"},
	{"inside Atomic", func(p *model.Program, r *model.Routine) (at string) {
		x := p.Shared("x", model.UpTo(3), model.Int(0))
		r.Atomic("both at once", func() {
			r.WriteOnce("x = 3", x, model.Int(3))
			at = nextLine()
			r.AtomicAdd("x++", x, model.Int(1))
		})
		return at
	}, 0, "x++", "x = 4 is outside its range 0..3", "the statement inside is named, not the block"},
	{"assignment", func(p *model.Program, r *model.Routine) (at string) {
		g := p.Ghost("g", model.UpTo(3), model.Int(3))
		at = nextLine()
		r.Pause("pause")
		r.Set(g, g.Add(model.Int(1)))
		return at
	}, 0, "pause", "g = 4 is outside its range 0..3", "local code rides on a step, which is named"},
	{"argument", func(p *model.Program, r *model.Routine) (at string) {
		x, l := p.Shared("x", model.UpTo(7), model.Int(5)), r.Local("l", model.UpTo(7))
		f := p.Routine("f", func(r *model.Routine) { r.Param("narrow", model.UpTo(3)) })
		at = nextLine()
		r.ReadOnce("l = READ_ONCE(x)", l, x)
		r.Call(f, nil, l)
		return at
	}, 0, "l = READ_ONCE(x)", "narrow = 5 is outside its range 0..3", "an argument is copied"},
	{"result", func(p *model.Program, r *model.Routine) (at string) {
		ret := r.Local("ret", model.Bool)
		f := p.Routine("f", func(r *model.Routine) {
			at = nextLine()
			r.Pause("pause in f")
			r.Return(model.Int(2))
		})
		r.Call(f, ret)
		return at
	}, 0, "pause in f", "ret = 2 is outside its range 0..1", "a result is assigned"},
}

func TestOutOfRangeIsAnErrorThatSaysWhere(t *testing.T) {
	for _, row := range faults {
		t.Run(row.name, func(t *testing.T) {
			p := model.New("narrow")
			p.CPU("bystander").Run(p.Routine("idle", func(r *model.Routine) { r.Pause("idle") }))
			var at string
			p.CPU("CPUy").Run(p.Routine("main", func(r *model.Routine) { at = row.build(p, r) }))
			w := walk(t, p)
			w.step(1, row.steps)
			_, fx, ok := w.try(ir.Transition{CPU: 1})
			if !ok || fx.Err == nil {
				t.Fatalf("enabled %v, error %v; want an error: %s", ok, fx.Err, row.why)
			}
			testkit.Mentions(t, fx.Err.Error(), row.why,
				"model narrow", "CPUy", fmt.Sprintf("%q", row.stmt), at, row.value, "modular")
		})
	}
}

func TestOutOfRangeBeforeTheFirstStep(t *testing.T) {
	m := compile(t, solo(func(p *model.Program, r *model.Routine) {
		r.Set(p.Ghost("g", model.Bool, model.Int(0)), model.Int(2))
		r.Pause("pause")
	}))
	_, fx := m.Initial()
	if fx.Err == nil {
		t.Fatal("no error; the initial state does not exist")
	}
	testkit.Mentions(t, fx.Err.Error(), "there is no step to name, but a line", "solo", "CPU0", "range_test.go:",
		"g = 2")
}

// A bad run is found where it starts from: other runs of the same program have no error.
func TestFaultsAreOfTheRunNotOfTheProgram(t *testing.T) {
	w := walk(t, solo(func(p *model.Program, r *model.Routine) {
		x := p.Shared("x", model.UpTo(1), model.Int(0))
		r.Choose(
			r.When(model.True, func() { r.AtomicAdd("x++", x, model.Int(1)) }),
			r.When(model.True, func() { r.AtomicAdd("x += 2", x, model.Int(2)) }))
	}))
	if _, fx, _ := w.try(ir.Transition{Index: 1}); fx.Err == nil {
		t.Fatal("x += 2 passed")
	}
	w = &walker{t, w.m, w.m.initial}
	w.step(0)
	w.want("x", 1, "the other alternative is in range")
}

func TestModularWraps(t *testing.T) {
	for _, row := range []struct {
		name    string
		r       model.Range
		init    int64
		op      func(c *model.Code, x *model.Var)
		want    int64
		wrapped bool
		why     string
	}{
		{"past Hi", model.UpTo(3), 3, func(c *model.Code, x *model.Var) {
			c.AtomicAdd("x++", x,
				model.Int(1))
		}, 0, true,
			"one past the end"},
		{"below Lo", model.UpTo(3), 0, func(c *model.Code, x *model.Var) {
			c.AtomicSub("x--", x,
				model.Int(1))
		}, 3, true,
			"one below the beginning"},
		{"Lo is not 0", model.Range{Lo: -2, Hi: 2}, -2, func(c *model.Code, x *model.Var) {
			c.AtomicSub("x -= 2", x,
				model.Int(2))
		},
			1, true, "-4 is 1 modulo 5"},
		{"far past", model.UpTo(3), 1, func(c *model.Code, x *model.Var) {
			c.WriteOnce("x = 11", x,
				model.Int(11))
		}, 3,
			true,
			"a store wraps as well, more than once round"},
		{"within", model.UpTo(3), 2, func(c *model.Code, x *model.Var) {
			c.AtomicAdd("x++", x,
				model.Int(1))
		}, 3, false,
			"Hi itself is in range"},
		{"failing cmpxchg", model.UpTo(3), 2, func(c *model.Code, x *model.Var) {
			c.Cmpxchg("", nil, x, model.Int(1),
				model.Int(9))
		}, 2,
			false, "what is not stored does not wrap"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var x *model.Var
			w := walk(t, solo(func(p *model.Program, r *model.Routine) {
				x = p.Shared("x", row.r.Mod(), model.Int(row.init))
				row.op(&r.Code, x)
			}))
			rec := w.step(0)
			w.want("x", row.want, row.why)
			var want []*model.Var
			if row.wrapped {
				want = []*model.Var{x}
			}
			if len(rec.Wrapped) != len(want) || row.wrapped && rec.Wrapped[0] != x {
				t.Errorf("Wrapped has %d variables, want %d: %s", len(rec.Wrapped), len(want),
					row.why)
			}
		})
	}
}

// A return form hands out what is in memory, so a modular counter's new value is wrapped; and a
// local of a modular variable is modular itself, with a wrap of its own in the record.
func TestModularResults(t *testing.T) {
	w := walk(t, solo(func(p *model.Program, r *model.Routine) {
		x := p.Shared("x", model.UpTo(3).Mod(), model.Int(3))
		out := p.Ghost("out", model.UpTo(9), model.Int(9))
		l := r.LocalOf("l", x)
		r.AtomicAddReturn("l = atomic_inc_return(x)", l, x, model.Int(1))
		r.Set(out, l)
		r.Set(l, l.Sub(model.Int(1)))
		r.Pause("pause")
		r.Set(out, l)
	}))
	rec := w.step(0)
	w.want("out", 0, "the new value is the wrapped one")
	var names []string
	for _, v := range rec.Wrapped {
		names = append(names, v.Name)
	}
	if diff := cmp.Diff([]string{"x", "l"}, names); diff != "" {
		t.Errorf("Wrapped (-want +got):\n%s", diff)
	}
	w.step(0)
	w.want("out", 3, "l went from 0 to 3")
}

// A local begins at 0 where its range has one, else at its lowest value.
func TestInitialValueOfLocals(t *testing.T) {
	for _, row := range []struct {
		r    model.Range
		want int64
	}{
		{model.UpTo(3), 0}, {model.Range{Lo: -2, Hi: 2}, 0}, {model.Range{Lo: 2, Hi: 5}, 2},
		{model.Range{Lo: -5, Hi: -2},
			-5},
	} {
		w := walk(t, solo(func(p *model.Program, r *model.Routine) {
			out := p.Ghost("out", model.Range{Lo: -9, Hi: 9}, model.Int(9))
			f := p.Routine("f", func(r *model.Routine) {
				l := r.Local("l", row.r)
				r.Set(out, l)
				r.Pause("pause")
				r.Set(l, model.Int(row.r.Hi))
				r.Pause("pause again")
			})
			r.Call(f, nil)
			r.Call(f, nil)
		}))
		w.want("out", row.want, "a local of the first call")
		w.step(0, 2)
		w.want("out", row.want,
			"a local of the second call, though the first call left another value")
	}
}
