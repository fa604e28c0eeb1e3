package litmus

import (
	"fmt"
	"slices"
	"strings"

	"ctcheck/model"
)

// This file lowers RCU and SRCU to what they promise. A reader's critical section is an interval: it begins where
// rcu_read_lock() is, at once and without a barrier, and ends where rcu_read_unlock() has, like a store, come
// through the store buffer, so that what the reader stored before has reached memory. A grace period is a full
// barrier, notes which sections have begun and not ended, and waits until all of these have ended; those that
// begin later are not waited for.
//
// SRCU is the same for each srcu_struct. Its srcu_read_lock() and srcu_read_unlock() are no barriers here, though
// those of the kernel are now, since LKMM does not promise that they are; so smp_mb__after_srcu_read_unlock() is
// a full one. A section ends where the cookie of its beginning is given back, by whichever thread.
//
// The sections are counted in ghosts, which a monitor keeps. What can begin or end within an access beside it does,
// for steps of their own would make many states and no other ends.

// ended is the event that a section has ended and all stores of its reader before that are in memory. The subject
// is the section.
const ended model.EventKind = "reader ended"

// begun is the event that a section has begun.
const begun model.EventKind = "reader begun"

// waiting is the event that a grace period has begun. The subject is the grace period.
const waiting model.EventKind = "grace period begun"

// A grace is a grace period: what it waits for, with how many of each have not ended.
type grace struct {
	sections []*section
	left     []*model.Var
}

// A section is one that may be waited for: of RCU the outermost sections of a thread, of SRCU those that one
// srcu_read_lock begins.
type section struct {
	domain *model.Var // what its end is stored to; nobody reads it
	open   *model.Var // how many have begun and not ended
	waits  []*model.Var
}

type readers struct {
	l       *lowering
	monitor *model.Monitor
	rcu     []*section               // of each thread, nil where it reads nothing
	domains map[int]map[int]*section // by the cell of the srcu_struct and the number of the section
	depth   *model.Var               // of the thread being lowered: how many sections of RCU are around it
	around  map[*Stmt]int            // the same where it is known beforehand; depth is nil then
	of      int                      // that thread
	grace   int
}

// newReaders declares the sections of a test.
func (l *lowering) newReaders() *readers {
	r := &readers{l: l, rcu: make([]*section, len(l.t.Threads)), domains: map[int]map[int]*section{}, of: -1}
	var domain *model.Var
	for i, th := range l.t.Threads {
		l.refuseLoopedSections(th.Body, false)
		eachStmt(th.Body, func(s *Stmt) {
			switch {
			case s.Kind != Do || !l.a.reached[s]:
			case s.Prim.Class == ReadLock && r.rcu[i] == nil:
				if domain == nil {
					domain = l.p.Shared("(rcu)", model.UpTo(0), model.Int(0))
				}
				r.rcu[i] = r.section(domain, fmt.Sprintf("readers of P%d", i))
			case s.Prim.Class == SrcuLock:
				for v := range l.a.found[s] {
					if v.kind == anAddr {
						r.declare(int(v.n), l.a.section(s))
					}
				}
			}
		})
	}
	return r
}

// refuseLoopedSections refuses a srcu_read_lock in a loop. The sections of one srcu_read_lock have one cookie, and
// are counted: of two that are open nobody could say which one a srcu_read_unlock ends.
func (l *lowering) refuseLoopedSections(list []*Stmt, loop bool) {
	for _, s := range list {
		if loop && s.Kind == Do && s.Prim.Class == SrcuLock && l.a.reached[s] {
			unsupported(s.Pos, "SRCU in a loop", "found %s() in a loop, where it may begin several critical "+
				"sections; write it once for each", s.Prim.Name)
		}
		l.refuseLoopedSections(s.Body, loop || s.Kind == Loop)
		l.refuseLoopedSections(s.Else, loop)
	}
}

// declare makes a section of SRCU.
func (r *readers) declare(cell, number int) {
	all := r.domains[cell]
	if all == nil {
		all = map[int]*section{}
		r.domains[cell] = all
	}
	name := fmt.Sprintf("readers %d of %s", number, r.l.t.cells[cell].name)
	all[number] = r.section(r.l.cells[cell], name)
}

