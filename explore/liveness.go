package explore

import (
	"errors"
	"sync/atomic"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/states"
	"ctcheck/verdict"
)

// This file decides the claims on whole runs. It looks for a set of states that some fair run visits
// for ever without doing what the claim asks for: Lichtenstein and Pnueli, Checking that finite state
// concurrent programs satisfy their linear specification, POPL 1985, section 4. Where a run stays, it
// is strongly connected. So the graph, less what the claim asks for, is taken apart into components
// with a cycle (scc.go). One in which some CPU can step everywhere and never does so is dropped (weak
// fairness). One in which some IPI can be delivered and never is, is searched again without the states
// where it can be (strong fairness). What is left is fair: a run that goes through all of it for ever
// is.
//
// A run may also stop, where no CPU can step and no IPI can be delivered: an NMI need not come. Such a
// state is a cycle without steps.
//
// It runs after a complete search only, over the states that it stored. The components of the whole
// graph are found once, and every claim looks inside them; so is what is fair in a component all of
// which a claim is about. The workers share the passes over all states of a region (arcs.go, peel.go,
// fair.go); one of them finds the components and the runs. What bounds it is memory: 8 bytes a state
// and what scc.go says, and 6 more a state for a trace; what arcs.go holds gives way to that. When a
// bound cuts it, the result is incomplete, and what it had decided by then is not in a checkpoint: that
// a claim holds could be believed of a file only by deciding it again.

// A liveness is the search for fair runs.
type liveness struct {
	in     *problem
	bounds *bounds
	reduce *reductions
	found  *findings
	counts *counts      // of the search before
	set    *states.Set  // its states
	extra  uint64       // bytes held besides the set
	graph  *graph       // arcs.go
	crew   []*walker    // the first one is for what is not shared
	memos  atomic.Int64 // bytes of what their steppers remember
	halt   atomic.Bool  // the crew has to stop
	dst    []uint64     // the successor under construction
	fx     machine.Effects

	claim  *machine.Live // whose turn it is; nil for the whole graph
	marks  []mark        // of each state
	last   uint32        // the last region that was numbered
	path   []visit
	open   []uint32
	pred   *predecessors // lasso.go
	cycles [][]uint32    // the components of the whole graph that have a cycle
	stops  []uint32      // the states in which a run may stop
	fairIn []*[][]uint32 // of each of cycles: its fair components, once a claim has asked for them
	kept   uint64        // bytes of these
	listed uint64        // bytes of all lists of states
	// stopping says that the marked states are such in which a run stops.
	stopping bool
}

// A mark is what the search keeps of a state. Who asks for one half of it needs the other, mostly.
type mark struct {
	region uint32 // that the state is in; 0 for none
	num    uint32 // peel.go, scc.go; and of an Eventually, finished for those that are reached without it
}

// What an edge of the graph is to the region that is searched.
type reach uint8

const (
	disabled reach = iota // the transition is not enabled: there is no edge
	outside               // it leaves the region, or does what the claim asks for
	inside
)

// liveness decides all claims on whole runs of properties that are not already violated.
func (s *search) liveness() error {
	claims := s.found.undecided(s.in.m)
	if len(claims) == 0 {
		return nil
	}
	l := s.newLiveness()
	if l == nil {
		return nil
	}
	if err := l.wholeGraph(); err != nil {
		return err
	}
	for i := range claims {
		if l.bounds.ended() {
			return nil
		}
		if l.found.failed>>claims[i].Property&1 == 0 {
			l.claim = &claims[i]
			l.in.o.Progress.Enter("fair runs", l.in.m.Properties[l.claim.Property], 0)
			if err := l.decide(); err != nil {
				return err
			}
		}
	}
	return nil
}

// newLiveness makes ready for the search, if there is room.
func (s *search) newLiveness() *liveness {
	n := s.set.Len()
	if !s.bounds.fits(s.counts.bytes + collected(s.set.Bytes()+uint64(8*n))) {
		s.bounds.stop(verdict.AtBytes)
		return nil
	}
	l := &liveness{in: s.in, bounds: s.bounds, reduce: s.reduce, found: s.found, counts: s.counts, set: s.set,
		extra: s.extra, dst: make([]uint64, s.in.m.Words()), marks: make([]mark, n)}
	l.newCrew(s)
	l.graph = newGraph(n, len(l.crew))
	l.bounds.look = func() {
		l.crew[0].tally()
		s.parallel.saveWhole()
		l.in.o.Progress.numbered(l.counts, l.set, l.extra, 0)
	}
	return l
}

// wholeGraph finds the components of the whole graph, and the states in which a run may stop.
func (l *liveness) wholeGraph() error {
	if l.in.m.Transitions() > hasProgress {
		return errTooManyTransitions
	}
	l.in.o.Progress.Enter("fair runs", "", uint64(2*l.set.Len()))
	if err := l.write(); err != nil || l.bounds.stopped() {
		return err
	}
	for i := range l.marks {
		l.marks[i].region = 1
	}
	l.last = 1
	cycles, err := l.components(l.all(), 1)
	l.cycles, l.fairIn = cycles, make([]*[][]uint32, len(cycles))
	l.kept = l.listed + uint64(4*cap(l.stops)+8*len(cycles))
	return err
}

