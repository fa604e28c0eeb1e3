package cfront

import (
	"modernc.org/cc/v4"

	"ctcheck/model"
)

// This file has the values with which variables begin.

// initial is the value that a cell of an object has in the beginning.
func (l *lowering) initial(in instance, c *cell) int64 {
	if in.o.init == nil {
		return 0
	}
	var raw int64
	l.eachInit(in.o.init, func(i *cc.Initializer, e cc.ExpressionNode) {
		if i.Offset() < c.off || i.Offset() >= c.off+c.size {
			return
		}
		k := l.constant(e)
		t := c.t
		if s, ok := scalarOf(i.Type()); ok {
			t = s
		}
		if f := i.Field(); f != nil && f.IsBitfield() {
			shift := int(i.Offset()-c.off)*8 + f.OffsetBits()
			raw |= k & ones(int(f.ValueBits())) << shift
			return
		}
		if c.of != nil {
			raw = c.t.wrap(k)
			return
		}
		raw |= t.wrap(k) & ones(t.bits) << (8 * (i.Offset() - c.off))
	})
	return raw
}

// eachInit calls f with every scalar that an initializer sets.
func (l *lowering) eachInit(i *cc.Initializer, f func(i *cc.Initializer, e cc.ExpressionNode)) {
	if i.Case == cc.InitializerExpr {
		f(i, i.AssignmentExpression)
		return
	}
	for list := i.InitializerList; list != nil; list = list.InitializerList {
		l.eachInit(list.Initializer, f)
	}
}

// constant is the value of an expression that must be constant: a number or an address.
func (l *lowering) constant(e cc.ExpressionNode) int64 {
	if k, ok := constantOf(e); ok {
		return k
	}
	var n *model.Node
	list := l.sub(func() { n = l.value(e, use{}).n })
	if n == nil || n.Op != model.OpConst || len(list) > 0 {
		l.fail(e, "this is not constant")
	}
	return n.K
}
