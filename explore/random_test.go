package explore

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/verdict"
)

// A random program has two or three CPUs of a few statements on two small variables, sometimes an
// IPI or an NMI, and claims that are often violated: by a state, by a step, at the end, by a
// deadlock.
type random struct {
	*rand.Rand
	p    *model.Program
	x, y *model.Var
	ipi  *model.IPI
}

func randomProgram(seed uint64, loops bool) (*model.Program, []*model.Monitor) {
	g := &random{Rand: rand.New(rand.NewPCG(seed, 7)), p: model.New(fmt.Sprint("random ", seed))}
	g.x, g.y = g.p.Shared("x", model.UpTo(3), no), g.p.Shared("y", model.UpTo(3).Mod(), no)
	cpus := 2 + g.IntN(2)
	most := 5 - cpus
	var cs []*model.CPU
	for i := range cpus {
		cs = append(cs, g.p.CPU(fmt.Sprintf("CPU%d", i)))
	}
	handler := g.p.Routine("handler", func(r *model.Routine) {
		g.statement(r, r.LocalOf("l",
			g.y))
	})
	if g.IntN(3) == 0 {
		g.ipi = cs[0].IPI("ipi", handler)
	}
	if g.IntN(4) == 0 {
		total := 1
		if seed%8 == 3 {
			total = model.AnyNumber
		}
		cs[1].OnNMI(handler, total, 1)
	}
	for _, c := range cs {
		c.Run(g.p.Routine(c.Name, func(r *model.Routine) {
			l := r.LocalOf("l", g.y)
			n := 1 + g.IntN(most)
			body := func() {
				for range n {
					g.statement(r, l)
				}
			}
			if loops && g.IntN(2) == 0 {
				r.Forever(body)
			} else {
				body()
			}
		}))
	}
	both := g.x.Eq(g.value()).And(g.y.Eq(g.value()))
	return g.p, []*model.Monitor{never("both", both), noWarn(),
		{Name: "at end", AtEnd: g.y.Ne(g.value())}}
}

func (g *random) value() model.Int { return model.Int(g.IntN(4)) }

func (g *random) statement(r *model.Routine, l *model.Var) {
	v := g.x
	if g.IntN(2) == 0 {
		v = g.y
	}
	switch g.IntN(8) {
	case 0:
		r.WriteOnce("store", v, g.value())
	case 1:
		r.ReadOnce("load", l, v)
	case 2:
		r.WriteOnce("store l", v, l)
	case 3:
		r.AtomicAddReturn("add", l, g.y, g.value())
	case 4:
		r.Cmpxchg("cmpxchg", l, v, l, g.value())
		r.WarnOnOnce("WARN_ON_ONCE", l.Eq(g.value()))
	case 5:
		k := g.value()
		if g.IntN(3) == 0 {
			r.CondLoadAcquire("wait", l, v, l.Ne(k))
		}
		r.AtomicOr("or", v, k)
	case 6:
		a, b := g.value(), g.value()
		r.Choose(
			r.When(model.True, func() { r.WriteOnce("choose a", v, a) }),
			r.When(l.Lt(model.Int(2)), func() { r.ReadOnce("choose b", l, v); r.Set(l, b) }))
	case 7:
		if g.ipi != nil {
			r.SendIPI("send", g.ipi)
		} else {
			r.Xchg("xchg", l, v, g.value())
		}
	}
}

// Both searches, and a plain one with a Go map, agree on the number of states and transitions, and
// both searches on every verdict and trace.
func TestSearchesAgree(t *testing.T) {
	verdicts := map[verdict.Verdict]int{}
	violated := map[string]int{}
	for seed := range uint64(200) {
		p, ms := randomProgram(seed, seed%2 == 0)
		m := compile(t, p, ms...)
		plain := layers(t, m)
		states, transitions := plain.within(plain.farthest())
		d, b := run(t, m, Options{}), run(t, m, Options{Search: BreadthFirst})
		for _, r := range []*verdict.Result{d, b} {
			if !r.Complete || r.Bound != verdict.NoBound {
				t.Fatalf("seed %d: cut by %q without a bound", seed, r.Bound)
			}
			if r.States != uint64(states) || r.Transitions != uint64(transitions) {
				t.Fatalf("seed %d: %d states and %d transitions, want %d and %d", seed, r.States,
					r.Transitions,
					states, transitions)
			}
		}
		if b.Depth != plain.farthest() || d.Depth < b.Depth || d.Depth >= states {
			t.Errorf("seed %d: depth %d breadth first, %d depth first; the farthest is %d away",
				seed, b.Depth, d.Depth, plain.farthest())
		}
		if d.Verdict != b.Verdict {
			t.Errorf("seed %d: %v depth first, %v breadth first", seed, d.Verdict, b.Verdict)
		}
		for i, pr := range d.Properties {
			other := b.Properties[i]
			if pr.Violated != other.Violated || pr.Violated != (pr.Trace != nil) ||
				pr.Violated && told(pr.Trace) != told(other.Trace) {
				t.Errorf("seed %d: %s differs between the searches", seed, pr.Name)
			}
			if pr.Violated {
				violated[pr.Name]++
			}
		}
		verdicts[d.Verdict]++
	}
	if verdicts[verdict.Holds] < 10 || verdicts[verdict.Violated] < 10 || len(violated) != 4 {
		t.Errorf("verdicts %v, violated %v; the programs are too much alike", verdicts, violated)
	}
}

