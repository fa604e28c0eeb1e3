package trace

import (
	"slices"

	"ctcheck/ir"
)

// This file keeps, along a run, the calls that are under way: each step says only which ones began in it.

// A place is a level of a CPU's stack: the number of the CPU, and how many levels are below.
type place struct{ cpu, depth int }

// underWay is the calls that are under way in each place, outermost first. Those that have ended may still be there
// until the next step is taken in that place.
type underWay map[place][]*ir.Called

// of is the calls that the statement of a step stands in.
func (u underWay) of(s *Step) []*ir.Called {
	if s.Stmt == nil {
		return nil
	}
	return within(into(u[placeOf(s)], s.Before), s.In)
}

// take takes in a step.
func (u underWay) take(s *Step) {
	at := placeOf(s)
	switch {
	case s.Transition.Kind == ir.Flush: // which is no step of the code
	case s.Transition.Kind.Pushes():
		at.depth++
		u[at] = into(nil, s.Before)
	case s.Stmt == nil:
		u[at] = into(u[at], s.Before)
	default:
		u[at] = into(s.Calls, s.After)
	}
}

func placeOf(s *Step) place { return place{s.CPU.Index, len(s.Stack) - 1} }

// into is the calls that are under way once others have begun, each in the one that it names.
func into(calls, begun []*ir.Called) []*ir.Called {
	for _, c := range begun {
		calls = append(slices.Clip(within(calls, c.Up)), c)
	}
	return calls
}

// within is the calls up to the one that is made in the given place.
func within(calls []*ir.Called, innermost *ir.Call) []*ir.Called {
	for len(calls) > 0 && calls[len(calls)-1].Call != innermost {
		calls = calls[:len(calls)-1]
	}
	return calls
}

// standing is where each CPU stands, with the calls that are under way there.
func (p *Player) standing() []ir.Standing {
	all := p.m.Standing(p.State)
	for i := range all {
		st := &all[i]
		st.Calls = within(p.calls[place{i, len(p.m.Stack(p.State, i)) - 1}], st.In)
	}
	return all
}