// mostOpen is how many sections may be open where a thread is in a loop; a store buffer holds no more.
const mostOpen = 15

func (r *readers) section(domain *model.Var, name string) *section {
	if r.monitor == nil {
		r.monitor = &model.Monitor{On: r.on}
		r.l.p.Monitors = append(r.l.p.Monitors, r.monitor)
	}
	return &section{domain: domain, open: r.ghost(name)}
}

func (r *readers) ghost(name string) *model.Var {
	g := model.NewGhost(name, model.UpTo(mostOpen), model.Int(0))
	r.monitor.Ghosts = append(r.monitor.Ghosts, g)
	return g
}

// on counts sections: up where one begins, and down where it has ended, for the grace periods that wait for it
// too.
func (r *readers) on(ev model.Event) []*model.Stmt {
	s, ok := ev.Subject.(*section)
	if g, isGrace := ev.Subject.(*grace); isGrace {
		return model.Build(func(c *model.Code) {
			for i, w := range g.left {
				c.Set(w, g.sections[i].open)
			}
		})
	}
	switch {
	case ok && ev.Kind == begun:
		return model.Build(func(c *model.Code) { c.Set(s.open, s.open.Add(model.Int(1))) })
	case ok && ev.Kind == ended:
		return model.Build(func(c *model.Code) {
			c.Set(s.open, s.open.Sub(model.Int(1)))
			for _, w := range s.waits {
				c.If(w.NonZero(), func() { c.Set(w, w.Sub(model.Int(1))) })
			}
		})
	}
	return nil
}

func (l *lowering) event(kind model.EventKind, subject any) *model.Stmt {
	return &model.Stmt{Kind: model.StmtEvent, Event: kind, Subject: subject, File: l.t.File, Line: l.at.Line,
		Label: strings.TrimSuffix(l.at.Label, ";")}
}

// begin is a step of its own, since a grace period may pass between what is before it and the reader; or part of
// the access that is next, since nothing is lost if the reader begins no earlier than that.
func (r *readers) begin(l *lowering, s *section) {
	e := l.event(begun, s)
	if e.Opens = !l.apart && l.next != nil && l.next.Kind == Do && l.next.Prim.Class <= Cmpxchg; !e.Opens {
		l.add(&model.Stmt{Kind: model.StmtPause})
	}
	l.add(e)
}

// before is the access that is just before, if there is one.
func (l *lowering) before() *model.Stmt {
	for _, s := range slices.Backward(*l.out) {
		if s.Kind == model.StmtAccess && !l.apart {
			return s
		}
		if s.Kind != model.StmtAssign && s.Kind != model.StmtAssert {
			break
		}
	}
	return nil
}

// end is part of the access before it, if it is known that all stores have reached memory when that takes effect.
// Otherwise it stores to the domain what that has already, and comes when this has gone through the store buffer.
func (r *readers) end(l *lowering, s *section) {
	if before := l.before(); before != nil && (before.Op != model.Load || !l.stored) {
		before.Body = append(before.Body, l.event(ended, s))
		return
	}
	l.add(&model.Stmt{Kind: model.StmtAccess, Op: model.Store, Order: model.Relaxed, Var: s.domain,
		Arg: model.Int(s.domain.Init).Node(), Body: []*model.Stmt{l.event(ended, s)}})
}

// nesting finds how many sections of RCU are around each rcu_read_lock and rcu_read_unlock of a thread, where
// that is the same whenever the thread gets there; it is not ok where not.
func nesting(list []*Stmt, depth int, at map[*Stmt]int, around []int) (after int, ok bool) {
	for _, s := range list {
		switch s.Kind {
		case Do:
			at[s] = depth
			switch s.Prim.Class {
			case ReadLock:
				depth++
			case ReadUnlock:
				depth--
			}
		case If:
			yes, ok := nesting(s.Body, depth, at, around)
			no, okToo := nesting(s.Else, depth, at, around)
			if !ok || !okToo || yes != no {
				return 0, false
			}
			depth = yes
		case Loop, Once:
			d, ok := nesting(s.Body, depth, at, append(around, depth))
			if !ok || d != depth {
				return 0, false
			}
		case Break:
			if around[len(around)-1] != depth {
				return 0, false
			}
		}
		if depth < 0 {
			return 0, false
		}
	}
	return depth, true
}

