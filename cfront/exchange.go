package cfront

import (
	"ctcheck/litmus"
	"ctcheck/model"

	"modernc.org/cc/v4"
)

// This file writes the steps of compare-and-exchange, of conditional operations and of locks.

// cmpxchg is a compare-and-exchange that returns the value found.
func (l *lowering) cmpxchg(p *litmus.Primitive, lv *lvalue, old, n *model.Node, t cc.Type, us use) value {
	tg := l.target(lv)
	old, n = l.wrapped(tg, lv, convert(old, tg.t)), convert(n, tg.t)
	if !tg.exact() || tg.isGhost() {
		return l.slowCmpxchg(tg, p, lv, old, n, t)
	}
	if !grows(n) {
		l.include(tg, boundsOf(n))
	}
	s := tg.to(&model.Stmt{Op: model.RMWCmpxchg, Order: p.Order, Old: old, Arg: n})
	if us.want != nil && reads(old, l.takes(us.want)) { // which the result would change before it is compared
		us = use{}
	}
	v, direct := l.destination(us, tg.raw(), tg.rng())
	if v == nil && l.isVisible(tg) {
		v = l.temp(tg.rng())
	}
	if v != nil {
		s.Dst, s.Result = v, model.OldValue
	}
	l.emit(s)
	if l.isVisible(tg) {
		l.branch(bin(model.OpEq, v.Node(), old), func() { l.publish() }, nil)
	}
	return result(v, direct, t)
}

// takes is the variable that a want is about; nil if there is none yet.
func (l *lowering) takes(w *want) *model.Var { return w.to.vars[w.c] }

// reads reports whether an expression reads a variable.
func reads(n *model.Node, v *model.Var) bool {
	found := false
	n.Reads(func(w *model.Var) { found = found || w == v })
	return found
}

// slowCmpxchg is one of part of a word.
func (l *lowering) slowCmpxchg(tg *target, p *litmus.Primitive, lv *lvalue, old, n *model.Node, t cc.Type) value {
	if tg.isGhost() {
		l.fail(lv.at, "%s is of memory; a ghost is read and assigned to", p.Name)
	}
	v := l.temp(tg.rng())
	found := tg.part(v.Node(), lv)
	l.atomic(func() {
		l.emit(tg.to(&model.Stmt{Op: model.Load, Order: p.Order, Dst: v}))
		l.branch(bin(model.OpEq, found, old), func() { l.storeTo(tg, lv, n, model.Relaxed) }, nil)
	})
	return value{t: t, n: found}
}

// tryCmpxchg is one that returns whether it stored, and otherwise refreshes the expected value.
func (l *lowering) tryCmpxchg(p *litmus.Primitive, lv, old *lvalue, n *model.Node, t cc.Type, us use) value {
	tg := l.target(lv)
	n = convert(n, tg.t)
	c := l.wholeLocal(old)
	if c == nil || !tg.exact() || tg.isGhost() {
		return l.slowTry(p, lv, old, n, t)
	}
	lo := old.to
	key := lo.key + c.key
	l.facts.set(l.facts.read, key)
	l.facts.set(l.facts.varies, lo.key)
	raw := tg.raw()
	if convert(tg.spots[0].v.Node(), c.t) != tg.spots[0].v.Node() || tg.spots[0].s.wraps && l.span(lo,
		c).hi > raw.hi {
		return l.slowTry(p, lv, old, n, t)
	}
	if !grows(n) {
		l.include(tg, boundsOf(n))
	}
	l.facts.include(l.span(lo, c), raw.lo, raw.hi)
	ov := l.slot(lo, c)
	if us.want != nil && l.takes(us.want) == ov {
		us = use{}
	}
	ok, direct := l.destination(us, bounds{0, 1}, model.Bool)
	if ok == nil && l.isVisible(tg) {
		ok = l.temp(model.Bool)
	}
	l.emit(tg.to(&model.Stmt{Op: model.RMWTryCmpxchg, Order: p.Order, Result: model.Success, Dst: ok,
		Old: ov.Node(), OldVar: ov, Arg: n}))
	if l.isVisible(tg) {
		l.branch(ok.Node(), func() { l.publish() }, nil)
	}
	return result(ok, direct, t)
}

// span is that of a part of a local.
func (l *lowering) span(lo *local, c *cell) *span { return l.facts.span(lo.key+c.key, c.t, c.marks) }