// An enumerator walks every run up to some length, and keeps for each property the shortest length
// of a violating run and the fewest switches among those. It knows neither sets nor layers.
type enumerator struct {
	m      *machine.Machine
	limit  int
	length map[int]int
	fewest map[int]int
}

func (e *enumerator) walk(s []uint64, failed uint64, path []uint16) {
	enabled := false
	for tr := range e.m.Transitions() {
		dst, fx := make([]uint64, len(s)), machine.Effects{}
		if !e.m.Fire(s, tr, dst, &fx) {
			continue
		}
		enabled = enabled || e.m.Transition(tr).Kind.Obliged()
		if len(path) < e.limit {
			e.walk(dst, fx.Failed|e.m.Violated(dst), append(path[:len(path):len(path)], uint16(tr)))
		}
	}
	if !enabled && !e.m.Ended(s) {
		failed |= 1 << len(e.m.Properties)
	}
	for i := range len(e.m.Properties) + 1 {
		if failed>>i&1 == 0 {
			continue
		}
		n, known := e.length[i]
		if w := switches(e.m, path); !known || len(path) < n || len(path) == n && w < e.fewest[i] {
			e.length[i], e.fewest[i] = len(path), w
		}
	}
}

// Every trace is a shortest one, and among the shortest one with the fewest switches: compared with
// all runs of small programs, written out.
func TestTracesAreShortestWithFewestSwitches(t *testing.T) {
	compared := map[string]int{}
	for seed := uint64(1000); seed < 1300; seed++ {
		p, ms := randomProgram(seed, false)
		m := compile(t, p, ms...)
		r := run(t, m, Options{Search: Order(seed % 2)})
		longest := 0
		for _, pr := range r.Properties {
			if pr.Violated {
				longest = max(longest, len(pr.Trace.Steps))
			}
		}
		init, fx := m.Initial()
		e := &enumerator{m, longest, map[int]int{}, map[int]int{}}
		e.walk(init, fx.Failed|m.Violated(init), nil)
		for i, pr := range r.Properties {
			if !pr.Violated {
				if n, found := e.length[i]; found {
					t.Errorf("seed %d: %s is violated after %d steps, and was not found", seed,
						pr.Name, n)
				}
				continue
			}
			path := ids(m, pr.Trace)
			if !pr.Trace.Shortest || len(path) != e.length[i] || switches(m, path) != e.fewest[i] {
				t.Errorf("seed %d: %s: %d steps, %d switches; want %d and %d\n%s", seed, pr.Name,
					len(path),
					switches(m, path), e.length[i], e.fewest[i], told(pr.Trace))
			}
			compared[pr.Name]++
		}
	}
	for _, name := range []string{"both", "no-warn", "at end", model.NoDeadlock} {
		if compared[name] < 10 {
			t.Errorf("%s was compared in %d programs only", name, compared[name])
		}
	}
}

// The same search gives the same result twice, trace by trace.
func TestResultsAreDeterministic(t *testing.T) {
	for seed := range uint64(30) {
		var first []string
		for n := range 2 {
			p, ms := randomProgram(seed, false)
			r := run(t, compile(t, p, ms...), Options{})
			text := []string{fmt.Sprint(r.Verdict, r.States, r.Transitions, r.Depth, r.Search.Bytes)}
			for _, pr := range r.Properties {
				if pr.Violated {
					text = append(text, pr.Name, told(pr.Trace))
				}
			}
			if n == 1 {
				if diff := cmp.Diff(first, text); diff != "" {
					t.Errorf("seed %d: first and then\n%s", seed, diff)
				}
			}
			first = text
		}
	}
}
