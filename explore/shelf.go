package explore

import "ctcheck/states"

// A shelf keeps the array of a bitstate store from one search of a program to the next, with larger store buffers:
// it may be most of the memory that there is, and to have it from the system anew takes longer than to clear what
// was touched. Between the two nothing else may need the memory.
type shelf struct{ bits *states.Bitset }

// bitset takes the array, emptied, or makes one. All that the searches of a program ask for have the same seed and
// size.
func (h *shelf) bitset(words int, seed, bytes uint64) *states.Bitset {
	if b := h.bits; b != nil {
		h.bits = nil
		b.Reset(words)
		return b
	}
	return states.NewBitstate(words, seed, bytes)
}

// put keeps what is a bitstate store, and releases any other.
func (h *shelf) put(s states.Store) {
	if b, ok := s.(*states.Bitset); ok {
		h.release()
		h.bits = b
		return
	}
	s.Release()
}

func (h *shelf) release() {
	if h.bits != nil {
		h.bits.Release()
		h.bits = nil
	}
}
