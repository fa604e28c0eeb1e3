// Package cttest asserts in a Go test what is true of a protocol in every interleaving.
//
//	func TestTicketLock(t *testing.T) {
//		p, exclusion := ticketLock()
//		cttest.Holds(t, p, exclusion)
//	}
//
// A failing assertion prints the verdict and the shortest run that shows what is wrong. Each search is
// full: no bound, no reduction, so a protocol without an end must have finitely many states.
//
// Memory is sequentially consistent, unless the assertion is a method of [Options] that say otherwise:
// cttest.Under(model.TSO).Holds(t, p, exclusion) asserts the same on x86. [Options.Finals] is for litmus
// tests: the set of all final states.
package cttest

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/report"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// Options say under what is asserted. The zero value is sequential consistency.
type Options struct {
	Memory model.MemoryModel
}

// Under is the options that name a memory model.
func Under(mm model.MemoryModel) Options { return Options{Memory: mm} }

// Check searches every state of the protocol and returns the result; the test stops if the protocol
// itself is faulty. Without claims it checks the default set of named properties.
func Check(t testing.TB, p *model.Program, claims ...*model.Monitor) *verdict.Result {
	t.Helper()
	return Options{}.Check(t, p, claims...)
}

// Check is the function [Check] under the options. The result is incomplete if a store buffer would need more
// room than [explore.Run] gives it.
func (o Options) Check(t testing.TB, p *model.Program, claims ...*model.Monitor) *verdict.Result {
	t.Helper()
	if len(claims) == 0 {
		claims = props.Default(p)
	}
	r, err := explore.Run(context.Background(), p, claims, explore.Options{Memory: o.Memory,
		Search: explore.BreadthFirst, Workers: runtime.NumCPU()})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Holds asserts that every claim holds, and that everything that the protocol claims to be reachable
// is. It returns the result, whose counts a test may pin.
func Holds(t testing.TB, p *model.Program, claims ...*model.Monitor) *verdict.Result {
	t.Helper()
	return Options{}.Holds(t, p, claims...)
}

// Holds is the function [Holds] under the options. What could not be searched to the end does not hold.
func (o Options) Holds(t testing.TB, p *model.Program, claims ...*model.Monitor) *verdict.Result {
	t.Helper()
	r := o.Check(t, p, claims...)
	for _, pr := range r.Properties {
		if pr.Violated {
			t.Errorf("%s: %s is violated under %s:\n\n%s", p.Name, pr.Name, o.Memory, text(p, pr.Trace))
		}
	}
	if !r.Complete {
		t.Errorf("%s: the search was cut by %s, after %d states", p.Name, r.Bound, r.States)
		return r
	}
	for _, c := range r.Claims {
		if !c.Reached {
			t.Errorf("%s: never reached under %s, in %d states: %s", p.Name, o.Memory, r.States, c.Name)
		}
	}
	return r
}

// Violates asserts that the named property, one of the claims or [model.NoDeadlock], is violated. It
// returns the shortest run that shows it.
func Violates(t testing.TB, p *model.Program, property string, claims ...*model.Monitor) *trace.Trace {
	t.Helper()
	return Options{}.Violates(t, p, property, claims...)
}

// Violates is the function [Violates] under the options.
func (o Options) Violates(t testing.TB, p *model.Program, property string, claims ...*model.Monitor) *trace.Trace {
	t.Helper()
	r := o.Check(t, p, claims...)
	for _, pr := range r.Properties {
		switch {
		case pr.Name != property:
		case pr.Violated:
			return pr.Trace
		case !r.Complete:
			t.Fatalf("%s: %s holds in %d states, but %s cut the search", p.Name, property, r.States, r.Bound)
		default:
			t.Fatalf("%s: %s holds in all %d states under %s", p.Name, property, r.States, o.Memory)
		}
	}
	t.Fatalf("%s: %s is not among the properties that were checked", p.Name, property)
	return nil
}

// Finals is the set of final states of the protocol: what is left in the variables, shared ones or ghosts of the
// protocol, when every CPU has ended and no store waits. Each is a string such as "x=1 EAX=0", with the
// variables as they are given, or all of them; the strings are distinct and sorted by the values. A register's
// last value is seen if a ghost takes it (Set), for locals end with their routine. The test stops if the
// protocol is faulty or the set would not be exact: see [explore.Finals].
func (o Options) Finals(t testing.TB, p *model.Program, vars ...*model.Var) []string {
	t.Helper()
	tuples, err := explore.Finals(context.Background(), o.Memory, p, vars...)
	if err != nil {
		t.Fatal(err)
	}
	if len(vars) == 0 {
		vars = p.Vars
	}
	finals := make([]string, len(tuples))
	for i, tuple := range tuples {
		parts := make([]string, len(tuple))
		for k, x := range tuple {
			parts[k] = fmt.Sprintf("%s=%s", vars[k].Name, vars[k].Format(x))
		}
		finals[i] = strings.Join(parts, " ")
	}
	return finals
}

func text(p *model.Program, trace *trace.Trace) string {
	var b strings.Builder
	report.TraceText(&b, p, trace)
	return b.String()
}
