package explore

import (
	"iter"
	"slices"
)

// This file finds strongly connected components: Tarjan, Depth-first search and linear graph
// algorithms, SIAM Journal on Computing 1(2), 1972, with an explicit stack instead of recursion. It
// works on a region, a subset of the stored states, and computes successors anew rather than storing
// edges. What bounds it is memory: 4 bytes a state, 12 for each state of the longest path that it
// follows, and 4 for each that is not yet in a finished component.

// A visit is a state on Tarjan's path.
type visit struct {
	state uint32
	low   uint32 // the lowest number known to be reachable and not in a finished component
	next  uint16 // the next transition to try
	loop  bool   // it is its own successor
	must  bool   // something happens here in the end, if only by fairness
}

// finished is the number of states whose component is known; 0 is that of states not yet visited.
const finished = 1<<32 - 1

// components returns the components that contain a cycle of the region that the given states form,
// all of which must bear the mark region. The order of the states is that of the search, and makes
// the outcome deterministic. With stop, it also calls that for each state in which nothing has to
// happen.
func (l *liveness) components(states iter.Seq[uint32], region uint32, stop func(uint32)) ([][]uint32,
	error) {
	for i := range states {
		l.num[i] = 0
	}
	var comps [][]uint32
	count := uint32(0)
	l.path, l.open = l.path[:0], l.open[:0]
	for root := range states {
		if l.num[root] != 0 {
			continue
		}
		count = l.enter(root, count)
		for len(l.path) > 0 {
			if l.bounds.tick() {
				return nil, nil
			}
			top := &l.path[len(l.path)-1]
			if int(top.next) < l.in.m.Transitions() {
				t := int(top.next)
				top.next++
				j, what, err := l.edge(top.state, t, region)
				if err != nil {
					return nil, err
				}
				top.must = top.must || what != disabled && l.in.obliged(uint16(t))
				switch {
				case what != inside:
				case l.num[j] == 0:
					count = l.enter(j, count)
				case l.num[j] != finished:
					top.loop = top.loop || j == top.state
					top.low = min(top.low, l.num[j])
				}
				continue
			}
			if stop != nil && !top.must {
				stop(top.state)
			}
			if comp := l.leave(); comp != nil {
				comps = append(comps, comp)
				l.listed += uint64(4*cap(comp)) + 24
			}
		}
	}
	return comps, nil
}

// enter puts a state onto the path, with the number after count.
func (l *liveness) enter(i, count uint32) uint32 {
	count++
	l.in.o.Progress.Advance(1)
	l.num[i] = count
	l.path = append(l.path, visit{state: i, low: count})
	l.open = append(l.open, i)
	l.book()
	return count
}

// leave takes the last state off the path. If that completes a component with a cycle, the result is
// its states.
func (l *liveness) leave() []uint32 {
	v := l.path[len(l.path)-1]
	l.path = l.path[:len(l.path)-1]
	if len(l.path) > 0 {
		up := &l.path[len(l.path)-1]
		up.low = min(up.low, v.low)
	}
	if v.low != l.num[v.state] {
		return nil
	}
	k := len(l.open) - 1
	for l.open[k] != v.state {
		k--
	}
	comp := l.open[k:]
	l.open = l.open[:k]
	for _, i := range comp {
		l.num[i] = finished
	}
	if len(comp) == 1 && !v.loop {
		return nil
	}
	return slices.Clone(comp)
}
