package explore

import (
	"errors"
	"math"
	"slices"

	"ctcheck/machine"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// This file makes a run of a fair component: a shortest way there, and a short cycle. The cycle is
// greedy: from where it stands, the nearest step that pays one of the dues that are open, until none
// is, and then the nearest way back. Each leg is shortest (breadth first); the whole need not be.

// witness finds a run into the marked states and a fair cycle among them, and notes the violation.
func (l *liveness) witness() error {
	l.o.Progress.Enter("a fair cycle", l.m.Properties[l.claim.Property], 0)
	path, err := l.prefix()
	if err != nil || l.bound != verdict.NoBound {
		return err
	}
	s, err := l.follow(path)
	if err != nil {
		return err
	}
	l.o.Progress.Enter("a fair cycle", l.m.Properties[l.claim.Property], 0)
	cycle, err := l.cycle(s)
	if err != nil || l.bound != verdict.NoBound {
		return err
	}
	la := &trace.Lasso{Claim: *l.claim, Steps: append(path, cycle...), Loop: -1}
	if len(cycle) > 0 {
		la.Loop = len(path)
	}
	l.lassos[l.claim.Property] = la
	l.fail(1<<l.claim.Property, func() []uint16 { return la.Steps })
	return nil
}

// prefix is a shortest run into the marked states, with the fewest switches between CPUs if memory
// allows to look for that.
func (l *liveness) prefix() ([]uint16, error) {
	p := l.claim.Property
	q := quest{want: 1 << p, judge: func(state []uint64) uint64 {
		if i, ok := l.set.Find(state); ok && l.region[i] != 0 {
			return 1 << p
		}
		return 0
	}}
	if l.claim.Kind == machine.LiveEventually {
		q.keep = func(state []uint64) bool { return l.m.Stays(*l.claim, state) }
	}
	paths, _, all, err := l.shortest(q, l.bytes+l.set.Bytes()+l.extra)
	if err != nil || all {
		return paths[p], err
	}
	if l.region[0] != 0 {
		return nil, nil
	}
	return l.nearest(0, hunt{
		admit: func(j uint32, _ reach) bool {
			return l.claim.Kind != machine.LiveEventually || l.m.Stays(*l.claim, l.set.At(j))
		},
		goal: func(j uint32, _ int) bool { return l.region[j] != 0 },
	})
}

// follow is the state to which a path leads.
func (l *liveness) follow(path []uint16) (uint32, error) {
	i := uint32(0)
	for _, t := range path {
		j, what, err := l.edge(i, int(t), 0)
		if err != nil {
			return 0, err
		}
		if what == disabled {
			return 0, errors.New("checker fault: a path cannot be followed")
		}
		i = j
	}
	return i, nil
}

// cycle is a short fair cycle from state s through its region; none if the run stops in s.
func (l *liveness) cycle(s uint32) ([]uint16, error) {
	if l.stopping {
		return nil, nil
	}
	d := trace.NewObligations(l.m)
	var cycle []uint16
	region, at := l.region[s], s
	inRegion := func(j uint32, what reach) bool { return what == inside && l.region[j] == region }
	for err := l.pass(d, s); ; {
		if err != nil {
			return nil, err
		}
		withheld := d.Withheld()
		paid := d.Stepped() && len(withheld) == 0
		if paid && at == s && len(cycle) > 0 {
			return cycle, nil
		}
		h := hunt{admit: inRegion, goal: func(j uint32, _ int) bool { return j == s }}
		if !paid {
			h.goal = func(j uint32, t int) bool { return l.pays(d, j, t) }
		}
		var path []uint16
		if path, err = l.nearest(at, h); err != nil || l.bound != verdict.NoBound {
			return nil, err
		}
		for _, t := range path {
			if at, _, err = l.edge(at, int(t), region); err != nil {
				return nil, err
			}
			d.Take(l.m, int(t))
			if err = l.pass(d, at); err != nil {
				return nil, err
			}
		}
		cycle = append(cycle, path...)
	}
}

// pass takes state i into the dues.
func (l *liveness) pass(d *trace.Obligations, i uint32) error {
	return d.Look(l.m, func(t int) (bool, bool, error) {
		_, what, err := l.edge(i, t, 0)
		return what != disabled, false, err
	})
}

// pays reports whether step t, or being in state j where it leads, pays one of the open dues.
func (l *liveness) pays(d *trace.Obligations, j uint32, t int) bool {
	if l.obliged(t) && d.Owes(l.m.Agent(t)) || d.Possible[t] && !d.Delivered[t] {
		return true
	}
	enabled := make([]bool, len(d.Moved))
	for t := range l.m.Transitions() {
		c := l.m.Agent(t)
		enabled[c] = enabled[c] || l.obliged(t) && l.m.Fire(l.set.At(j), t, l.dst, &l.fx)
	}
	for c := range enabled {
		if !enabled[c] && d.Owes(c) {
			return true
		}
	}
	return false
}

// A hunt is what a breadth-first search may go through and what it is for.
type hunt struct {
	admit func(j uint32, what reach) bool // whether a step that leads to j may be taken
	goal  func(j uint32, t int) bool      // whether step t, which leads to j, is the last
}

// noState is not the index of any state.
const noState = math.MaxUint32

// nearest is a shortest path of one step or more from a state to the goal of the hunt.
func (l *liveness) nearest(start uint32, h hunt) ([]uint16, error) {
	if l.from == nil {
		l.from, l.via = make([]uint32, l.set.Len()), make([]uint16, l.set.Len())
	}
	for i := range l.from {
		l.from[i] = noState
	}
	l.from[start] = start
	l.open = append(l.open[:0], start)
	for lo := 0; lo < len(l.open); lo++ {
		l.weigh()
		if l.tick() {
			return nil, nil
		}
		i := l.open[lo]
		for t := range l.m.Transitions() {
			j, what, err := l.edge(i, t, l.region[i])
			if err != nil {
				return nil, err
			}
			if what == disabled || !h.admit(j, what) {
				continue
			}
			if h.goal(j, t) {
				return append(l.back(start, i), uint16(t)), nil
			}
			if l.from[j] == noState {
				l.from[j], l.via[j] = i, uint16(t)
				l.open = append(l.open, j)
			}
		}
	}
	return nil, errors.New("checker fault: there is no way to a fair run that was found")
}

// back is the path from start to i that the last search took.
func (l *liveness) back(start, i uint32) []uint16 {
	var path []uint16
	for ; i != start; i = l.from[i] {
		path = append(path, l.via[i])
	}
	slices.Reverse(path)
	return path
}