// do lowers a primitive of RCU. Sections inside another one of the same thread are part of that.
func (r *readers) do(l *lowering, s *Stmt) {
	if s.Prim.Class == Sync {
		var all []*section
		for _, sec := range r.rcu {
			if sec != nil {
				all = append(all, sec)
			}
		}
		r.wait(l, all)
		return
	}
	if r.of != l.thread {
		r.of, r.depth, r.around = l.thread, nil, map[*Stmt]int{}
		if _, ok := nesting(l.t.Threads[l.thread].Body, 0, r.around, nil); !ok {
			r.depth = l.temp(model.UpTo(mostOpen))
		}
	}
	sec := r.rcu[l.thread]
	if r.depth == nil {
		switch around := r.around[s]; {
		case s.Prim.Class == ReadLock && around == 0:
			r.begin(l, sec)
		case s.Prim.Class == ReadUnlock && around == 1:
			r.end(l, sec)
		}
		return
	}
	one := model.Int(1)
	if s.Prim.Class == ReadLock {
		l.when(r.depth.Eq(model.Int(0)), func() { r.begin(l, sec) }, nil)
		l.set(r.depth, r.depth.Add(one))
		return
	}
	l.fault(r.depth.NonZero(), "rcu_read_unlock() without a rcu_read_lock() before it")
	if sec != nil {
		l.set(r.depth, r.depth.Sub(one))
		l.when(r.depth.Eq(model.Int(0)), func() { r.end(l, sec) }, nil)
	}
}

// wait is a grace period: a full barrier, with which it begins, and a wait for the sections that are open then.
//
// It begins within the access before it, if that leaves the store buffer empty, for the sooner it begins the fewer
// sections are open. If nothing but a store follows until the thread ends, the wait is part of that: when it is
// over makes no difference to anybody else.
func (r *readers) wait(l *lowering, sections []*section) {
	r.grace++
	g := &grace{sections: sections}
	var none []model.Value
	for _, s := range sections {
		w := r.ghost(fmt.Sprintf("grace period %d of P%d waits for %s", r.grace, l.thread, s.open.Name))
		s.waits = append(s.waits, w)
		g.left, none = append(g.left, w), append(none, w.Eq(model.Int(0)))
	}
	begin := l.event(waiting, g)
	if before := l.before(); before != nil && (before.Op.IsRMW() || before.Op == model.Load && !l.stored) {
		before.Body = append(before.Body, begin)
	} else {
		l.add(&model.Stmt{Kind: model.StmtAtomic, Body: []*model.Stmt{begin}})
	}
	switch over := model.All(none...); {
	case len(sections) == 0:
	case l.ends && !l.apart:
		l.gate = over.Node()
	default:
		l.when(over.IsZero(), func() { l.add(&model.Stmt{Kind: model.StmtAwait, Cond: over.Node()}) }, nil)
	}
}

// srcu lowers a primitive of SRCU for a domain.
func (r *readers) srcu(l *lowering, s *Stmt, cell int, dst *model.Var) {
	switch s.Prim.Class {
	case SrcuLock:
		n := l.a.section(s)
		r.begin(l, r.domains[cell][n])
		l.set(dst, model.Int(l.words.of(absval{aCookie, int64(n)})))
	case SrcuSync:
		var all []*section
		for n := range len(l.a.sections) {
			if sec := r.domains[cell][n]; sec != nil {
				all = append(all, sec)
			}
		}
		r.wait(l, all)
	case SrcuUnlock:
		cookie := l.expr(s.Args[0])
		var known []model.Value
		is := func(n int) model.Expr {
			return model.Of(cookie).Eq(model.Int(l.words.of(absval{aCookie, int64(n)})))
		}
		var numbers []int
		for n := range len(l.a.sections) {
			if r.domains[cell][n] != nil {
				numbers = append(numbers, n)
				known = append(known, is(n))
			}
		}
		l.fault(model.Any(known...), "srcu_read_unlock() with what no srcu_read_lock() of this srcu_struct "+
			"returned")
		for _, n := range numbers {
			if len(numbers) == 1 {
				r.end(l, r.domains[cell][n])
			} else {
				l.when(is(n), func() { r.end(l, r.domains[cell][n]) }, nil)
			}
		}
	}
}
