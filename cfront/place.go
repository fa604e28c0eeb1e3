package cfront

import (
	"modernc.org/cc/v4"

	"ctcheck/model"
)

// This file lowers what an expression designates, and reads of it.

// lvalue is what an expression designates.
func (l *lowering) lvalue(e cc.ExpressionNode) (lv *lvalue) {
	l.deeper(e, func() { lv = l.designated(e) })
	lv.at = e
	return lv
}

func (l *lowering) designated(e cc.ExpressionNode) *lvalue {
	switch x := e.(type) {
	case *cc.PrimaryExpression:
		switch x.Case {
		case cc.PrimaryExpressionExpr:
			return l.lvalue(x.ExpressionList)
		case cc.PrimaryExpressionIdent:
			return l.named(x)
		case cc.PrimaryExpressionStmt:
			return l.aggregate(e)
		}
	case *cc.UnaryExpression:
		if x.Case == cc.UnaryExpressionDeref {
			return l.pointedTo(l.value(x.CastExpression, use{}), e)
		}
	case *cc.PostfixExpression:
		switch x.Case {
		case cc.PostfixExpressionIndex:
			return l.indexed(x)
		case cc.PostfixExpressionSelect:
			return l.member(l.lvalue(x.PostfixExpression), x)
		case cc.PostfixExpressionPSelect:
			return l.member(l.pointedTo(l.value(x.PostfixExpression, use{}), x.PostfixExpression), x)
		}
	case *cc.ExpressionList, *cc.ConditionalExpression, *cc.AssignmentExpression:
		return l.aggregate(e)
	}
	l.fail(e, "this designates no variable")
	return nil
}

// aggregate is a struct or union that an expression has as its value.
func (l *lowering) aggregate(e cc.ExpressionNode) *lvalue {
	v := l.value(e, use{})
	if v.agg == nil {
		l.fail(e, "this designates no variable")
	}
	return v.agg
}

// pointedTo is what is at an address.
func (l *lowering) pointedTo(v value, e cc.ExpressionNode) *lvalue {
	t := pointee(v.t)
	if t == nil {
		l.fail(e, "a pointer is needed here, and this is of type %s", v.t)
	}
	if v.to != nil {
		return &lvalue{t: t, to: v.to, off: v.off, at: e}
	}
	return &lvalue{t: t, addr: l.numberOf(v, e), cands: v.cands, at: e}
}

func (l *lowering) indexed(e *cc.PostfixExpression) *lvalue {
	var x, y value
	l.unsequenced(e, func() { x = l.value(e.PostfixExpression, use{}) },
		func() { y = l.value(e.ExpressionList, use{}) })
	if pointee(x.t) == nil {
		x, y = y, x
	}
	of := pointee(x.t)
	if of == nil {
		l.fail(e, "an array or a pointer is needed here, and this is of type %s", x.t)
	}
	n := l.numberOf(y, e)
	if x.to != nil && n.Op != model.OpConst {
		l.facts.set(l.facts.escapes, x.to.key)
		panic(bail{})
	}
	p := l.offset(e, x, of, n, false)
	if p.to != nil {
		return &lvalue{t: of, to: p.to, off: p.off, at: e}
	}
	return &lvalue{t: of, addr: l.numberOf(p, e), cands: p.cands, at: e}
}

// member is a field of a struct or union.
func (l *lowering) member(lv *lvalue, e *cc.PostfixExpression) *lvalue {
	f := e.Field()
	if f == nil {
		l.fail(e, "there is no such field")
	}
	off := f.Offset()
	for p := f.ParentField(); p != nil && p.Name() == ""; p = p.ParentField() { // of anonymous structs around it
		off += p.Offset()
	}
	out := &lvalue{t: f.Type(), to: lv.to, off: lv.off + off, at: e}
	if f.IsBitfield() {
		out.field = f
	}
	if lv.to != nil {
		return out
	}
	out.addr = bin(model.OpAdd, lv.addr, num(off))
	cands := lv.cands
	if cands == nil && lv.addr.Op != model.OpConst {
		cands = l.spans(lv.t)
		b := boundsOf(lv.addr)
		for _, k := range cands {
			if k >= b.lo && k <= b.hi {
				out.cands = append(out.cands, k+off)
			}
		}
		return out
	}
	for _, k := range cands {
		out.cands = append(out.cands, k+off)
	}
	return out
}

