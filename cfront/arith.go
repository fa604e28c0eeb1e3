package cfront

import (
	"modernc.org/cc/v4"

	"ctcheck/model"
)

// This file has C's arithmetic: conversions, wrap-around and what depends on the sign.

// An operator is one of C's binary ones.
type operator uint8

const (
	opAdd operator = iota
	opSub
	opMul
	opDiv
	opRem
	opShl
	opShr
	opAnd
	opOr
	opXor
	opEq
	opNe
	opLt
	opLe
	opGt
	opGe
)

// binary is an expression as an operator with two operands.
func binary(e cc.ExpressionNode) (a cc.ExpressionNode, op operator, b cc.ExpressionNode, ok bool) {
	switch x := e.(type) {
	case *cc.AdditiveExpression:
		op = map[cc.AdditiveExpressionCase]operator{cc.AdditiveExpressionAdd: opAdd,
			cc.AdditiveExpressionSub: opSub}[x.Case]
		return x.AdditiveExpression, op, x.MultiplicativeExpression, true
	case *cc.MultiplicativeExpression:
		op = map[cc.MultiplicativeExpressionCase]operator{cc.MultiplicativeExpressionMul: opMul,
			cc.MultiplicativeExpressionDiv: opDiv, cc.MultiplicativeExpressionMod: opRem}[x.Case]
		return x.MultiplicativeExpression, op, x.CastExpression, true
	case *cc.ShiftExpression:
		op = map[cc.ShiftExpressionCase]operator{cc.ShiftExpressionLsh: opShl, cc.ShiftExpressionRsh: opShr}[x.Case]
		return x.ShiftExpression, op, x.AdditiveExpression, true
	case *cc.AndExpression:
		return x.AndExpression, opAnd, x.EqualityExpression, true
	case *cc.ExclusiveOrExpression:
		return x.ExclusiveOrExpression, opXor, x.AndExpression, true
	case *cc.InclusiveOrExpression:
		return x.InclusiveOrExpression, opOr, x.ExclusiveOrExpression, true
	case *cc.EqualityExpression:
		op = map[cc.EqualityExpressionCase]operator{cc.EqualityExpressionEq: opEq,
			cc.EqualityExpressionNeq: opNe}[x.Case]
		return x.EqualityExpression, op, x.RelationalExpression, true
	case *cc.RelationalExpression:
		op = map[cc.RelationalExpressionCase]operator{cc.RelationalExpressionLt: opLt,
			cc.RelationalExpressionGt: opGt, cc.RelationalExpressionLeq: opLe,
			cc.RelationalExpressionGeq: opGe}[x.Case]
		return x.RelationalExpression, op, x.ShiftExpression, true
	}
	return nil, 0, nil, false
}

// operation lowers an operator with its operands.
func (l *lowering) operation(e, a cc.ExpressionNode, op operator, b cc.ExpressionNode) value {
	var x, y value
	l.unsequenced(e, func() { x = l.value(a, use{}) }, func() { y = l.value(b, use{}) })
	return l.operate(e, x, op, y)
}

// operate computes with two values.
func (l *lowering) operate(e cc.ExpressionNode, x value, op operator, y value) value {
	if op >= opEq && (x.to != nil || y.to != nil) {
		return l.compareLocals(e, x, op, y)
	}
	if p, q := pointee(x.t), pointee(y.t); op == opAdd || op == opSub {
		switch {
		case p != nil && q != nil && op == opSub:
			diff := bin(model.OpSub, l.numberOf(x, e), l.numberOf(y, e))
			return value{t: e.Type(), n: bin(model.OpDiv, diff, num(l.sizeOf(p, e)))}
		case p != nil:
			return l.offset(e, x, p, l.numberOf(y, e), op == opSub)
		case q != nil && op == opAdd:
			return l.offset(e, y, q, l.numberOf(x, e), false)
		}
	}
	s, t := l.scalarOf(x.t, e), l.scalarOf(y.t, e)
	m, n := l.numberOf(x, e), l.numberOf(y, e)
	if op == opShl || op == opShr {
		return value{t: e.Type(), n: l.shift(m, s.promoted(), op, n, e)}
	}
	in := common(s, t)
	if s.isPtr || t.isPtr {
		in = scalar{bits: 64}
	}
	m, n = convert(m, in), convert(n, in)
	if op >= opEq {
		return value{t: e.Type(), n: compare(m, op, n, in)}
	}
	return value{t: e.Type(), n: l.arithmetic(m, op, n, in, e)}
}

// pointee is what a pointer points to; nil of others.
func pointee(t cc.Type) cc.Type {
	switch x := t.(type) {
	case *cc.PointerType:
		return x.Elem()
	case *cc.ArrayType:
		return x.Elem()
	}
	return nil
}

// sizeOf is how far apart neighbours of a type are; void is as char, as gcc has it.
func (l *lowering) sizeOf(t cc.Type, e cc.Node) int64 {
	switch size := t.Size(); {
	case t.Kind() == cc.Void || t.Kind() == cc.Function:
		return 1
	case size > 0:
		return size
	}
	l.fail(e, "the size of what this points to is not known")
	return 0
}

