package axiom

import (
	"context"
	"fmt"

	"ctcheck/model"
	"ctcheck/threads"
)

// A Reason is why an outcome is forbidden: an execution that has it and breaks an axiom.
type Reason struct {
	Axiom     Axiom
	Execution *Execution
	Cycle     []Step
}

// Words is the axiom in the words of the model, as what the cycle is of.
func (x Axiom) Words() string {
	return [...]string{None: "nothing", Coherence: "coherence: program order in one location, rf, co and fr",
		Atomicity:     "atomicity: nothing comes between the halves of a read-modify-write",
		HappensBefore: "happens-before (hb)", Propagation: "propagates-before (pb)",
		RCU:            "RCU: grace periods and readers' sections (rb)",
		PlainCoherence: "what plain accesses can see (plain-coherence)",
		TotalOrder:     "sequential consistency: program order, rf, co and fr",
		GlobalOrder:    "x86-TSO: what it keeps of program order, rfe, co and fr"}[x]
}

// mostReasons bounds how many executions are looked at for a short cycle.
const mostReasons = 300

// Why looks for executions that satisfy the condition and break an axiom, and has of these one whose cycle is
// shortest. If there is none it is nil, and whole says that all were looked at: the program never gets there,
// whatever reads find. Options' mode is not looked at. The error is that of [Run].
func Why(ctx context.Context, p *threads.Program, o Options) (r *Reason, whole bool, err error) {
	whole = true
	for _, lax := range []bool{false, true} {
		o.Mode = Witness
		s := &search{ctx: ctx, p: p, o: o, res: &Result{}, seen: map[string]bool{}, want: Yes, lax: lax}
		s.axioms = func(*search, *graph) Axiom { return None }
		if axioms[o.Memory] == nil {
			return nil, false, fmt.Errorf("axiom: there are no axioms of %s", o.Memory)
		}
		if s.o.MaxNodes == 0 {
			s.o.MaxNodes = 20_000
		}
		if err := s.prepare(); err != nil {
			return nil, false, err
		}
		left := mostReasons
		s.explain = func(g *graph) {
			if r := s.reason(g); r != nil && (s.best == nil || len(r.Cycle) < len(s.best.Cycle)) {
				s.best = r
			}
			left--
			s.stopped = left == 0
		}
		if s.from(); s.best != nil {
			return s.best, true, nil
		}
		whole = whole && !s.stopped && !s.res.Unrolled && !s.res.Murky
	}
	return nil, whole, nil
}

// reason is what an execution breaks.
func (s *search) reason(g *graph) *Reason {
	var r *Reason
	x := s.explained(g)
	switch {
	case s.lax:
		r = x.incoherent()
	case s.o.Memory == model.LKMM:
		r = x.lkmm()
	case s.o.Memory == model.TSO:
		r = x.global(GlobalOrder)
	default:
		r = x.global(TotalOrder)
	}
	if r != nil {
		r.Execution = s.execution(g)
	}
	return r
}

// An explained graph has its relations as paths.
type explained struct {
	s           *search
	g           *graph
	rf, co, fr  paths
	in, ext     func(i, j int) bool
	marked      func(i, j int) bool
	communicate relations
}

func (s *search) explained(g *graph) *explained {
	a, st := &s.alg, g.static
	a.n = len(g.events)
	x := &explained{s: s, g: g, communicate: s.communication(g)}
	say := func(name string) func(i, j int) string { return func(int, int) string { return name } }
	c := &x.communicate
	x.rf = a.named(a.or(a.copied(c.rfi), c.rfe), say("rf"))
	x.co, x.fr = a.named(g.co, say("co")), a.named(c.fr, say("fr"))
	x.in = func(i, j int) bool { return a.has(st.intern, i, j) }
	x.ext = func(i, j int) bool { return !a.has(st.intern, i, j) }
	x.marked = func(i, j int) bool { return st.marked.has(i) && st.marked.has(j) }
	return x
}

