package explore

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"ctcheck/model"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// judged holds what random walks say of a program against a full search: every violation is one, with a run that
// was replayed and no shorter than a shortest; no state, value or claim is met that cannot be; and the verdict is
// never that something holds.
func judged(t *testing.T, name string, p *model.Program, ms []*model.Monitor, mm model.MemoryModel,
	walks uint64) (found, missed int) {
	t.Helper()
	full, err := Run(t.Context(), p, ms, Options{Memory: mm, Search: BreadthFirst, MaxStates: 200_000})
	if err != nil {
		_, err := Simulate(t.Context(), p, ms, WalkOptions{Memory: mm, Walks: walks, MaxSteps: 100})
		if err != nil {
			return 0, 0
		}
		return 0, 1
	}
	r, err := Simulate(t.Context(), p, ms, WalkOptions{Memory: mm, Seed: 3, Walks: walks, MaxSteps: 100})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if r.Complete || r.AllVisited || r.Verdict == verdict.Holds || r.Verdict == verdict.Unreached {
		t.Errorf("%s: random walks say %s, complete %v", name, r.Verdict, r.Complete)
	}
	if full.Complete && r.States > full.States {
		t.Errorf("%s: %d states, and there are %d", name, r.States, full.States)
	}
	for i, pr := range r.Properties {
		f := full.Properties[i]
		switch {
		case pr.Violated && !f.Violated && full.Complete:
			t.Errorf("%s: %s is violated, which it is not", name, pr.Name)
		case pr.Violated && (pr.Trace == nil || pr.Trace.Shortest):
			t.Errorf("%s: %s has no trace, or one that says that it is shortest", name, pr.Name)
		case pr.Violated && f.Violated && !f.Live && len(pr.Trace.Steps) < len(f.Trace.Steps):
			t.Errorf("%s: %s in %d steps, and a shortest run has %d", name, pr.Name, len(pr.Trace.Steps),
				len(f.Trace.Steps))
		case pr.Violated:
			found++
		case f.Violated && !f.Live:
			missed++
		}
	}
	for i, c := range r.Claims {
		if c.Reached && !full.Claims[i].Reached && full.Complete {
			t.Errorf("%s: %s is reached, which it is not", name, c.Name)
		}
	}
	return found, missed
}

// Random walks through random programs find nothing that is not there, and, as the programs are small, most of what
// is.
func TestSimulateAgainstSearches(t *testing.T) {
	found, missed := 0, 0
	for seed := range uint64(150) {
		for _, mm := range model.MemoryModels() {
			p, ms := randomProgram(seed, seed%2 == 0)
			f, m := judged(t, fmt.Sprintf("random %d, %s", seed, mm), p, ms, mm, 100)
			found, missed = found+f, missed+m
		}
	}
	if found < 100 || missed > found/4 {
		t.Errorf("%d violations found, and %d missed", found, missed)
	}
}

