package explore

import (
	"fmt"
	"math/bits"
	"slices"

	"ctcheck/machine"
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

// unreachable is more switches than any run has: no shortest run goes on there.
const unreachable = 1<<16 - 1

// shortestRuns is what a search for shortest runs comes to.
type shortestRuns struct {
	paths   map[int][]uint16 // of each property
	fewest  bool             // no other of these lengths has fewer switches
	all     bool             // there is one for each property that was asked for
	outgrew uint64           // CPUs whose store buffer was full when it should not have been
}

// shortest is a shortest run for each property of the goal, found while so many bytes are in other
// use. It need not have all, if a bound keeps it from that. The error is a fault of the program.
func (in *problem) shortest(g goal, reduce *reductions, held uint64) (shortestRuns, error) {
	o := in.o
	o.MaxDepth, o.First, o.Store, o.Checkpoint, o.Resume = 0, false, Exact, "", ""
	o.Coverage = false
	o.Reduce = reduce.tried &^ PartialOrder // it keeps no distances
	if o.MaxBytes > 0 {
		o.MaxBytes -= min(o.MaxBytes-1, held)
	}
	in.o.Progress.Enter("shortest run", in.named(g.want), 0)
	b := newSearch(&problem{in.ctx, in.m, o}, newReductions(in.m, o), 0).newLayered(g)
	defer b.release()
	if err := b.run(); err != nil && (g.want != 1<<in.fault() || !isFault(err)) {
		return shortestRuns{}, err
	}
	runs, err := b.runs(g.want)
	runs.all = len(runs.paths) == bits.OnesCount64(g.want)
	runs.outgrew = b.bounds.outgrew
	return runs, err
}

// runs is a shortest run for each of the given properties that the search found violated. The error is a fault of
// the checker, or of what the search was resumed from.
func (b *parallelBFS) runs(want uint64) (shortestRuns, error) {
	// A search that was cut in the middle of a layer does not know all runs of its length.
	cause := b.brake.cause.Load()
	runs := shortestRuns{paths: map[int][]uint16{}, fewest: cause == nil || *cause == verdict.AtFirst ||
		want == 1<<b.in.fault()} // whose layer is looked through again
	for p, steps := range b.when {
		if want>>p&1 != 0 {
			r := &backward{in: b.in, reduce: b.reduce, layers: b, step: b.workers[0].step, p: p, steps: steps}
			r.run()
			if r.reduce.symmetry != nil {
				r.concretize()
			}
			path, found := r.forward()
			if !found && b.in.o.Resume != "" {
				return runs, fmt.Errorf("%s cannot be resumed: no run of %d steps violates %s, as it says",
					b.in.o.Resume, steps, b.in.named(1<<p))
			} else if !found {
				return runs, fmt.Errorf("checker fault: no run of %d steps violates %s", steps, b.in.named(1<<p))
			}
			runs.paths[p] = path
			runs.fewest = runs.fewest && !r.thin
		}
	}
	return runs, nil
}

// A stage is the states of one layer from which a shortest run goes on.
type stage struct {
	set *states.Set
	// cost is, for each state and each CPU that takes the next step, the fewest switches of the rest of
	// the run. In the last stage, where the run ends, it is empty.
	cost []uint16
}

// A backward is the search back from the violations of one property, through the layers of a breadth-first search.
type backward struct {
	in       *problem
	reduce   *reductions
	layers   *parallelBFS
	step     *machine.Stepper
	p        int // the property
	steps    int // to the violation
	stages   []*stage
	batch    machine.Successors
	held     uint64
	thin     bool // keep one state a layer
	concrete bool // the stages are of states as they are, and not of canonical ones
}

// run fills the stages, the last one first.
func (r *backward) run() {
	words := r.in.m.Words()
	r.in.o.Progress.Enter("fewest switches", r.in.named(1<<r.p), uint64(r.steps)+1)
	r.stages = make([]*stage, r.steps+1)
	r.stages[r.steps] = &stage{set: states.NewSet(words)}
	r.each(r.steps, func(s []uint64) {
		if r.violates(s) {
			r.keep(r.stages[r.steps], s, nil)
		}
	})
	for k := r.steps - 1; k >= 0; k-- {
		r.in.o.Progress.Advance(1)
		r.stages[k] = &stage{set: states.NewSet(words)}
		r.each(k, func(s []uint64) {
			if cost := r.rest(k, s); cost != nil {
				r.keep(r.stages[k], s, cost)
			}
		})
	}
}

// each visits the states at distance k.
func (r *backward) each(k int, visit func(s []uint64)) {
	keep := r.layers.goal.keep
	for _, w := range r.layers.workers {
		w.table.AtDepth(uint8(k), func(s []uint64) {
			if keep == nil || keep(s) {
				visit(s)
			}
		})
	}
}

// violates reports whether a state violates the property by itself.
func (r *backward) violates(s []uint64) bool {
	if r.p == r.in.fault() { // which is a step
		return false
	}
	if 1<<r.p == r.in.deadlock() {
		r.batch.Reset()
		r.step.Expand(s, &r.batch)
		return r.in.m.Deadlock(s, r.in.obliged(r.batch.Via...))
	}
	failed, _ := r.layers.workers[0].judge(s)
	return failed>>r.p&1 != 0
}

// keep adds a state to a stage.
func (r *backward) keep(b *stage, s []uint64, cost []uint16) {
	// Where distances modulo 256 are ambiguous, the one state that is kept might not be of the layer; then
	// all are kept, beyond the bound if need be.
	if !r.thin && r.layers.counts.depth < 255 && !r.layers.budget.fits(r.held+b.set.NextBytes()) {
		r.thin = true
	}
	if r.thin && b.set.Len() > 0 {
		if s, cost = b.smallest(s, cost); s == nil {
			return
		}
		*b = stage{set: states.NewSet(len(s))}
	}
	if _, isNew := b.set.Add(s); isNew {
		b.cost = append(b.cost, cost...)
		r.held += uint64(8*len(s) + 6 + 2*len(cost))
	}
}

// smallest is the state with the smallest words among s and those in the stage; nil if the stage has
// nothing else.
func (b *stage) smallest(s []uint64, cost []uint16) ([]uint64, []uint16) {
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
func (r *backward) rest(k int, s []uint64) []uint16 {
	r.batch.Reset()
	r.step.Expand(s, &r.batch)
	if !r.concrete {
		r.reduce.canonAll(r.batch.Words)
	}
	var cost []uint16
	for i, t := range r.batch.Via {
		cpu := r.in.m.Transition(int(t)).CPU
		n := r.after(k, i, cpu)
		if n == unreachable {
			continue
		}
		if cost == nil {
			cost = make([]uint16, len(r.in.m.Program.CPUs))
			for c := range cost {
				cost[c] = unreachable
			}
		}
		cost[cpu] = min(cost[cpu], n)
	}
	return cost
}

// after is the fewest switches after successor i of the batch, which a step of the given CPU led to
// from distance k; unreachable if no shortest run goes on there.
func (r *backward) after(k, i, cpu int) uint16 {
	if k == r.steps-1 {
		for _, odd := range r.batch.Effects {
			if odd.Index == i && r.in.breaks(&odd.Effects, r.p) {
				return 0
			}
		}
	}
	w := r.in.m.Words()
	b := r.stages[k+1]
	j, known := b.set.Find(r.batch.Words[i*w : (i+1)*w])
	switch {
	case !known:
		return unreachable
	case k == r.steps-1:
		return 0
	}
	n := uint16(unreachable)
	wide := len(r.in.m.Program.CPUs)
	for c, cost := range b.cost[int(j)*wide : (int(j)+1)*wide] {
		if cost != unreachable && c != cpu {
			cost++
		}
		n = min(n, cost)
	}
	return n
}

// forward goes from the initial state along the fewest switches. It reports whether there is a way.
func (r *backward) forward() (path []uint16, found bool) {
	first, _ := r.in.m.Initial()
	s, last := slices.Clone(first), -1
	path = make([]uint16, 0, r.steps)
	for k := range r.steps {
		r.batch.Reset()
		r.step.Expand(s, &r.batch)
		best, fewest := -1, uint16(unreachable)
		for i, t := range r.batch.Via {
			cpu := r.in.m.Transition(int(t)).CPU
			n := r.after(k, i, cpu)
			if n != unreachable && last >= 0 && cpu != last {
				n++
			}
			if n < fewest {
				best, fewest = i, n
			}
		}
		if best < 0 {
			return nil, false
		}
		t := r.batch.Via[best]
		path = append(path, t)
		s = append(s[:0], r.batch.Words[best*len(s):(best+1)*len(s)]...)
		last = r.in.m.Transition(int(t)).CPU
	}
	return path, true
}
