package trace

import (
	"slices"

	"ctcheck/ir"
	"ctcheck/model"
)

// This file finds, for each step of a trace that reads shared memory, the steps that wrote what it saw
// (the relation reads-from of Alglave, Maranget and Tautschnig, Herding cats, TOPLAS 2014). Several wrote it
// where some stored to parts of a word only.

// A source is a step that wrote some bits of what a variable holds.
type source struct {
	step int // index in the trace
	mask int64
}

// A Read is one variable that a step read, with the steps that wrote what it saw; none stands for what the
// variable held when the run began.
type Read struct {
	Var  *model.Var
	From []int // indices of steps, in their order
}

// A history is who wrote what memory and the store buffers hold.
type history struct {
	memory map[*model.Var][]source
	waits  map[*model.CPU][]waiting
}

// A waiting is a store in a buffer.
type waiting struct {
	source
	v *model.Var
}

// ReadsFrom is, for each step of the trace, what it read from shared memory: one Read for each of its accesses
// that reads, in their order. A step that saw its CPU's own store in the store buffer reads from the step that
// made the store, not from the flush, and so does a step that saw it in memory.
func (t *Trace) ReadsFrom() [][]Read {
	h := &history{memory: map[*model.Var][]source{}, waits: map[*model.CPU][]waiting{}}
	all := make([][]Read, len(t.Steps))
	for n, s := range t.Steps {
		if q := h.waits[s.CPU]; s.Transition.Kind == ir.Flush && len(q) > 0 {
			h.write(q[0].v, q[0].source)
			h.waits[s.CPU] = q[1:]
		}
		for _, a := range s.Accesses {
			if a.Read {
				all[n] = append(all[n], Read{a.Var, h.read(s.CPU, a.Var)})
			}
			switch {
			case a.Write && s.Waits != nil:
				h.waits[s.CPU] = append(h.waits[s.CPU], waiting{source{n, a.Mask}, a.Var})
			case a.Write:
				h.write(a.Var, source{n, a.Mask})
			}
		}
	}
	return all
}

// write lets a step have written some bits of a variable.
func (h *history) write(v *model.Var, w source) { h.memory[v] = over(h.memory[v], w) }

// over is the sources after one more write.
func over(old []source, w source) []source {
	var left []source
	for _, o := range old {
		if o.mask &^= w.mask; o.mask != 0 {
			left = append(left, o)
		}
	}
	return append(left, w)
}

// read is the steps that wrote what a CPU sees in a variable.
func (h *history) read(c *model.CPU, v *model.Var) []int {
	sources := h.memory[v]
	for _, w := range h.waits[c] {
		if w.v == v {
			sources = over(sources, w.source)
		}
	}
	var steps []int
	for _, s := range sources {
		steps = append(steps, s.step)
	}
	slices.Sort(steps)
	return steps
}
