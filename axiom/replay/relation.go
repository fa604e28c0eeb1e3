package replay

// A relation is a set of pairs, as plain as can be: this package decides what package axiom has decided before,
// and shares nothing with it.
type relation [][]bool

// A set is some of the events.
type set []bool

func (e *execution) empty() relation {
	r := make(relation, len(e.events))
	for i := range r {
		r[i] = make([]bool, len(e.events))
	}
	return r
}

// where is the pairs that satisfy f.
func (e *execution) where(f func(i, j int) bool) relation {
	r := e.empty()
	for i := range r {
		for j := range r {
			r[i][j] = f(i, j)
		}
	}
	return r
}

// those is the events that satisfy f.
func (e *execution) those(f func(ev *event) bool) set {
	s := make(set, len(e.events))
	for i := range s {
		s[i] = f(&e.events[i])
	}
	return s
}

// on is the identity on a set.
func (e *execution) on(s set) relation {
	return e.where(func(i, j int) bool { return i == j && s[i] })
}

func (e *execution) or(rs ...relation) relation {
	return e.where(func(i, j int) bool {
		for _, r := range rs {
			if r[i][j] {
				return true
			}
		}
		return false
	})
}

func (e *execution) and(rs ...relation) relation {
	return e.where(func(i, j int) bool {
		for _, r := range rs {
			if !r[i][j] {
				return false
			}
		}
		return true
	})
}

func (e *execution) minus(a, b relation) relation {
	return e.where(func(i, j int) bool { return a[i][j] && !b[i][j] })
}

// seq is a ; b ; c ...
func (e *execution) seq(rs ...relation) relation {
	out := rs[0]
	for _, r := range rs[1:] {
		next := e.empty()
		for i := range out {
			for k := range out {
				if out[i][k] {
					for j := range out {
						next[i][j] = next[i][j] || r[k][j]
					}
				}
			}
		}
		out = next
	}
	return out
}

func (e *execution) inverse(r relation) relation {
	return e.where(func(i, j int) bool { return r[j][i] })
}

func (e *execution) id() relation { return e.where(func(i, j int) bool { return i == j }) }

// maybe is r?.
func (e *execution) maybe(r relation) relation { return e.or(r, e.id()) }

// star is r*.
func (e *execution) star(r relation) relation {
	out := e.maybe(r)
	for {
		next := e.seq(out, out)
		if same(out, next) {
			return out
		}
		out = next
	}
}

func (e *execution) plus(r relation) relation { return e.seq(r, e.star(r)) }

func same(a, b relation) bool {
	for i := range a {
		for j := range a {
			if a[i][j] != b[i][j] {
				return false
			}
		}
	}
	return true
}

func irreflexive(r relation) bool {
	for i := range r {
		if r[i][i] {
			return false
		}
	}
	return true
}

func (e *execution) acyclic(r relation) bool { return irreflexive(e.plus(r)) }

func isEmpty(r relation) bool {
	for _, row := range r {
		for _, x := range row {
			if x {
				return false
			}
		}
	}
	return true
}
