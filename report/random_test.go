package report_test

import (
	"io"
	"math/rand/v2"
	"testing"

	"ctcheck/explore"
	"ctcheck/internal/plain"
	"ctcheck/model"
	"ctcheck/report"
	"ctcheck/verdict"
)

// Every format writes what random programs come to, which have every statement and every kind of variable.
func TestFormatsOfRandomPrograms(t *testing.T) {
	violated := 0
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		data := make([]byte, 400)
		for i := range data {
			data[i] = byte(rng.Uint32())
		}
		p, ms := plain.Random(data)
		mm := model.MemoryModels()[seed%3]
		r, err := explore.Run(t.Context(), p, ms, explore.Options{Memory: mm, MaxStates: 2000,
			Search: explore.BreadthFirst, Coverage: seed%2 == 0})
		if err != nil {
			continue // a fault of the program
		}
		if r.Verdict == verdict.Violated {
			violated++
		}
		rep := &report.Report{Model: p.Name, Summary: "a random program", Program: p, Result: r}
		for _, f := range report.Formats() {
			if err := f.Write(io.Discard, rep); err != nil {
				t.Errorf("seed %d: %s: %v", seed, f.Name, err)
			}
		}
	}
	if violated < 20 {
		t.Errorf("only %d programs have traces", violated)
	}
}
