package states

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"
)

// Every bit of what is hashed changes every bit of the hash about half of the time: a place is taken from some of
// them, and how likely two states share one is reckoned as if by chance.
func TestHashesSpread(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const rounds = 400
	for name, hash := range map[string]func(x uint64) uint64{
		"mix1":   mix1,
		"Hash":   func(x uint64) uint64 { return Hash([]uint64{x, 7}) },
		"seeded": func(x uint64) uint64 { return seeded(12345, []uint64{x, 7}) },
		"seed a": func(x uint64) uint64 { a, _ := seeds(x); return a },
		"seed b": func(x uint64) uint64 { _, b := seeds(x); return b },
		"seed":   func(x uint64) uint64 { return seeded(x, []uint64{7, 8}) },
	} {
		for in := range 64 {
			var flips [64]int
			for range rounds {
				x := r.Uint64()
				for d := hash(x) ^ hash(x^1<<in); d != 0; d &= d - 1 {
					flips[bits.TrailingZeros64(d)]++
				}
			}
			for out, n := range flips {
				if n < rounds/4 || n > rounds*3/4 {
					t.Fatalf("%s: bit %d flips bit %d in %d of %d hashes", name, in, out, n, rounds)
				}
			}
		}
	}
	if a, b := seeds(0); a == 0 || b == 0 || a == b {
		t.Errorf("seed 0 gives the starts %#x and %#x", a, b)
	}
}

// What one seed loses another one keeps: the places of a state, and its fingerprint, are others.
func TestSeedsGiveOtherPlaces(t *testing.T) {
	a, b := NewBitstate(1, 1, 1<<16), NewBitstate(1, 2, 1<<16)
	defer a.Release()
	defer b.Release()
	yes := func(int64) bool { return true }
	c, d := NewHashCompaction(1, 1, yes), NewHashCompaction(1, 2, yes)
	same, alone := 0, 0
	for s := range uint64(2000) {
		pa, pb := a.locate(nil, []uint64{s}), b.locate(nil, []uint64{s})
		if len(pa) != bitsAState {
			t.Fatalf("%d places, want %d", len(pa), bitsAState)
		}
		for i := range pa {
			if pa[i] == pb[i] {
				same++
			}
		}
		if pa[0] == pa[1] || pa[1] == pa[2] || pa[0] == pa[2] {
			alone++
		}
		if p, q := c.print(nil, []uint64{s}), d.print(nil,
			[]uint64{s}); p[0] == q[0] || p[1] == q[1] || p[0] == p[1] {
			t.Fatalf("state %d has the fingerprints %x and %x", s, p, q)
		}
	}
	if same > 10 || alone > 20 {
		t.Errorf("%d places are the same under both seeds; %d states have less than three places", same,
			alone)
	}
}

// A fingerprint that would be zero, an empty slot, is another one, and no other is.
func TestFingerprintsAreNotZero(t *testing.T) {
	c := NewHashCompaction(1, 1, func(int64) bool { return true })
	for s := range uint64(100) {
		if p := c.print(nil, []uint64{s}); p[0] != seeded(c.a, []uint64{s}) || p[1] != seeded(c.b, []uint64{s}) {
			t.Fatalf("state %d has the fingerprint %x", s, p)
		}
	}
	// Seeds and a state whose hashes are both zero: mix1 takes zero to zero.
	c.a, c.b = 0, 0
	if p := c.print(nil, []uint64{0}); p[0] != 0 || p[1] == 0 {
		t.Errorf("a fingerprint is %x", p)
	}
	c.a = 1
	if p := c.print(nil, []uint64{0}); p[1] != 0 {
		t.Errorf("half of a fingerprint may be zero, got %x", p)
	}
}

// The bits that are set are counted, and how many states the array is expected to lose follows from them.
func TestBitstateCounts(t *testing.T) {
	b := NewBitstate(1, 3, 1<<10)
	defer b.Release()
	want := 0.0
	ones := func() (n uint64) {
		for _, w := range b.array {
			n += uint64(bits.OnesCount64(w))
		}
		return n
	}
	for s := range uint64(2000) {
		q := math.Pow(float64(ones())/float64(b.size), bitsAState)
		b.Add([]uint64{s}, func(int) bool { want += q / (1 - q); return true })
		if !b.Has([]uint64{s}) || b.ones != ones() {
			t.Fatalf("after state %d: %d bits, want %d", s, b.ones, ones())
		}
	}
	if math.Abs(b.Omitted()-want) > want/1e6 || want < 1 {
		t.Errorf("%g states are expected to be omitted, want %g", b.Omitted(), want)
	}
	for k := range uint64(3) {
		b.Reset(1)
		if ones() != 0 || b.ones != 0 || b.Omitted() != 0 {
			t.Fatalf("%d bits are left after a reset", ones())
		}
		b.Add([]uint64{k}, func(int) bool { return true })
	}
}

// A large array is cleared wherever it was touched, and only there: another search's time must not depend on it.
func TestBitstateResetsWhatWasTouched(t *testing.T) {
	b := NewBitstate(1, 3, 64*64*pageWords*8*2+8*pageWords) // of three words of marks
	defer b.Release()
	last := b.size - 1
	for _, at := range []uint64{0, 63, 64 * pageWords, 64*64*pageWords - 1, 64 * 64 * pageWords, last} {
		b.array[at>>6] |= 1 << (at & 63)
		b.touched[at/(64*64*pageWords)] |= 1 << (at / (64 * pageWords) % 64)
	}
	b.Reset(1)
	for i, w := range b.array {
		if w != 0 {
			t.Fatalf("word %d of the array is left", i)
		}
	}
	s := []uint64{42}
	b.Add(s, func(int) bool { return true })
	for _, at := range b.locate(nil, s) {
		if b.touched[at/(64*64*pageWords)]>>(at/(64*pageWords)%64)&1 == 0 {
			t.Errorf("place %d was touched, and that is not noted", at)
		}
	}
}

// A frontier takes no more memory for a chunk than it booked.
func TestFrontierBooksItsChunks(t *testing.T) {
	booked := int64(0)
	f := NewFrontier(2, true, 16, func(delta int64) bool { booked += delta; return true })
	for i := range 100 {
		f.Push([]uint64{1, 2}, uint8(i))
	}
	_, next := f.Layers()
	held := int64(0)
	for _, b := range next {
		held += int64(8*cap(b.Words) + cap(b.Marks))
	}
	if held != booked {
		t.Errorf("%d bytes of chunks, %d booked", held, booked)
	}
}
