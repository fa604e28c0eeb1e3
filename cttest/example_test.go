package cttest_test

import (
	"context"
	"fmt"
	"os"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/report"
)

// peterson is G. L. Peterson's mutual exclusion for two CPUs (Myths about the mutual exclusion problem,
// Information Processing Letters 12, 1981), once each. With turnFirst the two stores of the way in are
// swapped, which breaks it.
func peterson(turnFirst bool) (*model.Program, *model.Monitor) {
	p := model.New("peterson")
	flag := []*model.Var{
		p.Shared("flag[0]", model.Bool, model.False),
		p.Shared("flag[1]", model.Bool, model.False),
	}
	turn := p.Shared("turn", model.UpTo(1), model.Int(0))
	inside := p.Ghost("CPUs inside", model.UpTo(2), model.Int(0))
	for me := range 2 {
		other := 1 - me
		raise := func(r *model.Routine) {
			r.WriteOnce(fmt.Sprintf("WRITE_ONCE(flag[%d], 1)", me), flag[me], model.True)
		}
		yield := func(r *model.Routine) {
			r.WriteOnce(fmt.Sprintf("WRITE_ONCE(turn, %d)", other), turn, model.Int(other))
		}
		p.CPU(fmt.Sprintf("CPU%d", me)).Run(p.Routine("lock", func(r *model.Routine) {
			f, t := r.Local("f", model.Bool), r.LocalOf("t", turn)
			if turnFirst {
				yield(r)
				raise(r)
			} else {
				raise(r)
				yield(r)
			}
			r.SmpMb()
			// while (READ_ONCE(flag[other]) && READ_ONCE(turn) == other) cpu_relax();
			r.DoWhile(func() {
				r.ReadOnce(fmt.Sprintf("f = READ_ONCE(flag[%d])", other), f, flag[other])
				r.If(f, func() { r.ReadOnce("t = READ_ONCE(turn)", t, turn) })
			}, f.And(t.Eq(model.Int(other))))
			r.Set(inside, inside.Add(model.Int(1)))
			r.Pause("/* critical section */")
			r.Set(inside, inside.Sub(model.Int(1)))
			r.WriteOnce(fmt.Sprintf("WRITE_ONCE(flag[%d], 0)", me), flag[me], model.False)
		}))
	}
	p.ReachedState("a CPU is inside", inside.Eq(model.Int(1)))
	return p, props.Always("mutual exclusion", inside.Le(model.Int(1)))
}

// A protocol is built from routines whose steps are data, compiled together with what is claimed of it,
// and searched. Peterson's lock holds; with its two first stores swapped it does not, and the trace
// tells the shortest story.
func Example() {
	for _, turnFirst := range []bool{false, true} {
		p, exclusion := peterson(turnFirst)
		r, err := explore.Run(context.Background(), p, []*model.Monitor{exclusion}, explore.Options{})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.Verdict, r.States, "states", r.Transitions, "transitions")
		for _, pr := range r.Properties {
			if pr.Violated {
				report.TraceText(os.Stdout, p, pr.Trace)
			}
		}
	}
	// Output:
	// HOLDS 92 states 163 transitions
	// VIOLATED 114 states 193 transitions
	//     CPU0                        CPU1
	//     /* flag[0] = false, flag[1] = false, turn = 0 */
	//     lock():
	//   1   WRITE_ONCE(turn, 1)
	//         turn: 0 -> 1
	//                                 lock():
	//   2                               WRITE_ONCE(turn, 0)
	//                                     turn: 1 -> 0
	//   3                               WRITE_ONCE(flag[1], 1)
	//                                     flag[1]: false -> true
	//   4                               f = READ_ONCE(flag[0])
	//                                     f = false
	//                                     CPUs inside: 0 -> 1
	//   5   WRITE_ONCE(flag[0], 1)
	//         flag[0]: false -> true
	//   6   f = READ_ONCE(flag[1])
	//         f = true
	//   7   t = READ_ONCE(turn)
	//         t = 0
	//         CPUs inside: 1 -> 2
	//
	// => The claim "mutual exclusion" does not hold here.
}
