package trace

import (
	"slices"

	"ctcheck/ir"
)

// A Graph is the states of a small program with the steps between them, numbered in the order in which a
// breadth-first search meets them. It is neither reduced nor cut.
type Graph struct {
	States []Node
	Steps  []Edge // by the state that they begin in
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
	Step     Step
	Failed   []string // the properties that the step violates
}

// Path is the states that a run of the same program goes through, in its order; nil if it is no run of the
// graph.
func (g *Graph) Path(t *Trace) []int {
	path := []int{0}
	for _, step := range t.Steps {
		from := path[len(path)-1]
		i := slices.IndexFunc(g.Steps, func(e Edge) bool {
			return e.From == from && e.Step.Transition == step.Transition
		})
		if i < 0 {
			return nil
		}
		path = append(path, g.Steps[i].To)
	}
	return path
}
