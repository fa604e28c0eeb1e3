package litmus

import (
	"slices"
	"strings"
)

// A Form is what a test asks of final states, and how these are written.
type Form struct {
	Test *Test
	// Observed is what a final state is about: what the test shows, and what its filter speaks of.
	Observed []Loc
	// NotShown is for each of Observed whether only the filter speaks of it.
	NotShown []bool
}

// Form is that of the test.
func (t *Test) Form() Form {
	f := Form{Test: t, Observed: t.asked()}
	shown := t.Observed()
	for _, loc := range f.Observed {
		f.NotShown = append(f.NotShown, !slices.Contains(shown, loc))
	}
	return f
}

// A State is the final values of [Form].Observed, in that order.
type State []Value

// Compare is herd7's order of states, by what is shown.
func (f *Form) Compare(a, b State) int {
	for i := range a {
		if d := a[i].Compare(b[i]); d != 0 && !f.NotShown[i] {
			return d
		}
	}
	return 0
}

// State is what the final values of [Program].Vars mean.
func (p *Program) State(values []int64) State {
	s := make(State, len(values))
	for i, x := range values {
		s[i] = p.words.value(x)
	}
	return s
}

// lookup gives the value that a state has for a location.
func (f *Form) lookup(s State) func(Loc) Value {
	return func(l Loc) Value {
		for i, o := range f.Observed {
			if o == l {
				return s[i]
			}
		}
		return Value{}
	}
}

// Counts reports whether the filter, if the test has one, lets a state count.
func (f *Form) Counts(s State) bool {
	return f.Test.Filter == nil || f.Test.Filter.Eval(f.lookup(s))
}

// Satisfies reports whether a state satisfies the test's proposition.
func (f *Form) Satisfies(s State) bool { return f.Test.Prop.Eval(f.lookup(s)) }

// Format is a state as herd7 prints it: 0:r1=1; [x]=2;
func (f *Form) Format(s State) string {
	var parts []string
	for i, v := range s {
		if !f.NotShown[i] {
			parts = append(parts, f.Observed[i].String()+"="+v.String()+";")
		}
	}
	return strings.Join(parts, " ")
}
