package explore

import "slices"

// Breadth-first search: states are numbered in the order in which they are found, so the set itself is
// the queue. Every state is reached by a shortest path. Besides the set it keeps for each state the
// one that it was first reached from, so that there is a trace even when a bound cuts the search.

type bfs struct {
	*engine
	parent []uint32
	via    []uint16
}

func (e *engine) breadthFirst() error {
	b := &bfs{engine: e}
	if err := e.begin(); err != nil {
		return err
	}
	b.grow(0, 0)
	for lo, depth := 0, 0; lo < e.set.n && e.bound == NoBound; depth++ {
		e.depth = depth
		hi := e.set.n
		for ; lo < hi && !e.tick(); lo++ {
			var err error
			if e.o.MaxDepth > 0 && depth == e.o.MaxDepth {
				err = e.lookPast(uint32(lo))
				if e.stuck(uint32(lo)) {
					e.fail(e.deadlock, func() []uint16 { return b.path(uint32(lo)) })
				}
			} else {
				err = b.expand(uint32(lo))
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bfs) expand(i uint32) error {
	e := b.engine
	enabled := false
	for t := range e.m.Transitions() {
		if !e.m.Fire(e.set.at(i), t, e.dst, &e.fx) {
			continue
		}
		if e.fx.Err != nil {
			return e.fx.Err
		}
		enabled = true
		e.trans++
		path := func() []uint16 { return append(b.path(i), uint16(t)) }
		e.reached |= e.fx.Reached
		e.fail(e.fx.Failed, path)
		if _, _, known := e.set.find(e.dst); known {
			continue
		}
		if e.full() {
			return nil
		}
		e.set.add(e.dst)
		b.grow(i, uint16(t))
		e.fail(e.admit(e.dst), path)
		if e.bound != NoBound {
			return nil
		}
	}
	if !enabled && !e.m.Ended(e.set.at(i)) {
		e.fail(e.deadlock, func() []uint16 { return b.path(i) })
	}
	return nil
}

func (b *bfs) grow(parent uint32, t uint16) {
	b.parent, b.via = append(b.parent, parent), append(b.via, t)
	b.extra = uint64(4*cap(b.parent) + 2*cap(b.via))
}

// path is the transitions that lead from the initial state to state i.
func (b *bfs) path(i uint32) []uint16 {
	var p []uint16
	for ; i != 0; i = b.parent[i] {
		p = append(p, b.via[i])
	}
	slices.Reverse(p)
	return p
}
