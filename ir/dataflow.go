package ir

import "ctcheck/model"

// This file finds locals that are zero whenever their CPU is between two steps, such as the result of
// a compare-and-exchange that its loop tests at once: they tell no states apart.
//
// It is a forward data-flow analysis (Kildall, A unified approach to global program optimization, POPL 1973)
// over one level's code: a slot is known to be zero where it is on every way there. A branch on a condition
// tells something about its variables. Zero means the least value of the variable's range.

// A zeroSet is the slots of a level that are surely zero; bit i is slot i.
type zeroSet uint64

// AlwaysZero is the slots of a level that are zero at every one of the given step boundaries. It knows nothing of
// levels with more than 64 slots.
func (p *Program) AlwaysZero(lv *Level, boundaries []int) []int {
	if len(lv.Locals) > 64 {
		return nil
	}
	known := map[int]zeroSet{} // before each instruction
	var todo []int
	flow := func(ip int, z zeroSet) {
		if old, seen := known[ip]; !seen || old&z != old {
			if seen {
				z &= old
			}
			known[ip] = z
			todo = append(todo, ip)
		}
	}
	for _, ip := range lv.Entries {
		flow(ip, ^zeroSet(0))
	}
	for len(todo) > 0 {
		ip := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		p.flowZeros(ip, known[ip], flow)
	}
	all := ^zeroSet(0)
	for _, ip := range boundaries {
		if z, reached := known[ip]; reached {
			all &= z
		}
	}
	var zero []int
	for i := range lv.Locals {
		if all>>i&1 != 0 {
			zero = append(zero, i)
		}
	}
	return zero
}

// flowZeros hands on what is known before an instruction to those that may follow. An access goes on with what
// happens when it takes effect, whether that is at once or later: events change no local.
func (p *Program) flowZeros(ip int, z zeroSet, flow func(ip int, z zeroSet)) {
	in := &p.Code[ip]
	switch in.Op {
	case OpHalt, OpReturn, OpFault:
		return
	case OpJump:
		flow(in.To, z)
		return
	case OpUnless:
		flow(ip+1, z|in.Cond.zeroIf(true))
		flow(in.To, z|in.Cond.zeroIf(false))
		return
	case OpChoose:
		for _, a := range in.Alts {
			flow(a.To, z|a.Guard.zeroIf(true))
		}
		return
	case OpDead:
		z |= in.Dst.bit()
	case OpAssign:
		z &^= in.Dst.bit()
		if in.Arg.IsConst() && in.Arg.K == in.Dst.Lo {
			z |= in.Dst.bit()
		}
	case OpAccess:
		z &^= in.Dst.bit() | in.Old.bit()
	}
	flow(ip+1, z)
}

// bit is the set of a local's slot; none for another variable, or none.
func (v *Var) bit() zeroSet {
	if v == nil || v.Kind != Local {
		return 0
	}
	return 1 << v.Slot
}

// zeroIf is the slots that are zero if the expression has the given truth value.
func (e *Expr) zeroIf(truth bool) zeroSet {
	switch {
	case e.Op == model.OpVar && !truth && e.Var.Lo == 0:
		return e.Var.bit()
	case e.Op == model.OpNot:
		return e.A.zeroIf(!truth)
	case e.Op == model.OpAnd && truth && e.A.IsTruth() && e.B.IsTruth(),
		e.Op == model.OpOr && !truth:
		return e.A.zeroIf(truth) | e.B.zeroIf(truth)
	}
	return 0
}
