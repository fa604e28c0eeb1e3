package cfront

import (
	"modernc.org/cc/v4"

	"ctcheck/model"
)

// This file lowers assignments and the initialization of locals.

var assignOps = map[cc.AssignmentExpressionCase]operator{cc.AssignmentExpressionAdd: opAdd,
	cc.AssignmentExpressionSub: opSub, cc.AssignmentExpressionMul: opMul, cc.AssignmentExpressionDiv: opDiv,
	cc.AssignmentExpressionMod: opRem, cc.AssignmentExpressionLsh: opShl, cc.AssignmentExpressionRsh: opShr,
	cc.AssignmentExpressionAnd: opAnd, cc.AssignmentExpressionOr: opOr, cc.AssignmentExpressionXor: opXor}

// assignment lowers = and its kin.
func (l *lowering) assignment(e *cc.AssignmentExpression, us use) value {
	op, compound := assignOps[e.Case]
	if !compound {
		return l.simple(e, us)
	}
	lv := l.lvalue(e.UnaryExpression)
	var old, by value
	l.unsequenced(e, func() { old = l.rvalue(lv, model.Plain, use{}) },
		func() { by = l.value(e.AssignmentExpression, use{}) })
	v := l.converted(l.operate(e, old, op, by), lv.t, e)
	l.assignTo(lv, v)
	return l.assigned(lv, v, e)
}

func (l *lowering) simple(e *cc.AssignmentExpression, us use) value {
	var lv *lvalue
	var v value
	l.unsequenced(e, func() { lv = l.lvalue(e.UnaryExpression) }, func() {
		if c := l.wholeLocal(lv); c != nil {
			v = l.value(e.AssignmentExpression, wanting(lv.to, c))
		} else {
			v = l.value(e.AssignmentExpression, use{})
		}
	})
	l.assignTo(lv, l.converted(v, lv.t, e))
	if us.unused {
		return value{t: lv.t}
	}
	return l.assigned(lv, v, e)
}

// assigned is the value of an assignment: what is then in a local, and of memory what was stored.
func (l *lowering) assigned(lv *lvalue, v value, e cc.Node) value {
	if lv.to != nil && v.agg == nil {
		return l.readLocal(lv)
	}
	return l.converted(v, lv.t, e)
}

// assignTo stores a value, which is of the type of the place.
func (l *lowering) assignTo(lv *lvalue, v value) {
	switch lv.t.(type) {
	case *cc.StructType, *cc.UnionType:
		l.copy(lv, v)
		return
	}
	if lv.to == nil {
		l.store(lv, l.numberOf(v, lv.at), model.Plain)
		return
	}
	lo := lv.to
	c, t := l.partOf(lv)
	if lo.fixed != nil || !l.facts.varies[lo.key] {
		l.facts.set(l.facts.varies, lo.key)
	}
	if v.direct {
		return
	}
	l.setLocal(lv, c, t, v)
}

// setLocal assigns to a part of a local. One that nobody reads takes nothing.
func (l *lowering) setLocal(lv *lvalue, c *cell, t scalar, v value) {
	lo := lv.to
	if v.to != nil && !l.facts.read[lo.key+c.key] {
		return
	}
	n := l.numberOf(v, lv.at)
	if !l.facts.read[lo.key+c.key] {
		return
	}
	tg := l.localTarget(lo, c, lv, t)
	if !tg.spots[0].whole {
		l.includePart(tg, lv, n)
		n = l.combined(tg, lv, l.slot(lo, c).Node(), n)
	}
	l.assign(l.slot(lo, c), l.span(lo, c), n)
}

