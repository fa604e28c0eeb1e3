package explore

import "slices"

// This file finds strongly connected components: Tarjan, Depth-first search and linear graph
// algorithms, SIAM Journal on Computing 1(2), 1972, with an explicit stack instead of recursion. It
// works on a region, a subset of the stored states, and computes successors anew rather than storing
// edges. What bounds it is memory: 4 bytes a state, 12 for each state of the longest path that it
// follows, and 4 for each that is not yet in a finished component.

// A visit is a state on Tarjan's path.
type visit struct {
	state uint32
	low   uint32 // the lowest number known to be reachable and not in a finished component
	next  uint16 // the next arc to try
	loop  bool   // it is its own successor
}

// finished is the number of states whose component is known; 0 is that of states not yet visited.
const finished = 1<<32 - 1

// components returns the components that contain a cycle of the region that the given states form,
// all of which must bear the mark region; those that are on no cycle may lose it.
func (l *liveness) components(in group, region uint32) ([][]uint32, error) {
	if err := l.peel(in, region); err != nil || l.bounds.stopped() {
		return nil, err
	}
	for k := range in.n {
		l.marks[in.at(k)].num = 0
	}
	var comps [][]uint32
	count := uint32(0)
	l.path, l.open = l.path[:0], l.open[:0]
	for k := range in.n {
		root := in.at(k)
		if l.marks[root].region != region || l.marks[root].num != 0 {
			continue
		}
		count = l.enter(root, count)
		for len(l.path) > 0 {
			if l.bounds.tick() {
				return nil, nil
			}
			top := &l.path[len(l.path)-1]
			a, err := l.crew[0].arcs(top.state)
			if err != nil {
				return nil, err
			}
			if int(top.next) < len(a.to) {
				j, what := a.to[top.next], l.crew[0].reach(top.state, a, int(top.next), region)
				top.next++
				switch {
				case what != inside:
				case l.marks[j].num == 0:
					count = l.enter(j, count)
				case l.marks[j].num != finished:
					top.loop = top.loop || j == top.state
					top.low = min(top.low, l.marks[j].num)
				}
				continue
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
	l.marks[i].num = count
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
	if v.low != l.marks[v.state].num {
		return nil
	}
	k := len(l.open) - 1
	for l.open[k] != v.state {
		k--
	}
	comp := l.open[k:]
	l.open = l.open[:k]
	for _, i := range comp {
		l.marks[i].num = finished
	}
	if len(comp) == 1 && !v.loop {
		return nil
	}
	return slices.Clone(comp)
}
