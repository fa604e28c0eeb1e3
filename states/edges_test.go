package states

import (
	"math/rand/v2"
	"testing"
)

// This file has tests of rare cases, which chance meets seldom: the farthest slots, the first one, a batch in the
// middle of which the form changes, and memory that is refused.

// packedTable is a packed table for states of so many bits with room for some, and the states that it holds.
func packedTable(t *testing.T, bits int, states uint64) (*Table, *packed, *int64) {
	t.Helper()
	held := new(int64)
	tab := NewTable(1, bits, func(d int64) bool { *held += d; return true })
	tab.RoomFor(states)
	p, ok := tab.form.(*packed)
	if !ok {
		t.Fatal("it is not packed")
	}
	return tab, p, held
}

func always(int) bool { return true }

// Many states that belong to one slot lie in slots as far from it as can be named, and the others elsewhere.
func TestFarthestSlots(t *testing.T) {
	for _, bits := range []int{40, 52} {
		tab, p, _ := packedTable(t, bits, 20_000)
		q := tab.size / 2
		h := ceilDiv(q>>(64-p.shift&63), q<<p.shift, p.steps)
		var all []uint64
		for n := range uint64(400) {
			j := (n + 1) % 400 // the one with the least key comes last, and finds all near slots taken
			if slot, _ := p.place(h + j); slot != q {
				t.Fatalf("hash %#x belongs to slot %d, want %d", h+j, slot, q)
			}
			all = append(all, p.state(h+j))
		}
		for i, s := range all {
			if !tab.Add([]uint64{s}, always) || tab.n != uint64(i+1) {
				t.Fatalf("state %d is not added", i)
			}
		}
		for i, s := range all {
			if !tab.Has([]uint64{s}) {
				t.Errorf("%d bits: state %d is lost", bits, i)
			}
			tab.Add([]uint64{s}, func(int) bool {
				t.Errorf("%d bits: state %d is new once more", bits,
					i)
				return false
			})
		}
		if p.over == nil || p.over.n != uint64(len(all))-(farthest-1) && p.over.n != uint64(len(all))-farthest {
			t.Errorf("%d bits: %d states lie elsewhere", bits, p.over.n)
		}
		n := 0
		for range tab.AllWithDepth {
			n++
		}
		if n != len(all) {
			t.Errorf("%d bits: %d states are listed, want %d", bits, n, len(all))
		}
	}
}

// A state that makes the table grow, and belongs to the first slot then, lies there.
func TestFirstSlotAfterGrowth(t *testing.T) {
	tab, p, _ := packedTable(t, 24, 200)
	r := rand.New(rand.NewPCG(1, 1))
	steps, exp := packedSize(24, tab.size+1)
	next := newPacked(24)
	next.shape(steps, exp)
	for tab.n < tab.limit {
		if h := r.Uint64() & p.mask; h > p.mask/4 { // so that the first slots are empty
			tab.Add([]uint64{p.state(h)}, always)
		}
	}
	s := p.state(0)
	if slot, _ := next.place(0); slot != 0 {
		t.Fatal("it does not belong to the first slot")
	}
	size := tab.size
	if !tab.Add([]uint64{s}, always) || tab.size == size || !tab.Has([]uint64{s}) || p.over != nil && p.over.n > 0 {
		t.Errorf("it is lost, or not in the first slot: %d slots, were %d", tab.size, size)
	}
}

// Where the form changes in the middle of a batch, states that were met in it and are not stored yet are not taken
// for known.
func TestFormChangesInABatch(t *testing.T) {
	tab := NewTable(1, 24, func(int64) bool { return true })
	tab.recent = new([recentSize]uint64) // as a large plain table has
	// The forms hash differently. These states have the same place among those that were met lately in both.
	other := newPacked(24)
	var batch []uint64
	for s := uint64(1 << 24); len(batch) < 200; s++ {
		if mix1(s)%recentSize == other.hash(s)%recentSize {
			batch = append(batch, s)
		}
	}
	tab.Add(batch, always)
	if !tab.Packed() || tab.n != uint64(len(batch)) {
		t.Errorf("packed %v; %d states, want %d", tab.Packed(), tab.n, len(batch))
	}
	for _, s := range batch {
		if !tab.Has([]uint64{s}) {
			t.Fatalf("%#x is lost", s)
		}
	}
}

