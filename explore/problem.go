package explore

import (
	"context"
	"slices"
	"strings"

	"ctcheck/machine"
	"ctcheck/model"
)

// A problem is what is searched, and how. Nobody changes it.
type problem struct {
	ctx context.Context
	m   *machine.Machine
	o   Options
}

// deadlock is the bit of [model.NoDeadlock] in a set of properties: it comes after the machine's.
func (p *problem) deadlock() uint64 { return 1 << len(p.m.Properties) }

// properties is the names of all properties, by their bits.
func (p *problem) properties() []string {
	return append(slices.Clone(p.m.Properties), model.NoDeadlock)
}

// named is the names of a set of properties.
func (p *problem) named(set uint64) string {
	var names []string
	for i, name := range append(p.properties(), "a fault of the program") {
		if set>>i&1 != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// obliged reports whether one of the transitions has to be taken in the end where it can be.
func (p *problem) obliged(via ...uint16) bool {
	for _, t := range via {
		if p.m.Transition(int(t)).Kind.Obliged() {
			return true
		}
	}
	return false
}
