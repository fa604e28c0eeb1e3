package states

import (
	"slices"
	"unsafe"
)

// The plain form of a table: each slot has the words of a state, and beside the slots stand the distances. It is
// the form of small tables, and of states of several words.
//
// The slot where a state belongs is its hash scaled to the number of slots, so states lie nearly in the
// order of their hashes, and a table that grows by a seventh is a table whose states all move up. It
// grows in place, from the last slot to the first, with no second copy, so the set never needs much
// more memory than its states. That memory is what bounds it.
type plain struct {
	words  int
	slots  []uint64 // words words a slot
	depths []uint8
	free   []func() // gives reserved memory back; nil while the table lies in ordinary memory
}

// plainBytes is the memory of so many slots.
func plainBytes(words int, slots uint64) int64 { return int64(slots) * int64(8*words+1) }

func (p *plain) bytes(t *Table) int64 { return plainBytes(p.words, t.size) }

func (p *plain) release() {
	for _, free := range p.free {
		free()
	}
}

func (p *plain) add(t *Table, batch []uint64, from int, fresh func(i int) bool) bool {
	if p.words == 1 {
		return p.add1(t, batch, from, fresh)
	}
	t.hashes = t.hashes[:0]
	for i := from * p.words; i < len(batch); i += p.words {
		h := Hash(batch[i : i+p.words])
		t.hashes = append(t.hashes, h)
		t.sink += p.slots[int(slotOf(h, t.size))*p.words]
	}
	for i, h := range t.hashes {
		i += from
		s := batch[i*p.words : (i+1)*p.words]
		q, found := p.find(t, s, h)
		if found {
			continue
		}
		if t.n >= t.limit {
			if !p.grow(t, p.next(t)) {
				return false
			}
			q, _ = p.find(t, s, h)
		}
		if !fresh(i) {
			return false
		}
		p.put(t, q, s, t.Depth)
	}
	return true
}

// add1 is add for states of one word.
func (p *plain) add1(t *Table, batch []uint64, from int, fresh func(i int) bool) bool {
	batch = batch[from:]
	t.hashes = slices.Grow(t.hashes[:0], len(batch))[:len(batch)]
	for i, s := range batch {
		t.hashes[i] = mix1(s)
	}
	kept, hashes, places := t.dropRecent(batch, t.hashes)
	t.sink += p.touch(hashes, t.size)
	slots, size := p.slots, t.size
	for i, h := range hashes {
		s := kept[i]
		q := slotOf(h, size)
		at := slots[q]
		for at != 0 && at != s {
			if q++; q == size {
				q = 0
			}
			at = slots[q]
		}
		if at == s {
			continue
		}
		if t.n >= t.limit {
			if !p.grow(t, p.next(t)) {
				return false
			}
			if t.form != form(p) { // packed by now
				return t.form.add(t, batch, placeIn(places, i), func(i int) bool { return fresh(from + i) })
			}
			slots, size = p.slots, t.size
			q, _ = p.find(t, kept[i:i+1], h)
		}
		if !fresh(from + placeIn(places, i)) {
			return false
		}
		slots[q] = s
		p.depths[q] = t.Depth
		t.n++
	}
	return true
}

// touch reads all slots early, so that the misses overlap.
func (p *plain) touch(hashes []uint64, size uint64) (sink uint64) {
	slots, depths := p.slots, p.depths
	for _, h := range hashes {
		q := slotOf(h, size)
		sink += slots[q] + slots[min(q+6, size-1)] + uint64(depths[q])
	}
	return sink
}

// put stores a state in an empty slot.
func (p *plain) put(t *Table, q uint64, s []uint64, depth uint8) {
	copy(p.slots[int(q)*p.words:], s)
	p.depths[q] = depth
	t.n++
}

// find looks for s: its slot, or the empty one where it would go.
func (p *plain) find(t *Table, s []uint64, h uint64) (slot uint64, found bool) {
	for q := slotOf(h, t.size); ; {
		at := p.slot(q)
		if empty(at) {
			return q, false
		}
		if equal(at, s) {
			return q, true
		}
		if q++; q == t.size {
			q = 0
		}
	}
}

func (p *plain) slot(q uint64) []uint64 { return p.slots[int(q)*p.words : int(q+1)*p.words] }

// empty reports whether the slot holds no state.
func empty(slot []uint64) bool {
	for _, w := range slot {
		if w != 0 {
			return false
		}
	}
	return true
}

func (p *plain) has(t *Table, s []uint64) bool {
	_, found := p.find(t, s, Hash(s))
	return found
}

