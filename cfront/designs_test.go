package cfront_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ctcheck/cfront"
	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
)

// load reads a file of the tree.
func load(t testing.TB, path string) *cfront.File {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := cfront.Load([]cfront.Source{{Name: path, Text: text}}, cfront.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// outcome is what two forms of a design have in common.
type outcome struct {
	States, Transitions uint64
	Depth               int
	Properties, Claims  []string
}

// check searches a design.
func check(d models.Design, c models.Config, mm model.MemoryModel) (out outcome, err error) {
	err = explore.Widening(d.Widen, func() error {
		out = outcome{}
		p, err := d.Program(c)
		if err != nil {
			return err
		}
		ms, err := props.Select(p, props.Applicable(p)...)
		if err != nil {
			return err
		}
		r, err := explore.Run(context.Background(), p, ms, explore.Options{Memory: mm,
			Search: explore.BreadthFirst})
		if err != nil {
			return err
		}
		out.States, out.Transitions, out.Depth = r.States, r.Transitions, r.Depth
		for _, pr := range r.Properties {
			text := pr.Name + " holds"
			if pr.Violated {
				text = fmt.Sprintf("%s violated in %d steps", pr.Name, len(pr.Trace.Steps))
			}
			out.Properties = append(out.Properties, text)
		}
		for _, cl := range r.Claims {
			out.Claims = append(out.Claims, fmt.Sprint(cl.Name, cl.Reached))
		}
		return nil
	})
	return out, err
}

// configs is the configurations in which designs are compared: those of the matrix, and some of the small ones.
func configs() (cs []models.NamedConfig) {
	cs = append(models.Matrix(), models.Endless()...)
	if testing.Short() {
		return cs[3:4] // one setter and an NMI
	}
	for i, c := range models.Small() {
		if i%8 == 0 {
			cs = append(cs, models.NamedConfig{Key: fmt.Sprintf("small %d", i), Config: c})
		}
	}
	return cs
}

// Every design in C is its Go form: the same states, transitions, verdicts, lengths of traces and claims. No step
// has to differ.
func TestDesignsAreTheirGoForms(t *testing.T) {
	for _, want := range models.All() {
		t.Run(want.Name, func(t *testing.T) {
			t.Parallel()
			got := load(t, filepath.Join("..", "testdata", "c", want.Name+".c")).Design()
			for _, c := range configs() {
				if a, b := got.Accepts(c.Config), want.Accepts(c.Config); (a == nil) != (b == nil) {
					t.Errorf("%s: C says %v, Go %v", c.Key, a, b)
				} else if a != nil {
					continue
				}
				for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
					a, err := check(got, c.Config, mm)
					if err != nil {
						t.Fatalf("%s, %s: %v", c.Key, mm, err)
					}
					b, err := check(want, c.Config, mm)
					if err != nil {
						t.Fatalf("%s, %s: %v", c.Key, mm, err)
					}
					if diff := cmp.Diff(b, a); diff != "" {
						t.Errorf("%s, %s: Go is -, C is +\n%s", c.Key, mm, diff)
					}
				}
			}
		})
	}
}

// No design is without its C.
func TestEveryFileIsADesign(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "testdata", "c", "*.c"))
	if err != nil || len(files) < len(models.All()) {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".c")
		if _, ok := models.Find(name); !ok && name != "rfc-v1-11-of-14" {
			t.Errorf("%s is no design", file)
		}
	}
}
