package explore

import (
	"fmt"
	"slices"

	"ctcheck/ir"
	"ctcheck/machine"
)

// This file reduces a search by symmetry. Instead of a state the search stores its canonical form, of
// which package machine says how it is made, and goes on from that: the graph that it visits is the
// quotient of the program's graph by the permutations of its interchangeable CPUs (Ip and Dill,
// Better verification through symmetry, 1996).
//
// A state violates a property, satisfies a claim, or is a deadlock exactly when its canonical form does;
// a step of the one has a step of the other beside it with the same effects; and both are as far from
// the initial state. So the quotient shows all of these, at the right depth. Traces are runs of the
// program itself (concretize.go). Of claims on whole runs it says less (decideOnQuotient).
//
// What bounds it is what bounds the search that is reduced; to decide on the quotient takes what liveness.go says.

// decideOnQuotient decides, on the quotient, the claims on whole runs. A run that breaks one stays for ever in
// states, and takes for ever steps, of which the claim speaks, or stops in such a state; so it leads to
// a cycle or a stop of that kind in the quotient. Where there is none, the claim holds, and fairness
// need not be asked about. Where there is one, it may not be the image of any fair run, as the quotient
// does not tell which CPU steps; then nothing is decided, and the search must be made without
// reductions: undecided says so.
//
// The claims of one kind that a property makes are taken together, for a permutation may exchange
// them: their disjunction is symmetric, each by itself need not be.
func (s *search) decideOnQuotient() error {
	claims := s.found.undecided(s.in.m)
	if len(claims) == 0 {
		return nil
	}
	l := s.newLiveness()
	if l == nil {
		return nil
	}
	properties, progress := s.in.m.Properties, s.in.o.Progress
	if err := l.wholeGraph(); err != nil {
		return err
	}
	for len(claims) > 0 && !s.bounds.ended() {
		first := claims[0]
		alike := func(c machine.Live) bool { return c.Property == first.Property && c.Kind == first.Kind }
		var group []machine.Live
		for _, c := range claims {
			if alike(c) {
				group = append(group, c)
			}
		}
		claims = slices.DeleteFunc(claims, alike)
		progress.Enter("fair runs", properties[first.Property], 0)
		free, err := l.unbreakable(group)
		if err != nil || s.bounds.stopped() {
			return err
		}
		if !free {
			s.reduce.undecided = unsettled(properties[first.Property])
			return nil
		}
	}
	return nil
}

// unsettled says that a property is why a search is not reduced.
func unsettled(property string) string {
	return fmt.Sprintf("%s could not be decided on the reduced graph, which does not tell fair runs from others",
		property)
}

// unbreakable reports whether no run can break one of the claims, fair or not.
func (l *liveness) unbreakable(group []machine.Live) (bool, error) {
	l.claim = &group[0]
	clear(l.marks)
	l.listed = l.kept
	if l.claim.Kind == ir.LiveEventually {
		if err := l.never(); err != nil || l.bounds.stopped() {
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
		l.book()
		return in
	}
	if len(within(l.stops)) > 0 {
		return false, nil
	}
	var regions [][]uint32
	for _, c := range l.cycles {
		if r := within(c); len(r) > 0 {
			regions = append(regions, r)
		}
	}
	for _, r := range regions {
		l.mark(r)
		comps, err := l.components(some(r), l.last)
		l.unmark(r)
		if err != nil || l.bounds.stopped() || len(comps) > 0 {
			return false, err
		}
	}
	return true, nil
}
