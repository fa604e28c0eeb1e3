package machine

import "slices"

// What the tests of other packages see of persistent sets.

// Claimed is what is claimed of a CPU in s: F, F* and W*.
func (p *Persistent) Claimed(s []uint64, i int) (touch, later, writes []uint64) {
	ch := p.chosen(i)
	ch.look(s)
	touch, later, writes = slices.Clone(ch.frames[0].touch), p.set(), p.set()
	for _, f := range ch.frames {
		footprint(later).join(f.later)
		footprint(writes).join(f.writes)
	}
	return touch, later, writes
}

// Flipped is what differs between two states, and in what each CPU shows of its frames.
func (p *Persistent) Flipped(s, to []uint64) []uint64 {
	f := p.set()
	for x := range s {
		f[x] = s[x] ^ to[x]
	}
	for i := range p.m.cpus {
		f[len(s)+i] = p.m.cpus[i].shows(s) ^ p.m.cpus[i].shows(to)
	}
	return f
}
