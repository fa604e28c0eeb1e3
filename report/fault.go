package report

import (
	"fmt"
	"io"
	"strings"

	"ctcheck/ir"
	"ctcheck/trace"
)

// A Fault is a run that leads to a fault of the program, such as a value outside its range. There is no verdict
// then: what the program does from there on means nothing.
type Fault struct {
	Model, Summary string
	*trace.Fault
}

func (f *Fault) title() string {
	switch {
	case f.Trace == nil:
		return "a fault of the program: " + f.Why
	case !f.Trace.Shortest:
		return fmt.Sprintf("a fault of the program, in %s (the first run found; a bound kept the search from a "+
			"shortest one)", Steps(f.Trace))
	}
	return fmt.Sprintf("a fault of the program, in %s (a shortest run)", Steps(f.Trace))
}

// columns is the run, if there is one, with what is wrong below it.
func (f *Fault) columns(st Style) string {
	text := st.wrap("=> "+f.Err.Error(), "   ") + "\n"
	if f.Trace == nil {
		return text
	}
	return st.columns(f.Trace.Program, f.Trace) + "\n" + text
}

// Text writes the run in columns, and the fault below it. The error is that of w.
func (f *Fault) Text(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s: %s\n%s", f.Model, f.Summary, f.Story())
	return err
}

// Story is the run in columns, with a title above it and the fault below it.
func (f *Fault) Story() string { return Mail.wrap(f.title(), "  ") + "\n\n" + f.columns(Mail) }

// Markdown writes the same as Markdown. The error is that of w.
func (f *Fault) Markdown(w io.Writer) error {
	title := f.title()
	_, err := fmt.Fprintf(w, "# %s: FAULT\n\n%s\n\n## %s\n\n%s", mdText(f.Model), mdText(f.Summary),
		mdText(strings.ToUpper(title[:1])+title[1:]), fenced(f.columns(Mail)))
	return err
}

// jsonFault is the JSON of a fault.
type jsonFault struct {
	Schema      int        `json:"schema"`
	Model       string     `json:"model"`
	MemoryModel string     `json:"memory_model,omitempty"` // of the run
	Verdict     string     `json:"verdict"`                // fault
	Fault       string     `json:"fault"`                  // what is wrong
	Trace       []jsonStep `json:"trace"`                  // the last step is the one with the fault
	Shortest    bool       `json:"shortest"`
	NoTrace     string     `json:"no_trace,omitempty"` // why there is none
}

// JSON writes the run and the fault as one object, the steps as those of a report. The error is that of w.
func (f *Fault) JSON(w io.Writer) error {
	j := jsonFault{Schema: 1, Model: f.Model, Verdict: "fault", Fault: f.Err.Error(), Trace: []jsonStep{},
		NoTrace: f.Why}
	if t := f.Trace; t != nil {
		j.MemoryModel, j.Trace, j.Shortest = t.Memory.String(), stepsJSON(t, map[*ir.Called]int{}), t.Shortest
	}
	return WriteJSON(w, j)
}

// HTML writes the run as a page, as [HTML] does a counterexample. The error is that of w.
func (f *Fault) HTML(w io.Writer) error {
	const verdict = "FAULT"
	p, t := page{Data: &pageData{}}, f.Trace
	pr := pageReport{ID: "fault", Model: f.Model, Verdict: verdict, Summary: f.Summary,
		Line: fmt.Sprintf("ctcheck: %s model=%s", verdict, f.Model)}
	finding := pageFinding{Name: "no fault of the program", What: f.Err.Error(), Kind: "violated"}
	p.Title = fmt.Sprintf("%s: %s", f.Model, verdict)
	if t != nil {
		pr.ID, pr.Under = t.Memory.String(), t.Memory.Title()
		pr.Line += " memory=" + t.Memory.String()
		st := newStage(p.Data, t.Program, t, pr.ID+"/fault", stepping(t.Program, t))
		st.Title, st.End = f.title(), []string{f.Err.Error()}
		pr.Stages = []stage{st}
		finding.Link = stepLink(st.ID, len(t.Steps))
		p.Title += " under " + pr.Under
	} else {
		pr.Closing = []string{f.title()}
	}
	pr.Tally = "a fault of the model"
	pr.Findings, p.Reports = []pageFinding{finding}, []pageReport{pr}
	return pageTemplate.Execute(w, p)
}
