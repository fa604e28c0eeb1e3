package explore

import (
	"fmt"
	"math"
	"slices"
)

// A Store is a way to remember the states visited. The lossy ones remember less of a state than tells
// it from all others, so that more states fit into memory. They may take a state for one that they
// have seen, and then miss it and what lies behind it; so a search with one never says HOLDS. What is
// violated is violated all the same: its trace is replayed.
type Store uint8

// The stores.
const (
	Exact    Store = iota
	Bitstate       // a few bits a state in one array (bitstate.go)
	Hash128        // a fingerprint of 128 bits a state (compaction.go)
)

var storeNames = [...]string{"exact", "bitstate", "hash128"}

func (s Store) String() string { return storeNames[s] }

// StoreNames is the names of all stores.
func StoreNames() []string { return slices.Clone(storeNames[:]) }

// ParseStore is the store with this name.
func ParseStore(name string) (Store, error) {
	if i := slices.Index(storeNames[:], name); i >= 0 {
		return Store(i), nil
	}
	return 0, fmt.Errorf("there is no store %q", name)
}

// An Estimate says what a lossy store may have missed. It rests on hash functions that spread the
// states as chance would.
type Estimate struct {
	// Omitted is the expected number of states that the search came to and took for others. What can be
	// reached by way of these only is not counted.
	Omitted float64
	// Probability is that of at least one such state: 1-exp(-Omitted), as such states are rare and
	// independent.
	Probability float64
}

func estimateOf(omitted float64) *Estimate {
	return &Estimate{Omitted: omitted, Probability: -math.Expm1(-omitted)}
}

// A sieve is a lossy store.
type sieve interface {
	// add adds the states of a batch and calls fresh with the place in the batch of each that was not
	// known. It reports whether there was room, and fresh did not say no.
	add(batch []uint64, fresh func(i int) bool) bool
	// has reports whether the sieve takes a state for one that was added.
	has(s []uint64) bool
	// omitted is the expected number of states that were taken for others.
	omitted() float64
	// release gives the memory back.
	release()
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
