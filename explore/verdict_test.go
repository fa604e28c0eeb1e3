package explore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ctcheck/deferral"
	"ctcheck/model"
	"ctcheck/verdict"
)

func TestNamesOfVerdicts(t *testing.T) {
	want := "[HOLDS VIOLATED INCOMPLETE UNREACHED]"
	if got := fmt.Sprint([]verdict.Verdict{verdict.Holds, verdict.Violated, verdict.Incomplete,
		verdict.Unreached}); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// What must be reachable and is not makes a verdict of its own, unless something worse is to be
// said.
func TestUnreached(t *testing.T) {
	for _, row := range []struct {
		name  string
		claim func(p *model.Program)
		never model.Value
		o     Options
		want  verdict.Verdict
		why   string
	}{
		{"nothing claimed", func(*model.Program) {}, no, Options{}, verdict.Holds,
			"no claim, nothing missing"},
		{"a state", func(p *model.Program) { p.ReachedState("x", p.Vars[0].Eq(model.Int(3))) }, no,
			Options{}, verdict.Unreached, "x is at most 2"},
		{"a state that is reached", func(p *model.Program) {
			p.ReachedState("x",
				p.Vars[0].Eq(model.Int(2)))
		}, no,
			Options{}, verdict.Holds, "at the end"},
		{"the initial state", func(p *model.Program) { p.ReachedState("x", p.Vars[0].Eq(no)) }, no,
			Options{}, verdict.Holds, "before any step"},
		{"an event", func(p *model.Program) { p.Reached("sent", model.Sent, nil) }, no,
			Options{}, verdict.Unreached, "there are no IPIs"},
		{"an event that happens", func(p *model.Program) { p.Reached("warned", model.Warned, nil) },
			no,
			Options{}, verdict.Holds, "some step has it"},
		{"an initial event", func(p *model.Program) { p.Reached("flushed", deferral.Flushed, nil) },
			no, Options{}, verdict.Holds, "it belongs to the initial state"},
		{"an event, but never so", func(p *model.Program) {
			x := p.Vars[0]
			p.Reached("warned", model.Warned, func(model.Event) model.Value { return x.Eq(no) })
		}, no, Options{}, verdict.Unreached,
			"the condition is asked when it happens, and x is 1 or 2 then"},
		{"one of two", func(p *model.Program) {
			p.Reached("warned", model.Warned, nil)
			p.Reached("sent", model.Sent, nil)
		}, no, Options{}, verdict.Unreached, "every claim counts"},
		{"and violated", func(p *model.Program) { p.Reached("sent", model.Sent, nil) }, yes,
			Options{}, verdict.Violated, "a violation is worse"},
		{"and cut", func(p *model.Program) { p.Reached("sent", model.Sent, nil) }, no,
			Options{MaxStates: 3}, verdict.Incomplete, "it might be reached beyond the bound"},
	} {
		for _, s := range searches {
			t.Run(row.name+", "+s.name, func(t *testing.T) {
				p := model.New("unreached")
				x := p.Shared("x", model.UpTo(3), no)
				p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
					r.Event(deferral.Flushed)
					r.AtomicAdd("x++", x, yes)
					r.WarnOnOnce("WARN_ON(1)", yes)
					r.AtomicAdd("x++", x, yes)
					r.Pause("pause")
				}))
				row.claim(p)
				row.o.Search = s.search
				r := run(t, compile(t, p, never("p", row.never)), row.o)
				if r.Verdict != row.want {
					t.Errorf("%v, want %v: %s", r.Verdict, row.want, row.why)
				}
				missing := false
				for _, c := range r.Claims {
					missing = missing || !c.Reached
				}
				if len(r.Claims) != len(p.Claims) || row.want == verdict.Unreached && !missing {
					t.Errorf("claims %+v: %s", r.Claims, row.why)
				}
			})
		}
	}
}

// A CPU that is stuck before its end, with nothing else to happen, is a deadlock; an end is not.
func TestDeadlock(t *testing.T) {
	for _, s := range searches {
		r := run(t, compile(t, embrace(true)), Options{Search: s.search})
		pr := property(t, r, model.NoDeadlock)
		if r.Verdict != verdict.Violated || !pr.Violated || !pr.Trace.Deadlock {
			t.Fatalf("%s: %v; two CPUs hold a lock each and wait for the other's", s.name,
				r.Verdict)
		}
		want := []string{"CPU0 body: spin_lock(&a) a:0->1", "CPU1 body: spin_lock(&b) b:0->1"}
		got := strings.Split(strings.TrimSpace(told(pr.Trace)), "\n")
		slices.Sort(got) // which comes first does not matter
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.name, diff)
		}
		if r := run(t, compile(t, embrace(false)), Options{Search: s.search}); r.Verdict != verdict.Holds {
			t.Errorf("%s: %v of locks that are taken in one order", s.name, r.Verdict)
		}
	}
}

