package props

import (
	"fmt"
	"slices"
	"strings"

	"ctcheck/deferral"
	"ctcheck/ir"
	"ctcheck/model"
)

// Explain is the sentence that closes a trace: what the last step broke, told from the events of the
// run. For claims that have no name here it is their own sentence.
func Explain(name string, p *model.Program, events []ir.Happening) string {
	if sentence := explain(name, p, events); sentence != "" {
		return sentence
	}
	return fmt.Sprintf("The claim %q does not hold here.", name)
}

// ExplainForever is the sentence that closes a trace of a run that goes on for ever, or stops, without
// what the property claims.
func ExplainForever(name string, p *model.Program, events []ir.Happening) string {
	if sentence := explain(name, p, events); sentence != "" {
		return sentence
	}
	return fmt.Sprintf("What the claim %q waits for never happens.", name)
}

// An explainer is what a program's Domain may be: it has sentences of its own for the program's properties.
type explainer interface {
	Explain(property string) string
}

// explain is the named property's own sentence, if it has one and the program has a target to speak of, or else
// that of the program's domain.
func explain(name string, p *model.Program, events []ir.Happening) string {
	if e, ok := p.Domain.(explainer); ok {
		return e.Explain(name)
	}
	pr, ok := Find(name)
	d := deferralOf(p)
	if !ok || pr.explain == nil || d.Target == nil {
		return ""
	}
	return pr.explain(d, events)
}

func last(events []ir.Happening, k model.EventKind) (ir.Happening, bool) {
	for i := len(events) - 1; i >= 0; i-- {
		if events[i].Kind == k {
			return events[i], true
		}
	}
	return ir.Happening{}, false
}

func explainDouble(d *deferral.Deferral, events []ir.Happening) string {
	ran, _ := last(events, deferral.Ran)
	requests := 0
	var runs []string
	for _, ev := range events {
		if ev.Kind == deferral.Started && int64(deferral.RequestOf(ev.Event).Work) == ran.Value {
			requests++
		}
		if ev.Kind == deferral.Ran && ev.Value == ran.Value {
			runs = append(runs, fmt.Sprintf("by the %v", ev.Subject))
		}
	}
	how := list(runs)
	if same := slices.Compact(slices.Clone(runs)); len(runs) > 1 && len(same) == 1 {
		how = "each time " + same[0]
	}
	return fmt.Sprintf("WORK_%d ran %s for %s: %s.", ran.Value, times(len(runs)),
		count(requests, "request"), how)
}

func explainLost(d *deferral.Deferral, events []ir.Happening) string {
	var lost []string
	for _, q := range open(d, events) {
		if q.answered {
			how := "answered false"
			if q.answer {
				how = "answered true"
			}
			lost = append(lost, fmt.Sprintf("%s's request for WORK_%d, %s", q.CPU.Name, q.Work, how))
		}
	}
	what := "was never served"
	if len(lost) > 1 {
		what = "were never served"
	}
	return fmt.Sprintf("%s, %s.", upper(list(lost)), what)
}

func explainTerminates(d *deferral.Deferral, events []ir.Happening) string {
	var calls []string
	for _, q := range unfinished(events) {
		calls = append(calls, fmt.Sprintf("%s's request for WORK_%d", q.CPU.Name, q.Work))
	}
	what := fmt.Sprintf("No call returns any more, and %s finishes no entry or exit", d.Target.Name)
	if len(calls) == 0 {
		return what + "."
	}
	return fmt.Sprintf("%s; not over: %s.", what, list(calls))
}

func explainStarvedSet(_ *deferral.Deferral, events []ir.Happening) string {
	var calls []string
	for _, q := range unfinished(events) {
		calls = append(calls, fmt.Sprintf("%s's set_work for WORK_%d", q.CPU.Name, q.Work))
	}
	return upper(list(calls)) + " never returns."
}

