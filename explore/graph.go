package explore

import (
	"context"

	"ctcheck/ir"
	"ctcheck/machine"
)

// A Graph is the states of a small program with the steps between them, numbered in the order in which a
// breadth-first search meets them. It is neither reduced nor cut.
type Graph struct {
	States []Node
	Steps  []Edge // by the state that they begin in
	m      *machine.Machine
	set    *stateSet
}

// A Node is a state of a graph.
type Node struct {
	Snapshot ir.Snapshot
	Failed   []string // the properties that it violates
	Ended    bool     // every CPU has
	Stuck    bool     // nothing must happen any more, and not every CPU has ended
}

// An Edge is a step of a graph.
type Edge struct {
	From, To int
	Step     TraceStep
	Failed   []string // the properties that the step violates
}

// GraphOf is the graph of a machine; nil if it has more states than so many, or if ctx ends first. The error
// is a fault of the program.
func GraphOf(ctx context.Context, m *machine.Machine, most int) (*Graph, error) {
	p := newPlayer(m)
	g := &Graph{m: m, set: newStateSet(m.Words())}
	g.set.add(p.s)
	for i := 0; i < g.set.n; i++ {
		if g.set.n > most || ctx.Err() != nil {
			return nil, nil
		}
		p.s = append(p.s[:0], g.set.at(uint32(i))...)
		owed := false
		for id := range m.Transitions() {
			step, ok, err := p.try(id)
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			owed = owed || m.Transition(id).Kind != ir.PushNMI
			to, _ := g.set.add(p.dst)
			g.Steps = append(g.Steps, Edge{From: i, To: int(to), Step: step, Failed: g.names(p.fx.Failed)})
		}
		ended := m.Ended(p.s)
		g.States = append(g.States, Node{Snapshot: m.Snapshot(p.s), Failed: g.names(m.Violated(p.s)), Ended: ended,
			Stuck: !owed && !ended})
	}
	return g, nil
}

// names is a set of properties by their names.
func (g *Graph) names(set uint64) []string {
	var names []string
	for i, name := range g.m.Properties {
		if set>>i&1 != 0 {
			names = append(names, name)
		}
	}
	return names
}

// Path is the states that a trace of the same machine goes through, in its order.
func (g *Graph) Path(t *Trace) []int {
	var path []int
	for _, s := range t.states {
		i, _, known := g.set.find(s)
		if !known {
			return nil
		}
		path = append(path, int(i))
	}
	return path
}
