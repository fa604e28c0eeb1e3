package cttest_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"ctcheck/cttest"
	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/report"
)

// This file has locks and interrupts: why Documentation/locking/spinlocks.rst has spin_lock_irqsave().

// driver is a driver's own code and the handler of its device, which take one spinlock; irqsave says whether the
// code masks interrupts meanwhile. A second device has a handler that enables interrupts and takes no lock, so
// the first may come on top of it.
func driver(irqsave bool) (*model.Program, *model.Monitor) {
	p := model.New("driver")
	lock := p.Shared("lock", model.Bool, model.False)
	inside := p.Ghost("inside", model.UpTo(2), model.Int(0))
	section := func(r *model.Routine) {
		was := r.Local("was", model.Bool)
		r.DoWhile(func() { r.Xchg("was = xchg(&lock, 1)", was, lock, model.True) }, was)
		r.Set(inside, inside.Add(model.Int(1)))
		r.Pause("/* critical section */")
		r.Set(inside, inside.Sub(model.Int(1)))
		r.StoreRelease("smp_store_release(&lock, 0)", lock, model.False)
	}
	cpu := p.CPU("CPU0")
	cpu.Run(p.Routine("ioctl", func(r *model.Routine) {
		flags := r.Local("flags", model.Bool)
		if irqsave {
			r.LocalIRQSave(flags)
			r.Assert(cpu.IRQsDisabled(), "interrupts are off")
		}
		section(r)
		if irqsave {
			r.LocalIRQRestore(flags)
		}
	}))
	cpu.OnIRQ("disk", p.Routine("disk_irq", section), 1)
	cpu.OnIRQ("net", p.Routine("net_irq", func(r *model.Routine) {
		r.LocalIRQEnable()
		r.Pause("/* handles packets */")
	}), 1)
	p.CPU("CPU1").Run(p.Routine("ioctl", section))
	p.ReachedState("the lock is held in a handler", model.All(inside, cpu.Interrupted()))
	return p, props.Eventually("the code ends", cpu.Done())
}

// A handler that spins for a lock which the code under it holds never ends. With interrupts off it does not come.
func TestSpinLocksNeedIRQSave(t *testing.T) {
	for _, mm := range model.MemoryModels() {
		p, ends := driver(true)
		cttest.Under(mm).Holds(t, p, ends)
		p, ends = driver(false)
		if tr := cttest.Under(mm).Violates(t, p, "the code ends", ends); tr.Loop < 0 {
			t.Errorf("%v: the handler does not spin for ever", mm)
		}
	}
}

// statistics is a count that a CPU's own code and the handler of its device each increment by a load and a store;
// masks says whether the code masks interrupts meanwhile.
func statistics(masks bool) (*model.Program, *model.Monitor) {
	p := model.New("statistics")
	packets := p.Shared("packets", model.UpTo(2), model.Int(0))
	count := func(r *model.Routine) {
		n := r.LocalOf("n", packets)
		r.ReadOnce("n = READ_ONCE(packets)", n, packets)
		r.WriteOnce("WRITE_ONCE(packets, n + 1)", packets, n.Add(model.Int(1)))
	}
	code := func(r *model.Routine) {
		flags := r.Local("flags", model.Bool)
		if masks {
			r.LocalIRQSave(flags)
		}
		count(r)
		if masks {
			r.LocalIRQRestore(flags)
		}
	}
	c := p.CPU("CPU0")
	net := c.IPI("net", p.Routine("net_irq", count))
	p.CPU("card").Run(p.Routine("receive", func(r *model.Routine) { r.RaiseIPI("/* raises its line */", net) }))
	c.Run(p.Routine("send", code))
	return p, props.AtEnd("no packet is lost", packets.Eq(model.Int(2)))
}

// A lost update: the handler comes between the load and the store. With local_irq_save() around them it cannot.
func Example_interrupts() {
	for _, masks := range []bool{true, false} {
		p, lost := statistics(masks)
		r, err := explore.Run(context.Background(), p, []*model.Monitor{lost}, explore.Options{})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("masks:", masks, r.Verdict)
		for _, pr := range r.Properties {
			if pr.Violated {
				report.TraceText(os.Stdout, p, pr.Trace)
			}
		}
	}
	// Output:
	// masks: true HOLDS
	// masks: false VIOLATED
	//     CPU0                        card
	//     /* packets = 0 */
	//   1                               /* raises its line */
	//     send():
	//   2   n = READ_ONCE(packets)
	//         n = 0
	//   3 +-- IPI: net
	//     | net_irq():
	//   4 |   n = READ_ONCE(packets)
	//     |     n = 0
	//   5 |   WRITE_ONCE(packets, n + 1)
	//     |     packets: 0 -> 1
	//     +--
	//   6   WRITE_ONCE(packets, n + 1)
	//
	// => The claim "no packet is lost" does not hold here.
}
