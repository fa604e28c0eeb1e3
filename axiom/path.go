package axiom

// This file has relations whose pairs know how they come about: each has a shortest path of the steps that
// people speak of, rf, co, fr, dependencies and barriers. They are slow, and made once for an execution that is
// to be explained.

// A Step is one of a cycle.
type Step struct {
	// From and To are events of the execution; -1 where a step of RCU begins or ends at a grace period, or at the
	// beginning or end of a section, which Name names.
	From, To int
	Name     string // as in the model: rf, co, fr, po, addr, data, ctrl; or a barrier, as smp_mb()
}

// A path is steps; nil where there is none, and not nil but empty for an event and itself.
type path []Step

// paths is a relation.
type paths [][]path

func newPaths(n int) paths {
	ps := make(paths, n)
	for i := range ps {
		ps[i] = make([]path, n)
	}
	return ps
}

// named is the pairs of a relation as steps.
func (a *algebra) named(r rel, name func(i, j int) string) paths {
	ps := newPaths(a.n)
	for i := range a.n {
		set(a.row(r, i)).each(func(j int) { ps[i][j] = path{{i, j, name(i, j)}} })
	}
	return ps
}

// shorter takes a path for a pair if it has none that is as short.
func (ps paths) shorter(i, j int, p path) bool {
	if p == nil || ps[i][j] != nil && len(ps[i][j]) <= len(p) {
		return false
	}
	ps[i][j] = p
	return true
}

func union(all ...paths) paths {
	out := newPaths(len(all[0]))
	for _, ps := range all {
		for i := range ps {
			for j, p := range ps[i] {
				out.shorter(i, j, p)
			}
		}
	}
	return out
}

func join(p, q path) path { return append(append(make(path, 0, len(p)+len(q)), p...), q...) }

// then is x ; y.
func (ps paths) then(qs paths) paths {
	out := newPaths(len(ps))
	for i := range ps {
		for k, p := range ps[i] {
			if p == nil {
				continue
			}
			for j, q := range qs[k] {
				if q != nil && (out[i][j] == nil || len(out[i][j]) > len(p)+len(q)) {
					out[i][j] = join(p, q)
				}
			}
		}
	}
	return out
}

// plus is the transitive closure.
func (ps paths) plus() paths {
	out := union(ps)
	for k := range out {
		for i := range out {
			if out[i][k] == nil {
				continue
			}
			for j, q := range out[k] {
				if q != nil && (out[i][j] == nil || len(out[i][j]) > len(out[i][k])+len(q)) {
					out[i][j] = join(out[i][k], q)
				}
			}
		}
	}
	return out
}

// maybe adds the identity.
func (ps paths) maybe() paths {
	out := union(ps)
	for i := range out {
		out[i][i] = path{}
	}
	return out
}

// within keeps the pairs that satisfy f.
func (ps paths) within(f func(i, j int) bool) paths {
	out := newPaths(len(ps))
	for i := range ps {
		for j, p := range ps[i] {
			if p != nil && f(i, j) {
				out[i][j] = p
			}
		}
	}
	return out
}

// cycle is the shortest path from an event to itself; nil if there is none.
func (ps paths) cycle() path {
	var best path
	for i := range ps {
		if p := ps[i][i]; p != nil && (best == nil || len(p) < len(best)) {
			best = p
		}
	}
	return best
}