// wholeLocal is the part of a local that an lvalue is, if it is all of a variable that is not in memory.
func (l *lowering) wholeLocal(lv *lvalue) *cell {
	if lv.to == nil || lv.field != nil {
		return nil
	}
	t, ok := scalarOf(lv.t)
	if !ok {
		return nil
	}
	c := lv.to.o.cellAt(lv.off, int64(t.bits)/8)
	if c == nil || c.off != lv.off || c.size*8 != int64(t.bits) {
		return nil
	}
	return c
}

// slowTry is a tryCmpxchg whose expected value is not simply a local.
func (l *lowering) slowTry(p *litmus.Primitive, lv, old *lvalue, n *model.Node, t cc.Type) value {
	tt, ok := scalarOf(old.t)
	if !ok {
		l.fail(old.at, "the expected value is an integer or a pointer")
	}
	expected := l.kept(l.rvalue(old, model.Plain, use{}).n, tt, old.at)
	found := l.cmpxchg(p, lv, expected, n, lv.t, use{}).n
	stored := l.kept(bin(model.OpEq, found, convert(expected, l.target(lv).t)), boolScalar, lv.at)
	l.branch(not(stored), func() { l.assignTo(old, value{t: old.t, n: convert(found, tt)}) }, nil)
	return value{t: t, n: stored}
}

// choice takes one of two ways, each of which begins with a step. In one step with others the condition decides, of
// what is loaded first.
func (l *lowering) choice(lv *lvalue, v *model.Var, cond *model.Node, orders [2]model.Order, yes, no func()) {
	tg := l.target(lv)
	load := func(order model.Order, c *model.Node) {
		l.emit(tg.to(&model.Stmt{Op: model.Load, Order: order, Dst: v, Cond: c}))
	}
	if l.ctx.atomic {
		load(orders[0], nil)
		l.branch(cond, yes, no)
		return
	}
	text := l.at.text
	way := func(order model.Order, c *model.Node, then func(), locked bool) model.Alt {
		return model.Alt{Guard: num(1), Body: l.sub(func() {
			if !locked {
				load(order, c)
				then()
				return
			}
			l.atomic(func() {
				load(order, c)
				then()
			})
		})}
	}
	l.emit(&model.Stmt{Kind: model.StmtChoose, Label: text,
		Alts: []model.Alt{way(orders[0], cond, yes, true), way(orders[1], not(cond), no, false)}})
}

// unless is an operation that is not done where the value found is as the primitive says.
func (l *lowering) unless(p *litmus.Primitive, lv *lvalue, arg, limit *model.Node, t cc.Type) value {
	tg := l.target(lv)
	arg, limit = convert(arg, tg.t), convert(limit, tg.t)
	v, done := l.temp(tg.rng()), l.temp(model.Bool)
	old := tg.part(v.Node(), lv)
	sum := convert(computed(p.Combine, old, arg), tg.t)
	busy := not(computed(p.Idle, old, limit))
	l.choice(lv, v, busy, [2]model.Order{p.Order, p.OnFailure}, func() {
		l.storeTo(tg, lv, sum, model.Relaxed)
		l.emit(&model.Stmt{Kind: model.StmtAssign, Dst: done, Arg: num(1)})
	}, func() {})
	switch p.Returns {
	case litmus.Old:
		return value{t: t, n: old}
	case litmus.New:
		return value{t: t, n: sum}
	}
	return value{t: t, n: done.Node()}
}

// lock is one of the operations on a spinlock, which is 1 while somebody has it.
func (l *lowering) lock(p *litmus.Primitive, lv *lvalue, t cc.Type) value {
	tg := l.target(lv)
	l.include(tg, bounds{0, 1})
	switch p.Class {
	case litmus.Unlock:
		l.storeTo(tg, lv, num(0), p.Order)
		return value{t: t}
	case litmus.IsLocked:
		return l.load(lv, p.Order, use{})
	}
	v := l.temp(tg.rng())
	if p.Class == litmus.Lock {
		l.atomic(func() {
			l.emit(tg.to(&model.Stmt{Op: model.Load, Order: p.Order, Dst: v, Cond: not(v.Node())}))
			l.storeTo(tg, lv, num(1), model.Relaxed)
		})
		return value{t: t}
	}
	got := l.temp(model.Bool)
	l.choice(lv, v, not(v.Node()), [2]model.Order{p.Order, p.OnFailure}, func() {
		l.storeTo(tg, lv, num(1), model.Relaxed)
		l.emit(&model.Stmt{Kind: model.StmtAssign, Dst: got, Arg: num(1)})
	}, func() {})
	return value{t: t, n: got.Node()}
}
