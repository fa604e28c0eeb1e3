package model_test

import (
	"fmt"

	"ctcheck/model"
)

// What a lock with a queue begins with, as in kernel/locking/mcs_spinlock.h: the nodes point to each other.
func ExampleProgram_Struct() {
	p := model.New("mcs_spin_lock")
	node := p.Struct("node", 2)
	next := node.Field("next", node.Pointer(), model.Null)
	locked := node.Field("locked", model.Bool, model.False)
	tail := p.Shared("tail", node.Pointer(), model.Null)

	lock := p.Routine("mcs_spin_lock", func(r *model.Routine) {
		me := r.Param("me", model.UpTo(1))
		prev, l := r.Local("prev", node.Pointer()), r.Local("l", model.Bool)
		r.Xchg("prev = xchg(&tail, &node[me])", prev, tail, node.Address(me))
		r.If(prev.Eq(model.Null), func() { r.Return(nil) })
		r.WriteOnce("WRITE_ONCE(prev->next, &node[me])", next.Of(prev), node.Address(me))
		r.CondLoadAcquire("smp_cond_load_acquire(&node[me].locked, VAL)", l, locked.At(me), l)
	})
	for _, s := range lock.Body {
		switch {
		case s.Kind == model.StmtIf:
			fmt.Printf("if (%s)\n", s.Cond)
		case s.At != nil:
			fmt.Printf("%s: to %s, which may be", s.Label, s.At)
			for _, v := range s.Targets() {
				fmt.Print(" ", v.Name)
			}
			fmt.Println()
		default:
			fmt.Printf("%s: to %s\n", s.Label, s.Var.Name)
		}
	}
	for x := range int64(3) {
		fmt.Print(tail.Format(x), " ")
	}
	// Output:
	// prev = xchg(&tail, &node[me]): to tail
	// if (prev == NULL)
	// WRITE_ONCE(prev->next, &node[me]): to prev->next, which may be node[0].next node[1].next
	// smp_cond_load_acquire(&node[me].locked, VAL): to node[me].locked, which may be node[0].locked node[1].locked
	// NULL &node[0] &node[1]
}

// Variables that hold addresses of others, of which each has its own range.
func ExampleProgram_Addresses() {
	p := model.New("MP+addr")
	addr := p.Addresses(model.UpTo(2), "x", "y")
	p.Shared("x", model.UpTo(2), model.Int(0))
	p.Shared("y", model.Bool, model.False)
	ptr := p.Shared("ptr", addr.Range(), addr.Of("x"))
	p.Routine("P1", func(r *model.Routine) {
		r0, r1 := r.LocalOf("r0", ptr), r.Local("r1", addr.Range())
		r.ReadOnce("r0 = READ_ONCE(ptr)", r0, ptr)
		r.If(r0.Ne(addr.Of("x")), func() { r.ReadOnce("r1 = READ_ONCE(*r0)", r1, addr.Deref(r0)) })
		fmt.Println("if", r.Body[1].Cond, "to", r.Body[1].Body[0].At)
	})
	for x := range int64(5) {
		fmt.Print(ptr.Format(x), " ")
	}
	// Output:
	// if r0 != &x to *r0
	// 0 1 2 &x &y
}
