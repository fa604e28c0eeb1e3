package litmus

import (
	"ctcheck/model"
)

// This file lowers expressions. Operators that the vocabulary has not are written out: for each combination of the
// values that their registers may have there is the value of the whole.

// assign lowers dst = e.
func (l *lowering) assign(dst *model.Var, e *Expr) { l.set(dst, l.expr(e)) }

// expr is an expression of the model; what it takes to compute it is added before.
func (l *lowering) expr(e *Expr) model.Value {
	switch e.Op {
	case OpInt:
		return model.Int(e.K)
	case OpReg:
		return l.regValue(e.Name)
	case OpAddr:
		return model.Int(l.words.base + int64(l.t.byName[e.Name]))
	case OpMul, OpDiv, OpMod, OpShl, OpShr:
		return l.writtenOut(e)
	case OpIf:
		v := l.temp(l.span(l.all(e)))
		l.when(l.expr(e.A), func() { l.assign(v, e.B) }, func() { l.assign(v, e.C) })
		return v
	}
	a := model.Of(l.expr(e.A))
	var b model.Value
	if e.B != nil {
		b = l.expr(e.B)
	}
	switch e.Op {
	case OpNeg:
		return model.Of(model.Int(0)).Sub(a)
	case OpCompl:
		return model.Of(model.Int(-1)).Sub(a)
	case OpNot:
		return a.IsZero()
	case OpAdd:
		return a.Add(b)
	case OpSub:
		return a.Sub(b)
	case OpAnd:
		return a.And(b)
	case OpOr:
		return a.Or(b)
	case OpXor:
		return a.Xor(b)
	case OpEq:
		return a.Eq(b)
	case OpNe:
		return a.Ne(b)
	case OpLt:
		return a.Lt(b)
	case OpLe:
		return a.Le(b)
	case OpBoth:
		return model.All(a, b)
	}
	return model.Any(a, b)
}

// all is the values that an expression may have, whatever its registers are.
func (l *lowering) all(e *Expr) values {
	out := values{}
	l.a.each(e, l.a.regs[l.thread], func(reg func(string) absval, _ func(string) int) {
		defer func() { // registers are never so here
			if r := recover(); r != nil {
				if _, ok := r.(noValue); !ok {
					panic(r)
				}
			}
		}()
		out.add(l.t.compute(e, reg), 0)
	})
	return out
}

// writtenOut is a local that has the value of an expression.
func (l *lowering) writtenOut(e *Expr) model.Value {
	v := l.temp(l.span(l.all(e)))
	l.a.each(e, l.a.regs[l.thread], func(reg func(string) absval, _ func(string) int) {
		defer func() {
			if r := recover(); r != nil {
				if _, ok := r.(noValue); !ok {
					panic(r)
				}
			}
		}()
		x := l.words.of(l.t.compute(e, reg))
		var conds []model.Value
		seen := map[string]bool{}
		e.each(func(y *Expr) {
			if y.Op == OpReg && !seen[y.Name] {
				seen[y.Name] = true
				conds = append(conds, model.Of(l.regValue(y.Name)).Eq(model.Int(l.words.of(reg(y.Name)))))
			}
		})
		l.when(model.All(conds...), func() { l.set(v, model.Int(x)) }, nil)
	})
	return v
}
