package machine

import "ctcheck/model"

// This file finds locals that are zero whenever their CPU is between two steps, such as the result of
// a compare-and-exchange that its loop tests at once: they need no bits in the packed state.
//
// It is a forward data-flow analysis (Kildall, POPL 1973) over one level's code: a slot is known to be
// zero where it is on every way there. A branch on a condition tells something about its variables.

// zeroSet is the slots of a level's stack that are surely zero; bit i is slot locals[i].
type zeroSet uint64

// alwaysZero is the slots, as indices into lv.locals, that are zero at every step boundary.
func (m *Machine) alwaysZero(lv *level) []int {
	if len(lv.locals) > 64 {
		return nil
	}
	index := map[int]zeroSet{}
	for i, s := range lv.locals {
		index[s] = 1 << i
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
	for _, ip := range lv.starts {
		flow(ip, ^zeroSet(0))
	}
	for len(todo) > 0 {
		ip := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		in, z := &m.code[ip], known[ip]
		switch in.op {
		case iHalt, iPop, iStored:
			continue
		case iJump:
			flow(in.to, z)
			continue
		case iUnless:
			flow(ip+1, z|in.cond.zeroIf(true, index))
			flow(in.to, z|in.cond.zeroIf(false, index))
			continue
		case iChoose:
			for _, a := range in.alts {
				flow(a.to, z|a.guard.zeroIf(true, index))
			}
			continue
		case iZero:
			z |= index[in.dst.slot]
		case iAssign:
			z &^= index[in.dst.slot]
			if in.arg.op == model.OpConst && in.arg.k == in.dst.lo {
				z |= index[in.dst.slot]
			}
		case iAccess:
			for _, l := range []*loc{in.dst, in.old} {
				if l != nil {
					z &^= index[l.slot]
				}
			}
		}
		flow(ip+1, z)
	}
	all := ^zeroSet(0)
	for _, pt := range lv.points {
		if z, reached := known[pt.ip]; reached {
			all &= z
		}
	}
	var zero []int
	for i := range lv.locals {
		if all>>i&1 != 0 {
			zero = append(zero, i)
		}
	}
	return zero
}

// zeroIf is the slots that are zero if the expression has the given truth value.
func (e *expr) zeroIf(truth bool, index map[int]zeroSet) zeroSet {
	switch {
	case e.op == model.OpVar && !truth && e.l.lo == 0:
		return index[e.l.slot]
	case e.op == model.OpNot:
		return e.a.zeroIf(!truth, index)
	case e.op == model.OpAnd && truth && e.a.isTruth() && e.b.isTruth(),
		e.op == model.OpOr && !truth:
		return e.a.zeroIf(truth, index) | e.b.zeroIf(truth, index)
	}
	return 0
}

// isTruth reports whether the expression is 0 or 1, so that & is "and".
func (e *expr) isTruth() bool {
	switch e.op {
	case model.OpEq, model.OpNe, model.OpLt, model.OpLe, model.OpHas, model.OpLacks, model.OpNot,
		model.OpDone, model.OpFrame, model.OpHandler:
		return true
	case model.OpVar:
		return e.l.lo == 0 && e.l.hi == 1
	case model.OpAnd, model.OpOr:
		return e.a.isTruth() && e.b.isTruth()
	}
	return false
}
