package survey

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ctcheck/report"
	"ctcheck/verdict"
)

// This file tells the faults of a design from those of its model. A state has finitely many bits, so where rounds
// have no end counters wrap that are longer in the kernel, and a setter that compares one takes a later round for
// the one that it saw. What is violated by a run that wraps such a counter is searched for once more with so many
// rounds that the counter would wrap several times, but as long a counter as they need: what holds then is no
// fault of the design.

// boundedRounds is the rounds of that second search.
const boundedRounds = 12

// bound makes the second search, if the first has a run that asks for it.
func (c *Cell) bound(ctx context.Context, names []string) error {
	wraps := func(p verdict.Property) bool { return len(report.Wraps(p.Trace)) > 0 }
	if c.Config.Rounds != 0 || !slices.ContainsFunc(c.Violations(), wraps) {
		return nil
	}
	few := c.Config
	few.Rounds = boundedRounds
	p, err := c.Design.Program(few)
	if err != nil {
		return err
	}
	c.Bounded, err = decide(ctx, c.Memory, p, names)
	return err
}

// rests reports whether a violation rests on a counter that wraps: its run has one, and the second search, which
// is complete, says that the property holds.
func (c *Cell) rests(p verdict.Property) bool {
	return len(report.Wraps(p.Trace)) > 0 && c.Bounded != nil && c.Bounded.Complete &&
		slices.ContainsFunc(c.Bounded.Properties, func(q verdict.Property) bool {
			return q.Name == p.Name && !q.Violated
		})
}

// Faults is the violations that are the design's, in the order of the properties.
func (c *Cell) Faults() []verdict.Property { return slices.DeleteFunc(c.Violations(), c.rests) }

// Wrapping is the violations that rest on a counter that wraps, in the order of the properties.
func (c *Cell) Wrapping() []verdict.Property {
	return slices.DeleteFunc(c.Violations(), func(p verdict.Property) bool { return !c.rests(p) })
}

// wraps is what the JSON says of [Cell.Wrapping]: the counters by property.
func (c *Cell) wraps() map[string][]string {
	by := map[string][]string{}
	for _, p := range c.Wrapping() {
		for _, v := range report.Wraps(p.Trace) {
			by[p.Name] = append(by[p.Name], v.Name)
		}
	}
	return by
}

// wrapping says which cells of a table have violations that rest on a counter that wraps.
func (p *page) wrapping(t *Table) {
	p.para(endlessFoot, boundedRounds)
	for i, d := range t.Designs {
		var names, notes []string
		for _, c := range t.Cells[i] {
			for _, v := range c.Wrapping() {
				if !slices.Contains(names, v.Name) {
					names, notes = append(names, v.Name), report.WrapNotes(v.Trace)
				}
			}
		}
		if len(names) > 0 {
			p.item("%s, %s: %s", d.Name, strings.Join(names, ", "), strings.Join(notes, " "))
		}
	}
	p.b.WriteByte('\n')
}

// notCounted names the smallest configurations of a design with violations that rest on a counter that wraps.
func (p *page) notCounted(do *dossier) {
	for _, c := range do.wrapping() {
		var says []string
		vs := c.Wrapping()
		for _, v := range vs {
			says = append(says, fmt.Sprintf("%s in %s", v.Name, report.Steps(v.Trace)))
		}
		p.item("Not counted: `%s`, %s. %s With `--rounds %d` nothing of that is violated.", command(c),
			strings.Join(says, ", "), strings.Join(report.WrapNotes(vs[0].Trace), " "), boundedRounds)
	}
}

// wrapping is the cells with violations that rest on a counter that wraps and from which nothing can be taken away.
func (do *dossier) wrapping() []*Cell {
	var found []*Cell
	for _, name := range do.asked() {
		for _, c := range do.minimal(name, (*Cell).Wrapping) {
			if !slices.Contains(found, c) {
				found = append(found, c)
			}
		}
	}
	return found
}
