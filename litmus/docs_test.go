package litmus_test

import (
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ctcheck/litmus"
)

var update = flag.Bool("update", false, "write the list of primitives in docs/litmus.md anew")

// variant and prefixes match what makes another primitive of one.
var (
	prefixes = regexp.MustCompile(`^(?:atomic64_|atomic_long_|raw_)`)
	variant  = regexp.MustCompile(prefixes.String() + `|_(?:relaxed|acquire|release)$`)
)

// The page on litmus tests lists all primitives.
func TestDocs(t *testing.T) {
	const file, fence = "../docs/litmus.md", "-->\n```\n"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(string(data), fence)
	if !ok {
		t.Fatalf("%s has no list that begins with %q", file, fence)
	}
	var b strings.Builder
	column := 0
	all := litmus.Primitives()
	for _, name := range all {
		base := variant.ReplaceAllString(name, "")
		if base != name && (slices.Contains(all, base+"_relaxed") || prefixes.MatchString(name)) {
			continue
		}
		if slices.Contains(all, name+"_relaxed") {
			name += "*"
		}
		if column+len(name) > 110 {
			b.WriteString("\n")
			column = 0
		} else if column > 0 {
			b.WriteString(" ")
			column++
		}
		b.WriteString(name)
		column += len(name)
	}
	want := head + fence + b.String() + "\n```\n"
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(data) {
		t.Errorf("%s does not list the primitives as they are; go test ./litmus -run Docs -update does", file)
	}
}
