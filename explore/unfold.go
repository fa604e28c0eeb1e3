package explore

import (
	"slices"

	"ctcheck/states"
)

// This file turns what a search reduced by symmetry found into runs of the program itself, in which
// every CPU keeps its name. The states on shortest runs are searched forwards, from the initial one,
// with the canonical forms on shortest ways as a guide; so the run is the same as without reductions.
// What bounds it is the number of states on shortest runs, reduced ones and others.

// unfold replaces the bands, which are of canonical forms, by those of the states that have them.
func (r *retrace) unfold() {
	r.o.Progress.Enter("which CPU is which", r.named(1<<r.p), uint64(r.steps))
	guide := r.bands
	if !r.forwards(guide) { // too little memory: one state a layer
		r.thin = true
		r.forwards(guide)
	}
	r.plain = true
	for k := r.steps - 1; k >= 0; k-- {
		b := r.bands[k]
		for i := range b.set.Len() {
			cost := r.rest(k, b.set.At(uint32(i)))
			for c := range r.m.Program.CPUs {
				if cost == nil {
					b.cost = append(b.cost, noWay)
				} else {
					b.cost = append(b.cost, cost[c])
				}
			}
		}
	}
}

// forwards fills the bands. It reports whether there was room.
func (r *retrace) forwards(guide []*band) bool {
	w := r.m.Words()
	r.bands = make([]*band, r.steps+1)
	for k := range r.bands {
		r.bands[k] = &band{set: states.NewSet(w)}
	}
	initial, _ := r.m.Initial()
	r.bands[0].set.Add(initial)
	held, canon := uint64(0), make([]uint64, w)
	for k := range r.steps {
		r.o.Progress.Advance(1)
		from, to := r.bands[k].set, r.bands[k+1].set
		for i := range from.Len() {
			r.batch.Reset()
			r.step.Expand(from.At(uint32(i)), &r.batch)
			for j := 0; j < len(r.batch.Words); j += w {
				s := r.batch.Words[j : j+w]
				copy(canon, s)
				r.canon(canon)
				if _, on := guide[k+1].set.Find(canon); !on || r.thin && to.Len() > 0 {
					continue
				}
				limit := r.o.MaxMemory
				next := held + r.held + to.NextBytes() + uint64(r.bfs.held.Load()) + r.besides()
				if limit > 0 && !r.thin && next > limit {
					return false
				}
				if _, isNew := to.Add(s); isNew {
					held += uint64(8*w + 6 + 2*len(r.m.Program.CPUs))
				}
			}
		}
	}
	return true
}

// concrete turns paths of the quotient, whose steps are those of canonical forms, into runs.
func (e *engine) concrete(paths map[int][]uint16) map[int][]uint16 {
	if e.sym == nil {
		return paths
	}
	runs := map[int][]uint16{}
	for p, path := range paths {
		runs[p] = e.beside(p, path)
	}
	return runs
}

// beside is a run whose states have the canonical forms along the path, and whose last step violates
// property p if that of the path does.
func (e *engine) beside(p int, path []uint16) []uint16 {
	initial, _ := e.m.Initial()
	canon, s := slices.Clone(initial), slices.Clone(initial)
	next, image := make([]uint64, len(s)), make([]uint64, len(s))
	var run []uint16
	for n, id := range path {
		e.m.Fire(canon, int(id), next, &e.fx)
		breaks := n == len(path)-1 && e.fx.Failed>>p&1 != 0
		copy(canon, next)
		e.sym.Canon(canon)
		for t := range e.m.Transitions() {
			if !e.m.Fire(s, t, next, &e.fx) || breaks && e.fx.Failed>>p&1 == 0 {
				continue
			}
			copy(image, next)
			if e.sym.Canon(image); slices.Equal(image, canon) {
				run = append(run, uint16(t))
				copy(s, next)
				break
			}
		}
	}
	return run
}
