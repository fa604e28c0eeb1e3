package judge

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"ctcheck/report"
)

// This file writes outcomes for programs. A test has a row for each memory model.

// A Format is one way to write the outcomes of many tests, given what is expected of them, which may be nil.
type Format struct {
	Name   string
	Ending string // of the files that have it, with its dot
	// Write writes the outcomes. As with each function of a format, the error is that of w.
	Write func(w io.Writer, os []*Outcome, e *Expectations) error
}

// Formats is all of them.
func Formats() []Format {
	return []Format{{"json", ".json", JSON}, {"csv", ".csv", CSV}, {"junit", ".xml", JUnit}}
}

// A jsonOutcome is a row. Where there is no answer the fields of the second part are not there, and one of the
// last two says why.
type jsonOutcome struct {
	File   string `json:"file"`
	Name   string `json:"name"`
	Memory string `json:"memory"`

	*jsonAnswer

	Seconds     float64 `json:"seconds"`
	Expected    string  `json:"expected,omitempty"` // the word of the table, if there is one
	Agrees      *bool   `json:"agrees,omitempty"`   // whether the outcome is what that says
	Unsupported string  `json:"unsupported,omitempty"`
	Unknown     string  `json:"unknown,omitempty"`
	Skipped     string  `json:"skipped,omitempty"` // the memory model does not speak of such tests
}

type jsonAnswer struct {
	Observation string `json:"observation"` // herd7's word
	OK          bool   `json:"ok"`          // the proposition with its quantifier is validated
	// Positive is how many final states satisfy the proposition, Negative how many do not; under memory models
	// of axioms, executions, and null where they were not counted to the end.
	Positive *int     `json:"positive"`
	Negative *int     `json:"negative"`
	States   []string `json:"states"` // all of them, as herd7 prints them
	Flags    []string `json:"flags"`
	Deadlock bool     `json:"deadlock,omitempty"` // there is no execution
}

// JSON writes an array with an object for each outcome. The error is that of w.
func JSON(w io.Writer, os []*Outcome, e *Expectations) error {
	rows := []jsonOutcome{}
	for _, o := range os {
		rows = append(rows, o.row(e))
	}
	return report.WriteJSON(w, rows)
}

func (o *Outcome) row(e *Expectations) jsonOutcome {
	r := jsonOutcome{File: o.File, Name: o.Name(), Memory: o.Memory.String(), Seconds: o.Duration.Seconds()}
	switch {
	case o.Err != nil:
		r.Unsupported = o.Why()
	case o.Skipped != "":
		r.Skipped = o.Skipped
	case !o.Known():
		r.Unknown = o.Why()
	default:
		r.jsonAnswer = &jsonAnswer{Observation: o.Observation(), OK: o.OK(), States: append([]string{},
			o.States...),
			Flags: append([]string{}, o.Flags...), Deadlock: o.Executed != nil && o.Deadlocks()}
		if o.Whole {
			r.Positive, r.Negative = &o.Positive, &o.Negative
		}
	}
	if e != nil {
		if r.Expected = e.Of(o); e.Expects(o) && o.Known() {
			agrees := e.Disagreement(o) == ""
			r.Agrees = &agrees
		}
	}
	return r
}

// CSV writes a line for each outcome below one with the names of the columns, which are those of [JSON]; states
// are apart by a bar, flags by a space. The error is that of w.
func CSV(w io.Writer, os []*Outcome, e *Expectations) error {
	c := csv.NewWriter(w)
	c.Write([]string{"file", "name", "memory", "observation", "ok", "positive", "negative", "states", "flags",
		"seconds",
		"expected", "agrees", "unsupported", "unknown"}) // the writer keeps its errors
	for _, o := range os {
		r := o.row(e)
		answer := make([]string, 6)
		if a := r.jsonAnswer; a != nil {
			answer = []string{a.Observation, strconv.FormatBool(a.OK), number(a.Positive), number(a.Negative),
				strings.Join(a.States, " | "), strings.Join(a.Flags, " ")}
		}
		agrees := ""
		if r.Agrees != nil {
			agrees = strconv.FormatBool(*r.Agrees)
		}
		c.Write(append(append([]string{r.File, r.Name, r.Memory}, answer...), fmt.Sprintf("%.6f", r.Seconds),
			r.Expected,
			agrees, r.Unsupported, r.Unknown))
	}
	c.Flush()
	return c.Error()
}

// number is a count, if there is one.
func number(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// JUnit writes a suite for each memory model, with a case for each test. A test fails where it is not as
// expected; where there is no answer it is an error. The error is that of w.
func JUnit(w io.Writer, os []*Outcome, e *Expectations) error {
	var suites []report.JUnitSuite
	at := map[string]int{}
	seconds, lines := map[string]float64{}, map[string]string{}
	for _, o := range os {
		name := o.Memory.String()
		i, known := at[name]
		if !known {
			i = len(suites)
			at[name] = i
			suites = append(suites, report.JUnitSuite{Name: "litmus tests under " + o.Memory.Title()})
		}
		seconds[name] += o.Duration.Seconds()
		lines[name] += fmt.Sprintf("%s: %s\n", o.File, o.summary())
		suites[i].Cases = append(suites[i].Cases, o.junit(e))
	}
	for name, i := range at {
		suites[i].Time, suites[i].Out = fmt.Sprintf("%.3f", seconds[name]), report.JUnitTextOf(lines[name])
	}
	return report.WriteJUnit(w, suites...)
}

func (o *Outcome) junit(e *Expectations) report.JUnitCase {
	c := report.JUnitCase{Name: o.File, Class: "ctcheck.litmus." + o.Memory.String(),
		Time: fmt.Sprintf("%.3f", o.Duration.Seconds())}
	switch r := o.row(e); {
	case o.Err != nil:
		c.Error = &report.JUnitProblem{Message: o.Why(), Type: unsupported}
	case o.Skipped != "":
		c.Skipped = &report.JUnitProblem{Message: o.Skipped}
	case !o.Known():
		c.Error = &report.JUnitProblem{Message: o.Why(), Type: unknown}
	case r.Agrees != nil && !*r.Agrees:
		var text strings.Builder
		Herd(&text, o) // a builder takes all
		c.Failure = &report.JUnitProblem{Message: fmt.Sprintf("%s, expected %s", o.summary(),
			e.Disagreement(o)),
			Type: "unexpected", JUnitText: report.JUnitTextOf("\n" + text.String())}
	}
	return c
}
