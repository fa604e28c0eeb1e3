package states

import (
	"math/bits"
	"slices"
	"unsafe"
)

// A table is an exact set of packed states for searches that need no numbering: the states themselves
// lie in open addressing. States are never all zeros (see package model), so zero means an empty slot.
// Beside each slot stands the distance of its state from the initial one, modulo 256, which is what
// traces are found by (shortest.go).
//
// The slot where a state belongs is its hash scaled to the number of slots, so states lie nearly in the
// order of their hashes, and a table that grows by a seventh is a table whose states all move up. It
// grows in place, from the last slot to the first, with no second copy, so the set never needs much
// more memory than its states.
//
// A probe into a large table costs a cache miss, which is more than a step. So states are added in
// batches: addAll first reads the slot of every state, misses that the processor overlaps, and then
// looks for places. It may reorder the batch.
type Table struct {
	words  int
	bits   uint     // in use of a state of one word, below the one that is always set
	slots  []uint64 // words words a slot
	depths []uint8
	size   uint64 // number of slots
	n      uint64
	limit  uint64 // of n, before the table grows
	Depth  uint8  // of the states that are added now
	hashes []uint64
	recent *[recentSize]uint64
	sink   uint64 // keeps the early reads alive
	memory func(delta int64) bool
	free   []func() // gives reserved memory back; nil while the table lies in ordinary memory
	pk     *packed  // nil until the table takes that form; then slots and depths are empty
}

const (
	firstSlots = 64
	// fullest is the part of the slots that may be taken, in hundredths. Linear probing looks at some
	// ten slots there for a state that is new, most of them in one or two lines of the cache.
	fullest = 78
	// recentSize is the states that a large table remembers having met lately, by their hashes. Where
	// CPUs do not meddle with each other the same state is reached in any order of their steps, within
	// a short time, so this spares a third of the probes.
	recentSize = 1 << 15
	// roomy is the bytes from which on a table lies in reserved memory.
	roomy = 1 << 20
)

// newTable makes an empty table for states of so many bits, as the machine counts them. Before it grows
// it asks memory for the bytes; told no, it is full.
func NewTable(words, bits int, memory func(delta int64) bool) *Table {
	t := &Table{words: words, bits: uint(bits), memory: memory}
	t.slots, t.depths = make([]uint64, firstSlots*words), make([]uint8, firstSlots)
	t.resize(firstSlots)
	memory(t.slotBytes(firstSlots))
	return t
}

func (t *Table) resize(size uint64) { t.size, t.limit = size, size*fullest/100 }

// slotBytes is the memory of so many slots.
func (t *Table) slotBytes(slots uint64) int64 { return int64(slots) * int64(8*t.words+1) }

// mix is the finalizer of MurmurHash3 on each word, chained.
func Hash(s []uint64) uint64 {
	h := uint64(0)
	for _, w := range s {
		h = mix1(h ^ w)
	}
	return h
}

func mix1(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	h ^= h >> 33
	return h
}

// Len is how many states are in the table.
func (t *Table) Len() uint64 { return t.n }

// Packed reports whether the table has taken its packed form.
func (t *Table) Packed() bool { return t.pk != nil }

// place is the slot where a state with this hash belongs.
func (t *Table) place(h uint64) uint64 {
	hi, _ := bits.Mul64(h, t.size)
	return hi
}

// addAll adds the states, one after the other in batch, and calls fresh with each that is new. It
// reports whether there was room for all; where there was not, or fresh says no, the rest of the batch
// is not added.
func (t *Table) Add(b Batch, fresh func(s []uint64, done uint8) bool) bool {
	if t.words == 1 {
		return t.addAll1(b, fresh)
	}
	t.hashes = t.hashes[:0]
	for i := 0; i < len(b.Words); i += t.words {
		h := Hash(b.Words[i : i+t.words])
		t.hashes = append(t.hashes, h)
		t.sink += t.slots[int(t.place(h))*t.words]
	}
	for i, h := range t.hashes {
		s := b.Words[i*t.words : (i+1)*t.words]
		p, found := t.find(s, h)
		if found {
			continue
		}
		if t.n >= t.limit {
			if !t.grow() {
				return false
			}
			p, _ = t.find(s, h)
		}
		if !fresh(s, b.Marks[i]) {
			return false
		}
		t.put(p, s, t.Depth)
	}
	return true
}

