package explore_test

import (
	"fmt"
	"slices"
	"testing"

	"ctcheck/explore"
	"ctcheck/internal/plain"
	"ctcheck/model"
)

// This file has programs in which what may interrupt a CPU depends on more than where it stands, so that a search
// which remembers what happened there before must know what else to look at.

// masked are programs of one CPU whose interrupts depend on the state.
var masked = []struct {
	name  string
	build func(p *model.Program, c *model.CPU, log *model.Var)
}{
	{"on a flag that was chosen", func(p *model.Program, c *model.CPU, log *model.Var) {
		c.OnIRQ("disk", p.Routine("handler", func(r *model.Routine) { r.AtomicAdd("log++", log, model.Int(1)) }), 1)
		c.Run(p.Routine("main", func(r *model.Routine) {
			r.Choose(r.When(model.True, r.LocalIRQDisable), r.When(model.True, func() { r.Pause("on") }))
			r.Pause("one")
			r.AtomicAdd("log += 2", log, model.Int(2))
		}))
	}},
	{"on what a variable that was saved long ago says", func(p *model.Program, c *model.CPU, log *model.Var) {
		c.OnIRQ("disk", p.Routine("handler", func(r *model.Routine) { r.AtomicAdd("log++", log, model.Int(1)) }), 1)
		c.Run(p.Routine("main", func(r *model.Routine) {
			on, flags := r.Local("on", model.Bool), r.Local("flags", model.Bool)
			r.Choose(r.When(model.True, func() { r.Pause("off") }),
				r.When(model.True, func() { r.Pause("on"); r.Set(on, model.True) }))
			r.LocalIRQRestore(on)
			r.Pause("one")
			r.LocalIRQSave(flags)
			r.If(flags.Ne(on), func() { r.AtomicAdd("log += 4", log, model.Int(4)) })
			r.Pause("two")
		}))
	}},
	{"on whose handlers are below", func(p *model.Program, c *model.CPU, log *model.Var) {
		for i := range 3 {
			c.OnIRQ(fmt.Sprint("line ", i), p.Routine(fmt.Sprint("handler ", i), func(r *model.Routine) {
				r.LocalIRQEnable()
				r.AtomicAdd("log += i", log, model.Int(i+1))
			}), 2)
		}
		c.Run(p.Routine("main", func(r *model.Routine) { r.Pause("one") }))
	}},
	{"on a device, which need not come", func(p *model.Program, c *model.CPU, log *model.Var) {
		c.OnIRQ("disk", p.Routine("handler", func(r *model.Routine) { r.AtomicAdd("log++", log, model.Int(1)) }), 1)
		c.Run(p.Routine("main", func(r *model.Routine) { r.CondLoadAcquire("log != 0", nil, log, model.False) }))
	}},
	{"on IPIs that it raises itself", func(p *model.Program, c *model.CPU, log *model.Var) {
		var lines []*model.IPI
		for i := range 2 {
			lines = append(lines, c.IPI(fmt.Sprint("line ", i), p.Routine("handler", func(r *model.Routine) {
				r.LocalIRQEnable()
				r.AtomicAdd("log += i", log, model.Int(i+1))
			})))
		}
		c.Run(p.Routine("main", func(r *model.Routine) {
			for range 3 {
				r.Choose(r.When(model.True, func() { r.RaiseIPI("raise 0", lines[0]) }),
					r.When(model.True, func() { r.RaiseIPI("raise 1", lines[1]) }))
			}
		}))
	}},
}

func TestInterruptsThatDependOnTheState(t *testing.T) {
	for _, row := range masked {
		for _, mm := range model.MemoryModels() {
			p := model.New("masked")
			log := p.Shared("log", model.UpTo(15).Mod(), model.Int(0))
			off := p.Shared("off", model.Bool, model.False)
			c := p.CPU("CPU0")
			row.build(p, c, log)
			p.CPU("CPU1").Run(p.Routine("looks", func(r *model.Routine) {
				r.Await("irqs_disabled()", c.IRQsDisabled())
				r.WriteOnce("off = 1", off, model.True)
			}))
			p.ReachedState("off", off.Eq(model.True).And(c.IRQsDisabled().IsZero()))
			want := plain.Explore(mm, p, nil, maxPlain)
			for _, o := range append(slices.Clone(uncut), explore.Options{Reduce: explore.PartialOrder}) {
				r := under(t, mm, p, o)
				dead := r.Properties[len(r.Properties)-1]
				if o.Reduce != 0 { // the verdicts only
					r.States, r.Transitions = uint64(want.States), uint64(want.Transitions)
				}
				if r.States != uint64(want.States) || r.Transitions != uint64(want.Transitions) ||
					dead.Violated != want.Deadlock || r.Claims[0].Reached != want.Reached["off"] {
					t.Errorf("%s under %v: %+v: %d states, %d transitions, deadlock %t, reached %t; plain %+v",
						row.name, mm, o, r.States, r.Transitions, dead.Violated, r.Claims[0].Reached, want)
				}
			}
		}
	}
}
