package replay

import (
	"ctcheck/axiom"
	"ctcheck/model"
	"ctcheck/threads"
)

// This file is the Linux-kernel memory model as its files say it (tools/memory-model, Linux 6.15), and those of
// sequential consistency and x86-TSO.

// words is the relations of the program's order, and sets of events.
type words struct {
	po, loc, int, ext                            relation
	r, w, m, iw, marked, plain, rmw              set
	acquire, release, mbR, mbW, ul, lkr, lkw     set
	noreturn, srcuLock, srcuUnlock, sync, syncSR set
}

func (e *execution) words() *words {
	k := &words{}
	ev := func(i int) *event { return &e.events[i] }
	k.po = e.where(func(i, j int) bool {
		return ev(i).thread >= 0 && ev(i).thread == ev(j).thread && ev(i).nth < ev(j).nth
	})
	k.loc = e.where(func(i, j int) bool { return ev(i).cell >= 0 && ev(i).cell == ev(j).cell })
	k.int = e.where(func(i, j int) bool { return ev(i).thread >= 0 && ev(i).thread == ev(j).thread })
	k.ext = e.where(func(i, j int) bool { return !k.int[i][j] && i != j })
	k.r, k.w = e.those(func(v *event) bool { return v.read }), e.those(func(v *event) bool { return v.write })
	k.m = e.those(func(v *event) bool { return v.read || v.write })
	k.iw = e.those(func(v *event) bool { return v.thread < 0 })
	k.plain = e.those(func(v *event) bool {
		return v.thread >= 0 && (v.op == threads.Read || v.op == threads.Write) && v.order == model.Plain
	})
	k.marked = e.those(func(v *event) bool { return true })
	for i := range k.marked {
		k.marked[i] = !k.plain[i]
	}
	k.rmw = e.those(func(v *event) bool { return v.rmw })
	ordered := func(v *event, o model.Order) bool { return v.order == o && (!v.rmw || v.half) && v.lock == "" }
	k.acquire = e.those(func(v *event) bool { return v.read && ordered(v, model.Acquire) || v.lock == "LKR" })
	k.release = e.those(func(v *event) bool { return v.write && ordered(v, model.Release) || v.lock == "UL" })
	k.mbR = e.those(func(v *event) bool { return v.read && v.half && v.rmw && v.order == model.Full })
	k.mbW = e.those(func(v *event) bool { return v.write && v.half && v.rmw && v.order == model.Full })
	k.ul = e.those(func(v *event) bool { return v.lock == "UL" })
	k.lkr = e.those(func(v *event) bool { return v.lock == "LKR" })
	k.lkw = e.those(func(v *event) bool { return v.lock == "LKW" })
	k.noreturn = e.those(func(v *event) bool { return v.read && v.rmw && v.void })
	k.srcuLock = e.those(func(v *event) bool { return v.read && v.op == threads.SrcuLock })
	k.srcuUnlock = e.those(func(v *event) bool { return v.write && v.op == threads.SrcuUnlock })
	k.sync = e.those(func(v *event) bool { return v.op == threads.Sync && v.thread >= 0 })
	k.syncSR = e.those(func(v *event) bool { return v.op == threads.SrcuSync })
	return k
}

// fences is the barriers of a kind.
func (e *execution) fences(kind threads.FenceKind) relation {
	return e.on(e.those(func(v *event) bool {
		return v.op == threads.Fence && v.cell < 0 && v.thread >= 0 && v.fence == kind
	}))
}

// check evaluates the axioms.
func (e *execution) check(memory model.MemoryModel) (flags []string) {
	k := e.words()
	fr := e.minus(e.seq(e.inverse(e.rf), e.co), e.id())
	if !e.acyclic(e.or(e.and(k.po, k.loc), e.rf, e.co, fr)) {
		fail("coherence is broken")
	}
	if !isEmpty(e.and(e.rmw, e.seq(e.and(fr, k.ext), e.and(e.co, k.ext)))) {
		fail("atomicity is broken")
	}
	e.locks(k)
	switch memory {
	case model.SC:
		e.ordered(k, e.seq(e.on(k.m), k.po, e.on(k.m)), fr)
		return nil
	case model.TSO:
		e.ordered(k, e.x86(k), fr)
		return nil
	case model.LKMM:
		return e.lkmm(k, fr)
	}
	fail("there are no axioms of %s", memory)
	return nil
}

// ordered is the axioms of models in which one order of all accesses has part of the program's, and RCU's with
// that order.
func (e *execution) ordered(k *words, kept, fr relation) {
	hb := e.or(kept, e.and(e.rf, k.ext), e.co, fr)
	if !e.acyclic(hb) {
		fail("there is no order of all accesses")
	}
	link := e.seq(e.maybe(k.po), e.star(hb), k.po)
	order := e.rcuOrder(k, link, e.inverse(e.readers(k)), e.inverse(e.srcu(k,
		e.depends(func(v *event) map[int]bool {
			return v.data
		}))))
	if !irreflexive(e.seq(k.po, order, e.maybe(k.po), e.star(hb))) {
		fail("a grace period ends before a reader that it has to wait for")
	}
}

