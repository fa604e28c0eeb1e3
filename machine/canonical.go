package machine

import (
	"cmp"
	"maps"
	"math/bits"
	"slices"
)

// This file gathers a class of interchangeable CPUs, and computes its canonical form.
//
// The mappings that make the first CPU of a class and another one change places generate all
// permutations of the class, so no other pairs need be tried. It must only be seen to that they act
// on members, disjoint sets of places of equal shape: each mapping exchanges those of the first
// member, always the same ones, with those of its own and lets everything else stay.

// An element is what goes from one member to another: a slot, or one value of a program counter.
type element struct {
	slot int
	pc   int64 // -1 for the slot itself
}

func (t element) compare(u element) int {
	return cmp.Or(cmp.Compare(t.slot, u.slot), cmp.Compare(t.pc, u.pc))
}

// moved is the elements that do not stay, and where they go. It is not ok where the code of two CPUs is
// not numbered alike, so that it does not do to exchange their program counters.
func (x *matching) moved() (to map[element]element, ok bool) {
	to = map[element]element{}
	for a, b := range x.slots {
		if a != b && x.place[a].word < x.m.words {
			to[element{a, -1}] = element{b, -1}
		}
	}
	for a, b := range x.points {
		switch {
		case a.pt == b.pt:
		case a.lv != b.lv:
			return nil, x.differ("their code is numbered differently")
		default:
			to[element{a.lv.pc.slot, int64(a.pt) + a.lv.bias}] =
				element{b.lv.pc.slot, int64(b.pt) + b.lv.bias}
		}
	}
	return to, true
}

// A classBuilder gathers a class.
type classBuilder struct {
	m       *Machine
	cpus    []int
	place   map[int]*loc // of slots in elements
	second  map[element]element
	members [][]element // of each CPU, in the same order
}

// add takes CPU k into the class, if the mapping fits those before it.
func (b *classBuilder) add(k int, x *matching, taken map[element]bool) bool {
	to, ok := x.moved()
	if !ok {
		return false
	}
	for t := range to {
		if taken[t] {
			return x.differ("they share something with other interchangeable CPUs")
		}
	}
	members := b.members
	switch len(b.cpus) {
	case 1: // which of two elements is whose is of no matter yet
		members = [][]element{b.first(to, func(t element) bool { return t.compare(to[t]) < 0 })}
		b.second = to
	case 2:
		first := b.first(to, func(t element) bool { _, both := b.second[t]; return both })
		members = [][]element{first, images(first, b.second)}
	}
	members = append(slices.Clone(members), images(members[0], to))
	seen := map[element]bool{}
	for _, t := range slices.Concat(members...) {
		if seen[t] {
			return x.differ("they change places only together with others")
		}
		seen[t] = true
	}
	if len(members[0])*2 != len(to) || len(members[0])*2 != len(b.second) {
		return x.differ("they change places only together with others")
	}
	if n := x.memberBits(members[0]); n > maxMember {
		return x.differ("a state has %d bits for each, more than %d", n, maxMember)
	}
	b.cpus, b.members = append(b.cpus, k), members
	if b.place == nil {
		b.place = map[int]*loc{}
	}
	maps.Copy(b.place, x.place)
	return true
}

// first is the elements that belong to the first member, in order.
func (b *classBuilder) first(to map[element]element, mine func(t element) bool) []element {
	var ts []element
	for t := range to {
		if mine(t) {
			ts = append(ts, t)
		}
	}
	slices.SortFunc(ts, element.compare)
	return ts
}

// follow is where the elements go; one that stays is its own image.
func images(ts []element, to map[element]element) []element {
	var us []element
	for _, t := range ts {
		u, moves := to[t]
		if !moves {
			u = t
		}
		us = append(us, u)
	}
	return us
}

// memberBits is the bits that it takes to say what is said of a member.
func (x *matching) memberBits(ts []element) int {
	n := 0
	points := map[int]int{} // of each level, by the slot of its program counter
	for _, t := range ts {
		if t.pc < 0 {
			n += bits.OnesCount64(x.place[t.slot].mask)
		} else {
			points[t.slot]++
		}
	}
	for _, k := range points {
		n += bits.Len(uint(k))
	}
	return n
}