// copy copies a struct or union, part by part. In memory each part is a step.
func (l *lowering) copy(to *lvalue, v value) {
	if v.agg == nil {
		l.fail(to.at, "only a struct or union is assigned to one")
	}
	from := v.agg
	o := &object{t: to.t}
	o.takeApart(l.fields)
	if o.why != "" {
		l.fail(to.at, "a copy of %s is not supported: %s", to.t, o.why)
	}
	if l.hasWordFields(to.t) {
		l.fail(to.at,
			"a copy of a struct with bit-fields or unions besides other fields is not supported; copy its "+
				"fields")
	}
	for _, c := range o.cells {
		src, dst := l.part(from, c), l.part(to, c)
		l.assignTo(dst, l.converted(l.rvalue(src, model.Plain, use{}), dst.t, to.at))
	}
}

// part is a cell of a struct or union.
func (l *lowering) part(of *lvalue, c *cell) *lvalue {
	p := &lvalue{t: c.of, to: of.to, off: of.off + c.off, at: of.at}
	if p.t == nil {
		p.t = l.wordType(c.size)
	}
	if of.to == nil {
		p.addr = bin(model.OpAdd, of.addr, num(c.off))
		for _, k := range of.cands {
			p.cands = append(p.cands, k+c.off)
		}
	}
	return p
}

// wordType is an unsigned integer of a size.
func (l *lowering) wordType(size int64) cc.Type {
	kind := map[int64]cc.Kind{1: cc.UChar, 2: cc.UShort, 4: cc.UInt, 8: cc.ULong}[size]
	return l.u.kinds[kind]
}

// hasWordFields reports whether words are among the parts of a struct whose sizes are those of no integer.
func (l *lowering) hasWordFields(t cc.Type) bool {
	o := &object{t: t}
	o.takeApart(l.fields)
	for _, c := range o.cells {
		if c.of == nil && l.wordType(c.size) == nil {
			return true
		}
	}
	return false
}

// initLocal gives a local the value of its initializer.
func (l *lowering) initLocal(lo *local, i *cc.Initializer, e cc.Node) {
	lv := l.ofLocal(lo, e)
	if i.Case == cc.InitializerExpr {
		_, isScalar := scalarOf(lo.o.t)
		switch {
		case !isScalar:
			l.assignTo(lv, l.value(i.AssignmentExpression, use{}))
			return
		case lv.to == nil:
			l.store(lv, l.numberOf(l.converted(l.value(i.AssignmentExpression, use{}), lv.t, e), e), model.Plain)
			return
		}
		v := l.converted(l.value(i.AssignmentExpression, wanting(lo, lo.o.cells[0])), lv.t, e)
		known := v.to != nil || v.n != nil && v.n.Op == model.OpConst && !v.direct
		if known && !l.facts.varies[lo.key] {
			lo.fixed = &v
			return
		}
		if !v.direct {
			c, t := l.partOf(lv)
			l.setLocal(lv, c, t, v)
		}
		return
	}
	for _, c := range lo.o.cells { // what the initializer leaves out is 0
		if v := lo.vars[c]; v != nil {
			l.emit(&model.Stmt{Kind: model.StmtAssign, Dst: v, Arg: num(0)})
		}
	}
	l.eachInit(i, func(i *cc.Initializer, x cc.ExpressionNode) {
		part := &lvalue{t: i.Type(), to: lv.to, off: lv.off + i.Offset(), at: x}
		if lv.to == nil {
			part.addr = bin(model.OpAdd, lv.addr, num(i.Offset()))
		}
		if f := i.Field(); f != nil && f.IsBitfield() {
			part.field = f
		}
		l.assignTo(part, l.converted(l.value(x, use{}), i.Type(), x))
	})
}

// literal is a compound literal: a scalar one is its initializer.
func (l *lowering) literal(e *cc.PostfixExpression) value {
	t := e.Type()
	if _, ok := scalarOf(t); ok && e.InitializerList != nil && e.InitializerList.InitializerList == nil &&
		e.InitializerList.Initializer.Case == cc.InitializerExpr {
		return l.converted(l.value(e.InitializerList.Initializer.AssignmentExpression, use{}), t, e)
	}
	l.fail(e, "a compound literal of type %s is not supported; declare a variable", t)
	return value{}
}
