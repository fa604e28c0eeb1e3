package axiom

// This file has the axioms of the Linux-kernel memory model beyond coherence and atomicity (tools/memory-model
// in the kernel's tree, as of Linux 6.15; J. Alglave, L. Maranget, P. E. McKenney, A. Parri, A. Stern,
// Frightening Small Children and Disconcerting Grown-ups: Concurrency in the Linux Kernel, ASPLOS 2018). The
// relations have the names that they have there. All of them only grow while a graph does, so what contradicts
// an axiom in a graph that is not whole does so in all that come of it.

// An Axiom is one of a memory model's.
type Axiom uint8

// The axioms.
const (
	None Axiom = iota
	Coherence
	Atomicity
	HappensBefore  // acyclic hb
	Propagation    // acyclic pb
	RCU            // irreflexive rb
	PlainCoherence // what plain accesses see
	TotalOrder     // sequential consistency
	GlobalOrder    // x86-TSO
	numAxioms
)

// relations is what the axioms of the model are about, in one graph.
type relations struct {
	rfi, rfe, fr        rel
	addr, data, ctrl    rel // with dependencies through what is stored and read back
	rfRmw               rel // (rf;rmw)*
	strong, rest, fence rel // fence = strong or rest
	ppo, cumul, prop    rel // cumul = cumul-fence*
	ulp, rmw            rel
	hb, hbs, pb, pbs    rel // hbs, pbs: reflexive and transitive
	rb                  rel // computed by rcu if it is asked for
	rcuFence            rel
}

func (s *search) freeRelations(x *relations) {
	for _, r := range []rel{x.rfi, x.rfe, x.fr, x.addr, x.data, x.ctrl, x.rfRmw, x.strong, x.rest, x.fence, x.ppo,
		x.ulp, x.rmw, x.cumul, x.prop, x.hb, x.hbs, x.pb, x.pbs, x.rb, x.rcuFence} {
		if r != nil {
			s.alg.free(r)
		}
	}
}

// communication is rfi, rfe and fr.
func (s *search) communication(g *graph) relations {
	a, st := &s.alg, g.static
	x := relations{rfi: a.newRel(), rfe: a.newRel(), fr: a.newRel()}
	for r, w := range g.rf {
		if w < 0 {
			continue
		}
		if a.has(st.intern, int(w), r) {
			a.put(x.rfi, int(w), r)
		} else {
			a.put(x.rfe, int(w), r)
		}
		copy(a.row(x.fr, r), a.row(g.co, int(w)))
	}
	return x
}

// carried is dependencies that go through a write of the same thread, read back: carry-dep.
func (s *search) carried(x *relations, st *static) {
	a := &s.alg
	carry := a.to(a.copied(st.data), st.writes)
	st.srcuUnlock.each(func(i int) {
		for j := range a.n {
			carry[j*a.w+i>>6] &^= 1 << (i & 63)
		}
	})
	through := a.seq(carry, x.rfi)
	a.free(carry)
	x.addr, x.data, x.ctrl = a.copied(st.addr), a.copied(st.data), a.copied(st.ctrl)
	if !a.isEmpty(through) {
		a.closure(through)
		for _, r := range []*rel{&x.addr, &x.data, &x.ctrl} {
			more := a.seq(through, *r)
			a.or(*r, more)
			a.free(more)
		}
	}
	a.free(through)
}

// lockOrders is what locks order between threads: ulp in the whole, and what smp_mb__after_unlock_lock() makes
// of it, which is added to strong.
func (s *search) lockOrders(g *graph, x *relations) (ulp rel) {
	a, st := &s.alg, g.static
	ulp = a.copied(st.ulp)
	pair := func(u, l int) {
		for i := range a.n {
			if !a.has(st.po, i, u) {
				continue
			}
			row, later := a.row(ulp, i), a.row(st.po, l)
			for k := range row {
				row[k] |= later[k]
			}
			for _, m := range st.unlockLock {
				if e := &g.events[l]; e.thread == m.thread && e.nth < m.at {
					for j := range g.events {
						if f := &g.events[j]; f.thread == m.thread && f.nth >= m.at {
							a.put(x.strong, i, j)
						}
					}
				}
			}
		}
	}
	if !st.anyUnlock {
		return ulp
	}
	st.lockReads.each(func(l int) {
		st.unlocks.each(func(u int) {
			if a.has(st.po, u, l) || int(g.rf[l]) == u {
				pair(u, l)
			}
		})
	})
	return ulp
}

