package survey

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/report"
	"ctcheck/verdict"
)

// This file compares what designs do under sequential consistency with what they do under x86-TSO, and that with
// what they do where interrupts do not drain store buffers.

// A difference is a property of a design that is violated under one memory model only, in some
// configurations, and by more than a counter that wraps.
type difference struct {
	design   models.Design
	property string
	violated model.MemoryModel // under which
	cells    []*Cell           // in which it is violated
	keys     []string          // of their configurations
}

// differences compares two tables of the same cells under different memory models.
func differences(a, b *Table) []*difference {
	var ds []*difference
	note := func(i, j int, t, other *Table) {
		c := t.Cells[i][j]
		for _, v := range c.Faults() {
			if slices.ContainsFunc(other.Cells[i][j].Faults(),
				func(w verdict.Property) bool { return w.Name == v.Name }) {
				continue
			}
			k := slices.IndexFunc(ds, func(d *difference) bool {
				return d.design.Name == c.Design.Name && d.property == v.Name && d.violated == t.Memory
			})
			if k < 0 {
				k = len(ds)
				ds = append(ds, &difference{design: c.Design, property: v.Name, violated: t.Memory})
			}
			ds[k].cells = append(ds[k].cells, c)
			ds[k].keys = append(ds[k].keys, t.Configs[j].Key)
		}
	}
	for i := range a.Cells {
		for j := range a.Cells[i] {
			note(i, j, a, b)
			note(i, j, b, a)
		}
	}
	return ds
}

// underTSO writes the table under x86-TSO, where it is not that under sequential consistency, and a run for each
// property that a memory model decides.
func (p *page) underTSO(ctx context.Context, designs []models.Design, matrix *Table) error {
	configs := append(models.Matrix(), models.Endless()...)
	var tables []*Table
	for _, mm := range model.MemoryModels() {
		t, err := Run(ctx, mm, designs, configs, props.Names())
		if err != nil {
			return err
		}
		if !t.Complete() {
			return ErrCut
		}
		tables = append(tables, t)
	}
	shown, err := Run(ctx, model.TSO, designs, models.Matrix(), DefaultProps())
	if err != nil {
		return err
	}
	if !shown.Complete() {
		return ErrCut
	}
	p.b.WriteString(tsoHead)
	if shown.sameWords(matrix) {
		p.para("Every cell is as in [the matrix](#the-matrix). %s", shown.notes()[0])
	} else if err := shown.markdown(&p.b, linked); err != nil {
		return err
	}
	p.b.WriteByte('\n')
	p.differences(tables[model.SC], tables[model.TSO],
		"in any cell of this table or of the one of rounds without end")
	p.b.WriteString(lazyHead)
	p.differences(tables[model.TSO], tables[model.TSOLazy], "in any of these configurations")
	return nil
}

// differences writes how two tables of all properties differ, with runs.
func (p *page) differences(a, b *Table, where string) {
	ds := differences(a, b)
	var among []string
	for _, d := range ds {
		if slices.Contains(DefaultProps(), d.property) {
			among = append(among, d.design.Name+": "+d.property)
		}
	}
	switch {
	case len(ds) == 0:
		p.para("No property of any design, in any of these configurations, is violated under one of %s and %s and "+
			"not under the other.", a.Memory, b.Memory)
	case len(among) == 0:
		p.para("Of the default set no property is violated under one of %s and %s and not under the other, %s. Of "+
			"all properties these are:", a.Memory, b.Memory, where)
	default:
		p.para("Of the default set these are violated under one of %s and %s only: %s. Of all properties:",
			a.Memory, b.Memory, strings.Join(among, "; "))
	}
	for _, d := range ds {
		p.difference(d)
	}
}

// difference writes one, with a run.
func (p *page) difference(d *difference) {
	c := d.cells[0]
	fmt.Fprintf(&p.b, "### %s: %s under %s only\n\n", d.design.Name, d.property, d.violated)
	p.para("In the configurations %s; the run is that of the first.", strings.Join(d.keys, ", "))
	p.para("`%s --props all`", command(c))
	fmt.Fprint(&p.b, "```\n")
	report.Story(&p.b, c.Program, c.trace(d.property))
	fmt.Fprint(&p.b, "```\n\n")
}
