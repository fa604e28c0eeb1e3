package explore

import (
	"ctcheck/machine"
	"ctcheck/states"
)

// A depthCutoff looks past the states at the depth bound, after a search that interprets every step: it fires their
// transitions without going where they lead. The search was cut if one of them leads to a state that is not in the
// set, or violates something.
type depthCutoff struct {
	in     *problem
	bounds *bounds
	reduce *reductions
	found  *findings
	counts *counts
	set    *states.Set
	dst    []uint64
	fx     machine.Effects
}

// look looks past one state. The error is a fault of the program.
func (b *depthCutoff) look(i uint32) error {
	if b.dst == nil {
		b.dst = make([]uint64, b.in.m.Words())
	}
	for t := range b.in.m.Transitions() {
		if !b.in.m.Fire(b.set.At(i), t, b.dst, &b.fx) {
			b.bounds.outgrown(b.fx.Full)
			continue
		}
		if b.fx.Err != nil {
			return b.fx.Err
		}
		b.counts.transitions++
		b.found.reached |= b.fx.Reached
		b.reduce.canon(b.dst)
		_, known := b.set.Find(b.dst)
		b.bounds.cut = b.bounds.cut || !known || b.fx.Failed&^b.found.failed != 0
	}
	return nil
}
