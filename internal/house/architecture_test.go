package house

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the drawing of docs/architecture.md anew")

// The drawing in docs/architecture.md is that of the imports.
func TestDrawing(t *testing.T) {
	const begin, end = "```mermaid\n", "```\n"
	file := filepath.Join(root, "docs", "architecture.md")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no drawing: a block that begins with %q", file, begin)
	}
	want := before + begin + drawing(listed(t)) + end + after
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(data) {
		t.Errorf("%s does not draw the imports as they are; go test ./internal/house -run Drawing -update does",
			file)
	}
}

// drawing is the rooms with an arrow from each to those that it imports, but for imports that other arrows lead
// to anyway.
func drawing(pkgs []pkg) string {
	imports := map[string][]string{}
	for _, p := range pkgs {
		if slices.Contains(rooms, p.ImportPath) {
			imports[p.ImportPath] = p.Imports
		}
	}
	var reaches func(from, to string) bool
	reaches = func(from, to string) bool {
		return slices.ContainsFunc(imports[from], func(imp string) bool { return imp == to || reaches(imp, to) })
	}
	var b strings.Builder
	b.WriteString("graph BT\n")
	for _, room := range rooms {
		name := strings.TrimPrefix(room, "ctcheck/")
		fmt.Fprintf(&b, "    %s[%q]\n", id(room), name)
		for _, imp := range imports[room] {
			other := func(o string) bool { return o != imp && reaches(o, imp) }
			if slices.Contains(rooms, imp) && !slices.ContainsFunc(imports[room], other) {
				fmt.Fprintf(&b, "    %s --> %s\n", id(room), id(imp))
			}
		}
	}
	return b.String()
}

// id is the room as a name in the drawing.
func id(room string) string {
	return strings.ReplaceAll(strings.TrimPrefix(room, "ctcheck/"), "/", "_")
}
