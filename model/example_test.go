package model_test

import (
	"fmt"

	"ctcheck/model"
)

// A store buffer test: each CPU raises its flag and then looks at the other's. A program is data, so that one may
// walk over its statements.
func Example() {
	p := model.New("store buffer")
	flags := []*model.Var{
		p.Shared("flag[0]", model.Bool, model.False),
		p.Shared("flag[1]", model.Bool, model.False),
	}
	for me, other := range []int{1, 0} {
		p.CPU(fmt.Sprintf("CPU%d", me)).Run(p.Routine(fmt.Sprintf("P%d", me), func(r *model.Routine) {
			seen := r.LocalOf("seen", flags[other])
			r.WriteOnce(fmt.Sprintf("WRITE_ONCE(flag[%d], 1)", me), flags[me], model.True)
			r.SmpMb()
			r.ReadOnce(fmt.Sprintf("seen = READ_ONCE(flag[%d])", other), seen, flags[other])
			r.If(seen.IsZero(), func() { r.Pause("/* critical section */") })
		}))
	}

	p.Walk(func(at model.Place) {
		s := at.Stmt()
		switch {
		case s.Kind == model.StmtIf:
			fmt.Printf("%s: if (%s)\n", at.Routine.Name, s.Cond)
		case s.Kind.IsStep():
			fmt.Printf("%s: %s, a step\n", at.Routine.Name, s.Label)
		default:
			fmt.Printf("%s: %s\n", at.Routine.Name, s.Label)
		}
	})
	// Output:
	// P0: WRITE_ONCE(flag[0], 1), a step
	// P0: smp_mb()
	// P0: seen = READ_ONCE(flag[1]), a step
	// P0: if (!seen)
	// P0: /* critical section */, a step
	// P1: WRITE_ONCE(flag[1], 1), a step
	// P1: smp_mb()
	// P1: seen = READ_ONCE(flag[0]), a step
	// P1: if (!seen)
	// P1: /* critical section */, a step
}

// A monitor watches the events of a program, and says with ghost code what becomes of its ghosts.
func ExampleMonitor() {
	served := model.NewGhost("served", model.UpTo(3), model.Int(0))
	limit := &model.Monitor{Name: "served at most once", Ghosts: []*model.Var{served}}
	limit.On = func(ev model.Event) []*model.Stmt {
		if ev.Kind != "served" {
			return nil
		}
		return model.Build(func(c *model.Code) {
			c.Set(served, served.Add(model.Int(1)))
			c.If(served.Gt(model.Int(1)), c.Fail)
		})
	}

	for _, s := range limit.On(model.Event{Kind: "served"}) {
		switch s.Kind {
		case model.StmtAssign:
			fmt.Println(s.Dst.Name, "=", s.Arg)
		case model.StmtIf:
			fmt.Println("if", s.Cond, "it is violated")
		}
	}
	// Output:
	// served = served + 1
	// if 1 < served it is violated
}
