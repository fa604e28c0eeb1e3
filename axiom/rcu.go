package axiom

import (
	"ctcheck/threads"
)

// This file has RCU's axiom. In the model it is irreflexive rb, with rb = prop ; rcu-fence ; hb* ; pb* ;
// [Marked], rcu-fence = po ; rcu-order ; po?, and rcu-order a chain of grace periods and readers' critical
// sections, joined by rcu-link = po? ; hb* ; pb* ; prop ; po, that has at least as many of the former. A cycle
// of rb is one of rcu-order ; rcu-link, so it is enough to look at grace periods and sections alone.

// A place is one in the program's order: before the access of a thread with the number at, or at it; order
// tells marks before the same access apart.
type place struct {
	thread, at int16
	isAccess   bool
	order      int16
}

func (m *mark) place() place { return place{m.thread, m.at, false, m.order} }

func (p place) before(q place) bool {
	switch {
	case p.thread != q.thread:
		return false
	case p.at != q.at:
		return p.at < q.at
	case p.isAccess != q.isAccess:
		return q.isAccess
	}
	return !p.isAccess && p.order < q.order
}

// An element is a grace period, which is at one place, or a section, which rcu-order enters at its end and
// leaves at its beginning.
type element struct {
	enter, leave place
	isGrace      bool
	cell         int32 // of SRCU; -1
}

// elements is all of them in a graph.
func (s *search) elements(g *graph, x *relations) []element {
	var es []element
	for _, m := range g.static.graces {
		p := m.place()
		es = append(es, element{p, p, true, m.cell})
	}
	for _, c := range g.static.sections {
		es = append(es, element{c.unlock.place(), c.lock.place(), false, -1})
	}
	for _, c := range s.srcuSections(g, x) {
		access := func(i int32) place { return place{g.events[i].thread, g.events[i].nth, true, 0} }
		es = append(es, element{access(c.write), access(c.read), false, g.events[c.read].cell})
	}
	return es
}

// srcuSections matches the sections of SRCU: each ends where the cookie of its beginning is given back, perhaps
// through memory.
func (s *search) srcuSections(g *graph, x *relations) (cs []section) {
	a, st := &s.alg, g.static
	var locks set = make(set, s.w)
	for i := range g.events {
		if g.events[i].is(isSrcuLock) {
			locks.put(i)
		}
	}
	if locks.empty() {
		return nil
	}
	rf := a.or(a.copied(x.rfi), x.rfe)
	data := a.copied(st.data)
	st.srcuUnlock.each(func(i int) {
		for j := range a.n {
			data[j*a.w+i>>6] &^= 1 << (i & 63)
		}
	})
	carry := a.reflexive(a.closure(a.seq(data, rf)), st.all)
	all := a.seq(carry, st.data)
	locks.each(func(r int) {
		st.srcuUnlock.each(func(w int) {
			if a.has(all, r, w) && a.has(st.loc, r, w) {
				cs = append(cs, section{srcu: true, read: int32(r), write: int32(w)})
			}
		})
	})
	a.free(rf, data, carry, all)
	return cs
}

// order is rcu-order and rcu-link between elements, as bits.
func (s *search) rcuOrder(g *graph, x *relations, es []element) (order, link [][]bool) {
	a := &s.alg
	t := a.seq(x.hbs, x.pbs)
	through := a.seq(t, x.prop)
	n := len(es)
	order, link = make([][]bool, n), make([][]bool, n)
	places := make([]place, len(g.events))
	for i := range g.events {
		places[i] = place{g.events[i].thread, g.events[i].nth, true, 0}
	}
	for i := range es {
		order[i], link[i] = make([]bool, n), make([]bool, n)
		from := es[i].leave
		reach := make(set, s.w)
		for p := range g.events {
			if from == places[p] || from.before(places[p]) {
				for k, w := range a.row(through, p) {
					reach[k] |= w
				}
			}
		}
		for j := range es {
			to := es[j].enter
			if from.before(to) {
				link[i][j] = true
			}
			reach.each(func(q int) {
				if places[q].before(to) {
					link[i][j] = true
				}
			})
		}
		order[i][i] = es[i].isGrace
	}
	a.free(t, through)
	same := func(i, j int) bool { return es[i].isGrace != es[j].isGrace && es[i].cell == es[j].cell }
	for changed := true; changed; {
		changed = false
		put := func(i, j int) {
			if !order[i][j] {
				order[i][j], changed = true, true
			}
		}
		// lx is rcu-link ; rcu-order ; rcu-link, and rcu-link.
		lx := compose(compose(link, order), link)
		xlx := compose(compose(order, link), order)
		for i := range es {
			for j := range es {
				if xlx[i][j] || same(i, j) && (link[i][j] || lx[i][j]) {
					put(i, j)
				}
			}
		}
	}
	return order, link
}

// cyclic reports whether rcu-order ; rcu-link has something that comes before itself.
func cyclic(order, link [][]bool) bool {
	for i := range order {
		for j := range order {
			if order[i][j] && link[j][i] {
				return true
			}
		}
	}
	return false
}

func compose(x, y [][]bool) [][]bool {
	out := make([][]bool, len(x))
	for i := range x {
		out[i] = make([]bool, len(x))
		for k := range x {
			if x[i][k] {
				for j := range x {
					out[i][j] = out[i][j] || y[k][j]
				}
			}
		}
	}
	return out
}

// rcu reports whether a graph breaks RCU's axiom. If not, and there are plain accesses, it computes rb and
// rcu-fence.
func (s *search) rcu(g *graph, x *relations) (broken bool) {
	es := s.elements(g, x)
	order, link := s.rcuOrder(g, x, es)
	if cyclic(order, link) {
		return true
	}
	if !g.static.anyPlain {
		return false
	}
	a := &s.alg
	x.rcuFence = a.newRel()
	for i := range es {
		for j := range es {
			if !order[i][j] {
				continue
			}
			for p := range g.events {
				if ep := &g.events[p]; !(place{ep.thread, ep.nth, true, 0}).before(es[i].enter) {
					continue
				}
				for q := range g.events {
					eq := place{g.events[q].thread, g.events[q].nth, true, 0}
					if eq == es[j].leave || es[j].leave.before(eq) {
						a.put(x.rcuFence, p, q)
					}
				}
			}
		}
	}
	t := a.seq(x.prop, x.rcuFence)
	u := a.seq(t, x.hbs)
	x.rb = a.to(a.seq(u, x.pbs), g.static.marked)
	a.free(t, u)
	return false
}

// sleeps reports whether a synchronize_srcu() stands in a section of RCU.
func sleeps(g *graph) bool {
	for _, m := range g.marks {
		if m.instr.Op != threads.SrcuSync {
			continue
		}
		for _, c := range g.static.sections {
			if c.lock.place().before(m.place()) && m.place().before(c.unlock.place()) {
				return true
			}
		}
	}
	return false
}
