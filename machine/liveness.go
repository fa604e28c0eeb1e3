package machine

import (
	"slices"

	"ctcheck/ir"
)

// This file has the claims on whole runs (liveness) as a compiled program knows them. What they forbid
// is a run that from some state on only stays where, and only does what, the claim names; finding one
// that is fair is the search's business.

// A Live is one claim on whole runs. A property may make several.
type Live struct {
	Property int // index in [Machine.Properties]
	Kind     ir.LiveKind
	cond     *expr
}

// Live is the claims on whole runs, in the order of the properties.
func (m *Machine) Live() []Live { return slices.Clone(m.live) }

// Stays reports whether s is among the states in which a run that breaks the claim stays for ever.
func (m *Machine) Stays(l Live, s []uint64) bool {
	switch l.Kind {
	case ir.LiveNotForever:
		return m.eval(s, l.cond) != 0
	case ir.LiveEventually:
		return m.eval(s, l.cond) == 0
	}
	return !m.Ended(s) // what comes to its end need not go on
}
