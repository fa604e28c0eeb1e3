package cfront

import (
	"modernc.org/cc/v4"

	"ctcheck/model"
)

// This file lowers expressions.

// maxDepth is how deep expressions and statements may be in each other.
const maxDepth = 400

// deeper counts how deep f is in others.
func (l *lowering) deeper(n cc.Node, f func()) {
	l.depth++
	defer func() { l.depth-- }()
	if l.depth > maxDepth {
		l.fail(n, "this is nested more than %d deep", maxDepth)
	}
	f()
}

// value lowers an expression: what it does becomes statements, and what it is the result.
func (l *lowering) value(e cc.ExpressionNode, us use) (v value) {
	l.deeper(e, func() { v = l.anyValue(e, us) })
	return v
}

func (l *lowering) anyValue(e cc.ExpressionNode, us use) value {
	if k, ok := constantOf(e); ok {
		return value{t: e.Type(), n: num(k)}
	}
	switch x := e.(type) {
	case *cc.PrimaryExpression:
		return l.primary(x, us)
	case *cc.PostfixExpression:
		return l.postfix(x, us)
	case *cc.UnaryExpression:
		return l.unary(x, us)
	case *cc.CastExpression:
		return l.cast(x, us)
	case *cc.AssignmentExpression:
		return l.assignment(x, us)
	case *cc.ConditionalExpression:
		return l.conditional(x, us)
	case *cc.LogicalAndExpression:
		return l.logical(x, x.LogicalAndExpression, x.InclusiveOrExpression, true)
	case *cc.LogicalOrExpression:
		return l.logical(x, x.LogicalOrExpression, x.LogicalAndExpression, false)
	case *cc.ExpressionList:
		return l.comma(x, us)
	case *cc.ConstantExpression:
		return l.value(x.ConditionalExpression, us)
	}
	if a, op, b, ok := binary(e); ok {
		return l.operation(e, a, op, b)
	}
	l.fail(e, "an expression of this kind is not supported")
	return value{}
}

// number lowers an expression to an integer or an address in memory.
func (l *lowering) number(e cc.ExpressionNode, us use) (*model.Node, scalar, value) {
	v := l.value(e, us)
	return l.numberOf(v, e), l.scalarOf(v.t, e), v
}

// numberOf is a value as a number. The address of a local is one only if the local is in memory.
func (l *lowering) numberOf(v value, e cc.Node) *model.Node {
	if v.to != nil {
		l.facts.set(l.facts.escapes, v.to.key)
		panic(bail{}) // the facts are dirty, unless it is in memory, and then it has a number
	}
	if v.n == nil {
		l.fail(e, "a value is needed here, and this is of type %s", v.t)
	}
	return v.n
}

func (l *lowering) scalarOf(t cc.Type, e cc.Node) scalar {
	s, ok := scalarOf(t)
	if !ok {
		l.fail(e, "an integer or a pointer is needed here, and this is of type %s", t)
	}
	return s
}

// cond lowers a condition.
func (l *lowering) cond(e cc.ExpressionNode) *model.Node {
	v := l.value(e, use{})
	if v.to != nil {
		return num(1)
	}
	return truth(l.numberOf(v, e))
}

// unsequenced lowers operands whose order C leaves open: not more than one may have a step.
func (l *lowering) unsequenced(e cc.Node, operands ...func()) {
	stepped := false
	for _, f := range operands {
		before := l.steps
		f()
		if l.steps > before {
			if stepped && !l.watching {
				l.fail(e,
					"C leaves open which of the accesses to shared memory comes first here; load into a local "+
						"before")
			}
			stepped = true
		}
	}
}

func (l *lowering) primary(e *cc.PrimaryExpression, us use) value {
	switch e.Case {
	case cc.PrimaryExpressionExpr:
		return l.value(e.ExpressionList, us)
	case cc.PrimaryExpressionStmt:
		return l.statementExpr(e, us)
	case cc.PrimaryExpressionIdent:
		if en, ok := e.ResolvedTo().(*cc.Enumerator); ok {
			k, _ := constantValue(en.Value())
			return value{t: e.Type(), n: num(k)}
		}
		return l.rvalue(l.lvalue(e), model.Plain, us)
	case cc.PrimaryExpressionString, cc.PrimaryExpressionLString:
		l.fail(e, "strings are not supported")
	case cc.PrimaryExpressionFloat:
		l.fail(e, "floating point is not supported")
	case cc.PrimaryExpressionGeneric:
		if a := e.GenericSelection.Associated(); a != nil {
			return l.value(a.AssignmentExpression, us)
		}
	}
	l.fail(e, "an expression of this kind is not supported")
	return value{}
}

