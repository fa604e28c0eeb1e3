package cttest_test

import (
	"testing"

	"ctcheck/cttest"
	"ctcheck/model"
	"ctcheck/props"
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