func TestDeadlockOrNot(t *testing.T) {
	for _, row := range []struct {
		name  string
		build func(p *model.Program, c *model.CPU, r *model.Routine)
		steps int // of the trace; -1 for no deadlock
		why   string
	}{
		{"at once", func(p *model.Program, c *model.CPU, r *model.Routine) { r.Await("never", no) },
			0,
			"the initial state"},
		{"no code at all", func(*model.Program, *model.CPU, *model.Routine) {}, -1,
			"it has ended before it began"},
		{"endless", func(p *model.Program, c *model.CPU, r *model.Routine) {
			r.Forever(func() { r.Pause("spin") })
		}, -1, "something can always happen"},
		{"an IPI helps", func(p *model.Program, c *model.CPU, r *model.Routine) {
			g := p.Ghost("g", model.Bool, no)
			i := c.IPI("ipi", p.Routine("handler", func(r *model.Routine) {
				r.Pause("h")
				r.Set(g,
					yes)
			}))
			r.SendIPI("send", i)
			r.Await("handled", g)
		}, -1, "the handler frees the CPU that it interrupts"},
		{"an IPI in user mode", func(p *model.Program, c *model.CPU, r *model.Routine) {
			i := c.IPI("ipi", p.Routine("handler", func(r *model.Routine) { r.Pause("h") }))
			r.Frame(model.User, func() {
				r.SendIPI("send", i)
				r.Await("not pending", i.Pending().IsZero())
			})
		}, 1, "no IPI is handled in user mode, so it waits for ever"},
		{"sending to itself twice", func(p *model.Program, c *model.CPU, r *model.Routine) {
			i := c.IPI("ipi", p.Routine("handler", func(r *model.Routine) { r.Pause("h") }))
			r.Frame(model.Entry, func() { r.SendIPI("send", i); r.SendIPI("send", i) })
		}, 1, "the line is busy, and interrupts are off"},
		{"an NMI is left", func(p *model.Program, c *model.CPU, r *model.Routine) {
			c.OnNMI(p.Routine("NMI", func(r *model.Routine) { r.Pause("NMI") }), 1, 1)
			r.Await("never", no)
		}, 0, "an NMI need never come, and would not help"},
		{"only an NMI frees it", func(p *model.Program, c *model.CPU, r *model.Routine) {
			x := p.Shared("x", model.Bool, no)
			c.OnNMI(p.Routine("NMI", func(r *model.Routine) { r.WriteOnce("x = 1", x, yes) }), 1, 1)
			r.CondLoadAcquire("x", nil, x, no)
		}, 0, "an NMI need never come"},
		{"NMIs at the end", func(p *model.Program, c *model.CPU, r *model.Routine) {
			c.OnNMI(p.Routine("NMI", func(r *model.Routine) { r.Pause("NMI") }), 2, 2)
			r.Pause("p")
		}, -1, "an end with NMIs to come is an end"},
		{"choice of none", func(p *model.Program, c *model.CPU, r *model.Routine) {
			r.Pause("p")
			r.Choose(r.When(no, func() { r.Pause("a") }), r.When(no, func() { r.Pause("b") }))
		}, 1, "all guards are false"},
	} {
		for _, s := range searches {
			p := model.New("deadlock")
			c := p.CPU("CPU0")
			c.Run(p.Routine("main", func(r *model.Routine) { row.build(p, c, r) }))
			pr := property(t, run(t, compile(t, p), Options{Search: s.search}), model.NoDeadlock)
			switch {
			case pr.Violated != (row.steps >= 0):
				t.Errorf("%s, %s: deadlock %v: %s", row.name, s.name, pr.Violated, row.why)
			case pr.Violated && len(pr.Trace.Steps) != row.steps:
				t.Errorf("%s, %s: %d steps, want %d: %s", row.name, s.name, len(pr.Trace.Steps),
					row.steps, row.why)
			}
		}
	}
}

