package states

import "math"

// HashCompaction is the hash128 store (Wolper and Leroy, Reliable hashing without collision detection,
// CAV 1993; Stern and Dill, Improved probabilistic verification by hash compaction, CHARME 1995). Of
// each state it keeps a fingerprint of 128 bits, in the table that the exact store keeps states in. So
// it pays where a state has more than two words, and grows as the exact store does: memory bounds it.
//
// The estimate: two states have the same fingerprint with probability 2^-128, so among the n(n-1)/2
// pairs of n states as many states are expected to be taken for others as these times that.
type HashCompaction struct {
	words  int // of a state
	table  *Table
	a, b   uint64   // the seeds
	prints []uint64 // of the batch
}

// NewHashCompaction makes an empty store for states of so many words, which has its bytes booked as a table does.
func NewHashCompaction(words int, seed uint64, book func(delta int64) bool) *HashCompaction {
	t := &HashCompaction{words: words, table: NewTable(2, 0, book)}
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

// Add adds the states of a batch ([Store]).
func (t *HashCompaction) Add(batch []uint64, fresh func(i int) bool) bool {
	t.prints = t.prints[:0]
	for i := 0; i < len(batch); i += t.words {
		t.prints = t.print(t.prints, batch[i:i+t.words])
	}
	return t.table.Add(t.prints, fresh)
}

// Has reports whether the store has the fingerprint of s.
func (t *HashCompaction) Has(s []uint64) bool { return t.table.Has(t.print(nil, s)) }

// Omitted is the expected number of states that were taken for others.
func (t *HashCompaction) Omitted() float64 {
	n := float64(t.table.n)
	return math.Ldexp(n*(n-1)/2, -128)
}

// Release gives the memory back.
func (t *HashCompaction) Release() { t.table.Release() }