// x86 is what x86 keeps of the program's order: all but reads behind writes, unless something is between or one
// of them is of a locked instruction.
func (e *execution) x86(k *words) relation {
	full := e.those(func(v *event) bool {
		locked := v.rmw && (v.half || !v.mayLoad) || v.lock == "LKR" || v.lock == "LKW"
		fence := v.thread >= 0 && v.op == threads.Fence && v.cell < 0 && (v.fence == threads.Mb ||
			v.fence == threads.AfterSrcuUnlock)
		return locked || fence
	})
	around := e.where(func(i, j int) bool {
		for s := range e.events {
			if (full[s] || k.sync[s] || k.syncSR[s]) && (s == i || k.po[i][s]) && (s == j || k.po[s][j]) {
				return true
			}
		}
		return false
	})
	return e.where(func(i, j int) bool {
		return k.po[i][j] && k.m[i] && k.m[j] && (k.r[i] || k.w[j] || around[i][j])
	})
}

// locks is lock.cat: the writes to a lock are in turns of taking and releasing.
func (e *execution) locks(k *words) {
	for i := range e.events {
		for w := range e.events {
			if !e.rf[w][i] {
				continue
			}
			free := k.ul[w] || k.iw[w] && e.events[w].value.IsZero()
			held := k.lkw[w] || k.iw[w] && !e.events[w].value.IsZero()
			switch lock := e.events[i].lock; {
			case lock == "LKR" && !free:
				fail("a lock is taken while it is held")
			case lock == "LF" && !held:
				fail("a lock is seen as held while it is not")
			case lock == "RU" && !free:
				fail("a lock is seen as free while it is not")
			}
		}
	}
}

// depends is the pairs of events the second of which depends on the first, in one way.
func (e *execution) depends(of func(*event) map[int]bool) relation {
	return e.where(func(i, j int) bool { return of(&e.events[j])[i] })
}

