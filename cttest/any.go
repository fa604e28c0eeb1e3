package cttest

import (
	"fmt"
	"testing"

	"ctcheck/explore"
	"ctcheck/judge"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/verdict"
)

// HoldsForAny asserts that every claim holds for any number of CPUs of a kind: those that build names in
// Program.Replicated of the program that it makes with n of them. The claims are on states and on steps; one on
// whole runs, or on data races, is not decided for any number, so the test fails if there is one. It returns
// the result. Package [ctcheck/param] says what a protocol has to be like.
func HoldsForAny(t testing.TB, build func(n int) (*model.Program, []*model.Monitor)) *verdict.Result {
	t.Helper()
	return Options{}.HoldsForAny(t, build)
}

// HoldsForAny is the function [HoldsForAny] under the options, but for MaxStates.
func (o Options) HoldsForAny(t testing.TB, build func(n int) (*model.Program, []*model.Monitor)) *verdict.Result {
	t.Helper()
	f := judge.Replicas(build)
	p, _ := build(1)
	for _, l := range f.Left {
		t.Errorf("%s: %s is %s, which is not decided for any number of replicas", p.Name, l.Name, l.Why)
	}
	return o.holdsForAny(t, p, f)
}

// DesignHoldsForAny asserts that the named properties of a design of deferred work hold for any number of
// setters, in a configuration whose number of them, requests and rounds are of no matter. Of no-lost-work it is
// the half on states; terminates and no-starved-set cannot be asserted. It returns the result.
func DesignHoldsForAny(t testing.TB, d models.Design, c models.Config, properties ...string) *verdict.Result {
	t.Helper()
	return Options{}.DesignHoldsForAny(t, d, c, properties...)
}

// DesignHoldsForAny is the function [DesignHoldsForAny] under the options, but for MaxStates.
func (o Options) DesignHoldsForAny(t testing.TB, d models.Design, c models.Config,
	properties ...string) *verdict.Result {
	t.Helper()
	c.Any, c.Rounds, c.Requests = true, 0, 1
	f, err := judge.FamilyOf(d, c, properties)
	if err == nil {
		err = f.Undecided(properties)
	}
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := f.Instance(2)
	if err != nil {
		t.Fatal(err)
	}
	return o.holdsForAny(t, p, f)
}

func (o Options) holdsForAny(t testing.TB, p *model.Program, f judge.Family) *verdict.Result {
	t.Helper()
	ctx, _, cancel := o.within(t)
	defer cancel()
	r, err := judge.Any(ctx, f, explore.Options{Memory: o.Memory, MaxBytes: o.MaxBytes,
		Search: explore.BreadthFirst, Reduce: explore.Symmetry | explore.PartialOrder})
	if err != nil {
		t.Fatal(fault(t, p, err))
	}
	if r.Verdict == verdict.Holds {
		return r
	}
	var lines []string
	for _, pr := range r.Properties {
		switch {
		case pr.Violated:
			lines = append(lines, fmt.Sprintf("%s is violated under %s with %d", pr.Name, o.Memory, pr.Setters))
		case pr.Open != "":
			lines = append(lines, fmt.Sprintf("INCOMPLETE: %s is not decided: %s", pr.Name, pr.Open))
		}
	}
	for _, c := range r.Claims {
		if !c.Reached {
			lines = append(lines, fmt.Sprintf("never reached under %s: %s", o.Memory, c.Name))
		}
	}
	t.Error(o.report(t, p, r, "asserted to hold for any number", lines))
	return r
}
