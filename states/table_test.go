package states

import (
	"math/big"
	"math/bits"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

func TestMain(m *testing.M) {
	packedFrom = 64 // so that the small searches of the tests use packed tables too
	os.Exit(m.Run())
}

func TestPackedHashCanBeUndone(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for k := uint(packedBits); k <= 63; k++ {
		p := newPacked(k)
		for range 200 {
			s := r.Uint64()&p.mask | 1<<k
			if h := p.hash(s); h > p.mask || p.state(h) != s {
				t.Fatalf("%d bits: state %#x has hash %#x, which is that of %#x", k, s, h, p.state(h))
			}
		}
	}
}

func TestCeilDiv(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		n := 4 + r.UintN(4)
		hi := r.Uint64N(uint64(n))
		lo := r.Uint64() >> r.UintN(64)
		if r.IntN(4) == 0 {
			lo = ^lo
		}
		if n == 4 {
			lo &^= 3 // as place has it
		}
		x := new(big.Int).SetUint64(hi)
		x.Lsh(x, 64).Add(x, new(big.Int).SetUint64(lo)).Add(x, big.NewInt(int64(n)-1))
		x.Div(x, big.NewInt(int64(n)))
		if x.IsUint64() && x.Uint64() != ceilDiv(hi, lo, n) {
			t.Fatalf("%d:%d by %d is %d, got %d", hi, lo, n, x, ceilDiv(hi, lo, n))
		}
	}
}

// The place of a hash and its key give the hash back, for every displacement.
func TestPackedPlaces(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for k := uint(packedBits); k <= 63; k++ {
		p := newPacked(k)
		for range 500 {
			steps, exp := packedSize(k, 1+r.Uint64N(1<<min(k-1, 30)))
			p.shape(steps, exp)
			if p.rest+8 > keyBits || p.shift < 2 {
				t.Fatalf("%d bits, %d<<%d slots: rest %d, shift %d", k, steps, exp, p.rest, p.shift)
			}
			h := r.Uint64() & p.mask
			q, key := p.place(h)
			away := r.Uint64N(farthest)
			if q >= uint64(steps)<<exp || key>>p.rest != 1 {
				t.Fatalf("%d bits: hash %#x in %d<<%d slots: slot %d, key %#x", k, h, steps, exp, q, key)
			}
			if back := p.unplace(q+away, key+away*p.one); back != h {
				t.Fatalf("%d bits: hash %#x in %d<<%d slots comes back as %#x", k, h, steps, exp, back)
			}
		}
	}
}

// A table holds what a map holds, however it has grown. It is long because each form of the table has its cases.
func TestTableAgainstMap(t *testing.T) {
	widths := []int{8, packedBits, 17, 24, 41, 48, 50, 63}
	if testing.Short() {
		widths = []int{8, 24, 63}
	}
	for _, k := range widths {
		r := rand.New(rand.NewPCG(uint64(k), 7))
		held := int64(0)
		tab := NewTable(1, k, func(d int64) bool { held += d; return true })
		want := map[uint64]uint8{}
		p := newPacked(uint(k))
		for round := range 200 {
			tab.Depth = uint8(round)
			var batch []uint64
			fresh := map[uint64]bool{}
			from := r.Uint64()
			for i := range uint64(r.IntN(600)) {
				s := r.Uint64()
				switch round % 4 {
				case 1: // some of those there are
					s = r.Uint64N(4096)
				case 2: // states that belong to the same slots
					s = p.state((from + i) & p.mask)
				}
				s = s&(1<<k-1) | 1<<k
				batch = append(batch, s)
				if _, known := want[s]; !known {
					want[s], fresh[s] = tab.Depth, true
				}
			}
			asked := slices.Clone(batch)
			ok := tab.Add(batch, func(i int) bool {
				if !fresh[asked[i]] {
					t.Fatalf("%d bits, round %d: %#x is not new", k, round, asked[i])
				}
				delete(fresh, asked[i])
				return true
			})
			if !slices.Equal(batch, asked) {
				t.Fatalf("%d bits, round %d: the batch is not as it was", k, round)
			}
			if !ok || len(fresh) > 0 || tab.n != uint64(len(want)) {
				t.Fatalf("%d bits, round %d: %v, %d new ones lost, %d states, want %d", k, round, ok, len(fresh),
					tab.n, len(want))
			}
		}
		if wide := k < packedBits || k > 56; tab.Packed() == wide {
			t.Errorf("%d bits: packed %v", k, tab.Packed())
		}
		n := 0
		for s := range tab.All {
			if _, known := want[s[0]]; !known || !tab.Has(s) {
				t.Fatalf("%d bits: %#x is there", k, s[0])
			}
			n++
		}
		at := map[uint8]int{}
		for d := range 256 {
			tab.AtDepth(uint8(d), func(s []uint64) {
				if want[s[0]] != uint8(d) {
					t.Fatalf("%d bits: %#x is at %d, want %d", k, s[0], d, want[s[0]])
				}
				at[uint8(d)]++
			})
		}
		sum := 0
		for _, c := range at {
			sum += c
		}
		if n != len(want) || sum != len(want) {
			t.Errorf("%d bits: %d states, %d by distance, want %d", k, n, sum, len(want))
		}
		tab.Release()
	}
}

