package explore

import (
	"context"
	"fmt"
	"testing"
	"time"

	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/verdict"
)

var searches = []struct {
	name   string
	search Order
}{{"depth first", DepthFirst}, {"breadth first", BreadthFirst}}

// The bound is exact: as many states as it allows are stored, none more, and a search that needs
// just as many is not cut.
func TestMaxStatesIsExact(t *testing.T) {
	p, claim := lostUpdate()
	for _, m := range []*machine.Machine{compile(t, grid(2, 6)), compile(t, p, never("x",
		p.Vars[0].Eq(no))),
		compile(t, p, claim)} {
		states, transitions := layers(t, m).within(99)
		for _, s := range searches {
			for n := 1; n <= states+1; n++ {
				r := run(t, m, Options{Search: s.search, MaxStates: uint64(n)})
				if r.States != uint64(min(n, states)) {
					t.Errorf("%s, %d allowed: %d states stored of %d", s.name, n, r.States, states)
				}
				if r.Complete != (n >= states) || (r.Bound == verdict.AtStates) != (n < states) {
					t.Errorf("%s, %d allowed of %d: complete %v, bound %q", s.name, n, states,
						r.Complete, r.Bound)
				}
				if r.Complete && r.Transitions != uint64(transitions) {
					t.Errorf("%s: %d transitions, want %d", s.name, r.Transitions, transitions)
				}
				if !r.Complete && r.Verdict == verdict.Holds {
					t.Errorf("%s, %d allowed of %d: HOLDS", s.name, n, states)
				}
			}
		}
	}
}

// A search within depth D visits the states at distance D at most, all of them, whatever the order
// in which it finds them, and is complete exactly when there is nothing farther away.
func TestMaxDepthVisitsTheStatesWithinIt(t *testing.T) {
	for seed := range uint64(60) {
		p, _ := randomProgram(seed, true)
		m := compile(t, p)
		plain := layers(t, m)
		for depth := 1; depth <= plain.farthest()+2; depth++ {
			states, transitions := plain.within(depth)
			for _, s := range searches {
				r := run(t, m, Options{Search: s.search, MaxDepth: depth})
				if r.States != uint64(states) || r.Transitions != uint64(transitions) {
					t.Fatalf("seed %d, %s, depth %d: %d states and %d transitions, want %d and %d",
						seed, s.name, depth, r.States, r.Transitions, states, transitions)
				}
				want := depth >= plain.farthest()
				if r.Complete != want || (r.Bound == verdict.AtDepth) == want || r.Depth > depth {
					t.Fatalf("seed %d, %s, depth %d of %d: complete %v, bound %q, depth %d",
						seed, s.name, depth, plain.farthest(), r.Complete, r.Bound, r.Depth)
				}
			}
		}
	}
}

// chain takes n steps and is then in violation of all that is claimed: by a state, by the last step
// (which leads back to the first state, so that no new state shows it), or by a deadlock.
func chain(n int, kind string) (*model.Program, []*model.Monitor) {
	p := model.New("chain")
	x := p.Ghost("x", model.UpTo(99), no)
	var ms []*model.Monitor
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		steps := func(n int) {
			for range n {
				r.Pause("pause")
			}
		}
		switch kind {
		case "state":
			steps(n)
			r.Set(x, yes)
			steps(3)
			ms = append(ms, never("p", x.Eq(yes)))
		case "step":
			r.Forever(func() {
				steps(n)
				r.WarnOnOnce("WARN_ON(1)", yes)
			})
			w := noWarn()
			w.Name = "p"
			ms = append(ms, w)
		case "deadlock":
			steps(n)
			r.Await("for ever", no)
		case "end":
			steps(n)
			ms = append(ms, &model.Monitor{Name: "p", AtEnd: no})
		}
	}))
	return p, ms
}