// addAll1 is addAll for states of one word.
func (t *Table) addAll1(b Batch, fresh func(s []uint64, done uint8) bool) bool {
	if t.pk != nil {
		return t.addPacked(b, fresh)
	}
	t.hashes = slices.Grow(t.hashes[:0], len(b.Words))[:len(b.Words)]
	for i, s := range b.Words {
		t.hashes[i] = mix1(s)
	}
	hashes, slots, depths, size := t.hashes[:t.sift(b)], t.slots, t.depths, t.size
	sink := uint64(0)
	for _, h := range hashes {
		p, _ := bits.Mul64(h, size)
		sink += slots[p] + slots[min(p+6, size-1)] + uint64(depths[p])
	}
	t.sink += sink
	for i, h := range hashes {
		s := b.Words[i]
		p, _ := bits.Mul64(h, size)
		at := slots[p]
		for at != 0 && at != s {
			if p++; p == size {
				p = 0
			}
			at = slots[p]
		}
		if at == s {
			continue
		}
		if t.n >= t.limit {
			if !t.grow() {
				return false
			}
			if t.pk != nil {
				rest := Batch{b.Words[i:len(hashes)], b.Marks[i:len(hashes)]}
				return t.addPacked(rest, fresh)
			}
			slots, size = t.slots, t.size
			p, _ = t.find(b.Words[i:i+1], h)
		}
		if !fresh(b.Words[i:i+1], b.Marks[i]) {
			return false
		}
		slots[p] = s
		t.depths[p] = t.Depth
		t.n++
	}
	return true
}

// sift moves the states of one word that were not met lately, and their hashes, to the front, and
// reports how many they are.
func (t *Table) sift(b Batch) int {
	if t.recent == nil {
		return len(b.Words)
	}
	hashes := t.hashes[:len(b.Words)]
	n := 0
	for i, s := range b.Words {
		h := hashes[i]
		r := &t.recent[h%recentSize]
		fresh := 0
		if *r != s {
			fresh = 1
		}
		*r = s
		hashes[n], b.Words[n], b.Marks[n] = h, s, b.Marks[i]
		n += fresh
	}
	return n
}

// put stores a state in an empty slot.
func (t *Table) put(p uint64, s []uint64, depth uint8) {
	copy(t.slots[int(p)*t.words:], s)
	t.depths[p] = depth
	t.n++
}

// find looks for s: its slot, or the empty one where it would go.
func (t *Table) find(s []uint64, h uint64) (slot uint64, found bool) {
	for p := t.place(h); ; {
		at := t.slot(p)
		if empty(at) {
			return p, false
		}
		if equal(at, s) {
			return p, true
		}
		if p++; p == t.size {
			p = 0
		}
	}
}

func (t *Table) slot(p uint64) []uint64 { return t.slots[int(p)*t.words : int(p+1)*t.words] }

// empty reports whether the slot holds no state.
func empty(slot []uint64) bool {
	for _, w := range slot {
		if w != 0 {
			return false
		}
	}
	return true
}

// has reports whether s is in the table.
func (t *Table) Has(s []uint64) bool {
	if t.pk != nil {
		_, _, found := t.findPacked(s[0])
		return found
	}
	_, found := t.find(s, Hash(s))
	return found
}

// all is the states, in the order in which they lie.
func (t *Table) All(yield func(s []uint64) bool) {
	t.Dated(func(s []uint64, _ uint8) bool { return yield(s) })
}

// dated is the states with their distances, modulo 256, in the order in which they lie.
func (t *Table) Dated(yield func(s []uint64, depth uint8) bool) {
	if t.pk != nil {
		t.allPacked(-1, yield)
		return
	}
	for p := range t.size {
		if s := t.slot(p); !empty(s) && !yield(s, t.depths[p]) {
			return
		}
	}
}

// at visits the states at one distance, modulo 256.
func (t *Table) AtDepth(depth uint8, visit func(s []uint64)) {
	if t.pk != nil {
		t.allPacked(int(depth), func(s []uint64, _ uint8) bool { visit(s); return true })
		return
	}
	for p := range t.size {
		if t.depths[p] == depth {
			if s := t.slot(p); !empty(s) {
				visit(s)
			}
		}
	}
}

// grow gives the table a seventh more slots, while it is small twice as many, or packs it where that
// takes no more than twice the slots.
func (t *Table) grow() bool {
	if t.pk != nil {
		return t.growPacked()
	}
	size := t.size + t.size/7
	if t.slotBytes(t.size) < roomy {
		size = 2 * t.size
	}
	if _, ok := t.packs(size); ok {
		return t.pack(size)
	}
	if !t.memory(t.slotBytes(size) - t.slotBytes(t.size)) {
		return false
	}
	if !t.room(size) {
		t.memory(t.slotBytes(t.size) - t.slotBytes(size))
		return false
	}
	t.move(t.size, size)
	return true
}

