package weaken

import (
	"slices"

	"ctcheck/model"
)

// This file finds what can be made weaker in a program, and makes it so, in place.

// Kind tells weakenings apart.
type Kind uint8

// The kinds of weakenings.
const (
	Order    Kind = iota // an access has a weaker memory order
	Fence                // a fence is gone
	Torn                 // a read-modify-write is a load and a store
	Swap                 // two neighbouring steps come in the other order
	Unmasked             // what disables interrupts leaves them as they are
)

var kindNames = [...]string{"order", "fence", "torn", "swap", "unmasked"}

func (k Kind) String() string { return kindNames[k] }

// A site is the statements that stand for one statement of the C. What one line of a model writes with several
// orders, or as several fences, is several: under a memory model one of them may matter and another not.
type site struct {
	file    string
	line    int
	routine string
	kind    model.StmtKind
	op      model.AccessOp
	order   model.Order
	fence   model.Fence
	irq     model.IRQOp
}

func siteOf(pl model.Place) site {
	s := pl.Stmt()
	return site{s.File, s.Line, pl.Routine.Name, s.Kind, s.Op, s.Order, s.Fence, s.IRQ}
}

// A change is one weakening. It means the same in every configuration of a protocol.
type change struct {
	kind Kind
	at   site
	with site        // Swap: the second of the two
	to   model.Order // Order
}

// A finding is a change that a program admits.
type finding struct {
	change
	stmt, with *model.Stmt // the first statement, of a swap the first two
	more       bool        // other statements of the site have other labels
	whole      *model.Stmt // the step that all statements of the site are part of, if they are
}

// findings is all changes that the program admits, in the order of the walk; bare is the accesses, steps of
// their own, that admit none by themselves.
func findings(p *model.Program) (found []finding, bare []finding) {
	var order []site
	at := map[site]*finding{}
	swaps := map[site][]finding{}
	p.Walk(func(pl model.Place) {
		s, k := pl.Stmt(), siteOf(pl)
		if first, second, ok := neighbours(pl); ok {
			f := finding{change: change{kind: Swap, at: k, with: siteOf(second)}, stmt: first, with: second.Stmt()}
			if !slices.ContainsFunc(swaps[k], func(o finding) bool { return o.change == f.change }) {
				swaps[k] = append(swaps[k], f)
			}
		}
		switch s.Kind {
		case model.StmtAccess, model.StmtFence, model.StmtAtomic, model.StmtIRQ:
		default:
			return
		}
		f := at[k]
		if f == nil {
			order = append(order, k)
			at[k] = &finding{change: change{at: k}, stmt: s, whole: pl.Atomic}
			return
		}
		f.more = f.more || f.stmt.Label != s.Label
		if pl.Atomic == nil {
			f.whole = nil
		}
	})
	for _, k := range order {
		f := *at[k]
		own := f.alone()
		if len(own) == 0 && f.stmt.Kind == model.StmtAccess && f.whole == nil {
			bare = append(bare, f)
		}
		found = append(append(found, own...), swaps[k]...)
	}
	return found, bare
}

// alone is the weakenings of a single statement.
func (f finding) alone() []finding {
	var all []finding
	add := func(kind Kind, to model.Order) {
		f.kind, f.to = kind, to
		all = append(all, f)
	}
	switch s := f.stmt; {
	case s.Kind == model.StmtFence:
		add(Fence, 0)
	case s.Kind == model.StmtIRQ && (s.IRQ == model.IRQDisable || s.IRQ == model.IRQSave):
		add(Unmasked, 0)
	case s.Kind == model.StmtAccess:
		for _, o := range weaker(s) {
			add(Order, o)
		}
		if s.Op.IsRMW() {
			add(Torn, 0)
		}
	}
	return all
}

// weaker is the orders that an access may have instead of its own, one that is half as strong first.
// Acquire is an order of loads, release of stores.
func weaker(s *model.Stmt) []model.Order {
	switch {
	case s.Order == model.Full && s.Op.IsRMW():
		return []model.Order{model.Acquire, model.Release, model.Relaxed}
	case s.Order == model.Full && s.Op == model.Load:
		return []model.Order{model.Acquire, model.Relaxed}
	case s.Order == model.Full:
		return []model.Order{model.Release, model.Relaxed}
	case s.Order == model.Acquire || s.Order == model.Release:
		return []model.Order{model.Relaxed}
	}
	return nil
}

// apply makes the change in the program, and says at how many places.
func (c change) apply(p *model.Program) int {
	if c.kind == Swap {
		return swapAll(p, c)
	}
	var places []model.Place
	p.Walk(func(pl model.Place) {
		if siteOf(pl) == c.at {
			places = append(places, pl)
		}
	})
	torn := tearing{}
	for _, pl := range slices.Backward(places) {
		switch c.kind {
		case Order:
			pl.Stmt().Order = c.to
		case Fence:
			*pl.List = slices.Delete(*pl.List, pl.Index, pl.Index+1)
		case Unmasked:
			unmask(pl)
		case Torn:
			*pl.List = slices.Replace(*pl.List, pl.Index, pl.Index+1, torn.tear(pl.Routine, pl.Stmt())...)
		}
	}
	return len(places)
}

// unmask has a statement that disables interrupts leave them as they are: the flags are saved all the same.
func unmask(pl model.Place) {
	s := pl.Stmt()
	if s.IRQ == model.IRQDisable {
		*pl.List = slices.Delete(*pl.List, pl.Index, pl.Index+1)
		return
	}
	s.IRQ, s.Label = model.IRQFlags, "local_save_flags("+s.Dst.Name+")"
}
