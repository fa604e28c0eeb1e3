package machine

import (
	"fmt"
	"math/bits"
	"slices"

	"ctcheck/model"
)

// This file finds which CPUs of a program are interchangeable, and brings states into a form that
// does not tell them apart: Ip and Dill, Better verification through symmetry, Formal Methods in System
// Design 9, 1996, but with the symmetry found in the code and not declared.
//
// A class is CPUs any two of which may change places (automorphism.go). What a state says of one of them, its
// member, is the values of some places of its own, and where a handler stands that belongs to it. The
// canonical form has the members of each class in the order of what is said of them. States that
// differ by a permutation within the classes, and only they, have the same canonical form.
//
// What it does not find: symmetry of variables or work bits, and CPUs that only change places together
// with others.

// A Symmetry is the classes of interchangeable CPUs of a machine. It is read only and safe for
// concurrent use.
type Symmetry struct {
	classes []class
	apart   []string
}

const (
	// maxMembers bounds a class; the number of permutations of so many fits a word.
	maxMembers = 20
	// maxMember is the bits that tell the members of a class apart.
	maxMember = 64
)

type class struct {
	cpus   []*model.CPU
	own    []field // of the members, one after the other
	each   int     // fields of one member
	shared []sharedPC
}

// A field is a place in the state and, in what is said of a member, its place there.
type field struct {
	word  int
	shift uint
	mask  uint64
	at    uint
}

// A sharedPC is the program counter of a level some of whose code belongs to members of the class.
type sharedPC struct {
	field           // mask is that of the program counter
	mine   uint64   // mask of what is said of a member: 0, or 1 and up for its points
	member []uint8  // by program counter: the member whose code it is, plus 1
	index  []uint64 // by program counter: which of the member's points it is, plus 1
	points [][]uint64
}

// Symmetry finds the classes of the machine's interchangeable CPUs.
func (m *Machine) Symmetry() *Symmetry {
	y := &Symmetry{}
	classed := make([]bool, len(m.cpus))
	taken := map[element]bool{} // by members of the classes so far
	for i := range m.cpus {
		if classed[i] {
			continue
		}
		b := &classBuilder{m: m, cpus: []int{i}}
		for k := i + 1; k < len(m.cpus); k++ {
			if classed[k] || len(b.cpus) == maxMembers {
				continue
			}
			x := m.swap(i, k)
			if x.why == "" && b.add(k, x, taken) {
				classed[k] = true
				continue
			}
			y.apart = append(y.apart, fmt.Sprintf("%s and %s: %s", m.cpus[i].Name, m.cpus[k].Name, x.why))
		}
		if len(b.cpus) > 1 {
			y.classes = append(y.classes, b.class())
			for _, t := range slices.Concat(b.members...) {
				taken[t] = true
			}
		}
	}
	return y
}

// Classes is the classes of two CPUs or more, in the order of their first CPUs.
func (y *Symmetry) Classes() [][]*model.CPU {
	var cs [][]*model.CPU
	for i := range y.classes {
		cs = append(cs, slices.Clone(y.classes[i].cpus))
	}
	return cs
}

// Apart says of pairs of CPUs that are not in a class why not.
func (y *Symmetry) Apart() []string { return slices.Clone(y.apart) }

// Canon brings s into its canonical form.
func (y *Symmetry) Canon(s []uint64) {
	for i := range y.classes {
		y.classes[i].canon(s)
	}
}

// Orbit is how many states have the same canonical form as s, or the most that a word holds.
func (y *Symmetry) Orbit(s []uint64) uint64 {
	n := uint64(1)
	for i := range y.classes {
		hi, lo := bits.Mul64(n, y.classes[i].orbit(s))
		if n = lo; hi != 0 {
			n = 1<<64 - 1
		}
	}
	return n
}
