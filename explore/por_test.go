package explore

import (
	"fmt"
	"strings"
	"testing"

	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/verdict"
)

// A pruned program is one that a reduction with one of its conditions left out would get wrong.
type prunedProgram struct {
	name     string
	property string // the one that is violated
	build    func(p *model.Program) []*model.Monitor
	why      string
}

// steps gives the program a CPU with the given code.
func steps(p *model.Program, name string, code func(r *model.Routine)) *model.CPU {
	c := p.CPU(name)
	c.Run(p.Routine(name, code))
	return c
}

// warns is a CPU that steps round in a circle, and warns: it never goes first.
func warns(p *model.Program) []*model.Monitor {
	steps(p, "warns", func(r *model.Routine) {
		r.Forever(func() {
			r.Pause("go")
			r.WarnOnOnce("warn", yes)
		})
	})
	return []*model.Monitor{noWarn()}
}

func pauses(n int) stepper {
	return func(r *model.Routine) {
		for range n {
			r.Pause("pause")
		}
	}
}

var prunedPrograms = []prunedProgram{
	{"later writes", "no-warn", func(p *model.Program) []*model.Monitor {
		x := p.Shared("x", model.Bool, no)
		steps(p, "reader", func(r *model.Routine) {
			l := r.LocalOf("l", x)
			r.ReadOnce("l = x", l, x)
			r.WarnOnOnce("l", l)
		})
		steps(p, "writer", func(r *model.Routine) {
			r.Pause("pause")
			r.WriteOnce("x = 1", x, yes)
		})
		return []*model.Monitor{noWarn()}
	}, "what the writer does after its next step counts"},
	{"later reads", "no-warn", func(p *model.Program) []*model.Monitor {
		x := p.Shared("x", model.Bool, no)
		steps(p, "writer", func(r *model.Routine) { r.WriteOnce("x = 1", x, yes) })
		steps(p, "reader", func(r *model.Routine) {
			l := r.LocalOf("l", x)
			r.Pause("pause")
			r.ReadOnce("l = x", l, x)
			r.WarnOnOnce("!l", l.IsZero())
		})
		return []*model.Monitor{noWarn()}
	}, "what the reader does after its next step counts"},
	{"visible", "a before b", func(p *model.Program) []*model.Monitor {
		a, b := p.Shared("a", model.Bool, no), p.Shared("b", model.Bool, no)
		steps(p, "b", func(r *model.Routine) { r.WriteOnce("b = 1", b, yes) })
		steps(p, "a", func(r *model.Routine) { r.WriteOnce("a = 1", a, yes) })
		steps(p, "pauses", pauses(2))
		return []*model.Monitor{never("a before b", a.And(b.IsZero()))}
	}, "two steps on different variables commute, but a claim sees which is first"},
	{"visible frames", "in entry", func(p *model.Program) []*model.Monitor {
		a := p.Shared("a", model.Bool, no)
		c := steps(p, "enters", func(r *model.Routine) {
			r.Frame(model.Entry, pauses(1).of(r))
			r.Pause("pause")
		})
		steps(p, "a", func(r *model.Routine) { r.WriteOnce("a = 1", a, yes) })
		steps(p, "pauses", pauses(2))
		return []*model.Monitor{never("in entry", a.And(c.In(model.Frames(model.Entry))))}
	}, "to leave a frame is seen"},
	{"ignored", "no-warn", func(p *model.Program) []*model.Monitor {
		steps(p, "spins", func(r *model.Routine) { r.Forever(func() { r.Pause("spin"); r.Pause("spin") }) })
		steps(p, "pauses", pauses(2))
		return warns(p)
	}, "a CPU that goes round for ever must not go first for ever"},
	{"ignored, with a mirror", "no-warn", func(p *model.Program) []*model.Monitor {
		for i := range 3 {
			steps(p, fmt.Sprint("spins ", i), func(r *model.Routine) {
				r.Forever(func() { r.Pause("spin"); r.Pause("spin") })
			})
		}
		steps(p, "pauses", pauses(2))
		return warns(p)
	}, "nor may CPUs that take turns in it"},
	{"ignored handlers", "no-warn", func(p *model.Program) []*model.Monitor {
		var ipis [2]*model.IPI
		a, b := p.CPU("a"), p.CPU("b")
		handler := func(to int) *model.Routine {
			return p.Routine("handler", func(r *model.Routine) {
				r.Pause("pause")
				r.Atomic("send", func() { r.SendIPI("send", ipis[to]) })
			})
		}
		var other *model.IPI
		ipis[0] = a.IPI("to a", nil)
		ipis[1] = b.IPI("to b", nil)
		ipis[0].Handler, ipis[1].Handler = handler(1), handler(0)
		other = ipis[1]
		a.Run(p.Routine("a", func(r *model.Routine) { r.SendIPI("send", other) }))
		b.Run(p.Routine("b", func(r *model.Routine) {}))
		return warns(p)
	}, "handlers that send each other IPIs are a cycle, too"},
	{"below a handler", "no-warn", func(p *model.Program) []*model.Monitor {
		flag, g, x := p.Shared("flag", model.Bool, no), p.Shared("g", model.Bool, no), p.Shared("x", model.Bool, no)
		steps(p, "reads", func(r *model.Routine) {
			l := r.Local("l", model.Bool)
			r.CondLoadAcquire("wait for g", l, g, l)
			r.ReadOnce("l = x", l, x)
			r.WarnOnOnce("l", l)
		})
		target := steps(p, "target", func(r *model.Routine) {
			l := r.Local("l", model.Bool)
			r.CondLoadAcquire("wait for flag", l, flag, l)
			r.WriteOnce("x = 1", x, yes)
		})
		ipi := target.IPI("ipi", p.Routine("handler", func(r *model.Routine) {
			r.WriteOnce("g = 1", g, yes)
			r.Pause("pause")
			r.WriteOnce("flag = 1", flag, yes)
		}))
		steps(p, "sends", func(r *model.Routine) { r.SendIPI("send", ipi) })
		return []*model.Monitor{noWarn()}
	}, "what a handler interrupted goes on after it"},
	{"an NMI that need not come", model.NoDeadlock, func(p *model.Program) []*model.Monitor {
		x := p.Shared("x", model.Bool, no)
		c := steps(p, "target", func(r *model.Routine) {
			l := r.Local("l", model.Bool)
			r.CondLoadAcquire("wait for x", l, x, l)
		})
		c.OnNMI(p.Routine("nmi", func(r *model.Routine) { r.WriteOnce("x = 1", x, yes) }), 1, 1)
		steps(p, "pauses", pauses(2))
		steps(p, "pauses, too", pauses(2))
		return nil
	}, "an NMI alone is no reason to let others wait"},
	{"a service that need not step", "served", func(p *model.Program) []*model.Monitor {
		served := p.Ghost("served", model.Bool, no)
		steps(p, "service", func(r *model.Routine) {
			r.Pause("serve")
			r.Set(served, yes)
		}).Service()
		steps(p, "pauses", pauses(2))
		steps(p, "pauses, too", pauses(2))
		return []*model.Monitor{{Name: "served", AtEnd: served}}
	}, "a run has ended without its services"},
	{"a claim reached on the way", "no-warn", func(p *model.Program) []*model.Monitor {
		a, b := p.Shared("a", model.Bool, no), p.Shared("b", model.Bool, no)
		steps(p, "b", func(r *model.Routine) { r.WriteOnce("b = 1", b, yes) })
		steps(p, "a", func(r *model.Routine) { r.WriteOnce("a = 1", a, yes) })
		steps(p, "pauses", pauses(2))
		p.ReachedState("a before b", a.And(b.IsZero()))
		p.ReachedState("b before a", b.And(a.IsZero()))
		return warns(p)
	}, "a claim on states sees as much as a property"},
}

