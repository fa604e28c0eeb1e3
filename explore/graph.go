package explore

import (
	"context"

	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/states"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// This file draws the whole graph of a small program: a walk (walk.go) without reductions, in which a player says
// what each step does. The number of states that the caller wants to see bounds it.

// GraphOf is the graph of a program with the monitors of its properties; nil if it has more states than so many, or
// if ctx ends first. Of the options it keeps the memory model, and finds the room of store buffers as [Run] does.
// The graph of a program that needs larger buffers than there are is that with the largest ones.
//
// The error is a fault of the program or a monitor: what cannot be compiled, a value outside its range.
func GraphOf(ctx context.Context, p *model.Program, ms []*model.Monitor, o Options, most int) (*trace.Graph,
	error) {
	var g *trace.Graph
	err := withBuffers(o.Memory, p, ms, nil, func(m *machine.Machine, larger uint64) (uint64, error) {
		b := newBounds(ctx, Options{}, larger)
		var err error
		if g, err = graphOf(m, b, most); b.met != verdict.AtBuffer {
			return 0, err
		}
		return b.outgrew, err
	})
	if err != nil {
		return nil, err
	}
	return g, nil
}

// graphOf is the graph of a machine; nil if it has more states than so many, or if a bound is met.
func graphOf(m *machine.Machine, b *bounds, most int) (*trace.Graph, error) {
	p := trace.NewPlayer(m)
	g, set := &trace.Graph{}, states.NewSet(m.Words())
	set.Add(p.State)
	w := walk{m: m, set: set, blocked: b.outgrown}
	w.stop = func() bool {
		if b.ctx.Err() != nil {
			b.stop(stopCause(b.ctx.Err()))
		}
		return b.stopped()
	}
	w.expand = func(i uint32) bool {
		if set.Len() > most {
			b.stop(verdict.AtStates)
		}
		p.State = append(p.State[:0], set.At(i)...)
		return !w.stop()
	}
	var fault error
	w.take = func(e edge) visitAction {
		step, _, err := p.Try(e.t)
		if fault = err; err != nil {
			return stopWalk
		}
		g.Steps = append(g.Steps, trace.Edge{From: int(e.from), To: int(e.to), Step: step,
			Failed: names(m, p.Effects.Failed)})
		return enqueue
	}
	w.done = func(i uint32, obliged bool) {
		g.States = append(g.States, trace.Node{Snapshot: m.Snapshot(p.State), Failed: names(m, m.Violated(p.State)),
			Ended: m.Ended(p.State), Stuck: m.Deadlock(p.State, obliged)})
	}
	if err := w.run(); err != nil {
		return nil, withRun(b.ctx, m, err)
	}
	if fault != nil || b.stopped() {
		return nil, withRun(b.ctx, m, fault)
	}
	return g, nil
}

// names is a set of properties by their names.
func names(m *machine.Machine, set uint64) []string {
	var names []string
	for i, name := range m.Properties {
		if set>>i&1 != 0 {
			names = append(names, name)
		}
	}
	return names
}
