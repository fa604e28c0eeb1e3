package explore_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/verdict"
)

// doing is what a step does, as the tests observe it: its events.
func doing(_ *explore.Session, d explore.StepInfo) string { return events(d.Events) }

func events(hs []ir.Happening) string {
	var b strings.Builder
	for _, h := range hs {
		fmt.Fprint(&b, h.Kind, " ", h.CPU.Name, " ", h.Value, ";")
	}
	return b.String()
}

func sessionOf(t *testing.T, name string, mm model.MemoryModel) *explore.Session {
	t.Helper()
	d, _ := models.Find(name)
	p, err := d.Program(models.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	s, err := explore.NewSession(p, nil, explore.Options{Memory: mm})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A program does not part from itself, and as many pairs are looked at as it has states. Two
// designs part where a walk over all short schedules says so, and not before.
func TestPart(t *testing.T) {
	for _, name := range []string{"peterz", "valentin", "luto", "valentin-v8"} {
		for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
			d, _ := models.Find(name)
			p, err := d.Program(models.DefaultConfig())
			if err != nil {
				t.Fatal(err)
			}
			r, err := explore.Run(t.Context(), p, nil, explore.Options{Memory: mm})
			if err != nil {
				t.Fatal(err)
			}
			same, err := explore.Part(t.Context(), sessionOf(t, name, mm), sessionOf(t, name, mm), doing,
				explore.Options{})
			if err != nil || same.Found || same.Bound != verdict.NoBound || same.States != r.States {
				t.Errorf("%s, %s parts from itself: %+v, %v; it has %d states", name, mm, same, err, r.States)
			}
		}
	}
	names := []string{"off", "peterz", "valentin", "valentin-v5", "valentin-v7", "luto", "tlb-v6"}
	for i, x := range names {
		for _, y := range names[i+1:] {
			a, b := sessionOf(t, x, model.SC), sessionOf(t, y, model.SC)
			got, err := explore.Part(t.Context(), a, b, doing, explore.Options{})
			if err != nil || !got.Found {
				t.Fatalf("%s and %s: %+v, %v", x, y, got, err)
			}
			for _, s := range []*explore.Session{a, b} {
				if _, err := s.Play(got.Run[:len(got.Run)-1]); err != nil {
					t.Errorf("%s and %s: the schedule %v cannot be taken: %v", x, y, got.Run, err)
				}
			}
			if want := partsAfter(t, x, y); len(got.Run) != want {
				t.Errorf("%s and %s part after %d steps, want %d", x, y, len(got.Run), want)
			}
		}
	}
}

// Two programs part where only one of them can go on, and where a step stops only one.
func TestPartOfShortPrograms(t *testing.T) {
	program := func(body func(r *model.Routine, x *model.Var)) *explore.Session {
		p := model.New("short")
		x := p.Shared("x", model.UpTo(3), model.Int(0))
		p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) { body(r, x) }))
		s, err := explore.NewSession(p, nil, explore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	write := func(r *model.Routine, x *model.Var) { r.WriteOnce("WRITE_ONCE(x, 1)", x, model.Int(1)) }
	one := program(write)
	two := program(func(r *model.Routine, x *model.Var) { write(r, x); write(r, x) })
	for _, row := range []struct {
		a, b *explore.Session
		only string
	}{{one, two, "b"}, {two, one, "a"}} {
		got, err := explore.Part(t.Context(), row.a, row.b, doing, explore.Options{})
		if err != nil || !got.Found || len(got.Run) != 2 || got.Only != row.only {
			t.Errorf("one step and two: %+v, %v; want that only %s goes on", got, err, row.only)
		}
	}
	waits := program(func(r *model.Routine, x *model.Var) {
		write(r, x)
		seen := r.LocalOf("VAL", x)
		r.CondLoadAcquire("smp_cond_load_acquire(&x, VAL == 2)", seen, x, seen.Eq(model.Int(2)))
	})
	stops := func(_ *explore.Session, d explore.StepInfo) string { return fmt.Sprint(d.Stuck) }
	got, err := explore.Part(t.Context(), two, waits, stops, explore.Options{})
	if err != nil || !got.Found || len(got.Run) != 1 || got.Only != "" {
		t.Errorf("a step that leads to a deadlock: %+v, %v", got, err)
	}
}

