package explore

import (
	"slices"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
)

// This file finds how large the store buffers have to be, where the memory model has any.

// MaxBufferSize is the most stores that wait in one buffer. A CPU that fills that does so in a loop without
// anything to drain it.
const MaxBufferSize = 16

// withBuffers compiles the program and has it searched, with larger and larger store buffers where search says
// that they were outgrown. It begins with the sizes given, if they are such. larger is the CPUs whose
// buffer can be made larger still.
func withBuffers(mm model.MemoryModel, p *model.Program, ms []*model.Monitor, sizes []int,
	search func(m *machine.Machine, larger uint64) (outgrew uint64, err error)) error {
	low, err := ir.Lower(p, ms...)
	if err != nil {
		return err
	}
	return growBuffers(machine.Options{Memory: mm}, low, sizes, search)
}

// growBuffers is withBuffers for a lowered program, and machines with other options.
func growBuffers(o machine.Options, low *ir.Program, sizes []int,
	search func(m *machine.Machine, larger uint64) (outgrew uint64, err error)) error {
	bad := func(n int) bool { return n < 1 || n > MaxBufferSize }
	switch {
	case !o.Memory.HasBuffers():
		sizes = nil
	case len(sizes) != len(low.CPUs) || slices.ContainsFunc(sizes, bad):
		sizes = slices.Repeat([]int{1}, len(low.CPUs))
	}
	for {
		o.BufferSizes = sizes
		m := machine.Pack(o, low)
		larger := uint64(0)
		for i, n := range sizes {
			if n < MaxBufferSize {
				larger |= 1 << i
			}
		}
		outgrew, err := search(m, larger)
		if err != nil || outgrew&larger == 0 {
			return err
		}
		sizes = slices.Clone(sizes)
		for i := range sizes {
			if outgrew>>i&1 != 0 {
				sizes[i] = min(2*sizes[i], MaxBufferSize)
			}
		}
	}
}

// roomOf is the sizes of buffers that a program can need at most, by its code, where stores that need none have
// none; 1 for a CPU of which that does not say, for it is interrupted, or stores in a loop.
func roomOf(mm model.MemoryModel, low *ir.Program) []int {
	if !mm.HasBuffers() {
		return nil
	}
	f := ir.Flow{Program: low, Memory: mm}
	f.FindPrompt()
	sizes := make([]int, len(low.CPUs))
	for i, c := range low.CPUs {
		sizes[i] = 1
		if len(c.Levels) > 1 {
			continue
		}
		if n := f.MostWaiting(c.Levels[0], MaxBufferSize+1); n >= 1 && n <= MaxBufferSize {
			sizes[i] = n
		}
	}
	return sizes
}
