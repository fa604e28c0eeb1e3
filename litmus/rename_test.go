package litmus_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ctcheck/litmus"
	"ctcheck/model"
)

var (
	registerName = regexp.MustCompile(`\br(\d+)\b`)
	locationName = regexp.MustCompile(`\b([abfiopxyz])\b`)
	threadNumber = regexp.MustCompile(`\bP([01])\(|\b([01]):(\w)`)
)

// renamed is a test, or a state, with other names for registers and locations, and P0 and P1 changed about.
func renamed(text string, swap bool) string {
	text = registerName.ReplaceAllString(text, "reg${1}x")
	text = locationName.ReplaceAllString(text, "v_$1")
	if !swap {
		return text
	}
	return threadNumber.ReplaceAllStringFunc(text, func(s string) string {
		return strings.NewReplacer("P0(", "P1(", "P1(", "P0(", "0:", "1:", "1:", "0:").Replace(s)
	})
}

// The names of threads, registers and locations mean nothing.
func TestRenamed(t *testing.T) {
	compared := 0
	for _, file := range ownTests(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code := string(data)
		if _, rest, hasComment := strings.Cut(code, "*)"); hasComment {
			code = "C t\n" + rest
		}
		if !strings.HasPrefix(code, "C ") {
			continue
		}
		test, err := litmus.Parse(file, []byte(code))
		if err != nil {
			t.Fatal(err)
		}
		swap := len(test.Threads) > 1
		other, err := litmus.Parse(file, []byte(renamed(code, swap)))
		if err != nil {
			t.Errorf("%s, renamed: %v", file, err)
			continue
		}
		compared++
		for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
			var want []string
			for _, s := range states(t, mm, program(t, test)) {
				want = append(want, renamed(s, swap))
			}
			got := inOrder(states(t, mm, program(t, other)))
			want = inOrder(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s under %s, renamed: the final states are\n%s\nwant\n%s", file, mm, strings.Join(got,
					"\n"),
					strings.Join(want, "\n"))
			}
		}
	}
	if compared < 60 {
		t.Errorf("%d tests were compared", compared)
	}
}

// inOrder is states in an order that does not depend on names.
func inOrder(states []string) []string {
	var out []string
	for _, s := range states {
		parts := strings.Split(strings.TrimSuffix(s, ";"), "; ")
		slices.Sort(parts)
		out = append(out, strings.Join(parts, "; "))
	}
	slices.Sort(out)
	return out
}
