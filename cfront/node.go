package cfront

import (
	"math"
	"math/bits"

	"ctcheck/model"
)

// This file makes expressions of the vocabulary: constants are folded, and of each it can be said between which
// values it is.

func num(k int64) *model.Node { return model.Int(k).Node() }

// isNum reports whether an expression is that number.
func isNum(n *model.Node, k int64) bool { return n.Op == model.OpConst && n.K == k }

func bin(op model.ExprOp, a, b *model.Node) *model.Node {
	if a.Op == model.OpConst && b.Op == model.OpConst {
		return num(op.Apply(a.K, b.K))
	}
	switch op {
	case model.OpAdd, model.OpSub, model.OpOr, model.OpXor, model.OpShl, model.OpShr:
		if isNum(b, 0) {
			return a
		}
		if isNum(a, 0) && op != model.OpSub && op != model.OpShl && op != model.OpShr {
			return b
		}
		if op == model.OpAdd && b.Op == model.OpConst && a.Op == model.OpAdd && a.B.Op == model.OpConst {
			return bin(op, a.A, num(a.B.K+b.K))
		}
	case model.OpMul, model.OpDiv:
		if isNum(b, 1) {
			return a
		}
		if isNum(a, 1) && op == model.OpMul {
			return b
		}
	case model.OpAnd:
		if isNum(a, 0) || isNum(b, 0) {
			return num(0)
		}
	}
	n := &model.Node{Op: op, A: a, B: b}
	if b := boundsOf(n); b.lo == b.hi {
		return num(b.lo)
	}
	return n
}

func not(a *model.Node) *model.Node {
	switch a.Op {
	case model.OpConst:
		return num(model.Truth(a.K == 0))
	case model.OpEq:
		return bin(model.OpNe, a.A, a.B)
	case model.OpNe:
		return bin(model.OpEq, a.A, a.B)
	case model.OpNot:
		if isTruth(a.A) {
			return a.A
		}
	}
	return &model.Node{Op: model.OpNot, A: a}
}

func equal(a *model.Node, k int64) *model.Node { return bin(model.OpEq, a, num(k)) }

// isTruth reports whether an expression is 0 or 1.
func isTruth(n *model.Node) bool {
	b := boundsOf(n)
	return b.lo >= 0 && b.hi <= 1
}

// truth is whether an expression is not 0, as 0 or 1.
func truth(n *model.Node) *model.Node {
	if isTruth(n) {
		return n
	}
	return bin(model.OpNe, n, num(0))
}

// both and either are of truth values.
func both(a, b *model.Node) *model.Node {
	switch {
	case isNum(a, 1):
		return b
	case isNum(b, 1):
		return a
	}
	return bin(model.OpAnd, a, b)
}

func either(a, b *model.Node) *model.Node {
	switch {
	case isNum(a, 1), isNum(b, 1):
		return num(1)
	}
	return bin(model.OpOr, a, b)
}

// anyOf is whether an expression is one of some numbers.
func anyOf(n *model.Node, ks []int64) *model.Node {
	sum := num(0)
	for _, k := range ks {
		sum = either(sum, equal(n, k))
	}
	return sum
}

// bounds is the least and the greatest value that an expression may have, as far as that is seen.
type bounds struct{ lo, hi int64 }

var unbounded = bounds{math.MinInt64, math.MaxInt64}

func (b bounds) within(lo, hi int64) bool { return b.lo >= lo && b.hi <= hi }

// join is the bounds of what is one of two.
func (b bounds) join(o bounds) bounds { return bounds{min(b.lo, o.lo), max(b.hi, o.hi)} }

func boundsOf(n *model.Node) bounds {
	switch n.Op {
	case model.OpConst:
		return bounds{n.K, n.K}
	case model.OpVar:
		return bounds{n.Var.Lo, n.Var.Hi}
	case model.OpEq, model.OpNe, model.OpLt, model.OpLe, model.OpHas, model.OpLacks, model.OpNot, model.OpDone,
		model.OpFrame, model.OpHandler, model.OpIRQsOff, model.OpPending:
		return bounds{0, 1}
	case model.OpElement:
		b := bounds{n.Table.Vars[0].Lo, n.Table.Vars[0].Hi}
		for _, v := range n.Table.Vars {
			b = b.join(bounds{v.Lo, v.Hi})
		}
		return b
	}
	if n.A == nil || n.B == nil {
		return unbounded
	}
	return combine(n.Op, boundsOf(n.A), boundsOf(n.B))
}