// packs reports whether a table of so many slots is packed, and its bytes then.
func (t *Table) packs(size uint64) (bytes int64, ok bool) {
	if t.words > 1 || t.bits < packedBits || size < packedFrom {
		return 0, false
	}
	steps, exp := packedSize(t.bits, size)
	return packedBytes(uint64(steps) << exp), uint64(steps)<<exp <= 2*size
}

// move is the second half of grow: the states move from old slots into size, for which there is room.
func (t *Table) move(old, size uint64) {
	t.resize(size)
	// The states move up, the last one first, so that they move into slots that are empty or hold
	// states that have moved. Those that would not move beyond where they are, which are few and near
	// the first slot, and those that would go round the end to it, are set aside and put in last.
	var aside []uint64
	var depths []uint8
	t.n = 0
	if t.words == 1 {
		aside, depths = t.move1(old, aside, depths)
		old = 0
	}
	for p := old; p > 0; {
		p--
		s := t.slot(p)
		if empty(s) {
			continue
		}
		q := t.place(Hash(s))
		for q > p && q < size && !empty(t.slot(q)) {
			q++
		}
		if q <= p || q == size {
			aside, depths = append(aside, s...), append(depths, t.depths[p])
			clear(s)
			continue
		}
		t.put(q, s, t.depths[p])
		clear(s)
	}
	for i, d := range depths {
		s := aside[i*t.words : (i+1)*t.words]
		q, _ := t.find(s, Hash(s))
		t.put(q, s, d)
	}
}

// move1 is the loop of move for states of one word.
func (t *Table) move1(old uint64, aside []uint64, depths []uint8) ([]uint64, []uint8) {
	slots, dep, size := t.slots[:t.size], t.depths[:t.size], t.size
	for p := old; p > 0; {
		p--
		s := slots[p]
		if s == 0 {
			continue
		}
		d := dep[p]
		slots[p] = 0
		q, _ := bits.Mul64(mix1(s), size)
		for q > p && q < size && slots[q] != 0 {
			q++
		}
		if q <= p || q == size {
			aside, depths = append(aside, s), append(depths, d)
			continue
		}
		slots[q], dep[q] = s, d
		t.n++
	}
	return aside, depths
}

// bytesFor is the memory of a table that is made for n states.
func (t *Table) BytesFor(n uint64) int64 {
	size := max(n*100/fullest+1, firstSlots)
	if bytes, ok := t.packs(size); ok {
		return bytes
	}
	return t.slotBytes(size)
}

// roomFor makes an empty table large enough for n states, if the system lets it; no bound is asked.
func (t *Table) RoomFor(n uint64) {
	size := n*100/fullest + 1
	if _, ok := t.packs(size); ok {
		t.pack(size)
	} else if size > t.size && t.room(size) {
		t.memory(t.slotBytes(size) - t.slotBytes(t.size))
		t.resize(size)
	}
}

// room sees to it that there is memory for so many slots.
func (t *Table) room(size uint64) bool {
	words := int(size) * t.words
	if words <= len(t.slots) && int(size) <= len(t.depths) {
		return true
	}
	if t.free == nil && t.slotBytes(size) >= roomy {
		slots, freeSlots := reserve()
		depths, freeDepths := reserve()
		if slots != nil && depths != nil {
			copy(slots, t.slots)
			bytes := unsafe.Slice((*uint8)(unsafe.Pointer(&depths[0])), 8*len(depths))
			copy(bytes, t.depths)
			t.slots, t.depths, t.free = slots, bytes, []func(){freeSlots, freeDepths}
			if t.words == 1 {
				t.recent = new([recentSize]uint64)
			}
			return words <= len(slots)
		}
	}
	if t.free != nil {
		return false // a terabyte is full
	}
	t.slots = append(t.slots, make([]uint64, words-len(t.slots))...)
	t.depths = append(t.depths, make([]uint8, int(size)-len(t.depths))...)
	return true
}

// release gives the table's memory back; it is empty afterwards, and must not be used.
func (t *Table) Release() {
	for _, free := range t.free {
		free()
	}
	if t.pk != nil {
		if t.pk.free != nil {
			t.pk.free()
		}
		if t.pk.over != nil {
			t.pk.over.Release()
		}
	}
	*t = Table{}
}
