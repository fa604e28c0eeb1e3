package states

import "math/bits"

// This file is the bitstate store: Holzmann's supertrace (An improved protocol reachability analysis technique,
// Software: Practice and Experience 18(2), 1988; An analysis of bitstate hashing, Formal Methods in
// System Design 13(3), 1998). Of each state a few bits are set in one array, at places that as many
// hash functions choose; a state all of whose bits are set is taken for known. It needs no more memory
// however many states there are, and misses more of them the fuller the array gets.
//
// The places come from two hashes of 64 bits by enhanced double hashing (Dillinger and Manolios, Bloom
// filters in probabilistic verification, FMCAD 2004): a, a+b, a+2b+1, a+3b+4, and so on.
//
// The estimate: where the part f of the bits is set, a state that was never seen is taken for known
// with probability q = f^k. Each state is decided when the search first comes to it, for a bit once
// set stays so. So beside every state that was stored, q/(1-q) are expected that were not, and the sum
// of these over all states stored, each with f as it was at the time, is the expected number omitted.

// bitsAState is the number of hash functions, as SPIN has by default.
const bitsAState = 3

// DefaultBitstate is the bytes of the array where no bound on memory says more.
const DefaultBitstate = 1 << 28

// A Bitset is such a store.
type Bitset struct {
	words  int // of a state
	array  []uint64
	size   uint64 // bits
	ones   uint64 // of them, set
	a, b   uint64 // the seeds
	lost   float64
	places []uint64 // of the batch
	sink   uint64   // keeps the early reads alive
	// touched has a bit for each so many words of the array, set if some bit of theirs may be.
	touched []uint64
	free    func()
}

// pageWords is the words of the array that are cleared together: the memory of a page.
const pageWords = 1 << 9

// mostUnreserved is the bytes of an array where the system gives no long range of addresses.
const mostUnreserved = 1 << 31

// NewBitstate makes an array of so many bytes, at least a word, and at most the addresses that the system gives, or
// 2 GiB where it gives none.
func NewBitstate(words int, seed, bytes uint64) *Bitset {
	bytes = max(bytes, 8)
	t := &Bitset{words: words, free: func() {}}
	t.a, t.b = seeds(seed)
	if array, free := reserve(); array != nil {
		t.array, t.free = array[:min(bytes/8, uint64(len(array)))], free
	} else {
		t.array = make([]uint64, min(bytes, mostUnreserved)/8)
	}
	t.size = 64 * uint64(len(t.array))
	t.touched = make([]uint64, len(t.array)/(64*pageWords)+1)
	return t
}

// Reset empties the store, for states of so many words. It clears what was touched, so that a search that ended
// early costs little, and a long one no new memory.
func (t *Bitset) Reset(words int) {
	for i, set := range t.touched {
		for ; set != 0; set &= set - 1 {
			from := (64*i + bits.TrailingZeros64(set)) * pageWords
			clear(t.array[from:min(from+pageWords, len(t.array))])
		}
	}
	clear(t.touched)
	t.words, t.ones, t.lost = words, 0, 0
}

// Bytes is the memory of the array.
func (t *Bitset) Bytes() uint64 { return 8 * uint64(len(t.array)) }

// locate appends the places of a state's bits.
func (t *Bitset) locate(places, s []uint64) []uint64 {
	a, b := seeded(t.a, s), seeded(t.b, s)
	for i := uint64(1); i <= bitsAState; i++ {
		p, _ := bits.Mul64(a, t.size)
		places = append(places, p)
		a, b = a+b, b+i
	}
	return places
}

// Add adds the states of a batch ([Store]).
func (t *Bitset) Add(batch []uint64, fresh func(i int) bool) bool {
	t.places = t.places[:0]
	for i := 0; i < len(batch); i += t.words {
		t.places = t.locate(t.places, batch[i:i+t.words])
	}
	for _, p := range t.places {
		t.sink += t.array[p>>6]
	}
	for i := 0; i < len(t.places)/bitsAState; i++ {
		places := t.places[i*bitsAState : (i+1)*bitsAState]
		if t.known(places) {
			continue
		}
		if !fresh(i) {
			return false
		}
		full := float64(t.ones) / float64(t.size)
		q := full * full * full
		t.lost += q / (1 - q)
		for _, p := range places {
			w := &t.array[p>>6]
			t.ones += 1 - *w>>(p&63)&1
			*w |= 1 << (p & 63)
			t.touched[p/(64*64*pageWords)] |= 1 << (p / (64 * pageWords) % 64)
		}
	}
	return true
}

func (t *Bitset) known(places []uint64) bool {
	for _, p := range places {
		if t.array[p>>6]>>(p&63)&1 == 0 {
			return false
		}
	}
	return true
}

// Has reports whether all bits of s are set.
func (t *Bitset) Has(s []uint64) bool { return t.known(t.locate(nil, s)) }

// Omitted is the expected number of states that were taken for others.
func (t *Bitset) Omitted() float64 { return t.lost }

// Release gives the memory back.
func (t *Bitset) Release() { t.free() }