// A schedule that is found after many pairs of states can be taken, and is a shortest one.
func TestPartFarAway(t *testing.T) {
	for _, name := range []string{"peterz", "valentin", "luto"} {
		a, b := sessionOf(t, name, model.SC), sessionOf(t, name, model.SC)
		ends := func(of *explore.Session, d explore.StepInfo) string { return fmt.Sprint(of == b && d.Ended) }
		got, err := explore.Part(t.Context(), a, b, ends, explore.Options{})
		if err != nil || !got.Found {
			t.Fatalf("%s: %+v, %v", name, got, err)
		}
		if _, err := a.Play(got.Run); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		way, err := a.Nearest(t.Context(), nil, func(d explore.StepInfo) bool { return d.Ended }, explore.Options{})
		if err != nil || len(way.Steps) != len(got.Run) {
			t.Errorf("%s: they part after %d steps, and the shortest way there has %d: %v", name, len(got.Run),
				len(way.Steps), err)
		}
	}
}

// partsAfter is the length of a shortest schedule on which two designs part, by playing schedules
// one after the other from the start, the shorter ones first.
func partsAfter(t *testing.T, x, y string) int {
	t.Helper()
	a, b := sessionOf(t, x, model.SC), sessionOf(t, y, model.SC)
	steps := a.Transitions()
	type run struct{ path []int }
	for layer := []run{{}}; len(layer) > 0; {
		var next []run
		for _, r := range layer {
			for n := range steps {
				path := append(r.path[:len(r.path):len(r.path)], n)
				one, two := played(t, a, path), played(t, b, path)
				if one != two {
					return len(path)
				}
				if one != "" {
					next = append(next, run{path})
				}
			}
		}
		if layer = next; len(layer) > 20_000 {
			t.Fatalf("%s and %s are too much alike for this test", x, y)
		}
	}
	return -1
}

// played is what the last step of a schedule does; empty if it cannot be taken.
func played(t *testing.T, s *explore.Session, path []int) string {
	t.Helper()
	all := s.Transitions()
	run := all[:0:0]
	for _, n := range path[:len(path)-1] {
		run = append(run, all[n])
	}
	tr, err := s.Play(run)
	if err != nil {
		t.Fatal(err)
	}
	next, err := tr.Next()
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range next {
		if st.Transition == all[path[len(path)-1]] {
			return "did " + events(st.Events)
		}
	}
	return ""
}

// Where there can be no schedules for both, that is said; a bound is named.
func TestPartBounds(t *testing.T) {
	d, _ := models.Find("peterz")
	c := models.DefaultConfig()
	c.Setters = 1
	p, err := d.Program(c)
	if err != nil {
		t.Fatal(err)
	}
	one, err := explore.NewSession(p, nil, explore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	two := sessionOf(t, "peterz", model.SC)
	if _, err := explore.Part(t.Context(), one, two, doing, explore.Options{}); err == nil ||
		!strings.Contains(err.Error(), "the one has 2 CPUs and the other 3") {
		t.Errorf("other CPUs: %v", err)
	}
	got, err := explore.Part(t.Context(), two, two, doing, explore.Options{MaxStates: 10})
	if err != nil || got.Found || got.Bound != verdict.AtStates {
		t.Errorf("10 states: %+v, %v", got, err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err = explore.Part(over, two, two, doing, explore.Options{}); err != nil || got.Found ||
		got.Bound != verdict.AtInterrupt {
		t.Errorf("after Ctrl-C: %+v, %v", got, err)
	}
}
