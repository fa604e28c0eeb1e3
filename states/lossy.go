package states

// A sieve is a lossy store.
type Lossy interface {
	// add adds the states of a batch and calls fresh with the place in the batch of each that was not
	// known. It reports whether there was room, and fresh did not say no.
	Add(batch []uint64, fresh func(i int) bool) bool
	// has reports whether the sieve takes a state for one that was added.
	Has(s []uint64) bool
	// omitted is the expected number of states that were taken for others.
	Omitted() float64
	// release gives the memory back.
	Release()
}

// seeded hashes a state with a function that the seed chooses among many: the finalizer of
// MurmurHash3 on each word, chained, from another start.
func seeded(seed uint64, s []uint64) uint64 {
	h := seed
	for _, w := range s {
		h = mix1(h ^ w)
	}
	return mix1(h + seed)
}

// seeds are two starts for hash functions, by SplitMix64 (Steele, Lea and Flood, Fast splittable
// pseudorandom number generators, OOPSLA 2014).
func seeds(seed uint64) (a, b uint64) {
	next := func() uint64 {
		seed += 0x9e3779b97f4a7c15
		z := seed
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return z ^ z>>31
	}
	a = next()
	return a, next()
}
