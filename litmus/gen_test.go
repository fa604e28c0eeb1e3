package litmus_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"ctcheck/explore"
	"ctcheck/litmus"
	"ctcheck/model"
)

func TestGen(t *testing.T) {
	files, _ := filepath.Glob("../testdata/litmus/*.litmus")
	for _, f := range files {
		src, _ := os.ReadFile(f)
		test, err := litmus.Parse(f, src)
		if err != nil {
			t.Error(err)
			continue
		}
		fmt.Println(filepath.Base(f))
		seen := map[string]bool{}
		for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
			p, err := test.Program()
			if err != nil {
				t.Error(err)
				continue
			}
			finals, err := explore.Finals(context.Background(), mm, p.Model, p.Vars...)
			if err != nil {
				t.Error(err)
			}
			for _, x := range finals {
				s := p.State(x)
				line := fmt.Sprint(mm, " ", p.Format(s))
				if !p.Satisfies(s) {
					line += " no"
				}
				if !seen[p.Format(s)] {
					fmt.Println("  ", line)
				}
				seen[p.Format(s)] = true
			}
		}
	}
}
