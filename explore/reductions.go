package explore

import (
	"ctcheck/machine"
	"ctcheck/verdict"
)

// Reductions is a set of ways to visit fewer states that give the same verdicts.
type Reductions uint8

// The reductions.
const (
	// Symmetry takes for one all states that differ only by which of several interchangeable CPUs is
	// which.
	Symmetry Reductions = 1 << iota
	// PartialOrder takes only the steps of some CPUs where the order of theirs and the others' does not
	// matter.
	PartialOrder
)

func (r Reductions) String() string {
	switch r & (Symmetry | PartialOrder) {
	case Symmetry:
		return "symmetry"
	case PartialOrder:
		return "por"
	case Symmetry | PartialOrder:
		return "por,symmetry"
	}
	return "none"
}

// reductions is what a search is reduced by (symmetry.go, por.go), and why it is not where that was asked for.
type reductions struct {
	m          *machine.Machine
	asked      Reductions          // what was asked for
	tried      Reductions          // less what was given up, for undecided says why
	symmetry   *machine.Symmetry   // nil: there is none, or it is not used
	persistent *machine.Persistent // nil: there is nothing to leave out, or it is not asked for
	unordered  string              // why no steps are left out although that is tried
	undecided  string              // why the search had to be made without symmetry, or has to be
}

// newReductions is the reductions that the options ask for, so far as they are sound.
func newReductions(m *machine.Machine, o Options) *reductions {
	r := &reductions{m: m, asked: o.Reduce, tried: o.Reduce}
	if o.Reduce&Symmetry != 0 {
		if sym := m.Symmetry(); len(sym.Classes()) > 0 {
			r.symmetry = sym
		}
	}
	if o.Reduce&PartialOrder == 0 {
		return r
	}
	if r.unordered = o.unordered(m.Lowered()); r.unordered != "" {
		return r
	}
	if r.persistent = m.Persistent(); r.persistent.None() {
		r.persistent, r.unordered = nil, "nothing to reduce: every step depends on others"
	}
	return r
}

// withoutSymmetry is the same reductions but symmetry, for a search that has to be made once more.
func (r *reductions) withoutSymmetry(o Options) *reductions {
	o.Reduce &^= Symmetry
	less := newReductions(r.m, o)
	less.asked, less.undecided = r.asked, r.undecided
	return less
}

// giveUp leaves symmetry out for a reason, as the search did that a checkpoint is of. Steps are not left out
// anyway: the reason is a claim on whole runs, which partial-order reduction does not go with.
func (r *reductions) giveUp(why string) {
	r.undecided, r.symmetry = why, nil
	r.tried &^= Symmetry
}

// report says what became of the reductions.
func (r *reductions) report(c *counts) (rs []verdict.Reduced) {
	sym := verdict.Reduced{Name: "symmetry"}
	switch {
	case r.undecided != "":
		sym.Off = r.undecided
	case r.tried&Symmetry == 0:
	case r.symmetry == nil:
		sym.Off = "no two CPUs are interchangeable"
		if apart := r.m.Symmetry().Apart(); len(apart) > 0 {
			sym.Off += "; " + apart[0]
		}
	default:
		sym.Classes, sym.StandFor = r.symmetry.Classes(), c.standFor
	}
	if r.tried&Symmetry != 0 || r.undecided != "" {
		rs = append(rs, sym)
	}
	if r.tried&PartialOrder != 0 {
		rs = append(rs, verdict.Reduced{Name: "por", PrunedStates: c.prunedStates, PrunedSteps: c.prunedSteps,
			Off: r.unordered})
	}
	return rs
}

// canon brings a state into its canonical form, if the search is reduced by symmetry.
func (r *reductions) canon(s []uint64) {
	if r.symmetry != nil {
		r.symmetry.Canon(s)
	}
}

// canonAll is canon for states that stand one after the other.
func (r *reductions) canonAll(states []uint64) {
	if r.symmetry == nil {
		return
	}
	w := r.m.Words()
	for i := 0; i < len(states); i += w {
		r.symmetry.Canon(states[i : i+w])
	}
}

// orbit is how many states a stored one stands for, in a search that is reduced by symmetry.
func (r *reductions) orbit(s []uint64) uint64 {
	if r.symmetry == nil {
		return 0
	}
	return r.symmetry.Orbit(s)
}
