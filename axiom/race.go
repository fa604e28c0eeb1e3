package axiom

import (
	"slices"

	"ctcheck/threads"
)

// This file has what the model says of plain accesses: which of them race, and what those see that do not.

// bounds is the relations of the model that say whether a plain access of one thread is over before one of
// another begins.
type bounds struct{ wwVis, wrVis, rwXb, preRace rel }

func (s *search) freeBounds(b *bounds) { s.alg.free(b.wwVis, b.wrVis, b.rwXb, b.preRace) }

// bound computes them.
func (s *search) bound(g *graph, x *relations) bounds {
	a, st := &s.alg, g.static
	var tmp []rel
	keep := func(r rel) rel {
		tmp = append(tmp, r)
		return r
	}
	defer func() { a.free(tmp...) }()
	xbs := keep(a.or(a.copied(x.hb), x.pb))
	strong, fence := keep(a.copied(x.strong)), keep(a.copied(x.fence))
	if x.rb != nil {
		a.or(xbs, x.rb)
		a.or(strong, x.rcuFence)
		a.or(fence, x.rcuFence)
	}
	a.reflexive(a.closure(xbs), st.all)
	id := func(r rel) rel { return a.reflexive(r, st.all) }

	nonRW := keep(a.or(a.copied(x.strong), st.poRel, st.acqPo))
	addrOrFence := keep(a.from(st.marked, id(a.or(a.copied(x.addr), fence))))
	rPre := keep(a.from(st.marked, id(a.or(a.copied(x.addr), nonRW, st.rmb))))
	wPost := keep(a.seq(keep(a.to(id(a.copied(fence)), st.marked)), x.rfRmw))
	rPost := keep(a.to(id(a.or(a.copied(nonRW), st.rmb)), st.marked))

	far := keep(a.to(id(a.copied(x.rfe)), st.marked))
	seen := keep(a.seq(x.cumul, far))
	after := keep(a.seq(keep(a.to(a.copied(strong), st.marked)), xbs))
	a.or(after, keep(a.and(a.copied(xbs), st.intern)), keep(id(a.newRel())))
	vis := keep(a.seq(seen, after))

	strongXb := keep(a.seq(strong, xbs))
	postVis := keep(a.seq(wPost, vis))
	via := func(pre rel) rel {
		return a.or(a.seq(strongXb, pre), keep(a.seq(postVis, pre)), fence)
	}
	b := bounds{wwVis: via(addrOrFence), wrVis: via(rPre)}
	b.rwXb = a.or(a.seq(keep(a.seq(rPost, xbs)), addrOrFence), fence)
	b.preRace = a.newRel()
	for i := range a.n {
		for j := range a.n {
			if !a.has(st.intern, i, j) && i != j &&
				(st.plain.has(i) || st.plain.has(j) && !st.init.has(i)) {
				a.put(b.preRace, i, j)
			}
		}
	}
	return b
}

// plainIncoherent is two accesses the second of which comes before the first, though the relation by, rf, fr or
// co, says otherwise: the model's plain-coherence. Where there are none, by is empty.
func (s *search) plainIncoherent(g *graph, x *relations) (i, j int, by string) {
	a := &s.alg
	b := s.bound(g, x)
	defer s.freeBounds(&b)
	for i := range a.n {
		for j := range a.n {
			if !a.has(b.preRace, i, j) {
				continue
			}
			switch {
			case (a.has(x.rfe, i, j) || a.has(x.rfi, i, j)) && a.has(b.rwXb, j, i):
				return i, j, "rf"
			case a.has(x.fr, i, j) && a.has(b.wrVis, j, i):
				return i, j, "fr"
			case a.has(g.co, i, j) && a.has(b.wwVis, j, i):
				return i, j, "co"
			}
		}
	}
	return 0, 0, ""
}

// races reports whether there is a data race in a graph that is whole.
func (s *search) races(g *graph, x *relations) bool {
	a, st := &s.alg, g.static
	b := s.bound(g, x)
	defer s.freeBounds(&b)
	rf := a.or(a.copied(x.rfi), x.rfe)
	later := a.or(a.seq(g.co, rf), rf)
	defer a.free(rf, later)
	for i := range a.n {
		for j := range a.n {
			if !a.has(b.preRace, i, j) {
				continue
			}
			ww := a.has(g.co, i, j) && !(a.has(b.wwVis, i, j) && (st.marked.has(i) || a.has(b.rwXb, i, j)) &&
				(st.marked.has(j) || a.has(b.wrVis, i, j)))
			wr := a.has(later, i, j) && !a.has(b.wrVis, i, j) && !a.has(b.rwXb, j, i)
			rw := a.has(x.fr, i, j) && !a.has(b.rwXb, i, j)
			if ww || wr || rw {
				return true
			}
		}
	}
	return false
}

