package states

// A Store is a set of states that a search adds to in batches, whatever it is. A search that needs more of an exact
// one, distances or numbers, holds that itself. [Table] is exact; [Bitset] and
// [HashCompaction] are lossy: they may take a state for one that they have seen.
type Store interface {
	// Add adds the states that stand one after the other in a batch, and calls fresh with the place in the
	// batch of each that was not known, before it is added. It reports whether there was room for all, and
	// fresh never said no; otherwise the rest of the batch is not added. It leaves the batch as it is.
	Add(batch []uint64, fresh func(i int) bool) bool
	// Has reports whether s was added, or is taken for a state that was.
	Has(s []uint64) bool
	// Omitted is the expected number of states that were taken for others: none, if the store is exact.
	Omitted() float64
	// Release gives the memory back. The store must not be used afterwards.
	Release()
}

var _, _, _ Store = (*Table)(nil), (*Bitset)(nil), (*HashCompaction)(nil)