// The size of a packed table is the smallest that has so many slots.
func TestPackedSizeIsSmallest(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 5000 {
		slots := packedFrom + r.Uint64N(1<<30)
		if r.IntN(3) == 0 {
			slots = uint64(4+r.IntN(4)) << (6 + r.IntN(20)) // a size itself
		}
		steps, exp := packedSize(30, slots)
		size, less := uint64(steps)<<exp, uint64(steps-1)<<exp
		if steps == 4 {
			less = 7 << (exp - 1)
		}
		if steps < 4 || steps > 7 || size < slots || less >= slots && slots >= packedFrom {
			t.Fatalf("for %d slots: %d<<%d = %d, and %d would do", slots, steps, exp, size, less)
		}
	}
	// States of many bits need so many slots that the rest of the hash fits.
	for k := uint(48); k <= 63; k++ {
		if steps, exp := packedSize(k, packedFrom); steps != 4 || exp != k-keyBits+6 && k > 50 {
			t.Errorf("%d bits: %d<<%d", k, steps, exp)
		}
	}
}

// A table that is made for so many states has room for them, in as many bytes as was said, and what it books is
// what it holds.
func TestRoomIsWhatWasSaid(t *testing.T) {
	for _, row := range []struct{ words, bits int }{{1, 12}, {1, 24}, {1, 63}, {2, 0}, {5, 0}} {
		for _, n := range []uint64{1, 49, 50, 77, 78, 79, 1000, 4096, 5000} {
			if row.bits == 24 && n < packedFrom {
				continue // of a first table as large as one that is packed, which there is in tests only
			}
			held := int64(0)
			tab := NewTable(row.words, row.bits, func(d int64) bool { held += d; return true })
			want := tab.BytesFor(n)
			tab.RoomFor(n)
			if held != want || held != tab.form.bytes(tab) {
				t.Errorf("%+v, %d states: %d bytes are booked, %d were said, and %d are held", row, n, held, want,
					tab.form.bytes(tab))
			}
			if p, ok := tab.form.(*plain); ok && held != int64(8*len(p.slots)+len(p.depths)) {
				t.Errorf("%+v, %d states: %d bytes are booked for %d slots", row, n, held, len(p.depths))
			}
			if p, ok := tab.form.(*packed); ok && held != int64(len(p.data)) {
				t.Errorf("%+v, %d states: %d bytes are booked for %d", row, n, held, len(p.data))
			}
			size := tab.size
			s := make([]uint64, row.words)
			for i := range min(n, 1<<12-1) {
				s[0] = 1<<row.bits | i
				if row.words > 1 {
					s[0] = i + 1
				}
				tab.Add(s, always)
			}
			if tab.size != size {
				t.Errorf("%+v, %d states: the table has grown from %d to %d slots", row, n, size, tab.size)
			}
		}
	}
}

