package axiom

import (
	"ctcheck/model"
	"ctcheck/threads"
)

// This file has the memory models, a row each, and the axioms of the small ones.

// axioms is those of each memory model but for coherence and atomicity, which all have: the first that a graph
// breaks.
var axioms = map[model.MemoryModel]func(*search, *graph) Axiom{
	model.LKMM: (*search).lkmm,
	model.SC:   (*search).total,
	model.TSO:  (*search).global,
}

// total is sequential consistency (Lamport, How to make a multiprocessor computer that correctly executes
// multiprocess programs, 1979): one order of all accesses agrees with the program's and with what reads find.
func (s *search) total(g *graph) Axiom {
	return s.acyclic(g, s.alg.copied(g.static.po), TotalOrder)
}

// global is x86-TSO (Alglave, Maranget, Tautschnig, Herding Cats, TOPLAS 2014): one order of all accesses
// agrees with the program's but for reads behind writes, unless a barrier or a locked instruction is between or
// is one of them, and with what reads find of other threads' writes.
func (s *search) global(g *graph) Axiom { return s.acyclic(g, s.onX86(g), GlobalOrder) }

// onX86 is the part of the program's order that x86 keeps.
func (s *search) onX86(g *graph) rel {
	a, st := &s.alg, g.static
	kept := a.newRel()
	for i := range g.events {
		set(a.row(st.po, i)).each(func(j int) {
			e, f := &g.events[i], &g.events[j]
			if e.is(isRead) || f.is(isWrite) || locked(e) || locked(f) {
				a.put(kept, i, j)
			}
		})
	}
	for _, m := range g.marks {
		switch in := m.instr; {
		case in.Op == threads.ReadLock, in.Op == threads.ReadUnlock:
			continue
		case in.Op == threads.Fence && in.Fence != threads.Mb && in.Fence != threads.AfterSrcuUnlock:
			continue
		}
		s.between(g, m.thread, m.at, m.at, func(x, y int) { a.put(kept, x, y) })
	}
	return kept
}

// locked reports whether an access is part of a locked instruction.
func locked(e *event) bool {
	switch {
	case e.is(isLockRead | isLockWrite):
		return true
	case !e.is(isRMW):
		return false
	}
	return e.pair >= 0 || !e.instr.MayLoad
}

// acyclic takes what is kept of the program's order for itself, and reports the axiom as broken if that has a
// cycle with what reads find and what writes follow each other. RCU's is that of the kernel's model, with the
// order of all accesses in the place of hb, pb and prop.
func (s *search) acyclic(g *graph, kept rel, axiom Axiom) Axiom {
	a := &s.alg
	x := s.communication(g)
	defer func() { s.freeRelations(&x) }()
	x.hb = a.or(kept, x.rfe, x.fr, g.co)
	x.hbs = a.closure(a.copied(x.hb))
	if a.loops(x.hbs) {
		return axiom
	}
	if g.static.anyRCU {
		a.reflexive(x.hbs, g.static.all)
		x.pbs = a.reflexive(a.newRel(), g.static.all)
		x.prop = a.copied(x.pbs)
		es := s.elements(g, &x)
		if order, link := s.rcuOrder(g, &x, es); cyclic(order, link) {
			return RCU
		}
	}
	return None
}

// Has reports whether a memory model has axioms here.
func Has(m model.MemoryModel) bool { return axioms[m] != nil }
