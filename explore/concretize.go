package explore

import (
	"slices"

	"ctcheck/machine"
	"ctcheck/states"
)

// This file turns what a search reduced by symmetry found into runs of the program itself, in which
// every CPU keeps its name. The states on shortest runs are searched forwards, from the initial one,
// with the canonical forms on shortest ways as a guide; so the run is the same as without reductions.
// What bounds it is the number of states on shortest runs, reduced ones and others.

// concretize replaces the stages, which are of canonical forms, by those of the states that have them.
func (r *backward) concretize() {
	r.in.o.Progress.Enter("which CPU is which", r.in.named(1<<r.p), uint64(r.steps))
	guide := r.stages
	if !r.forwards(guide) { // too little memory: one state a layer
		r.thin = true
		r.forwards(guide)
	}
	r.concrete = true
	for k := r.steps - 1; k >= 0; k-- {
		b := r.stages[k]
		for i := range b.set.Len() {
			cost := r.rest(k, b.set.At(uint32(i)))
			for c := range r.in.m.Program.CPUs {
				if cost == nil {
					b.cost = append(b.cost, unreachable)
				} else {
					b.cost = append(b.cost, cost[c])
				}
			}
		}
	}
}

// forwards fills the stages. It reports whether there was room.
func (r *backward) forwards(guide []*stage) bool {
	w := r.in.m.Words()
	r.stages = make([]*stage, r.steps+1)
	for k := range r.stages {
		r.stages[k] = &stage{set: states.NewSet(w)}
	}
	initial, _ := r.in.m.Initial()
	r.stages[0].set.Add(initial)
	held, canon := uint64(0), make([]uint64, w)
	for k := range r.steps {
		r.in.o.Progress.Advance(1)
		from, to := r.stages[k].set, r.stages[k+1].set
		for i := range from.Len() {
			r.batch.Reset()
			r.step.Expand(from.At(uint32(i)), &r.batch)
			for j := 0; j < len(r.batch.Words); j += w {
				s := r.batch.Words[j : j+w]
				copy(canon, s)
				r.reduce.canon(canon)
				if _, on := guide[k+1].set.Find(canon); !on || r.thin && to.Len() > 0 {
					continue
				}
				if !r.thin && !r.layers.budget.fits(held+r.held+to.NextBytes()) {
					return false
				}
				if _, isNew := to.Add(s); isNew {
					held += uint64(8*w + 6 + 2*len(r.in.m.Program.CPUs))
				}
			}
		}
	}
	return true
}

// concretize turns paths of the quotient, whose steps are those of canonical forms, into runs.
func (in *problem) concretize(r *reductions, paths map[int][]uint16) map[int][]uint16 {
	if r.symmetry == nil {
		return paths
	}
	runs := map[int][]uint16{}
	for p, path := range paths {
		runs[p] = in.beside(r, p, path)
	}
	return runs
}

// beside is a run whose states have the canonical forms along the path, and whose last step violates
// property p if that of the path does.
func (in *problem) beside(r *reductions, p int, path []uint16) []uint16 {
	m, fx := in.m, machine.Effects{}
	initial, _ := m.Initial()
	canon, s := slices.Clone(initial), slices.Clone(initial)
	next, image := make([]uint64, len(s)), make([]uint64, len(s))
	var run []uint16
	for n, id := range path {
		m.Fire(canon, int(id), next, &fx)
		breaks := n == len(path)-1 && in.breaks(&fx, p)
		copy(canon, next)
		r.canon(canon)
		for t := range m.Transitions() {
			if !m.Fire(s, t, next, &fx) || breaks && !in.breaks(&fx, p) {
				continue
			}
			copy(image, next)
			if r.canon(image); slices.Equal(image, canon) || breaks && fx.Err != nil {
				run = append(run, uint16(t))
				copy(s, next)
				break
			}
		}
	}
	return run
}
