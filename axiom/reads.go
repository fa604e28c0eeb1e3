package axiom

import (
	"math/bits"
)

// This file chooses what reads read from.

// read goes on from the read with the fewest writes that it may read from. It is false if there is none.
func (s *search) read(d int, g *graph, before rel) bool {
	best, fewest := -1, 0
	var from, now []int32
	wanted := s.wanted(g)
	bestMore := false
	for r := range g.rf {
		if !g.events[r].is(isRead) || g.rf[r] >= 0 {
			continue
		}
		now = s.candidates(g, r, before, now[:0])
		more := s.more(g, r)
		if len(now) == 0 {
			if !more {
				return true // nothing is left for it
			}
			continue
		}
		n := len(now)
		if more {
			if n++; !wanted.has(r) {
				n += 2 * len(g.events) // it can be put off until all writes are there
			}
		}
		if best < 0 || n < fewest {
			best, fewest, bestMore = r, n, more
			from = append(from[:0], now...)
		}
	}
	if best < 0 {
		return false
	}
	for _, w := range from {
		c := s.child(d)
		c.rf[best] = w
		s.node(d + 1)
		s.alg.n = len(g.events)
	}
	if bestMore {
		c := s.child(d)
		c.later[best] = int32(len(g.events))
		s.node(d + 1)
	}
	return true
}

// wanted is the reads whose values threads wait for.
func (s *search) wanted(g *graph) set {
	reads := make(set, s.w)
	var want func(term int32)
	want = func(term int32) {
		set(s.terms[term].deps).each(func(r int) {
			if reads.has(r) {
				return
			}
			reads.put(r)
			if w := g.rf[r]; w >= 0 {
				want(g.events[w].val)
			}
		})
	}
	for t, st := range g.state {
		if st == needs {
			want(g.need[t])
		}
	}
	return reads
}

// candidates is the writes that a read may read from, of those that are there and that it has not been denied.
func (s *search) candidates(g *graph, r int, before rel, out []int32) []int32 {
	a, e := &s.alg, &g.events[r]
	for w := int(g.later[r]); w < len(g.events); w++ {
		f := &g.events[w]
		if !f.is(isWrite) || f.cell != e.cell || a.has(before, r, w) || w == int(e.pair) {
			continue
		}
		// A lock may be held when the threads begin, by nobody that would release it.
		held := f.is(isLockWrite) || f.is(isInit) && !s.p.Cells[f.cell].Init.IsZero()
		free := f.is(isUnlock) || f.is(isInit) && !held
		if e.is(isLockRead|isUnlocked) && !free || e.is(isLocked) && !held {
			continue
		}
		over := false
		for k, x := range a.row(g.co, w) {
			for ; x != 0 && !over; x &= x - 1 {
				over = a.has(before, k<<6+bits.TrailingZeros64(x), r)
			}
		}
		if !over {
			out = append(out, int32(w))
		}
	}
	return out
}

// more reports whether another thread may still write what a read may read.
func (s *search) more(g *graph, r int) bool {
	e := &g.events[r]
	for t := range s.p.Threads {
		if int16(t) != e.thread && (g.state[t] == needs || g.state[t] == chooses || g.state[t] == runs) &&
			s.mayWrite[t][g.pc[t]].has(int(e.cell)) {
			return true
		}
	}
	return false
}
