package axiom

import "math/bits"

// This file has what holds in every memory model here: each cell has an order of its writes that agrees with
// the program's and with what reads find (coherence), and no write of another thread comes between the two
// halves of a read-modify-write (atomicity).

// coherent adds to the order of writes what follows from the rest. It is false if that is contradictory. What
// comes before what, cell by cell, is in the relation that it returns.
func (s *search) coherent(g *graph) (before rel, ok bool) {
	a := &s.alg
	before = a.newRel()
	for {
		copy(before, g.static.poLoc)
		a.or(before, g.co)
		for r, w := range g.rf {
			if w >= 0 {
				a.put(before, int(w), r)
				row, co := a.row(before, r), a.row(g.co, int(w))
				for k, x := range co {
					row[k] |= x
				}
			}
		}
		for r := range g.rf { // a write of its own is later than what the read finds, known or not
			if p := g.events[r].pair; p >= 0 && g.events[r].is(isRead) {
				a.put(before, r, int(p))
			}
		}
		a.closure(before)
		if a.loops(before) {
			return before, false
		}
		if !s.order(g, before) {
			return before, true
		}
	}
}

// order adds to the order of writes what comes before what, and what atomicity makes of it; it reports whether
// something is new.
func (s *search) order(g *graph, before rel) (changed bool) {
	a := &s.alg
	writes := g.static.writes
	for i := range a.n {
		if !writes.has(i) {
			continue
		}
		row, co, loc := a.row(before, i), a.row(g.co, i), a.row(g.static.loc, i)
		for k := range co {
			if x := row[k] & writes[k] & loc[k]; x&^co[k] != 0 {
				co[k] |= x
				changed = true
			}
		}
	}
	for r, from := range g.rf {
		pair := g.events[r].pair
		if from < 0 || pair < 0 {
			continue
		}
		// Others are before what the read finds, or behind the write.
		co, own, loc := a.row(g.co, int(from)), a.row(g.co, int(pair)), a.row(g.static.loc, r)
		for k := range co {
			x := co[k] & loc[k] & writes[k] &^ own[k]
			for ; x != 0; x &= x - 1 {
				if w := k<<6 + bits.TrailingZeros64(x); w != int(pair) {
					a.put(g.co, int(pair), w)
					changed = true
				}
			}
		}
		for w := range a.n {
			if w != int(from) && writes.has(w) && a.has(g.co, w, int(pair)) && !a.has(g.co, w, int(from)) {
				a.put(g.co, w, int(from))
				changed = true
			}
		}
	}
	return changed
}

// anyOrder is coherent for executions that need not be: the order of writes is one, and no more.
func (s *search) anyOrder(g *graph) (before rel, ok bool) {
	a := &s.alg
	a.closure(g.co)
	return a.newRel(), !a.loops(g.co)
}
