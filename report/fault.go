package report

import (
	"fmt"
	"io"

	"ctcheck/trace"
)

// A Fault is a run that leads to a fault of the program, such as a value outside its range. There is no verdict
// then: what the program does from there on means nothing.
type Fault struct {
	Model, Summary string
	Trace          *trace.Trace // whose last step is the fault
	Err            error        // what is wrong with it
}

func (f *Fault) title() string {
	return fmt.Sprintf("a fault of the program, in %s (a shortest run)", Steps(f.Trace))
}

// Text writes the run in columns, and the fault below it. The error is that of w.
func (f *Fault) Text(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s: %s\n%s\n\n%s\n%s\n", f.Model, f.Summary, f.title(),
		Mail.columns(f.Trace.Program, f.Trace), Mail.wrap("=> "+f.Err.Error(), "   "))
	return err
}

// HTML writes the run as a page, as [HTML] does a counterexample. The error is that of w.
func (f *Fault) HTML(w io.Writer) error {
	p, t := page{Verdict: "FAULT", Data: &pageData{}}, f.Trace
	pr := pageReport{ID: t.Memory.String(), Model: f.Model, Verdict: p.Verdict, Under: t.Memory.Title(),
		Summary: f.Summary, Line: fmt.Sprintf("ctcheck: %s model=%s memory=%s", p.Verdict, f.Model, t.Memory)}
	st := newStage(p.Data, t.Program, t, pr.ID+"/fault", stepping(t.Program, t))
	st.Title, st.End = f.title(), []string{f.Err.Error()}
	pr.Stages = []stage{st}
	pr.Findings = []pageFinding{{"no fault of the program", f.Err.Error(), "violated",
		stepLink(st.ID, len(t.Steps))}}
	p.Reports = []pageReport{pr}
	p.Title = fmt.Sprintf("%s: %s under %s", f.Model, p.Verdict, t.Memory.Title())
	return pageTemplate.Execute(w, p)
}
