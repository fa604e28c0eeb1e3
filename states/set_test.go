package states

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// checkSet adds states and compares every answer with a Go map's.
func checkSet(t *testing.T, words int, states [][]uint64) *Set {
	t.Helper()
	set, want := NewSet(words), map[string]uint32{}
	for _, s := range states {
		k := fmt.Sprint(s)
		known, inMap := want[k]
		if i, _, found := set.find(s); found != inMap || found && i != known {
			t.Fatalf("find(%v) = %d, %v; want %d, %v", s, i, found, known, inMap)
		}
		i, isNew := set.Add(s)
		if isNew == inMap || inMap && i != known || !inMap && int(i) != len(want) {
			t.Fatalf("add(%v) = %d, %v, though %d states are in, this one %v", s, i, isNew,
				len(want), inMap)
		}
		want[k] = i
	}
	if set.n != len(want) {
		t.Fatalf("%d states in the set, %d in the map", set.n, len(want))
	}
	for k, i := range want {
		if got := fmt.Sprint(set.At(i)); got != k {
			t.Fatalf("state %d is %s, want %s", i, got, k)
		}
	}
	checkSetFor(t, words, states, set)
	return set
}

// checkSetFor puts the states of a set into one that is made for them, by several goroutines, and asks both for all
// states at once.
func checkSetFor(t *testing.T, words int, states [][]uint64, set *Set) {
	t.Helper()
	made := SetFor(words, set.n)
	if made.Len() != set.n || made.Bytes() != BytesFor(words, set.n) {
		t.Fatalf("made for %d states: %d, %d bytes of %d", set.n, made.Len(), made.Bytes(), BytesFor(words, set.n))
	}
	var wg sync.WaitGroup
	const parts = 3
	for k := range parts {
		from, to := k*set.n/parts, (k+1)*set.n/parts
		wg.Go(func() { made.Put(uint32(from), set.arena[from*words:to*words]) })
	}
	wg.Wait()
	batch := slices.Concat(states...)
	found := make([]uint32, len(states))
	for _, in := range []*Set{set, made} {
		clear(found)
		if !in.FindAll(batch, found) {
			t.Fatal("a state is not found")
		}
		for k, i := range found {
			if want, _ := set.Find(states[k]); i != want {
				t.Fatalf("state %v is number %d of all at once, want %d", states[k], i, want)
			}
		}
	}
	other := slices.Clone(batch[len(batch)-words:]) // in the place of each of the last, one that is not there
	for at := max(0, len(states)-130); at < len(states); at++ {
		for other[words-1]++; ; other[words-1]++ {
			if _, known := set.Find(other); !known {
				break
			}
		}
		wrong := slices.Clone(batch)
		copy(wrong[at*words:], other)
		if set.FindAll(wrong, found) || made.FindAll(wrong, found) {
			t.Fatalf("all states are found, though number %d is not there", at)
		}
	}
	if NewSet(words).FindAll(other, found[:1]) || !made.FindAll(nil, nil) {
		t.Fatal("an empty set has a state, or one without states lacks some")
	}
}

func TestSetAgainstAMap(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for _, row := range []struct {
		words, n int
		values   uint64 // each word is below this
		why      string
	}{
		{1, 5000, 3000, "most states come twice"},
		{1, 5000, 1 << 62, "hardly any does; the table grows several times"},
		{3, 3000, 12, "several words, states that differ in one of them"},
		{7, 500, 2, "small words, as from small programs"},
	} {
		var states [][]uint64
		for range row.n {
			s := make([]uint64, row.words)
			for i := range s {
				s[i] = rnd.Uint64N(row.values)
			}
			states = append(states, s)
		}
		set := checkSet(t, row.words, states)
		if 4*set.n > 3*len(set.table) {
			t.Errorf("%s: %d states in a table of %d", row.why, set.n, len(set.table))
		}
	}
}

// Every state has the same hash, so that only comparing the words tells them apart. The hash chains
// word to word: with first word w mixed to h(w), the second word h(w)^c makes the rest the same.
func TestSetUnderHashCollisions(t *testing.T) {
	n := uint64(1600)
	if testing.Short() { // each is compared with all before it
		n = 400
	}
	for c := range uint64(4) {
		var states [][]uint64
		for w := range n {
			hi, lo := bits.Mul64(w^0x9e3779b97f4a7c15, 0xd6e8feb86659fd93)
			s := []uint64{w, hi ^ lo ^ 0xa0761d6478bd642f ^ c}
			states = append(states, s)
			if hash(s) != hash(states[0]) {
				t.Fatalf("hash(%v) differs from the others'; build the test on the hash anew", s)
			}
		}
		states = append(states, states...)
		checkSet(t, 2, states)
	}
}

// Clusters that run past the end of the table go on at its beginning.
func TestSetWrapsAroundItsTable(t *testing.T) {
	var states [][]uint64
	for w := uint64(0); len(states) < 300; w++ {
		if s := []uint64{w}; hash(s)&1023 >= 1020 {
			states = append(states, s)
		}
	}
	set := checkSet(t, 1, states)
	if len(set.table) != 1<<10 || set.table[1023] == 0 || set.table[0] == 0 {
		t.Error("the states do not run past the end of the table; the test is about those that do")
	}
}

// nextBytes bounds what the set holds while the next add is under way: the old arena and table live
// until the new ones are filled.
func TestNextBytesIsAnUpperBound(t *testing.T) {
	for _, words := range []int{1, 2, 5, 33} {
		set := NewSet(words)
		s := make([]uint64, words)
		worst := 0
		for i := range 300_000 / words {
			bound, before := set.NextBytes(), set.Bytes()
			arena, table := cap(set.arena), len(set.table)
			s[0] = uint64(i)
			set.Add(s)
			peak := before
			if cap(set.arena) != arena {
				peak += uint64(8 * cap(set.arena))
			}
			if len(set.table) != table {
				peak += uint64(4 * len(set.table))
			}
			if peak > bound || set.Bytes() > bound {
				worst = max(worst, int(peak-bound))
			}
		}
		if worst > 0 {
			t.Errorf("states of %d words: the set grew %d bytes past nextBytes()", words, worst)
		}
	}
}
