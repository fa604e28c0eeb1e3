package machine

import "ctcheck/model"

// This file evaluates what expressions, properties and claims say of a state.

func (m *Machine) eval(s []uint64, e *expr) int64 {
	switch e.op {
	case model.OpConst:
		return e.k
	case model.OpVar:
		return e.l.get(s)
	case model.OpDone, model.OpFrame, model.OpHandler, model.OpIRQsOff:
		return m.evalFrame(s, e)
	case model.OpNot:
		return model.Truth(m.eval(s, e.a) == 0)
	}
	return e.op.Apply(m.eval(s, e.a), m.eval(s, e.b))
}

// evalFrame evaluates what an expression says of a CPU's stack. A CPU that has not started yet, while
// the initial state is made, is in the Body frame and not done.
func (m *Machine) evalFrame(s []uint64, e *expr) int64 {
	if m.unstarted>>e.cpu.Index&1 != 0 {
		return model.Truth(e.op == model.OpFrame && e.frames.Has(model.Body))
	}
	switch e.op {
	case model.OpDone:
		lv := &e.cpu.levels[0]
		return model.Truth(lv.pc.get(s) == lv.halt && e.cpu.top(s) == 0 && e.cpu.buf.empty(s))
	case model.OpFrame:
		return model.Truth(e.frames.Has(e.cpu.frameOf(s)))
	case model.OpIRQsOff:
		return model.Truth(!e.cpu.levels[e.cpu.top(s)].open(s))
	}
	return model.Truth(e.cpu.top(s) != 0)
}

// Violated is the set of properties that s violates by itself: a Never that is true, a data race, and, if
// the run can end in s, an AtEnd that is false.
func (m *Machine) Violated(s []uint64) uint64 {
	var failed uint64
	for i := range m.never {
		if m.eval(s, m.never[i].e) != 0 {
			failed |= m.never[i].bits
		}
	}
	if m.races != 0 && m.race(s) != nil {
		failed |= m.races
	}
	if len(m.atEnd) > 0 && m.Ended(s) {
		for i := range m.atEnd {
			if m.eval(s, m.atEnd[i].e) == 0 {
				failed |= m.atEnd[i].bits
			}
		}
	}
	return failed
}

// Reached is the set of state claims that s satisfies.
func (m *Machine) Reached(s []uint64) uint64 {
	var reached uint64
	for i := range m.reach {
		if m.eval(s, m.reach[i].e) != 0 {
			reached |= m.reach[i].bits
		}
	}
	return reached
}

// Ended reports whether every CPU but services has ended, with no handler running and no IPI pending,
// and no store waits in any buffer.
func (m *Machine) Ended(s []uint64) bool {
	for i := range m.cpus {
		c := &m.cpus[i]
		if !c.buf.empty(s) {
			return false
		}
		if c.IsService {
			continue
		}
		if c.levels[0].pc.get(s) != c.levels[0].halt || c.top(s) != 0 {
			return false
		}
		for _, l := range c.pending {
			if l != nil && l.get(s) != 0 {
				return false
			}
		}
	}
	return true
}