// incoherent is the cycle of coherence, or the break of atomicity.
func (x *explained) incoherent() *Reason {
	a, st := &x.s.alg, x.g.static
	poLoc := a.named(st.poLoc, func(int, int) string { return "po" })
	if c := union(poLoc, x.rf, x.co, x.fr).plus().cycle(); c != nil {
		return &Reason{Axiom: Coherence, Cycle: c}
	}
	for r, w := range x.g.rf {
		pair := x.g.events[r].pair
		if w < 0 || pair < 0 {
			continue
		}
		for v := range x.g.events {
			if x.fr[r][v] != nil && x.co[v][pair] != nil {
				return &Reason{Axiom: Atomicity, Cycle: []Step{{r, v, "fr"}, {v, int(pair), "co"},
					{int(pair), r, "rmw"}}}
			}
		}
	}
	return nil
}

// global is the cycle of a model with one order of all accesses.
func (x *explained) global(broken Axiom) *Reason {
	a := &x.s.alg
	kept := a.copied(x.g.static.po)
	if broken == GlobalOrder {
		kept = x.s.onX86(x.g)
	}
	hb := union(a.named(kept, x.between), x.rf.within(x.ext), x.co, x.fr)
	if c := hb.plus().cycle(); c != nil {
		return &Reason{Axiom: broken, Cycle: c}
	}
	id := newPaths(a.n).maybe()
	return x.grace(hb.plus().maybe(), id, id)
}

// between is what orders two accesses of a thread, as people say it: a barrier between them, or their own
// order.
func (x *explained) between(i, j int) string {
	e, f := &x.g.events[i], &x.g.events[j]
	names := map[threads.FenceKind]string{threads.Mb: "smp_mb()", threads.Rmb: "smp_rmb()",
		threads.Wmb:          "smp_wmb()",
		threads.BeforeAtomic: "smp_mb__before_atomic()", threads.AfterAtomic: "smp_mb__after_atomic()",
		threads.AfterSpinlock: "smp_mb__after_spinlock()", threads.AfterUnlockLock: "smp_mb__after_unlock_lock()",
		threads.AfterSrcuUnlock: "smp_mb__after_srcu_read_unlock()"}
	for _, m := range x.g.marks {
		if m.thread != e.thread || m.at <= e.nth || m.at > f.nth {
			continue
		}
		switch m.instr.Op {
		case threads.Sync:
			return "synchronize_rcu()"
		case threads.SrcuSync:
			return "synchronize_srcu()"
		case threads.Fence:
			reads, writes := e.is(isRead) && f.is(isRead), e.is(isWrite) && f.is(isWrite)
			k := m.instr.Fence
			if k == threads.Barrier || k == threads.Rmb && !reads || k == threads.Wmb && !writes {
				continue
			}
			return names[k]
		}
	}
	switch {
	case e.is(isMb) && e.is(isWrite), f.is(isMb) && f.is(isRead):
		return "full barrier"
	case e.is(isAcquire | isLockRead):
		return "acquire"
	case f.is(isRelease | isUnlock):
		return "release"
	}
	return "po"
}