// of is the code for r, as Frame wants it.
func (f stepper) of(r *model.Routine) func() { return func() { f(r) } }

type stepper func(r *model.Routine)

// Each condition on what may go first is needed: these programs lose a violation without it. And in each
// of them something does go first, whatever is chosen.
func TestPrunedPrograms(t *testing.T) {
	for _, row := range prunedPrograms {
		p := model.New(row.name)
		m := compile(t, p, row.build(p)...)
		full := run(t, m, Options{})
		for _, o := range []Options{{}, {Search: BreadthFirst}, {Search: BreadthFirst, Workers: 2}} {
			for _, o.Reduce = range []Reductions{PartialOrder, PartialOrder | Symmetry} {
				r := run(t, m, o)
				pr := property(t, r, row.property)
				if !pr.Violated || r.Verdict != full.Verdict || !pr.Trace.Shortest ||
					!pr.Trace.SameRun(property(t, full, row.property).Trace) {
					t.Errorf("%s, %+v: %s violated: %t, %v; want %v (%s)", row.name, o, row.property, pr.Violated,
						r.Verdict, full.Verdict, row.why)
				}
				for i, c := range r.Claims {
					if c.Reached != full.Claims[i].Reached {
						t.Errorf("%s, %+v: %s reached: %t (%s)", row.name, o, c.Name, c.Reached, row.why)
					}
				}
			}
		}
	}
}

// The programs show that something can go wrong only where a step does go first.
func TestPrunedProgramsArePruned(t *testing.T) {
	for _, row := range prunedPrograms {
		p := model.New(row.name)
		r := run(t, compile(t, p, row.build(p)...), Options{Reduce: PartialOrder})
		if por := r.Search.Reduced[0]; por.PrunedStates == 0 || por.PrunedSteps < por.PrunedStates {
			t.Errorf("%s: %+v", row.name, por)
		}
	}
}