func (p *plain) each(t *Table, depth int, visit func(s []uint64, depth uint8) bool) {
	for q := range t.size {
		if depth >= 0 && int(p.depths[q]) != depth {
			continue
		}
		if s := p.slot(q); !empty(s) && !visit(s, p.depths[q]) {
			return
		}
	}
}

// next is the slots that a full table grows to: a seventh more, while it is small twice as many.
func (p *plain) next(t *Table) uint64 {
	if p.bytes(t) < reserveFrom {
		return 2 * t.size
	}
	return t.size + t.size/7
}

func (p *plain) grow(t *Table, slots uint64) bool {
	if _, ok := t.packs(slots); ok {
		return p.pack(t, slots)
	}
	more := plainBytes(p.words, slots) - p.bytes(t)
	if !t.book(more) {
		return false
	}
	if !p.room(t, slots) {
		t.book(-more)
		return false
	}
	p.move(t, t.size, slots)
	return true
}

// move is the second half of grow: the states move from old slots into size, for which there is room.
func (p *plain) move(t *Table, old, size uint64) {
	t.resize(size)
	// The states move up, the last one first, so that they move into slots that are empty or hold
	// states that have moved. Those that would not move beyond where they are, which are few and near
	// the first slot, and those that would go round the end to it, are set aside and put in last.
	var aside []uint64
	var depths []uint8
	t.n = 0
	if p.words == 1 {
		aside, depths = p.move1(t, old)
		old = 0
	}
	for q := old; q > 0; {
		q--
		s := p.slot(q)
		if empty(s) {
			continue
		}
		to := slotOf(Hash(s), size)
		for to > q && to < size && !empty(p.slot(to)) {
			to++
		}
		if to <= q || to == size {
			aside, depths = append(aside, s...), append(depths, p.depths[q])
			clear(s)
			continue
		}
		p.put(t, to, s, p.depths[q])
		clear(s)
	}
	for i, d := range depths {
		s := aside[i*p.words : (i+1)*p.words]
		q, _ := p.find(t, s, Hash(s))
		p.put(t, q, s, d)
	}
}

// move1 is the loop of move for states of one word.
func (p *plain) move1(t *Table, old uint64) (aside []uint64, depths []uint8) {
	slots, dep, size := p.slots[:t.size], p.depths[:t.size], t.size
	for q := old; q > 0; {
		q--
		s := slots[q]
		if s == 0 {
			continue
		}
		d := dep[q]
		slots[q] = 0
		to := slotOf(mix1(s), size)
		for to > q && to < size && slots[to] != 0 {
			to++
		}
		if to <= q || to == size {
			aside, depths = append(aside, s), append(depths, d)
			continue
		}
		slots[to], dep[to] = s, d
		t.n++
	}
	return aside, depths
}

// room sees to it that there is memory for so many slots.
func (p *plain) room(t *Table, slots uint64) bool {
	words := int(slots) * p.words
	if words <= len(p.slots) && int(slots) <= len(p.depths) {
		return true
	}
	if p.free == nil && plainBytes(p.words, slots) >= reserveFrom {
		reserved, freeSlots := reserve()
		depths, freeDepths := reserve()
		if reserved != nil && depths != nil {
			copy(reserved, p.slots)
			bytes := unsafe.Slice((*uint8)(unsafe.Pointer(&depths[0])), 8*len(depths))
			copy(bytes, p.depths)
			p.slots, p.depths, p.free = reserved, bytes, []func(){freeSlots, freeDepths}
			if p.words == 1 {
				t.recent = new([recentSize]uint64)
			}
			return words <= len(reserved)
		}
	}
	if p.free != nil {
		return false // a terabyte is full
	}
	p.slots = append(p.slots, make([]uint64, words-len(p.slots))...)
	p.depths = append(p.depths, make([]uint8, int(slots)-len(p.depths))...)
	return true
}

// pack gives the table the packed form, with so many slots at least. It reports whether there was room.
func (p *plain) pack(t *Table, slots uint64) bool {
	to := newPacked(t.bits)
	steps, exp := packedSize(t.bits, slots)
	size := uint64(steps) << exp
	if !t.book(packedBytes(size)) {
		return false
	}
	if !to.room(size) {
		t.book(-packedBytes(size))
		return false
	}
	to.shape(steps, exp)
	old := t.size
	t.form, t.n = to, 0
	t.recent = nil // states of the batch at hand may not be stored yet
	to.remember(t)
	t.resize(size)
	defer p.release()
	for q := range old {
		if s := p.slots[q]; s != 0 && !to.put(t, s, p.depths[q]) {
			return false
		}
	}
	t.book(-plainBytes(p.words, old))
	return true
}
