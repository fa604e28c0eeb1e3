package states

import (
	"math/rand/v2"
	"testing"
)

// What is pushed into a layer is taken out of it, each state once and with its mark, whatever the sizes; chunks are
// used again, and what is booked is what they need.
func TestFrontier(t *testing.T) {
	for _, marked := range []bool{true, false} {
		r := rand.New(rand.NewPCG(1, 2))
		held := int64(0)
		f := NewFrontier(2, marked, 8, func(delta int64) bool { held += delta; return true })
		most := 0
		for layer := range 50 {
			n := r.IntN(100)
			for i := range n {
				if !f.Push([]uint64{uint64(layer), uint64(i)}, uint8(i)) {
					t.Fatal("there is room")
				}
			}
			f.NextLayer()
			if now, next := f.Waiting(); now != n || next != 0 {
				t.Fatalf("%d and %d states wait, want %d and none", now, next, n)
			}
			seen := map[uint64]bool{}
			for len(seen) < n {
				var b Batch
				f.Take(&b, 1+r.IntN(12))
				if len(b.Words) == 0 || marked != (len(b.Marks) > 0) {
					t.Fatalf("%d states of %d, then %+v", len(seen), n, b)
				}
				for i := 0; i < len(b.Words); i += 2 {
					s := b.Words[i : i+2]
					if s[0] != uint64(layer) || seen[s[1]] || marked && b.Marks[i/2] != uint8(s[1]) {
						t.Fatalf("layer %d: %v with %v", layer, s, b.Marks)
					}
					seen[s[1]] = true
				}
			}
			most = max(most, (n+7)/8)
		}
		bytes := int64(8 * 8 * 2)
		if marked {
			bytes += 8
		}
		if held != int64(most)*bytes {
			t.Errorf("%d bytes are booked, want %d chunks of %d", held, most, bytes)
		}
	}
}

// A frontier without memory for another chunk says so, and keeps what it has.
func TestFrontierWithoutMemory(t *testing.T) {
	room := true
	f := NewFrontier(1, false, 2, func(int64) bool { return room })
	f.Push([]uint64{1}, 0)
	room = false
	if !f.Push([]uint64{2}, 0) || f.Push([]uint64{3}, 0) {
		t.Error("there is room for two")
	}
	f.NextLayer()
	var b Batch
	if f.Take(&b, 9); len(b.Words) != 2 {
		t.Errorf("%v are left", b.Words)
	}
}