var errTooManyTransitions = errors.New("too many transitions for claims on whole runs")

// decide looks for a fair run that breaks the claim, and notes it. Where there are both, one that goes
// on for ever is preferred to one that stops: every deadlock is reported under its own name.
func (l *liveness) decide() error {
	clear(l.marks)
	l.listed = l.kept
	if l.claim.Kind == ir.LiveEventually {
		if err := l.never(); err != nil || l.bounds.stopped() {
			return err
		}
	}
	var regions [][]uint32
	var whole []int
	for k, c := range l.cycles {
		r := l.within(c)
		switch {
		case len(r) == len(c) && l.claim.Kind != ir.LiveProgress:
			whole = append(whole, k)
		case len(r) > 0:
			regions = append(regions, r)
		}
	}
	stops := l.within(l.stops)
	parts, err := l.fairParts(regions)
	for _, k := range whole {
		if err != nil || l.bounds.stopped() {
			return err
		}
		var in [][]uint32
		in, err = l.fairWithin(k)
		parts = append(parts, in...)
	}
	if err != nil || l.bounds.stopped() {
		return err
	}
	if l.stopping = len(parts) == 0; l.stopping {
		parts = [][]uint32{stops}
	}
	for _, part := range parts {
		l.mark(part)
	}
	if l.stopping && len(stops) == 0 {
		return nil
	}
	return l.witness()
}

// within is those of the given states in which a run that breaks the claim may stay.
func (l *liveness) within(states []uint32) []uint32 {
	var in []uint32
	for _, i := range states {
		if l.stays(i) {
			in = append(in, i)
		}
	}
	l.listed += uint64(4 * cap(in))
	l.book()
	return in
}

// stays reports whether a run that breaks the claim may be in state i for ever. For Eventually it must
// also have got there: never has left its mark.
func (l *liveness) stays(i uint32) bool {
	if l.claim.Kind == ir.LiveEventually {
		return l.marks[i].num == finished
	}
	return l.in.m.Stays(*l.claim, l.set.At(i))
}

// never marks, in num, the states that can be reached without meeting what the claim, an Eventually,
// asks for.
func (l *liveness) never() error {
	l.open = l.open[:0]
	if l.in.m.Stays(*l.claim, l.set.At(0)) {
		l.open = append(l.open, 0)
		l.marks[0].num = finished
	}
	for len(l.open) > 0 && !l.bounds.tick() {
		i := l.open[len(l.open)-1]
		l.open = l.open[:len(l.open)-1]
		a, err := l.crew[0].arcs(i)
		if err != nil {
			return err
		}
		for _, j := range a.to {
			if l.marks[j].num == 0 && l.in.m.Stays(*l.claim, l.set.At(j)) {
				l.marks[j].num = finished
				l.open = append(l.open, j)
				l.book()
			}
		}
	}
	return nil
}

func (l *liveness) mark(states []uint32) {
	l.last++
	for _, i := range states {
		l.marks[i].region = l.last
	}
}

func (l *liveness) unmark(states []uint32) {
	for _, i := range states {
		l.marks[i].region = 0
	}
}

// edge takes transition t from state i: where it leads, and whether it stays in the region.
func (l *liveness) edge(i uint32, t int, region uint32) (j uint32, what reach, err error) {
	if !l.in.m.Fire(l.set.At(i), t, l.dst, &l.fx) {
		return 0, disabled, nil
	}
	if l.fx.Err != nil {
		return 0, disabled, l.fx.Err
	}
	l.reduce.canon(l.dst)
	j, known := l.set.Find(l.dst)
	if !known {
		return 0, disabled, errUnknownState
	}
	return j, l.classify(j, region, l.fx.Progress), nil
}

// classify says whether an edge to state j stays in the region; progress is of which claims its step is that.
func (l *liveness) classify(j, region uint32, progress uint64) reach {
	does := l.claim != nil && l.claim.Kind == ir.LiveProgress && progress>>l.claim.Property&1 != 0
	if does || l.marks[j].region != region {
		return outside
	}
	return inside
}

// book accounts for the bytes in use, and notes when they are too many.
func (l *liveness) book() {
	l.extra = uint64(8*cap(l.marks)+4*cap(l.open)+12*cap(l.path)) + l.listed
	if l.pred != nil {
		l.extra += l.pred.bytes()
	}
	held := l.extra
	fits := func() bool {
		l.extra = held + l.again()
		return l.bounds.fits(l.counts.bytes + collected(l.set.Bytes()+l.extra))
	}
	if !fits() && !(l.forget() && fits()) {
		l.bounds.stop(verdict.AtBytes)
	}
}

// again is the bytes of what can be computed again.
func (l *liveness) again() uint64 { return uint64(l.graph.bytes.Load() + l.memos.Load()) }
