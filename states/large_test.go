package states

import (
	"math/rand/v2"
	"testing"
)

// Tables of states of several words keep them when they grow, also those that lie at the end of the slots.
func TestTablesOfSeveralWords(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		tab := NewTable(2, 0, func(int64) bool { return true })
		want := map[[2]uint64]uint8{}
		for round := range 8 {
			tab.Depth = uint8(round)
			var batch []uint64
			isNew := map[int]bool{}
			for i := range 60 {
				s := [2]uint64{r.Uint64N(300), 1 + r.Uint64N(2)}
				batch = append(batch, s[0], s[1])
				if _, known := want[s]; !known {
					want[s], isNew[i] = tab.Depth, true
				}
			}
			tab.Add(batch, func(i int) bool {
				if !isNew[i] {
					t.Fatalf("seed %d, round %d: state %d is not new", seed, round, i)
				}
				delete(isNew, i)
				return true
			})
			if len(isNew) != 0 || tab.Len() != uint64(len(want)) {
				t.Fatalf("seed %d, round %d: %d states, want %d", seed, round, tab.Len(), len(want))
			}
		}
		n := 0
		for s, depth := range tab.AllWithDepth {
			if d, known := want[[2]uint64(s)]; !known || d != depth || !tab.Has(s) {
				t.Fatalf("seed %d: %v at %d is there", seed, s, depth)
			}
			n++
		}
		if n != len(want) {
			t.Fatalf("seed %d: %d states, want %d", seed, n, len(want))
		}
		tab.Release()
	}
}

// A large table lies in reserved memory and knows what it met lately; it holds what a small one would, and is told
// of each state once, however soon it comes again.
func TestLargeTables(t *testing.T) {
	for _, k := range []int{30, 63} {
		r := rand.New(rand.NewPCG(uint64(k), 2))
		held, most := int64(0), int64(0)
		tab := NewTable(1, k, func(d int64) bool { held += d; most = max(most, held); return true })
		want := map[uint64]bool{}
		var lately []uint64
		for tab.Len() < 250_000 {
			var batch []uint64
			told := map[uint64]int{}
			for range 1 + r.IntN(3000) {
				s := r.Uint64()&(1<<k-1) | 1<<k
				if n := len(lately); n > 0 && r.IntN(3) == 0 {
					s = lately[r.IntN(n)]
				}
				batch = append(batch, s)
			}
			lately = batch
			if !tab.Add(batch, func(i int) bool { told[batch[i]]++; return true }) {
				t.Fatalf("%d bits: full", k)
			}
			for _, s := range batch {
				if n := told[s]; want[s] && n != 0 || !want[s] && n != 1 {
					t.Fatalf("%d bits, %d states: told of %#x %d times", k, tab.Len(), s, n)
				}
			}
			for s := range told {
				want[s] = true
			}
			if tab.Len() != uint64(len(want)) {
				t.Fatalf("%d bits: %d states, want %d", k, tab.Len(), len(want))
			}
		}
		if tab.recent == nil {
			t.Errorf("%d bits: a table of %d bytes does not know what it met lately", k, held)
		}
		for s := range want {
			if !tab.Has([]uint64{s}) {
				t.Fatalf("%d bits: %#x is lost", k, s)
			}
		}
		if booked := tab.form.bytes(tab); held != booked || most > 3*booked {
			t.Errorf("%d bits: %d bytes booked, at most %d, want %d", k, held, most, booked)
		}
		tab.Release()
	}
}

// What a store gives back can be had again: of all addresses some five hundred would be the last.
func TestReservedMemoryIsGivenBack(t *testing.T) {
	words, free := reserve()
	if words == nil {
		t.Skip("this system gives no long range of addresses")
	}
	free()
	for range 700 {
		b := NewBitstate(1, 1, 1<<12)
		b.Add([]uint64{1}, func(int) bool { return true })
		b.Release()
	}
	tables := 0
	for range 300 {
		p := newPacked(30)
		if !p.room(reserveFrom) || p.free == nil {
			t.Fatal("a large table is not in reserved memory")
		}
		p.over = NewTable(1, 0, func(int64) bool { return true })
		p.release()
		tables++
		q := &plain{words: 1, slots: make([]uint64, 64), depths: make([]uint8, 64)}
		if !q.room(&Table{}, reserveFrom) || q.free == nil {
			t.Fatal("a large table is not in reserved memory")
		}
		q.release()
	}
	if words, free = reserve(); words == nil {
		t.Fatalf("there are no addresses left after %d tables", tables)
	}
	free()
}
