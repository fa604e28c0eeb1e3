package explore_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"ctcheck/deferral"
	"ctcheck/explore"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/verdict"
)

// progress claims that events of this kind happen again and again.
func progress(k model.EventKind) *model.Monitor {
	return &model.Monitor{Name: "progress", Progress: func(ev model.Event) bool { return ev.Kind == k }}
}

// task gives the program a CPU with this code.
func task(p *model.Program, name string, build func(r *model.Routine)) *model.CPU {
	c := p.CPU(name)
	c.Run(p.Routine(name+" task", build))
	return c
}

func run(t *testing.T, p *model.Program, o explore.Options, ms ...*model.Monitor) *verdict.Result {
	t.Helper()
	m, err := machine.Compile(machine.Options{}, p, ms...)
	if err != nil {
		t.Fatal(err)
	}
	r, err := explore.RunMachine(context.Background(), m, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func twoFlags(p *model.Program) []*model.Var {
	return []*model.Var{p.Shared("flag0", model.Bool, model.False),
		p.Shared("flag1", model.Bool, model.False)}
}

// polite is two CPUs that retreat before each other: each raises its flag and, if the other's is up,
// lowers it and tries again.
func polite() (*model.Program, *model.Monitor) {
	p := model.New("polite")
	flags := twoFlags(p)
	for i := range 2 {
		task(p, fmt.Sprint("CPU", i), func(r *model.Routine) {
			other := r.Local("other", model.Bool)
			r.Forever(func() {
				r.WriteOnce("mine = 1", flags[i], model.True)
				r.ReadOnce("other = theirs", other, flags[1-i])
				r.If(other.IsZero(), r.Break)
				r.WriteOnce("mine = 0", flags[i], model.False)
			})
			r.WriteOnce("mine = 0", flags[i], model.False)
			r.Event(deferral.Published)
		})
	}
	return p, progress(deferral.Published)
}

// spin is a CPU that spins until another has set a flag; with forget, the other never does.
func spin(forget bool) (*model.Program, *model.Monitor) {
	p := model.New("spin")
	flag := p.Shared("flag", model.Bool, model.False)
	task(p, "waiter", func(r *model.Routine) {
		seen := r.Local("seen", model.Bool)
		r.While(seen.IsZero(), func() { r.ReadOnce("seen = flag", seen, flag) })
		r.Event(deferral.Published)
	})
	task(p, "setter", func(r *model.Routine) {
		r.Pause("a stay of any length")
		if !forget {
			r.WriteOnce("flag = 1", flag, model.True)
		}
	})
	return p, progress(deferral.Published)
}

// peterson is Peterson's lock, or with naive a test-and-set lock, taken by two CPUs for ever; the
// claim is that CPU0 never waits for ever.
func peterson(naive bool) (*model.Program, *model.Monitor) {
	p := model.New("peterson")
	flags := twoFlags(p)
	turn := p.Shared("turn", model.Bool, model.False)
	lock := p.Shared("lock", model.Bool, model.False)
	waits := p.Ghost("CPU0 waits", model.Bool, model.False)
	for i := range 2 {
		task(p, fmt.Sprint("CPU", i), func(r *model.Routine) {
			a, b := r.Local("a", model.Bool), r.Local("b", model.Bool)
			wait := func(w model.Int) {
				if i == 0 {
					r.Set(waits, w)
				}
			}
			r.Forever(func() {
				r.Pause("remainder")
				wait(model.True)
				if naive {
					r.DoWhile(func() { r.Xchg("a = xchg(&lock, 1)", a, lock, model.True) }, a)
				} else {
					r.WriteOnce("flag[me] = 1", flags[i], model.True)
					r.WriteOnce("turn = other", turn, model.Int(1-i))
					r.DoWhile(func() {
						r.ReadOnce("a = flag[other]", a, flags[1-i])
						r.ReadOnce("b = turn", b, turn)
					}, a.And(b.Eq(model.Int(1-i))))
				}
				wait(model.False)
				r.Pause("critical section")
				if naive {
					r.WriteOnce("lock = 0", lock, model.False)
				} else {
					r.WriteOnce("flag[me] = 0", flags[i], model.False)
				}
			})
		})
	}
	return p, props.InfinitelyOften("progress", waits.IsZero())
}

// interrupted is a CPU with an IPI line that another sends once. The CPU goes for ever between a
// stretch with interrupts off and, with window, one with interrupts on.
func interrupted(window bool) (*model.Program, *model.Monitor) {
	p := model.New("interrupted")
	got := p.Shared("got", model.Bool, model.False)
	c := task(p, "target", func(r *model.Routine) {
		r.Forever(func() {
			r.Frame(model.Exit, func() { r.Pause("interrupts off") })
			if window {
				r.Frame(model.Body, func() { r.Pause("interrupts on") })
			}
		})
	})
	ipi := c.IPI("line", p.Routine("handler", func(r *model.Routine) {
		r.WriteOnce("got = 1", got, model.True)
	}))
	task(p, "sender", func(r *model.Routine) { r.SendIPI("send", ipi) })
	return p, props.Eventually("progress", got)
}

// sometimes is as above, but the CPU may choose before each round whether to have interrupts on in it.
func sometimes() (*model.Program, *model.Monitor) {
	p, m := interrupted(false)
	p.CPUs[0].Main = p.Routine("target task", func(r *model.Routine) {
		round := func(f model.Frame) func() {
			return func() { r.Frame(f, func() { r.Pause("round"); r.Pause("round") }) }
		}
		r.Forever(func() {
			r.Frame(model.Exit, func() {
				r.Choose(r.When(model.True, round(model.Exit)), r.When(model.True, round(model.Body)))
			})
		})
	})
	return p, m
}

// nmiFrees is a CPU that waits for what only an NMI can bring.
func nmiFrees() (*model.Program, *model.Monitor) {
	p := model.New("nmi")
	flag := p.Shared("flag", model.Bool, model.False)
	c := task(p, "target", func(r *model.Routine) {
		r.CondLoadAcquire("wait for flag", nil, flag, model.True)
		x := r.Local("x", model.Bool)
		r.CondLoadAcquire("x = smp_cond_load_acquire(&flag, x)", x, flag, x)
		r.Event(deferral.Published)
	})
	c.OnNMI(p.Routine("nmi", func(r *model.Routine) { r.WriteOnce("flag = 1", flag, model.True) }), 1, 1)
	return p, progress(deferral.Published)
}

// choice is a CPU that may take one branch for ever; the other never happens by fairness alone.
func choice() (*model.Program, *model.Monitor) {
	p := model.New("choice")
	x := p.Shared("x", model.Bool, model.False)
	task(p, "CPU", func(r *model.Routine) {
		r.Forever(func() {
			r.Choose(
				r.When(model.True, func() { r.Pause("left") }),
				r.When(model.True, func() { r.WriteOnce("x = 1", x, model.True) }))
		})
	})
	return p, props.Eventually("progress", x)
}

// ends is a CPU that sets x to each of 1 and 2 and ends.
func ends(claim func(x *model.Var) *model.Monitor) func() (*model.Program, *model.Monitor) {
	return func() (*model.Program, *model.Monitor) {
		p := model.New("ends")
		x := p.Shared("x", model.UpTo(3), model.Int(0))
		task(p, "CPU", func(r *model.Routine) {
			r.WriteOnce("x = 1", x, model.Int(1))
			r.WriteOnce("x = 2", x, model.Int(2))
		})
		return p, claim(x)
	}
}

// detour is a CPU that may pass x = 1 on the way to a loop, or not.
func detour(always bool) func() (*model.Program, *model.Monitor) {
	return func() (*model.Program, *model.Monitor) {
		p := model.New("detour")
		x := p.Shared("x", model.UpTo(2), model.Int(0))
		task(p, "CPU", func(r *model.Routine) {
			by := func() { r.WriteOnce("x = 1", x, model.Int(1)) }
			if always {
				by()
			} else {
				r.Choose(r.When(model.True, by), r.When(model.True, func() { r.Pause("straight") }))
			}
			r.Forever(func() { r.WriteOnce("x = 2", x, model.Int(2)) })
		})
		return p, props.Eventually("progress", x.Eq(model.Int(1)))
	}
}

// with is the program that build makes of the given choice.
func with(build func(bool) (*model.Program, *model.Monitor), how bool) func() (*model.Program,
	*model.Monitor) {
	return func() (*model.Program, *model.Monitor) { return build(how) }
}

var wholeRuns = []struct {
	name  string
	build func() (*model.Program, *model.Monitor)
	holds bool
	loop  bool // violated by a run that goes on for ever, not by one that stops
	why   string
}{
	{"livelock", polite, false, true, "each retreats before the other, for ever"},
	{"spin on a flag that is set", with(spin, false), true, false,
		"the cycle in which only the waiter reads is not fair to the setter"},
	{"spin on a flag that is not", with(spin, true), false, true,
		"the setter has ended, so nothing is owed to it"},
	{"Peterson", with(peterson, false), true, false,
		"the turn is given away, so weak fairness suffices"},
	{"test and set", with(peterson, true), false, true,
		"CPU0 may always look while CPU1 holds the lock"},
	{"IPI, window", with(interrupted, true), true, false,
		"delivery is possible again and again, if not always: strong fairness"},
	{"IPI, no window", with(interrupted, false), false, true,
		"interrupts are never on"},
	{"IPI, a window by choice", sometimes, false, true,
		"the round with interrupts on need never be chosen; the cycle avoids it"},
	{"NMI", nmiFrees, false, false, "an NMI need not come: the run stops where only it can happen"},
	{"choice", choice, false, true, "no fairness between alternatives"},
	{"eventually, at the end", ends(func(x *model.Var) *model.Monitor {
		return props.Eventually("progress", x.Eq(model.Int(2)))
	}), true, false, "it is true at the end"},
	{"eventually, on the way", ends(func(x *model.Var) *model.Monitor {
		return props.Eventually("progress", x.Eq(model.Int(1)))
	}), true, false, "it was true, which is enough"},
	{"eventually, never", ends(func(x *model.Var) *model.Monitor {
		return props.Eventually("progress", x.Eq(model.Int(3)))
	}), false, false, "the run ends without it"},
	{"eventually, at once", ends(func(x *model.Var) *model.Monitor {
		return props.Eventually("progress", x.Eq(model.Int(0)))
	}), true, false, "it is true at the start"},
	{"infinitely often, at the end", ends(func(x *model.Var) *model.Monitor {
		return props.InfinitelyOften("progress", x.Eq(model.Int(2)))
	}), true, false, "a run stays in its last state"},
	{"infinitely often, on the way", ends(func(x *model.Var) *model.Monitor {
		return props.InfinitelyOften("progress", x.Eq(model.Int(1)))
	}), false, false, "it is over at the end"},
	{"eventually, past it", detour(true), true, false,
		"the loop where it is false is reached only where it was true"},
	{"eventually, round it", detour(false), false, true, "there is a way that avoids it"},
}

func TestWholeRuns(t *testing.T) {
	for _, row := range wholeRuns {
		for _, o := range []explore.Options{{}, {Search: explore.BreadthFirst}} {
			p, m := row.build()
			r := run(t, p, o, m)
			pr := r.Properties[0]
			if !pr.Live || !r.Complete {
				t.Errorf("%s: live %t, complete %t", row.name, pr.Live, r.Complete)
			}
			if pr.Violated == row.holds {
				t.Errorf("%s: violated %t: %s", row.name, pr.Violated, row.why)
				continue
			}
			if !row.holds && (pr.Trace.Loop >= 0) != row.loop {
				t.Errorf("%s: loop %d: %s", row.name, pr.Trace.Loop, row.why)
			}
		}
	}
}

func TestLassoIsShort(t *testing.T) {
	p, m := polite()
	tr := run(t, p, explore.Options{}, m).Properties[0].Trace
	var steps []string
	for _, s := range tr.Steps {
		steps = append(steps, s.CPU.Name+": "+s.Stmt.Label)
	}
	// Each raises its flag, sees the other's and lowers its own: three steps a CPU. The cycle begins
	// when both have once seen the other's flag up, for their locals remember that.
	if tr.Loop != 4 || len(steps)-tr.Loop != 6 {
		t.Errorf("loop %d of:\n%s", tr.Loop, strings.Join(steps, "\n"))
	}
}

// A claim on whole runs says nothing when the search, or its own part of it, was cut.
func TestWholeRunsBounded(t *testing.T) {
	p, m := polite()
	for _, o := range []explore.Options{{MaxStates: 3}, {MaxDepth: 2}, {MaxBytes: 4600},
		{Search: explore.BreadthFirst, MaxDepth: 2}} {
		r := run(t, p, o, m)
		if r.Complete || r.Verdict != verdict.Incomplete || r.Properties[0].Violated {
			t.Errorf("%+v: complete %t, verdict %s", o, r.Complete, r.Verdict)
		}
	}
}

func TestWholeRunsStopAtFirst(t *testing.T) {
	p, m := polite()
	r := run(t, p, explore.Options{First: true}, m)
	if r.Verdict != verdict.Violated || r.Bound != verdict.AtFirst || r.Properties[0].Trace.Loop < 0 {
		t.Errorf("verdict %s, bound %q", r.Verdict, r.Bound)
	}
}

// A countdown is a context that is cancelled after it has been asked so many times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// counters is three CPUs that count for ever, so that everything is one component.
func counters() *model.Program {
	p := model.New("counters")
	for i := range 3 {
		v := p.Shared(fmt.Sprint("v", i), model.UpTo(19).Mod(), model.Int(0))
		task(p, fmt.Sprint("CPU", i), func(r *model.Routine) {
			r.Forever(func() { r.AtomicAdd("v++", v, model.Int(1)) })
		})
	}
	return p
}

// Wherever memory or an interrupt cuts the search for fair runs, it never says holds, and what it says
// is violated is.
func TestWholeRunsCut(t *testing.T) {
	p := counters()
	v := p.Vars[0]
	good := props.InfinitelyOften("good", v.Eq(model.Int(7)))
	never := props.Eventually("bad", v.Eq(p.Vars[1]).And(v.Ne(v)))
	m, err := machine.Compile(machine.Options{}, p, good, never)
	if err != nil {
		t.Fatal(err)
	}
	full, err := explore.RunMachine(context.Background(), m, explore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if full.Properties[0].Violated || !full.Properties[1].Violated || !full.Complete {
		t.Fatalf("%+v", full.Properties)
	}
	inLiveness := 0
	check := func(what string, ctx context.Context, o explore.Options) (done bool) {
		r, err := explore.RunMachine(ctx, m, o)
		if err != nil {
			t.Fatal(err)
		}
		if r.Complete {
			return true
		}
		if r.States == full.States {
			inLiveness++
		}
		if r.Verdict == verdict.Holds || r.Bound == verdict.NoBound || r.Properties[0].Violated {
			t.Errorf("%s: verdict %s, bound %q", what, r.Verdict, r.Bound)
		}
		return false
	}
	every := 1
	if testing.Short() {
		every = 7
	}
	for asked := 0; ; asked += every {
		c := &countdown{context.Background(), asked}
		if check(fmt.Sprint("interrupt ", asked), c, explore.Options{}) {
			break
		}
	}
	if inLiveness == 0 {
		t.Error("no interrupt in the search for fair runs")
	}
	inLiveness = 0
	for mem := uint64(16 << 10); ; mem += uint64(every) * 8 << 10 {
		if check(fmt.Sprint("memory ", mem), context.Background(), explore.Options{MaxBytes: mem}) {
			break
		}
	}
	if inLiveness == 0 {
		t.Error("memory never cut the search for fair runs")
	}
}