// lkmm is the kernel's model. It is long, as its definitions are one after the other.
func (e *execution) lkmm(k *words, fr relation) (flags []string) {
	on, seq, or, and, minus, maybe, star := e.on, e.seq, e.or, e.and, e.minus, e.maybe, e.star
	M, marked, R, W := on(k.m), on(k.marked), on(k.r), on(k.w)
	po, rfi, rfe := k.po, and(e.rf, k.int), and(e.rf, k.ext)
	between := func(f relation) relation { return seq(po, f, po) }

	data := e.depends(func(v *event) map[int]bool { return v.data })
	carry := star(seq(data, minus(e.id(), on(k.srcuUnlock)), rfi))
	addr := seq(carry, e.depends(func(v *event) map[int]bool { return v.addr }))
	ctrl := seq(carry, e.depends(func(v *event) map[int]bool { return v.ctrl }))
	plainData := data
	data = seq(carry, data)

	acqPo := seq(on(k.acquire), po, M)
	poRel := seq(M, po, on(k.release))
	ulp := seq(po, on(k.ul), or(po, e.rf), on(k.lkr), po)
	returning := minus(R, on(k.noreturn))
	notVoid := minus(e.id(), on(k.noreturn))
	rmb := seq(returning, between(e.fences(threads.Rmb)), returning)
	wmb := seq(W, between(e.fences(threads.Wmb)), W)
	rmw := on(k.rmw)
	mb := or(seq(M, between(e.fences(threads.Mb)), M), seq(M, po, on(k.mbR)), seq(on(k.mbW), po, M),
		seq(M, between(e.fences(threads.BeforeAtomic)), rmw, maybe(po), M),
		seq(M, maybe(po), rmw, between(e.fences(threads.AfterAtomic)), M),
		seq(M, maybe(po), on(k.lkw), between(e.fences(threads.AfterSpinlock)), M),
		seq(M, ulp, e.fences(threads.AfterUnlockLock), po, M),
		seq(M, maybe(po), on(k.srcuUnlock), between(e.fences(threads.AfterSrcuUnlock)), M))
	gp := seq(po, or(on(k.sync), on(k.syncSR)), maybe(po))
	strong := or(mb, gp)
	nonRW := or(strong, poRel, acqPo)
	fence := or(nonRW, wmb, rmb)

	over := or(e.co, fr)
	toW := or(seq(or(addr, data, ctrl), W), and(over, k.int), seq(addr, on(k.plain), wmb))
	toR := or(seq(addr, R), seq(or(addr, data), marked, rfi))
	ppo := and(or(toR, toW, fence, ulp), k.int)

	sequence := star(seq(e.rf, e.rmw))
	cumul := seq(marked, or(seq(maybe(seq(rfe, marked)), or(strong, poRel)), wmb, ulp), marked, sequence)
	prop := seq(marked, maybe(and(over, k.ext)), star(cumul), marked, maybe(rfe), marked)
	hb := seq(marked, or(ppo, rfe, and(minus(prop, e.id()), k.int)), marked)
	if !e.acyclic(hb) {
		fail("hb has a cycle")
	}
	pb := seq(prop, strong, star(hb), marked)
	if !e.acyclic(pb) {
		fail("pb has a cycle")
	}

	rscs, srcu := e.readers(k), e.srcu(k, plainData)
	link := seq(maybe(po), star(hb), star(pb), prop, po)
	order := e.rcuOrder(k, link, e.inverse(rscs), e.inverse(srcu))
	rcuFence := seq(po, order, maybe(po))
	rb := seq(prop, rcuFence, star(hb), star(pb), marked)
	if !irreflexive(rb) {
		fail("rb is not irreflexive")
	}
	if !e.acyclic(or(hb, pb, rb)) {
		fail("hb, pb and rb together have a cycle")
	}

	fence, strong = or(fence, rcuFence), or(strong, rcuFence)
	xb := star(or(hb, pb, rb))
	vis := seq(star(cumul), maybe(rfe), marked, or(seq(strong, marked, xb), and(xb, or(k.int, e.id()))))
	wPre := seq(marked, maybe(or(addr, fence)))
	rPre := seq(marked, maybe(or(addr, nonRW, seq(returning, between(e.fences(threads.Rmb)), notVoid))))
	wPost := seq(maybe(fence), marked, sequence)
	rPost := seq(maybe(or(nonRW, seq(notVoid, between(e.fences(threads.Rmb)), returning))), marked)
	wwVis := or(fence, seq(strong, xb, wPre), seq(wPost, vis, wPre))
	wrVis := or(fence, seq(strong, xb, rPre), seq(wPost, vis, rPre))
	rwXb := or(fence, seq(rPost, xb, wPre))
	pre := e.where(func(i, j int) bool {
		return k.ext[i][j] && k.m[i] && k.m[j] && (k.plain[i] || !k.iw[i] && k.plain[j])
	})
	if !isEmpty(and(pre, or(and(e.rf, e.inverse(rwXb)), and(fr, e.inverse(wrVis)), and(e.co, e.inverse(wwVis))))) {
		fail("a plain access sees what it cannot")
	}
	ok := and(wwVis, e.where(func(i, j int) bool {
		return (k.marked[i] || rwXb[i][j]) && (k.marked[j] || wrVis[i][j])
	}))
	races := or(minus(and(pre, e.co), ok),
		minus(minus(and(pre, seq(maybe(e.co), e.rf)), wrVis), e.inverse(rwXb)),
		minus(and(pre, fr), rwXb))
	if !isEmpty(races) {
		flags = append(flags, axiom.FlagRace)
	}
	return append(flags, e.misuse(k, rscs, srcu)...)
}

// readers is the sections of RCU: each beginning with its end.
func (e *execution) readers(k *words) relation {
	out := e.empty()
	for t := range e.p.Threads {
		var open []int
		for i := range e.events {
			switch v := &e.events[i]; {
			case v.thread != t:
			case v.op == threads.ReadLock:
				open = append(open, i)
			case v.op == threads.ReadUnlock && len(open) > 0:
				out[open[len(open)-1]][i] = true
				open = open[:len(open)-1]
			}
		}
	}
	return out
}

// srcu is those of SRCU: the cookie goes from one to the other, perhaps through memory.
func (e *execution) srcu(k *words, data relation) relation {
	carry := e.star(e.seq(data, e.minus(e.id(), e.on(k.srcuUnlock)), e.rf))
	return e.and(e.seq(e.on(k.srcuLock), carry, data, e.on(k.srcuUnlock)), k.loc)
}

// rcuOrder is the least solution of its equation.
func (e *execution) rcuOrder(k *words, link, rscs, srcu relation) relation {
	seq, or := e.seq, e.or
	gp, sgp := e.on(k.sync), e.on(k.syncSR)
	x := or(gp, sgp)
	for {
		lxl := seq(link, x, link)
		next := or(gp, sgp, seq(gp, link, rscs), seq(rscs, link, gp), seq(gp, lxl, rscs), seq(rscs, lxl, gp),
			e.and(k.loc, or(seq(sgp, link, srcu), seq(srcu, link, sgp), seq(sgp, lxl, srcu), seq(srcu, lxl, sgp))),
			seq(x, link, x))
		if same(x, next) {
			return x
		}
		x = next
	}
}
