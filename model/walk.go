package model

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
		r.walk(&r.Body, atomic, f)
	}
}

func (r *Routine) walk(list *[]*Stmt, atomic *Stmt, f func(Place)) {
	for i, s := range *list {
		f(Place{r, list, i, atomic})
		inside := atomic
		if s.Kind == StmtAtomic && atomic == nil {
			inside = s
		}
		r.walk(&s.Body, inside, f)
		r.walk(&s.Else, inside, f)
		for k := range s.Alts {
			r.walk(&s.Alts[k].Body, inside, f)
		}
	}
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
	r.walk(&r.Body, atomic, func(pl Place) {
		if s := pl.Stmt(); s.Kind == StmtCall {
			w.reach(s.Call, pl.Atomic)
		}
	})
}
