package machine

import (
	"math/bits"
	"slices"

	"ctcheck/model"
)

// This file has the claims on whole runs (liveness) as a compiled program knows them. What they forbid
// is a run that from some state on only stays where, and only does what, the claim names; finding one
// that is fair is the search's business.

// LiveKind tells the claims on whole runs apart.
type LiveKind uint8

// The kinds, after the fields of [Monitor].
const (
	LiveProgress   LiveKind = iota // Progress: the run must have such events again and again
	LiveNotForever                 // NotForever: the run must leave the states that satisfy it
	LiveEventually                 // Eventually: the run must meet a state that satisfies it
)

// A Live is one claim on whole runs. A property may make several.
type Live struct {
	Property int // index in [Machine.Properties]
	Kind     LiveKind
	cond     *expr
}

// Live is the claims on whole runs, in the order of the properties.
func (m *Machine) Live() []Live { return slices.Clone(m.live) }

// Stays reports whether s is among the states in which a run that breaks the claim stays for ever.
func (m *Machine) Stays(l Live, s []uint64) bool {
	switch l.Kind {
	case LiveNotForever:
		return m.eval(s, l.cond) != 0
	case LiveEventually:
		return m.eval(s, l.cond) == 0
	}
	return !m.Ended(s) // what comes to its end need not go on
}

// addLive compiles a monitor's claims on whole runs. The events of Progress are marked where they
// happen.
func (c *compiler) addLive(mon *model.Monitor) {
	add := func(kind LiveKind, cond *expr) {
		p := bits.TrailingZeros64(c.property(mon))
		c.m.live = append(c.m.live, Live{Property: p, Kind: kind, cond: cond})
	}
	if mon.Progress != nil {
		add(LiveProgress, nil)
	}
	for _, v := range mon.NotForever {
		add(LiveNotForever, c.expr(v.Node()))
	}
	if mon.Eventually != nil {
		add(LiveEventually, c.expr(mon.Eventually.Node()))
	}
}
