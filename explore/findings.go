package explore

import (
	"ctcheck/machine"
	"ctcheck/trace"
)

// This file is what comes of a search: what it found, and how much it looked at.

// findings is what a search has found so far: which properties are violated, by what, and which claims are reached.
type findings struct {
	failed  uint64               // properties violated; bit problem.deadlock for model.NoDeadlock
	reached uint64               // claims
	paths   map[int][]uint16     // the first path to a violation of each property
	lassos  map[int]*trace.Lasso // of the properties that are violated by a whole run
	// news is called when a property is violated that was not before.
	news func()
}

func newFindings(news func()) *findings {
	return &findings{paths: map[int][]uint16{}, lassos: map[int]*trace.Lasso{}, news: news}
}

// fail notes violations; path, asked only for new ones, is the way to them.
func (f *findings) fail(failed uint64, path func() []uint16) {
	news := failed &^ f.failed
	if news == 0 {
		return
	}
	f.failed |= news
	p := path()
	for i := 0; news != 0; i, news = i+1, news>>1 {
		if news&1 != 0 {
			f.paths[i] = p
		}
	}
	f.news()
}

// initial is the initial state. What it and the way up to it say of properties and claims is noted.
func (f *findings) initial(m *machine.Machine) ([]uint64, error) {
	s, fx := m.Initial()
	if fx.Err != nil {
		return nil, fx.Err
	}
	f.reached |= fx.Reached | m.Reached(s)
	f.fail(fx.Failed|m.Violated(s), func() []uint16 { return nil })
	return s, nil
}

// undecided is the claims on whole runs of properties that are not violated already.
func (f *findings) undecided(m *machine.Machine) (claims []machine.Live) {
	for _, c := range m.Live() {
		if f.failed>>c.Property&1 == 0 {
			claims = append(claims, c)
		}
	}
	return claims
}

// counts is how much a search, or one of its workers, has looked at.
type counts struct {
	states       uint64 // stored
	transitions  uint64
	depth        int
	bytes        uint64 // that the tables hold
	standFor     uint64 // states that the stored ones stand for, with symmetry
	prunedStates uint64 // in which steps were left out
	prunedSteps  uint64 // these steps
}

// add adds what a worker has counted since it was last added, which is nothing then.
func (c *counts) add(w *counts) {
	c.transitions += w.transitions
	c.standFor += w.standFor
	c.prunedStates += w.prunedStates
	c.prunedSteps += w.prunedSteps
	*w = counts{}
}
