package explore

import (
	"math/bits"
	"slices"
	"strings"

	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/states"
	"ctcheck/verdict"
)

// This file finds, for a violated property, a shortest run that shows it, and among the shortest one
// with the fewest switches between CPUs, whatever the order of the search that found the violation.
//
// A breadth-first search has left every state with its distance from the initial one. From the states
// and steps that violate the property at the least distance, the search goes back layer by layer: a
// state belongs to some shortest run if one of its steps leads to such a state in the next layer. Of
// each such state it keeps, for each CPU that may take the next step, the fewest switches of any rest
// of the run (dynamic programming). Then the run is told forwards; where there is a choice, the first
// transition is taken, so the run depends on nothing but the program.
//
// It needs no memory in the table, and looks once more at every state that is nearer than the
// violation. What bounds it is the number of states on shortest runs. Where a bound on memory leaves
// too little, it keeps one state a layer, the one with the smallest words: the run is then a shortest
// one, but may switch more often.

// A quest is what a search for shortest runs looks for.
type quest struct {
	want  uint64                  // properties
	judge func(s []uint64) uint64 // what a state violates; nil: as the machine says
	keep  func(s []uint64) bool   // whether to go on from a state; nil: from all
}

// noWay is more switches than any run has.
const noWay = 1<<16 - 1

// A band is the states of one layer from which a shortest run goes on.
type band struct {
	set *states.Set
	// cost is, for each state and each CPU that takes the next step, the fewest switches of the rest of
	// the run. In the last band, where the run ends, it is empty.
	cost []uint16
}

// shortest is a shortest run for each property of the quest, found while so many bytes are in other
// use; all is false if a bound keeps it from that.
func (e *engine) shortest(q quest, held uint64) (paths map[int][]uint16, fewest, all bool, err error) {
	o := e.o
	o.MaxDepth, o.First, o.Store, o.Checkpoint, o.Resume = 0, false, Exact, "", ""
	o.Coverage = false
	o.Reduce &^= PartialOrder // it keeps no distances
	if o.MaxMemory > 0 {
		o.MaxMemory -= min(o.MaxMemory-1, held)
	}
	e.o.Progress.Enter("shortest run", e.named(q.want), 0)
	b := newEngine(e.ctx, e.m, o).newBFS()
	b.want, b.keep = q.want, q.keep
	if q.judge != nil {
		b.judge = func(_ *worker, s []uint64) (uint64, uint64) { return q.judge(s), 0 }
	}
	defer b.release()
	if err := b.search(); err != nil {
		return nil, false, false, err
	}
	e.outgrew |= b.outgrew
	paths, fewest = b.runs(q.want)
	return paths, fewest, len(paths) == bits.OnesCount64(q.want), nil
}

