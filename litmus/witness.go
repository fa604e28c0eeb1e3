package litmus

import "ctcheck/model"

// Ended is true in the states in which every thread has ended and all stores are in memory: the final ones.
func (p *Program) Ended() model.Value {
	var done []model.Value
	for _, c := range p.Model.CPUs {
		done = append(done, c.Done())
	}
	return model.All(done...)
}

// Witness is true in the final states that count, by the test's filter, and satisfy its proposition; or, if
// satisfied is false, in those that count and do not satisfy it. It is for a claim that such a state can be
// reached, or for a monitor that says it never is, whose violation is then a run that leads there.
func (p *Program) Witness(satisfied bool) model.Value {
	conds := []model.Value{p.Ended()}
	if p.Test.Filter != nil {
		conds = append(conds, p.cond(p.Test.Filter))
	}
	cond := p.cond(p.Test.Prop)
	if !satisfied {
		cond = cond.IsZero()
	}
	return model.All(append(conds, cond)...)
}

// cond is a proposition over the variables with the final values.
func (p *Program) cond(q *Prop) model.Expr {
	var args []model.Value
	for _, a := range q.Args {
		args = append(args, p.cond(a))
	}
	switch q.Op {
	case PropEq:
		if q.Right != nil {
			return p.same(p.variable(q.Left), p.variable(*q.Right))
		}
		return p.same(p.variable(q.Left), model.Int(p.words.of(p.Test.absOf(q.Value))))
	case PropNot:
		return model.Of(args[0]).IsZero()
	case PropAnd:
		return model.All(args...)
	case PropOr:
		return model.Any(args...)
	}
	return model.Of(model.True)
}

// same compares two values. A cookie of SRCU is 0 like any other one.
func (p *Program) same(v *model.Var, x model.Value) model.Expr {
	isZero := func(x model.Value) model.Expr { return model.Any(model.Of(x).Eq(model.Int(0)), p.isCookie(x)) }
	if v.Hi < p.words.cookies {
		if w, ok := x.(*model.Var); !ok || w.Hi < p.words.cookies {
			return v.Eq(x)
		}
	}
	return model.Any(v.Eq(x), model.All(isZero(v), isZero(x)))
}

func (p *Program) isCookie(x model.Value) model.Expr {
	return model.Of(x).Ge(model.Int(p.words.cookies))
}

// variable is the one with the final value of a register or location.
func (p *Program) variable(l Loc) *model.Var {
	for i, o := range p.Observed {
		if o == l {
			return p.Vars[i]
		}
	}
	panic("litmus: " + l.String() + " is not observed")
}
