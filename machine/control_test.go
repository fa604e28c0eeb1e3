package machine

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ctcheck/ir"
	"ctcheck/model"
)

// logged runs the statements that build appends on the only CPU, in a call of their own, and
// returns what log logged, and what it logged last again for each other step.
func logged(t *testing.T, build func(p *model.Program, r *model.Routine, log func(model.Value))) ([]int64,
	*Machine) {
	t.Helper()
	w := walk(t, solo(func(p *model.Program, r *model.Routine) {
		g := p.Ghost("log", model.Range{Lo: -1, Hi: 1000}, model.Int(-1))
		r.Call(p.Routine("body", func(r *model.Routine) {
			build(p, r, func(v model.Value) {
				r.Pause("log")
				r.Set(g, v)
			})
		}), nil)
		r.Pause("end")
	}))
	var values []int64
	for w.canStep(0) {
		w.step(0)
		values = append(values, w.get("log"))
	}
	return values[:len(values)-1], w.m
}

// How control flows, as the values that the steps log.
var flows = []struct {
	name  string
	build func(p *model.Program, r *model.Routine, log func(model.Value))
	want  []int64
	why   string
}{
	{"while", func(p *model.Program, r *model.Routine, log func(model.Value)) {
		i := r.Local("i", model.UpTo(9))
		r.While(i.Lt(model.Int(3)), func() { log(i); r.Set(i, i.Add(model.Int(1))) })
		log(model.Int(50))
	}, []int64{0, 1, 2, 50}, "the condition comes before the body"},
	{"while, never", func(p *model.Program, r *model.Routine, log func(model.Value)) {
		r.While(model.False, func() { log(model.Int(1)) })
		log(model.Int(50))
	}, []int64{50}, "a constant false condition is a loop that never begins"},
	{"do while", func(p *model.Program, r *model.Routine, log func(model.Value)) {
		i := r.Local("i", model.UpTo(9))
		r.DoWhile(func() { log(i); r.Set(i, i.Add(model.Int(1))) }, i.Lt(model.Int(3)))
		r.DoWhile(func() { log(model.Int(40)) }, model.False)
		log(model.Int(50))
	}, []int64{0, 1, 2, 40, 50}, "the body comes before the condition, so at least once"},
	{"break of nested loops", func(p *model.Program, r *model.Routine, log func(model.Value)) {
		i, j := r.Local("i", model.UpTo(9)), r.Local("j", model.UpTo(9))
		r.Forever(func() {
			r.Set(j, model.Int(0))
			r.While(model.True, func() {
				log(i.Add(i).Add(j))
				r.If(j.Eq(model.Int(1)), r.Break)
				r.Set(j, model.Int(1))
			})
			r.Set(i, i.Add(model.Int(1)))
			r.If(i.Eq(model.Int(2)), func() { r.Break() })
		})
		log(model.Int(50))
	}, []int64{0, 1, 2, 3, 50}, "the innermost loop only"},
	{"break of do while", func(p *model.Program, r *model.Routine, log func(model.Value)) {
		r.DoWhile(func() {
			log(model.Int(1))
			r.If(model.True, r.Break)
			log(model.Int(2))
		}, model.True)
		log(model.Int(50))
	}, []int64{1, 50}, "a break does not look at the condition"},
	{"if and else", func(p *model.Program, r *model.Routine, log func(model.Value)) {
		i := r.Local("i", model.UpTo(9))
		r.While(i.Lt(model.Int(3)), func() {
			r.If(i.Eq(model.Int(1)), func() { log(model.Int(10)) }, func() { log(model.Int(20)) })
			r.If(i.Eq(model.Int(2)), func() { log(model.Int(30)) })
			r.If(i.Eq(model.Int(2)), nil, func() { log(model.Int(40)) })
			r.Set(i, i.Add(model.Int(1)))
		})
	}, []int64{20, 40, 10, 40, 20, 30}, "one arm, and either may be missing"},
	{"return", func(p *model.Program, r *model.Routine, log func(model.Value)) {
		log(model.Int(1))
		r.If(model.True, func() { r.Return(nil) })
		log(model.Int(2))
	}, []int64{1}, "the rest of the routine is skipped"},
	{"return out of loops", func(p *model.Program, r *model.Routine, log func(model.Value)) {
		f := p.Routine("f", func(r *model.Routine) {
			r.Forever(func() { r.Forever(func() { r.Return(model.Int(7)) }) })
		})
		x := r.Local("x", model.UpTo(9))
		r.Call(f, x)
		log(x)
	}, []int64{7}, "all loops of the call are left, none of the caller's"},
}

