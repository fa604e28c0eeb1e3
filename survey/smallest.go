package survey

import (
	"context"
	"errors"
	"slices"
	"strings"

	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// This file finds the smallest configurations that break a property, over the list [models.Small].
//
// Smaller is, in this order: nothing beyond user mode, single bits and finite rounds; fewer NMIs;
// fewer calls in all; fewer by one CPU; fewer rounds; fewer work bits. NMIs come first because a
// run without any says more of a design than one without a second setter. Besides the smallest, a
// configuration is of interest if nothing in it can be taken away: its run may have a cause of its
// own.

// ErrCut says that the context ended before the searches did.
var ErrCut = errors.New("the searches were interrupted, so there is no page")

// A breach is a property that a design violates, with the cells that say so and from which nothing
// can be taken away, the smallest first.
type breach struct {
	property string
	cells    []*Cell
}

// trace is a shortest run of the property in a cell.
func (c *Cell) trace(property string) *trace.Trace {
	for _, p := range c.Violations() {
		if p.Name == property {
			return p.Trace
		}
	}
	return nil
}

// A dossier is what the small configurations say of one design.
type dossier struct {
	design   models.Design
	cells    []*Cell // by size
	breaches []breach
}

// dossiers searches all designs in all small configurations that they accept.
func dossiers(ctx context.Context, designs []models.Design) ([]*dossier, error) {
	var ds []*dossier
	var all []*Cell
	for _, d := range designs {
		do := &dossier{design: d}
		for _, c := range models.Small() {
			if d.Accepts(c) == nil {
				do.cells = append(do.cells, &Cell{Design: d, Config: c})
			}
		}
		slices.SortStableFunc(do.cells, func(a, b *Cell) int {
			return slices.Compare(size(a.Config), size(b.Config))
		})
		ds = append(ds, do)
		all = append(all, do.cells...)
	}
	if err := Search(ctx, "smaller configurations", all, DefaultProps()); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(all, func(c *Cell) bool { return !c.Complete() }) {
		return nil, ErrCut
	}
	for _, do := range ds {
		for _, name := range do.asked() {
			if cells := do.minimal(name, (*Cell).Faults); len(cells) > 0 {
				do.breaches = append(do.breaches, breach{name, cells})
			}
		}
	}
	return ds, nil
}

// asked is the properties that the cells are about.
func (do *dossier) asked() []string { return append(DefaultProps(), model.NoDeadlock) }

// minimal is the cells that have a property among such violations and from which nothing can be taken away.
func (do *dossier) minimal(property string, such func(c *Cell) []verdict.Property) []*Cell {
	var found []*Cell
	is := func(p verdict.Property) bool { return p.Name == property }
	for _, c := range do.cells {
		if slices.ContainsFunc(such(c), is) && !slices.ContainsFunc(found, func(f *Cell) bool {
			return within(f.Config, c.Config)
		}) {
			found = append(found, c)
		}
	}
	return found
}

// size orders configurations: if all of a is within b, a is not the greater one.
func size(c models.Config) []int {
	beyond := 0
	for _, k := range kinds {
		beyond += truth(k.in(c))
	}
	return []int{beyond, c.NMI, c.NMIDepth, c.Setters*c.Requests + truth(c.Self), c.Requests,
		truth(c.Self), rounds(c), c.Works, len(c.Context), c.Urgent}
}

// A kind is something that a configuration may have beyond what every design has an answer to.
type kind struct {
	name string
	in   func(c models.Config) bool
}

var kinds = []kind{
	{"idle and guest", func(c models.Config) bool { return c.Context != models.ContextUser }},
	{"an inactive CPU", func(c models.Config) bool { return !c.Active }},
	{"calls for two bits", func(c models.Config) bool { return c.BitsPerRequest > 1 }},
	{"urgent requests", func(c models.Config) bool { return c.Urgent > 0 }},
	{"rounds without end", func(c models.Config) bool { return c.Rounds == 0 }},
}

// rounds is how many rounds a configuration has, 0 being without end.
func rounds(c models.Config) int {
	if c.Rounds == 0 {
		return 1 << 30
	}
	return c.Rounds
}

// within reports whether b has all that a has: a is b with something taken away, or nothing.
func within(a, b models.Config) bool {
	for context := range strings.SplitSeq(a.Context, ",") {
		if a.Context != models.ContextUser && !strings.Contains(b.Context, context) {
			return false
		}
	}
	for _, k := range kinds {
		if k.in(a) && !k.in(b) {
			return false
		}
	}
	return a.NMI <= b.NMI && a.NMIDepth <= b.NMIDepth && a.Setters <= b.Setters &&
		a.Requests <= b.Requests && a.Works <= b.Works && truth(a.Self) <= truth(b.Self) &&
		a.BitsPerRequest <= b.BitsPerRequest && a.Urgent <= b.Urgent && rounds(a) <= rounds(b)
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}