// States that all belong to one slot are found again, before and after the table grows.
func TestStatesFarFromTheirSlot(t *testing.T) {
	held := int64(0)
	tab := NewTable(1, 40, func(d int64) bool { held += d; return true })
	p := newPacked(40)
	var states []uint64
	add := func(s uint64) (isNew bool) {
		tab.Add([]uint64{s}, func(int) bool {
			isNew = true
			return true
		})
		return isNew
	}
	far := 0
	for i := uint64(1); i < 20_000; i++ {
		// 2,000 of one slot in between others
		s := p.state(i)
		if i%10 != 0 {
			s = p.state(bits.Reverse64(i) >> 24)
		}
		if !add(s) && !slices.Contains(states, s) {
			t.Fatalf("state %d: %#x is not new", i, s)
		}
		states = append(states, s)
		if p, ok := tab.form.(*packed); ok && p.over != nil {
			far = max(far, int(p.over.n))
		}
		for _, s := range states[max(len(states)-3000, 0):] {
			if i%997 == 0 && (add(s) || !tab.Has([]uint64{s})) {
				t.Fatalf("after %d: %#x is lost", i, s)
			}
		}
	}
	if far < 500 {
		t.Errorf("only %d states were too far from their slot", far)
	}
	over := int64(0)
	if o := tab.form.(*packed).over; o != nil {
		over = o.form.bytes(o)
	}
	if held != packedBytes(tab.size)+over {
		t.Errorf("%d bytes booked, want %d", held, packedBytes(tab.size)+over)
	}
}

// A table that is told that there is no memory says so, and keeps what it has.
func TestTableWithoutMemory(t *testing.T) {
	for _, k := range []int{40, 63} {
		for limit := int64(2_000); limit < 60_000; limit += 1_000 {
			held := int64(0)
			tab := NewTable(1, k, func(d int64) bool {
				if d > 0 && held+d > limit {
					return false
				}
				held += d
				return true
			})
			r := rand.New(rand.NewPCG(uint64(limit), 9))
			var added []uint64
			full := false
			for range 100_000 {
				s := r.Uint64()&(1<<k-1) | 1<<k
				if full = !tab.Add([]uint64{s}, func(int) bool { return true }); full {
					break
				}
				added = append(added, s)
			}
			if !full || held > limit {
				t.Fatalf("%d bits, limit %d: full %v, %d bytes booked", k, limit, full, held)
			}
			for _, s := range added {
				if !tab.Has([]uint64{s}) {
					t.Fatalf("%d bits, limit %d: %#x is lost", k, limit, s)
				}
			}
		}
	}
}
