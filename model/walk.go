package model

import "iter"

// This file walks over the statements of a program, for those who read or rewrite it.

// A Place is where a statement stands.
type Place struct {
	Routine *Routine
	List    *[]*Stmt // the list that it is in
	Index   int
	// Atomic is the step that the statement is a part of: an Atomic around it, or around every call of its
	// routine; nil where it is a step of its own, or rides on one.
	Atomic *Stmt
}

// Stmt is the statement.
func (pl Place) Stmt() *Stmt { return (*pl.List)[pl.Index] }

// Walk calls f for every statement of the program, in an order that depends on nothing else: the routines
// that CPUs run, then those of their IPIs and NMIs, each once and before those that it calls; in a
// routine every statement before those inside it. Ghost code of monitors is not part of the program. f
// must not change the lists; changing them afterwards, in the reverse order, leaves the places that are
// yet to come where they are.
func (p *Program) Walk(f func(Place)) {
	w := &routines{around: map[*Routine]*Stmt{}, loose: map[*Routine]bool{}}
	for _, c := range p.CPUs {
		w.reach(c.Main, nil)
		for _, ipi := range c.IPIs {
			w.reach(ipi.Handler, nil)
		}
		w.reach(c.NMI, nil)
	}
	for _, r := range w.all {
		var atomic *Stmt
		if !w.loose[r] {
			atomic = w.around[r]
		}
		for pl := range r.places(atomic) {
			f(pl)
		}
	}
}

// Statements is the statements of all code that the CPUs and their handlers run, each once, those inside
// others after them, and those of a routine after its first call.
func (p *Program) Statements() iter.Seq[*Stmt] {
	return func(yield func(*Stmt) bool) {
		seen := map[*Routine]bool{}
		for _, c := range p.CPUs {
			handlers := []*Routine{c.Main, c.NMI}
			for _, ipi := range c.IPIs {
				handlers = append(handlers, ipi.Handler)
			}
			for _, r := range handlers {
				if !r.statements(seen, yield) {
					return
				}
			}
		}
	}
}

// statements yields those of a routine, and of the ones that it calls, if they were not seen yet. It reports
// whether to go on.
func (r *Routine) statements(seen map[*Routine]bool, yield func(*Stmt) bool) bool {
	if r == nil || seen[r] {
		return true
	}
	seen[r] = true
	for pl := range r.places(nil) {
		if s := pl.Stmt(); !yield(s) || !s.Call.statements(seen, yield) {
			return false
		}
	}
	return true
}

// places is where the statements of a routine stand, each before those inside it; atomic is the step that all of
// them are a part of, if they are.
func (r *Routine) places(atomic *Stmt) iter.Seq[Place] {
	return func(yield func(Place) bool) { r.placesIn(&r.Body, atomic, yield) }
}

func (r *Routine) placesIn(list *[]*Stmt, atomic *Stmt, yield func(Place) bool) bool {
	for i, s := range *list {
		if !yield(Place{r, list, i, atomic}) {
			return false
		}
		inside := atomic
		if s.Kind == StmtAtomic && atomic == nil {
			inside = s
		}
		if !r.placesIn(&s.Body, inside, yield) || !r.placesIn(&s.Else, inside, yield) {
			return false
		}
		for k := range s.Alts {
			if !r.placesIn(&s.Alts[k].Body, inside, yield) {
				return false
			}
		}
	}
	return true
}

// routines finds those of a program, and which of them are only ever part of an Atomic.
type routines struct {
	all    []*Routine
	around map[*Routine]*Stmt // the Atomic of the first call that is in one
	loose  map[*Routine]bool  // called outside any
}

func (w *routines) reach(r *Routine, atomic *Stmt) {
	if r == nil {
		return
	}
	_, within := w.around[r]
	known := within || w.loose[r]
	if w.loose[r] || within && atomic != nil {
		return
	}
	if !known {
		w.all = append(w.all, r)
	}
	if atomic != nil {
		w.around[r] = atomic
	} else {
		w.loose[r] = true
	}
	for pl := range r.places(atomic) {
		if s := pl.Stmt(); s.Kind == StmtCall {
			w.reach(s.Call, pl.Atomic)
		}
	}
}
