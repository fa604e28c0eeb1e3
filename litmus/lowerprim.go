package litmus

import (
	"fmt"
	"slices"

	"ctcheck/model"
)

// This file lowers primitives to steps, as x86 makes them.

func (l *lowering) do(s *Stmt) {
	switch s.Prim.Class {
	case Fence:
		l.add(&model.Stmt{Kind: model.StmtFence, Fence: s.Prim.Fence})
	case ReadLock, ReadUnlock, Sync:
		l.rcu.do(l, s)
	case Nothing:
	default:
		l.onTarget(s)
	}
}

// onTarget lowers an access: to the one location that its address is of, or to the one that it turns out to be of.
func (l *lowering) onTarget(s *Stmt) {
	var cells []int
	stray := false
	for v := range l.a.found[s] {
		if v.kind == anAddr {
			cells = append(cells, int(v.n))
		} else {
			stray = true
		}
	}
	slices.Sort(cells)
	addr := l.expr(s.Addr)
	if n := addr.Node(); n.Op != model.OpConst && n.Op != model.OpVar {
		v := l.temp(l.span(l.a.found[s]))
		l.set(v, addr)
		addr = v
	}
	is := func(c int) model.Expr { return model.Of(addr).Eq(model.Int(l.words.base + int64(c))) }
	if stray {
		var known []model.Value
		for _, c := range cells {
			known = append(known, is(c))
		}
		l.fault(model.Any(known...), fmt.Sprintf("%s accesses what is no address of a location", l.at.Label))
	}
	l.choose(s, cells, is)
}

func (l *lowering) choose(s *Stmt, cells []int, is func(int) model.Expr) {
	switch len(cells) {
	case 0:
	case 1:
		l.access(s, cells[0])
	default:
		l.when(is(cells[0]), func() { l.access(s, cells[0]) }, func() { l.choose(s, cells[1:], is) })
	}
}

// fault is an error of the run where cond is false.
func (l *lowering) fault(cond model.Value, why string) {
	if n := cond.Node(); n.Op == model.OpConst && n.K == 0 { // always: still only where a run gets there
		v := l.temp(model.Bool)
		l.set(v, model.False)
		cond = v
	}
	l.add(&model.Stmt{Kind: model.StmtAssert, Cond: cond.Node()})
	(*l.out)[len(*l.out)-1].Label = why
}

// dst is the local that takes the result of a statement; nil if nothing reads it.
func (l *lowering) dst(s *Stmt) *model.Var {
	if s.Dst == "" || !l.reads[s.Dst] || len(l.a.regs[l.thread][s.Dst]) == 0 {
		return nil
	}
	return l.reg(s.Dst)
}

// access lowers an access to a cell.
func (l *lowering) access(s *Stmt, cell int) {
	v, p, dst := l.cells[cell], s.Prim, l.dst(s)
	load := func(dst *model.Var, order model.Order, cond model.Value) {
		a := &model.Stmt{Kind: model.StmtAccess, Op: model.Load, Order: order, Var: v, Dst: dst}
		if cond != nil {
			a.Cond = cond.Node()
		}
		l.add(a)
	}
	store := func(order model.Order, x model.Value) {
		l.stored = true
		l.add(&model.Stmt{Kind: model.StmtAccess, Op: model.Store, Order: order, Var: v, Arg: x.Node()})
	}
	switch p.Class {
	case Load, IsLocked:
		load(dst, p.Order, nil)
	case Store:
		store(p.Order, l.expr(s.Args[0]))
	case RMW:
		l.rmw(s, cell, dst)
	case Cmpxchg:
		l.cmpxchg(s, v, dst)
	case Unless:
		l.unless(s, cell, dst, load, store)
	case Lock:
		found := l.temp(v.Range)
		l.atomic(func() {
			load(found, p.Order, found.Eq(model.Int(0)))
			store(model.Relaxed, model.Int(1))
		})
	case Unlock:
		store(p.Order, model.Int(0))
	case Trylock:
		found := l.temp(v.Range)
		l.either(func() {
			l.atomic(func() {
				load(found, p.Order, found.Eq(model.Int(0)))
				store(model.Relaxed, model.Int(1))
			})
			l.set(dst, model.Int(1))
		}, func() {
			load(found, p.OnFailure, found.Ne(model.Int(0)))
			l.set(dst, model.Int(0))
		})
	default:
		l.rcu.srcu(l, s, cell, dst)
	}
}

// atomic makes one locked step of several accesses.
func (l *lowering) atomic(f func()) {
	l.add(&model.Stmt{Kind: model.StmtAtomic, Body: l.sub(f)})
}

