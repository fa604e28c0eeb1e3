package model

import (
	"fmt"
	"slices"
)

// ExprOp is the operator of an expression node.
type ExprOp uint8

// The operators. Comparison and logical operators yield 0 or 1.
const (
	OpConst   ExprOp = iota // K
	OpVar                   // the value of Var
	OpAnd                   // A & B
	OpOr                    // A | B
	OpXor                   // A ^ B
	OpAndNot                // A &^ B
	OpAdd                   // A + B
	OpSub                   // A - B
	OpEq                    // A == B
	OpNe                    // A != B
	OpLt                    // A < B
	OpLe                    // A <= B
	OpHas                   // A & B != 0
	OpLacks                 // A & B == 0
	OpNot                   // A == 0
	OpPending               // IPI is sent and not yet delivered
	OpDone                  // CPU has ended and no handler runs on it
	OpFrame                 // the frame on top of CPU's stack is in Frames
	OpHandler               // an interrupt or NMI handler runs on CPU
	OpIRQsOff               // the running level of CPU takes no interrupts
	OpElement               // the value of the variable of Table that A chooses
	OpBad                   // none: the author's mistake that Why names
	OpMul                   // A * B
	OpDiv                   // A / B, towards 0; 0 where B is 0
	OpRem                   // A % B, with the sign of A; 0 where B is 0
	OpShl                   // A << B; 0 where B is outside 0..63
	OpShr                   // A >> B, which keeps the sign; the sign alone where B is outside 0..63
)

// A Node is one operator of an expression, exported so that every reader of a program (engine,
// exporter, memory model) can walk it. Build expressions with the methods of [Expr].
type Node struct {
	Op     ExprOp
	A, B   *Node
	K      int64
	Var    *Var
	IPI    *IPI
	CPU    *CPU
	Frames FrameSet
	Table  *Table
	Why    string
}

// A Value is what an operand may be: an [Expr], a [*Var], an [Element] or an [Int].
type Value interface {
	// Node is the value as an expression tree.
	Node() *Node
}

// Node implements [Value]: a tree is an operand too.
func (n *Node) Node() *Node { return n }

// An Int is a constant operand.
type Int int64

// Node implements [Value].
func (k Int) Node() *Node { return &Node{Op: OpConst, K: int64(k)} }

// True and False are the truth values that comparisons yield.
const (
	False Int = 0
	True  Int = 1
)

// An Expr is an expression over locals, parameters and constants. In properties it may also speak of
// shared variables, ghosts and frames. Booleans are 0 and 1, so And and Or serve for both masks and
// truth values.
type Expr struct{ node *Node }

// Node implements [Value].
func (e Expr) Node() *Node { return e.node }

func (e Expr) un(op ExprOp) Expr { return Expr{&Node{Op: op, A: nodeOf(e)}} }

func (e Expr) bin(op ExprOp, v Value) Expr {
	return Expr{&Node{Op: op, A: nodeOf(e), B: nodeOf(v)}}
}

// And is e & v, for masks and for truth values.
func (e Expr) And(v Value) Expr { return e.bin(OpAnd, v) }

// Or is e | v, for masks and for truth values.
func (e Expr) Or(v Value) Expr { return e.bin(OpOr, v) }

// Xor is e ^ v.
func (e Expr) Xor(v Value) Expr { return e.bin(OpXor, v) }

// AndNot is e &^ v, e without the bits of v.
func (e Expr) AndNot(v Value) Expr { return e.bin(OpAndNot, v) }

// Add is e + v.
func (e Expr) Add(v Value) Expr { return e.bin(OpAdd, v) }

// Sub is e - v.
func (e Expr) Sub(v Value) Expr { return e.bin(OpSub, v) }

// Mul is e * v.
func (e Expr) Mul(v Value) Expr { return e.bin(OpMul, v) }

// Div is e / v, rounded towards 0 as in C. By 0 it is 0: assert that it is not where that may be.
func (e Expr) Div(v Value) Expr { return e.bin(OpDiv, v) }

// Rem is e % v, with the sign of e as in C. By 0 it is 0.
func (e Expr) Rem(v Value) Expr { return e.bin(OpRem, v) }

// Shl is e << v, for v from 0 to 63; by anything else it is 0.
func (e Expr) Shl(v Value) Expr { return e.bin(OpShl, v) }

// Shr is e >> v, which keeps the sign, for v from 0 to 63; by anything else it is the sign alone, 0 or -1.
func (e Expr) Shr(v Value) Expr { return e.bin(OpShr, v) }

// Eq is e == v.
func (e Expr) Eq(v Value) Expr { return e.bin(OpEq, v) }

// Ne is e != v.
func (e Expr) Ne(v Value) Expr { return e.bin(OpNe, v) }

// Lt is e < v.
func (e Expr) Lt(v Value) Expr { return e.bin(OpLt, v) }

// Le is e <= v.
func (e Expr) Le(v Value) Expr { return e.bin(OpLe, v) }

// Gt is e > v.
func (e Expr) Gt(v Value) Expr { return Of(v).Lt(e) }

// Ge is e >= v.
func (e Expr) Ge(v Value) Expr { return Of(v).Le(e) }

// Has reports whether some bit of the mask is set in e.
func (e Expr) Has(mask Value) Expr { return e.bin(OpHas, mask) }

// Lacks reports whether no bit of the mask is set in e.
func (e Expr) Lacks(mask Value) Expr { return e.bin(OpLacks, mask) }

