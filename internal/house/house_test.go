// Package house has the tests that keep the house in order: which package may import which, and the
// few rules of style that a machine can check.
package house

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rooms is the packages from the ground up: each may import only what stands above it.
var rooms = []string{
	"ctcheck/model",
	"ctcheck/ir",
	"ctcheck/machine",
	"ctcheck/states",
	"ctcheck/trace",
	"ctcheck/verdict",
	"ctcheck/deferral",
	"ctcheck/props",
	"ctcheck/explore",
	"ctcheck/models",
	"ctcheck/report",
	"ctcheck/cttest",
	"ctcheck/survey",
	"ctcheck/weaken",
	"ctcheck/browse",
	"ctcheck/cmd/ctcheck",
}

// aside is packages that only tests import; they may import what is listed.
var aside = map[string][]string{
	"ctcheck/internal/plain":   {"ctcheck/model", "ctcheck/deferral"},
	"ctcheck/internal/house":   nil,
	"ctcheck/internal/testkit": nil,
	"ctcheck/bench":            nil,
}

const root = "../.."

func TestLayers(t *testing.T) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,GoFiles", "./...")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		found[p.ImportPath] = true
		allowed, isAside := aside[p.ImportPath]
		if !isAside {
			i := slices.Index(rooms, p.ImportPath)
			if i < 0 {
				t.Errorf("%s has no place in the list of rooms", p.ImportPath)
				continue
			}
			allowed = rooms[:i]
		}
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, "ctcheck/") && !slices.Contains(allowed, imp) {
				t.Errorf("%s imports %s, which does not stand above it", p.ImportPath, imp)
			}
		}
	}
	for _, room := range rooms {
		if !found[room] {
			t.Errorf("%s is in the list of rooms, but is no package", room)
		}
	}
}

// files is the tracked and untracked files of the tree with one of the endings.
func files(t *testing.T, endings ...string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == ".git" {
			return filepath.SkipDir
		}
		if !d.IsDir() && slices.Contains(endings, filepath.Ext(path)) {
			found = append(found, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestLineLength(t *testing.T) {
	const tab, most = 4, 116
	for _, f := range files(t, ".go") {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(data), "\n") {
			if n := len([]rune(line)) + (tab-1)*strings.Count(line, "\t"); n > most {
				t.Errorf("%s:%d: %d columns, the most is %d", f, i+1, n, most)
			}
		}
	}
}

func TestEveryRoomHasADoc(t *testing.T) {
	for _, room := range rooms {
		out, err := exec.Command("go", "list", "-f", "{{.Doc}}", room).Output()
		if err != nil {
			t.Fatal(err)
		}
		if len(bytes.TrimSpace(out)) == 0 {
			t.Errorf("%s has no package comment", room)
		}
	}
}