// A violation just within the depth bound is found; one just beyond it is not, and is not called
// HOLDS either.
func TestViolationsAtTheDepthBound(t *testing.T) {
	for _, kind := range []string{"state", "step", "deadlock", "end"} {
		for _, s := range searches {
			t.Run(kind+", "+s.name, func(t *testing.T) {
				const n = 4
				p, ms := chain(n, kind)
				m := compile(t, p, ms...)
				for depth := 1; depth <= n+2; depth++ {
					r := run(t, m, Options{Search: s.search, MaxDepth: depth})
					want := verdict.Incomplete
					if depth >= n {
						want = verdict.Violated
					}
					if r.Verdict != want {
						t.Errorf("depth %d: %v (bound %q), want %v", depth, r.Verdict, r.Bound,
							want)
					}
					for _, pr := range r.Properties {
						if pr.Violated && (len(pr.Trace.Steps) != n || !pr.Trace.Shortest) {
							t.Errorf("depth %d: %d steps, want %d", depth, len(pr.Trace.Steps), n)
						}
					}
				}
			})
		}
	}
}

// A depth-first search meets a state at the end of a long path first, where the bound stops it; it
// has to visit it again on the short way, or it would miss what lies behind. Here x, set at once
// or after a detour, opens the way to the violation.
func TestMaxDepthFindsWhatIsBehindAShortcut(t *testing.T) {
	p := model.New("shortcut")
	x := p.Ghost("x", model.UpTo(9), no)
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		r.Choose(
			r.When(yes, func() {
				for range 3 {
					r.Pause("detour")
				}
			}),
			r.When(yes, func() { r.Pause("shortcut") }))
		r.Pause("common")
		r.Pause("common")
		r.Set(x, yes)
		r.Pause("after")
	}))
	m := compile(t, p, never("p", x.Eq(yes)))
	for depth, want := range map[int]verdict.Verdict{2: verdict.Incomplete, 3: verdict.Violated,
		4: verdict.Violated, 5: verdict.Violated,
		9: verdict.Violated} {
		for _, s := range searches {
			r := run(t, m, Options{Search: s.search, MaxDepth: depth})
			if r.Verdict != want {
				t.Errorf("%s, depth %d: %v, want %v", s.name, depth, r.Verdict, want)
			}
			if want == verdict.Violated && len(r.Properties[0].Trace.Steps) != 3 {
				t.Errorf("%s, depth %d: trace\n%swant the shortcut", s.name, depth,
					told(r.Properties[0].Trace))
			}
		}
	}
}

func TestMaxMemory(t *testing.T) {
	m := compile(t, grid(3, 25)) // 17576 states
	for _, s := range searches {
		full := run(t, m, Options{Search: s.search})
		if full.Search.Bytes < 8*full.States || full.Search.Bytes > 200*full.States {
			t.Errorf("%s: %d bytes for %d states of a word", s.name, full.Search.Bytes, full.States)
		}
		last := uint64(0)
		for limit := uint64(16 << 10); limit < full.Search.Bytes; limit *= 2 {
			r := run(t, m, Options{Search: s.search, MaxBytes: limit})
			if r.Bound != verdict.AtBytes || r.Verdict != verdict.Incomplete || r.Search.Bytes > limit {
				t.Errorf("%s: %v, bound %q, %d bytes of %d", s.name, r.Verdict, r.Bound, r.Search.Bytes,
					limit)
			}
			if r.States <= last {
				t.Errorf("%s: %d states in %d bytes, %d in half of it", s.name, r.States, limit,
					last)
			}
			last = r.States
		}
		if r := run(t, m, Options{Search: s.search,
			MaxBytes: 4 * full.Search.Bytes}); r.Verdict != verdict.Holds {
			t.Errorf("%s: %v, bound %q, with memory to spare", s.name, r.Verdict, r.Bound)
		}
		if r := run(t, m, Options{Search: s.search,
			MaxBytes: 1}); r.States != 1 || r.Bound != verdict.AtBytes {
			t.Errorf("%s: %d states in one byte, bound %q", s.name, r.States, r.Bound)
		}
	}
}

// A context that has ended stops the search; which bound it is depends on why it has ended.
func TestContext(t *testing.T) {
	m := compile(t, grid(3, 25))
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	late, cancel := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancel()
	for _, row := range []struct {
		ctx  context.Context
		want verdict.Bound
	}{{stopped, verdict.AtInterrupt}, {late, verdict.AtTimeout}} {
		for _, s := range searches {
			r, err := searchMachine(row.ctx, m, Options{Search: s.search})
			if err != nil {
				t.Fatal(err)
			}
			if r.Bound != row.want || r.Complete || r.Verdict != verdict.Incomplete || r.States > 10_000 {
				t.Errorf("%s: %v after %d states, bound %q; want %q", s.name, r.Verdict, r.States,
					r.Bound, row.want)
			}
		}
	}
}

