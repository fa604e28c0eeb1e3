package explore

import (
	"errors"
	"math"

	"ctcheck/ir"
	"ctcheck/trace"
)

// This file makes a run of a fair component: a shortest way there, and a short cycle. The cycle is
// greedy: from where it stands, the nearest step that meets one of the obligations that are open, until none
// is, and then the nearest way back. Each leg is shortest (a walk among the states that are known); the whole
// need not be. What bounds it is memory: 6 bytes a state for the way back, and 4 for each that waits.

// witness finds a run into the marked states and a fair cycle among them, and notes the violation.
func (l *liveness) witness() error {
	l.in.o.Progress.Enter("a fair cycle", l.in.m.Properties[l.claim.Property], 0)
	path, err := l.prefix()
	if err != nil || l.bounds.stopped() {
		return err
	}
	s, err := l.follow(path)
	if err != nil {
		return err
	}
	l.in.o.Progress.Enter("a fair cycle", l.in.m.Properties[l.claim.Property], 0)
	cycle, err := l.cycle(s)
	if err != nil || l.bounds.stopped() {
		return err
	}
	la := &trace.Lasso{Claim: *l.claim, Steps: append(path, cycle...), Loop: -1}
	if len(cycle) > 0 {
		la.Loop = len(path)
	}
	l.found.lassos[l.claim.Property] = la
	l.found.fail(1<<l.claim.Property, func() []uint16 { return la.Steps })
	return nil
}

// prefix is a shortest run into the marked states, with the fewest switches between CPUs if memory
// allows to look for that.
func (l *liveness) prefix() ([]uint16, error) {
	p := l.claim.Property
	g := goal{want: 1 << p, judge: func(state []uint64) uint64 {
		if i, ok := l.set.Find(state); ok && l.marks[i].region != 0 {
			return 1 << p
		}
		return 0
	}}
	if l.claim.Kind == ir.LiveEventually {
		g.keep = func(state []uint64) bool { return l.in.m.Stays(*l.claim, state) }
	}
	runs, err := l.in.shortest(g, l.reduce, l.counts.bytes+l.set.Bytes()+l.extra)
	l.bounds.outgrew |= runs.outgrew
	if err != nil || runs.all {
		return runs.paths[p], err
	}
	if l.marks[0].region != 0 {
		return nil, nil
	}
	return l.nearest(0, func(e edge, _ uint64) visitAction {
		switch {
		case l.claim.Kind == ir.LiveEventually && !l.in.m.Stays(*l.claim, l.set.At(e.to)):
			return skip
		case l.marks[e.to].region != 0:
			return stopWalk
		}
		return enqueue
	})
}

// follow is the state to which a path leads.
func (l *liveness) follow(path []uint16) (uint32, error) {
	i := uint32(0)
	for _, t := range path {
		j, what, err := l.edge(i, int(t), 0)
		if err != nil {
			return 0, err
		}
		if what == disabled {
			return 0, errors.New("checker fault: a path cannot be followed")
		}
		i = j
	}
	return i, nil
}

// cycle is a short fair cycle from state s through its region; none if the run stops in s.
func (l *liveness) cycle(s uint32) ([]uint16, error) {
	if l.stopping {
		return nil, nil
	}
	d := trace.NewObligations(l.in.m)
	var cycle []uint16
	region, at := l.marks[s].region, s
	for err := l.pass(d, s); ; {
		if err != nil {
			return nil, err
		}
		withheld := d.Withheld()
		met := d.Stepped() && len(withheld) == 0
		if met && at == s && len(cycle) > 0 {
			return cycle, nil
		}
		var path []uint16
		path, err = l.nearest(at, func(e edge, progress uint64) visitAction {
			switch {
			case l.classify(e.to, region, progress) != inside:
				return skip
			case met && e.to == s, !met && l.meets(d, e):
				return stopWalk
			}
			return enqueue
		})
		if err != nil || l.bounds.stopped() {
			return nil, err
		}
		for _, t := range path {
			if at, _, err = l.edge(at, int(t), region); err != nil {
				return nil, err
			}
			d.Take(l.in.m, int(t))
			if err = l.pass(d, at); err != nil {
				return nil, err
			}
		}
		cycle = append(cycle, path...)
	}
}

// pass takes state i into the obligations.
func (l *liveness) pass(d *trace.Obligations, i uint32) error {
	return d.Look(l.in.m, l.set.At(i), func(t int) (bool, bool, error) {
		_, what, err := l.edge(i, t, 0)
		return what != disabled, false, err
	})
}

// meets reports whether the step of an edge, or being where it leads, meets one of the open obligations.
func (l *liveness) meets(d *trace.Obligations, e edge) bool {
	m := l.in.m
	if l.in.obliged(uint16(e.t)) && d.Owes(m.Agent(e.t)) || d.Possible[e.t] && !d.Delivered[e.t] {
		return true
	}
	enabled := make([]bool, len(d.Moved))
	for t := range m.Transitions() {
		c := m.Agent(t)
		enabled[c] = enabled[c] || l.in.obliged(uint16(t)) && m.Fire(l.set.At(e.to), t, l.dst, &l.fx)
	}
	for c := range enabled {
		if !enabled[c] && d.Owes(c) {
			return true
		}
	}
	return false
}

// noState is not the number of any state.
const noState = math.MaxUint32

// nearest is a shortest path of one step or more from a state to the edge at which take says that it ends. take is
// also told of which claims the step is progress.
func (l *liveness) nearest(start uint32, take func(e edge, progress uint64) visitAction) ([]uint16, error) {
	if l.pred == nil {
		l.pred = &predecessors{state: make([]uint32, l.set.Len()), via: make([]uint16, l.set.Len())}
	}
	for i := range l.pred.state {
		l.pred.state[i] = noState
	}
	l.pred.state[start] = start
	met := func(i uint32) bool { return l.pred.state[i] != noState }
	known := &among{met: met, queue: append(l.open[:0], start)}
	var path []uint16
	w := walk{m: l.in.m, set: l.set, among: known, pred: l.pred, canon: l.reduce.canon, stop: l.bounds.tick}
	w.expand = func(uint32) bool {
		l.open = known.queue
		l.book()
		return !l.bounds.stopped()
	}
	w.take = func(e edge) visitAction {
		on := take(e, w.fx.Progress)
		if on == stopWalk {
			path = append(l.pred.path(e.from), uint16(e.t))
		}
		return on
	}
	if err := w.run(); err != nil || l.bounds.stopped() || path != nil {
		return path, err
	}
	return nil, errors.New("checker fault: there is no way to a fair run that was found")
}
