package explore

import "sync/atomic"

// This file makes a region smaller before it is taken apart into components: states that no state of the region
// leads to are on no cycle, nor, without them, are those that only they lead to, and so on. What is left is the
// cycles and what they lead to (Černá and Pelánek, Distributed explicit fair cycle detection, SPIN 2003). The
// workers share this, where the search for components (scc.go) is one worker's; and of most programs that come to
// an end nothing is left. In which order states are taken does not matter for what is left.
//
// What bounds it is memory: 4 bytes for each state that waits.

// A group is states of which something is to be done: those of a list, or n in a row.
type group struct {
	list []uint32 // may be nil
	from int
	n    int
}

func some(list []uint32) group { return group{list, 0, len(list)} }

func (l *liveness) all() group { return group{n: l.set.Len()} }

func (g group) at(k int) uint32 {
	if g.list == nil {
		return uint32(g.from + k)
	}
	return g.list[g.from+k]
}

// part is the states of the group from one on to before another.
func (g group) part(from, to int) group { return group{g.list, g.from + from, to - from} }

// peel takes the mark of a region off states that are on none of its cycles. It counts, in num, the steps within
// the region that lead to each state.
func (l *liveness) peel(in group, region uint32) error {
	for k := range in.n {
		l.marks[in.at(k)].num = 0
	}
	err := l.blocks(in, 1<<l.graph.shift, func(w *walker, part group) error {
		if err := w.inside(part, region); err != nil {
			return err
		}
		for _, j := range w.found {
			l.count(j, 1)
		}
		return nil
	})
	l.open = l.open[:0]
	for k := 0; k < in.n && err == nil; k++ {
		if i := in.at(k); l.marks[i].num == 0 {
			l.open = append(l.open, i)
			l.book()
		}
	}
	for err == nil && len(l.open) > 0 && !l.bounds.stopped() {
		err = l.peelLayer(region)
	}
	return err
}

// peelLayer takes out the states that wait in open. Those that nothing else led to wait then.
func (l *liveness) peelLayer(region uint32) error {
	err := l.blocks(some(l.open), 2<<(l.graph.shift/2), func(w *walker, part group) error {
		if err := w.inside(part, region); err != nil {
			return err
		}
		for _, j := range w.found {
			if l.count(j, -1) == 0 {
				w.next = append(w.next, j)
			}
		}
		for k := range part.n {
			l.marks[part.at(k)].region = 0 // nothing that is taken out now or later leads there
		}
		return nil
	})
	l.open = l.open[:0]
	for _, w := range l.crew {
		l.open = append(l.open, w.next...)
		w.next = w.next[:0]
	}
	l.book()
	return err
}

// count adds to the number of a state.
func (l *liveness) count(i uint32, more int32) uint32 {
	n := &l.marks[i].num
	if len(l.crew) == 1 {
		*n += uint32(more)
		return *n
	}
	return atomic.AddUint32(n, uint32(more))
}

// inside finds where the steps of states lead that stay in the region. To find them all first lets the reads of
// memory overlap, which those of atomic counters do not.
func (w *walker) inside(part group, region uint32) error {
	w.found = w.found[:0]
	for k := 0; k < part.n && !w.halted(); k++ {
		i := part.at(k)
		a, err := w.arcs(i)
		if err != nil {
			return err
		}
		for k, j := range a.to {
			if w.reach(i, a, k, region) == inside {
				w.found = append(w.found, j)
			}
		}
	}
	return nil
}

// blocks has the crew do something with all states of a group, so many in a row.
func (l *liveness) blocks(in group, size int, do func(w *walker, part group) error) error {
	return l.share((in.n+size-1)/size, func(w *walker, k int) error {
		return do(w, in.part(k*size, min((k+1)*size, in.n)))
	})
}
