package cttest_test

import (
	"slices"
	"testing"

	"ctcheck/cttest"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/trace"
)

// This file has RCU's view of a CPU that leaves the idle loop (kernel/context_tracking.c, and the look of a grace
// period at it, kernel/rcu/tree.c), as far as it rests on what an interrupt does to the store buffer. The kernel
// itself makes the counter odd by an atomic operation, and so rests on less.

// dynticks is a CPU that leaves RCU's extended quiescent state and enters it again, with an interrupt in between,
// and an updater that frees what it has unlinked when the CPU is seen in that state, or to have been there since.
// While the counter is odd RCU watches the CPU. It becomes odd by a plain store and a barrier before the CPU itself
// reads, so only a handler that comes between can be wrong: it finds the counter odd, and leaves it alone. With
// unwatched a handler that finds it even leaves it alone, too.
func dynticks(byNMI, unwatched bool) (*model.Program, *model.Monitor) {
	p := model.New("dynticks")
	count := p.Shared("dynticks", model.UpTo(7).Mod(), model.Int(0))
	gone := p.Shared("ptr is NULL", model.Bool, model.False)
	reads := p.Ghost("a handler reads", model.Bool, model.False)
	freed := p.Ghost("freed", model.Bool, model.False)
	handler := p.Routine("handler", func(r *model.Routine) {
		n, none := r.LocalOf("n", count), r.Local("p", model.Bool)
		r.ReadOnce("n = READ_ONCE(dynticks)", n, count)
		idle := n.Lacks(model.Int(1))
		if unwatched {
			idle = model.Of(model.False)
		}
		r.If(idle, func() { r.AtomicAddReturn("atomic_inc_return(&dynticks)", nil, count, model.Int(1)) })
		r.ReadOnce("p = rcu_dereference(ptr)", none, gone)
		r.If(none.IsZero(), func() {
			r.Set(reads, model.True)
			r.Pause("/* reads *p */")
			r.Set(reads, model.False)
		})
		r.If(idle, func() { r.AtomicAddReturn("atomic_inc_return(&dynticks)", nil, count, model.Int(1)) })
	})
	cpu := p.CPU("CPU0")
	cpu.Run(p.Routine("leaves the idle loop", func(r *model.Routine) {
		r.WriteOnce("WRITE_ONCE(dynticks, 1)", count, model.Int(1))
		r.SmpMb()
		r.Pause("/* the CPU's own readers */")
		r.SmpMb()
		r.WriteOnce("WRITE_ONCE(dynticks, 2)", count, model.Int(2))
	}))
	if byNMI {
		cpu.OnNMI(handler, 1, 1)
	} else {
		cpu.OnIRQ("irq", handler, 1)
	}
	p.CPU("updater").Run(p.Routine("synchronize_rcu", func(r *model.Routine) {
		n := r.LocalOf("n", count)
		r.WriteOnce("WRITE_ONCE(ptr, NULL)", gone, model.True)
		r.SmpMb()
		r.ReadOnce("n = READ_ONCE(dynticks)", n, count)
		r.If(n.Has(model.Int(1)), func() {
			since := r.LocalOf("since", count)
			r.CondLoadAcquire("dynticks != n", since, count, since.Ne(n))
		})
		r.Set(freed, model.True)
	}))
	p.ReachedState("a handler reads", reads)
	p.ReachedState("freed", freed)
	return p, props.Never("freed while a handler reads", reads.And(freed))
}

// It rests on it that an interrupt empties the store buffer: without, the handler sees by store forwarding that RCU
// watches, while the updater still reads from memory that it does not.
func TestRCURestsOnDrainingInterrupts(t *testing.T) {
	for _, byNMI := range []bool{false, true} {
		p, early := dynticks(byNMI, false)
		for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
			cttest.Under(mm).Holds(t, p, early)
		}
		tr := cttest.Under(model.TSOLazy).Violates(t, p, "freed while a handler reads", early)
		if !slices.ContainsFunc(tr.Steps, func(s trace.Step) bool { return s.Transition.Kind.Pushes() }) {
			t.Error("the run has no interrupt")
		}
		for _, mm := range model.MemoryModels() {
			p, early := dynticks(byNMI, true)
			cttest.Under(mm).Violates(t, p, "freed while a handler reads", early)
		}
	}
}