// combine is the bounds of an operator's result.
func combine(op model.ExprOp, a, b bounds) bounds {
	switch op {
	case model.OpAnd:
		switch {
		case a.lo >= 0 && b.lo >= 0:
			return bounds{0, min(a.hi, b.hi)}
		case a.lo >= 0:
			return bounds{0, a.hi}
		case b.lo >= 0:
			return bounds{0, b.hi}
		}
		return patterns(a, b)
	case model.OpAndNot:
		if a.lo >= 0 {
			return bounds{0, a.hi}
		}
		return patterns(a, b)
	case model.OpOr, model.OpXor:
		return patterns(a, b)
	case model.OpAdd:
		return hull(a, b, func(x, y int64) (int64, bool) { return x + y, (x+y > x) == (y > 0) || y == 0 })
	case model.OpSub:
		return hull(a, b, func(x, y int64) (int64, bool) { return x - y, (x-y < x) == (y > 0) || y == 0 })
	case model.OpMul:
		return hull(a, b, func(x, y int64) (int64, bool) {
			p := x * y
			return p, x == 0 || p/x == y && !(x == -1 && y == math.MinInt64)
		})
	case model.OpDiv:
		if a.lo >= 0 && b.lo > 0 {
			return bounds{a.lo / b.hi, a.hi / b.lo}
		}
		if a.lo > math.MinInt64 {
			most := max(a.hi, -a.lo)
			return bounds{-most, most}.atLeast(a.lo >= 0 && b.lo >= 0)
		}
	case model.OpRem:
		if b.lo > math.MinInt64 {
			most := max(b.hi, -b.lo, 1) - 1
			return bounds{-most, most}.atLeast(a.lo >= 0)
		}
	case model.OpShl:
		if b.within(0, 62) && a.lo >= 0 && bits.Len64(uint64(a.hi))+int(b.hi) <= 62 {
			return bounds{0, a.hi << b.hi}
		}
	case model.OpShr:
		if a.lo >= 0 && b.within(0, 63) {
			return bounds{a.lo >> b.hi, a.hi >> b.lo}
		}
		return bounds{min(a.lo, -1), max(a.hi, 0)}
	}
	return unbounded
}

// atLeast cuts what is below 0 if that is known not to be.
func (b bounds) atLeast(zero bool) bounds {
	if zero {
		b.lo = 0
	}
	return b
}

// patterns is the bounds of any pattern of the bits that two have.
func patterns(a, b bounds) bounds {
	n := 0
	for _, x := range []int64{a.lo, a.hi, b.lo, b.hi} {
		n = max(n, bits.Len64(uint64(x^x>>63)))
	}
	if n >= 63 {
		return unbounded
	}
	return bounds{-1 << n, 1<<n - 1}.atLeast(a.lo >= 0 && b.lo >= 0)
}

// hull is the bounds of an operator that is greatest and least at the ends.
func hull(a, b bounds, op func(x, y int64) (int64, bool)) bounds {
	out := bounds{math.MaxInt64, math.MinInt64}
	for _, x := range []int64{a.lo, a.hi} {
		for _, y := range []int64{b.lo, b.hi} {
			z, fits := op(x, y)
			if !fits {
				return unbounded
			}
			out = out.join(bounds{z, z})
		}
	}
	return out
}

// grows reports whether an expression may be more than what is in it, as a sum is: its bounds say nothing of where
// repeating it ends. What is brought below a constant, or is a truth value, does not.
func grows(n *model.Node) bool {
	switch n.Op {
	case model.OpAdd, model.OpSub, model.OpMul, model.OpShl:
		return true
	case model.OpAnd, model.OpRem:
		if n.B.Op == model.OpConst && n.B.K >= 0 {
			return false
		}
	case model.OpEq, model.OpNe, model.OpLt, model.OpLe, model.OpHas, model.OpLacks, model.OpNot:
		return false
	}
	return n.A != nil && grows(n.A) || n.B != nil && grows(n.B)
}

// convert is a value as one of a type.
func convert(n *model.Node, t scalar) *model.Node {
	if n.Op == model.OpConst {
		return num(t.wrap(n.K))
	}
	if t.isBool {
		return truth(n)
	}
	least, most, bounded := t.limits()
	if !bounded || boundsOf(n).within(least, most) {
		return n
	}
	low := bin(model.OpAnd, n, num(1<<t.bits-1))
	if !t.signed {
		return low
	}
	sign := num(1 << (t.bits - 1))
	return bin(model.OpSub, bin(model.OpXor, low, sign), sign)
}