func TestControlFlow(t *testing.T) {
	for _, row := range flows {
		t.Run(row.name, func(t *testing.T) {
			got, _ := logged(t, row.build)
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", row.why, diff)
			}
		})
	}
}

// Calls may nest; a result goes to the caller's local, and the callee's parameter is a copy.
func TestCalls(t *testing.T) {
	got, _ := logged(t, func(p *model.Program, r *model.Routine, log func(model.Value)) {
		double := p.Routine("double", func(r *model.Routine) {
			n := r.Param("n", model.UpTo(100))
			r.Set(n, n.Add(n)) // the copy, not what the caller passed
			r.Return(n)
		})
		quad := p.Routine("quad", func(r *model.Routine) {
			n, x := r.Param("n", model.UpTo(100)), r.Local("x", model.UpTo(100))
			r.Call(double, x, n)
			r.Pause("between")
			r.Call(double, x, x)
			r.Return(x)
		})
		choose := p.Routine("choose", func(r *model.Routine) {
			n := r.Param("n", model.UpTo(100))
			r.If(n.Gt(model.Int(10)), func() { r.Return(model.Int(1)) })
			r.Return(model.Int(0))
		})
		three, x := r.Local("three", model.UpTo(100)), r.Local("x", model.UpTo(100))
		r.Set(three, model.Int(3))
		r.Call(quad, x, three)
		log(x)
		log(three)
		r.Call(quad, nil, three)
		r.Call(choose, x, three)
		log(x)
		r.Call(choose, x, model.Int(11))
		log(x)
	})
	// The pauses inside quad are steps too, at which the log stands still.
	if diff := cmp.Diff([]int64{-1, 12, 3, 3, 0, 1}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A constant argument is substituted and takes no room in the state; any other is copied.
func TestConstantArgumentsTakeNoRoom(t *testing.T) {
	bits := func(variable bool) int {
		return compile(t, solo(func(p *model.Program, r *model.Routine) {
			f := p.Routine("f", func(r *model.Routine) {
				n := r.Param("n", model.UpTo(255))
				r.Pause("f")
				r.If(n.Eq(model.Int(7)), func() { r.Pause("seven") })
			})
			l := r.Local("l", model.UpTo(255))
			if variable {
				r.Call(f, nil, l)
			} else {
				r.Call(f, nil, model.Int(7))
			}
		})).Bits()
	}
	if c, v := bits(false), bits(true); v != c+8 {
		t.Errorf("%d bits with a constant argument, %d with a local; want 8 more", c, v)
	}
}

// Two paths that differ only in a local that is dead meet in one state.
func TestLocalsAreDeadAfterTheCall(t *testing.T) {
	build := func(keep bool) *model.Program {
		return solo(func(p *model.Program, r *model.Routine) {
			body := func(r *model.Routine) {
				l := r.Local("l", model.UpTo(3))
				r.Choose(
					r.When(model.True, func() { r.Pause("one"); r.Set(l, model.Int(1)) }),
					r.When(model.True, func() { r.Pause("two"); r.Set(l, model.Int(2)) }))
				r.Pause("l is alive")
			}
			if keep {
				body(r)
			} else {
				r.Call(p.Routine("f", body), nil)
			}
			r.Pause("after")
		})
	}
	for _, row := range []struct {
		keep bool
		want int
		why  string
	}{
		{false, 1 + 2 + 1 + 1, "start, l = 1 or 2, after the call, the end"},
		{true, 1 + 2 + 2 + 1, "a local of the CPU's own routine is alive until the CPU ends"},
	} {
		if s, _ := reach(t, compile(t, build(row.keep))); len(s) != row.want {
			t.Errorf("kept %v: %d states, want %d: %s", row.keep, len(s), row.want, row.why)
		}
	}
}

// Calls that do not overlap share their slots, also with locals of different ranges.
func TestCallsShareSlots(t *testing.T) {
	got, whole := logged(t, func(p *model.Program, r *model.Routine, log func(model.Value)) {
		signed := p.Routine("signed", func(r *model.Routine) {
			l := r.Local("l", model.Range{Lo: -3, Hi: 4})
			r.Pause("signed")
			r.Set(l, model.Int(4))
			r.Pause("signed")
		})
		offset := p.Routine("offset", func(r *model.Routine) {
			high, l := r.Param("high", model.Bool), r.Local("l", model.Range{Lo: 10, Hi: 100})
			r.If(high, func() { r.Set(l, model.Int(100)) })
			r.Pause("offset")
			r.Return(l)
		})
		x := r.Local("x", model.UpTo(100))
		for _, high := range []model.Int{model.True, model.False} {
			r.Call(signed, nil)
			r.Call(offset, x, high)
			log(x)
		}
	})
	slices.Sort(got) // -1 before the first log
	if diff := cmp.Diff([]int64{-1, 10, 100}, slices.Compact(got)); diff != "" {
		t.Errorf("a local of 10..100, fresh and at its highest (-want +got):\n%s", diff)
	}
	if n := len(whole.cpus[0].levels[0].locals); n != 2 {
		t.Errorf("%d slots for locals, want 2: x, and one for both calls", n)
	}
}

// Choose: each alternative is a transition of its own, enabled when its guard is true and the step
// that it begins with can be taken.
func TestChoose(t *testing.T) {
	p := model.New("choose")
	x := p.Shared("x", model.UpTo(9), model.Int(0))
	other := p.CPU("other")
	other.Run(p.Routine("other", func(r *model.Routine) { r.Pause("other") }))
	c := p.CPU("CPU")
	c.Run(p.Routine("main", func(r *model.Routine) {
		l := r.LocalOf("l", x)
		r.ReadOnce("l = READ_ONCE(x)", l, x)
		r.Choose(
			r.When(l.Eq(model.Int(0)), func() { r.WriteOnce("x = 1", x, model.Int(1)); r.Pause("then") }),
			r.When(l.NonZero(), func() { r.WriteOnce("x = 2", x, model.Int(2)) }),
			r.When(model.True, func() { r.Await("other is done", other.Done()); r.Set(l, model.Int(5)) }),
			r.When(other.Done(), func() { r.WriteOnce("x = 3", x, model.Int(3)) }))
		r.Pause("after")
	}))
	w := walk(t, p)
	if w.can(ir.Transition{CPU: 1, Index: 1}) {
		t.Error("a step that is no choice has an alternative 1")
	}
	w.step(1)
	enabled := func() (is []int) {
		for i := range 5 {
			if w.can(ir.Transition{CPU: 1, Index: i}) {
				is = append(is, i)
			}
		}
		return is
	}
	if diff := cmp.Diff([]int{0}, enabled()); diff != "" {
		t.Errorf("guards 1 and 3 are false, the Await of 2 is not over (-want +got):\n%s", diff)
	}
	w.step(0)
	if diff := cmp.Diff([]int{0, 2, 3}, enabled()); diff != "" {
		t.Errorf("the other CPU is done (-want +got):\n%s", diff)
	}
	if rec := w.must(ir.Transition{CPU: 1, Index: 3}); rec.Stmt.Label != "x = 3" {
		t.Errorf("the step is %q; want the alternative's", rec.Stmt.Label)
	}
	w.want("x", 3, "the alternative's store is part of the choice's step")
	if n := w.finish(1); n != 1 {
		t.Errorf("%d steps follow, want 1: the alternatives join", n)
	}
}

// Atomic is one step: nothing comes between, and what blocks inside blocks the whole.
func TestAtomic(t *testing.T) {
	p := model.New("atomic")
	x, y := p.Shared("x", model.UpTo(3), model.Int(0)), p.Shared("y", model.UpTo(3), model.Int(0))
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		l, i := r.LocalOf("l", y), r.Local("i", model.UpTo(3))
		r.Atomic("lock and count", func() {
			r.WriteOnce("x = 1", x, model.Int(1))
			r.CondLoadAcquire("VAL == 2", l, y, l.Eq(model.Int(2)))
			r.While(i.Lt(model.Int(2)), func() {
				r.AtomicAdd("x++", x, model.Int(1))
				r.Set(i, i.Add(model.Int(1)))
				r.Atomic("inner", func() { r.Pause("an atomic in an atomic is the same") })
			})
		})
		r.Pause("after")
	}))
	p.CPU("CPU1").Run(p.Routine("other", func(r *model.Routine) {
		r.WriteOnce("y = 1", y, model.Int(1))
		r.WriteOnce("y = 2", y, model.Int(2))
	}))
	w := walk(t, p)
	for range 2 {
		if w.canStep(0) {
			t.Fatal("enabled, though the load inside waits")
		}
		w.want("x", 0, "a step that is not enabled changes nothing")
		w.step(1)
	}
	if rec := w.step(0); rec.Stmt.Label != "lock and count" {
		t.Errorf("the step is %q; want the block's label", rec.Stmt.Label)
	}
	w.want("x", 3, "all of the body is done")
	if n := w.finish(0); n != 1 {
		t.Errorf("%d steps follow, want the pause", n)
	}
}

