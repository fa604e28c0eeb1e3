package model

import (
	"strconv"
	"strings"
)

// This file writes expressions as C has them, for people.

// binding is how strongly the operators bind, as in C; those that are not in the map stand alone.
var binding = map[ExprOp]int{OpOr: 1, OpXor: 2, OpAnd: 3, OpAndNot: 3, OpHas: 3, OpLacks: 3, OpEq: 4, OpNe: 4,
	OpLt: 5, OpLe: 5, OpAdd: 6, OpSub: 6}

var operatorText = map[ExprOp]string{OpOr: "|", OpXor: "^", OpAnd: "&", OpAndNot: "& ~", OpHas: "&", OpEq: "==",
	OpNe: "!=", OpLt: "<", OpLe: "<=", OpAdd: "+", OpSub: "-"}

// String is the expression as C would have it. A constant beside a variable whose bits have names is
// written with these; && and || stand for the and and or of truth values.
func (n *Node) String() string { return n.text(nil) }

// text is the expression; near is a variable that it is compared or combined with, if there is one.
func (n *Node) text(near *Var) string {
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
	a, b := n.A.operand(n.B.variable(), strength), n.B.operand(n.A.variable(), strength+1)
	if n.Op == OpAndNot {
		return a + " & ~" + n.B.operand(n.A.variable(), 9)
	}
	return a + " " + op + " " + b
}

// operand is the expression inside another one whose operator binds so strongly. C's &, | and ^ bind more
// weakly than its comparisons, which nobody remembers, so these have brackets wherever they are mixed.
func (n *Node) operand(near *Var, outer int) string {
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

// variable is the variable that gives a constant beside the expression its names.
func (n *Node) variable() *Var {
	switch {
	case n.Op == OpVar:
		return n.Var
	case n.Op == OpElement:
		return n.Table.Vars[0]
	case n.Op >= OpAnd && n.Op <= OpSub:
		if v := n.A.variable(); v != nil {
			return v
		}
		return n.B.variable()
	}
	return nil
}

func constText(k int64, near *Var) string {
	if near != nil && (len(near.names) > 0 || near.addresses != nil) {
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
