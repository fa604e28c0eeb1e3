package explore

import (
	"fmt"
	"math/bits"
	"testing"

	"ctcheck/deferral"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/verdict"
)

// herd is CPUs that each add to x as often as there are steps, and the claim that x stays below most.
func herd(cpus, steps, most int) (*model.Program, *model.Monitor) {
	p := model.New("herd")
	x := p.Shared("x", model.UpTo(int64(cpus*steps)), no)
	add := p.Routine("add", func(r *model.Routine) {
		l := r.LocalOf("l", x)
		for range steps {
			r.ReadOnce("l = x", l, x)
			r.WriteOnce("x = l + 1", x, l.Add(model.Int(1)))
			r.Set(l, no)
		}
	})
	for i := range cpus {
		p.CPU(fmt.Sprint("CPU", i)).Run(add)
	}
	return p, never("below", x.Ge(model.Int(most)))
}

// Every way to search, bounded or not, finds in the reduced graph what it finds in the full one, and a
// trace that replays.
func TestReducedBounds(t *testing.T) {
	p, m := herd(4, 2, 5)
	mc := compile(t, p, m)
	full := run(t, mc, Options{Search: BreadthFirst})
	less := run(t, mc, Options{Search: BreadthFirst, Reduce: Symmetry})
	if less.States*10 > full.States || less.Search.Reduced[0].StandFor != full.States || less.Depth != full.Depth {
		t.Fatalf("%d states stand for %d, depth %d; unreduced %d, depth %d", less.States,
			less.Search.Reduced[0].StandFor, less.Depth, full.States, full.Depth)
	}
	steps := len(full.Properties[0].Trace.Steps)
	rows := []struct {
		o     Options
		bound verdict.Bound
		why   string
	}{
		{Options{First: true}, verdict.AtFirst, "the first violation, depth first"},
		{Options{First: true, Search: BreadthFirst}, verdict.AtFirst, "the first violation"},
		{Options{MaxDepth: steps, Search: BreadthFirst}, verdict.AtDepth, "just as deep as the violation"},
		{Options{MaxDepth: steps}, verdict.AtDepth, "just as deep, depth first"},
		{Options{MaxStates: less.States, Search: BreadthFirst}, verdict.NoBound, "room for the reduced states"},
		{Options{MaxStates: less.States}, verdict.NoBound, "room for the reduced states, depth first"},
		{Options{Workers: 3, Search: BreadthFirst}, verdict.NoBound, "three workers"},
	}
	for _, row := range rows {
		row.o.Reduce = Symmetry
		r := run(t, mc, row.o)
		pr := r.Properties[0]
		if r.Bound != row.bound || !pr.Violated || !pr.Trace.SameRun(full.Properties[0].Trace) {
			t.Errorf("%+v: bound %q, violated %t; want %q and the same trace (%s)", row.o, r.Bound,
				pr.Violated, row.bound, row.why)
		}
	}
	short := Options{MaxDepth: steps - 1, Search: BreadthFirst, Reduce: Symmetry}
	if r := run(t, mc, short); r.Verdict != verdict.Incomplete {
		t.Errorf("one step less than the violation: %v", r.Verdict)
	}
}

// Where memory leaves no room for the states on shortest runs, the trace is still a shortest one.
func TestReducedTraceInLittleMemory(t *testing.T) {
	p, m := herd(5, 2, 10)
	mc := compile(t, p, m)
	o := Options{Search: BreadthFirst, Reduce: Symmetry}
	plenty, least := run(t, mc, o), leastBytes(t, mc, o)
	if least > 2*plenty.Search.Bytes+1<<17 {
		t.Errorf("%d bytes are needed for %d of states", least, plenty.Search.Bytes)
	}
	thin := false
	for spare := uint64(1); spare < 1<<20; spare *= 4 {
		o.MaxBytes = least + spare
		r := run(t, mc, o)
		pr := r.Properties[0]
		if !pr.Violated || !pr.Trace.Shortest || len(pr.Trace.Steps) != len(plenty.Properties[0].Trace.Steps) {
			t.Fatalf("%d bytes to spare: %v", spare, r.Verdict)
		}
		thin = thin || !pr.Trace.Fewest
	}
	if !thin {
		t.Error("memory was never short")
	}
}

// A depth-first search that is told to stop hands out the run that it was on, with names of its own.
func TestReducedInterrupt(t *testing.T) {
	p, m := herd(3, 2, 4)
	mc := compile(t, p, m)
	s := searchOf(mc, Options{Reduce: Symmetry})
	if err := s.run(); err != nil {
		t.Fatal(err)
	}
	s.bounds.stop(verdict.AtInterrupt)
	r := s.result()
	if err := s.traces(r); err != nil {
		t.Fatal(err)
	}
	tr := r.Properties[0].Trace
	if tr == nil || tr.Shortest || bits.OnesCount64(s.found.failed) != 1 {
		t.Errorf("violated %b, trace %v", s.found.failed, tr)
	}
}

// Claims on whole runs are decided on the reduced graph where it has no cycle of the kind they forbid,
// and otherwise without reductions.
func TestReducedWholeRuns(t *testing.T) {
	build := func(forever, progress, spins bool) *machine.Machine {
		p := model.New("whole runs")
		d := deferral.New(p, 1)
		x := p.Shared("x", model.Bool, no)
		work := p.Routine("work", func(r *model.Routine) {
			body := func() {
				r.AtomicOr("or", x, yes)
				if progress {
					d.RunWork(r, "work", no, deferral.ByFlush)
				}
			}
			if forever {
				r.Forever(body)
			} else {
				body()
			}
		})
		for i := range 3 {
			p.CPU(fmt.Sprint("CPU", i)).Run(work)
		}
		if spins {
			p.CPU("spinner").Run(p.Routine("spin", func(r *model.Routine) {
				r.Forever(func() { r.Pause("spin") })
			}))
		}
		return compile(t, p, &model.Monitor{Name: "works on", Progress: func(ev model.Event) bool {
			return ev.Kind == deferral.Ran
		}})
	}
	rows := []struct {
		forever, progress, spins, dropped bool
		verdict                           verdict.Verdict
		why                               string
	}{
		{false, false, false, false, verdict.Holds, "every run ends"},
		{true, true, false, false, verdict.Holds, "there is work on every cycle"},
		{true, true, true, true, verdict.Holds, "the cycle on which only the spinner steps is not fair"},
		{true, false, false, true, verdict.Violated, "there is no work"},
	}
	for _, row := range rows {
		mc := build(row.forever, row.progress, row.spins)
		for _, search := range []Order{DepthFirst, BreadthFirst} {
			r := run(t, mc, Options{Search: search, Reduce: Symmetry})
			if r.Verdict != row.verdict || (r.Search.Reduced[0].Off != "") != row.dropped {
				t.Errorf("%+v: %v, reduction off: %q", row, r.Verdict, r.Search.Reduced[0].Off)
			}
		}
	}
}
