package cfront

import (
	"ctcheck/litmus"
	"ctcheck/model"

	"modernc.org/cc/v4"
)

// This file writes the steps of loads and stores.

// use is what becomes of the value of an expression.
type use struct {
	unused bool
	want   *want
}

// A want is a local that takes a value and nothing else does: an access may write there.
type want struct {
	to  *local
	c   *cell
	lim bounds // the values that no conversion on the way there changes
}

// wanting is the use of what is assigned to part of a local.
func wanting(to *local, c *cell) use {
	w := &want{to: to, c: c, lim: unbounded}
	return use{want: w}.through(c.t)
}

// through is the use of what is converted to a type first.
func (us use) through(t scalar) use {
	if us.want == nil {
		return us
	}
	w := *us.want
	if least, most, bounded := t.limits(); bounded {
		w.lim = bounds{max(w.lim.lo, least), min(w.lim.hi, most)}
	}
	return use{want: &w}
}

// destination is where an access puts its result, whose bounds are b: nowhere, the local that takes it, or a
// temporary of range r. direct says that nothing is left to be done with it.
func (l *lowering) destination(us use, b bounds, r model.Range) (v *model.Var, direct bool) {
	switch w := us.want; {
	case us.unused:
		return nil, true
	case w != nil && b.within(w.lim.lo, w.lim.hi):
		key := w.to.key + w.c.key
		if !l.facts.read[key] {
			return nil, true
		}
		s := l.facts.span(key, w.c.t, w.c.marks)
		l.facts.include(s, b.lo, b.hi)
		return l.slot(w.to, w.c), true
	}
	return l.temp(r), false
}

// result is a variable as a value; nil is none.
func result(v *model.Var, direct bool, t cc.Type) value {
	if v == nil {
		return value{t: t, n: num(0), direct: direct}
	}
	return value{t: t, n: v.Node(), direct: direct}
}

// load is a step that loads, or what a property sees.
func (l *lowering) load(lv *lvalue, order model.Order, us use) value {
	t := lv.t
	tg := l.target(lv)
	if tg == nil {
		return value{t: t, n: num(0)}
	}
	if l.watching || tg.isGhost() {
		return value{t: t, n: tg.part(tg.read(), lv)}
	}
	if tg.spots[0].whole {
		any := &model.Node{Op: model.OpVar, Var: &model.Var{Range: tg.rng()}}
		if b := boundsOf(tg.part(any, lv)); b == tg.raw() {
			v, direct := l.destination(us, b, tg.rng())
			l.emit(tg.to(&model.Stmt{Op: model.Load, Order: order, Dst: v}))
			return result(v, direct, t)
		}
	}
	if us.unused {
		l.emit(tg.to(&model.Stmt{Op: model.Load, Order: order}))
		return value{t: t, n: num(0)}
	}
	v := l.temp(tg.rng())
	l.emit(tg.to(&model.Stmt{Op: model.Load, Order: order, Dst: v}))
	return value{t: t, n: tg.part(v.Node(), lv)}
}

// store is a step that stores a value, which has the type of the place; or it sets a ghost.
func (l *lowering) store(lv *lvalue, n *model.Node, order model.Order) {
	if l.watching {
		l.fail(lv.at, "what is claimed must not change anything")
	}
	tg := l.target(lv)
	l.storeTo(tg, lv, n, order)
}

func (l *lowering) storeTo(tg *target, lv *lvalue, n *model.Node, order model.Order) {
	whole := tg.spots[0].whole
	if whole {
		n = tg.rawOf(n)
		if !grows(n) {
			l.include(tg, boundsOf(n))
		}
	} else {
		l.includePart(tg, lv, n)
	}
	switch {
	case tg.isGhost():
		if !whole {
			n = l.combined(tg, lv, tg.read(), n)
		}
		s := tg.to(&model.Stmt{Arg: n})
		s.Kind, s.Dst, s.Var = model.StmtAssign, s.Var, nil
		l.emit(s)
	case whole:
		l.visibly(tg, l.emit(tg.to(&model.Stmt{Op: model.Store, Order: order, Arg: n})))
	case lv.field != nil: // which compilers load, change and store
		v := l.temp(tg.rng())
		l.emit(tg.to(&model.Stmt{Op: model.Load, Order: order, Dst: v}))
		l.visibly(tg, l.emit(tg.to(&model.Stmt{Op: model.Store, Order: order, Arg: l.combined(tg, lv, v.Node(),
			n)})))
	default:
		l.visibly(tg, l.emit(l.bits(tg, lv, n, order)))
	}
}

// bits stores part of a word.
func (l *lowering) bits(tg *target, lv *lvalue, n *model.Node, order model.Order) *model.Stmt {
	mask, shift := tg.mask(lv)
	return tg.to(&model.Stmt{Op: model.StoreBits, Order: order, Old: num(mask & tg.raw().hi),
		Arg: bin(model.OpShl, n, num(int64(shift)))})
}

// includePart makes room in a word for what is stored to a part of it: StoreBits drops what there is no room for.
func (l *lowering) includePart(tg *target, lv *lvalue, n *model.Node) {
	mask, shift := tg.mask(lv)
	b := boundsOf(n)
	most := int64(1)
	if b.lo < 0 || b.hi > mask>>shift&ones(63-shift) {
		most = ones(63 - shift)
	} else {
		most = max(most, b.hi)
	}
	l.include(tg, bounds{0, most << shift & mask})
	l.include(tg, bounds{0, tg.raw().hi})
}

