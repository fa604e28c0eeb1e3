package explore

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// detour is a program whose violation depth-first search meets on a long path first: the first
// alternative counts up to six, the second sets x to six after two steps, and bystanders take
// theirs.
func detour() (*model.Program, *model.Monitor) {
	p := model.New("detour")
	x := p.Shared("x", model.UpTo(9), no)
	for i := range 3 {
		p.CPU(fmt.Sprintf("bystander %d", i)).Run(p.Routine("bystander", func(r *model.Routine) {
			for range 4 {
				r.Pause("bystander")
			}
		}))
	}
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		r.Choose(
			r.When(yes, func() {
				for i := range 6 {
					r.WriteOnce(fmt.Sprint("x = ", i+1), x, model.Int(i+1))
				}
			}),
			r.When(yes, func() {
				r.Pause("shortcut")
				r.Pause("shortcut")
				r.WriteOnce("x = 6", x, model.Int(6))
			}))
	}))
	return p, never("x is 6", x.Eq(model.Int(6)))
}

// Whatever path the search found, the trace is a shortest one.
func TestTheTraceIsShorterThanTheSearchsPath(t *testing.T) {
	p, claim := detour()
	m := compile(t, p, claim)
	deep := searchOf(m, Options{})
	if err := deep.depthFirst(); err != nil {
		t.Fatal(err)
	}
	if n := len(deep.found.paths[0]); n != 3*4+6 {
		t.Errorf("depth first found a path of %d steps; want 18, the test is about a long one", n)
	}
	for _, s := range searches {
		tr := run(t, m, Options{Search: s.search}).Properties[0].Trace
		want := "CPU0 body: shortcut\nCPU0 body: shortcut\nCPU0 body: x = 6 x:0->6\n"
		if diff := cmp.Diff(want, told(tr)); diff != "" || !tr.Shortest {
			t.Errorf("%s, shortest %v (-want +got):\n%s", s.name, tr.Shortest, diff)
		}
	}
}

// Fewest switches are counted among the shortest runs only. Here a state on the shortest run, met
// after three steps and two switches, is met again after five steps with one switch; that way there
// must not take the place of the first, on which later states rest.
func TestALongerWayWithFewerSwitchesIsNotTaken(t *testing.T) {
	p := model.New("handshake")
	y, z := p.Shared("y", model.Bool, no), p.Shared("z", model.Bool, no)
	done := p.Ghost("done", model.Bool, no)
	p.CPU("CPU0").Run(p.Routine("CPU0", func(r *model.Routine) {
		l := r.LocalOf("VAL", y)
		r.Choose(
			r.When(yes, func() {
				r.WriteOnce("z = 1", z, yes)
				r.CondLoadAcquire("y == 1", l, y, l)
			}),
			r.When(yes, func() {
				r.Pause("long way")
				r.Pause("long way")
				r.WriteOnce("z = 1", z, yes)
				r.Set(l, yes)
			}))
		for range 3 {
			r.Pause("after")
		}
		r.Set(done, yes)
	}))
	p.CPU("CPU1").Run(p.Routine("CPU1", func(r *model.Routine) {
		l := r.LocalOf("VAL", z)
		r.Choose(
			r.When(yes, func() {
				r.Atomic("answer", func() {
					r.CondLoadAcquire("z == 1", l, z, l)
					r.WriteOnce("y = 1", y, yes)
				})
			}),
			r.When(yes, func() {
				r.Pause("unasked")
				r.WriteOnce("y = 1", y, yes)
				r.Set(l, yes)
			}))
		r.Pause("CPU1 goes on")
	}))
	m := compile(t, p, never("done", done.And(y)))
	tr := run(t, m, Options{}).Properties[0].Trace
	if path := ids(m, tr); len(path) != 6 || switches(m, path) != 2 {
		t.Errorf("%d steps, %d switches; want 6 and 2\n%s", len(path), switches(m, path), told(tr))
	}
}

