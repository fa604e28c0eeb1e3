package param

import (
	"context"
	"slices"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
)

// This file makes systems of programs, with store buffers as large as their steps need.

// A Builder makes the program of a family with so many replicas, and the monitors of the properties to be decided.
type Builder func(replicas int) (*model.Program, []*model.Monitor, error)

// mostBuffered is the most stores that wait in one buffer.
const mostBuffered = 16

// Load makes a system of a family under a memory model. The error is that of [New], or of a program.
func Load(mm model.MemoryModel, build Builder) (*System, error) {
	var lows [2]*ir.Program
	for i := range lows {
		p, ms, err := build(i + 1)
		if err != nil {
			return nil, err
		}
		if lows[i], err = ir.Lower(p, ms...); err != nil {
			return nil, err
		}
	}
	var sizes map[string]int
	if mm.HasBuffers() {
		sizes = map[string]int{}
		for _, c := range lows[0].CPUs {
			sizes[c.Name] = 1
		}
	}
	return pack(mm, lows, sizes)
}

// pack packs the instances, with store buffers of the given sizes: the second replica's is as the first one's.
func pack(mm model.MemoryModel, lows [2]*ir.Program, sizes map[string]int) (*System, error) {
	var ms [2]*machine.Machine
	for i, low := range lows {
		o := machine.Options{Memory: mm}
		for _, c := range low.CPUs {
			size, known := sizes[c.Name]
			if !known && sizes != nil {
				size = sizes[low.Source.Replicated[0].Name]
			}
			o.BufferSizes = append(o.BufferSizes, size)
		}
		ms[i] = machine.Pack(o, low)
	}
	y, err := New(ms[0], ms[1])
	if err == nil && sizes != nil {
		y.larger = func(full uint64) (*System, error) {
			bigger, grown := map[string]int{}, false
			for i, c := range lows[0].CPUs {
				bigger[c.Name] = sizes[c.Name]
				if full>>i&1 != 0 && sizes[c.Name] < mostBuffered {
					bigger[c.Name], grown = min(2*sizes[c.Name], mostBuffered), true
				}
			}
			if !grown {
				return nil, nil
			}
			return pack(mm, lows, bigger)
		}
	}
	return y, err
}

// Views computes the least set of views that has those of the initial states and that no step leaves. A system that
// [Load] made gets store buffers as large as its steps need, if that is not more than 16 entries; where some store
// needs more, the set says which CPU's.
func (y *System) Views(ctx context.Context, limit Limit) *Views {
	for {
		v := y.views(ctx, limit)
		if v.Full == 0 || y.larger == nil || !v.Done {
			return v
		}
		bigger, err := y.larger(v.Full)
		if err != nil || bigger == nil { // it was a family with smaller buffers
			return v
		}
		*y = *bigger
	}
}

// Properties is the names of the properties; bit i of a set of them stands for the one with index i.
func (y *System) Properties() []string { return slices.Clone(y.m.Properties) }

// Replica is the CPU that stands for any number of its kind.
func (y *System) Replica() *model.CPU { return y.m.Program.CPUs[y.replica] }

// Bits is the bits of a packed view.
func (y *System) Bits() int { return y.m.Bits() }
