package browse

import (
	"fmt"
	"slices"
	"strings"

	"ctcheck/explore"
	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/report"
)

// This file has the goals that a run can be led to: counterexamples, violations, events, statements, what must be
// reachable, and the end.

// A goal is one of them. Those without wanted are counterexamples, which are found by the search of the
// whole.
type goal struct {
	id, name string
	property string
	wanted   func(explore.StepInfo) bool
}

// A group is goals of one kind.
type group struct {
	name  string
	goals []goal
}

// goals is all that the runs of a program can be led to.
func goals(p *ir.Program) []group {
	return []group{
		{"a counterexample", counterexamples(p)},
		{"a state or step that violates", violations(p)},
		{"an event", events(p)},
		{"a statement", statements(p)},
		{"what must be reachable", claims(p)},
	}
}

func counterexamples(p *ir.Program) (gs []goal) {
	for i, name := range append(slices.Clone(p.Properties), model.NoDeadlock) {
		gs = append(gs, goal{id: fmt.Sprintf("counterexample-%d", i), name: "a counterexample of " + name,
			property: name})
	}
	return gs
}

func violations(p *ir.Program) (gs []goal) {
	for i, name := range p.Properties {
		if !slices.ContainsFunc(p.Live, func(l ir.Live) bool { return l.Property == i }) {
			gs = append(gs, goal{id: fmt.Sprintf("violation-%d", i), name: "a violation of " + name,
				wanted: func(d explore.StepInfo) bool { return d.Failed>>i&1 != 0 }})
		}
	}
	return append(gs, goal{id: "deadlock", name: "a deadlock",
		wanted: func(d explore.StepInfo) bool { return d.Stuck }},
		goal{id: "end", name: "every CPU has ended", wanted: func(d explore.StepInfo) bool { return d.Ended }})
}

// events are told apart by their text; what has the same is one goal.
func events(p *ir.Program) (gs []goal) {
	index := map[string]int{}
	var texts []string
	same := map[ir.Happening]int{}
	for _, h := range p.Happenings() {
		text := h.CPU.Name + ": " + report.EventText(h)
		if h.Label != "" {
			text += " (" + h.Label + ")"
		}
		i, ok := index[text]
		if !ok {
			i = len(texts)
			index[text], texts = i, append(texts, text)
		}
		same[h] = i
	}
	for i, text := range texts {
		gs = append(gs, goal{id: fmt.Sprintf("event-%d", i), name: text, wanted: func(d explore.StepInfo) bool {
			for _, h := range d.Events {
				h.Arg = nil
				if k, ok := same[h]; ok && k == i {
					return true
				}
			}
			return false
		}})
	}
	return gs
}

// statements are told apart by their routine's name and their text.
func statements(p *ir.Program) (gs []goal) {
	index := map[string]int{}
	of := map[*model.Stmt]int{}
	p.Source.Walk(func(pl model.Place) {
		s := pl.Stmt()
		if !s.Kind.IsStep() || s.Label == "" || pl.Atomic != nil && pl.Atomic != s {
			return
		}
		text := strings.TrimSpace(pl.Routine.Name + "(): " + s.Label)
		i, ok := index[text]
		if !ok {
			i = len(gs)
			index[text] = i
			gs = append(gs, goal{id: fmt.Sprintf("statement-%d", i), name: text,
				wanted: func(d explore.StepInfo) bool { k, ok := of[d.Stmt]; return ok && k == i }})
		}
		of[s] = i
	})
	return gs
}

func claims(p *ir.Program) (gs []goal) {
	for i, cl := range p.Source.Claims {
		gs = append(gs, goal{id: fmt.Sprintf("claim-%d", i), name: cl.Name,
			wanted: func(d explore.StepInfo) bool { return d.Reached>>i&1 != 0 }})
	}
	return gs
}
