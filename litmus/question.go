package litmus

import "ctcheck/model"

// Names of the property that [Program.Question] makes.
const (
	Never    = "never"  // the proposition of exists or ~exists is true of no final state
	Eachtime = "always" // that of forall is true of all
)

// Question is what the test asks as a property of its model, violated by the runs that are of interest: of exists
// and ~exists the property [Never], so that a run that violates it leads to the proposition; of forall the
// property [Eachtime]. Final states that the filter leaves out violate neither.
func (p *Program) Question() *model.Monitor {
	prop := p.cond(p.Test.Prop)
	m := &model.Monitor{Name: Never, AtEnd: prop.IsZero()}
	if p.Test.Quantifier == Forall {
		m.Name, m.AtEnd = Eachtime, prop
	}
	if f := p.Test.Filter; f != nil {
		m.AtEnd = model.Any(p.cond(f).IsZero(), m.AtEnd)
	}
	return m
}

// A question is what a test asks, for the reports of runs.
type question struct{ t *Test }

// Explain is the sentence that closes a run that violates the property of [Program.Question]; empty for others.
func (q question) Explain(property string) string {
	switch property {
	case Never:
		return "Every thread has ended, with " + q.t.Prop.String() + "."
	case Eachtime:
		return "Every thread has ended, without " + q.t.Prop.String() + "."
	}
	return ""
}

// cond is a proposition over the variables that have the final values.
func (p *Program) cond(q *Prop) model.Expr {
	var args []model.Value
	for _, a := range q.Args {
		args = append(args, p.cond(a))
	}
	switch q.Op {
	case PropEq:
		return p.equal(q)
	case PropNot:
		return model.Of(args[0]).IsZero()
	case PropAnd:
		return model.All(args...)
	case PropOr:
		return model.Any(args...)
	}
	return model.Of(model.True)
}

func (p *Program) equal(q *Prop) model.Expr {
	left := p.variable(q.Left)
	if q.Right != nil {
		right := p.variable(*q.Right)
		return model.Any(model.Of(left).Eq(right), p.isZero(left).And(p.isZero(right)))
	}
	if v := p.words.of(p.Test.absOf(q.Value)); v != 0 {
		return model.Of(left).Eq(model.Int(v))
	}
	return p.isZero(left)
}

// isZero says that a variable has a value that shows as 0: that, or a cookie.
func (p *Program) isZero(v *model.Var) model.Expr {
	zero := model.Of(v).Eq(model.Int(0))
	if v.Hi < p.words.cookies {
		return zero
	}
	return zero.Or(model.Of(v).Ge(model.Int(p.words.cookies)))
}

// variable is the one with the final value of a location.
func (p *Program) variable(l Loc) *model.Var {
	for i, o := range p.Observed {
		if o == l {
			return p.Vars[i]
		}
	}
	panic("litmus: " + l.String() + " is not observed")
}
