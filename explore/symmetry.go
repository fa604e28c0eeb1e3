package explore

import (
	"fmt"
	"slices"

	"ctcheck/machine"
	"ctcheck/verdict"
)

// This file reduces a search by symmetry. Instead of a state the search stores its canonical form, of
// which package model says how it is made, and goes on from that: the graph that it visits is the
// quotient of the program's graph by the permutations of its interchangeable CPUs (Ip and Dill,
// Better verification through symmetry, 1996).
//
// A state violates a property, satisfies a claim, or is a deadlock exactly when its canonical form does;
// a step of the one has a step of the other beside it with the same effects; and both are as far from
// the initial state. So the quotient shows all of these, at the right depth. Traces are runs of the
// program itself (unfold.go). Of claims on whole runs it says less (settle).

// Reductions is a set of ways to visit fewer states that give the same verdicts.
type Reductions uint8

// The reductions.
const (
	// Symmetry takes for one all states that differ only by which of several interchangeable CPUs is
	// which.
	Symmetry Reductions = 1 << iota
	// PartialOrder takes only the steps of some CPUs where the order of theirs and the others' does not
	// matter.
	PartialOrder
)

func (r Reductions) String() string {
	switch r & (Symmetry | PartialOrder) {
	case Symmetry:
		return "symmetry"
	case PartialOrder:
		return "por"
	case Symmetry | PartialOrder:
		return "por,symmetry"
	}
	return "none"
}

// reduce makes ready for what the options ask for.
func (e *engine) reduce() {
	if e.o.Reduce&Symmetry == 0 {
		return
	}
	if sym := e.m.Symmetry(); len(sym.Classes()) > 0 {
		e.sym = sym
	}
}

// reduced says what became of the reductions.
func (e *engine) reduced() (rs []verdict.Reduced) {
	sym := verdict.Reduced{Name: "symmetry"}
	switch {
	case e.unsettled != "":
		sym.Off = e.unsettled
	case e.o.Reduce&Symmetry == 0:
	case e.sym == nil:
		sym.Off = "no two CPUs are interchangeable"
		if apart := e.m.Symmetry().Apart(); len(apart) > 0 {
			sym.Off += "; " + apart[0]
		}
	default:
		sym.Classes, sym.StandFor = e.sym.Classes(), e.standFor
	}
	if e.o.Reduce&Symmetry != 0 || e.unsettled != "" {
		rs = append(rs, sym)
	}
	if e.o.Reduce&PartialOrder != 0 {
		rs = append(rs, verdict.Reduced{Name: "por", PrunedStates: e.pruned.states, PrunedSteps: e.pruned.steps,
			Off: e.porOff})
	}
	return rs
}

// canon brings a state into its canonical form, if the search is reduced.
func (e *engine) canon(s []uint64) {
	if e.sym != nil {
		e.sym.Canon(s)
	}
}

// canonAll is canon for states that stand one after the other.
func (e *engine) canonAll(states []uint64) {
	if e.sym == nil {
		return
	}
	w := e.m.Words()
	for i := 0; i < len(states); i += w {
		e.sym.Canon(states[i : i+w])
	}
}

// orbit is how many states a stored one stands for.
func (e *engine) orbit(s []uint64) uint64 {
	if e.sym == nil {
		return 0
	}
	return e.sym.Orbit(s)
}

// release gives the memory of a search back.
func (e *engine) release() {
	if e.layers != nil {
		e.layers.release()
	}
	e.set, e.layers = nil, nil
}

// settle decides, on the quotient, the claims on whole runs. A run that breaks one stays for ever in
// states, and takes for ever steps, of which the claim speaks, or stops in such a state; so it leads to
// a cycle or a stop of that kind in the quotient. Where there is none, the claim holds, and fairness
// need not be asked about. Where there is one, it may not be the image of any fair run, as the quotient
// does not tell which CPU steps; then nothing is decided, and the search must be made without
// reductions: unsettled says so.
//
// The claims of one kind that a property makes are taken together, for a permutation may exchange
// them: their disjunction is symmetric, each by itself need not be.
func (e *engine) settle() error {
	claims := e.m.Live()
	claims = slices.DeleteFunc(claims, func(c machine.Live) bool { return e.failed>>c.Property&1 != 0 })
	if len(claims) == 0 {
		return nil
	}
	l := e.newLiveness()
	if l == nil {
		return nil
	}
	searchExtra := e.extra
	defer func() { e.extra = searchExtra }()
	e.o.Progress.Enter("fair runs", "", uint64(l.set.Len()))
	if err := l.wholeGraph(); err != nil {
		return err
	}
	for len(claims) > 0 && e.bound == verdict.NoBound {
		first := claims[0]
		alike := func(c machine.Live) bool { return c.Property == first.Property && c.Kind == first.Kind }
		var group []machine.Live
		for _, c := range claims {
			if alike(c) {
				group = append(group, c)
			}
		}
		claims = slices.DeleteFunc(claims, alike)
		e.o.Progress.Enter("fair runs", e.m.Properties[first.Property], 0)
		free, err := l.settles(group)
		if err != nil || e.bound != verdict.NoBound {
			return err
		}
		if !free {
			e.unsettled = fmt.Sprintf("%s could not be decided on the reduced graph, which does not tell "+
				"fair runs from others", e.m.Properties[first.Property])
			return nil
		}
	}
	return nil
}

// settles reports whether no run can break one of the claims, fair or not.
func (l *liveness) settles(group []machine.Live) (bool, error) {
	l.claim = &group[0]
	clear(l.region)
	l.listed = l.kept
	if l.claim.Kind == machine.LiveEventually {
		if err := l.never(); err != nil || l.bound != verdict.NoBound {
			return false, err
		}
	}
	within := func(states []uint32) []uint32 {
		var in []uint32
		for _, i := range states {
			for c := range group {
				if l.claim = &group[c]; l.stays(i) {
					in = append(in, i)
					break
				}
			}
		}
		l.claim = &group[0]
		l.listed += uint64(4 * cap(in))
		l.weigh()
		return in
	}
	if len(within(l.stops)) > 0 {
		return false, nil
	}
	var regions [][]uint32
	for _, c := range l.cycles {
		regions = append(regions, within(c))
	}
	for _, r := range regions {
		l.mark(r)
		comps, err := l.components(slices.Values(r), l.last, nil)
		l.unmark(r)
		if err != nil || l.bound != verdict.NoBound || len(comps) > 0 {
			return false, err
		}
	}
	return true, nil
}
