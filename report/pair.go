package report

import (
	"io"

	"ctcheck/model"
	"ctcheck/trace"
)

// This file writes the page of two runs side by side, which take the same schedule in two programs.

// A Pair is two runs with what is to be said of them.
type Pair struct {
	Title string
	Says  []string // a paragraph each
	Sides [2]PairSide
}

// A PairSide is one of the runs.
type PairSide struct {
	Name    string
	Program *model.Program
	Trace   *trace.Trace // nil: there is none to draw
}

// pairPage is a Pair as the template draws it.
type pairPage struct {
	Title string
	Says  []string
	Sides []pairStage
}

type pairStage struct {
	Name  string
	Stage stage
}

// HTML writes the page. The cursor moves in both runs at once. The error is that of w.
func (p *Pair) HTML(w io.Writer) error {
	pg := page{Title: p.Title, Data: &pageData{}}
	pair := &pairPage{Title: p.Title, Says: p.Says}
	for i, s := range p.Sides {
		if s.Trace == nil {
			continue
		}
		st := newStage(pg.Data, s.Program, s.Trace, [...]string{"first", "second"}[i], stepping(s.Program, s.Trace))
		st.Title = s.Name
		pair.Sides = append(pair.Sides, pairStage{s.Name, st})
	}
	pg.Pair = pair
	return pageTemplate.Execute(w, pg)
}
