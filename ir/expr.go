package ir

import "ctcheck/model"

// An Expr is an expression over variables, with constants folded. Operators are those of the vocabulary; a
// pending IPI is read as a variable.
type Expr struct {
	Op     model.ExprOp
	A, B   *Expr
	K      int64          // of OpConst
	Var    *Var           // of OpVar
	CPU    *CPU           // of OpDone, OpFrame, OpHandler, OpIRQsOff
	Frames model.FrameSet // of OpFrame
}

// constant is a constant expression.
func constant(k int64) *Expr { return &Expr{Op: model.OpConst, K: k} }

// IsConst reports whether the expression is a constant.
func (e *Expr) IsConst() bool { return e.Op == model.OpConst }

// IsTruth reports whether the expression is always 0 or 1, so that & is "and".
func (e *Expr) IsTruth() bool {
	switch e.Op {
	case model.OpEq, model.OpNe, model.OpLt, model.OpLe, model.OpHas, model.OpLacks, model.OpNot, model.OpDone,
		model.OpFrame, model.OpHandler, model.OpIRQsOff:
		return true
	case model.OpVar:
		return e.Var.Lo == 0 && e.Var.Hi == 1
	case model.OpAnd, model.OpOr:
		return e.A.IsTruth() && e.B.IsTruth()
	}
	return false
}

// walk calls f for e and every expression in it.
func (e *Expr) walk(f func(*Expr)) {
	if e != nil {
		f(e)
		e.A.walk(f)
		e.B.walk(f)
	}
}

// expr lowers an expression, folding constants.
func (l *lowering) expr(n *model.Node) *Expr {
	if n == nil {
		bad("an expression in %s lacks an operand; build it with the methods of model.Expr", l.where())
	}
	switch n.Op {
	case model.OpConst:
		return constant(n.K)
	case model.OpVar:
		if n.Var.Kind == model.Shared && !l.watching {
			bad("%s reads %s in an expression; shared memory is read by a step, into a local",
				l.where(), n.Var.Name)
		}
		v, k, isConst := l.bind(n.Var)
		if isConst {
			return constant(k)
		}
		return &Expr{Op: model.OpVar, Var: v}
	case model.OpElement:
		return l.element(n)
	case model.OpBad:
		bad("%s", n.Why)
	case model.OpPending:
		return &Expr{Op: model.OpVar, Var: l.pending(n.IPI)}
	case model.OpDone, model.OpFrame, model.OpHandler, model.OpIRQsOff:
		return &Expr{Op: n.Op, CPU: l.cpuOf(n.CPU), Frames: n.Frames}
	}
	e := &Expr{Op: n.Op, A: l.expr(n.A)}
	if n.Op != model.OpNot {
		e.B = l.expr(n.B)
	}
	if e.A.IsConst() && (e.B == nil || e.B.IsConst()) {
		var k int64
		if e.B != nil {
			k = e.B.K
		}
		return constant(n.Op.Apply(e.A.K, k))
	}
	return e
}