// combined is a raw value with another part.
func (l *lowering) combined(tg *target, lv *lvalue, raw, n *model.Node) *model.Node {
	mask, shift := tg.mask(lv)
	part := bin(model.OpAnd, bin(model.OpShl, n, num(int64(shift))), num(mask))
	return bin(model.OpOr, bin(model.OpAndNot, raw, num(mask)), part)
}

// atomic makes one step of several accesses.
func (l *lowering) atomic(f func()) {
	text := l.at.text
	body := l.sub(f)
	l.emit(&model.Stmt{Kind: model.StmtAtomic, Label: text, Body: body})
}

// wrapped is a number beside a cell that counts modulo its range.
func (l *lowering) wrapped(tg *target, lv *lvalue, n *model.Node) *model.Node {
	s := tg.spots[0].s
	if b := boundsOf(n); !s.wraps || b.within(s.lo, s.hi) {
		return n
	}
	if s.lo != 0 || s.hi&(s.hi+1) != 0 {
		l.fail(lv.at, "a value is compared with one that wraps at %d; give it a range of __ct_bits(n)", s.hi)
	}
	return bin(model.OpAnd, n, num(s.hi))
}

var rmwOps = map[litmus.Op]model.AccessOp{litmus.OpInt: model.RMWXchg, litmus.OpAdd: model.RMWAdd,
	litmus.OpSub: model.RMWSub, litmus.OpAnd: model.RMWAnd, litmus.OpAndNot: model.RMWAndNot,
	litmus.OpOr: model.RMWOr}

// operators is what primitives compute.
var operators = map[litmus.Op]model.ExprOp{litmus.OpAdd: model.OpAdd, litmus.OpSub: model.OpSub,
	litmus.OpAnd: model.OpAnd, litmus.OpAndNot: model.OpAndNot, litmus.OpOr: model.OpOr, litmus.OpXor: model.OpXor,
	litmus.OpEq: model.OpEq, litmus.OpLt: model.OpLt, litmus.OpLe: model.OpLe}

// computed is what a primitive makes of the value found.
func computed(op litmus.Op, old, arg *model.Node) *model.Node {
	switch op {
	case litmus.OpInt:
		return arg
	case litmus.OpGt:
		return bin(model.OpLt, arg, old)
	}
	return bin(operators[op], old, arg)
}

// rmw is a read-modify-write of the value found.
func (l *lowering) rmw(p *litmus.Primitive, lv *lvalue, arg *model.Node, t cc.Type, us use) value {
	tg := l.target(lv)
	arg = convert(arg, tg.t)
	if us.unused {
		us = use{}
		p2 := *p
		p2.Returns = litmus.Nought
		p = &p2
	}
	op, known := rmwOps[p.Combine]
	if !known || !tg.exact() || tg.isGhost() {
		return l.slowRMW(tg, p, lv, arg, t)
	}
	if n := computed(p.Combine, num(0), arg); p.Combine == litmus.OpInt && !grows(arg) {
		l.include(tg, boundsOf(n))
	} else if p.Combine == litmus.OpOr {
		l.include(tg, patterns(tg.raw(), boundsOf(arg)))
	}
	s := tg.to(&model.Stmt{Op: op, Order: p.Order, Arg: arg})
	out := value{t: t}
	switch p.Returns {
	case litmus.Nought:
	case litmus.Old, litmus.New:
		var direct bool
		s.Dst, direct = l.destination(us, tg.raw(), tg.rng())
		out = result(s.Dst, direct, t)
	default:
		s.Dst = l.temp(tg.rng())
		out.n = sign(p.Returns, s.Dst.Node())
	}
	switch {
	case s.Dst == nil:
	case p.Returns == litmus.Old:
		s.Result = model.OldValue
	default:
		s.Result = model.NewValue
	}
	l.emit(s)
	l.visibly(tg, nil)
	return out
}

// sign is what a primitive says of the value that it leaves behind.
func sign(r litmus.Returns, n *model.Node) *model.Node {
	if r == litmus.IsZero {
		return not(n)
	}
	return bin(model.OpLt, n, num(0))
}

// slowRMW is a read-modify-write for which the vocabulary has no access of its own: of a part of a word, or by an
// operator that it lacks.
func (l *lowering) slowRMW(tg *target, p *litmus.Primitive, lv *lvalue, arg *model.Node, t cc.Type) value {
	if tg.isGhost() {
		l.fail(lv.at, "%s is of memory; a ghost is read and assigned to", p.Name)
	}
	v := l.temp(tg.rng())
	old := tg.part(v.Node(), lv)
	sum := convert(computed(p.Combine, old, arg), tg.t)
	l.atomic(func() {
		l.emit(tg.to(&model.Stmt{Op: model.Load, Order: p.Order, Dst: v}))
		l.storeTo(tg, lv, sum, model.Relaxed)
	})
	switch p.Returns {
	case litmus.Old:
		return value{t: t, n: old}
	case litmus.New:
		return value{t: t, n: sum}
	case litmus.IsZero, litmus.IsNegative:
		return value{t: t, n: sign(p.Returns, sum)}
	}
	return value{t: t}
}