// class is the finished class.
func (b *classBuilder) class() class {
	var c class
	for _, k := range b.cpus {
		c.cpus = append(c.cpus, b.m.cpus[k].CPU.CPU)
	}
	at := uint(0)
	var levels []int // the program counters that members share, and for each which elements are of it
	elements := map[int][]int{}
	ats := make([]uint, len(b.members[0]))
	for j, t := range b.members[0] {
		if t.pc >= 0 {
			if elements[t.slot] == nil {
				levels = append(levels, t.slot)
			}
			elements[t.slot] = append(elements[t.slot], j)
			continue
		}
		ats[j] = at
		at += uint(bits.OnesCount64(b.place[t.slot].mask))
		c.each++
	}
	for _, ts := range b.members {
		for j, t := range ts {
			if l := b.place[t.slot]; t.pc < 0 {
				c.own = append(c.own, field{l.word, l.shift, l.mask, ats[j]})
			}
		}
	}
	for _, slot := range levels {
		s := b.sharedPC(slot, elements[slot])
		s.at = at
		at += uint(bits.OnesCount64(s.mine))
		c.shared = append(c.shared, s)
	}
	return c
}

// sharedPC is the program counter in a slot, of which the elements with the given numbers are values.
func (b *classBuilder) sharedPC(slot int, elements []int) sharedPC {
	l := b.place[slot]
	s := sharedPC{field: field{word: l.word, shift: l.shift, mask: l.mask},
		mine:   1<<bits.Len(uint(len(elements))) - 1,
		member: make([]uint8, l.hi+1), index: make([]uint64, l.hi+1)}
	for m, ts := range b.members {
		var points []uint64
		for y, j := range elements {
			pc := ts[j].pc
			s.member[pc], s.index[pc] = uint8(m+1), uint64(y+1)
			points = append(points, uint64(pc))
		}
		s.points = append(s.points, points)
	}
	return s
}

// read is what s says of each member.
func (c *class) read(s []uint64, said *[maxMembers]uint64) {
	k := 0
	for m := range c.cpus {
		w := uint64(0)
		for i := k; i < k+c.each; i++ {
			f := &c.own[i]
			w |= (s[f.word] >> (f.shift & 63) & f.mask) << (f.at & 63)
		}
		said[m] = w
		k += c.each
	}
	for i := range c.shared {
		p := &c.shared[i]
		pc := s[p.word] >> (p.shift & 63) & p.mask
		if m := p.member[pc]; m > 0 {
			said[m-1] |= p.index[pc] << (p.at & 63)
		}
	}
}

// canon sorts the members by what is said of them.
func (c *class) canon(s []uint64) {
	var said [maxMembers]uint64
	c.read(s, &said)
	n, sorted := len(c.cpus), true
	for i := 1; i < n; i++ {
		w, j := said[i], i
		for ; j > 0 && said[j-1] > w; j-- {
			said[j], sorted = said[j-1], false
		}
		said[j] = w
	}
	if sorted {
		return
	}
	for i := range c.own {
		f := &c.own[i]
		w := &s[f.word]
		value := said[i/c.each] >> (f.at & 63) & f.mask
		*w = *w&^(f.mask<<(f.shift&63)) | value<<(f.shift&63)
	}
	for i := range c.shared {
		p := &c.shared[i]
		for m := range c.cpus {
			if y := said[m] >> (p.at & 63) & p.mine; y != 0 {
				w := &s[p.word]
				*w = *w&^(p.mask<<(p.shift&63)) | p.points[m][y-1]<<(p.shift&63)
			}
		}
	}
}

// orbit is how many states permutations of the members make of s: n! over those of equal ones.
func (c *class) orbit(s []uint64) uint64 {
	var said [maxMembers]uint64
	c.read(s, &said)
	all := said[:len(c.cpus)]
	slices.Sort(all)
	n, equal := uint64(1), uint64(1)
	for i := 1; i < len(all); i++ {
		n *= uint64(i + 1)
		if equal++; all[i] != all[i-1] {
			equal = 1
		}
		n /= equal
	}
	return n
}