// The same program compiles to the same machine, word for word, and so do its states.
func TestCompilationIsDeterministic(t *testing.T) {
	program := func() *Machine {
		p := model.New("twice")
		x := p.Shared("x", model.Bits(20), model.Int(3))
		var lines []*model.IPI
		handler := p.Routine("handler", func(r *model.Routine) {
			r.AtomicAdd("x++", x, r.Param("n",
				model.UpTo(2)))
		})
		c, d := p.CPU("CPU0"), p.CPU("CPU1")
		for i := range 3 {
			lines = append(lines, d.IPI(fmt.Sprintf("line %d", i), handler, model.Int(i%3)))
		}
		d.OnNMI(p.Routine("NMI", func(r *model.Routine) { r.Pause("NMI") }), 2, 2)
		for _, cpu := range []*model.CPU{c, d} {
			cpu.Run(p.Routine("main", func(r *model.Routine) {
				l := r.LocalOf("l", x)
				r.ReadOnce("l = x", l, x)
				for _, i := range lines[:1] {
					r.SendIPI("send", i)
				}
			}))
		}
		mon := &model.Monitor{Name: "never", Never: x.Eq(model.Int(9))}
		return compile(t, p, mon)
	}
	a, b := program(), program()
	if a.Words() != b.Words() || a.Bits() != b.Bits() || a.Transitions() != b.Transitions() {
		t.Fatalf("words %d %d, bits %d %d, transitions %d %d", a.Words(), b.Words(), a.Bits(),
			b.Bits(),
			a.Transitions(), b.Transitions())
	}
	for i := range a.Transitions() {
		if a.Transition(i) != b.Transition(i) {
			t.Errorf("transition %d is %v and %v", i, a.Transition(i), b.Transition(i))
		}
	}
	s1, n1 := reach(t, a)
	s2, n2 := reach(t, b)
	if diff := cmp.Diff(s1, s2); diff != "" || n1 != n2 {
		t.Errorf("%d and %d transitions; states differ:\n%s", n1, n2, diff)
	}
}
