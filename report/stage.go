package report

import (
	"fmt"

	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/trace"
)

// This file draws a run on a page.

// The most steps of a run that are drawn: the first ones and the last ones.
const (
	firstDrawn = 500
	lastDrawn  = 1000
)

// A stage is a run as it is drawn: a lane for each CPU, time downwards.
type stage struct {
	ID    string // in the fragment of a link to it
	Index int    // among the page's stages
	Title string
	CPUs  []string
	Start string
	Rows  int // of the grid, the head included
	Boxes []box
	Bands []band // what stands behind the boxes
	Marks []mark // what stands between them
	End   []string
	Cut   string // what is not drawn
	Moves []moves
	Nav   *walkPage // of a run that somebody walks along
}

// A box is one step.
type box struct {
	N           int // counted from 1
	Row, Column int
	Depth       int
	CPU, Frame  string
	Kind        string   // step, ipi, nmi or flush
	Calls       []string // that are named with it
	What        string
	Notes       []string
	Reads       []read
	Pops        int
	Broken      bool     // it violates the property that the run is of
	Breaks      []string // the properties that it violates
}

// A read is what a step read, and where it came from.
type read struct {
	Name string
	From []int // steps, counted from 1; none: it is as it was at the start
}

// A band is a stretch of a lane: a handler, a frame of the CPU's own code, or a store that waits.
type band struct {
	Column, From, To int
	Kind, Name       string
	Depth            int
}

// Labelled says that the name stands beside the band: not of stores that wait beside another one, where there is
// no room.
func (b band) Labelled() bool { return b.Kind == "frame" || b.Kind == "store" && b.Depth == 0 }

// A mark is a line across all lanes.
type mark struct {
	Row  int
	Text string
}

// A listed is a listing as the page has it.
type listed struct {
	ID    int
	Name  string
	File  string
	Lines []listedLine
}

type listedLine struct {
	Number int
	Indent int
	Text   string
	Aside  bool
	Where  string
}

// drawn is the steps of a run that are drawn, and what to say of the others.
func drawn(n int) (steps []int, cut string) {
	for i := range n {
		if i < firstDrawn || i >= n-lastDrawn {
			steps = append(steps, i)
		}
	}
	if len(steps) < n {
		cut = fmt.Sprintf("Steps %d to %d, %d in all, are not drawn; --format json has them.", firstDrawn+1,
			n-lastDrawn, n-len(steps))
	}
	return steps, cut
}

// newStage draws a run.
func newStage(data *pageData, p *model.Program, t *trace.Trace, id string, cpus []*model.CPU) stage {
	st := stage{ID: id, Index: len(data.Stages), Start: startText(t)}
	sc := sceneOf(p, t)
	reads := t.ReadsFrom()
	columns := map[*model.CPU]int{}
	for i, c := range cpus {
		columns[c] = i + 1
		st.CPUs = append(st.CPUs, c.Name)
	}
	shown, cut := drawn(len(t.Steps))
	st.Cut = cut
	b := &bands{stage: &st, columns: columns}
	row := 3 // below the heads and the start
	for k, n := range shown {
		switch {
		case n == t.Loop:
			st.Marks = append(st.Marks, mark{row, "from here for ever"})
			row++
		case k > 0 && shown[k-1] != n-1:
			st.Marks = append(st.Marks, mark{row, cut})
			row++
		}
		bx := sc.beats[n].box(n, t.Steps[n])
		bx.Row, bx.Column = row, columns[t.Steps[n].CPU]
		bx.Broken, bx.Breaks = breaks(t, n+1)
		for _, s := range reads[n] {
			rd := read{Name: s.Var.Name}
			for _, f := range s.From {
				rd.From = append(rd.From, f+1)
			}
			bx.Reads = append(bx.Reads, rd)
		}
		b.step(n, row, t.Steps[n], sc.beats[n])
		st.Boxes = append(st.Boxes, bx)
		row++
	}
	if t.Loop >= 0 {
		st.Marks = append(st.Marks, mark{row, fmt.Sprintf("back to the state before step %d", t.Loop+1)})
		row++
	}
	b.end(row)
	st.Rows = row
	data.add(&st, p, t, sc, reads, shown)
	return st
}

// breaks is the properties that the state after n steps, or the step to it, violates for the first time, and
// whether the one that the trace is of is among them; of a run that is of none each one counts.
func breaks(t *trace.Trace, n int) (own bool, names []string) {
	before := t.Truths(n - 1)
	for p, truth := range t.Truths(n) {
		if truth != trace.Broken || before[p] == trace.Broken {
			continue
		}
		names = append(names, t.Properties[p])
		own = own || t.Property == "" || t.Properties[p] == t.Property
	}
	return own, names
}

// box is a step as it is drawn.
func (b beat) box(n int, s trace.Step) box {
	depth := len(s.Stack) - 1
	if b.pushes() {
		depth++
	}
	return box{N: n + 1, Depth: depth, CPU: s.CPU.Name, Frame: s.Frame().String(), Kind: kindOf(s),
		Calls: b.heads, What: b.what, Notes: b.notes, Pops: b.pops}
}

// kindOf is the class of a step.
func kindOf(s trace.Step) string {
	switch s.Transition.Kind {
	case ir.PushIPI, ir.PushIRQ:
		return "ipi"
	case ir.PushNMI:
		return "nmi"
	case ir.Flush:
		return "flush"
	}
	return "step"
}