// named is a variable or function by its name.
func (l *lowering) named(e *cc.PrimaryExpression) *lvalue {
	name := e.Token.SrcStr()
	d := declaratorOf(e.ResolvedTo())
	if d != nil && l.frame != nil {
		for fr := l.frame; fr != nil; fr = fr.up {
			if lo := fr.locals[d]; lo != nil {
				return l.ofLocal(lo, e)
			}
		}
	}
	if d != nil && d.Type().Kind() == cc.Function {
		for i, f := range l.mem.fns {
			if f.Declarator.Name() == name {
				return &lvalue{t: d.Type(), addr: num(functionAddress(i)), at: e}
			}
		}
		l.fail(e, "%s() is declared and not defined; what a function does has to be in the file", name)
	}
	key := name
	if d != nil {
		if s := l.u.statics[d]; s != "" {
			key = s
		}
	}
	o := l.mem.byName[key]
	switch {
	case o == nil && d == nil:
		l.fail(e, "%s is not declared", name)
	case o == nil:
		l.fail(e, "%s is declared, and its size is not known", name)
	}
	return &lvalue{t: o.t, addr: num(o.base), at: e}
}

// declaratorOf is the declarator of what a name means.
func declaratorOf(n cc.Node) *cc.Declarator {
	switch x := n.(type) {
	case *cc.Declarator:
		return x
	case *cc.Parameter:
		return x.Declarator
	}
	return nil
}

// ofLocal is all of a local.
func (l *lowering) ofLocal(lo *local, e cc.Node) *lvalue {
	if lo.home != nil {
		return &lvalue{t: lo.o.t, addr: num(lo.home.base), at: e}
	}
	return &lvalue{t: lo.o.t, to: lo, at: e}
}

// address is the address of what an expression designates.
func (l *lowering) address(e *cc.UnaryExpression) value {
	lv := l.lvalue(e.CastExpression)
	if lv.field != nil {
		l.fail(e, "a bit-field has no address")
	}
	return value{t: e.Type(), n: lv.addr, to: lv.to, off: lv.off, cands: lv.cands}
}

// rvalue is the value of what is designated. An array is the address of its first element.
func (l *lowering) rvalue(lv *lvalue, order model.Order, us use) value {
	switch t := lv.t.(type) {
	case *cc.ArrayType:
		return value{t: t.Decay(), n: lv.addr, to: lv.to, off: lv.off, cands: lv.cands}
	case *cc.FunctionType:
		return value{t: t.Decay(), n: lv.addr}
	case *cc.StructType, *cc.UnionType:
		return value{t: lv.t, agg: lv}
	}
	if lv.to != nil {
		return l.readLocal(lv)
	}
	if us.unused && l.quiet(lv) {
		return value{t: lv.t}
	}
	return l.load(lv, order, us)
}

// quiet reports whether a plain load whose value nobody takes is none: the compiler drops it, unless it is
// volatile.
func (l *lowering) quiet(lv *lvalue) bool { return !lv.t.Attributes().IsVolatile() }

// readLocal is the value of a part of a local.
func (l *lowering) readLocal(lv *lvalue) value {
	lo := lv.to
	if lo.fixed != nil {
		v := *lo.fixed
		v.t = lv.t
		return v
	}
	c, t := l.partOf(lv)
	l.facts.set(l.facts.read, lo.key+c.key)
	v := l.slot(lo, c).Node()
	if c.off == lv.off && c.size*8 == int64(t.bits) && lv.field == nil {
		return value{t: lv.t, n: convert(v, t)}
	}
	return value{t: lv.t, n: l.localTarget(lo, c, lv, t).part(v, lv)}
}

// partOf is the cell that a part of a local is in.
func (l *lowering) partOf(lv *lvalue) (*cell, scalar) {
	t := l.scalarOf(lv.t, lv.at)
	size := int64(t.bits) / 8
	if lv.field != nil {
		size = lv.field.AccessBytes()
	}
	c := lv.to.o.cellAt(lv.off, size)
	if c == nil {
		l.fail(lv.at, "this accesses %d bytes of %s that are several variables, or beyond it", size, lv.to.name)
	}
	return c, t
}

// localTarget is a part of a local's cell as a target.
func (l *lowering) localTarget(lo *local, c *cell, lv *lvalue, t scalar) *target {
	return &target{t: t, spots: []spot{{v: l.slot(lo, c), c: c, s: l.span(lo, c), shift: int(lv.off-c.off) * 8,
		whole: c.off == lv.off && c.size*8 == int64(t.bits) && lv.field == nil}}}
}
