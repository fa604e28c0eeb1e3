package explore

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/verdict"
)

// This file has the search for fair runs write down all of the graph, some of it and nothing, and forget it on the
// way. What it finds is the same.

// rings is CPUs that go round for ever, one of which does so in two ways, and what they never, sometimes or always
// do.
func rings() (*model.Program, []*model.Monitor) {
	p := model.New("rings")
	x := p.Shared("x", model.UpTo(7), no)
	y := p.Shared("y", model.UpTo(9).Mod(), no)
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		for i := range 5 {
			r.WriteOnce(fmt.Sprint("x = ", i), x, model.Int(i))
		}
		r.Forever(func() { r.AtomicAdd("y++", y, yes); r.Event(model.Warned) })
	}))
	p.CPU("CPU1").Run(p.Routine("main", func(r *model.Routine) {
		r.Choose(
			r.When(yes, func() { r.WriteOnce("x = 5", x, model.Int(5)); r.WriteOnce("x = 6", x, model.Int(6)) }),
			r.When(yes, func() { r.Forever(func() { r.Pause("pause"); r.AtomicAdd("y++", y, yes) }) }))
	}))
	p.CPU("CPU2").Run(p.Routine("main", func(r *model.Routine) {
		for range 6 {
			r.Pause("pause")
		}
	}))
	on := func(name string, v model.Value) *model.Monitor { return &model.Monitor{Name: name, Eventually: v} }
	return p, []*model.Monitor{on("x is 7", x.Eq(model.Int(7))), on("x is 4", x.Eq(model.Int(4))),
		on("y is 3", y.Eq(model.Int(3))), on("x is 6", x.Eq(model.Int(6))),
		{Name: "leaves 2", NotForever: []model.Value{y.Eq(model.Int(2))}},
		{Name: "leaves 4", NotForever: []model.Value{x.Eq(model.Int(4))}},
		{Name: "warns", Progress: func(ev model.Event) bool { return ev.Kind == model.Warned }},
		{Name: "never warns", Progress: func(ev model.Event) bool { return false }}}
}

// fairRuns is what the search for fair runs finds in a machine, and how much of the graph it had written down at
// first and in the end. The bound on memory leaves room for what the search needs, less than nothing or more.
func fairRuns(t *testing.T, m *machine.Machine, workers int, room func(l *liveness) int64, lose bool) (found string,
	first, last int64) {
	t.Helper()
	s := searchOf(m, Options{Workers: workers})
	if err := s.depthFirst(); err != nil {
		t.Fatal(err)
	}
	l := s.newLiveness()
	if room != nil {
		for _, w := range l.crew { // all learn what there is to know
			for i := range l.set.Len() {
				if _, err := w.arcs(uint32(i)); err != nil {
					t.Fatal(err)
				}
			}
			w.tally()
		}
		need := int64(l.counts.bytes + collected(l.set.Bytes()+l.extra+uint64(l.set.Len())*graphPasses+l.again()))
		l.bounds.maxBytes = uint64(need + room(l))
	}
	if err := l.wholeGraph(); err != nil {
		t.Fatal(err)
	}
	first = l.graph.bytes.Load()
	sets := func(of ...[]uint32) {
		for _, states := range of {
			slices.Sort(states)
		}
		slices.SortFunc(of, slices.Compare)
		found += fmt.Sprintln(of)
	}
	sets(l.cycles...)
	sets(l.stops)
	for _, c := range l.found.undecided(m) {
		if l.claim = &c; lose {
			l.forget()
		}
		if err := l.decide(); err != nil {
			t.Fatal(err)
		}
		if la := l.found.lassos[c.Property]; la != nil {
			found += fmt.Sprintln(m.Properties[c.Property], la.Steps, la.Loop)
		}
	}
	if l.bounds.stopped() {
		found = "cut"
	}
	return found, first, l.graph.bytes.Load()
}

func TestGraphNeedNotBeWrittenDown(t *testing.T) {
	p, ms := rings()
	m := compile(t, p, ms...)
	want, all, _ := fairRuns(t, m, 1, nil, false)
	if n := strings.Count(want, "x is") + strings.Count(want, "y is") +
		strings.Count(want, "leaves") + strings.Count(want, "never warns"); n != 4 {
		t.Fatalf("%d claims are broken", n)
	}
	some := 0
	for workers := 1; workers <= 3; workers++ {
		for _, row := range []struct {
			why  string
			room func(l *liveness) int64
			lose bool
		}{
			{"all of it", nil, false},
			{"all, forgotten before each claim", nil, true},
			{"hardly any", func(*liveness) int64 { return all / 8 }, false},
			{"a quarter", func(l *liveness) int64 { return all / 4 }, false},
			{"half", func(l *liveness) int64 { return all / 2 }, false},
		} {
			got, first, last := fairRuns(t, m, workers, row.room, row.lose)
			if row.why == "hardly any" && got == "cut" {
				continue // the last claims need more
			}
			if got != want {
				t.Errorf("%d workers, %s: found %d lines, and not those of the whole graph", workers, row.why,
					strings.Count(got, "\n"))
			}
			if row.room == nil && first < all*9/10 || row.lose && last != 0 {
				t.Errorf("%d workers, %s: %d bytes written down, and %d in the end", workers, row.why, first, last)
			}
			if row.room != nil && first < all*3/4 {
				some++
			}
		}
	}
	if some < 7 {
		t.Errorf("only %d times something was not written down", some)
	}
}

// A search for the nearest state books the memory that it takes, and ends where there is none.
func TestNearestIsBounded(t *testing.T) {
	p, ms := rings()
	s := searchOf(compile(t, p, ms...), Options{Workers: 1})
	if err := s.depthFirst(); err != nil {
		t.Fatal(err)
	}
	l := s.newLiveness()
	if err := l.wholeGraph(); err != nil {
		t.Fatal(err)
	}
	l.bounds.maxBytes = 1
	path, err := l.nearest(0, func(edge, uint64) visitAction { return enqueue })
	if path != nil || err != nil || l.bounds.met != verdict.AtBytes {
		t.Errorf("path %v, error %v, bound %q; want none, none and %q", path, err, l.bounds.met, verdict.AtBytes)
	}
}
