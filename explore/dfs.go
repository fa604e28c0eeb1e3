package explore

import "ctcheck/verdict"

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
	enabled bool   // something is enabled that is not the coming of an NMI
}

type dfs struct {
	*engine
	stack []entry
	por   pruner
	cpus  []uint64 // with a reduction by por: the CPUs whose transitions are tried, of each entry
	least []uint32 // with a depth bound: the least depth at which each state was reached
	open  []bool   // with a depth bound: the state is not yet expanded
}

func (e *engine) depthFirst() error {
	d := &dfs{engine: e, por: e.newPruner()}
	defer func() { e.pruned = d.por }()
	if err := e.begin(); err != nil {
		return err
	}
	d.push(0, true)
	nt := uint16(e.m.Transitions())
	for len(d.stack) > 0 && !e.tick() {
		top := &d.stack[len(d.stack)-1]
		if top.next == nt {
			if top.first && !top.enabled && !e.m.Ended(e.set.At(top.state)) {
				e.fail(e.deadlock, func() []uint16 { return d.path()[:len(d.stack)-1] })
			}
			d.stack = d.stack[:len(d.stack)-1]
			continue
		}
		t := int(top.next)
		top.next++
		if d.waits(t) {
			continue
		}
		e.cover.begin(&e.fx)
		if !e.m.Fire(e.set.At(top.state), t, e.dst, &e.fx) {
			e.outgrown(e.fx.Full)
			continue
		}
		if e.fx.Err != nil {
			return e.fx.Err
		}
		top.enabled = top.enabled || d.obliged(t)
		first := top.first
		if first {
			e.trans++
		}
		e.reached |= e.fx.Reached
		e.fail(e.fx.Failed, d.path)
		if e.bound == verdict.NoBound {
			d.step(t, first)
		}
	}
	if e.bound == verdict.NoBound && e.o.MaxDepth > 0 {
		return d.rim()
	}
	return nil
}

// step takes the successor in e.dst, to which transition t leads, into the set and, unless it is known, onto the
// stack; first says that the transition was not taken before.
func (d *dfs) step(t int, first bool) {
	d.canon(d.dst)
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
	if d.full() {
		return
	}
	i, _ = d.set.Add(d.dst)
	d.fail(d.admit(d.dst), d.path)
	if d.bound == verdict.NoBound {
		d.push(i, true)
	}
}

// push puts state i onto the stack; first says that it was not expanded before.
func (d *dfs) push(i uint32, first bool) {
	depth := len(d.stack)
	d.depth = max(d.depth, depth)
	if limit := d.o.MaxDepth; limit > 0 {
		for len(d.least) <= int(i) {
			d.least, d.open = append(d.least, 0), append(d.open, true)
		}
		d.least[i] = uint32(depth)
		d.extra = uint64(4*cap(d.least) + cap(d.open) + 8*cap(d.stack))
		if depth == limit {
			if first && d.stuck(i) {
				d.fail(d.deadlock, d.path)
			}
			return
		}
		d.open[i] = false
	}
	d.stack = append(d.stack, entry{state: i, first: first})
	d.queue = depth + 1
	if d.por.Chooser != nil {
		d.cpus = append(d.cpus[:depth], d.por.choose(d.set.At(i)))
	}
	if d.o.MaxDepth == 0 {
		d.extra = uint64(8 * (cap(d.stack) + cap(d.cpus)))
	}
}

// waits reports whether a transition of the state on top of the stack is left out.
func (d *dfs) waits(t int) bool {
	return d.por.Chooser != nil && d.cpus[len(d.stack)-1]>>d.m.Transition(t).CPU&1 == 0
}

// rim looks past the states that were reached at the depth bound and never expanded.
func (d *dfs) rim() error {
	for i, open := range d.open {
		if open {
			if err := d.lookPast(uint32(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// path is the transitions on the stack, from the initial state to the one just fired.
func (d *dfs) path() []uint16 {
	p := make([]uint16, len(d.stack))
	for i := range d.stack {
		p[i] = d.stack[i].next - 1
	}
	return p
}