// lkmm is the cycle of the kernel's model: what [search.relate] computes, with paths.
func (x *explained) lkmm() *Reason {
	s, g := x.s, x.g
	a, st := &s.alg, g.static
	y, _ := s.relate(g)
	defer func() { s.freeRelations(&y) }()
	say := func(name string) func(i, j int) string { return func(int, int) string { return name } }
	addr, data, ctrl := a.named(y.addr, say("addr")), a.named(y.data, say("data")), a.named(y.ctrl, say("ctrl"))
	toW := func(i, j int) bool { return st.writes.has(j) }
	toR := func(i, j int) bool { return st.reads.has(j) }
	fence := a.named(y.fence, x.between)
	ulp := a.named(y.ulp, say("unlock, lock"))
	wmb := a.named(st.wmb, x.between)
	over := union(x.co, x.fr)
	plainTo := func(i, j int) bool { return st.plain.has(j) }
	markedTo := func(i, j int) bool { return st.marked.has(j) }
	ppo := union(union(addr, data, ctrl).within(toW), over.within(x.in), addr.within(plainTo).then(wmb),
		addr.within(toR), union(addr, data).within(markedTo).then(x.rf.within(x.in)), fence, ulp).within(x.in)
	rfe := x.rf.within(x.ext)

	strong := a.named(y.strong, x.between)
	release := union(strong, a.named(st.poRel, x.between))
	rmw := a.named(y.rmw, say("rmw"))
	sequence := x.rf.then(rmw).plus().maybe()
	cumul := union(rfe.within(markedTo).maybe().then(release), wmb, ulp).within(x.marked).then(sequence)
	prop := over.within(x.ext).maybe().then(cumul.plus().maybe()).within(x.marked)
	prop = prop.then(rfe.maybe()).within(x.marked)
	own := prop.within(func(i, j int) bool { return x.in(i, j) && i != j })
	hb := union(ppo, rfe, own).within(x.marked)
	hbs := hb.plus()
	if c := hbs.cycle(); c != nil {
		return &Reason{Axiom: HappensBefore, Cycle: c}
	}
	pb := prop.then(strong).then(hbs.maybe()).within(markedTo)
	pbs := pb.plus()
	if c := pbs.cycle(); c != nil {
		return &Reason{Axiom: Propagation, Cycle: c}
	}
	if r := x.grace(hbs.maybe(), pbs.maybe(), prop); r != nil {
		return r
	}
	if !st.anyPlain {
		return nil
	}
	if st.anyRCU {
		s.rcu(g, &y)
	}
	if i, j, by := s.plainIncoherent(g, &y); by != "" {
		return &Reason{Axiom: PlainCoherence, Cycle: []Step{{i, j, by}, {j, i, "bounded by barriers"}}}
	}
	return nil
}

// grace is the cycle of RCU's axiom.
func (x *explained) grace(hbs, pbs, prop paths) *Reason {
	s, g := x.s, x.g
	if !g.static.anyRCU {
		return nil
	}
	es := s.elements(g, &x.communicate)
	through := hbs.then(pbs).then(prop)
	n := len(es)
	link, order := newPaths(n), newPaths(n)
	at := func(i int) place { return place{g.events[i].thread, g.events[i].nth, true, 0} }
	for i := range es {
		if es[i].isGrace {
			order[i][i] = path{}
		}
		for j := range es {
			if es[i].leave.before(es[j].enter) {
				link[i][j] = path{{-1, -1, x.leaves(es[i]) + " comes before " + x.enters(es[j])}}
			}
			for p := range through {
				if from := at(p); from != es[i].leave && !es[i].leave.before(from) {
					continue
				}
				for q, way := range through[p] {
					if way != nil && at(q).before(es[j].enter) {
						link.shorter(i, j, join(join(path{{-1, p, x.leaves(es[i])}}, way),
							path{{q, -1, x.enters(es[j])}}))
					}
				}
			}
		}
	}
	same := func(i, j int) bool { return es[i].isGrace != es[j].isGrace && es[i].cell == es[j].cell }
	for changed := true; changed; {
		changed = false
		all := union(link.within(same), link.then(order).then(link).within(same), order.then(link).then(order))
		for i := range all {
			for j, p := range all[i] {
				if p != nil && order[i][j] == nil {
					order[i][j], changed = p, true
				}
			}
		}
	}
	if c := order.then(link).cycle(); c != nil {
		return &Reason{Axiom: RCU, Cycle: c}
	}
	return nil
}

// enters and leaves name where rcu-order comes to a grace period or section, and where it goes on.
func (x *explained) enters(e element) string { return x.element(e, "the end of ", e.enter) }

func (x *explained) leaves(e element) string { return x.element(e, "the beginning of ", e.leave) }

func (x *explained) element(e element, of string, p place) string {
	thread := x.s.p.Threads[p.thread].Name
	if e.isGrace {
		return thread + "'s grace period"
	}
	return of + thread + "'s section"
}
