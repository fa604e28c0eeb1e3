package axiom

import "math/bits"

// A rel is a relation on the accesses of an execution graph: a row of bits for each, which has those that it is
// related to. How many there are, and how many words a row has, the [algebra] knows that it belongs to.
type rel []uint64

// A set is some of the accesses, one row.
type set []uint64

// An algebra computes with relations between n accesses, n at most 64*w.
type algebra struct {
	n, w int
	pool []rel // of those that are free
	cap  int   // words of each in the pool
}

// newRel is an empty relation, which free gives back.
func (a *algebra) newRel() rel {
	words := a.n * a.w
	if k := len(a.pool) - 1; k >= 0 {
		r := a.pool[k][:words]
		a.pool = a.pool[:k]
		clear(r)
		return r
	}
	return make(rel, words, a.cap)
}

func (a *algebra) free(rs ...rel) {
	for _, r := range rs {
		a.pool = append(a.pool, r[:0])
	}
}

func (a *algebra) row(r rel, i int) []uint64 { return r[i*a.w : (i+1)*a.w] }

func (a *algebra) has(r rel, i, j int) bool { return r[i*a.w+j>>6]>>(j&63)&1 != 0 }

func (a *algebra) put(r rel, i, j int) { r[i*a.w+j>>6] |= 1 << (j & 63) }

func (s set) has(i int) bool { return s[i>>6]>>(i&63)&1 != 0 }

func (s set) put(i int) { s[i>>6] |= 1 << (i & 63) }

func (s set) empty() bool {
	for _, x := range s {
		if x != 0 {
			return false
		}
	}
	return true
}

// each calls f for the members.
func (s set) each(f func(i int)) {
	for k, x := range s {
		for ; x != 0; x &= x - 1 {
			f(k<<6 + bits.TrailingZeros64(x))
		}
	}
}

// copied is a relation of its own with the same pairs.
func (a *algebra) copied(r rel) rel {
	out := a.newRel()
	copy(out, r)
	return out
}

// or adds pairs to a relation.
func (a *algebra) or(dst rel, rs ...rel) rel {
	for _, r := range rs {
		for i, x := range r {
			dst[i] |= x
		}
	}
	return dst
}

// and takes away what is not in another.
func (a *algebra) and(dst, r rel) rel {
	for i, x := range r {
		dst[i] &= x
	}
	return dst
}

// minus takes away what is in another.
func (a *algebra) minus(dst, r rel) rel {
	for i, x := range r {
		dst[i] &^= x
	}
	return dst
}

// from keeps the pairs that begin in a set.
func (a *algebra) from(s set, dst rel) rel {
	for i := range a.n {
		if !s.has(i) {
			clear(a.row(dst, i))
		}
	}
	return dst
}

// to keeps the pairs that end in a set.
func (a *algebra) to(dst rel, s set) rel {
	for i := range a.n {
		row := a.row(dst, i)
		for k := range row {
			row[k] &= s[k]
		}
	}
	return dst
}

// seq is x;y, a new relation.
func (a *algebra) seq(x, y rel) rel {
	out := a.newRel()
	if a.w == 1 {
		for i, row := range x {
			var sum uint64
			for ; row != 0; row &= row - 1 {
				sum |= y[bits.TrailingZeros64(row)]
			}
			out[i] = sum
		}
		return out
	}
	for i := range a.n {
		sum := a.row(out, i)
		for k, word := range a.row(x, i) {
			for ; word != 0; word &= word - 1 {
				for l, b := range a.row(y, k<<6+bits.TrailingZeros64(word)) {
					sum[l] |= b
				}
			}
		}
	}
	return out
}

// closure makes a relation transitive.
func (a *algebra) closure(r rel) rel {
	if a.w == 1 {
		for k := range r {
			bit := uint64(1) << k
			row := r[k]
			if row == 0 {
				continue
			}
			for i := range r {
				if r[i]&bit != 0 {
					r[i] |= row
				}
			}
		}
		return r
	}
	for k := range a.n {
		row := a.row(r, k)
		for i := range a.n {
			if a.has(r, i, k) {
				for l, b := range row {
					r[i*a.w+l] |= b
				}
			}
		}
	}
	return r
}

// reflexive adds the identity on a set.
func (a *algebra) reflexive(r rel, s set) rel {
	s.each(func(i int) { a.put(r, i, i) })
	return r
}

// irreflexive takes the identity away.
func (a *algebra) irreflexive(r rel) rel {
	for i := range a.n {
		r[i*a.w+i>>6] &^= 1 << (i & 63)
	}
	return r
}

// loops reports whether an access is related to itself.
func (a *algebra) loops(r rel) bool {
	for i := range a.n {
		if a.has(r, i, i) {
			return true
		}
	}
	return false
}

// isEmpty reports whether there is no pair.
func (a *algebra) isEmpty(r rel) bool { return set(r).empty() }
