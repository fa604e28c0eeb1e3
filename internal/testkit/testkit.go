// Package testkit has what the tests of several packages need.
package testkit

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Panics is what f panics with, as text; empty if it does not panic.
func Panics(f func()) (text string) {
	defer func() {
		if r := recover(); r != nil {
			text = fmt.Sprint(r)
		}
	}()
	f()
	return ""
}

// Mentions fails the test if text lacks one of the parts; why says why they should be there.
func Mentions(t *testing.T, text, why string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q does not mention %q: %s", text, p, why)
		}
	}
}

// Update is the flag that rewrites what tests compare outputs with.
var Update = flag.Bool("update", false, "rewrite the golden files in testdata, and the pages and outputs in docs "+
	"and README.md; read the diff")

// Golden fails the test if got is not what the file has. With [Update] the file is rewritten first.
func Golden(t *testing.T, file string, got []byte) {
	t.Helper()
	Rewrite(t, file, got)
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; rewrite with -update):\n%s", file, diff)
	}
}

// Rewrite writes the file if [Update] says so.
func Rewrite(t *testing.T, file string, got []byte) {
	t.Helper()
	if !*Update {
		return
	}
	if err := os.WriteFile(file, got, 0o644); err != nil {
		t.Fatal(err)
	}
}
