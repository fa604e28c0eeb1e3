package report

import (
	"html/template"
	"io"

	"ctcheck/ir"
	"ctcheck/trace"
)

// This file writes the page of a run that somebody walks along, step by step: the run so far as a
// counterexample is drawn, and below it what each CPU may do next.

// A Walk is a run that is walked along, with where to go from there. Its addresses are those of the
// server that has the pages.
type Walk struct {
	Model, Summary string
	Command        string // that starts the same server
	Of, Path       string // which say where the run is, for a form
	Trace          *trace.Trace
	Next           []Move // in the order of the trace's Next
	Restart, Back  string // Back is empty at the start
	Goals          []GoalGroup
	Message        string // what there is to say, if anything
}

// A Move is a step that may be taken next.
type Move struct {
	Step    trace.Step
	Address string
}

// A GoalGroup is goals of one kind.
type GoalGroup struct {
	Name  string
	Goals []Goal
}

// A Goal is something that a run can be led to.
type Goal struct {
	ID, Name string
	Chosen   bool
}

// walkPage is a Walk as the template draws it.
type walkPage struct {
	*Walk
	Under         string
	Restart, Back template.URL
	Stage         stage
}

// moves is what one CPU may do next.
type moves struct {
	Row, Column int
	Moves       []moveBox
}

type moveBox struct {
	CPU, Kind, Text, Key string
	URL                  template.URL
}

// Write writes the page. Its policy ([Policy]) is for the headers. The error is that of w.
func (wk *Walk) Write(w io.Writer) error {
	p := page{Title: wk.Model + ", step by step", Policied: true, Data: &pageData{}}
	prog := wk.Trace.Program
	st := newStage(p.Data, prog, wk.Trace, "run", prog.CPUs)
	words := &walkData{Of: wk.Of, Words: []string{}}
	for _, step := range wk.Trace.Path() {
		words.Words = append(words.Words, trace.Address([]ir.Transition{step}, -1))
	}
	p.Data.Stages[st.Index].Walk = words
	st.Title = "The run so far"
	if len(wk.Trace.Steps) == 0 {
		st.Title = "The start"
	}
	if wk.Trace.Deadlock {
		st.End = broke(prog, wk.Trace)
	}
	st.addMoves(wk)
	wp := &walkPage{Walk: wk, Under: wk.Trace.Memory.Title(), Restart: template.URL(wk.Restart),
		Back: template.URL(wk.Back)}
	st.Nav = wp
	wp.Stage, p.Walk = st, wp
	return pageTemplate.Execute(w, p)
}

// WriteError writes a page that says what is wrong, in the style of the others, with a way home. Its policy
// ([Policy]) is for the headers. The error is that of w.
func WriteError(w io.Writer, title, what, home string) error {
	p := page{Title: title, Policied: true, Data: &pageData{}, Wrong: &wrongPage{title, what, template.URL(home)}}
	return pageTemplate.Execute(w, p)
}

// A wrongPage is what such a page says.
type wrongPage struct {
	Title, What string
	Home        template.URL
}

// keys are what the moves are chosen by.
const keys = "123456789"

// addMoves puts what may come next below the run.
func (st *stage) addMoves(wk *Walk) {
	column := map[string]int{}
	for i, name := range st.CPUs {
		column[name] = i + 1
		st.Moves = append(st.Moves, moves{Row: st.Rows, Column: i + 1})
	}
	for i, mv := range wk.Next {
		b := moveBox{CPU: mv.Step.CPU.Name, Kind: kindOf(mv.Step), Text: mv.Step.Statement(),
			URL: template.URL(mv.Address)}
		if i < len(keys) {
			b.Key = keys[i : i+1]
		}
		at := &st.Moves[column[b.CPU]-1]
		at.Moves = append(at.Moves, b)
	}
}