// named is the names of properties.
func (e *engine) named(set uint64) string {
	var names []string
	for p, name := range append(slices.Clone(e.m.Properties), model.NoDeadlock) {
		if set>>p&1 != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// runs is a shortest run for each of the given properties that the search found violated.
func (b *bfs) runs(want uint64) (paths map[int][]uint16, fewest bool) {
	// A search that was cut in the middle of a layer does not know all runs of its length.
	cause := b.cause.Load()
	paths, fewest = map[int][]uint16{}, cause == nil || *cause == verdict.AtFirst
	for p, steps := range b.when {
		if want>>p&1 != 0 {
			r := &retrace{bfs: b, step: b.workers[0].step, p: p, steps: steps}
			r.search()
			if r.sym != nil {
				r.unfold()
			}
			paths[p] = r.tell()
			fewest = fewest && !r.thin
		}
	}
	return paths, fewest
}

// A retrace is the way back from the violations of one property.
type retrace struct {
	*bfs
	step  *machine.Stepper
	p     int
	steps int // to the violation
	bands []*band
	batch machine.Successors
	held  uint64
	thin  bool // keep one state a layer
	plain bool // the bands are of states as they are, and not of canonical ones
}

// search fills the bands, the last one first.
func (r *retrace) search() {
	r.o.Progress.Enter("fewest switches", r.named(1<<r.p), uint64(r.steps)+1)
	r.bands = make([]*band, r.steps+1)
	r.bands[r.steps] = &band{set: states.NewSet(r.m.Words())}
	r.each(r.steps, func(s []uint64) {
		if r.violates(s) {
			r.keepIn(r.bands[r.steps], s, nil)
		}
	})
	for k := r.steps - 1; k >= 0; k-- {
		r.o.Progress.Advance(1)
		r.bands[k] = &band{set: states.NewSet(r.m.Words())}
		r.each(k, func(s []uint64) {
			if cost := r.rest(k, s); cost != nil {
				r.keepIn(r.bands[k], s, cost)
			}
		})
	}
}

// each visits the states at distance k.
func (r *retrace) each(k int, visit func(s []uint64)) {
	for _, w := range r.workers {
		w.table.AtDepth(uint8(k), func(s []uint64) {
			if r.keep == nil || r.keep(s) {
				visit(s)
			}
		})
	}
}

// violates reports whether a state violates the property by itself.
func (r *retrace) violates(s []uint64) bool {
	if 1<<r.p == r.deadlock {
		r.batch.Reset()
		r.step.Expand(s, &r.batch)
		return r.idle(r.batch.Via) && !r.m.Ended(s)
	}
	failed, _ := r.judge(r.workers[0], s)
	return failed>>r.p&1 != 0
}

// keepIn adds a state to a band.
func (r *retrace) keepIn(b *band, s []uint64, cost []uint16) {
	// Where distances modulo 256 are ambiguous, the one state that is kept might not be of the layer; then
	// all are kept, beyond the bound if need be.
	if limit := r.o.MaxMemory; limit > 0 && !r.thin && r.bfs.depth < 255 &&
		r.held+b.set.NextBytes()+uint64(r.bfs.held.Load())+r.besides() > limit {
		r.thin = true
	}
	if r.thin && b.set.Len() > 0 {
		if s, cost = b.smallest(s, cost); s == nil {
			return
		}
		*b = band{set: states.NewSet(len(s))}
	}
	if _, isNew := b.set.Add(s); isNew {
		b.cost = append(b.cost, cost...)
		r.held += uint64(8*len(s) + 6 + 2*len(cost))
	}
}

// smallest is the state with the smallest words among s and those in the band; nil if the band has
// nothing else.
func (b *band) smallest(s []uint64, cost []uint16) ([]uint64, []uint16) {
	if b.set.Len() == 1 && slices.Compare(b.set.At(0), s) <= 0 {
		return nil, nil
	}
	wide := len(b.cost) / b.set.Len()
	for i := range b.set.Len() {
		if t := b.set.At(uint32(i)); slices.Compare(t, s) < 0 {
			s, cost = t, b.cost[i*wide:(i+1)*wide]
		}
	}
	return slices.Clone(s), slices.Clone(cost)
}

// rest is the cost of a state at distance k, nil if no shortest run goes through it.
func (r *retrace) rest(k int, s []uint64) []uint16 {
	r.batch.Reset()
	r.step.Expand(s, &r.batch)
	if !r.plain {
		r.canonAll(r.batch.Words)
	}
	var cost []uint16
	for i, t := range r.batch.Via {
		cpu := r.m.Transition(int(t)).CPU
		n := r.after(k, i, cpu)
		if n == noWay {
			continue
		}
		if cost == nil {
			cost = make([]uint16, len(r.m.Program.CPUs))
			for c := range cost {
				cost[c] = noWay
			}
		}
		cost[cpu] = min(cost[cpu], n)
	}
	return cost
}

// after is the fewest switches after successor i of the batch, which a step of the given CPU led to
// from distance k; noWay if no shortest run goes on there.
func (r *retrace) after(k, i, cpu int) uint16 {
	if k == r.steps-1 {
		for _, odd := range r.batch.Odd {
			if odd.Index == i && odd.Failed>>r.p&1 != 0 {
				return 0
			}
		}
	}
	w := r.m.Words()
	b := r.bands[k+1]
	j, known := b.set.Find(r.batch.Words[i*w : (i+1)*w])
	switch {
	case !known:
		return noWay
	case k == r.steps-1:
		return 0
	}
	n := uint16(noWay)
	wide := len(r.m.Program.CPUs)
	for c, cost := range b.cost[int(j)*wide : (int(j)+1)*wide] {
		if cost != noWay && c != cpu {
			cost++
		}
		n = min(n, cost)
	}
	return n
}

// tell goes from the initial state along the fewest switches.
func (r *retrace) tell() []uint16 {
	first, _ := r.m.Initial()
	s, last := slices.Clone(first), -1
	path := make([]uint16, 0, r.steps)
	for k := range r.steps {
		r.batch.Reset()
		r.step.Expand(s, &r.batch)
		best, fewest := -1, uint16(noWay)
		for i, t := range r.batch.Via {
			cpu := r.m.Transition(int(t)).CPU
			n := r.after(k, i, cpu)
			if n != noWay && last >= 0 && cpu != last {
				n++
			}
			if n < fewest {
				best, fewest = i, n
			}
		}
		t := r.batch.Via[best]
		path = append(path, t)
		s = append(s[:0], r.batch.Words[best*len(s):(best+1)*len(s)]...)
		last = r.m.Transition(int(t)).CPU
	}
	return path
}