// The initial state may violate a claim by itself, or by the events that lead up to it.
func TestViolationsWithoutAStep(t *testing.T) {
	for _, first := range []bool{false, true} {
		for _, s := range searches {
			p := grid(2, 3)
			warn := model.Build(func(c *model.Code) { c.WarnOnOnce("WARN_ON(1)", yes) })
			p.CPUs[0].Main.Body = append(warn, p.CPUs[0].Main.Body...)
			m := compile(t, p, never("state", yes), noWarn(), never("holds", no))
			r := run(t, m, Options{Search: s.search, First: first})
			if got := violatedNames(r); got != "[state no-warn]" {
				t.Errorf("%s: violated %s", s.name, got)
			}
			for _, pr := range r.Properties {
				if pr.Violated && (len(pr.Trace.Steps) != 0 || !pr.Trace.Shortest ||
					pr.Trace.Property != pr.Name) {
					t.Errorf("%s: %d steps for %s, want none", s.name, len(pr.Trace.Steps), pr.Name)
				}
			}
			if first && (r.States != 1 || r.Depth != 0) {
				t.Errorf("%s: %d states to depth %d for the first violation", s.name, r.States,
					r.Depth)
			}
		}
	}
}

// AtEnd is judged where the run can end: not before, and not while an IPI is pending.
func TestAtEnd(t *testing.T) {
	p, claim := lostUpdate()
	for _, s := range searches {
		r := run(t, compile(t, p, claim), Options{Search: s.search})
		pr := property(t, r, "both count")
		if !pr.Violated || pr.Trace.Deadlock {
			t.Fatalf("%s: %v; one update is lost", s.name, r.Verdict)
		}
		want := []string{"CPU0 CPU1 CPU1 CPU0", "CPU1 CPU0 CPU0 CPU1"}
		var cpus []string
		for _, st := range pr.Trace.Steps {
			cpus = append(cpus, st.CPU.Name)
		}
		if got := strings.Join(cpus, " "); got != want[0] && got != want[1] {
			t.Errorf("%s: %s; four steps with two switches tell it", s.name, got)
		}
		if end := pr.Trace.End[0].Value; end != 1 || pr.Trace.Start[0].Value != 0 {
			t.Errorf("%s: x goes from %d to %d in the trace", s.name, pr.Trace.Start[0].Value, end)
		}
	}
}

// A value out of its range is an error of the program, in every search, wherever it is met.
func TestFaultsOfTheProgram(t *testing.T) {
	for _, row := range []struct {
		name  string
		steps int
		o     Options
		err   bool
		why   string
	}{
		{"before the first step", -1, Options{}, true, "there is no initial state"},
		{"later", 3, Options{}, true, "a run with no meaning"},
		{"just beyond the depth bound", 3, Options{MaxDepth: 3}, true,
			"seen when looking past the bound"},
		{"far beyond the depth bound", 3, Options{MaxDepth: 2}, false, "not seen"},
	} {
		for _, s := range searches {
			p := model.New("fault")
			x := p.Ghost("x", model.Bool, no)
			p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
				for i := range row.steps + 1 {
					r.Pause(fmt.Sprint("step ", i))
				}
				r.Set(x, model.Int(2))
				r.Pause("after")
			}))
			row.o.Search = s.search
			r, err := searchMachine(context.Background(), compile(t, p), row.o)
			if (err != nil) != row.err {
				t.Errorf("%s, %s: error %v: %s", row.name, s.name, err, row.why)
			}
			if err != nil && (r != nil || !strings.Contains(err.Error(), "x = 2")) {
				t.Errorf("%s, %s: result %v and error %v", row.name, s.name, r, err)
			}
		}
	}
}

// The numbers of a result, where they can be told by hand.
func TestNumbers(t *testing.T) {
	m := compile(t, grid(2, 10))
	for _, s := range searches {
		r := run(t, m, Options{Search: s.search})
		// 11*11 places; each CPU steps from 10 of its 11, wherever the other is.
		if r.States != 121 || r.Transitions != 2*10*11 || r.Depth != 20 {
			t.Errorf("%s: %d states, %d transitions, depth %d; want 121, 220, 20", s.name, r.States,
				r.Transitions,
				r.Depth)
		}
		if r.Search.StateBits != m.Bits() || r.Search.StateBits != 8 {
			t.Errorf("%s: %d bits; two program counters of 4 bits", s.name, r.Search.StateBits)
		}
		if r.Duration <= 0 || r.Search.Bytes < 8*r.States {
			t.Errorf("%s: %v and %d bytes", s.name, r.Duration, r.Search.Bytes)
		}
	}
}
