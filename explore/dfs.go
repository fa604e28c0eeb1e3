package explore

import (
	"ctcheck/machine"
	"ctcheck/states"
)

// Depth-first search with an explicit stack: one entry a state on the current path, with the next
// transition to try. It needs the least memory besides the set, and its stack is the trace. What
// bounds it is the longest path without a repeated state, which may be far longer than the distance
// to the deepest state.
//
// With a depth bound a state may first be reached along a long path and be needed again along a
// short one, so the search then keeps the least depth of each state and visits it again when it finds
// a shorter way (Holzmann, The SPIN Model Checker, 2003, section 8.3 on depth-bounded search).

// An entry is a state on the search stack.
type entry struct {
	state   uint32
	next    uint16 // the next transition to try
	first   bool   // not expanded before: count its transitions
	obliged bool   // something is enabled that has to be taken in the end
}

// A depthFirst is the search.
type depthFirst struct {
	in     *problem
	bounds *bounds
	reduce *reductions
	found  *findings
	counts *counts
	cover  *coverer // nil: nothing is counted
	set    *states.Set
	extra  uint64 // bytes held besides the set

	stack []entry
	por   pruner
	memos uint64   // bytes of what it remembers
	cpus  []uint64 // with partial-order reduction: the CPUs whose transitions are tried, of each entry
	least []uint32 // with a depth bound: the least depth at which each state was reached
	open  []bool   // with a depth bound: the state is not yet expanded
	dst   []uint64 // the successor under construction
	fx    machine.Effects
}

// depthFirst searches depth first.
func (s *search) depthFirst() error {
	d := &depthFirst{in: s.in, bounds: s.bounds, reduce: s.reduce, found: s.found, counts: s.counts, cover: s.cover,
		set: s.set, por: s.reduce.newPruner(), dst: make([]uint64, s.in.m.Words())}
	d.memos = d.por.bytes()
	d.por.room(func(more int64) bool { return d.bounds.fits(d.set.Bytes() + d.extra + uint64(more)) })
	d.bounds.look = func() {
		d.memos = d.por.bytes()
		s.in.o.Progress.numbered(d.counts, d.set, d.extra, len(d.stack))
	}
	err := d.run()
	d.counts.prunedStates, d.counts.prunedSteps = d.por.states, d.por.steps
	s.extra = d.extra
	return err
}

func (d *depthFirst) run() error {
	m := d.in.m
	initial, err := d.found.initial(m)
	if err != nil {
		return err
	}
	d.set.Add(initial)
	d.admit(initial)
	d.push(0, true)
	nt := uint16(m.Transitions())
	for len(d.stack) > 0 && !d.bounds.tick() {
		top := &d.stack[len(d.stack)-1]
		if top.next == nt {
			if top.first && m.Deadlock(d.set.At(top.state), top.obliged) {
				d.found.fail(d.in.deadlock(), func() []uint16 { return d.path()[:len(d.stack)-1] })
			}
			d.stack = d.stack[:len(d.stack)-1]
			continue
		}
		t := int(top.next)
		top.next++
		if d.waits(t) {
			continue
		}
		d.cover.begin(&d.fx)
		if !m.Fire(d.set.At(top.state), t, d.dst, &d.fx) {
			d.bounds.outgrown(d.fx.Full)
			continue
		}
		if d.fx.Err != nil {
			d.found.paths[d.in.fault()] = d.path()
			return d.fx.Err
		}
		top.obliged = top.obliged || d.in.obliged(uint16(t))
		first := top.first
		if first {
			d.counts.transitions++
		}
		d.found.reached |= d.fx.Reached
		d.found.fail(d.fx.Failed, d.path)
		if !d.bounds.stopped() {
			d.step(t, first)
		}
	}
	if !d.bounds.stopped() && d.in.o.MaxDepth > 0 {
		return d.lookBeyond()
	}
	return nil
}

// step takes the successor in d.dst, to which transition t leads, into the set and, unless it is known, onto the
// stack; first says that the transition was not taken before.
func (d *depthFirst) step(t int, first bool) {
	d.reduce.canon(d.dst)
	i, known := d.set.Find(d.dst)
	if first {
		d.cover.took(t, known)
	}
	if known {
		if depth := len(d.stack); d.least != nil && uint32(depth) < d.least[i] {
			d.push(i, d.open[i])
		}
		return
	}
	if d.bounds.full(d.set, d.extra) {
		return
	}
	i, _ = d.set.Add(d.dst)
	d.admit(d.dst)
	d.found.reached |= d.in.m.Reached(d.dst)
	d.found.fail(d.in.m.Violated(d.dst), d.path)
	if !d.bounds.stopped() {
		d.push(i, true)
	}
}

// admit counts a state that was just added to the set.
func (d *depthFirst) admit(s []uint64) {
	d.cover.met(s)
	d.counts.standFor += d.reduce.orbit(s)
}

// push puts state i onto the stack; first says that it was not expanded before.
func (d *depthFirst) push(i uint32, first bool) {
	depth := len(d.stack)
	d.counts.depth = max(d.counts.depth, depth)
	if limit := d.in.o.MaxDepth; limit > 0 {
		for len(d.least) <= int(i) {
			d.least, d.open = append(d.least, 0), append(d.open, true)
		}
		d.least[i] = uint32(depth)
		d.extra = uint64(4*cap(d.least) + cap(d.open) + 8*cap(d.stack))
		if depth == limit {
			s := d.set.At(i)
			if first && d.in.m.Deadlock(s, d.in.m.HasObliged(s, d.dst, &d.fx)) {
				d.found.fail(d.in.deadlock(), d.path)
			}
			return
		}
		d.open[i] = false
	}
	d.stack = append(d.stack, entry{state: i, first: first})
	if d.por.chooser != nil {
		d.cpus = append(d.cpus[:depth], d.por.choose(d.set.At(i)))
	}
	if d.in.o.MaxDepth == 0 {
		d.extra = uint64(8*(cap(d.stack)+cap(d.cpus))) + d.memos
	}
}

// waits reports whether a transition of the state on top of the stack is left out.
func (d *depthFirst) waits(t int) bool {
	return d.por.chooser != nil && d.cpus[len(d.stack)-1]>>d.in.m.Transition(t).CPU&1 == 0
}

// lookBeyond looks past the states that were reached at the depth bound and never expanded.
func (d *depthFirst) lookBeyond() error {
	past := depthCutoff{in: d.in, bounds: d.bounds, reduce: d.reduce, found: d.found, counts: d.counts, set: d.set}
	for i, open := range d.open {
		if open {
			if err := past.look(uint32(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// path is the transitions on the stack, from the initial state to the one just fired.
func (d *depthFirst) path() []uint16 {
	p := make([]uint16, len(d.stack))
	for i := range d.stack {
		p[i] = d.stack[i].next - 1
	}
	return p
}
