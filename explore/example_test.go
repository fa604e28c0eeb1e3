package explore_test

import (
	"context"
	"fmt"

	"ctcheck/explore"
	"ctcheck/model"
)

// Two CPUs each add one by a load and a store. It is claimed that both are counted in the end. The shortest run
// that loses one takes all four steps.
func ExampleRun() {
	p := model.New("lost update")
	x := p.Shared("x", model.UpTo(2), model.Int(0))
	for _, name := range []string{"CPU0", "CPU1"} {
		p.CPU(name).Run(p.Routine(name, func(r *model.Routine) {
			v := r.LocalOf("v", x)
			r.ReadOnce("v = READ_ONCE(x)", v, x)
			r.WriteOnce("WRITE_ONCE(x, v + 1)", x, v.Add(model.Int(1)))
		}))
	}
	both := &model.Monitor{Name: "both count", AtEnd: x.Eq(model.Int(2))}

	r, err := explore.Run(context.Background(), p, []*model.Monitor{both},
		explore.Options{Search: explore.BreadthFirst})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %d states, %d transitions\n", r.Verdict, r.States, r.Transitions)
	for _, pr := range r.Properties {
		fmt.Printf("%s: violated %t\n", pr.Name, pr.Violated)
		if !pr.Violated {
			continue
		}
		for _, step := range pr.Trace.Steps {
			fmt.Printf("  %s  %s\n", step.CPU.Name, step.Statement())
		}
	}
	// Output:
	// VIOLATED: 12 states, 14 transitions
	// both count: violated true
	//   CPU0  v = READ_ONCE(x)
	//   CPU1  v = READ_ONCE(x)
	//   CPU1  WRITE_ONCE(x, v + 1)
	//   CPU0  WRITE_ONCE(x, v + 1)
	// no-deadlock: violated false
}