// IsZero is e == 0; for a truth value, its negation.
func (e Expr) IsZero() Expr { return e.un(OpNot) }

// NonZero is e != 0.
func (e Expr) NonZero() Expr { return e.Ne(Int(0)) }

// Of is v as an expression, so that a constant can start a chain of operators.
func Of(v Value) Expr { return Expr{nodeOf(v)} }

// All is true when every value is, that is, not 0; it is true of none.
func All(vs ...Value) Expr { return fold(True, Expr.And, vs) }

// Any is true when some value is, that is, not 0; it is false of none.
func Any(vs ...Value) Expr { return fold(False, Expr.Or, vs) }

func fold(empty Int, op func(Expr, Value) Expr, vs []Value) Expr {
	if len(vs) == 0 {
		return Of(empty)
	}
	e := asTruth(vs[0])
	for _, v := range vs[1:] {
		e = op(e, asTruth(v))
	}
	return e
}

// asTruth is 1 where v is not 0: and-ing the bits of 1 and 2 would make them false.
func asTruth(v Value) Expr {
	if nodeOf(v).isTruth() {
		return Of(v)
	}
	return Of(v).NonZero()
}

// isTruth reports whether the expression is always 0 or 1.
func (n *Node) isTruth() bool {
	switch n.Op {
	case OpEq, OpNe, OpLt, OpLe, OpHas, OpLacks, OpNot, OpDone, OpFrame, OpHandler, OpIRQsOff, OpPending:
		return true
	case OpConst:
		return n.K == 0 || n.K == 1
	case OpVar:
		return n.Var.isTruth()
	case OpElement:
		return !slices.ContainsFunc(n.Table.Vars, func(v *Var) bool { return v == nil || !v.isTruth() })
	case OpAnd, OpOr:
		return n.A.isTruth() && n.B.isTruth()
	}
	return false
}

func (r Range) isTruth() bool { return r.Lo >= 0 && r.Hi <= 1 }

// Apply computes a binary or unary operator on values. It does not know the operators that look at
// the state (OpVar, OpElement, OpPending, OpDone, OpFrame, OpHandler, OpIRQsOff).
func (op ExprOp) Apply(a, b int64) int64 {
	switch op {
	case OpAnd:
		return a & b
	case OpOr:
		return a | b
	case OpXor:
		return a ^ b
	case OpAndNot:
		return a &^ b
	case OpAdd:
		return a + b
	case OpSub:
		return a - b
	case OpEq:
		return Truth(a == b)
	case OpNe:
		return Truth(a != b)
	case OpLt:
		return Truth(a < b)
	case OpLe:
		return Truth(a <= b)
	case OpHas:
		return Truth(a&b != 0)
	case OpLacks:
		return Truth(a&b == 0)
	case OpNot:
		return Truth(a == 0)
	case OpMul:
		return a * b
	case OpDiv, OpRem:
		return divide(op, a, b)
	case OpShl, OpShr:
		return shift(op, a, b)
	}
	panic(fmt.Sprintf("model: operator %d cannot be applied to values", op))
}

// divide is a division that every pair of values has.
func divide(op ExprOp, a, b int64) int64 {
	switch {
	case b == 0:
		return 0
	case op == OpDiv:
		return a / b
	}
	return a % b
}

// shift is a shift that every pair of values has.
func shift(op ExprOp, a, b int64) int64 {
	switch out := b < 0 || b > 63; {
	case op == OpShl && out:
		return 0
	case op == OpShl:
		return a << b
	case out:
		return a >> 63
	}
	return a >> b
}

// Truth is 1 for true and 0 for false.
func Truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Values is the values that the expression may have, in order, taking every variable for one that may have any
// value of its range; nil where there are more than most to look at.
func (n *Node) Values(most int) []int64 {
	switch {
	case n.Op == OpConst:
		return []int64{n.K}
	case n.isTruth():
		return []int64{0, 1}
	case n.Op == OpVar:
		return n.Var.values(most)
	case n.Op == OpBad:
		return nil
	}
	var xs []int64
	if n.Op == OpElement {
		for _, v := range n.Table.Vars {
			if v == nil || v.values(most) == nil {
				return nil
			}
			xs = append(xs, v.values(most)...)
		}
	} else {
		as, bs := n.A.Values(most), n.B.Values(most)
		if len(as)*len(bs) > most {
			return nil
		}
		for _, a := range as {
			for _, b := range bs {
				xs = append(xs, n.Op.Apply(a, b))
			}
		}
	}
	slices.Sort(xs)
	return slices.Compact(xs)
}

// values is the values of the range, in order; nil where there are more than most.
func (r Range) values(most int) (xs []int64) {
	if r.Hi-r.Lo >= int64(most) {
		return nil
	}
	for x := r.Lo; x <= r.Hi; x++ {
		xs = append(xs, x)
	}
	return xs
}

// Reads calls f for every variable whose value the expression may depend on.
func (n *Node) Reads(f func(*Var)) {
	n.Walk(func(n *Node) {
		switch n.Op {
		case OpVar:
			f(n.Var)
		case OpElement:
			for _, v := range n.Table.Vars {
				f(v)
			}
		}
	})
}

// Walk calls f for n and every node below it.
func (n *Node) Walk(f func(*Node)) {
	if n == nil {
		return
	}
	f(n)
	n.A.Walk(f)
	n.B.Walk(f)
}