// ends is a grid whose end is a violation: the reduced search goes there straight.
func ends(t *testing.T) *machine.Machine {
	return compile(t, grid(5, 3), &model.Monitor{Name: "never ends", AtEnd: no})
}

// Where a bound keeps the search for a trace from the full graph, the run that the reduced search found
// is told, and does not claim to be a shortest one.
func TestPrunedTraceBeyondABound(t *testing.T) {
	m := ends(t)
	for _, o := range []Options{{}, {Search: BreadthFirst}, {Search: BreadthFirst, Workers: 3}} {
		for _, o.Reduce = range []Reductions{PartialOrder, PartialOrder | Symmetry} {
			r := run(t, m, o)
			if r.States != 16 || r.Transitions != 15 || !r.Properties[0].Trace.Shortest {
				t.Errorf("%+v: %d states, %d transitions; want a straight line", o, r.States, r.Transitions)
			}
			if o.Reduce&Symmetry != 0 {
				continue // leaves no more than 56 states, too
			}
			short := o
			short.MaxStates = 40
			r = run(t, m, short)
			tr := r.Properties[0].Trace
			if tr == nil || !r.Complete || tr.Shortest || tr.Fewest || len(tr.Steps) != 15 {
				t.Errorf("%+v: %v by %+v", short, r.Verdict, tr)
			}
		}
	}
}

// A search that was interrupted is not begun again for the sake of a trace.
func TestPrunedInterrupt(t *testing.T) {
	for _, o := range []Options{{}, {Search: BreadthFirst}} {
		o.Reduce = PartialOrder
		s := searchOf(ends(t), o)
		if err := s.run(); err != nil {
			t.Fatal(err)
		}
		s.bounds.stop(verdict.AtInterrupt)
		r := s.result()
		if err := s.traces(r); err != nil {
			t.Fatal(err)
		}
		if tr := r.Properties[0].Trace; tr == nil || tr.Shortest || len(tr.Steps) != 15 {
			t.Errorf("%+v: %+v", o, tr)
		}
	}
}

// A run that goes on after the violation is told up to it.
func TestUntil(t *testing.T) {
	p := model.New("until")
	x := p.Shared("x", model.UpTo(3), no)
	steps(p, "counts", func(r *model.Routine) {
		for range 3 {
			r.AtomicAdd("x++", x, yes)
		}
	})
	s := searchOf(compile(t, p, never("below 2", x.Ge(model.Int(2))), noWarn()), Options{})
	path := []uint16{0, 0, 0}
	for prop, want := range []int{2, 3, 3} {
		if got := len(s.in.until(prop, path)); got != want {
			t.Errorf("property %d: told %d steps of %d, want %d", prop, got, len(path), want)
		}
	}
}

// What partial-order reduction does not go with switches it off, and the result says why.
func TestPruningOff(t *testing.T) {
	p, m := herd(2, 2, 5)
	live := &model.Monitor{Name: "some day", Eventually: yes}
	rows := []struct {
		m    *machine.Machine
		o    Options
		want string
		why  string
	}{
		{compile(t, p, m), Options{MaxDepth: 3}, "depth", "a depth of the reduced graph is none of the full one"},
		{compile(t, p, m), Options{Store: Hash128}, "lossy", "runs to violations are kept, and would be long"},
		{compile(t, p, m), Options{First: true}, "nearest", "the nearest violation is asked for"},
		{compile(t, p, m, live), Options{}, "some day is a claim on whole runs", "cycles are what counts"},
		{compile(t, p, m), Options{}, "nothing to reduce", "all that there is is one counter"},
		{ends(t), Options{}, "", "there are only local steps"},
	}
	for _, row := range rows {
		for _, row.o.Search = range []Order{DepthFirst, BreadthFirst} {
			full := run(t, row.m, row.o)
			row.o.Reduce = PartialOrder
			r := run(t, row.m, row.o)
			por := r.Search.Reduced[0]
			if len(r.Search.Reduced) != 1 || por.Name != "por" || !strings.Contains(por.Off, row.want) ||
				(por.Off == "") != (por.PrunedSteps > 0) {
				t.Errorf("%+v: %+v; want %q (%s)", row.o, r.Search.Reduced, row.want, row.why)
			}
			if por.Off != "" && (r.States != full.States || r.Transitions != full.Transitions) {
				t.Errorf("%+v: %d states, without reductions %d (%s)", row.o, r.States, full.States, row.why)
			}
			refused := row.o.unsound(row.m.Lowered()) != nil
			if sound := por.Off == "" || row.want == "nothing to reduce"; refused == sound {
				t.Errorf("%+v: refused: %t (%s)", row.o, refused, row.why)
			}
			row.o.Reduce = 0
			if err := row.o.unsound(row.m.Lowered()); err != nil {
				t.Errorf("%+v: %v, and nothing was asked for", row.o, err)
			}
		}
	}
}
