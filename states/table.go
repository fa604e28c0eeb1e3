package states

import "math/bits"

// A Table is an exact set of packed states for searches that need no numbering: the states themselves
// lie in open addressing. States are never all zeros (see package machine), so zero means an empty slot.
// With each state lies its distance from the initial one, modulo 256, which is what traces are found by.
//
// How the states lie in the slots is the table's form: as they are ([plain]), or, of a large table of states of
// one word, in seven bytes each ([packed]). A table begins plain, and changes its form once, when it grows.
//
// A probe into a large table costs a cache miss, which is more than a step. So states are added in
// batches: Add first reads the slot of every state, misses that the processor overlaps, and then
// looks for places.
type Table struct {
	Depth uint8 // the distance of the states that are added now
	words int
	bits  uint   // in use of a state of one word, below the one that is always set
	size  uint64 // number of slots
	n     uint64 // of them taken
	limit uint64 // of n, before the table grows
	form  form
	book  func(delta int64) bool

	hashes []uint64 // of the batch
	recent *[recentSize]uint64
	kept   []uint64 // of the batch: the states that were not met lately, if any was
	places []uint32 // their places in the batch
	sink   uint64   // keeps the early reads alive
}

// A form is how the states of a table lie in its slots.
type form interface {
	// add is [Table.Add] of the batch from one state on.
	add(t *Table, batch []uint64, from int, fresh func(i int) bool) bool
	has(t *Table, s []uint64) bool
	// each visits the states at a distance modulo 256, in the order in which they lie, until visit says no. A
	// negative depth means all.
	each(t *Table, depth int, visit func(s []uint64, depth uint8) bool)
	// grow makes room for so many slots at least. It reports whether there was any. The table may have another
	// form then.
	grow(t *Table, slots uint64) bool
	// bytes is the memory of the slots.
	bytes(t *Table) int64
	release()
}

const (
	firstSlots = 64
	// maxLoad is the part of the slots that may be taken, in hundredths. Linear probing looks at some
	// ten slots there for a state that is new, most of them in one or two lines of the cache.
	maxLoad = 78
	// recentSize is the states that a large table remembers having met lately, by their hashes. A
	// search meets the same state in several ways within a short time, so this spares a third of the probes.
	recentSize = 1 << 15
	// reserveFrom is the bytes from which on a table lies in reserved memory.
	reserveFrom = 1 << 20
)

// NewTable makes an empty table for states of so many words, or of so many bits if it is one, as the machine
// counts them. Before it grows it has the bytes booked; if they are refused, it is full.
func NewTable(words, bits int, book func(delta int64) bool) *Table {
	t := &Table{words: words, bits: uint(bits), book: book}
	t.form = &plain{words: words, slots: make([]uint64, firstSlots*words), depths: make([]uint8, firstSlots)}
	t.resize(firstSlots)
	book(t.form.bytes(t))
	return t
}

func (t *Table) resize(size uint64) { t.size, t.limit = size, size*maxLoad/100 }

// Len is how many states are in the table.
func (t *Table) Len() uint64 { return t.n }

// Packed reports whether the table has taken its packed form.
func (t *Table) Packed() bool {
	_, ok := t.form.(*packed)
	return ok
}

// Add adds the states of a batch ([Store]).
func (t *Table) Add(batch []uint64, fresh func(i int) bool) bool {
	return t.form.add(t, batch, 0, fresh)
}

// Has reports whether s is in the table.
func (t *Table) Has(s []uint64) bool { return t.form.has(t, s) }

// Omitted is zero: the table takes no state for another.
func (t *Table) Omitted() float64 { return 0 }

// All is the states, in the order in which they lie.
func (t *Table) All(yield func(s []uint64) bool) {
	t.form.each(t, -1, func(s []uint64, _ uint8) bool { return yield(s) })
}

// AllWithDepth is the states with their distances, modulo 256, in the order in which they lie.
func (t *Table) AllWithDepth(yield func(s []uint64, depth uint8) bool) { t.form.each(t, -1, yield) }

// AtDepth visits the states at one distance, modulo 256.
func (t *Table) AtDepth(depth uint8, visit func(s []uint64)) {
	t.form.each(t, int(depth), func(s []uint64, _ uint8) bool { visit(s); return true })
}

// BytesFor is the memory of a table that is made for n states.
func (t *Table) BytesFor(n uint64) int64 {
	size := max(n*100/maxLoad+1, firstSlots)
	if bytes, ok := t.packs(size); ok {
		return bytes
	}
	return plainBytes(t.words, size)
}

// RoomFor makes an empty table large enough for n states, if there is memory.
func (t *Table) RoomFor(n uint64) {
	if size := n*100/maxLoad + 1; size > t.size {
		t.form.grow(t, size)
	}
}

// packs reports whether a table of so many slots is packed, which takes no more than twice the slots, and its
// bytes then.
func (t *Table) packs(size uint64) (bytes int64, ok bool) {
	if t.words > 1 || t.bits < packedBits || size < packedFrom {
		return 0, false
	}
	steps, exp := packedSize(t.bits, size)
	return packedBytes(uint64(steps) << exp), uint64(steps)<<exp <= 2*size
}

// Release gives the table's memory back; it must not be used afterwards.
func (t *Table) Release() {
	if t.form != nil {
		t.form.release()
	}
	*t = Table{}
}

// dropRecent is the states of one word that were not met lately, with their hashes, which are those of the batch at
// first, and where in the batch they are. Without places they are all of it.
func (t *Table) dropRecent(batch, hashes []uint64) (kept, keptHashes []uint64, places []uint32) {
	if t.recent == nil {
		return batch, hashes, nil
	}
	if len(t.kept) < len(batch) {
		t.kept, t.places = make([]uint64, 2*len(batch)), make([]uint32, 2*len(batch))
	}
	kept, places = t.kept[:len(batch)], t.places[:len(batch)]
	hashes = hashes[:len(batch)]
	n := 0
	for i, s := range batch {
		h := hashes[i]
		r := &t.recent[h%recentSize]
		fresh := 0
		if *r != s {
			fresh = 1
		}
		*r = s
		hashes[n], kept[n], places[n] = h, s, uint32(i)
		n += fresh
	}
	return kept[:n], hashes[:n], places[:n]
}

// placeIn is the place in the batch of the i-th state that dropRecent kept.
func placeIn(places []uint32, i int) int {
	if places == nil {
		return i
	}
	return int(places[i])
}

// slotOf is the slot of so many where a state with this hash belongs.
func slotOf(h, slots uint64) uint64 {
	q, _ := bits.Mul64(h, slots)
	return q
}
