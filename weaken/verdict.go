package weaken

import (
	"slices"

	"ctcheck/model"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// This file says what the searches mean.

// A Verdict is what one memory model says of a row, over all cases.
type Verdict struct {
	Memory model.MemoryModel
	Breaks []Break // properties, then claims that something can be reached; each once
	Faults []Note  // cases in which it cannot be asked, with the reasons
	Open   []Note  // cases in which it is not decided, with the bounds
	Inert  string  // why it changes nothing, which the searches confirmed; empty otherwise
}

// A Break is something that the protocol has and the weaker one has not.
type Break struct {
	Name    string
	Claim   bool // it is a claim that something can be reached, and no longer is
	Case    *Case
	Program *model.Program
	Trace   *trace.Trace // nil for a claim
}

// A Note is a remark on one case.
type Note struct {
	Case *Case
	Text string
	Run  *trace.Fault // that leads to a fault of the weaker protocol, where there is one
}

// What may become of a row under a memory model.
const (
	Needed    = "needed"
	NotNeeded = "not needed"
	Inert     = "changes nothing"
	Open      = "open"
	Cannot    = "cannot be asked"
)

// Outcome is what became of the row in a few words.
func (v *Verdict) Outcome() string {
	switch {
	case len(v.Breaks) > 0:
		return Needed
	case len(v.Open) > 0:
		return Open
	case len(v.Faults) > 0:
		return Cannot
	case v.Inert != "":
		return Inert
	}
	return NotNeeded
}

// Shortest is the break with the shortest run, the first of several; nil if none has a run.
func (v *Verdict) Shortest() *Break {
	var best *Break
	for i := range v.Breaks {
		if b := &v.Breaks[i]; b.Trace != nil && (best == nil || len(b.Trace.Steps) < len(best.Trace.Steps)) {
			best = b
		}
	}
	return best
}

// notRun is the bound of a search that was not begun.
const notRun = "not run"

// open is the bound that kept a cell from its end; empty if none did. A search that stopped at a
// violation before a fault of the program says what there is to say.
func (c *cell) open() string {
	switch {
	case c.result == nil && c.fault == "":
		return notRun
	case c.result == nil || c.result.Complete || c.fault != "" && c.result.Bound == verdict.AtFirst:
		return ""
	}
	return string(c.result.Bound)
}

// judge fills in the verdicts of all rows.
func (t *Table) judge() {
	for _, r := range t.Rows {
		r.Verdicts = nil
		for _, mm := range t.Memories {
			v := &Verdict{Memory: mm, Inert: r.inert(mm)}
			if r.Part != "" {
				v.Faults = append(v.Faults, Note{Text: "the model has it as part of one step, " + r.Part})
			}
			for _, c := range t.cells {
				if c.row == r && c.memory == mm {
					v.look(c)
				}
			}
			t.sort(v)
			r.Verdicts = append(r.Verdicts, v)
		}
	}
}

// look adds what one cell says.
func (v *Verdict) look(c *cell) {
	if why := c.own.open(); why != "" {
		if why != notRun {
			why = "the protocol itself: " + why
		}
		v.Open = append(v.Open, Note{Case: c.cs, Text: why})
		return
	}
	if why := c.open(); why != "" {
		v.Open = append(v.Open, Note{Case: c.cs, Text: why})
	}
	if c.fault != "" {
		v.Faults = append(v.Faults, Note{c.cs, c.fault, c.faultRun})
	}
	r, own := c.result, c.own.result
	if r == nil {
		return
	}
	if alike := c.own.alike; r.States != alike.States || r.Transitions != alike.Transitions {
		v.Inert = ""
	}
	for _, p := range r.Properties {
		if p.Violated && !violates(own, p.Name) {
			v.add(Break{Name: p.Name, Case: c.cs, Program: c.program, Trace: p.Trace})
		}
	}
	if !r.Complete {
		return
	}
	for i, cl := range r.Claims {
		if !cl.Reached && own.Claims[i].Reached {
			v.add(Break{Name: cl.Name, Claim: true, Case: c.cs, Program: c.program})
		}
	}
}

// add keeps, of the breaks of one property, the one with the shortest run.
func (v *Verdict) add(b Break) {
	i := slices.IndexFunc(v.Breaks, func(o Break) bool { return o.Name == b.Name && o.Claim == b.Claim })
	switch {
	case i < 0:
		v.Breaks = append(v.Breaks, b)
	case !b.Claim && len(b.Trace.Steps) < len(v.Breaks[i].Trace.Steps):
		v.Breaks[i] = b
	}
}

// sort puts the breaks into the order of the properties, claims last.
func (t *Table) sort(v *Verdict) {
	var order []string
	for _, c := range slices.Concat(t.own...) {
		if c.result != nil {
			for _, p := range c.result.Properties {
				if !slices.Contains(order, p.Name) {
					order = append(order, p.Name)
				}
			}
		}
	}
	rank := func(b Break) int {
		if b.Claim {
			return len(order)
		}
		return slices.Index(order, b.Name)
	}
	slices.SortStableFunc(v.Breaks, func(a, b Break) int { return rank(a) - rank(b) })
}

// inert is why the weakening can change nothing under the memory model; empty if it may.
func (r *Row) inert(mm model.MemoryModel) string {
	if r.Kind != Order && r.Kind != Fence {
		return ""
	}
	return mm.Inert(r.stmt)
}

// violations is what the protocol itself violates or does not reach in a case under a memory model, so
// that no row is judged by it.
func (c *cell) violations() []string {
	var names []string
	if c.result == nil {
		return nil
	}
	for _, p := range c.result.Properties {
		if p.Violated {
			names = append(names, p.Name)
		}
	}
	for _, cl := range c.result.Claims {
		if !cl.Reached {
			names = append(names, "reachable: "+cl.Name)
		}
	}
	return names
}
