package cttest_test

import (
	"slices"
	"strings"
	"testing"

	"ctcheck/cttest"
	"ctcheck/judge"
	"ctcheck/model"
)

const (
	sb = "../testdata/litmus/SB.litmus"
	zz = "0:r0=0; 1:r0=0;"
)

// Litmus asserts the exact set of final states, in whatever order, and returns what came of the test.
func TestLitmusFromFile(t *testing.T) {
	strong := []string{"0:r0=1; 1:r0=1;", "0:r0=0; 1:r0=1;", "0:r0=1; 1:r0=0;"}
	if o := cttest.Litmus(t, sb, model.SC, strong...); o.Observation() != judge.Never || o.OK() {
		t.Errorf("sc: %s, validated: %t", o.Observation(), o.OK())
	}
	o := cttest.Litmus(t, sb, model.TSO)
	all := slices.Sorted(slices.Values(append(strong, zz)))
	if o.Observation() != judge.Sometimes || !slices.Equal(o.States, all) {
		t.Errorf("tso: %s %q", o.Observation(), o.States)
	}
	for _, row := range []struct{ said, want string }{
		{says(func(t testing.TB) { cttest.Litmus(t, sb, model.TSO, strong...) }), "not expected: " + zz + "\n"},
		{says(func(t testing.TB) { cttest.Litmus(t, sb, model.SC, all...) }), "missing: " + zz + "\n"},
		{says(func(t testing.TB) { cttest.Litmus(t, sb, model.SC, zz) }), "Observation SB Never 0 3\n"},
		{says(func(t testing.TB) { cttest.Litmus(t, "missing.litmus", model.SC) }), "missing.litmus: no such file"},
		{says(func(t testing.TB) { cttest.Litmus(t, "litmus.go", model.SC) }), "litmus.go:1:1: found \"package"},
		{says(func(t testing.TB) { cttest.Options{MaxBytes: 1}.Litmus(t, sb) }), "cut by --max-memory"},
		{says(func(t testing.TB) { cttest.Options{}.Litmus(t, sb, strong...) }), ""},
	} {
		if !strings.Contains(row.said, row.want) || row.want == "" && row.said != "" {
			t.Errorf("%q does not say %q", row.said, row.want)
		}
	}
}
