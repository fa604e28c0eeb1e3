package report

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"

	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/trace"
)

// This file has what the script of a page needs to know: of every run the states, the truth of the
// properties, where in the listings its steps stand, and the arrows.

// pageData is all of it.
type pageData struct {
	Stages   []stageData `json:"stages"`
	listings []listed
	index    map[*model.Routine]int // of the listings
	same     map[string]int         // the same, by their texts
	at       map[*model.Stmt]place
	in       map[*model.Stmt]*model.Routine // which routine a statement is in
	result   map[*model.Routine]*model.Var  // what takes the routine's result, the first that does
}

// A place is a line of a listing.
type place struct {
	Listing int `json:"l"`
	Line    int `json:"i"`
}

// A stageData is a run.
type stageData struct {
	ID         string      `json:"id"`
	Properties []string    `json:"props"`
	Rows       []rowKey    `json:"rows"`
	States     []stateData `json:"states"`
	Arrows     []arrow     `json:"arrows"`
	Walk       *walkData   `json:"walk,omitempty"` // of a run that somebody walks along
}

// A walkData is what addresses of the run's beginnings are made of.
type walkData struct {
	Of    string   `json:"of"`
	Words []string `json:"words"` // of each step
}

// A stateData is the state after some steps.
type stateData struct {
	Steps int        `json:"n"`
	Title string     `json:"title"`
	Cells []cell     `json:"set"`   // that differ from the state before it in the list
	Truth string     `json:"truth"` // a letter for each property: k kept, b broken here, o owed
	At    *place     `json:"at"`    // the statement of the step that led here
	Next  []nextData `json:"next"`
}

// A nextData is where a CPU stands.
type nextData struct {
	CPU string `json:"cpu"`
	place
}

// An arrow leads from a step to a later one.
type arrow struct {
	From int    `json:"f"`
	To   int    `json:"t"`
	Kind string `json:"k"` // reads, ipi or flush
	Text string `json:"v"`
	Same bool   `json:"s,omitempty"` // both are steps of one CPU
}

// Listings is the routines that the runs go through.
func (d *pageData) Listings() []listed { return d.listings }

// list makes sure that a routine is listed.
func (d *pageData) list(r *model.Routine) int {
	if i, ok := d.index[r]; ok {
		return i
	}
	if d.index == nil {
		d.index, d.at, d.same = map[*model.Routine]int{}, map[*model.Stmt]place{}, map[string]int{}
	}
	l := listingOf(r, d.result[r])
	if first, ok := d.same[l.text()]; ok { // what several CPUs have of their own is listed once
		for i, ln := range l.lines {
			if ln.stmt != nil {
				d.at[ln.stmt] = place{first, i}
			}
		}
		d.index[r] = first
		return first
	}
	out := listed{ID: len(d.listings), Name: r.Name}
	d.same[l.text()] = out.ID
	for i, ln := range l.lines {
		row := listedLine{Number: i + 1, Indent: ln.indent, Text: ln.text, Aside: ln.aside}
		if s := ln.stmt; s != nil {
			d.at[s] = place{out.ID, i}
			out.File = filepath.Base(s.File)
			row.Where = fmt.Sprintf("%s:%d", out.File, s.Line)
		}
		out.Lines = append(out.Lines, row)
	}
	d.listings = append(d.listings, out)
	d.index[r] = out.ID
	return out.ID
}

// add puts a run into the data.
func (d *pageData) add(st *stage, p *model.Program, t *trace.Trace, sc scene, reads [][]trace.Read, shown []int) {
	sd := stageData{ID: st.ID, States: []stateData{}, Arrows: []arrow{},
		Properties: t.Properties}
	if d.in == nil {
		d.in, d.result = map[*model.Stmt]*model.Routine{}, map[*model.Routine]*model.Var{}
	}
	p.Walk(func(pl model.Place) { d.in[pl.Stmt()] = pl.Routine })
	maps.Copy(d.result, resultsOf(p))
	tb := newTable()
	sd.States = append(sd.States, d.state(tb, t, 0, "the initial state"))
	for _, n := range shown {
		s := t.Steps[n]
		x := d.state(tb, t, n+1, fmt.Sprintf("step %d, %s: %s", n+1, s.CPU.Name, s.Statement()))
		stmt := s.Stmt
		if s.Transition.Kind == ir.Flush {
			stmt = s.Stored.Stmt
		}
		if r := d.in[stmt]; r != nil { // the call may be over within the step
			d.list(r)
			pl := d.at[stmt]
			x.At = &pl
		}
		sd.States = append(sd.States, x)
	}
	sd.Rows = tb.rows
	drawn := map[int]bool{}
	for _, n := range shown {
		drawn[n] = true
	}
	for _, n := range shown {
		for _, a := range arrowsTo(n, t, sc, reads[n]) {
			if drawn[a.From-1] {
				sd.Arrows = append(sd.Arrows, a)
			}
		}
	}
	d.Stages = append(d.Stages, sd)
}

// state is the state after n steps.
func (d *pageData) state(tb *table, t *trace.Trace, n int, title string) stateData {
	snap := t.Snapshot(n)
	x := stateData{Steps: n, Title: title, Cells: tb.write(t, snap), Next: []nextData{}}
	if x.Cells == nil {
		x.Cells = []cell{}
	}
	var truth strings.Builder
	for _, tr := range t.Truths(n) {
		truth.WriteByte(tr.String()[0])
	}
	x.Truth = truth.String()
	for _, c := range snap.CPUs {
		for _, lv := range c.Levels {
			for _, call := range lv.Calls {
				d.list(call.Routine)
			}
		}
		if k := len(c.Levels) - 1; k >= 0 && c.Levels[k].Next != nil {
			if pl, ok := d.at[c.Levels[k].Next]; ok {
				x.Next = append(x.Next, nextData{c.CPU.Name, pl})
			}
		}
	}
	return x
}

// arrowsTo is the arrows that end in step n.
func arrowsTo(n int, t *trace.Trace, sc scene, reads []trace.Read) []arrow {
	var as []arrow
	if from := sc.beats[n].cause; from >= 0 {
		kind, text := "ipi", "IPI"
		if sc.beats[n].kind == ir.Flush {
			kind, text = "flush", "becomes visible"
		}
		as = append(as, arrow{from + 1, n + 1, kind, text, t.Steps[from].CPU == t.Steps[n].CPU})
	}
	for _, s := range reads {
		for _, from := range s.From {
			as = append(as, arrow{from + 1, n + 1, "reads", s.Var.Name, t.Steps[from].CPU == t.Steps[n].CPU})
		}
	}
	return as
}
