package command

import (
	"fmt"
	"io"
	"slices"

	"ctcheck/judge"
	"ctcheck/model"
	"ctcheck/report"
	"ctcheck/trace"
)

// This file has the formats of the litmus command.

// A litmusFormat is one way to write what came of tests: outcomes, or of one test a report with the run.
type litmusFormat struct {
	name, ending string
	outcomes     func(w io.Writer, os []*judge.Outcome, e *judge.Expectations) error
	reports      func(w io.Writer, rs ...*report.Report) error
	// graphs shows execution graphs; nil: it cannot.
	graphs func(w io.Writer, title string, xs ...*trace.Execution) error
}

// isText reports whether it is for people to read, and made of both.
func (f litmusFormat) isText() bool { return f.name == "text" }

func litmusFormats() []litmusFormat {
	all := []litmusFormat{{name: "text", ending: ".txt"}}
	for _, f := range judge.Formats() {
		all = append(all, litmusFormat{name: f.Name, ending: f.Ending, outcomes: f.Write})
	}
	for _, f := range report.Formats() {
		if !slices.ContainsFunc(all, func(g litmusFormat) bool { return g.name == f.Name }) {
			one := litmusFormat{name: f.Name, ending: f.Ending, reports: f.Write}
			switch f.Name {
			case "dot":
				one.graphs = report.ExecutionsDOT
			case "html":
				one.graphs = report.ExecutionsPage
			}
			all = append(all, one)
		}
	}
	return all
}

// litmusNames is the names of the formats that are of one test only, or of the others.
func litmusNames(one bool) (names []string) {
	for _, f := range litmusFormats() {
		if (f.reports != nil) == one {
			names = append(names, f.name)
		}
	}
	return names
}

func litmusEndings() (es []string) {
	for _, f := range litmusFormats() {
		es = append(es, f.ending)
	}
	return es
}

// formats is all that something is to be written in.
func (r *litmusRun) formats() []litmusFormat {
	fs := []litmusFormat{r.format}
	for _, o := range r.outs {
		fs = append(fs, litmusFormats()[o.ending])
	}
	return fs
}

// graphsOnly says which format cannot show what the memory models have, execution graphs or runs.
func (r *litmusRun) graphsOnly() error {
	graphs, runs := 0, 0
	for _, mm := range r.memories {
		if r.byAxioms(mm) {
			graphs++
		} else {
			runs++
		}
	}
	for _, f := range r.formats() {
		switch {
		case f.reports == nil || graphs == 0:
		case runs > 0:
			return fmt.Errorf("%s shows runs or execution graphs, and --memory %s has both; ask for "+
				"lkmm apart", f.name, r.memory)
		case f.graphs == nil:
			return fmt.Errorf("%s does not show execution graphs; dot and html do", f.name)
		}
	}
	return nil
}

// byAxioms reports whether a memory model is decided by axioms.
func (c *litmusCall) byAxioms(mm model.MemoryModel) bool {
	return mm.OfAxioms() || c.engine == "axioms"
}

// oneOnly says which format is of one test only, where there are many.
func (r *litmusRun) oneOnly() error {
	if len(r.files) == 1 {
		return nil
	}
	if r.format.reports != nil {
		return fmt.Errorf("--format %s shows the run of one test; there are %d", r.format.name, len(r.files))
	}
	for _, o := range r.outs {
		if litmusFormats()[o.ending].reports != nil {
			return fmt.Errorf("--out %q shows the run of one test; there are %d", o.path, len(r.files))
		}
	}
	return nil
}