// offset is a pointer and an index.
func (l *lowering) offset(e cc.ExpressionNode, x value, of cc.Type, index *model.Node, minus bool) value {
	size := l.sizeOf(of, e)
	by := bin(model.OpMul, index, num(size))
	if minus {
		by = bin(model.OpSub, num(0), by)
	}
	out := value{t: x.t}
	if x.to != nil {
		if by.Op != model.OpConst {
			l.facts.set(l.facts.escapes, x.to.key)
			panic(bail{})
		}
		out.to, out.off = x.to, x.off+by.K
		return out
	}
	base := l.numberOf(x, e)
	out.n = bin(model.OpAdd, base, by)
	switch {
	case by.Op == model.OpConst:
		for _, k := range x.cands {
			out.cands = append(out.cands, k+by.K)
		}
	case base.Op == model.OpConst && !minus:
		out.cands = l.elements(base.K, size)
	}
	return out
}

// elements is the addresses from one on, in steps of a size, within the array that it is in.
func (l *lowering) elements(addr, size int64) (ks []int64) {
	in, ok := l.mem.find(addr)
	if !ok {
		return nil
	}
	from, to := arrayAround(in.o.t, 0, in.off, size)
	start := addr - in.off
	for off := from; off+size <= to && len(ks) <= mostCells; off += size {
		ks = append(ks, start+off)
	}
	return ks
}

// arrayAround is where the array of elements of a size begins and ends in which an offset is; all of the object if
// there is none.
func arrayAround(t cc.Type, base, off, size int64) (from, to int64) {
	switch x := t.(type) {
	case *cc.ArrayType:
		elem := x.Elem().Size()
		if elem == size || elem <= 0 {
			return base, base + x.Len()*elem
		}
		return arrayAround(x.Elem(), base+(off-base)/elem*elem, off, size)
	case interface {
		NumFields() int
		FieldByIndex(int) *cc.Field
	}:
		for i := range x.NumFields() {
			f := x.FieldByIndex(i)
			if f == nil || f.IsBitfield() {
				continue
			}
			at := base + f.Offset()
			if at <= off && off < at+f.Type().Size() {
				return arrayAround(f.Type(), at, off, size)
			}
		}
	}
	return base, base + t.Size()
}

// compareLocals compares addresses of which one is that of a local.
func (l *lowering) compareLocals(e cc.ExpressionNode, x value, op operator, y value) value {
	if op != opEq && op != opNe {
		l.fail(e, "the addresses of locals are compared only for being equal")
	}
	same := x.to == y.to && x.off == y.off
	if x.to == nil || y.to == nil { // nothing else has the address of a local that is not in memory
		other := x
		if x.to != nil {
			other = y
		}
		if n := l.numberOf(other, e); n.Op != model.OpConst {
			l.numberOf(x, e)
			l.numberOf(y, e)
		}
	}
	return value{t: e.Type(), n: num(model.Truth(same == (op == opEq)))}
}

// compare compares values of a type.
func compare(m *model.Node, op operator, n *model.Node, in scalar) *model.Node {
	if op == opGt || op == opGe {
		m, n = n, m
		op = map[operator]operator{opGt: opLt, opGe: opLe}[op]
	}
	if op >= opLt && !in.signed && in.bits == 64 && (boundsOf(m).lo < 0 || boundsOf(n).lo < 0) {
		top := num(-1 << 63) // above the others, as it is among unsigned values
		m, n = bin(model.OpXor, m, top), bin(model.OpXor, n, top)
	}
	return bin(map[operator]model.ExprOp{opEq: model.OpEq, opNe: model.OpNe, opLt: model.OpLt,
		opLe: model.OpLe}[op],
		m, n)
}

// arithmetic computes in a type.
func (l *lowering) arithmetic(m *model.Node, op operator, n *model.Node, in scalar, e cc.Node) *model.Node {
	switch op {
	case opDiv, opRem:
		l.assert(bin(model.OpNe, n, num(0)), l.at.text+" divides by 0")
		if in.unsigned64() && (boundsOf(m).lo < 0 || boundsOf(n).lo < 0) {
			fits := both(bin(model.OpLe, num(0), m), bin(model.OpLe, num(0), n))
			l.assert(fits, l.at.text+" divides a number of 2^63 or more, which is not supported")
		}
	}
	node := map[operator]model.ExprOp{opAdd: model.OpAdd, opSub: model.OpSub, opMul: model.OpMul,
		opDiv: model.OpDiv,
		opRem: model.OpRem, opAnd: model.OpAnd, opOr: model.OpOr, opXor: model.OpXor}[op]
	if op == opAnd { // m & ~k
		if n.Op == model.OpXor && isNum(n.B, -1) {
			return convert(bin(model.OpAndNot, m, n.A), in)
		}
	}
	return convert(bin(node, m, n), in)
}

// shift is << and >>. By more than the type has bits is undefined in C, and a fault of the run here.
func (l *lowering) shift(m *model.Node, in scalar, op operator, n *model.Node, e cc.Node) *model.Node {
	if !boundsOf(n).within(0, int64(in.bits)-1) {
		if n.Op == model.OpConst {
			l.fail(e, "a shift by %d of a type with %d bits", n.K, in.bits)
		}
		l.assert(both(bin(model.OpLe, num(0), n), bin(model.OpLt, n, num(int64(in.bits)))),
			l.at.text+" shifts by more than the type has bits, or by less than nothing")
	}
	m = convert(m, in)
	if op == opShl {
		return convert(bin(model.OpShl, m, n), in)
	}
	if !in.unsigned64() || boundsOf(m).lo >= 0 {
		return bin(model.OpShr, m, n)
	}
	// The sign is a bit like others: it is shifted in, and taken out again.
	low := bin(model.OpShl, num(-1), bin(model.OpSub, num(64), n)) // 0 where n is 0
	return bin(model.OpAndNot, bin(model.OpShr, m, n), low)
}
