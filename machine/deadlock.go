package machine

// This file is the one definition of a deadlock, of which [model.NoDeadlock] says what it is: a state in which
// nothing has to happen any more although the run has not ended (rules.go of package ir has both).

// Deadlock reports whether s is a deadlock. obliged says whether some transition is enabled there that has to be
// taken in the end ([ir.TransitionKind.Obliged]): who has just taken all of them knows, and others ask HasObliged.
func (m *Machine) Deadlock(s []uint64, obliged bool) bool { return !obliged && !m.Ended(s) }

// HasObliged reports whether some transition is enabled in s that has to be taken in the end. It tries them, and
// what it leaves in dst and fx is of no meaning.
func (m *Machine) HasObliged(s, dst []uint64, fx *Effects) bool {
	for t, tr := range m.trans {
		if tr.Kind.Obliged() && m.Fire(s, t, dst, fx) {
			return true
		}
	}
	return false
}
