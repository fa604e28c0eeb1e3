package explore

import "math/bits"

// A table is an exact set of packed states for searches that need no numbering: the states themselves
// lie in open addressing, in many small shards. A shard that fills up grows by a quarter on its own,
// so the set never needs much more memory than its states, and a shard that is moved fits the cache.
//
// The hash of a state chooses the shard by its high bits and the place by the bits below. States are
// never all zeros (see package model), so a zero word can mean an empty slot.
//
// A probe into a large table costs a cache miss, which is more than a step. So states are added in
// batches: addAll first reads the first slot of every state, misses that the processor overlaps, and
// then looks for places.
type table struct {
	words  int
	shards []shard
	shift  uint
	n      uint64
	hashes []uint64 // of the batch
	sink   uint64   // keeps the early reads alive
	depth  uint8    // of the states that are added now
	memory func(delta int64) bool
}

// A shard is a part of the table; slots is words words a slot. Beside each slot stands the distance of
// its state from the initial one, modulo 256, which is what traces are found by (shortest.go).
type shard struct {
	slots []uint64
	depth []uint8
	size  uint64 // number of slots
	n     uint64
	limit uint64
}

const (
	shardBits  = 8
	shardStart = 4 // slots
)

// newTable makes an empty table. Before it grows it asks memory for the bytes; told no, it is full.
func newTable(words int, memory func(delta int64) bool) *table {
	t := &table{words: words, shards: make([]shard, 1<<shardBits), shift: 64 - shardBits, memory: memory}
	for i := range t.shards {
		t.shards[i] = newShard(words, shardStart)
	}
	memory(int64(len(t.shards)) * t.slotBytes(shardStart))
	return t
}

func newShard(words int, size uint64) shard {
	return shard{slots: make([]uint64, int(size)*words), depth: make([]uint8, size), size: size,
		limit: size * 4 / 5}
}

// slotBytes is the memory of so many slots.
func (t *table) slotBytes(slots uint64) int64 { return int64(slots) * int64(8*t.words+1) }

// mix is the finalizer of MurmurHash3 on each word, chained.
func mix(s []uint64) uint64 {
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

// place is the first slot to try for a hash in a shard.
func (sh *shard) place(h uint64) uint64 {
	hi, _ := bits.Mul64(h<<shardBits, sh.size)
	return hi
}

// addAll adds the states, one after the other in batch, and calls fresh with each that is new. It
// reports whether there was room for all; where there was not, the rest of the batch is not added.
func (t *table) addAll(batch []uint64, fresh func(s []uint64) bool) bool {
	if t.words == 1 {
		return t.addAll1(batch, fresh)
	}
	t.hashes = t.hashes[:0]
	for i := 0; i < len(batch); i += t.words {
		h := mix(batch[i : i+t.words])
		t.hashes = append(t.hashes, h)
		sh := &t.shards[h>>t.shift]
		t.sink += sh.slots[int(sh.place(h))*t.words]
	}
	for i, h := range t.hashes {
		s := batch[i*t.words : (i+1)*t.words]
		sh := &t.shards[h>>t.shift]
		p, found := sh.find(s, h)
		if found {
			continue
		}
		if sh.n >= sh.limit {
			if !t.grow(sh) {
				return false
			}
			p, _ = sh.find(s, h)
		}
		if !fresh(s) {
			return false
		}
		copy(sh.slots[int(p)*t.words:], s)
		sh.depth[p] = t.depth
		sh.n++
		t.n++
	}
	return true
}

// addAll1 is addAll for states of one word.
func (t *table) addAll1(batch []uint64, fresh func(s []uint64) bool) bool {
	t.hashes = t.hashes[:0]
	sink := uint64(0)
	for _, s := range batch {
		h := mix1(s)
		t.hashes = append(t.hashes, h)
		sh := &t.shards[h>>(t.shift&63)]
		sink += sh.slots[sh.place(h)]
	}
	t.sink += sink
	for i, h := range t.hashes {
		s := batch[i]
		sh := &t.shards[h>>(t.shift&63)]
		p := sh.place(h)
		for sh.slots[p] != 0 && sh.slots[p] != s {
			if p++; p == sh.size {
				p = 0
			}
		}
		if sh.slots[p] == s {
			continue
		}
		if sh.n >= sh.limit {
			if !t.grow(sh) {
				return false
			}
			p, _ = sh.find(batch[i:i+1], h)
		}
		if !fresh(batch[i : i+1]) {
			return false
		}
		sh.slots[p] = s
		sh.depth[p] = t.depth
		sh.n++
		t.n++
	}
	return true
}

// all is the states, in the order in which they lie.
func (t *table) all(yield func(s []uint64) bool) {
	for i := range t.shards {
		slots := t.shards[i].slots
		for p := 0; p < len(slots); p += t.words {
			if s := slots[p : p+t.words]; !empty(s) && !yield(s) {
				return
			}
		}
	}
}

// at is the states at one distance, modulo 256.
func (t *table) at(depth uint8, visit func(s []uint64)) {
	for i := range t.shards {
		sh := &t.shards[i]
		for p, d := range sh.depth {
			if s := sh.slots[p*t.words : (p+1)*t.words]; d == depth && !empty(s) {
				visit(s)
			}
		}
	}
}

// has reports whether s is in the table.
func (t *table) has(s []uint64) bool {
	h := mix(s)
	_, found := t.shards[h>>t.shift].find(s, h)
	return found
}

// find looks for s: its slot, or the empty one where it belongs.
func (sh *shard) find(s []uint64, h uint64) (slot uint64, found bool) {
	w := len(s)
	for p := sh.place(h); ; {
		at := sh.slots[int(p)*w : int(p+1)*w]
		if empty(at) {
			return p, false
		}
		if equal(at, s) {
			return p, true
		}
		if p++; p == sh.size {
			p = 0
		}
	}
}

// empty reports whether the slot holds no state.
func empty(slot []uint64) bool {
	for _, w := range slot {
		if w != 0 {
			return false
		}
	}
	return true
}

// grow gives the shard a quarter more slots.
func (t *table) grow(sh *shard) bool {
	size := sh.size + sh.size/4
	if !t.memory(t.slotBytes(size)) {
		return false
	}
	bigger := newShard(t.words, size)
	for p := range int(sh.size) {
		s := sh.slots[p*t.words : (p+1)*t.words]
		if !empty(s) {
			q, _ := bigger.find(s, mix(s))
			copy(bigger.slots[int(q)*t.words:], s)
			bigger.depth[q] = sh.depth[p]
			bigger.n++
		}
	}
	t.memory(-t.slotBytes(sh.size))
	*sh = bigger
	return true
}
