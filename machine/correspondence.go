package machine

import (
	"slices"

	"ctcheck/model"
)

// This file compares places and expressions for an automorphism (automorphism.go), and keeps what was found to go
// where.

// loc reports whether a goes to b, and binds them where neither is bound.
func (x *matching) loc(a, b *loc) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.lo != b.lo || a.hi != b.hi || a.mod != b.mod || a.mask != b.mask ||
		(a.word < x.m.words) != (b.word < x.m.words) {
		return false
	}
	to, bound := x.slots[a.slot]
	back, hit := x.slots[b.slot]
	if bound || hit {
		return bound && hit && to == b.slot && back == a.slot
	}
	x.slots[a.slot], x.slots[b.slot] = b.slot, a.slot
	x.place[a.slot], x.place[b.slot] = a, b
	x.trail = append(x.trail, a.slot)
	return true
}

// undo takes back what was bound since the trail had the given length.
func (x *matching) undo(length int) {
	for _, s := range x.trail[length:] {
		delete(x.slots, x.slots[s])
		delete(x.slots, s)
	}
	x.trail = x.trail[:length]
}

// try undoes what f bound if f fails.
func (x *matching) try(f func() bool) bool {
	mark := len(x.trail)
	if f() {
		return true
	}
	x.undo(mark)
	return false
}

// expr reports whether a goes to b.
func (x *matching) expr(a, b *expr) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.op != b.op {
		return false
	}
	switch a.op {
	case model.OpConst:
		return a.k == b.k
	case model.OpVar:
		return x.loc(a.l, b.l)
	case model.OpDone, model.OpFrame, model.OpHandler, model.OpIRQsOff:
		return x.cpu[a.cpu.Index] == b.cpu.Index && a.frames == b.frames
	case model.OpAnd, model.OpOr, model.OpXor, model.OpAdd:
		return x.sameSet(a.operands(a.op, nil), b.operands(b.op, nil))
	case model.OpEq, model.OpNe, model.OpHas, model.OpLacks:
		return x.sameSet([]*expr{a.a, a.b}, []*expr{b.a, b.b})
	}
	return x.expr(a.a, b.a) && x.expr(a.b, b.b)
}

// operands is what an associative operator combines, however it is bracketed.
func (e *expr) operands(op model.ExprOp, list []*expr) []*expr {
	if e.op != op {
		return append(list, e)
	}
	return e.b.operands(op, e.a.operands(op, list))
}

// sameSet reports whether the expressions go to each other in some order.
func (x *matching) sameSet(as, bs []*expr) bool {
	if len(as) != len(bs) {
		return false
	}
	left := slices.Clone(bs)
	for _, a := range as {
		i := slices.IndexFunc(left, func(b *expr) bool {
			return x.try(func() bool { return x.expr(a, b) })
		})
		if i < 0 {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return true
}