// either takes one of two ways, each of which begins with a step.
func (l *lowering) either(a, b func()) {
	alt := func(f func()) model.Alt { return model.Alt{Guard: model.True.Node(), Body: l.sub(f)} }
	l.add(&model.Stmt{Kind: model.StmtChoose, Alts: []model.Alt{alt(a), alt(b)}})
}

var rmwOps = map[Op]model.AccessOp{OpInt: model.RMWXchg, OpAdd: model.RMWAdd, OpSub: model.RMWSub,
	OpAnd:    model.RMWAnd,
	OpAndNot: model.RMWAndNot, OpOr: model.RMWOr}

// rmw lowers an operation on the value found. One that the vocabulary has not is a load and a store in one step.
func (l *lowering) rmw(s *Stmt, cell int, dst *model.Var) {
	v, p := l.cells[cell], s.Prim
	arg := l.expr(s.Args[0])
	op, known := rmwOps[p.Combine]
	got := dst
	if dst != nil && p.Returns != Old && p.Returns != New {
		got = l.temp(v.Range)
	}
	if known {
		m := &model.Stmt{Kind: model.StmtAccess, Op: op, Order: p.Order, Var: v, Arg: arg.Node(), Dst: got}
		switch {
		case got == nil:
		case p.Returns == Old:
			m.Result = model.OldValue
		default:
			m.Result = model.NewValue
		}
		l.add(m)
	} else {
		old, sum := l.temp(v.Range), l.temp(v.Range)
		l.atomic(func() {
			l.add(&model.Stmt{Kind: model.StmtAccess, Op: model.Load, Order: p.Order, Var: v, Dst: old})
			l.set(sum, l.operate(p.Combine, old, arg))
			l.add(&model.Stmt{Kind: model.StmtAccess, Op: model.Store, Order: model.Relaxed, Var: v,
				Arg: sum.Node()})
		})
		if got != nil && p.Returns == Old {
			l.set(got, old)
		} else {
			l.set(got, sum)
		}
	}
	switch {
	case dst == nil:
	case p.Returns == IsZero:
		l.set(dst, got.Eq(model.Int(0)))
	case p.Returns == IsNegative:
		l.set(dst, got.Lt(model.Int(0)))
	}
}

// operate is an operator on a value found.
func (l *lowering) operate(op Op, old *model.Var, arg model.Value) model.Value {
	switch op {
	case OpXor:
		return old.Xor(arg)
	case OpSub:
		return old.Sub(arg)
	}
	return old.Add(arg)
}

func (l *lowering) cmpxchg(s *Stmt, v, dst *model.Var) {
	m := &model.Stmt{Kind: model.StmtAccess, Op: model.RMWCmpxchg, Order: s.Prim.Order, Var: v,
		Old: l.expr(s.Args[0]).Node(), Arg: l.expr(s.Args[1]).Node()}
	if s.Refresh == "" {
		if m.Dst = dst; dst != nil {
			m.Result = model.OldValue
		}
		l.add(m)
		return
	}
	old := l.temp(v.Range)
	m.Dst, m.Result = old, model.OldValue
	expected := l.temp(l.span(l.a.regs[l.thread][s.Refresh]))
	l.set(expected, l.regValue(s.Refresh))
	l.add(m)
	if len(l.a.regs[l.thread][s.Refresh]) > 0 {
		l.when(old.Ne(expected), func() { l.set(l.reg(s.Refresh), old) }, nil)
	}
	l.set(dst, old.Eq(expected)) // last, as dst may be the register that is refreshed
}

// unless lowers a conditional operation: done in a locked step, or found by a load to be idle.
func (l *lowering) unless(s *Stmt, cell int, dst *model.Var, load func(*model.Var, model.Order, model.Value),
	store func(model.Order, model.Value)) {
	v, p := l.cells[cell], s.Prim
	limit := model.Value(model.Int(p.IdleAt))
	if len(s.Args) > 1 {
		limit = l.expr(s.Args[1])
	}
	arg := l.expr(s.Args[0])
	old := l.temp(v.Range)
	idle := map[Op]model.Expr{OpEq: old.Eq(limit), OpLt: old.Lt(limit), OpLe: old.Le(limit),
		OpGt: old.Gt(limit)}[p.Idle]
	result := func(stored bool) {
		switch p.Returns {
		case Old:
			l.set(dst, old)
		case New:
			l.set(dst, l.operate(p.Combine, old, arg))
		default:
			l.set(dst, model.Int(model.Truth(stored)))
		}
	}
	l.either(func() {
		l.atomic(func() {
			load(old, p.Order, idle.IsZero())
			store(model.Relaxed, l.operate(p.Combine, old, arg))
		})
		result(true)
	}, func() {
		load(old, p.OnFailure, idle)
		result(false)
	})
}