// No bound whatever lets a search say HOLDS, or UNREACHED, of what it did not see. The only
// violation, if there is one, is at the very end, which a search depth first may meet before it is
// cut.
func TestBoundedSearchesNeverHold(t *testing.T) {
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	for _, violated := range []bool{true, false} {
		p := grid(3, 25)
		var done []model.Value
		for _, c := range p.CPUs {
			done = append(done, c.Done())
		}
		p.ReachedState("all are done", model.All(done...))
		m := compile(t, p, &model.Monitor{Name: "p", AtEnd: map[bool]model.Int{true: no,
			false: yes}[violated]})
		for _, s := range searches {
			for name, row := range map[string]struct {
				ctx  context.Context
				o    Options
				want verdict.Bound
			}{
				"states": {context.Background(), Options{MaxStates: 70}, verdict.AtStates},
				"depth":  {context.Background(), Options{MaxDepth: 74}, verdict.AtDepth},
				"memory": {context.Background(), Options{MaxBytes: 64 << 10}, verdict.AtBytes},
				"ctx":    {stopped, Options{}, verdict.AtInterrupt},
				"two":    {context.Background(), Options{MaxStates: 70, MaxDepth: 74}, verdict.AtStates},
			} {
				row.o.Search = s.search
				r, err := searchMachine(row.ctx, m, row.o)
				if err != nil {
					t.Fatal(err)
				}
				expected := verdict.Incomplete
				if violated && r.Claims[0].Reached {
					expected = verdict.Violated
				}
				if r.Verdict != expected || r.Complete || r.Bound != row.want {
					t.Errorf("%s, %s: %v, complete %v, bound %q, claims %v", s.name, name,
						r.Verdict, r.Complete,
						r.Bound, r.Claims)
				}
			}
			want := map[bool]verdict.Verdict{true: verdict.Violated, false: verdict.Holds}[violated]
			if r := run(t, m,
				Options{Search: s.search}); r.Verdict != want || !r.Claims[0].Reached {
				t.Errorf("%s, no bound: %v, want %v", s.name, r.Verdict, want)
			}
		}
	}
}

// First stops at the first violation; without it all properties are decided in one search.
func TestFirst(t *testing.T) {
	p := grid(2, 30)
	m := compile(t, p, never("CPU0 ends", p.CPUs[0].Done()), never("CPU1 ends", p.CPUs[1].Done()),
		never("nothing", no))
	for _, s := range searches {
		full, first := run(t, m, Options{Search: s.search}), run(t, m, Options{Search: s.search,
			First: true})
		if got := violatedNames(full); got != "[CPU0 ends CPU1 ends]" || !full.Complete {
			t.Errorf("%s: violated %s, complete %v", s.name, got, full.Complete)
		}
		if first.Bound != verdict.AtFirst || first.Complete || first.Verdict != verdict.Violated ||
			first.States >= full.States {
			t.Errorf("%s: %v, bound %q after %d states of %d", s.name, first.Verdict, first.Bound,
				first.States,
				full.States)
		}
		for _, pr := range first.Properties {
			if pr.Violated && (len(pr.Trace.Steps) != 30 || !pr.Trace.Shortest) {
				t.Errorf("%s: a trace of %d steps, want 30, First or not", s.name,
					len(pr.Trace.Steps))
			}
		}
		// Breadth first the layer of the first violation is finished.
		if n := len(violatedNames(first)); s.search == DepthFirst && n >= len(violatedNames(full)) {
			t.Errorf("%s: violated %s; want the first only", s.name, violatedNames(first))
		}
		if r := run(t, compile(t, grid(2, 3)), Options{Search: s.search,
			First: true}); r.Verdict != verdict.Holds {
			t.Errorf("%s: %v, bound %q, with nothing to stop at", s.name, r.Verdict, r.Bound)
		}
	}
}

func violatedNames(r *verdict.Result) string {
	var names []string
	for _, p := range r.Properties {
		if p.Violated {
			names = append(names, p.Name)
		}
	}
	return fmt.Sprint(names)
}
