// Package bench measures the explorer on the flat protocol that other checkers have too.
//
//	go test ./bench -run '^$' -bench . -benchtime 3x
//
// bench/compare.sh holds it against SPIN in one run and checks that both find the same graph.
package bench

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/verdict"
)

// graphs is the reachable graphs of bench-valentin on which SPIN, TLC and Rumur agree.
var graphs = []struct {
	rounds, setters, works int
	states, transitions    uint64
	large                  bool // left to the benchmarks
}{
	{2, 2, 2, 371, 766, false},
	{3, 3, 1, 4_376, 11_358, false},
	{2, 4, 2, 21_855, 68_737, false},
	{2, 6, 2, 1_608_095, 6_930_947, true},
	{2, 7, 2, 14_251_101, 70_293_166, true},
}

func program(tb testing.TB, rounds, setters, works int) *model.Program {
	tb.Helper()
	c := models.DefaultConfig()
	c.Rounds, c.Setters, c.Works = rounds, setters, works
	d, _ := models.Find("bench-valentin")
	p, err := d.Program(c)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func check(tb testing.TB, p *model.Program, o explore.Options, states, transitions uint64) *verdict.Result {
	tb.Helper()
	r, err := explore.Run(context.Background(), p, nil, o)
	if err != nil {
		tb.Fatal(err)
	}
	if r.States != states || r.Transitions != transitions || r.Verdict != verdict.Holds {
		tb.Fatalf("%+v: %v, %d states and %d transitions; want %d and %d", o, r.Verdict, r.States,
			r.Transitions, states, transitions)
	}
	return r
}

// The counts are the peers', to the last digit, in every mode.
func TestCountsAreThePeers(t *testing.T) {
	for _, g := range graphs {
		if g.large {
			continue
		}
		p := program(t, g.rounds, g.setters, g.works)
		for _, o := range []explore.Options{
			{},
			{Search: explore.BreadthFirst},
			{Search: explore.BreadthFirst, Workers: 2},
		} {
			check(t, p, o, g.states, g.transitions)
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	for _, g := range graphs[2:] {
		p := program(b, g.rounds, g.setters, g.works)
		workers := []int{1}
		if n := runtime.NumCPU(); n > 1 {
			workers = append(workers, n)
		}
		for _, w := range workers {
			b.Run(fmt.Sprintf("K=%d,S=%d,B=%d/workers=%d", g.rounds, g.setters, g.works, w), func(b *testing.B) {
				var seconds float64
				var bytes uint64
				o := explore.Options{Search: explore.BreadthFirst, Workers: w}
				for b.Loop() {
					r := check(b, p, o, g.states, g.transitions)
					seconds += r.Duration.Seconds()
					bytes = r.Search.Bytes
				}
				b.ReportMetric(float64(g.states)*float64(b.N)/seconds, "states/s")
				b.ReportMetric(float64(g.transitions)*float64(b.N)/seconds, "transitions/s")
				b.ReportMetric(float64(bytes)/float64(g.states), "bytes/state")
			})
		}
	}
}