// Where a bound keeps the second search from a shortest trace, the first search's own path is
// replayed, and does not claim to be shortest. So too when the search was interrupted.
func TestTracesThatNeedNotBeShortest(t *testing.T) {
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	p, claim := detour()
	at0 := grid(3, 25)
	for _, row := range []struct {
		name  string
		ctx   context.Context
		m     *machine.Machine
		o     Options
		steps int
		why   string
	}{
		{"states", context.Background(), compile(t, p, claim), Options{MaxStates: 25}, 18,
			"19 states do, depth first; breadth first 25 are full before the third step"},
		{"interrupted", stopped, compile(t, at0, never("p", yes)), Options{}, 0,
			"who interrupts a search does not wait for another"},
	} {
		r, err := searchMachine(row.ctx, row.m, row.o)
		if err != nil {
			t.Fatalf("%s: %v", row.name, err)
		}
		var tr *trace.Trace
		for _, pr := range r.Properties {
			if pr.Violated {
				tr = pr.Trace
			}
		}
		if r.Verdict != verdict.Violated || tr == nil || tr.Shortest || len(tr.Steps) != row.steps {
			t.Errorf("%s: %v after %d states, trace %+v; want %d steps, not shortest: %s", row.name,
				r.Verdict,
				r.States, tr, row.steps, row.why)
		}
	}
}

// Breadth first the first violation is a nearest one.
func TestBreadthFirstPathsAreShortest(t *testing.T) {
	for seed := range uint64(50) {
		p, ms := randomProgram(seed, true)
		m := compile(t, p, ms...)
		s := searchOf(m, Options{})
		if err := s.breadthFirst(); err != nil {
			t.Fatal(err)
		}
		r := run(t, m, Options{})
		for i, pr := range r.Properties {
			if pr.Violated && s.parallel.when[i] != len(pr.Trace.Steps) {
				t.Errorf("seed %d: %s: %d steps, the trace has %d", seed, pr.Name, s.parallel.when[i],
					len(pr.Trace.Steps))
			}
		}
	}
}

// A trace that does not replay is a fault of the checker, and is tally as such.
func TestABadPathIsACheckerFault(t *testing.T) {
	p, claim := lostUpdate()
	m := compile(t, p, claim)
	s := searchOf(m, Options{})
	if err := s.depthFirst(); err != nil {
		t.Fatal(err)
	}
	r := s.result()
	r.Bound = verdict.AtInterrupt // so that the path at hand is taken
	s.found.paths[0] = s.found.paths[0][:2]
	err := s.traces(r)
	if err == nil || !strings.Contains(err.Error(), "checker fault") ||
		!strings.Contains(err.Error(), "both count") {
		t.Errorf("error %v; want a checker fault that names the property", err)
	}
}

// What a trace tells of interrupts: the frame that is interrupted, the stack, the changes.
func TestTraceOfInterrupts(t *testing.T) {
	p := model.New("interrupts")
	x, g := p.Shared("x", model.UpTo(3), no), p.Ghost("seen", model.Bool, no)
	c := p.CPU("CPU0")
	ipi := c.IPI("ipi", p.Routine("handler", func(r *model.Routine) {
		r.WriteOnce("x = 1", x, yes)
		r.Set(g, yes)
	}))
	c.OnNMI(p.Routine("NMI", func(r *model.Routine) { r.AtomicAdd("x++", x, yes) }), 1, 1)
	c.Run(p.Routine("main", func(r *model.Routine) { r.SendIPI("send", ipi) }))
	watch := model.NewGhost("private", model.Bool, no)
	m := compile(t, p, &model.Monitor{Name: "x is 2", Never: x.Eq(model.Int(2)),
		Ghosts: []*model.Var{watch},
		On: func(model.Event) []*model.Stmt {
			return model.Build(func(c *model.Code) { c.Set(watch, yes) })
		}})
	tr := run(t, m, Options{}).Properties[0].Trace
	want := "CPU0 body: send\nCPU0 body: IPI\nCPU0 irq: x = 1 x:0->1 seen:0->1\n" +
		"CPU0 body: NMI\nCPU0 nmi-body: x++ x:1->2\n"
	other := "CPU0 body: send\nCPU0 body: IPI\nCPU0 irq: NMI"
	if got := told(tr); got != want && !strings.HasPrefix(got, other) {
		t.Errorf("trace\n%swant\n%s", got, want)
	}
	if len(tr.End) != 2 || tr.End[0].Value != 2 {
		t.Errorf("end %v; want the program's own variables, not the monitor's", tr.End)
	}
}
