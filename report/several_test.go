package report

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"ctcheck/model"
	"ctcheck/verdict"
)

// pair is the reports of one check under both memory models.
func pair(sc, tso *verdict.Result) []*Report {
	sc.Memory, tso.Memory = model.SC, model.TSO
	var rs []*Report
	for _, r := range []*verdict.Result{sc, tso} {
		r.Search = &verdict.Search{BufferSizes: []int{1}}
		rs = append(rs, &Report{Model: "m", Program: model.New("m"), Result: r})
	}
	return rs
}

func result(complete, violated, reached bool) *verdict.Result {
	r := &verdict.Result{Complete: complete, AllVisited: complete, Properties: []verdict.Property{{Name: "p",
		Violated: violated}}, Claims: []verdict.Claim{{Name: "c", Reached: reached}}}
	switch {
	case violated:
		r.Verdict = verdict.Violated
	case !complete:
		r.Verdict, r.Bound = verdict.Incomplete, verdict.AtStates
	}
	return r
}

// Only what is known under both memory models is said to be decided by them, or to be the same.
func TestCompare(t *testing.T) {
	for _, row := range []struct {
		sc, tso      *verdict.Result
		differ, open []string
		why          string
	}{
		{result(true, false, true), result(true, false, true), nil, nil, "the same"},
		{result(true, false, true), result(true, true, false),
			[]string{"p: holds under sc, violated under tso",
				"reachable: c: reached under sc, not reached under tso"},
			nil, "both complete"},
		{result(true, false, true), result(false, false, false), nil,
			[]string{"p: holds under sc, unknown under tso", "reachable: c: reached under sc, unknown under tso"},
			"the second was cut"},
		{result(false, true, true), result(false, false, true), nil,
			[]string{"p: violated under sc, unknown under tso"}, "both were cut"},
		{result(false, true, true), result(true, false, true),
			[]string{"p: violated under sc, holds under tso"}, nil,
			"a violation is known however little was searched"},
	} {
		rs := pair(row.sc, row.tso)
		differ, open := compare(rs)
		if !slices.Equal(differ, row.differ) || !slices.Equal(open, row.open) {
			t.Errorf("%s: %q, open %q; want %q, %q", row.why, differ, open, row.differ, row.open)
		}
		var text, js bytes.Buffer
		for _, r := range rs { // traces are not what this is about
			r.Properties[0].Violated = false
		}
		if err := Text(&text, rs...); err != nil {
			t.Fatal(err)
		}
		if same := strings.Contains(text.String(), "every verdict is the same"); same && len(row.open) > 1 {
			t.Errorf("%s: said to be the same:\n%s", row.why, text.String())
		}
		if err := JSON(&js, rs...); err != nil {
			t.Fatal(err)
		}
		var j struct{ Differences, Open []string }
		if err := json.Unmarshal(js.Bytes(), &j); err != nil || j.Differences == nil || j.Open == nil {
			t.Errorf("%s: %v\n%s", row.why, err, js.String())
		}
	}
}

// A claim that a cut search did not reach is not said to be unreachable.
func TestClaimsOfCutSearches(t *testing.T) {
	for complete, want := range map[bool]string{true: "NOT REACHED", false: "not reached so far"} {
		var b bytes.Buffer
		if err := Text(&b, pair(result(complete, false, false), result(true, false, true))[:1]...); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), "reachable: c  "+want) {
			t.Errorf("complete %t: want %q\n%s", complete, want, b.String())
		}
	}
}

// When the search for fair runs is interrupted, every state was visited: claims on states hold, in every format,
// and only those on whole runs are open. The verdict is INCOMPLETE nevertheless.
func TestFairRunsInterrupted(t *testing.T) {
	r := &verdict.Result{Verdict: verdict.Incomplete, Bound: verdict.AtInterrupt, AllVisited: true,
		Properties: []verdict.Property{{Name: "on-states"}, {Name: "on-runs", Live: true}},
		Search:     &verdict.Search{Store: verdict.ExactStore, BufferSizes: []int{1}}}
	rep := &Report{Model: "m", Program: model.New("m"), Result: r}
	for format, wants := range map[string][]string{
		"text": {"on-states  holds\n", "on-runs    not violated so far\n", "(interrupt)", "INCOMPLETE",
			"complete=no"},
		"md":    {"| on-states | holds |", "| on-runs | not violated so far |", "# m: INCOMPLETE"},
		"html":  {`<td class="good">holds`, "not violated so far"},
		"json":  {`"verdict": "holds"`, `"verdict": "unknown"`, `"verdict": "incomplete"`, `"complete": false`},
		"junit": {`tests="2" failures="0" errors="1"`, `name="on-states" classname="ctcheck.m.sc"></testcase>`},
		"sarif": {`"on-states": "holds"`, `"on-runs": "not violated so far"`, `"executionSuccessful": false`},
	} {
		i := slices.IndexFunc(Formats(), func(f Format) bool { return f.Name == format })
		var b strings.Builder
		if err := Formats()[i].Write(&b, rep); err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: no %q in\n%s", format, want, b.String())
			}
		}
		if n := strings.Count(b.String(), "not violated so far"); n > 1 {
			t.Errorf("%s: %d claims are open", format, n)
		}
	}
	r.Bound = verdict.AtFirst
	if got := rep.boundSentence(); !strings.Contains(got, "the other claims on whole runs are open") {
		t.Error(got)
	}
}
