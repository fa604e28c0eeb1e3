package cttest

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"ctcheck/judge"
	"ctcheck/model"
)

// Litmus runs the litmus test in a file under a memory model and returns what came of it: the exact set of final
// states, spelled as herd7 does ("0:r0=1; [x]=2;") and in its order, and herd7's word for the test's proposition.
// If states are given it asserts that these are the final states, in whatever order. The test stops if the file
// cannot be read, if something in it is not supported, or if the set would not be exact.
func Litmus(t testing.TB, file string, mm model.MemoryModel, states ...string) *judge.Outcome {
	t.Helper()
	return Under(mm).Litmus(t, file, states...)
}

// Litmus is the function [Litmus] under the options. Of the bounds it knows the time and the bytes.
func (o Options) Litmus(t testing.TB, file string, states ...string) *judge.Outcome {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	ctx, _, cancel := o.within(t)
	defer cancel()
	got := judge.Decide(ctx, file, src, []model.MemoryModel{o.Memory}, judge.Limits{MaxBytes: o.MaxBytes})[0]
	if !got.Known() {
		t.Fatalf("no answer under %s: %s", o.Memory, got.Why())
	}
	if states == nil {
		return got
	}
	var lines []string
	for _, s := range got.States {
		if !slices.Contains(states, s) {
			lines = append(lines, "not expected: "+s)
		}
	}
	for _, s := range states {
		if !slices.Contains(got.States, s) {
			lines = append(lines, "missing: "+s)
		}
	}
	if len(lines) > 0 {
		var b strings.Builder
		fmt.Fprintf(&b, "%s under %s: the final states are not as asserted\n%s\n\n", file, o.Memory,
			strings.Join(lines, "\n"))
		judge.Herd(&b, got) // a builder takes all
		t.Error(b.String())
	}
	return got
}
