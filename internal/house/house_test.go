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
	"ctcheck/internal/replace", // of use to all, and knows none
	"ctcheck/model",
	"ctcheck/threads",
	"ctcheck/ir",
	"ctcheck/machine",
	"ctcheck/states",
	"ctcheck/param",
	"ctcheck/trace",
	"ctcheck/verdict",
	"ctcheck/axiom",
	"ctcheck/axiom/replay",
	"ctcheck/deferral",
	"ctcheck/props",
	"ctcheck/litmus",
	"ctcheck/explore",
	"ctcheck/models",
	"ctcheck/cfront",
	"ctcheck/report",
	"ctcheck/judge",
	"ctcheck/cttest",
	"ctcheck/survey",
	"ctcheck/weaken",
	"ctcheck/diff",
	"ctcheck/browse",
	"ctcheck/command",
	"ctcheck/cmd/ctcheck",
}

// aside is packages that only tests import; they may import what is listed.
var aside = map[string][]string{
	"ctcheck/internal/plain":   {"ctcheck/model", "ctcheck/deferral"},
	"ctcheck/internal/house":   nil,
	"ctcheck/internal/testkit": nil,
	"ctcheck/bench":            nil,
}

// only is what some rooms may import of the rooms above them, where that is less than all of it: results are
// written from what every engine answers, protocols are data, sets of states know no meaning, and whoever asks for
// a search calls the engine and does not know the machine below it.
var only = map[string][]string{
	"ctcheck/states":       nil,
	"ctcheck/threads":      {"ctcheck/model"},
	"ctcheck/axiom":        {"ctcheck/model", "ctcheck/threads", "ctcheck/trace", "ctcheck/verdict"},
	"ctcheck/axiom/replay": {"ctcheck/model", "ctcheck/threads", "ctcheck/axiom"},
	"ctcheck/param":        {"ctcheck/model", "ctcheck/ir", "ctcheck/machine", "ctcheck/states"},
	"ctcheck/trace":        {"ctcheck/model", "ctcheck/ir", "ctcheck/machine"},
	"ctcheck/verdict":      {"ctcheck/model", "ctcheck/ir", "ctcheck/trace"},
	"ctcheck/deferral":     {"ctcheck/model"},
	"ctcheck/props":        {"ctcheck/model", "ctcheck/ir", "ctcheck/deferral"},
	"ctcheck/models":       {"ctcheck/model", "ctcheck/deferral"},
	"ctcheck/litmus":       {"ctcheck/model", "ctcheck/threads"},
	"ctcheck/cfront":       {"ctcheck/model", "ctcheck/deferral", "ctcheck/litmus", "ctcheck/models"},
	"ctcheck/report": {"ctcheck/model", "ctcheck/ir", "ctcheck/trace", "ctcheck/verdict",
		"ctcheck/deferral", "ctcheck/props"},
	"ctcheck/explore":     without("ctcheck/param", "ctcheck/axiom", "ctcheck/axiom/replay"),
	"ctcheck/judge":       without("ctcheck/machine", "ctcheck/states"),
	"ctcheck/survey":      without("ctcheck/machine", "ctcheck/states"),
	"ctcheck/weaken":      without("ctcheck/machine", "ctcheck/states"),
	"ctcheck/diff":        without("ctcheck/machine", "ctcheck/states"),
	"ctcheck/cttest":      without("ctcheck/machine", "ctcheck/states"),
	"ctcheck/browse":      without("ctcheck/machine", "ctcheck/states"),
	"ctcheck/command":     without("ctcheck/machine", "ctcheck/states", "ctcheck/ir"),
	"ctcheck/cmd/ctcheck": {"ctcheck/command"},
}

// without is all rooms but the given ones.
func without(names ...string) []string {
	return slices.DeleteFunc(slices.Clone(rooms), func(room string) bool { return slices.Contains(names, room) })
}

const root = "../.."

// A pkg is what go list says of a package.
type pkg struct {
	ImportPath string
	Imports    []string
	Doc        string
}

// listed is the packages of the module, without what only tests import.
func listed(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Doc", "./...")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		foreign := func(imp string) bool { return !strings.HasPrefix(imp, "ctcheck/") }
		p.Imports = slices.DeleteFunc(p.Imports, foreign)
		pkgs = append(pkgs, p)
	}
	return pkgs
}

func TestLayers(t *testing.T) {
	found := map[string]bool{}
	for _, p := range listed(t) {
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
		fewer, isNarrow := only[p.ImportPath]
		for _, imp := range p.Imports {
			switch {
			case !slices.Contains(allowed, imp):
				t.Errorf("%s imports %s, which does not stand above it", p.ImportPath, imp)
			case isNarrow && !slices.Contains(fewer, imp):
				t.Errorf("%s imports %s, which it is to know nothing of", p.ImportPath, imp)
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
	for _, p := range listed(t) {
		if slices.Contains(rooms, p.ImportPath) && p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}
