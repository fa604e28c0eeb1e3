package states

import (
	"math"
	"math/rand/v2"
	"testing"

	"ctcheck/verdict"
)

// Random states are put into a small array: as many are taken for others as the estimate says, within
// what chance allows, and others with another seed.
func TestBitstateEstimate(t *testing.T) {
	const states, bytes, rounds = 20_000, 16 << 10, 20
	omitted, missed := 0.0, 0.0
	counts := map[uint64]bool{}
	for seed := uint64(1); seed <= rounds; seed++ {
		for range 2 {
			stored := uint64(0)
			r := rand.New(rand.NewPCG(1, 2)) // the same states for every seed
			b := NewBitstate(2, seed, bytes)
			for range states {
				s := []uint64{r.Uint64(), r.Uint64()}
				b.Add(s, func(int) bool { stored++; return true })
				if !b.Has(s) {
					t.Fatal("a state that was added is not known")
				}
			}
			counts[stored] = true
			omitted += b.Omitted()
			missed += states - float64(stored)
			b.Release()
		}
	}
	if math.Abs(missed-omitted) > missed/20 || len(counts) < 2 || len(counts) > rounds {
		t.Errorf("%g missed, %g expected; %d different counts", missed, omitted, len(counts))
	}
	if e := verdict.EstimateOf(2); math.Abs(e.Probability-(1-math.Exp(-2))) > 1e-12 {
		t.Errorf("probability %g", e.Probability)
	}
}

// A store that was emptied is as a new one, also for states of another length, whether it was full or nearly empty.
func TestBitstateReset(t *testing.T) {
	const bytes = 3<<20 + 8
	old := NewBitstate(1, 7, bytes)
	defer old.Release()
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{10, 2_000_000, 0, 1} {
		for range n {
			old.Add([]uint64{r.Uint64()}, func(int) bool { return true })
		}
		old.Reset(2)
		for i, w := range old.array {
			if w != 0 {
				t.Fatalf("after %d states word %d is %x", n, i, w)
			}
		}
		fresh := NewBitstate(2, 7, bytes)
		var news [2]int
		for range 100_000 {
			s := []uint64{r.Uint64N(400), r.Uint64N(400)}
			for i, b := range []*Bitset{old, fresh} {
				b.Add(s, func(int) bool { news[i]++; return true })
			}
		}
		if news[0] != news[1] || old.Omitted() != fresh.Omitted() || old.ones != fresh.ones {
			t.Errorf("after %d states: %d new, %g omitted; in a new one %d, %g", n, news[0], old.Omitted(), news[1],
				fresh.Omitted())
		}
		fresh.Release()
		old.Reset(1)
	}
}

// Fingerprints tell states apart that the exact store does, in a table that grows.
func TestCompaction(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	c := NewHashCompaction(3, 1, func(int64) bool { return true })
	defer c.Release()
	exact := NewSet(3)
	for range 2000 {
		var batch []uint64
		for range 16 {
			batch = append(batch, r.Uint64N(30), r.Uint64N(30), r.Uint64N(30))
		}
		var news []int
		c.Add(batch, func(i int) bool { news = append(news, i); return true })
		for i := range 16 {
			_, isNew := exact.Add(batch[3*i : 3*i+3])
			if isNew != (len(news) > 0 && news[0] == i) {
				t.Fatalf("state %v is new: %t", batch[3*i:3*i+3], isNew)
			}
			if isNew {
				news = news[1:]
			}
		}
	}
	n := float64(exact.Len())
	if want := n * (n - 1) / math.Pow(2, 129); math.Abs(c.Omitted()-want) > want/1e6 {
		t.Errorf("%g omitted of %g, want %g", c.Omitted(), n, want)
	}
}

// An array is never longer than the addresses that the system gives, whatever is asked for.
func TestBitstateOfAnySize(t *testing.T) {
	for _, bytes := range []uint64{0, 1, 8, 1 << 20, 1 << 62, 1<<64 - 1} {
		b := NewBitstate(1, 0, bytes)
		if n := b.Bytes(); n < 8 || n > max(bytes, 8) || n < min(bytes/8*8, mostUnreserved) {
			t.Errorf("%d bytes for %d", n, bytes)
		}
		b.Add([]uint64{7}, func(int) bool { return true })
		if !b.Has([]uint64{7}) {
			t.Errorf("%d bytes: a state that was added is not known", bytes)
		}
		b.Release()
	}
}