func (l *lowering) postfix(e *cc.PostfixExpression, us use) value {
	switch e.Case {
	case cc.PostfixExpressionCall:
		return l.call(e, us)
	case cc.PostfixExpressionIndex, cc.PostfixExpressionSelect, cc.PostfixExpressionPSelect:
		return l.rvalue(l.lvalue(e), model.Plain, us)
	case cc.PostfixExpressionInc:
		return l.increment(e, e.PostfixExpression, 1, true, us)
	case cc.PostfixExpressionDec:
		return l.increment(e, e.PostfixExpression, -1, true, us)
	case cc.PostfixExpressionComplit:
		return l.literal(e)
	}
	l.fail(e, "an expression of this kind is not supported")
	return value{}
}

func (l *lowering) unary(e *cc.UnaryExpression, us use) value {
	switch e.Case {
	case cc.UnaryExpressionInc:
		return l.increment(e, e.UnaryExpression, 1, false, us)
	case cc.UnaryExpressionDec:
		return l.increment(e, e.UnaryExpression, -1, false, us)
	case cc.UnaryExpressionAddrof:
		return l.address(e)
	case cc.UnaryExpressionDeref:
		return l.rvalue(l.lvalue(e), model.Plain, us)
	case cc.UnaryExpressionNot:
		return value{t: e.Type(), n: not(l.cond(e.CastExpression))}
	case cc.UnaryExpressionPlus, cc.UnaryExpressionMinus, cc.UnaryExpressionCpl:
		n, t, _ := l.number(e.CastExpression, use{})
		t = t.promoted()
		switch e.Case {
		case cc.UnaryExpressionMinus:
			n = bin(model.OpSub, num(0), n)
		case cc.UnaryExpressionCpl:
			n = bin(model.OpXor, n, num(-1))
		}
		return value{t: e.Type(), n: convert(n, t)}
	}
	l.fail(e, "an expression of this kind is not supported")
	return value{}
}

// cast converts. A cast of the address of a local is the address of the same place.
func (l *lowering) cast(e *cc.CastExpression, us use) value {
	t := e.Type()
	if t.Kind() == cc.Void {
		l.value(e.CastExpression, use{unused: true})
		return value{t: t}
	}
	s, ok := scalarOf(t)
	if !ok {
		l.fail(e, "a conversion to %s is not supported", t)
	}
	v := l.value(e.CastExpression, us.through(s))
	return l.converted(v, t, e)
}

// converted is a value as one of another type.
func (l *lowering) converted(v value, t cc.Type, e cc.Node) value {
	s, ok := scalarOf(t)
	switch {
	case v.agg != nil:
		return v
	case v.to != nil && s.isPtr || v.direct:
		v.t = t
		return v
	case v.n == nil && t.Kind() == cc.Void:
		return v
	case !ok:
		l.fail(e, "a conversion to %s is not supported", t)
	}
	n := l.numberOf(v, e)
	return value{t: t, n: convert(n, s), cands: v.cands}
}

// increment is ++ and --: on shared memory a load and a store.
func (l *lowering) increment(e, of cc.ExpressionNode, by int64, after bool, us use) value {
	lv := l.lvalue(of)
	s := l.scalarOf(lv.t, e)
	step := by
	if p, ok := lv.t.(*cc.PointerType); ok {
		step = by * l.sizeOf(p.Elem(), e)
	}
	old := l.rvalue(lv, model.Plain, use{})
	n := l.numberOf(old, e)
	if after && !us.unused {
		n = l.kept(n, s, e)
	}
	sum := l.converted(value{t: lv.t, n: bin(model.OpAdd, n, num(step))}, lv.t, e)
	l.assignTo(lv, sum)
	if after || us.unused {
		return value{t: lv.t, n: n}
	}
	return l.assigned(lv, sum, e)
}

