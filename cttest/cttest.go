// Package cttest asserts in a Go test what is true of a protocol in every interleaving.
//
//	func TestTicketLock(t *testing.T) {
//		p, exclusion := ticketLock()
//		cttest.Holds(t, p, exclusion)
//	}
//
// A failing assertion prints the verdict and the shortest run that shows what is wrong. Each search is
// full: no bound, no reduction, so a protocol without an end must have finitely many states.
package cttest

import (
	"context"
	"runtime"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/report"
)

// Check searches every state of the protocol and returns the result; the test stops if the protocol
// itself is faulty. Without claims it checks the default set of named properties.
func Check(t testing.TB, p *model.Program, claims ...*model.Monitor) *explore.Result {
	t.Helper()
	if len(claims) == 0 {
		claims = props.Default(p)
	}
	m, err := model.Compile(p, claims...)
	if err != nil {
		t.Fatal(err)
	}
	o := explore.Options{Search: explore.BreadthFirst, Workers: runtime.NumCPU()}
	r, err := explore.Run(context.Background(), m, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Holds asserts that every claim holds, and that everything that the protocol claims to be reachable
// is. It returns the result, whose counts a test may pin.
func Holds(t testing.TB, p *model.Program, claims ...*model.Monitor) *explore.Result {
	t.Helper()
	r := Check(t, p, claims...)
	for _, pr := range r.Properties {
		if pr.Violated {
			t.Errorf("%s: %s is violated:\n\n%s", p.Name, pr.Name, text(p, pr.Trace))
		}
	}
	for _, c := range r.Claims {
		if !c.Reached {
			t.Errorf("%s: never reached, in %d states: %s", p.Name, r.States, c.Name)
		}
	}
	return r
}

// Violates asserts that the named property, one of the claims or explore.NoDeadlock, is violated. It
// returns the shortest run that shows it.
func Violates(t testing.TB, p *model.Program, property string, claims ...*model.Monitor) *explore.Trace {
	t.Helper()
	r := Check(t, p, claims...)
	for _, pr := range r.Properties {
		if pr.Name != property {
			continue
		}
		if !pr.Violated {
			t.Fatalf("%s: %s holds in all %d states", p.Name, property, r.States)
		}
		return pr.Trace
	}
	t.Fatalf("%s: %s is not among the properties that were checked", p.Name, property)
	return nil
}

func text(p *model.Program, trace *explore.Trace) string {
	var b strings.Builder
	report.TraceText(&b, p, trace)
	return b.String()
}
