package model

import "testing"

// This file has rules of store buffers that the comparison with the plain explorer turned up.

// walkTSO is [walk] under x86-TSO, with room for two stores on each CPU.
func walkTSO(t *testing.T, p *Program, ms ...*Monitor) *walker {
	t.Helper()
	m, err := CompileUnder(Memory{Model: TSO, Room: []int{2, 2}}, p, ms...)
	if err != nil {
		t.Fatalf("CompileUnder: %v", err)
	}
	s, _ := m.Initial()
	return &walker{t, m, append([]uint64(nil), s...)}
}

// What is stored to part of a word is the bits of that part, whatever the others are: two such stores
// are in the buffer as equals, and neither leaves the range.
func TestStoreToPartKeepsToItsBits(t *testing.T) {
	p := solo(func(p *Program, r *Routine) {
		x := p.Shared("x", Bits(2), Int(2))
		r.WriteOncePart("low = 7", x, Int(1), Int(7))
		r.WriteOncePart("low = -1", x, Int(1), Int(-1))
	})
	w := walkTSO(t, p)
	w.step(0, 2)
	for _, b := range w.m.Buffer(w.s, 0) {
		if b.Value != 1 {
			t.Errorf("%q has %d in the buffer, want the low bit alone", b.Stmt.Label, b.Value)
		}
	}
	w.must(Transition{0, Flush, 0})
	w.want("x", 3, "the high bit stays")
}