// The flags of the model, which a test has where some execution has them.
const (
	FlagRace        = "data-race"
	FlagMixed       = "mixed-accesses"
	FlagSleep       = "invalid-sleep"
	FlagLockMixed   = "mixed-lock-accesses"
	FlagLockFinal   = "lock-final"
	FlagUnlock      = "unmatched-unlock"
	FlagSrcuLock    = "unmatched-srcu-lock"
	FlagSrcuUnlock  = "unmatched-srcu-unlock"
	FlagSrcuMatches = "multiple-srcu-matches"
	FlagSrcuValue   = "srcu-bad-value-match"
)

// flags is those of an execution.
func (s *search) flags(g *graph) (fs []string) {
	st := g.static
	fs = append(fs, st.unmatched...)
	if sleeps(g) {
		fs = append(fs, FlagSleep)
	}
	x, _ := s.relate(g)
	defer func() { s.freeRelations(&x) }()
	if st.anyPlain {
		if st.anyRCU {
			s.rcu(g, &x)
		}
		if s.races(g, &x) {
			fs = append(fs, FlagRace)
		}
		if s.mixed(g) {
			fs = append(fs, FlagMixed)
		}
	}
	fs = append(fs, s.srcuFlags(g, &x)...)
	fs = append(fs, s.lockFlags(g)...)
	return fs
}

// srcuFlags is what is wrong with sections of SRCU.
func (s *search) srcuFlags(g *graph, x *relations) (fs []string) {
	cs := s.srcuSections(g, x)
	for i := range g.events {
		e := &g.events[i]
		if !e.is(isSrcuLock | isSrcuUnlock) {
			continue
		}
		n := 0
		for _, c := range cs {
			if int(c.read) == i || int(c.write) == i {
				n++
				v, _ := s.find(g, g.events[c.read].val)
				if w, _ := s.find(g, g.events[c.write].val); v != w {
					fs = append(fs, FlagSrcuValue)
				}
			}
		}
		switch {
		case n == 0 && e.is(isSrcuLock):
			fs = append(fs, FlagSrcuLock)
		case n == 0:
			fs = append(fs, FlagSrcuUnlock)
		case n > 1:
			fs = append(fs, FlagSrcuMatches)
		}
	}
	return fs
}

// lockFlags is what is wrong with locks.
func (s *search) lockFlags(g *graph) (fs []string) {
	st := g.static
	locked := map[int32]bool{}
	for i := range g.events {
		if e := &g.events[i]; e.is(isOfLock) {
			locked[e.cell] = true
		}
	}
	for i := range g.events {
		e := &g.events[i]
		if locked[e.cell] && !e.is(isOfLock|isInit) {
			fs = append(fs, FlagLockMixed)
		}
		if !e.is(isUnlock) {
			continue
		}
		held := false
		for j := range g.events {
			switch f := &g.events[j]; {
			case !s.alg.has(st.poLoc, j, i):
			case f.is(isLockWrite):
				held = true
			case f.is(isUnlock):
				held = false
			}
		}
		if !held {
			fs = append(fs, FlagUnlock)
		}
	}
	for _, o := range s.p.Observed {
		if o.Thread < 0 && locked[int32(o.N)] {
			fs = append(fs, FlagLockFinal)
		}
	}
	return fs
}

// mixed reports whether a thread makes plain writes and marked accesses to a cell without a barrier, of the
// compiler at least, between them.
func (s *search) mixed(g *graph) bool {
	st := g.static
	for i := range g.events {
		for j := range g.events {
			if !s.alg.has(st.poLoc, i, j) {
				continue
			}
			pw := func(k int) bool { return st.plain.has(k) && st.writes.has(k) }
			if (pw(i) && st.marked.has(j) || pw(j) && st.marked.has(i)) && !s.barrier(g, i, j) {
				return true
			}
		}
	}
	return false
}

// barrier reports whether something is between two accesses of a thread that the compiler moves neither across.
func (s *search) barrier(g *graph, i, j int) bool {
	st := g.static
	if st.acquire.has(i) || st.release.has(j) {
		return true
	}
	from, to := g.events[i].nth, g.events[j].nth
	for k := range g.events {
		e := &g.events[k]
		if s.alg.has(st.po, i, k) && s.alg.has(st.po, k, j) &&
			(st.acquire.has(k) || st.release.has(k) || e.is(isSrcuLock|isSrcuUnlock)) {
			return true
		}
	}
	return slices.ContainsFunc(g.marks, func(m mark) bool {
		if m.thread != g.events[i].thread || m.at <= from || m.at > to {
			return false
		}
		return m.instr.Op != threads.Fence || m.instr.Fence <= threads.AfterAtomic
	})
}
