package cfront

import (
	"modernc.org/cc/v4"
)

// This file has C's types as far as values go.

// A scalar is an integer type, or that of a pointer.
type scalar struct {
	bits   int // 8, 16, 32 or 64; of a bit-field less
	signed bool
	isBool bool
	isPtr  bool
}

var (
	intScalar  = scalar{bits: 32, signed: true}
	boolScalar = scalar{bits: 8, isBool: true}
)

// scalarOf is a type as a scalar; it is not ok of others.
func scalarOf(t cc.Type) (s scalar, ok bool) {
	switch k := t.Kind(); {
	case k == cc.Ptr:
		return scalar{bits: 64, isPtr: true}, true
	case k == cc.Bool:
		return boolScalar, true
	case k == cc.Enum:
		return scalarOf(t.(*cc.EnumType).UnderlyingType())
	case cc.IsIntegerType(t) && t.Size() <= 8 && t.Size() > 0:
		return scalar{bits: int(t.Size()) * 8, signed: cc.IsSignedInteger(t)}, true
	}
	return scalar{}, false
}

// limits is the least and the greatest value; a type of 64 bits has no bounds here: its values are kept as those of
// a signed one, with the same bits.
func (s scalar) limits() (least, most int64, bounded bool) {
	switch {
	case s.isBool:
		return 0, 1, true
	case s.bits >= 64:
		return 0, 0, false
	case s.signed:
		return -1 << (s.bits - 1), 1<<(s.bits-1) - 1, true
	}
	return 0, 1<<s.bits - 1, true
}

// unsigned64 reports whether values above those of a signed type of 64 bits are negative here.
func (s scalar) unsigned64() bool { return s.bits == 64 && !s.signed }

// wrap is a number as a value of the type.
func (s scalar) wrap(k int64) int64 {
	switch {
	case s.isBool:
		if k != 0 {
			return 1
		}
		return 0
	case s.bits >= 64:
		return k
	case s.signed:
		return k << (64 - s.bits) >> (64 - s.bits)
	}
	return k & (1<<s.bits - 1)
}

// promoted is the type after the integer promotions.
func (s scalar) promoted() scalar {
	if s.bits < 32 {
		return intScalar
	}
	return scalar{bits: s.bits, signed: s.signed}
}

// common is the type in which an operator computes with both.
func common(a, b scalar) scalar {
	a, b = a.promoted(), b.promoted()
	switch {
	case a.bits > b.bits:
		return a
	case b.bits > a.bits:
		return b
	}
	return scalar{bits: a.bits, signed: a.signed && b.signed}
}

// constantOf is the value of an expression that the parser has computed, and that has no effect besides.
func constantOf(e cc.ExpressionNode) (int64, bool) {
	if e == nil || !effectless(e) {
		return 0, false
	}
	k, ok := constantValue(e.Value())
	if !ok {
		return 0, false
	}
	if s, is := scalarOf(e.Type()); is {
		return s.wrap(k), true
	}
	return 0, false
}

func constantValue(v cc.Value) (int64, bool) {
	switch x := v.(type) {
	case cc.Int64Value:
		return int64(x), true
	case cc.UInt64Value:
		return int64(x), true
	case *cc.ZeroValue:
		return 0, true
	}
	return 0, false
}

// effectless reports whether an expression does nothing but have a value. The parser computes the value of (f(), 0)
// too.
func effectless(e cc.ExpressionNode) bool {
	fine := true
	visit(e, func(n cc.Node) bool {
		switch x := n.(type) {
		case *cc.UnaryExpression:
			switch x.Case {
			case cc.UnaryExpressionSizeofExpr, cc.UnaryExpressionSizeofType, cc.UnaryExpressionAlignofExpr,
				cc.UnaryExpressionAlignofType:
				return false // which are not evaluated
			case cc.UnaryExpressionInc, cc.UnaryExpressionDec, cc.UnaryExpressionDeref:
				fine = false
			}
		case *cc.PostfixExpression:
			if x.Case != cc.PostfixExpressionPrimary {
				fine = false
			}
		case *cc.AssignmentExpression:
			fine = fine && x.Case == cc.AssignmentExpressionCond
		case *cc.PrimaryExpression:
			fine = fine && x.Case != cc.PrimaryExpressionStmt
		case *cc.TypeName:
			return false
		}
		return fine
	})
	return fine
}
