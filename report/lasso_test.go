package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"ctcheck/deferral"
	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/report"
	"ctcheck/verdict"
)

// tickets is a made-up design for the form of reports. Two setters must both find the other's flag
// down, and retreat before each other for ever; with patient, they wait for it instead: a deadlock.
func tickets(patient bool) *model.Program {
	p := model.New("tickets")
	d := deferral.New(p, 2)
	flags := []*model.Var{p.Shared("busy[0]", model.Bool, model.False),
		p.Shared("busy[1]", model.Bool, model.False)}
	for i := range 2 {
		c := p.CPU([]string{"CPUx", "CPUx2"}[i])
		q := d.Request(c, i, nil)
		set := p.Routine("set_work", func(r *model.Routine) {
			other := r.Local("other", model.Bool)
			r.WriteOnce("WRITE_ONCE(busy[me], 1)", flags[i], model.True)
			if patient {
				r.CondLoadAcquire("smp_cond_load_acquire(&busy[you], !VAL)", other, flags[1-i],
					other.IsZero())
			} else {
				r.ReadOnce("other = READ_ONCE(busy[you])", other, flags[1-i])
				r.While(other, func() {
					r.WriteOnce("WRITE_ONCE(busy[me], 0)", flags[i], model.False)
					r.WriteOnce("WRITE_ONCE(busy[me], 1)", flags[i], model.True)
					r.ReadOnce("other = READ_ONCE(busy[you])", other, flags[1-i])
				})
			}
			r.WriteOnce("WRITE_ONCE(busy[me], 0)", flags[i], model.False)
			r.Return(model.True)
		})
		c.Run(p.Routine(c.Name+" task", func(r *model.Routine) {
			ret := r.Local("ret", model.Bool)
			q.Start(r)
			r.Call(set, ret)
			q.Answer(r, ret)
			q.Complete(r)
		}))
	}
	d.Target = p.CPU("CPUy")
	d.Target.Run(p.Routine("CPUy task", func(r *model.Routine) { r.Pause("/* runs */") }))
	return p
}

func ticketReport(t *testing.T, patient bool) *report.Report {
	t.Helper()
	p := tickets(patient)
	ms, err := props.Select(p, "terminates")
	if err != nil {
		t.Fatal(err)
	}
	r, err := explore.Run(context.Background(), p, ms, explore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r.Duration, r.Search.Bytes = 0, 0
	return &report.Report{Model: p.Name, Summary: "a made-up design", Source: "this test", Program: p,
		Result: r}
}

// A lasso's cycle is marked, in the text and in the JSON.
func TestLasso(t *testing.T) {
	r := ticketReport(t, false)
	var text, js bytes.Buffer
	if err := report.Text(&text, r); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("reports", "lasso.txt"), text.Bytes())
	if err := report.JSON(&js, r); err != nil {
		t.Fatal(err)
	}
	var j struct {
		Properties []struct {
			Name  string
			Trace []any
			Loop  *int
		}
	}
	if err := json.Unmarshal(js.Bytes(), &j); err != nil {
		t.Fatal(err)
	}
	for _, p := range j.Properties {
		switch p.Name {
		case "terminates":
			if p.Loop == nil || *p.Loop != r.Properties[0].Trace.Loop || len(p.Trace) <= *p.Loop {
				t.Errorf("loop %v of %d steps", p.Loop, len(p.Trace))
			}
		default:
			if p.Loop != nil {
				t.Errorf("%s has a loop", p.Name)
			}
		}
	}
}

// A deadlock violates two properties, and is drawn once.
func TestDeadlockIsDrawnOnce(t *testing.T) {
	r := ticketReport(t, true)
	var b bytes.Buffer
	if err := report.Text(&b, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"by the run of no-deadlock\n", "no-deadlock: VIOLATED in"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in:\n%s", want, b.String())
		}
	}
	if n := strings.Count(b.String(), "/* busy[0] = "); n != 1 {
		t.Errorf("%d traces, want 1:\n%s", n, b.String())
	}
}

// When only the search for fair runs was cut, the report does not blame states that were not seen.
func TestWholeRunsCut(t *testing.T) {
	r := ticketReport(t, false)
	r.Complete, r.Bound, r.Verdict = false, verdict.AtBytes, verdict.Incomplete
	r.Properties[0].Violated, r.Properties[0].Trace = false, nil
	var b bytes.Buffer
	if err := report.Text(&b, r); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	if !strings.Contains(got, "Every state was visited, but") || !strings.Contains(got, "no-deadlock  holds\n") ||
		!strings.Contains(got, "terminates   not violated so far\n") {
		t.Error(got)
	}
}
