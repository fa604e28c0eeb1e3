package machine

import (
	"sort"

	"ctcheck/model"
)

// A slot is a run of bits in the packed state. Locals whose calls never overlap share a slot.
type slot struct {
	name  string
	width int
	word  int
	shift uint
	// scratch marks a slot that is zero between steps, which needs a place only while one runs.
	scratch bool
}

// A loc is a variable's place in the packed state together with its range: the state holds the value
// minus lo, in just the bits that the range needs.
type loc struct {
	word   int
	shift  uint
	mask   uint64
	lo, hi int64
	mod    bool
	v      *model.Var
	slot   int
}

func (l *loc) get(s []uint64) int64 { return int64(s[l.word]>>l.shift&l.mask) + l.lo }

// put stores x, which must be in range.
func (l *loc) put(s []uint64, x int64) {
	w := &s[l.word]
	*w = *w&^(l.mask<<l.shift) | uint64(x-l.lo)<<l.shift
}

func (l *loc) zero(s []uint64) { s[l.word] &^= l.mask << l.shift }

// assign gives every slot its place, widest first into the first word with room, and returns the
// number of words: of a state, and with those of scratch slots behind it. No slot crosses a word.
func assign(slots []slot) (words, total int) {
	order := make([]int, len(slots))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool {
		x, y := slots[order[a]], slots[order[b]]
		if x.scratch != y.scratch {
			return y.scratch
		}
		return x.width > y.width
	})
	var used []uint
	words = -1
	for _, i := range order {
		s := &slots[i]
		if s.scratch && words < 0 {
			words = len(used)
		}
		w := max(words, 0)
		for w < len(used) && used[w]+uint(s.width) > 64 {
			w++
		}
		if w == len(used) {
			used = append(used, 0)
		}
		s.word, s.shift = w, used[w]
		used[w] += uint(s.width)
	}
	if words < 0 {
		words = len(used)
	}
	return max(words, 1), max(len(used), 1)
}
