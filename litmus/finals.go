package litmus

import "strings"

// A State is the final values of [Program].Observed, in that order.
type State []Value

// State is what the final values of [Program].Vars mean.
func (p *Program) State(values []int64) State {
	s := make(State, len(values))
	for i, x := range values {
		s[i] = p.words.value(x)
	}
	return s
}

// lookup gives the value that a state has for a location.
func (p *Program) lookup(s State) func(Loc) Value {
	return func(l Loc) Value {
		for i, o := range p.Observed {
			if o == l {
				return s[i]
			}
		}
		return Value{}
	}
}

// Counts reports whether the filter, if the test has one, lets a state count.
func (p *Program) Counts(s State) bool {
	return p.Test.Filter == nil || p.Test.Filter.Eval(p.lookup(s))
}

// Satisfies reports whether a state satisfies the test's proposition.
func (p *Program) Satisfies(s State) bool { return p.Test.Prop.Eval(p.lookup(s)) }

// Format is a state as herd7 prints it: 0:r1=1; [x]=2;
func (p *Program) Format(s State) string {
	var parts []string
	for i, v := range s {
		if !p.NotShown[i] {
			parts = append(parts, p.Observed[i].String()+"="+v.String()+";")
		}
	}
	return strings.Join(parts, " ")
}
