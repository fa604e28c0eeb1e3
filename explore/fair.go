package explore

import (
	"slices"

	"ctcheck/trace"
)

// This file tells which parts of a region are fair (liveness.go says what that is). To look at all states of a
// component the workers share. What bounds it is memory: 4 bytes a state for the list of each region.

// fairParts is the fair components of the graph within each of the given regions.
func (l *liveness) fairParts(regions [][]uint32) ([][]uint32, error) {
	var parts [][]uint32
	left := slices.Clone(regions)
	for len(left) > 0 {
		r := left[len(left)-1]
		left = left[:len(left)-1]
		l.mark(r)
		comps, err := l.components(some(r), l.last)
		l.unmark(r)
		if err != nil || l.bounds.stopped() {
			return nil, err
		}
		fair, rests, err := l.fairAmong(comps)
		if err != nil || l.bounds.stopped() {
			return nil, err
		}
		parts, left = append(parts, fair...), append(left, rests...)
	}
	return parts, nil
}

// fairAmong is those of the given components that are fair, and what is left of the others.
func (l *liveness) fairAmong(comps [][]uint32) (parts, rests [][]uint32, err error) {
	for _, c := range comps {
		l.mark(c)
		fair, rest, err := l.fair(c)
		l.unmark(c)
		switch {
		case err != nil || l.bounds.stopped():
			return nil, nil, err
		case fair:
			parts = append(parts, c)
		case len(rest) > 0:
			rests = append(rests, rest)
		}
	}
	return parts, rests, nil
}

// fairWithin is the fair components within a component of the whole graph all of which a claim is about, which need
// not be that of progress.
func (l *liveness) fairWithin(k int) ([][]uint32, error) {
	if l.fairIn[k] != nil {
		return *l.fairIn[k], nil
	}
	in, rests, err := l.fairAmong(l.cycles[k : k+1])
	if err != nil || l.bounds.stopped() {
		return nil, err
	}
	more, err := l.fairParts(rests)
	if err != nil || l.bounds.stopped() {
		return nil, err
	}
	in = append(in, more...)
	l.fairIn[k] = &in
	for _, part := range in {
		l.kept += uint64(4 * len(part))
	}
	return in, nil
}

// fair reports whether a run that goes through all of a component for ever is fair. If not, it may be
// that a part of it, rest, contains one that is.
func (l *liveness) fair(comp []uint32) (fair bool, rest []uint32, err error) {
	d, err := l.obligations(comp)
	if err != nil || l.bounds.stopped() || !d.Stepped() {
		return false, nil, err
	}
	withheld := d.Withheld()
	if len(withheld) == 0 {
		return true, nil, nil
	}
	for _, i := range comp {
		if l.bounds.tick() {
			return false, nil, nil
		}
		if !slices.ContainsFunc(withheld, func(t int) bool { return l.in.m.Due(l.set.At(i), t) }) {
			rest = append(rest, i)
		}
	}
	l.listed += uint64(4 * cap(rest))
	return false, rest, nil
}

// obligations is those of a run that goes through all of a component for ever.
func (l *liveness) obligations(comp []uint32) (*trace.Obligations, error) {
	all := make([]*trace.Obligations, len(l.crew))
	for k := range all {
		all[k] = trace.NewObligations(l.in.m)
	}
	err := l.blocks(some(comp), 1<<l.graph.shift, func(w *walker, part group) error {
		for k := 0; k < part.n && !w.halted(); k++ {
			if err := w.look(all[w.id], part.at(k)); err != nil {
				return err
			}
		}
		return nil
	})
	for _, d := range all[1:] {
		all[0].Join(d)
	}
	return all[0], err
}
