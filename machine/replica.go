package machine

import (
	"fmt"
	"slices"

	"ctcheck/ir"
	"ctcheck/model"
)

// This file has what an engine asks that knows only one of many CPUs that are alike: which bits of a state are that
// CPU's own, and whether two of them may change places while all else stays.

// Interchangeable says why two CPUs may not change places while everything but what is theirs stays; it is empty if
// they may. own tells the variables that are theirs: those of the first, which go to those of the second.
func (m *Machine) Interchangeable(a, b *model.CPU, own func(v *ir.Var) bool) string {
	x := m.swap(a.Index, b.Index)
	if x.why != "" {
		return x.why
	}
	mine := map[int]bool{}
	for _, c := range []*model.CPU{a, b} {
		for _, l := range m.own(c) {
			mine[l.slot] = true
		}
	}
	for v, l := range m.places {
		to, bound := x.slots[l.slot]
		if bound && to != l.slot && !mine[l.slot] && !own(v) {
			return fmt.Sprintf("they differ in how they use %s", v.Name)
		}
	}
	return ""
}

// own is the places that belong to a CPU by what it is: its stack, its store buffer, and what may interrupt it.
func (m *Machine) own(of *model.CPU) (ls []*loc) {
	c := &m.cpus[of.Index]
	ls = append(ls, c.nmiLeft)
	ls = append(ls, c.pending...)
	ls = append(ls, c.left...)
	for i := range c.levels {
		ls = append(ls, c.levels[i].pc, c.levels[i].irqs)
	}
	if c.buf != nil {
		for _, e := range c.buf.entries {
			ls = append(ls, e.site, e.value)
		}
	}
	for v, l := range m.places {
		if v.Kind == ir.Local && v.Level.CPU.Index == of.Index {
			ls = append(ls, l)
		}
	}
	return slices.DeleteFunc(ls, func(l *loc) bool { return l == nil })
}

// Mask is the bits of a state that hold what belongs to a CPU, which may be nil for none, and the given variables.
func (m *Machine) Mask(of *model.CPU, vars []*ir.Var) []uint64 {
	mask := make(footprint, m.words)
	if of != nil {
		for _, l := range m.own(of) {
			mask.add(l)
		}
	}
	for _, v := range vars {
		mask.add(m.places[v])
	}
	return mask
}

// ExpandOf is [Stepper.Expand] for the transitions of one agent ([Machine.Agent]).
func (st *Stepper) ExpandOf(agent int, s []uint64, out *Successors) int {
	for i := range st.cpus {
		if c := &st.cpus[i]; st.m.Agent(c.first) == agent && c.last > c.first {
			st.forget()
			return st.take(i, s, out)
		}
	}
	return 0
}
