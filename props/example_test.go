package props_test

import (
	"context"
	"fmt"

	"ctcheck/deferral"
	"ctcheck/explore"
	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/verdict"
)

// search prints what became of the claims on a program.
func search(p *model.Program, claims ...*model.Monitor) *verdict.Result {
	res, err := explore.Run(context.Background(), p, claims, explore.Options{})
	if err != nil {
		panic(err)
	}
	for _, pr := range res.Properties {
		if pr.Violated {
			fmt.Printf("%s: violated, after %d steps\n", pr.Name, len(pr.Trace.Steps))
		} else {
			fmt.Printf("%s: holds\n", pr.Name)
		}
	}
	return res
}

// Two CPUs add 1 to a counter with a load and a store each. That may lose one of them.
func Example() {
	p := model.New("counter")
	count := p.Shared("count", model.UpTo(2), model.Int(0))
	increment := p.Routine("increment", func(r *model.Routine) {
		n := r.LocalOf("n", count)
		r.ReadOnce("n = READ_ONCE(count)", n, count)
		r.WriteOnce("WRITE_ONCE(count, n + 1)", count, n.Add(model.Int(1)))
	})
	p.CPU("CPU0").Run(increment)
	p.CPU("CPU1").Run(increment)
	p.ReachedState("both are counted", count.Eq(model.Int(2)))

	res := search(p,
		props.Never("never more than 2", count.Gt(model.Int(2))),
		props.AtEnd("2 in the end", count.Eq(model.Int(2))),
		props.Eventually("something is counted", count.NonZero()))
	fmt.Println(res.Verdict)
	// Output:
	// never more than 2: holds
	// 2 in the end: violated, after 4 steps
	// something is counted: holds
	// no-deadlock: holds
	// VIOLATED
}

// The named properties judge deferred work. Here the target looks for work when it enters the kernel, and then says
// that it left user mode: what it runs, it runs too early.
func ExampleSelect() {
	p := model.New("hasty")
	d := deferral.New(p, 1)
	work := p.Shared("work", model.Bool, model.False)
	setter, target := p.CPU("CPUx"), p.CPU("CPUy")
	d.Target = target
	q := d.Request(setter, 0, nil)
	setter.Run(p.Routine("set_work", func(r *model.Routine) {
		q.Start(r)
		r.WriteOnce("WRITE_ONCE(work, 1)", work, model.True)
		q.Publish(r)
		q.Answer(r, model.True)
		q.Complete(r)
	}))
	target.Run(p.Routine("task", func(r *model.Routine) {
		todo := r.LocalOf("todo", work)
		r.Event(deferral.EnteredUser)
		r.Frame(model.User, func() { r.Await("/* enters the kernel */", setter.Done()) })
		r.Frame(model.Entry, func() {
			r.Xchg("todo = xchg(&work, 0)", todo, work, model.False)
			r.If(todo, func() { d.RunWork(r, "flush_tlb()", model.Int(0), deferral.ByFlush) })
			r.Pause("state = KERNEL")
			r.Event(deferral.LeftUser)
			r.Event(deferral.Flushed)
		})
	}))

	claims, err := props.Select(p, "no-lost-work", "no-flush-in-user")
	if err != nil {
		panic(err)
	}
	res := search(p, claims...)
	for _, pr := range res.Properties {
		if pr.Violated {
			var events []ir.Happening
			for _, step := range pr.Trace.Steps {
				events = append(events, step.Events...)
			}
			fmt.Println(props.Explain(pr.Name, p, events))
		}
	}
	// Output:
	// no-lost-work: holds
	// no-flush-in-user: violated, after 4 steps
	// no-deadlock: holds
	// The callback of WORK_0 runs on CPUy before the step that leaves user mode.
}
