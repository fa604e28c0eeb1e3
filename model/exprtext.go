package model

import (
	"strconv"
	"strings"
)

// This file writes expressions as C has them, for people.

// binding is how strongly the operators bind, as in C; those that are not in the map stand alone.
var binding = map[ExprOp]int{OpOr: 1, OpXor: 2, OpAnd: 3, OpAndNot: 3, OpHas: 3, OpLacks: 3, OpEq: 4, OpNe: 4,
	OpLt: 5, OpLe: 5, OpShl: 6, OpShr: 6, OpAdd: 7, OpSub: 7, OpMul: 8, OpDiv: 8, OpRem: 8}

var operatorText = map[ExprOp]string{OpOr: "|", OpXor: "^", OpAnd: "&", OpAndNot: "& ~", OpHas: "&", OpEq: "==",
	OpNe: "!=", OpLt: "<", OpLe: "<=", OpAdd: "+", OpSub: "-", OpMul: "*", OpDiv: "/", OpRem: "%", OpShl: "<<",
	OpShr: ">>"}

// String is the expression as C would have it. A constant beside a variable whose bits have names is
// written with these; && and || stand for the and and or of truth values.
func (n *Node) String() string { return n.text(nil) }

// text is the expression; near is a variable that it is compared or combined with, if there is one.
func (n *Node) text(near *Var) string {
	n = n.truth()
	switch n.Op {
	case OpConst:
		return constText(n.K, near)
	case OpVar:
		return n.Var.Name
	case OpNot:
		return "!" + n.A.operand(nil, 9)
	case OpLacks:
		return "!(" + (&Node{Op: OpHas, A: n.A, B: n.B}).text(nil) + ")"
	case OpPending:
		return "pending(" + n.IPI.name() + ")"
	case OpDone:
		return "done(" + n.CPU.name() + ")"
	case OpHandler:
		return "interrupted(" + n.CPU.name() + ")"
	case OpIRQsOff:
		return "irqs_disabled(" + n.CPU.name() + ")"
	case OpFrame:
		return "frame(" + n.CPU.name() + ") in {" + n.Frames.String() + "}"
	}
	switch n.Op {
	case OpElement:
		return n.Table.text(n.A, 9)
	case OpBad:
		return "/* " + n.Why + " */"
	}
	op, strength := operatorText[n.Op], binding[n.Op]
	if n.isTruth() {
		switch n.Op {
		case OpAnd:
			op = "&&"
		case OpOr:
			op = "||"
		}
	}
	a, b := n.A.operand(n.B.naming(n.Op), strength), n.B.operand(n.A.naming(n.Op), strength+1)
	if n.Op == OpAndNot {
		return a + " & ~" + n.B.operand(n.A.naming(n.Op), 9)
	}
	return a + " " + op + " " + b
}

// As is the text of an expression whose value v takes: a constant is written as v has it.
func (n *Node) As(v *Var) string { return n.text(v) }

// truth is the expression without a comparison of a truth value with a constant, which says no more than the
// value by itself.
func (n *Node) truth() *Node {
	if n.Op != OpEq && n.Op != OpNe {
		return n
	}
	of, with := n.A, n.B
	if of.Op == OpConst {
		of, with = with, of
	}
	switch {
	case !of.printsTruth() || with.Op != OpConst || with.K != 0 && with.K != 1:
		return n
	case (with.K == 1) == (n.Op == OpEq):
		return of.truth()
	}
	return &Node{Op: OpNot, A: of}
}

// printsTruth reports whether the expression's value is true or false, and not a number that is 0 or 1.
func (n *Node) printsTruth() bool {
	switch n.Op {
	case OpConst:
		return false
	case OpVar:
		return n.Var.printsTruth()
	case OpAnd, OpOr:
		return n.A.printsTruth() && n.B.printsTruth()
	}
	return n.isTruth()
}

// operand is the expression inside another one whose operator binds so strongly. C's &, | and ^ bind more
// weakly than its comparisons, which nobody remembers, so these have brackets wherever they are mixed.
func (n *Node) operand(near *Var, outer int) string {
	n = n.truth()
	text := n.text(near)
	switch strength, binary := binding[n.Op]; {
	case n.Op == OpConst && outer > 1 && strings.Contains(text, "|"): // several bits by their names
		return "(" + text + ")"
	case n.Op == OpLacks || !binary && n.Op != OpFrame:
		return text
	case n.Op == OpFrame || strength < outer || strength < 4 && outer > strength+1:
		return "(" + text + ")"
	}
	return text
}

// naming is the variable that gives a constant beside the expression its names. A truth value gives it some where
// the constant stands for one too, and not a number.
func (n *Node) naming(op ExprOp) *Var {
	if op >= OpMul && op <= OpShr { // whose operands are numbers
		return nil
	}
	v := n.variable()
	if v != nil && v.printsTruth() && !(n.printsTruth() && (op == OpAnd || op == OpOr)) {
		return nil
	}
	return v
}

// variable is the first variable of the expression, if it has one.
func (n *Node) variable() *Var {
	switch {
	case n.Op == OpVar:
		return n.Var
	case n.Op == OpElement:
		return n.Table.Vars[0]
	case n.Op >= OpAnd && n.Op <= OpSub, n.Op >= OpMul && n.Op <= OpShr:
		if v := n.A.variable(); v != nil {
			return v
		}
		return n.B.variable()
	}
	return nil
}

func constText(k int64, near *Var) string {
	if near != nil {
		return near.Format(k)
	}
	return strconv.FormatInt(k, 10)
}

// String is the names of the frames in the set.
func (s FrameSet) String() string {
	var names []string
	for f, name := range frameNames {
		if s.Has(Frame(f)) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}