// relate computes the relations, and stops where hb or pb has a cycle.
func (s *search) relate(g *graph) (x relations, broken Axiom) {
	x, over := s.relateAll(g)
	a, st := &s.alg, g.static
	s.propagates(&x, st, x.ulp, over)
	a.free(over)

	x.hb = a.and(a.irreflexive(a.copied(x.prop)), st.intern)
	a.or(x.hb, x.ppo, x.rfe)
	a.to(a.from(st.marked, x.hb), st.marked)
	x.hbs = a.closure(a.copied(x.hb))
	if a.loops(x.hbs) {
		return x, HappensBefore
	}
	a.reflexive(x.hbs, st.all)
	t := a.seq(x.prop, x.strong)
	x.pb = a.to(a.seq(t, x.hbs), st.marked)
	a.free(t)
	x.pbs = a.closure(a.copied(x.pb))
	if a.loops(x.pbs) {
		return x, Propagation
	}
	a.reflexive(x.pbs, st.all)
	return x, None
}

// relateAll computes those that come before prop; over is co or fr.
func (s *search) relateAll(g *graph) (x relations, over rel) {
	a, st := &s.alg, g.static
	x = s.communication(g)
	s.carried(&x, st)
	x.strong = a.copied(st.strong)
	x.ulp = s.lockOrders(g, &x)
	x.rest = a.copied(st.rest)
	x.fence = a.or(a.copied(x.strong), x.rest)
	x.rmw, x.rfRmw = a.newRel(), a.newRel()
	for w := range g.events {
		p := g.events[w].pair
		if p < 0 || !g.events[w].is(isWrite) {
			continue
		}
		a.put(x.rmw, int(p), w)
		if g.rf[p] >= 0 {
			a.put(x.rfRmw, int(g.rf[p]), w)
		}
	}
	a.reflexive(a.closure(x.rfRmw), st.all)
	over = a.or(a.copied(x.fr), g.co)
	s.preserved(&x, st, x.ulp, over)
	return x, over
}

// preserved is ppo, the program's order as far as it is kept.
func (s *search) preserved(x *relations, st *static, ulp, over rel) {
	a := &s.alg
	toW := a.or(a.copied(x.addr), x.data, x.ctrl)
	a.or(a.to(toW, st.writes), over)
	if st.anyPlain {
		plain := a.to(a.copied(x.addr), st.plain)
		t := a.seq(plain, st.wmb)
		a.or(toW, t)
		a.free(plain, t)
	}
	dep := a.to(a.or(a.copied(x.addr), x.data), st.marked)
	toR := a.seq(dep, x.rfi)
	a.or(toR, a.to(a.copied(x.addr), st.reads))
	x.ppo = a.and(a.or(toW, toR, x.fence, ulp), st.intern)
	a.free(dep, toR)
}

// propagates is cumul-fence* and prop.
func (s *search) propagates(x *relations, st *static, ulp, over rel) {
	a := &s.alg
	strong := a.or(a.copied(x.strong), st.poRel)
	far := a.to(a.copied(x.rfe), st.marked)
	cumul := a.or(a.seq(far, strong), strong, st.wmb, ulp)
	a.to(a.from(st.marked, cumul), st.marked)
	x.cumul = a.seq(cumul, x.rfRmw)
	a.free(strong, far, cumul)
	a.reflexive(a.closure(x.cumul), st.all)

	far = a.reflexive(a.minus(a.copied(over), st.intern), st.all)
	t := a.to(a.seq(a.from(st.marked, far), x.cumul), st.marked)
	near := a.reflexive(a.to(a.copied(x.rfe), st.marked), st.all)
	x.prop = a.to(a.seq(t, near), st.marked)
	a.free(far, t, near)
}

// lkmm is the axioms of the model but for coherence and atomicity: the first that a graph breaks.
func (s *search) lkmm(g *graph) Axiom {
	x, broken := s.relate(g)
	defer func() { s.freeRelations(&x) }()
	if broken != None {
		return broken
	}
	if g.static.anyRCU && s.rcu(g, &x) {
		return RCU
	}
	if g.static.anyPlain {
		if _, _, by := s.plainIncoherent(g, &x); by != "" {
			return PlainCoherence
		}
	}
	return None
}