// The same seed is the same walks; another one is others. The end of the context ends them, and so does the first
// violation, if that is asked for.
func TestSimulateEnds(t *testing.T) {
	p, ms := randomProgram(2, true)
	walk := func(ctx context.Context, o WalkOptions) *verdict.Result {
		o.MaxSteps = 50
		r, err := Simulate(ctx, p, ms, o)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	a, b := walk(t.Context(), WalkOptions{Seed: 1, Walks: 5}), walk(t.Context(), WalkOptions{Seed: 1, Walks: 5})
	c := walk(t.Context(), WalkOptions{Seed: 2, Walks: 5})
	if a.Transitions != b.Transitions || a.States != b.States || a.Search.Walks != 5 || a.Bound != verdict.AtWalks {
		t.Errorf("the same seed: %d and %d steps, %d walks, cut by %s", a.Transitions, b.Transitions,
			a.Search.Walks, a.Bound)
	}
	if a.Transitions == c.Transitions && a.States == c.States {
		t.Errorf("another seed takes as many steps, %d, to as many states", a.Transitions)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if r := walk(over, WalkOptions{}); r.Bound != verdict.AtInterrupt || r.Search.Walks != 0 {
		t.Errorf("after Ctrl-C: %s, %d walks", r.Bound, r.Search.Walks)
	}
	brief, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if r := walk(brief, WalkOptions{}); r.Bound != verdict.AtWalks || r.Search.Walks == 0 {
		t.Errorf("after a time: %s, %d walks", r.Bound, r.Search.Walks)
	}
	small := walk(t.Context(), WalkOptions{Seed: 1, Walks: 200, MaxBytes: 1})
	if !small.Search.Uncounted || small.States > 1 {
		t.Errorf("without room %d states are counted, and it says %v", small.States, small.Search.Uncounted)
	}
}

// Each run that a search finds in a random program is judged to violate what it was found for, and nothing that the
// search says holds.
func TestJudgeAgainstSearches(t *testing.T) {
	judged, cycles := 0, 0
	for seed := range uint64(120) {
		for _, mm := range model.MemoryModels() {
			p, ms := randomProgram(seed, seed%2 == 0)
			r, err := Run(t.Context(), p, ms, Options{Memory: mm, Search: BreadthFirst})
			if err != nil {
				continue // a fault of the program
			}
			s, err := NewSession(p, ms, Options{Memory: mm})
			if err != nil {
				t.Fatal(err)
			}
			for _, pr := range r.Properties {
				if !pr.Violated {
					continue
				}
				tr, vs, err := s.Judge(pr.Trace.Path(), pr.Trace.Loop)
				if err != nil {
					t.Fatalf("%d, %s, %s: %v", seed, mm, pr.Name, err)
				}
				judged++
				if tr.Loop >= 0 {
					cycles++
				}
				at := slices.IndexFunc(vs, func(v trace.Violation) bool { return v.Property == pr.Name })
				if at < 0 || vs[at].Steps != len(tr.Steps) || tr.Property == "" {
					t.Errorf("%d, %s: the run of %s violates %v", seed, mm, pr.Name, vs)
				}
				for _, v := range vs {
					k := slices.IndexFunc(r.Properties,
						func(q verdict.Property) bool { return q.Name == v.Property })
					if !r.Properties[k].Violated && r.Complete {
						t.Errorf("%d, %s: the run of %s violates %s, which holds", seed, mm, pr.Name, v.Property)
					}
				}
			}
		}
	}
	if judged < 100 {
		t.Errorf("%d runs, %d with cycles", judged, cycles)
	}
}

// Of a program that can only go one way everything that a simulation says is known.
func TestSimulateSays(t *testing.T) {
	p := model.New("line")
	x := p.Shared("x", model.UpTo(3), model.Int(0))
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		for i := range int64(3) {
			r.WriteOnce(fmt.Sprintf("WRITE_ONCE(x, %d)", i+1), x, model.Int(i+1))
		}
	}))
	p.ReachedState("x is 3", x.Eq(model.Int(3)))
	p.ReachedState("x is 2", x.Eq(model.Int(2)))
	late := &model.Monitor{Name: "never 2", Never: x.Eq(model.Int(2))}
	live := &model.Monitor{Name: "in the end 3", Eventually: x.Eq(model.Int(3))}
	walk := func(o WalkOptions, ms ...*model.Monitor) *verdict.Result {
		t.Helper()
		r, err := Simulate(t.Context(), p, ms, o)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	prog := &Progress{}
	r := walk(WalkOptions{Walks: 4, MaxSteps: 10, Progress: prog}, live)
	if r.States != 4 || r.Transitions != 12 || r.Depth != 3 || r.Search.Walks != 4 || r.Duration <= 0 ||
		!r.Claims[0].Reached || !r.Claims[1].Reached || r.Verdict != verdict.Incomplete || !r.Properties[0].Live ||
		r.Properties[1].Live {
		t.Errorf("whole: %+v %+v", r, r.Claims)
	}
	if s := prog.Status(); s.Phase != "random walks" || s.Done != 4 || s.Total != 4 {
		t.Errorf("the progress is %+v", s)
	}
	for _, c := range r.Coverage.Covered {
		if c.Times != 4 || c.New != 1 || c.Known != 3 {
			t.Errorf("a step was taken %d times, to %d new and %d known states", c.Times, c.New, c.Known)
		}
	}
	if v := r.Coverage.Values[0]; v.Distinct != 4 {
		t.Errorf("x has %d values", v.Distinct)
	}
	if r = walk(WalkOptions{Walks: 4, MaxSteps: 2}); r.Depth != 2 || r.Transitions != 8 || r.Claims[0].Reached {
		t.Errorf("two steps: depth %d, %d transitions, %+v", r.Depth, r.Transitions, r.Claims)
	}
	// With --first the walk that finds something is the last one; without it, it goes on, as a deadlock may come.
	r = walk(WalkOptions{Walks: 4, MaxSteps: 10, First: true}, late)
	if r.Bound != verdict.AtFirst || r.Search.Walks != 1 || len(r.Properties[0].Trace.Steps) != 2 {
		t.Errorf("at first: %s after %d walks", r.Bound, r.Search.Walks)
	}
	if r = walk(WalkOptions{Walks: 4, MaxSteps: 10}, late); r.Bound != verdict.AtWalks || r.Search.Walks != 4 {
		t.Errorf("to the end: %s after %d walks", r.Bound, r.Search.Walks)
	}
}

