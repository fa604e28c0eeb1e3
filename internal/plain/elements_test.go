package plain

import (
	"slices"

	"ctcheck/model"
)

// ofElements is what random programs must have of accesses to elements.
var ofElements = []string{"a computed index", "an address", "an object's field", "an element in an Atomic",
	"an element after Choose", "an element in a loop", "a load that waits for an element", "a store to an element",
	"a ghost by index", "an index that is constant once the call is known"}

// countElements says what of that a program has.
func countElements(p *model.Program, has map[string]bool) {
	isElement := func(s *model.Stmt) bool { return s.Kind == model.StmtAccess && s.At != nil }
	p.Walk(func(pl model.Place) {
		s := pl.Stmt()
		has["a ghost by index"] = has["a ghost by index"] || s.Kind == model.StmtAssign && s.At != nil
		switch s.Kind {
		case model.StmtWhile, model.StmtDoWhile:
			has["an element in a loop"] = has["an element in a loop"] || slices.ContainsFunc(s.Body, isElement)
		case model.StmtChoose:
			for _, a := range s.Alts {
				if len(a.Body) > 0 && isElement(a.Body[0]) {
					has["an element after Choose"] = true
				}
			}
		}
		if !isElement(s) {
			return
		}
		for what, is := range map[string]bool{
			"a computed index":                 s.At.Table.First == 0,
			"an address":                       len(s.At.Table.Vars) == 4,
			"an object's field":                s.At.Table.First == 1 && len(s.At.Table.Vars) == 2,
			"an element in an Atomic":          pl.Atomic != nil,
			"a load that waits for an element": s.Cond != nil,
			"a store to an element":            s.Op == model.Store,
		} {
			has[what] = has[what] || is
		}
		s.At.A.Walk(func(n *model.Node) {
			if n.Op == model.OpVar && slices.Contains(pl.Routine.Params, n.Var) {
				has["an index that is constant once the call is known"] = true
			}
		})
	})
}
