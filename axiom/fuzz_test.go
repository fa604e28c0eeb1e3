package axiom_test

import (
	"os"
	"path/filepath"
	"testing"

	"ctcheck/axiom"
	"ctcheck/axiom/replay"
	"ctcheck/litmus"
	"ctcheck/model"
)

// Whatever a test is, nothing panics, and what is found is an execution.
func FuzzTests(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(own, "*.litmus"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		test, err := litmus.Parse("fuzz.litmus", src)
		if err != nil || test.Arch != litmus.C {
			return
		}
		p, err := test.AsThreads()
		if err != nil {
			return
		}
		for _, mode := range []axiom.Mode{axiom.Full, axiom.Witness} {
			for _, mm := range []model.MemoryModel{model.SC, model.TSO, model.LKMM} {
				r, err := axiom.Run(t.Context(), p, axiom.Options{Memory: mm, Mode: mode, MaxNodes: 100,
					Condition: condition(test, test.Prop, p.Cells)})
				if err != nil {
					return // too large
				}
				for _, x := range []*axiom.Execution{r.Yes, r.No} {
					if x == nil {
						continue
					}
					if _, err := replay.Check(p, x, mm); err != nil {
						t.Fatalf("%s under %s: %v", test.Name, mm, err)
					}
					x.Picture(p, nil)
				}
			}
		}
		_, _, err = axiom.Why(t.Context(), p, axiom.Options{Memory: model.LKMM, MaxNodes: 100,
			Condition: condition(test, test.Prop, p.Cells)})
		if err != nil {
			t.Fatal(err)
		}
	})
}
