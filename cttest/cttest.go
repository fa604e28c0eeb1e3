// Package cttest asserts in a Go test what is true of a protocol in every interleaving.
//
//	func TestTicketLock(t *testing.T) {
//		p, exclusion := ticketLock()
//		cttest.Holds(t, p, exclusion)
//	}
//
// A failing assertion prints what the command prints: under which assumptions was searched, what became of each
// property, and a shortest run that shows what is wrong. With -ctcheck.out DIR, a flag of the test binary, it also
// writes that as a page to the folder, an HTML file named after the test. A relative DIR is in the package's own
// folder, where tests of other packages do not write:
//
//	go test ./cttest -ctcheck.out pages
//
// Each search is full, without a reduction, so a protocol without an end must have finitely many states. It ends
// with an INCOMPLETE, which no assertion takes for a success, when a bound of the [Options] is met, or a little
// before the time of the test binary is up (go test -timeout). With go test -v it says every ten seconds where it
// stands.
//
// Memory is sequentially consistent, unless the assertion is a method of [Options] that say otherwise:
// cttest.Under(model.TSO).Holds(t, p, exclusion) asserts the same on x86. [Options.Finals] is for litmus
// tests: the set of all final states. [Litmus] has that of a test in a file, in the format of herd7.
package cttest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// Options say under what is asserted, and bound the search. The zero value is sequential consistency, and no bound
// but the time that the test has.
type Options struct {
	Memory model.MemoryModel
	// MaxStates is the most states that may be stored; 0 means no bound.
	MaxStates uint64
	// MaxBytes is the most bytes that a search may hold in its tables; 0 means no bound.
	MaxBytes uint64
	// Timeout is the most time that a search may take; 0 means as long as the test may. That ends a search in
	// any case, where the test knows it ([testing.T.Deadline]).
	Timeout time.Duration
}

// Under is the options that name a memory model.
func Under(mm model.MemoryModel) Options { return Options{Memory: mm} }

// Check searches every state of the protocol and returns the result; the test stops if the protocol
// itself is faulty, and fails if it has no time for the search. Without claims it checks the default set of named
// properties.
func Check(t testing.TB, p *model.Program, claims ...*model.Monitor) *verdict.Result {
	t.Helper()
	return Options{}.Check(t, p, claims...)
}

// Check is the function [Check] under the options. The result is incomplete if a bound of the options was met, or
// a store buffer would need more room than [explore.Run] gives it.
func (o Options) Check(t testing.TB, p *model.Program, claims ...*model.Monitor) *verdict.Result {
	t.Helper()
	r := o.search(t, p, claims)
	if r.Bound == verdict.AtTimeout && o.Timeout == 0 { // which nobody asked for
		t.Error(o.report(t, p, r, "checked", []string{cut(r)}))
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
	r := o.search(t, p, claims)
	if r.Complete && r.Verdict == verdict.Holds {
		return r
	}
	var lines []string
	for _, pr := range r.Properties {
		if pr.Violated {
			lines = append(lines, fmt.Sprintf("%s is violated under %s", pr.Name, o.Memory))
		}
	}
	if !r.Complete {
		lines = append(lines, cut(r))
	}
	for _, c := range r.Claims {
		if r.Complete && !c.Reached {
			lines = append(lines, fmt.Sprintf("never reached under %s, in %d states: %s", o.Memory, r.States,
				c.Name))
		}
	}
	t.Error(o.report(t, p, r, "asserted to hold", lines))
	return r
}

// Violates asserts that the named property, one of the claims or [model.NoDeadlock], is violated. It
// returns the shortest run that shows it.
func Violates(t testing.TB, p *model.Program, property string, claims ...*model.Monitor) *trace.Trace {
	t.Helper()
	return Options{}.Violates(t, p, property, claims...)
}

// Violates is the function [Violates] under the options. If a bound cut the search after it found a run, that may
// not be a shortest one: the trace says which.
func (o Options) Violates(t testing.TB, p *model.Program, property string, claims ...*model.Monitor) *trace.Trace {
	t.Helper()
	r := o.search(t, p, claims)
	line := property + " is not among the properties that were checked"
	for _, pr := range r.Properties {
		switch {
		case pr.Name != property:
		case pr.Violated:
			return pr.Trace
		case !r.Complete:
			line = fmt.Sprintf("%s is not violated so far; %s", property, cut(r))
		default:
			line = fmt.Sprintf("%s holds in all %d states under %s", property, r.States, o.Memory)
		}
	}
	t.Fatal(o.report(t, p, r, "asserted to violate "+property, []string{line}))
	return nil
}

// cut says what cut a search, and how far it got.
func cut(r *verdict.Result) string {
	what := fmt.Sprintf("INCOMPLETE: the search was cut by %s, after %d states, %d transitions and runs of %d "+
		"steps", r.Bound, r.States, r.Transitions, r.Depth)
	if r.AllVisited {
		what += "; these are all states, but whole runs are open"
	}
	return what
}

// Finals is the set of final states of the protocol: what is left in the variables, shared ones or ghosts of the
// protocol, when every CPU has ended and no store waits. Each is a string such as "x=1 EAX=0", with the
// variables as they are given, or all of them; the strings are distinct and sorted by the values. A register's
// last value is seen if a ghost takes it (Set), for locals end with their routine. The test stops if the
// protocol is faulty or the set would not be exact: see [explore.Finals]. Of the bounds it knows the time.
func (o Options) Finals(t testing.TB, p *model.Program, vars ...*model.Var) []string {
	t.Helper()
	ctx, _, cancel := o.within(t)
	defer cancel()
	tuples, err := explore.Finals(ctx, o.Memory, p, vars...)
	if err != nil {
		t.Fatal(fault(t, p, err))
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
