package report

import (
	"cmp"
	"slices"

	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/trace"
)

// This file finds what stands behind the steps on the lanes of a page: the handlers, as boxes in boxes, the
// frames of CPUs that leave the kernel, and the stores that wait.

// bands is the stretches that are under way.
type bands struct {
	*stage
	columns  map[*model.CPU]int
	handlers map[*model.CPU][]band
	frames   map[*model.CPU]band
	stores   map[*model.CPU][]band
}

// step goes one step further, that of the given row.
func (b *bands) step(n, row int, s trace.Step, bt beat) {
	if b.handlers == nil {
		b.handlers, b.frames, b.stores = map[*model.CPU][]band{}, map[*model.CPU]band{}, map[*model.CPU][]band{}
	}
	c := s.CPU
	if len(s.Stack) == 1 && bt.kind != ir.Flush {
		b.frame(row, s)
	}
	if bt.pushes() {
		b.handlers[c] = append(b.handlers[c],
			band{Column: b.columns[c], From: row, Kind: kindOf(s), Name: bt.what, Depth: len(s.Stack)})
	}
	for range bt.pops {
		if open := b.handlers[c]; len(open) > 0 {
			b.close(open[len(open)-1], row)
			b.handlers[c] = open[:len(open)-1]
		}
	}
	if bt.kind == ir.Flush && len(b.stores[c]) > 0 {
		b.close(b.stores[c][0], row)
		b.stores[c] = b.stores[c][1:]
	}
	if s.Waits != nil {
		b.stores[c] = append(b.stores[c], band{Column: b.columns[c], From: row, Kind: "store",
			Name: s.Waits.Var.Name + " waits", Depth: free(b.stores[c])})
	}
}

// free is the least depth at which none of the bands is.
func free(bands []band) (depth int) {
	for slices.ContainsFunc(bands, func(bd band) bool { return bd.Depth == depth }) {
		depth++
	}
	return depth
}

// frame notes in which frame the CPU's own code takes a step.
func (b *bands) frame(row int, s trace.Step) {
	name := s.Stack[0].String()
	now, open := b.frames[s.CPU]
	if open && now.Name == name {
		return
	}
	if open {
		b.close(now, row-1)
	}
	b.frames[s.CPU] = band{Column: b.columns[s.CPU], From: row, Kind: "frame", Name: name}
}

func (b *bands) close(bd band, row int) {
	bd.To = row + 1
	b.Bands = append(b.Bands, bd)
}

// end closes what is still under way in the row before the given one.
func (b *bands) end(row int) {
	for _, open := range b.handlers {
		for _, bd := range open {
			b.close(bd, row-1)
		}
	}
	for _, bd := range b.frames {
		b.close(bd, row-1)
	}
	for _, open := range b.stores {
		for _, bd := range open {
			b.close(bd, row-1)
		}
	}
	b.sort()
}

// sort brings the bands into an order that depends on nothing else, the outer ones first. The frames of a
// CPU that never leaves the kernel say nothing.
func (b *bands) sort() {
	left := map[int]bool{}
	for _, bd := range b.Bands {
		if bd.Kind == "frame" && bd.Name != model.Body.String() {
			left[bd.Column] = true
		}
	}
	b.Bands = slices.DeleteFunc(b.Bands, func(bd band) bool { return bd.Kind == "frame" && !left[bd.Column] })
	slices.SortFunc(b.Bands, func(x, y band) int {
		return cmp.Or(x.Column-y.Column, cmp.Compare(x.Kind, y.Kind), x.Depth-y.Depth, x.From-y.From)
	})
}
