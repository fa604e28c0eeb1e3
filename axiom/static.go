package axiom

import "ctcheck/threads"

// A static is what follows of a graph's accesses and the program's order alone: not from what reads find, nor
// from the order of writes.
type static struct {
	n                                          int
	all, reads, writes, marked, plain, init    set
	acquire, release, mbRead, mbWrite, rmw     set
	returning                                  set // reads that smp_rmb() orders
	lockReads, lockWrites, unlocks, srcuUnlock set
	intern                                     rel // in the same thread
	loc                                        rel // of the same cell
	po, poLoc                                  rel
	addr, data, ctrl                           rel
	mb, gp                                     rel // strong fences; without smp_mb__after_unlock_lock()
	wmb, rmb, poRel, acqPo                     rel
	ulp                                        rel // unlock, then lock in the same thread
	strong                                     rel // mb or gp
	rest                                       rel // the other fences
	sections                                   []section
	graces                                     []mark
	unlockLock                                 []mark // smp_mb__after_unlock_lock()
	anyPlain, anyUnlock, anyRCU                bool
	unmatched                                  []string // flags of sections that have no end, or no beginning
}

// A section is a reader's critical section of RCU, from mark to mark, or of SRCU, from access to access; then
// srcu is set, and the sections are found anew in each graph.
type section struct {
	lock, unlock mark
	srcu         bool
	read, write  int32
}

// newStatic computes it for a graph.
func (s *search) newStatic(g *graph) *static {
	a := &s.alg
	a.n = len(g.events)
	st := &static{n: a.n}
	for _, x := range []*set{&st.all, &st.reads, &st.writes, &st.marked, &st.plain, &st.init, &st.acquire,
		&st.release, &st.mbRead, &st.mbWrite, &st.rmw, &st.returning, &st.lockReads, &st.lockWrites, &st.unlocks,
		&st.srcuUnlock} {
		*x = make(set, s.w)
	}
	for _, x := range []*rel{&st.intern, &st.loc, &st.po, &st.poLoc, &st.addr, &st.data, &st.ctrl, &st.mb, &st.gp,
		&st.wmb, &st.rmb, &st.poRel, &st.acqPo, &st.ulp} {
		*x = make(rel, a.n*a.w)
	}
	for i := range g.events {
		e := &g.events[i]
		for _, m := range []struct {
			to set
			is bool
		}{{st.all, true}, {st.reads, e.is(isRead)}, {st.writes, e.is(isWrite)}, {st.marked, !e.is(isPlain)},
			{st.plain, e.is(isPlain)}, {st.init, e.is(isInit)}, {st.acquire, e.is(isAcquire | isLockRead)},
			{st.release, e.is(isRelease | isUnlock)}, {st.mbRead, e.is(isMb) && e.is(isRead)},
			{st.mbWrite, e.is(isMb) && e.is(isWrite)}, {st.rmw, e.is(isRMW)},
			{st.returning, e.is(isRead) && !e.is(isNoReturn)}, {st.lockReads, e.is(isLockRead)},
			{st.lockWrites, e.is(isLockWrite)}, {st.unlocks, e.is(isUnlock)}, {st.srcuUnlock, e.is(isSrcuUnlock)}} {
			if m.is {
				m.to.put(i)
			}
		}
		st.anyPlain = st.anyPlain || e.is(isPlain)
		st.anyUnlock = st.anyUnlock || e.is(isUnlock)
		st.anyRCU = st.anyRCU || e.is(isSrcuLock)
		for j := range g.events {
			f := &g.events[j]
			if e.cell == f.cell {
				a.put(st.loc, i, j)
			}
			if e.thread >= 0 && e.thread == f.thread {
				a.put(st.intern, i, j)
				if e.nth < f.nth {
					a.put(st.po, i, j)
					if e.cell == f.cell {
						a.put(st.poLoc, i, j)
					}
				}
			}
		}
		for k, r := range []rel{st.addr, st.data, st.ctrl} {
			set(g.deps[(3*i+k)*s.w:][:s.w]).each(func(from int) { a.put(r, from, i) })
		}
	}
	s.orders(g, st)
	s.barriers(g, st)
	s.rcuSections(g, st)
	st.strong = a.or(make(rel, a.n*a.w), st.mb, st.gp)
	st.rest = a.or(make(rel, a.n*a.w), st.wmb, st.rmb, st.poRel, st.acqPo)
	return st
}

