package states

import (
	"math/bits"
	"runtime/debug"
	"sync/atomic"
)

// A Set is an exact set of packed states: the words themselves stand one after the other in an
// arena, and an open-addressing table of indices finds them. A hash collision costs a comparison and
// never an answer. States are numbered from 0 in the order in which they were added.
type Set struct {
	words int
	arena []uint64
	table []uint32 // index+1, 0 for empty; the length is a power of two
	n     int
}

// MaxStates bounds the set by what an index can name.
const MaxStates = 1<<32 - 2

// NewSet makes an empty set for states of so many words.
func NewSet(words int) *Set {
	return &Set{words: words, table: make([]uint32, 1<<10)}
}

// At is state i; it is valid until the next Add.
func (t *Set) At(i uint32) []uint64 {
	return t.arena[int(i)*t.words : (int(i)+1)*t.words]
}

// hash mixes the words with 64x64 to 128 bit multiplications.
func hash(s []uint64) uint64 {
	h := uint64(0x9e3779b97f4a7c15)
	for _, w := range s {
		hi, lo := bits.Mul64(w^h, 0xd6e8feb86659fd93)
		h = hi ^ lo ^ 0xa0761d6478bd642f
	}
	hi, lo := bits.Mul64(h, 0xe7037ed1a0b428db)
	return hi ^ lo
}

// Len is how many states are in the set.
func (t *Set) Len() int { return t.n }

// Find is the index of s and whether it is in the set.
func (t *Set) Find(s []uint64) (index uint32, found bool) {
	index, _, found = t.find(s)
	return index, found
}

// FindAll puts the indices of the states that stand one after the other in a batch into found, and reports whether
// all are in the set. It is faster than to ask for one after the other, as the reads of memory overlap.
func (t *Set) FindAll(batch []uint64, found []uint32) bool {
	const most = 64
	var places, heads [most]uint64
	mask := uint64(len(t.table) - 1)
	for len(found) > 0 && t.n > 0 {
		n := min(len(found), most)
		for i := range n {
			places[i] = hash(batch[i*t.words:(i+1)*t.words]) & mask
		}
		for i, p := range places[:n] {
			found[i] = max(t.table[p], 1) - 1
		}
		for i, e := range found[:n] {
			heads[i] = t.arena[int(e)*t.words]
		}
		for i := range n {
			s := batch[i*t.words : (i+1)*t.words]
			if heads[i] == s[0] && equal(t.At(found[i]), s) {
				continue
			}
			var known bool
			if found[i], known = t.Find(s); !known {
				return false
			}
		}
		batch, found = batch[n*t.words:], found[n:]
	}
	return len(found) == 0
}

// SetFor makes a set that has n states of so many words, each of which is then to be put into it.
func SetFor(words, n int) *Set {
	return &Set{words: words, arena: make([]uint64, n*words), table: make([]uint32, slotsFor(n)), n: n}
}

// BytesFor is the memory of a set that is made for n states.
func BytesFor(words, n int) uint64 { return uint64(8*n*words) + uint64(4*slotsFor(n)) }

// slotsFor is the least length of a table that n states do not fill.
func slotsFor(n int) int {
	size := 1 << 10
	for n*4 > size*3 {
		size *= 2
	}
	return size
}

// Put makes states that stand one after the other in a batch those with the indices from i on. None of them may be
// there already. Several goroutines may put states into a set at a time, and nothing else may be done with it then.
func (t *Set) Put(i uint32, batch []uint64) {
	const most = 64
	var places [most]uint64
	copy(t.arena[int(i)*t.words:], batch)
	mask := uint64(len(t.table) - 1)
	for len(batch) > 0 {
		n := min(len(batch)/t.words, most)
		for k := range n {
			places[k] = hash(batch[k*t.words:(k+1)*t.words]) & mask
		}
		for _, p := range places[:n] {
			for !atomic.CompareAndSwapUint32(&t.table[p], 0, i+1) {
				p = (p + 1) & mask
			}
			i++
		}
		batch = batch[n*t.words:]
	}
}

// find returns the index of s and whether it is in the set; if not, the place in the table for it.
func (t *Set) find(s []uint64) (index uint32, place uint64, found bool) {
	mask := uint64(len(t.table) - 1)
	for p := hash(s) & mask; ; p = (p + 1) & mask {
		e := t.table[p]
		if e == 0 {
			return 0, p, false
		}
		if equal(t.At(e-1), s) {
			return e - 1, p, true
		}
	}
}

func equal(a, b []uint64) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// Add puts s into the set, if it is not there, and returns its index and whether it is new.
func (t *Set) Add(s []uint64) (index uint32, isNew bool) {
	i, p, found := t.find(s)
	if found {
		return i, false
	}
	if len(t.arena)+t.words > cap(t.arena) {
		Sweep(cap(t.arena) * 8)
	}
	t.arena = append(t.arena, s...)
	t.n++
	t.table[p] = uint32(t.n)
	if t.n*4 > len(t.table)*3 {
		t.grow()
	}
	return uint32(t.n - 1), true
}

// Sweep gives back what the last growth of something so large left behind, so that no more than two
// copies of it are there at once.
func Sweep(bytes int) {
	if bytes > 1<<23 {
		debug.FreeOSMemory()
	}
}

func (t *Set) grow() {
	Sweep(len(t.table) * 4)
	t.table = make([]uint32, 2*len(t.table))
	mask := uint64(len(t.table) - 1)
	for i := range t.n {
		p := hash(t.At(uint32(i))) & mask
		for t.table[p] != 0 {
			p = (p + 1) & mask
		}
		t.table[p] = uint32(i + 1)
	}
}

// Bytes is the memory that the set holds now.
func (t *Set) Bytes() uint64 { return uint64(8*cap(t.arena)) + uint64(4*len(t.table)) }

// NextBytes is an upper bound of the memory at the peak of the next Add: both arena and table may
// have to grow, and the old copy lives until the new one is filled.
func (t *Set) NextBytes() uint64 {
	b := t.Bytes()
	if len(t.arena)+t.words > cap(t.arena) {
		b += uint64(8 * (cap(t.arena)*5/4 + 1024))
	}
	if (t.n+1)*4 > len(t.table)*3 {
		b += uint64(8 * len(t.table))
	}
	return b
}
