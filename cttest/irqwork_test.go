package cttest_test

import (
	"testing"

	"ctcheck/cttest"
	"ctcheck/model"
)

// irqWork is kernel/irq_work.c: works on a lockless list (include/linux/llist.h), queued by another CPU and by an
// NMI, and run by an interrupt, which is raised where the list was empty. A work that is pending is not queued
// again. With busy the claim looks at the wrong flag: one that runs is not queued again either, and what it did not
// see is lost.
func irqWork(busy bool) (*model.Program, *model.Monitor) {
	p := model.New("irq-work")
	const pending, running = model.Int(1), model.Int(2)
	work := p.Struct("work", 2)
	next := work.Field("next", work.Pointer(), model.Null)
	flags := work.Field("flags", model.Bits(2), model.Int(0))
	first := p.Shared("list.first", work.Pointer(), model.Null)
	todo := p.GhostArray("todo", 2, model.Bool, model.False) // what the work has not looked at yet
	taken := pending
	if busy {
		taken = running
	}
	run := p.Routine("irq_work_run_list", func(r *model.Routine) {
		w, after := r.Local("work", work.Pointer()), r.Local("next", work.Pointer())
		f, found := r.Local("flags", model.Bits(2)), r.Local("found", model.Bits(2))
		r.Xchg("work = xchg(&list->first, NULL)", w, first, model.Null)
		r.While(w.Ne(model.Null), func() {
			r.ReadOnce("next = work->next", after, next.Of(w))
			r.AtomicRead("flags = atomic_read(&work->flags)", f, flags.Of(w))
			r.AtomicSet("atomic_set(&work->flags, flags & ~PENDING)", flags.Of(w), f.AndNot(pending))
			r.SmpMb()
			r.Pause("work->func(work)")
			r.Set(todo.At(w.Sub(model.Int(1))), model.False)
			r.Cmpxchg("atomic_cmpxchg(&work->flags, flags, flags & ~BUSY)", found, flags.Of(w), f.AndNot(pending),
				f.AndNot(pending).AndNot(running))
			r.Set(w, after)
		})
	})
	cpu0, cpu1 := p.CPU("CPU0"), p.CPU("CPU1")
	irq := cpu0.IPI("IRQ_WORK", run)
	queue := p.Routine("irq_work_queue", func(r *model.Routine) {
		w := r.Param("work", work.Pointer())
		f, head, ok := r.Local("oflags", model.Bits(2)), r.Local("first", work.Pointer()), r.Local("ok", model.Bool)
		r.Pause("/* there is something to do */")
		r.Set(todo.At(w.Sub(model.Int(1))), model.True)
		r.AtomicFetchOr("oflags = atomic_fetch_or(CLAIMED, &work->flags)", f, flags.Of(w), model.Int(3))
		r.If(f.Has(taken), func() { r.Return(nil) })
		r.ReadOnce("first = READ_ONCE(head->first)", head, first)
		r.DoWhile(func() {
			r.WriteOnce("new->next = first", next.Of(w), head)
			r.TryCmpxchg("try_cmpxchg(&head->first, &first, new)", ok, first, head, w)
		}, ok.IsZero())
		r.If(head.Eq(model.Null), func() { r.RaiseIPI("arch_irq_work_raise()", irq) })
	})
	cpu1.Run(p.Routine("driver", func(r *model.Routine) {
		r.Call(queue, nil, work.Address(model.Int(0)))
		r.Call(queue, nil, work.Address(model.Int(0)))
	}))
	cpu0.Run(p.Routine("task", func(r *model.Routine) { r.Pause("/* anything */") }))
	cpu0.OnNMI(p.Routine("nmi_handler", func(r *model.Routine) {
		r.Call(queue, nil, work.Address(model.Int(1)))
	}), 1, 1)
	p.ReachedState("both works are on the list", model.All(todo.Vars[0], todo.Vars[1], first.Ne(model.Null)))
	lost := model.Any(todo.Vars[0], todo.Vars[1])
	return p, &model.Monitor{Name: "no lost work", AtEnd: lost.IsZero()}
}

func TestIRQWork(t *testing.T) {
	for _, mm := range model.MemoryModels() {
		p, served := irqWork(false)
		cttest.Under(mm).Holds(t, p, served)
		p, served = irqWork(true)
		cttest.Under(mm).Violates(t, p, "no lost work", served)
	}
}