// orders is the orders that accesses carry themselves.
func (s *search) orders(g *graph, st *static) {
	a := &s.alg
	for i := range g.events {
		later := a.row(st.po, i)
		set(later).each(func(j int) {
			if st.release.has(j) {
				a.put(st.poRel, i, j)
			}
			if st.acquire.has(i) {
				a.put(st.acqPo, i, j)
			}
			if st.mbRead.has(j) || st.mbWrite.has(i) {
				a.put(st.mb, i, j)
			}
			if st.unlocks.has(i) && st.lockReads.has(j) {
				s.between(g, int16(g.events[i].thread), g.events[i].nth, g.events[j].nth+1, func(x, y int) {
					a.put(st.ulp, x, y)
				})
			}
		})
	}
}

// between calls f for the accesses x of a thread before the one with the number from, and y from that with the
// number to on.
func (s *search) between(g *graph, thread, from, to int16, f func(x, y int)) {
	for x := range g.events {
		if ex := &g.events[x]; ex.thread == thread && ex.nth < from {
			for y := range g.events {
				if ey := &g.events[y]; ey.thread == thread && ey.nth >= to {
					f(x, y)
				}
			}
		}
	}
}

// barriers is the orders that barriers make.
func (s *search) barriers(g *graph, st *static) {
	a := &s.alg
	for _, m := range g.marks {
		// The nearest access of a kind on either side.
		before := func(is func(*event) bool) int16 {
			last := int16(-1)
			for i := range g.events {
				if e := &g.events[i]; e.thread == m.thread && e.nth < m.at && e.nth > last && is(e) {
					last = e.nth
				}
			}
			return last
		}
		put := func(r rel) func(x, y int) { return func(x, y int) { a.put(r, x, y) } }
		only := func(r rel, of set) func(x, y int) {
			return func(x, y int) {
				if of.has(x) && of.has(y) {
					a.put(r, x, y)
				}
			}
		}
		switch m.instr.Op {
		case threads.Sync, threads.SrcuSync:
			s.between(g, m.thread, m.at, m.at, put(st.gp))
			st.graces = append(st.graces, m)
			st.anyRCU = true
			continue
		case threads.ReadLock, threads.ReadUnlock:
			continue
		}
		switch m.instr.Fence {
		case threads.Mb:
			s.between(g, m.thread, m.at, m.at, put(st.mb))
		case threads.Rmb:
			s.between(g, m.thread, m.at, m.at, only(st.rmb, st.returning))
		case threads.Wmb:
			s.between(g, m.thread, m.at, m.at, only(st.wmb, st.writes))
		case threads.BeforeAtomic:
			next := int16(-1)
			for i := range g.events {
				if e := &g.events[i]; e.thread == m.thread && e.nth >= m.at && e.is(isRMW) &&
					(next < 0 || e.nth < next) {
					next = e.nth
				}
			}
			if next >= 0 {
				s.between(g, m.thread, m.at, next, put(st.mb))
			}
		case threads.AfterAtomic:
			s.between(g, m.thread, before(func(e *event) bool { return e.is(isRMW) })+1, m.at, put(st.mb))
		case threads.AfterSpinlock:
			s.between(g, m.thread, before(func(e *event) bool { return e.is(isLockWrite) })+1, m.at, put(st.mb))
		case threads.AfterSrcuUnlock:
			s.between(g, m.thread, before(func(e *event) bool { return e.is(isSrcuUnlock) })+1, m.at, put(st.mb))
		case threads.AfterUnlockLock:
			st.unlockLock = append(st.unlockLock, m)
		}
	}
}

// rcuSections matches the beginnings and ends of sections of RCU in each thread.
func (s *search) rcuSections(g *graph, st *static) {
	for t := range s.p.Threads {
		var open []mark
		for _, m := range g.marks {
			if int(m.thread) != t {
				continue
			}
			switch m.instr.Op {
			case threads.ReadLock:
				open = append(open, m)
			case threads.ReadUnlock:
				if len(open) == 0 {
					st.unmatched = append(st.unmatched, "unmatched-rcu-unlock")
					continue
				}
				st.sections = append(st.sections, section{lock: open[len(open)-1], unlock: m})
				st.anyRCU = true
				open = open[:len(open)-1]
			case threads.SrcuSync:
				// Whether the section around it is closed is seen at its end.
			}
		}
		if len(open) > 0 {
			st.unmatched = append(st.unmatched, "unmatched-rcu-lock")
		}
	}
}
