package ir

import "ctcheck/model"

// This file lowers what is chosen by an index or an address. An access to an element is one step that begins with
// local code: it compares the index with each value that it may have, and goes on at an access to that variable. So
// for whoever reads instructions every access is to one variable. What they have in common is their statement.

// mostIndices is how many values an index may have at most where all of them are looked at.
const mostIndices = 1 << 12

// chosen emits what use makes of each variable that the element may be, behind a look at the index, and a fault
// where there is none.
func (l *lowering) chosen(s *model.Stmt, index *Expr, use func(v *model.Var)) {
	t := s.At.Table
	var ends []int
	for i, v := range t.Vars {
		if v == nil {
			bad("%s: %s", s.At, t.Astray(t.First+int64(i)))
		}
		skip := l.emit(Instr{Op: OpUnless, Cond: equals(index, t.First+int64(i))})
		use(v)
		ends = append(ends, l.emit(Instr{Op: OpJump}))
		l.patch(skip)
	}
	l.emit(Instr{Op: OpFault, Stmt: s, Arg: index, Table: t, Why: s.At.String()})
	l.patch(ends...)
}

// known is the variable that a constant chooses.
func (l *lowering) known(e *model.Node, k int64) *model.Var {
	v := e.Table.Chosen(k)
	if v == nil {
		bad("%s: %s", e, e.Table.Astray(k))
	}
	return v
}

func equals(e *Expr, k int64) *Expr { return &Expr{Op: model.OpEq, A: e, B: constant(k)} }

// element lowers an expression that reads an element: the values of all, of which only the chosen one counts.
func (l *lowering) element(n *model.Node) *Expr {
	index := l.expr(n.A)
	if index.IsConst() {
		return l.expr(l.known(n, index.K).Node())
	}
	values := n.A.Values(mostIndices)
	if values == nil {
		bad("%s: in an expression no index may be wrong, but this one may be anything; give it a smaller range", n)
	}
	var sum *Expr
	for _, k := range values {
		if n.Table.Chosen(k) == nil {
			bad("%s: in an expression no index may be wrong, but %s; give the index a smaller range, or speak of "+
				"each variable", n, n.Table.Astray(k))
		}
		v := l.expr(l.known(n, k).Node())
		mask := equals(index, k)
		if !v.IsTruth() { // 0 or -1, which has all bits
			mask = &Expr{Op: model.OpSub, A: constant(0), B: mask}
		}
		one := &Expr{Op: model.OpAnd, A: mask, B: v}
		if sum == nil {
			sum = one
		} else {
			sum = &Expr{Op: model.OpOr, A: sum, B: one}
		}
	}
	return sum
}