// A deadlock is met, and where everything that can be violated is, there are no more walks. A walk without end is
// left when the time is over.
func TestSimulateEndsWithEverything(t *testing.T) {
	p := model.New("stuck")
	x := p.Shared("x", model.Bool, model.Int(0))
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		seen := r.LocalOf("VAL", x)
		r.CondLoadAcquire("smp_cond_load_acquire(&x, VAL)", seen, x, seen.Eq(model.Int(1)))
	}))
	live := &model.Monitor{Name: "x is set", Eventually: x.Eq(model.Int(1))}
	r, err := Simulate(t.Context(), p, []*model.Monitor{live}, WalkOptions{MaxSteps: 10})
	if err != nil || r.Verdict != verdict.Violated || !r.Properties[1].Violated || r.Search.Walks != 0 ||
		len(r.Properties[1].Trace.Steps) != 0 {
		t.Errorf("a deadlock at the start: %+v, %v", r, err)
	}
	q := model.New("blocks")
	y := q.Shared("y", model.UpTo(2), model.Int(0))
	q.CPU("CPU0").Run(q.Routine("main", func(r *model.Routine) {
		seen := r.LocalOf("VAL", y)
		r.WriteOnce("WRITE_ONCE(y, 1)", y, model.Int(1))
		r.CondLoadAcquire("smp_cond_load_acquire(&y, VAL == 2)", seen, y, seen.Eq(model.Int(2)))
	}))
	live = &model.Monitor{Name: "y is 2", Eventually: y.Eq(model.Int(2))}
	if r, err = Simulate(t.Context(), q, []*model.Monitor{live}, WalkOptions{MaxSteps: 10}); err != nil {
		t.Fatal(err)
	}
	if r.Verdict != verdict.Violated || !r.Properties[1].Violated || r.Search.Walks != 1 ||
		r.Bound != verdict.AtWalks {
		t.Errorf("a deadlock: %s, %+v, %d walks, %s", r.Verdict, r.Properties, r.Search.Walks, r.Bound)
	}
	endless := model.New("endless")
	z := endless.Shared("z", model.Bool, model.Int(0))
	endless.CPU("CPU0").Run(endless.Routine("main", func(r *model.Routine) {
		r.Forever(func() { r.WriteOnce("WRITE_ONCE(z, 0)", z, model.Int(0)) })
	}))
	brief, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if r, err = Simulate(brief, endless, nil, WalkOptions{MaxSteps: 1 << 40}); err != nil || r.Search.Walks > 1 ||
		r.Transitions == 0 {
		t.Errorf("an endless walk: %v, %d walks of %d steps", err, r.Search.Walks, r.Transitions)
	}
}

// A run is shortened to the steps that it needs, whatever else the walk did on its way.
func TestShortening(t *testing.T) {
	p := model.New("noise")
	x := p.Shared("x", model.UpTo(2), model.Int(0))
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		r.WriteOnce("WRITE_ONCE(x, 1)", x, model.Int(1))
		r.WriteOnce("WRITE_ONCE(x, 2)", x, model.Int(2))
	}))
	for i := range 2 {
		p.CPU(fmt.Sprintf("CPU%d", i+1)).Run(p.Routine("noise", func(r *model.Routine) {
			for range 15 {
				r.Pause("/* noise */")
			}
		}))
	}
	late := &model.Monitor{Name: "never 2", Never: x.Eq(model.Int(2))}
	long := 0
	for seed := range uint64(20) {
		r, err := Simulate(t.Context(), p, []*model.Monitor{late}, WalkOptions{Seed: seed, Walks: 1, MaxSteps: 40})
		if err != nil || !r.Properties[0].Violated {
			t.Fatalf("seed %d: %v, %v", seed, r.Properties, err)
		}
		if n := len(r.Properties[0].Trace.Steps); n != 2 {
			t.Errorf("seed %d: a run of %d steps, want 2", seed, n)
		}
		if r.Depth > 10 {
			long++
		}
	}
	if long < 15 {
		t.Errorf("only %d walks had something to leave out", long)
	}
	// A deadlock needs the last step of each CPU, and of the choices before it the short ones.
	q := model.New("detour")
	y := q.Shared("y", model.Bool, model.Int(0))
	q.CPU("CPU0").Run(q.Routine("main", func(r *model.Routine) {
		seen := r.LocalOf("VAL", y)
		r.DoWhile(func() { r.ReadOnce("READ_ONCE(y)", seen, y) }, seen.Eq(model.Int(0)))
		r.CondLoadAcquire("smp_cond_load_acquire(&y, !VAL)", seen, y, seen.Eq(model.Int(0)))
	}))
	q.CPU("CPU1").Run(q.Routine("set", func(r *model.Routine) { r.WriteOnce("WRITE_ONCE(y, 1)", y, model.Int(1)) }))
	for seed := range uint64(20) {
		r, err := Simulate(t.Context(), q, nil, WalkOptions{Seed: seed, Walks: 5, MaxSteps: 100})
		if err != nil || !r.Properties[0].Violated || len(r.Properties[0].Trace.Steps) != 2 {
			t.Errorf("seed %d: the deadlock is %+v, %v; want it after 2 steps", seed, r.Properties, err)
		}
	}
}