// comma lowers a list: all but the last for what they do.
func (l *lowering) comma(e *cc.ExpressionList, us use) value {
	for ; e.ExpressionList != nil; e = e.ExpressionList {
		l.value(e.AssignmentExpression, use{unused: true})
	}
	return l.value(e.AssignmentExpression, us)
}

// logical is && and ||. What the second operand does is done only where the first does not decide.
func (l *lowering) logical(e, a, b cc.ExpressionNode, and bool) value {
	first := l.cond(a)
	if first.Op == model.OpConst {
		if (first.K != 0) != and {
			return value{t: e.Type(), n: first}
		}
		return value{t: e.Type(), n: l.cond(b)}
	}
	var second *model.Node
	list := l.sub(func() { second = l.cond(b) })
	switch {
	case len(list) == 0 && and:
		return value{t: e.Type(), n: both(first, second)}
	case len(list) == 0:
		return value{t: e.Type(), n: either(first, second)}
	}
	v := l.temp(model.Bool)
	set := func(n *model.Node) *model.Stmt { return &model.Stmt{Kind: model.StmtAssign, Dst: v, Arg: n} }
	if and {
		l.branch(first, func() { l.put(list); l.emit(set(second)) }, nil)
	} else {
		l.branch(first, func() { l.emit(set(num(1))) }, func() { l.put(list); l.emit(set(second)) })
	}
	return value{t: e.Type(), n: v.Node()}
}

// put adds statements that were made before.
func (l *lowering) put(list []*model.Stmt) { *l.out = append(*l.out, list...) }

// conditional is ?:.
func (l *lowering) conditional(e *cc.ConditionalExpression, us use) value {
	cond := l.cond(e.LogicalOrExpression)
	two := func(x cc.ExpressionNode, us use) value {
		if x == nil { // a ?: b
			return l.value(e.LogicalOrExpression, us)
		}
		return l.value(x, us)
	}
	if e.ExpressionList == nil {
		l.fail(e, "?: without a second operand is not supported")
	}
	if cond.Op == model.OpConst {
		x := e.ConditionalExpression
		if cond.K != 0 {
			x = e.ExpressionList
		}
		v := two(x, us)
		if e.Type().Kind() == cc.Void {
			return v
		}
		return l.converted(v, e.Type(), e)
	}
	if e.Type().Kind() == cc.Void || us.unused {
		l.branch(cond, func() { two(e.ExpressionList, use{unused: true}) },
			func() { two(e.ConditionalExpression, use{unused: true}) })
		return value{t: e.Type()}
	}
	s := l.scalarOf(e.Type(), e)
	var a, b value
	yes := l.sub(func() { a = l.converted(two(e.ExpressionList, use{}), e.Type(), e) })
	no := l.sub(func() { b = l.converted(two(e.ConditionalExpression, use{}), e.Type(), e) })
	x, y := l.numberOf(a, e), l.numberOf(b, e)
	if isNum(x, 1) && isNum(y, 0) && len(yes)+len(no) == 0 {
		return value{t: e.Type(), n: cond}
	}
	if l.watching {
		return value{t: e.Type(), n: bin(model.OpAdd, bin(model.OpMul, cond, x), bin(model.OpMul, not(cond), y))}
	}
	v := l.tempFor(x, s, e.ExpressionList)
	w := l.tempFor(y, s, e.ExpressionList) // the same variable, with room for both
	l.used, l.live = l.used[:len(l.used)-1], l.live[:len(l.live)-1]
	l.branch(cond, func() {
		l.put(yes)
		l.emit(&model.Stmt{Kind: model.StmtAssign, Dst: v, Arg: x})
	}, func() {
		l.put(no)
		l.emit(&model.Stmt{Kind: model.StmtAssign, Dst: w, Arg: y})
	})
	var cands []int64
	if a.cands != nil && b.cands != nil {
		cands = append(append(cands, a.cands...), b.cands...)
	}
	return value{t: e.Type(), n: v.Node(), cands: cands}
}
