package explore

import (
	"context"

	"ctcheck/machine"
	"ctcheck/states"
	"ctcheck/trace"
)

// GraphOf is the graph of a machine; nil if it has more states than so many, or if ctx ends first. The error
// is a fault of the program.
func GraphOf(ctx context.Context, m *machine.Machine, most int) (*trace.Graph, error) {
	p := trace.NewPlayer(m)
	g, set := &trace.Graph{}, states.NewSet(m.Words())
	set.Add(p.State)
	for i := 0; i < set.Len(); i++ {
		if set.Len() > most || ctx.Err() != nil {
			return nil, nil
		}
		p.State = append(p.State[:0], set.At(uint32(i))...)
		owed := false
		for id := range m.Transitions() {
			step, ok, err := p.Try(id)
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			owed = owed || m.Transition(id).Kind.Obliged()
			to, _ := set.Add(p.Next)
			g.Steps = append(g.Steps, trace.Edge{From: i, To: int(to), Step: step, Failed: names(m,
				p.Effects.Failed)})
		}
		ended := m.Ended(p.State)
		g.States = append(g.States, trace.Node{Snapshot: m.Snapshot(p.State), Failed: names(m,
			m.Violated(p.State)), Ended: ended,
			Stuck: !owed && !ended})
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
