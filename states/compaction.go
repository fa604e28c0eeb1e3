package states

import "math"

// The hash128 store: hash compaction (Wolper and Leroy, Reliable hashing without collision detection,
// CAV 1993; Stern and Dill, Improved probabilistic verification by hash compaction, CHARME 1995). Of
// each state it keeps a fingerprint of 128 bits, in the table that the exact store keeps states in. So
// it pays where a state has more than two words, and grows as the exact store does.
//
// The estimate: two states have the same fingerprint with probability 2^-128, so among the n(n-1)/2
// pairs of n states as many states are expected to be taken for others as these times that.

type HashCompaction struct {
	words  int // of a state
	table  *Table
	a, b   uint64
	prints []uint64 // of the batch
	none   [1]uint8
}

func NewHashCompaction(words int, seed uint64, memory func(delta int64) bool) *HashCompaction {
	t := &HashCompaction{words: words, table: NewTable(2, 0, memory)}
	t.a, t.b = seeds(seed)
	return t
}

// print appends a state's fingerprint, which is never zero: that is an empty slot.
func (t *HashCompaction) print(prints, s []uint64) []uint64 {
	a, b := seeded(t.a, s), seeded(t.b, s)
	if a == 0 && b == 0 {
		b = 1
	}
	return append(prints, a, b)
}

func (t *HashCompaction) Add(states []uint64, fresh func(i int) bool) bool {
	t.prints = t.prints[:0]
	for i := 0; i < len(states); i += t.words {
		t.prints = t.print(t.prints, states[i:i+t.words])
	}
	for i := 0; i < len(t.prints); i += 2 {
		t.table.sink += t.table.slots[2*t.table.place(Hash(t.prints[i:i+2]))]
	}
	for i := 0; i < len(t.prints); i += 2 {
		print := t.prints[i : i+2]
		if !t.table.Add(Batch{print, t.none[:]}, func([]uint64, uint8) bool { return fresh(i / 2) }) {
			return false
		}
	}
	return true
}

func (t *HashCompaction) Has(s []uint64) bool { return t.table.Has(t.print(nil, s)) }

func (t *HashCompaction) Omitted() float64 {
	n := float64(t.table.n)
	return math.Ldexp(n*(n-1)/2, -128)
}

func (t *HashCompaction) Release() { t.table.Release() }
