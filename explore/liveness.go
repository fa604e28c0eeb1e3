package explore

import (
	"slices"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/states"
	"ctcheck/trace"
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
// which a claim is about. What bounds it is memory: 8 bytes a state and what scc.go says, and 6 more
// a state for a trace. When a bound cuts it, the result is incomplete.

// A liveness is the search for fair runs.
type liveness struct {
	in     *problem
	bounds *bounds
	reduce *reductions
	found  *findings
	counts *counts     // of the search before
	set    *states.Set // its states
	extra  uint64      // bytes held besides the set
	dst    []uint64    // the successor under construction
	fx     machine.Effects

	claim  *machine.Live // whose turn it is; nil for the whole graph
	region []uint32      // of each state: the region that it is in, 0 for none
	last   uint32        // the last region that was numbered
	num    []uint32      // of each state: scc.go
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
	l.in.o.Progress.Enter("fair runs", "", uint64(l.set.Len()))
	if err := l.wholeGraph(); err != nil {
		return err
	}
	for i := range claims {
		if l.bounds.stopped() {
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
		extra: s.extra, dst: make([]uint64, s.in.m.Words()), region: make([]uint32, n), num: make([]uint32, n)}
	l.bounds.look = func() { l.in.o.Progress.numbered(l.counts, l.set, l.extra, 0) }
	return l
}

// wholeGraph finds the components of the whole graph, and the states in which a run may stop.
func (l *liveness) wholeGraph() error {
	for i := range l.region {
		l.region[i] = 1
	}
	l.last = 1
	all := func(yield func(uint32) bool) {
		for i := range l.set.Len() {
			if !yield(uint32(i)) {
				return
			}
		}
	}
	cycles, err := l.components(all, 1, func(i uint32) { l.stops = append(l.stops, i) })
	l.cycles, l.fairIn = cycles, make([]*[][]uint32, len(cycles))
	l.kept = l.listed + uint64(4*cap(l.stops)+8*len(cycles))
	return err
}

// decide looks for a fair run that breaks the claim, and notes it. Where there are both, one that goes
// on for ever is preferred to one that stops: every deadlock is reported under its own name.
func (l *liveness) decide() error {
	clear(l.region)
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
		if l.fairIn[k] == nil {
			var in [][]uint32
			in, err = l.fairParts(l.cycles[k : k+1])
			l.fairIn[k] = &in
			for _, part := range in {
				l.kept += uint64(4 * len(part))
			}
		}
		parts = append(parts, *l.fairIn[k]...)
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

// fairParts is the fair components of the graph within each of the given regions.
func (l *liveness) fairParts(regions [][]uint32) ([][]uint32, error) {
	var parts [][]uint32
	left := slices.Clone(regions)
	for len(left) > 0 {
		r := left[len(left)-1]
		left = left[:len(left)-1]
		l.mark(r)
		comps, err := l.components(slices.Values(r), l.last, nil)
		l.unmark(r)
		for _, c := range comps {
			if err != nil || l.bounds.stopped() {
				break
			}
			var fair bool
			var rest []uint32
			l.mark(c)
			fair, rest, err = l.fair(c)
			l.unmark(c)
			switch {
			case fair:
				parts = append(parts, c)
			case len(rest) > 0:
				left = append(left, rest)
			}
		}
		if err != nil || l.bounds.stopped() {
			return nil, err
		}
	}
	return parts, nil
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
		return l.num[i] == finished
	}
	return l.in.m.Stays(*l.claim, l.set.At(i))
}

// never marks, in num, the states that can be reached without meeting what the claim, an Eventually,
// asks for.
func (l *liveness) never() error {
	clear(l.num)
	l.open = l.open[:0]
	if l.in.m.Stays(*l.claim, l.set.At(0)) {
		l.open = append(l.open, 0)
		l.num[0] = finished
	}
	for len(l.open) > 0 && !l.bounds.tick() {
		i := l.open[len(l.open)-1]
		l.open = l.open[:len(l.open)-1]
		for t := range l.in.m.Transitions() {
			j, what, err := l.edge(i, t, 0)
			if err != nil {
				return err
			}
			if what != disabled && l.num[j] == 0 && l.in.m.Stays(*l.claim, l.set.At(j)) {
				l.num[j] = finished
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
		l.region[i] = l.last
	}
}

func (l *liveness) unmark(states []uint32) {
	for _, i := range states {
		l.region[i] = 0
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
	if does || l.region[j] != region {
		return outside
	}
	return inside
}

// fair reports whether a run that goes through all of a component for ever is fair. If not, it may be
// that a part of it, rest, contains one that is.
func (l *liveness) fair(comp []uint32) (fair bool, rest []uint32, err error) {
	d := trace.NewObligations(l.in.m)
	for _, i := range comp {
		if l.bounds.tick() {
			return false, nil, nil
		}
		err := d.Look(l.in.m, l.set.At(i), func(t int) (bool, bool, error) {
			_, what, err := l.edge(i, t, l.region[i])
			return what != disabled, what == inside, err
		})
		if err != nil {
			return false, nil, err
		}
	}
	if !d.Stepped() {
		return false, nil, nil
	}
	withheld := d.Withheld()
	if len(withheld) == 0 {
		return true, nil, nil
	}
	for _, i := range comp {
		can := false
		for _, t := range withheld {
			can = can || l.in.m.Due(l.set.At(i), t)
		}
		if !can {
			rest = append(rest, i)
		}
	}
	l.listed += uint64(4 * cap(rest))
	return false, rest, nil
}

// book accounts for the bytes in use, and notes when they are too many.
func (l *liveness) book() {
	l.extra = uint64(4*(cap(l.region)+cap(l.num)+cap(l.open))+12*cap(l.path)) + l.listed
	if l.pred != nil {
		l.extra += l.pred.bytes()
	}
	if !l.bounds.fits(l.counts.bytes + collected(l.set.Bytes()+l.extra)) {
		l.bounds.stop(verdict.AtBytes)
	}
}
