// Package testkit has what the tests of several packages need.
package testkit

import (
	"fmt"
	"strings"
	"testing"
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