// unfinished is the requests whose call began and is not over, in the order in which they began.
func unfinished(events []ir.Happening) []*deferral.Request {
	var qs []*deferral.Request
	for _, ev := range events {
		switch ev.Kind {
		case deferral.Started:
			qs = append(qs, deferral.RequestOf(ev.Event))
		case deferral.Completed:
			qs = slices.DeleteFunc(qs, func(q *deferral.Request) bool { return q == deferral.RequestOf(ev.Event) })
		}
	}
	return qs
}

func explainLate(d *deferral.Deferral, events []ir.Happening) string {
	var late []string
	for _, q := range open(d, events) {
		if q.answered && q.answer {
			late = append(late, fmt.Sprintf("WORK_%d for %s", q.Work, q.CPU.Name))
		}
	}
	return fmt.Sprintf("%s runs kernel code that may need %s, which was promised and has not run.",
		d.Target.Name, list(late))
}

func explainUser(d *deferral.Deferral, events []ir.Happening) string {
	ran, _ := last(events, deferral.Ran)
	return fmt.Sprintf("The callback of WORK_%d runs on %s before the step that leaves user mode.",
		ran.Value, d.Target.Name)
}

func explainSet(d *deferral.Deferral, events []ir.Happening) string {
	a, _ := last(events, deferral.Answered)
	q := deferral.RequestOf(a.Event)
	return fmt.Sprintf("%s is told that WORK_%d is deferred, but %s is past its flush and still in the kernel.",
		q.CPU.Name, q.Work, d.Target.Name)
}

func explainWarn(_ *deferral.Deferral, events []ir.Happening) string {
	w, _ := last(events, model.Warned)
	return fmt.Sprintf("%s fires on %s.", w.Label, w.CPU.Name)
}

func explainStarved(d *deferral.Deferral, events []ir.Happening) string {
	var starved []string
	for _, q := range open(d, events) {
		if q.Urgent {
			starved = append(starved, fmt.Sprintf("%s's urgent request for WORK_%d", q.CPU.Name, q.Work))
		}
	}
	return fmt.Sprintf("%s was made and not served, %s is in user mode, no IPI is pending and no call "+
		"is under way that could send one.", upper(list(starved)), d.Target.Name)
}

func explainNeedless(d *deferral.Deferral, events []ir.Happening) string {
	a, _ := last(events, deferral.Answered)
	q := deferral.RequestOf(a.Event)
	return fmt.Sprintf("%s is refused WORK_%d and sends an IPI, though %s was in user mode during the whole call.",
		q.CPU.Name, q.Work, d.Target.Name)
}

func explainIPI(_ *deferral.Deferral, events []ir.Happening) string {
	i, _ := last(events, deferral.IPIInUser)
	return fmt.Sprintf("The IPI %q interrupts %s in user mode.", i.IPI.Name, i.CPU.Name)
}

// An openRequest is a request that was started and not served, with its answer if it has one.
type openRequest struct {
	*deferral.Request
	published, answered, answer, served bool
}

func open(d *deferral.Deferral, events []ir.Happening) []*openRequest {
	var qs []*openRequest
	for _, ev := range events {
		switch ev.Kind {
		case deferral.Started:
			qs = append(qs, &openRequest{Request: deferral.RequestOf(ev.Event)})
		case deferral.Answered:
			for _, q := range qs {
				if q.Request == deferral.RequestOf(ev.Event) {
					q.answered, q.answer = true, ev.Value != 0
				}
			}
		case deferral.Published:
			for _, q := range qs {
				q.published = q.published || q.Request == deferral.RequestOf(ev.Event)
			}
		case deferral.Ran:
			for _, q := range qs {
				q.served = q.served || int64(q.Work) == ev.Value && (q.published || !d.CatchUp)
			}
		}
	}
	var left []*openRequest
	for _, q := range qs {
		if !q.served {
			left = append(left, q)
		}
	}
	return left
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	if n == 0 {
		return "no " + noun
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// list joins phrases as in English: a, b and c.
func list(items []string) string {
	var s strings.Builder
	for i, it := range items {
		switch {
		case i == 0:
		case i == len(items)-1:
			s.WriteString(" and ")
		default:
			s.WriteString(", ")
		}
		s.WriteString(it)
	}
	return s.String()
}

func upper(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-32) + s[1:]
}
