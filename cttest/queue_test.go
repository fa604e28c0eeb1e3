package cttest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ctcheck/cttest"
	"ctcheck/internal/plain"
	"ctcheck/model"
	"ctcheck/props"
)

// This file has what is made of objects that point to each other, and of arrays: a lock with a queue, a list
// without a lock, per-CPU variables, and litmus tests with addresses.

// mcs is the lock of kernel/locking/mcs_spinlock.h, which each of n CPUs takes and releases once. With hasty a
// CPU that has no successor yet does not wait for one that is about to be.
func mcs(n int, hasty bool) (*model.Program, []*model.Monitor) {
	p := model.New("mcs_spinlock")
	node := p.Struct("node", n)
	next := node.Field("next", node.Pointer(), model.Null)
	locked := node.Field("locked", model.Bool, model.False)
	lock := p.Shared("lock", node.Pointer(), model.Null)
	inside := p.Ghost("CPUs inside", model.UpTo(int64(n)), model.Int(0))

	acquire := p.Routine("mcs_spin_lock", func(r *model.Routine) {
		me := r.Param("me", model.UpTo(int64(n-1)))
		prev, val := r.Local("prev", node.Pointer()), r.Local("VAL", model.Bool)
		r.WritePlain("node->locked = 0", locked.At(me), model.False)
		r.WritePlain("node->next = NULL", next.At(me), model.Null)
		r.Xchg("prev = xchg(lock, node)", prev, lock, node.Address(me))
		r.If(prev.Eq(model.Null), func() { r.Return(nil) })
		r.WriteOnce("WRITE_ONCE(prev->next, node)", next.Of(prev), node.Address(me))
		r.CondLoadAcquire("smp_cond_load_acquire(&node->locked, VAL)", val, locked.At(me), val)
	})
	release := p.Routine("mcs_spin_unlock", func(r *model.Routine) {
		me := r.Param("me", model.UpTo(int64(n-1)))
		succ, was := r.Local("next", node.Pointer()), r.Local("was", node.Pointer())
		r.ReadOnce("next = READ_ONCE(node->next)", succ, next.At(me))
		r.If(succ.IsZero(), func() {
			r.Cmpxchg("cmpxchg_release(lock, node, NULL)", was, lock, node.Address(me), model.Null, model.Release)
			r.If(was.Eq(node.Address(me)), func() { r.Return(nil) })
			if !hasty {
				r.DoWhile(func() { r.ReadOnce("next = READ_ONCE(node->next)", succ, next.At(me)) }, succ.IsZero())
			}
		})
		r.StoreRelease("smp_store_release(&next->locked, 1)", locked.Of(succ), model.True)
	})
	for i := range n {
		p.CPU(fmt.Sprint("CPU", i)).Run(p.Routine(fmt.Sprint("worker", i), func(r *model.Routine) {
			r.Call(acquire, nil, model.Int(i))
			r.Set(inside, inside.Add(model.Int(1)))
			r.Pause("/* critical section */")
			r.Set(inside, inside.Sub(model.Int(1)))
			r.Call(release, nil, model.Int(i))
		}))
	}
	p.ReachedState("a CPU waits for another", next.Vars[0].NonZero())
	return p, []*model.Monitor{props.Always("mutual exclusion", inside.Le(model.Int(1))),
		{Name: "no-data-race", NoDataRace: true}}
}

// llist is include/linux/llist.h: two CPUs each add one entry, and a third takes all and counts them.
func llist() (p *model.Program, found *model.Var) {
	p = model.New("llist")
	entry := p.Struct("entry", 2)
	next := entry.Field("next", entry.Pointer(), model.Null)
	first := p.Shared("head->first", entry.Pointer(), model.Null)
	found = p.Ghost("found", model.UpTo(2), model.Int(0))
	for i := range 2 {
		p.CPU(fmt.Sprint("CPU", i)).Run(p.Routine(fmt.Sprint("llist_add ", i), func(r *model.Routine) {
			old, ok := r.Local("first", entry.Pointer()), r.Local("ok", model.Bool)
			r.ReadOnce("first = READ_ONCE(head->first)", old, first)
			r.DoWhile(func() {
				r.WriteOnce("WRITE_ONCE(new->next, first)", next.At(model.Int(i)), old)
				r.TryCmpxchg("try_cmpxchg(&head->first, &first, new)", ok, first, old, entry.Address(model.Int(i)))
			}, ok.IsZero())
		}))
	}
	p.CPU("CPU2").Run(p.Routine("llist_del_all", func(r *model.Routine) {
		pos := r.Local("pos", entry.Pointer())
		r.Xchg("pos = xchg(&head->first, NULL)", pos, first, model.Null)
		r.While(pos, func() {
			r.Set(found, found.Add(model.Int(1)))
			r.ReadOnce("pos = READ_ONCE(pos->next)", pos, next.Of(pos))
		})
	}))
	return p, found
}

// perCPU is a count for each CPU, to which each adds; the last CPU adds up what it finds.
func perCPU() (p *model.Program, sum *model.Var) {
	p = model.New("percpu_counter")
	for i := range 3 {
		p.CPU(fmt.Sprint("CPU", i))
	}
	counters := p.PerCPU("counters", model.UpTo(1), model.Int(0))
	sum = p.Ghost("sum", model.UpTo(3), model.Int(0))
	add := p.Routine("this_cpu_inc", func(r *model.Routine) {
		r.AtomicAdd("this_cpu_inc(counters)", counters.At(r.Param("cpu", model.UpTo(2))), model.Int(1))
	})
	for i, c := range p.CPUs {
		c.Run(p.Routine(fmt.Sprint("worker", i), func(r *model.Routine) {
			r.Call(add, nil, model.Int(c.Index))
			if i < 2 {
				return
			}
			cpu, x := r.Local("cpu", model.UpTo(3)), r.Local("x", model.UpTo(1))
			r.While(cpu.Lt(model.Int(3)), func() {
				r.ReadOnce("x = READ_ONCE(per_cpu(counters, cpu))", x, counters.At(cpu))
				r.Set(sum, sum.Add(x))
				r.Set(cpu, cpu.Add(model.Int(1)))
			})
		}))
	}
	return p, sum
}

