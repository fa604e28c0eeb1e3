package states

// This file has the hash functions of [Table] and of the lossy stores. Each mixes every word into all bits of the
// hash, so a place may be taken from its high bits and something else from its low ones.

// Hash is the finalizer of MurmurHash3 on each word, chained.
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

// seeded hashes a state with a function that the seed chooses among many: as Hash, from another start.
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