// A table that grows keeps all states, with their distances, in no more memory than it books.
func TestGrowth(t *testing.T) {
	for _, row := range []struct{ words, bits int }{{1, 12}, {1, 24}, {1, 50}, {2, 0}} {
		r := rand.New(rand.NewPCG(uint64(row.bits), 4))
		held := int64(0)
		tab := NewTable(row.words, row.bits, func(d int64) bool { held += d; return true })
		want := map[[2]uint64]uint8{}
		for len(want) < 3000 {
			s := [2]uint64{1<<row.bits | r.Uint64()&(1<<row.bits-1), 1}
			if row.words == 2 {
				s = [2]uint64{r.Uint64N(4000) + 1, r.Uint64N(4000)}
			}
			if row.words == 1 {
				s[1] = 0
			}
			if _, known := want[s]; !known {
				tab.Depth = uint8(len(want))
				want[s] = tab.Depth
				tab.Add(s[:row.words], always)
				if tab.n > tab.limit {
					t.Fatalf("%+v: %d states, and at most %d are to be in %d slots", row, tab.n, tab.limit,
						tab.size)
				}
			}
		}
		n := 0
		for s, depth := range tab.AllWithDepth {
			var w [2]uint64
			copy(w[:], s)
			if d, known := want[w]; !known || d != depth || !tab.Has(s) {
				t.Fatalf("%+v: %#x at %d is there; want %d", row, s, depth, d)
			}
			n++
		}
		if n != len(want) || tab.n != uint64(n) {
			t.Errorf("%+v: %d states are listed and %d counted, want %d", row, n, tab.n, len(want))
		}
		memory := int64(0)
		switch f := tab.form.(type) {
		case *plain:
			memory = int64(8*len(f.slots) + len(f.depths))
		case *packed:
			memory = int64(len(f.data))
			if f.over != nil {
				memory += f.over.form.bytes(f.over)
			}
		}
		if memory != held {
			t.Errorf("%+v: %d bytes are booked, and %d taken", row, held, memory)
		}
	}
}

// Where memory is refused the table is full, keeps what it has, and books nothing for what it did not get.
func TestRefusedMemory(t *testing.T) {
	fill := func(tab *Table, word func(i uint64) []uint64) (added uint64) {
		for i := uint64(1); ; i++ {
			if !tab.Add(word(i), always) {
				return i - 1
			}
		}
	}
	check := func(what string, tab *Table, held, before int64, added uint64, word func(i uint64) []uint64) {
		t.Helper()
		if held != before || tab.n != added {
			t.Errorf("%s: %d bytes are booked, want %d; %d states, want %d", what, held, before, tab.n, added)
		}
		for i := uint64(1); i <= added; i++ {
			if !tab.Has(word(i)) {
				t.Fatalf("%s: state %d is lost", what, i)
			}
		}
	}
	one := func(i uint64) []uint64 { return []uint64{1<<24 | i*7919%(1<<24)} }
	tab, p, held := packedTable(t, 24, 500)
	p.free = func() {} // the range of addresses is full
	before := *held
	check("packed", tab, *held, before, fill(tab, one), one)

	var booked int64
	two := func(i uint64) []uint64 { return []uint64{i, i * 31} }
	wide := NewTable(2, 0, func(d int64) bool { booked += d; return true })
	wide.form.(*plain).free = []func(){func() {}}
	before = booked
	check("plain", wide, booked, before, fill(wide, two), two)

	refuse := false
	tight := NewTable(1, 24, func(d int64) bool {
		if refuse && d > 0 {
			return false
		}
		booked += d
		return true
	})
	refuse, before = true, booked
	check("refused", tight, booked, before, fill(tight, one), one)
}

// What is released gives back all memory that it has taken from the system, once.
func TestReleaseGivesBack(t *testing.T) {
	tab, p, _ := packedTable(t, 24, 500)
	count := map[string]int{}
	p.free = func() { count["packed"]++ }
	p.over = NewTable(1, 0, func(int64) bool { return true })
	p.over.form.(*plain).free = []func(){func() { count["slots"]++ }, func() { count["depths"]++ }}
	tab.Release()
	if count["packed"] != 1 || count["slots"] != 1 || count["depths"] != 1 || tab.n != 0 || tab.form != nil {
		t.Errorf("released %v, %d states are left", count, tab.n)
	}
	h := NewHashCompaction(1, 1, func(int64) bool { return true })
	h.table.form.(*plain).free = []func(){func() { count["hash"]++ }}
	h.Release()
	if count["hash"] != 1 {
		t.Error("hash compaction keeps its memory")
	}
	(&Table{}).Release() // of one that never was
}