// sameAsPlain holds what a search counts against the plain explorer.
func sameAsPlain(t *testing.T, mm model.MemoryModel, p *model.Program, ms ...*model.Monitor) {
	t.Helper()
	slow, fast := plain.Explore(mm, p, ms, 100_000), cttest.Under(mm).Check(t, p, ms...)
	if slow.Err != nil || slow.Truncated || slow.States != int(fast.States) ||
		slow.Transitions != int(fast.Transitions) {
		t.Errorf("%s under %v: %d states, %d transitions; plain: %d and %d, error %v", p.Name, mm, fast.States,
			fast.Transitions, slow.States, slow.Transitions, slow.Err)
	}
}

// The lock excludes, and plain initialisation of a node that nobody else knows is no data race.
func TestMCSLock(t *testing.T) {
	for _, mm := range model.MemoryModels() {
		for n := 2; n <= 3; n++ {
			p, ms := mcs(n, false)
			cttest.Under(mm).Holds(t, p, ms...)
			if n == 2 {
				sameAsPlain(t, mm, p, ms...)
			}
		}
	}
}

// Without the wait the successor may be NULL where it is dereferenced. That is a fault of the program, with the
// run.
func TestNullDereference(t *testing.T) {
	p, ms := mcs(2, true)
	for _, mm := range model.MemoryModels() {
		said := says(func(t testing.TB) { cttest.Under(mm).Holds(t, p, ms...) })
		has(t, said, `at "smp_store_release(&next->locked, 1)" (`, "queue_test.go:",
			"next->locked: NULL is dereferenced", "a fault of the program, in ", "(a shortest run)",
			"prev = &node[", "lock: NULL -> &node[0]")
		if r := plain.Explore(mm, p, ms, 100_000); r.Err == nil {
			t.Errorf("plain finds no fault under %v", mm)
		}
	}
}

// Every entry is found at most once, and none is lost.
func TestLlist(t *testing.T) {
	for _, mm := range model.MemoryModels() {
		p, found := llist()
		sameAsPlain(t, mm, p)
		got := cttest.Under(mm).Finals(t, p, found)
		if want := []string{"found=0", "found=1", "found=2"}; !slices.Equal(got, want) {
			t.Errorf("%v: %v, want %v", mm, got, want)
		}
		for _, f := range cttest.Under(mm).Finals(t, p, p.Vars[2], found) {
			if strings.Contains(f, "found=2") != strings.Contains(f, "NULL") {
				t.Errorf("%v: %s; what was found is gone from the list", mm, f)
			}
		}
	}
}

func TestPerCPU(t *testing.T) {
	for _, mm := range model.MemoryModels() {
		p, sum := perCPU()
		sameAsPlain(t, mm, p)
		if got := cttest.Under(mm).Finals(t, p, sum); !slices.Equal(got, []string{"sum=1", "sum=2", "sum=3"}) {
			t.Errorf("%v: %v", mm, got)
		}
	}
}

// Message passing by an address, as in the litmus tests of the kernel (MP+onceassign+derefonce in
// tools/memory-model/litmus-tests), by way of a table of addresses. A variable may hold a number or an address.
func TestLitmusWithAddresses(t *testing.T) {
	p := model.New("MP+onceassign+derefonce")
	addr := p.Addresses(model.UpTo(1), "x", "y", "p")
	p.Shared("x", model.UpTo(1), model.Int(0))
	y := p.Shared("y", addr.Range(), model.Int(0))
	ptr := p.Shared("p", addr.Range(), addr.Of("y"))
	table := p.Array("table", 2, addr.Range(), addr.Of("p"))
	r0 := p.Ghost("r0", addr.Range(), model.Int(0))
	r1 := p.Ghost("r1", addr.Range(), model.Int(0))
	p.CPU("P0").Run(p.Routine("P0", func(r *model.Routine) {
		r.WriteOnce("WRITE_ONCE(*x, 1)", p.Vars[0], model.Int(1))
		r.StoreRelease("smp_store_release(p, x)", ptr, addr.Of("x"))
	}))
	p.CPU("P1").Run(p.Routine("P1", func(r *model.Routine) {
		i := r.Local("i", model.Bool)
		l := []*model.Var{r.Local("l", addr.Range()), r.Local("r0", addr.Range()), r.Local("r1", addr.Range())}
		r.Pause("/* begins */")
		r.Set(i, model.True)
		r.ReadOnce("l = READ_ONCE(table[i])", l[0], table.At(i))
		r.ReadOnce("r0 = READ_ONCE(*l)", l[1], addr.Deref(l[0]))
		r.ReadOnce("r1 = READ_ONCE(*r0)", l[2], addr.Deref(l[1]))
		r.Set(r0, l[1])
		r.Set(r1, l[2])
	}))
	for _, mm := range model.MemoryModels() {
		sameAsPlain(t, mm, p)
		got := cttest.Under(mm).Finals(t, p, y, r0, r1)
		if want := []string{"y=0 r0=&x r1=1", "y=0 r0=&y r1=0"}; !slices.Equal(got, want) {
			t.Errorf("%v: %v, want %v", mm, got, want)
		}
	}
}
