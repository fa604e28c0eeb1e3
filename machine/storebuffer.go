package machine

import (
	"ctcheck/ir"
	"ctcheck/model"
)

// This file has the store buffers of memory models that have them (package model says which, and what waits there
// and what waits for an empty one). Besides statements the return of an interrupt's or NMI's handler (IRET)
// waits for an empty buffer, since it serializes; what an interrupt does on its way in leaves the buffer alone. A
// handler runs on its CPU's buffer.
//
// A store to part of a word waits like any other, and a load of the whole word finds in it what waits and
// the rest in memory; the paper on x86-TSO has no accesses of different sizes.
//
// A CPU has ended (Done) when its last store is in memory.
//
// The buffers are part of the state. They have as much room as [Options] say; a store that finds no room
// waits, as on real machines, but the transition is marked with the CPU ([Effects.Full]): what such a
// store could do in a larger buffer was not looked at.

// A buffer is the store buffer of a CPU. The oldest store is in the first of its entries; those that are
// empty come last and are zero.
type buffer struct {
	sites   []site
	entries []entry
}

// A site is a kind of store: to which variable, to which of its bits, and what happens when it is
// visible.
type site struct {
	v    *loc
	mask int64 // 0: all
	ip   int   // code that runs when it reaches memory; -1: none
	stmt *model.Stmt
	lv   *level // where it is made
}

// An entry is one store: its site, plus 1, and the value less the least one of the variable's range.
type entry struct {
	site, value *loc
}

// wait finds the site of the access at ip, a store that may wait in the buffer.
func (k *packer) wait(in *instr, ip int, b *buffer, lv *level) {
	st := site{v: in.v, ip: -1, stmt: in.stmt, lv: lv}
	if in.to > 0 {
		st.ip = ip + 1
	}
	if in.acc == model.StoreBits {
		st.mask = in.cmp.k
	}
	for i, other := range b.sites {
		same := other.stmt == st.stmt && other.v == st.v && other.lv == lv && other.mask == st.mask
		if st.ip < 0 {
			same = other.v == st.v && other.mask == st.mask && other.ip < 0
		}
		if same {
			in.site = i + 1
			return
		}
	}
	b.sites = append(b.sites, st)
	in.site = len(b.sites)
}

// buffer makes room for the CPU's buffer, now that it is known what may be in it.
func (k *packer) buffer(rt *cpu) {
	b := rt.buf
	if len(b.sites) == 0 {
		rt.buf = nil
		return
	}
	widest := int64(0)
	for _, st := range b.sites {
		widest = max(widest, st.v.hi-st.v.lo)
	}
	for range k.o.bufferSize(rt.Index) {
		b.entries = append(b.entries, entry{
			k.field(rt.Name+" store", model.UpTo(int64(len(b.sites))), nil),
			k.field(rt.Name+" value", model.UpTo(widest), nil)})
	}
}

// bits is the bits that are stored.
func (st *site) bits() int64 {
	if st.mask == 0 {
		return -1
	}
	return st.mask
}

// empty reports whether no store waits in the buffer.
func (b *buffer) empty(s []uint64) bool { return b == nil || b.entries[0].site.get(s) == 0 }

// load is the value of a variable as its CPU sees it.
func (b *buffer) load(s []uint64, l *loc) int64 {
	x := l.get(s)
	if b == nil {
		return x
	}
	for _, e := range b.entries {
		k := e.site.get(s)
		if k == 0 {
			break
		}
		if st := &b.sites[k-1]; st.v == l {
			x = st.apply(x, e.value.get(s))
		}
	}
	return x
}

// apply is the variable's value after the store of a buffered value.
func (st *site) apply(before, value int64) int64 {
	value += st.v.lo
	if st.mask != 0 {
		return model.StoreBits.Update(before, value, st.mask)
	}
	return value
}

// push puts a store into the buffer. It reports whether there was room.
func (b *buffer) push(s []uint64, site int, x int64) bool {
	for _, e := range b.entries {
		if e.site.get(s) == 0 {
			e.site.put(s, int64(site))
			e.value.put(s, x-b.sites[site-1].v.lo)
			return true
		}
	}
	return false
}

// pop takes the oldest store out of the buffer and writes it to memory.
func (b *buffer) pop(s []uint64) *site {
	k := b.entries[0].site.get(s)
	if k == 0 {
		return nil
	}
	st := &b.sites[k-1]
	st.v.put(s, st.apply(st.v.get(s), b.entries[0].value.get(s)))
	for i, e := range b.entries {
		if i+1 == len(b.entries) {
			e.site.zero(s)
			e.value.zero(s)
			break
		}
		e.site.put(s, b.entries[i+1].site.get(s))
		e.value.put(s, b.entries[i+1].value.get(s))
	}
	return st
}

// add adds what a look at the buffer touches.
func (b *buffer) add(f footprint) {
	if b == nil {
		return
	}
	for _, e := range b.entries {
		f.add(e.site)
		f.add(e.value)
	}
}

// addFirst adds what it takes to know whether the buffer is empty.
func (b *buffer) addFirst(f footprint) {
	if b != nil {
		f.add(b.entries[0].site)
	}
}

// flushes is what the oldest store's way to memory may touch.
func (m *Machine) flushes(c *cpu) footprint {
	f := make(footprint, m.words)
	c.buf.add(f)
	for _, st := range c.buf.sites {
		f.add(st.v)
		if st.ip >= 0 {
			for _, in := range m.path(st.ip, true).code {
				f.addInstr(in, nil)
			}
		}
	}
	return f
}

// Buffer is the stores that wait in a CPU's buffer in s, the oldest one first.
func (m *Machine) Buffer(s []uint64, cpu int) []ir.Buffered {
	var bs []ir.Buffered
	b := m.cpus[cpu].buf
	if b == nil {
		return nil
	}
	for _, e := range b.entries {
		k := e.site.get(s)
		if k == 0 {
			break
		}
		st := &b.sites[k-1]
		bs = append(bs, ir.Buffered{Stmt: st.stmt, Var: st.v.v, Value: e.value.get(s) + st.v.lo})
	}
	return bs
}
