package weaken

import (
	"slices"

	"ctcheck/model"
)

// This file swaps neighbouring steps: two accesses in one list of statements, each with the local code and
// the events that ride on it. A fence between them stays between them: it is no step, and rows of its own
// say what it is for. An Atomic that touches shared memory is such a step, too.
//
// Steps are not neighbours if a call, a loop, a Return or a branch that has any of those, or steps, lies
// between them, nor are they swapped if one computes what the other uses, be it in a local, a ghost or a
// shared variable: no machine or compiler does that, and the result would be another computation.

// A pair is two neighbouring steps of a list: the first at i, the second at k, and what is moved ends
// before end.
type pair struct{ i, k, end int }

// neighbours looks for the step that can be swapped with the one at a place.
func neighbours(pl model.Place) (first *model.Stmt, second model.Place, ok bool) {
	if pl.Atomic != nil {
		return nil, second, false
	}
	q, ok := pairAt(*pl.List, pl.Index)
	if !ok {
		return nil, second, false
	}
	second = pl
	second.Index = q.k
	return pl.Stmt(), second, true
}

func pairAt(list []*model.Stmt, i int) (q pair, ok bool) {
	if !isUnit(list[i]) {
		return q, false
	}
	k := i + 1
	for k < len(list) && (isLocal(list[k]) || list[k].Kind == model.StmtFence) {
		k++
	}
	if k == len(list) || !isUnit(list[k]) {
		return q, false
	}
	first, second := usesOf(list[i:k]...), usesOf(list[k])
	if first.conflict(second) {
		return q, false
	}
	end := k + 1
	for end < len(list) && isLocal(list[end]) && !usesOf(list[end]).conflict(first) {
		end++
	}
	return pair{i, k, end}, true
}

// swap makes the second step come first.
func (q pair) swap(list []*model.Stmt) {
	isFence := func(s *model.Stmt) bool { return s.Kind == model.StmtFence }
	var fences, first []*model.Stmt
	for _, s := range list[q.i:q.k] {
		if isFence(s) {
			fences = append(fences, s)
		} else {
			first = append(first, s)
		}
	}
	copy(list[q.i:], slices.Concat(list[q.k:q.end], fences, first))
}

// swapAll swaps all pairs of the two sites, in a list those that come first where pairs overlap. It says
// how many there were.
func swapAll(p *model.Program, c change) int {
	type spot struct {
		list *[]*model.Stmt
		pair
	}
	var spots []spot
	p.Walk(func(pl model.Place) {
		if siteOf(pl) != c.at {
			return
		}
		_, second, ok := neighbours(pl)
		if !ok || siteOf(second) != c.with {
			return
		}
		q, _ := pairAt(*pl.List, pl.Index)
		overlaps := func(o spot) bool { return o.list == pl.List && q.i < o.end }
		if !slices.ContainsFunc(spots, overlaps) {
			spots = append(spots, spot{pl.List, q})
		}
	})
	for _, sp := range spots {
		sp.swap(*sp.list)
	}
	return len(spots)
}

// isUnit reports whether s is a step that can be swapped.
func isUnit(s *model.Stmt) bool {
	if s.Kind != model.StmtAtomic {
		return s.Kind == model.StmtAccess
	}
	touches := false
	return inside(s.Body, func(s *model.Stmt) bool {
		touches = touches || s.Kind == model.StmtAccess
		return s.Kind == model.StmtAccess || s.Kind == model.StmtPause || s.Kind == model.StmtIf || isLocal(s)
	}) && touches
}

// isLocal reports whether s rides on the step before it, and goes on to the statement after it.
func isLocal(s *model.Stmt) bool {
	switch s.Kind {
	case model.StmtAssign, model.StmtAssert:
		return true
	case model.StmtEvent:
		return !s.Opens // the step after it
	case model.StmtIf:
		return inside(s.Body, isLocal) && inside(s.Else, isLocal)
	}
	return false
}

// inside reports whether f is true of all statements of the list and, of branches, of those in them.
func inside(list []*model.Stmt, f func(*model.Stmt) bool) bool {
	return !slices.ContainsFunc(list, func(s *model.Stmt) bool {
		return !f(s) || s.Kind == model.StmtIf && !(inside(s.Body, f) && inside(s.Else, f))
	})
}

// uses is the variables of any kind that some statements read and write.
type uses struct{ reads, writes map[*model.Var]bool }

func usesOf(stmts ...*model.Stmt) uses {
	u := uses{map[*model.Var]bool{}, map[*model.Var]bool{}}
	u.add(stmts)
	return u
}

func (u uses) add(stmts []*model.Stmt) {
	for _, s := range stmts {
		for _, n := range []*model.Node{s.Old, s.Arg, s.Cond} {
			n.Reads(func(v *model.Var) { u.reads[v] = true })
		}
		if s.At != nil {
			s.At.A.Reads(func(v *model.Var) { u.reads[v] = true })
		}
		for _, v := range []*model.Var{s.Dst, s.OldVar} {
			if v != nil {
				u.writes[v] = true
			}
		}
		if s.Kind == model.StmtAccess || s.At != nil {
			for _, v := range s.Targets() {
				if s.Kind == model.StmtAccess && s.Op == model.Load {
					u.reads[v] = true
				} else {
					u.writes[v] = true
				}
			}
		}
		u.add(s.Body)
		u.add(s.Else)
	}
}

// conflict reports whether the order of the two matters to what either computes.
func (u uses) conflict(o uses) bool {
	for v := range u.writes {
		if o.reads[v] || o.writes[v] {
			return true
		}
	}
	for v := range o.writes {
		if u.reads[v] {
			return true
		}
	}
	return false
}
