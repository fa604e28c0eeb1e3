package param

import (
	"ctcheck/machine"
	"ctcheck/states"
)

// This file numbers what views and trees are made of: shared parts, and what replicas can be at.

// A splitter takes states of the instance with one replica apart, and puts them together again.
type splitter struct {
	y      *System
	parts  *states.Set
	locals *states.Set
	buf    []uint64
}

func (y *System) splitter() splitter {
	words := y.m.Words()
	return splitter{y, states.NewSet(words), states.NewSet(words), make([]uint64, words)}
}

// part is the number of the shared part of a state.
func (p *splitter) part(s []uint64) (id uint32, isNew bool) {
	for i, w := range s {
		p.buf[i] = w &^ p.y.mask[i]
	}
	return p.parts.Add(p.buf)
}

// local is the number of what the replica is at in a state.
func (p *splitter) local(s []uint64) (id uint32, isNew bool) {
	for i, w := range s {
		p.buf[i] = w & p.y.mask[i]
	}
	return p.locals.Add(p.buf)
}

// at is the state of a shared part, or of any state with it, and a replica that is at a local.
func (p *splitter) at(shared []uint64, local uint32) []uint64 {
	s := make([]uint64, len(shared))
	for i, w := range p.locals.At(local) {
		s[i] = shared[i]&^p.y.mask[i] | w
	}
	return s
}

// shared is a copy of a shared part.
func (p *splitter) shared(part uint32) []uint64 { return append([]uint64(nil), p.parts.At(part)...) }

// judge adds what a step did besides.
func (a *Alarms) judge(fx machine.Effects) {
	a.Failed |= fx.Failed
	a.fault(fx.Err)
}

// fault keeps the first fault.
func (a *Alarms) fault(err error) {
	if a.Fault == nil {
		a.Fault = err
	}
}
