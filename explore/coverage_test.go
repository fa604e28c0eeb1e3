package explore_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ctcheck/explore"
	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/verdict"
)

// miscounted says what is wrong with the coverage of a complete search, if it has one: every transition led to a
// new state or a known one, and every state but the first was new once.
func miscounted(r *verdict.Result) string {
	c := r.Coverage
	if c == nil {
		return ""
	}
	sum := c.Other
	add := func(n verdict.Count) { sum.New, sum.Known = sum.New+n.New, sum.Known+n.Known }
	for _, cv := range c.Covered {
		add(cv.Count)
		if cv.New+cv.Known > cv.Times {
			return fmt.Sprintf("%q began %d transitions, and was taken %d times", cv.Stmt().Label,
				cv.New+cv.Known, cv.Times)
		}
		if cv.Times > 0 && !cv.Compiled {
			return fmt.Sprintf("%q was taken, and is not compiled in", cv.Stmt().Label)
		}
	}
	for _, in := range c.Interrupts {
		add(in.Count)
	}
	if sum.New != r.States-1 || sum.New+sum.Known != r.Transitions {
		return fmt.Sprintf("%+v of %d states and %d transitions", sum, r.States, r.Transitions)
	}
	return ""
}

// coverageText is what was covered, in words.
func coverageText(c *verdict.Coverage) string {
	var b strings.Builder
	for _, cv := range c.Covered {
		what := cv.Stmt().Label
		if cv.Way != ir.Itself {
			what = fmt.Sprintf("way %d of %v", cv.Way, cv.Stmt().Cond)
		}
		fmt.Fprintf(&b, "%s %s: %d, %d new, %d known", cv.Routine.Name, what, cv.Times, cv.New, cv.Known)
		if !cv.Compiled {
			b.WriteString(", not compiled in")
		}
		b.WriteByte('\n')
	}
	for _, in := range c.Interrupts {
		fmt.Fprintf(&b, "%s %d: %d new, %d known\n", in.CPU.Name, in.Kind, in.New, in.Known)
	}
	for _, v := range c.Values {
		fmt.Fprintf(&b, "%s has %d values\n", v.Var.Name, v.Distinct)
	}
	return b.String()
}

// A program small enough to be counted by hand: CPU0 sets x, CPU1 looks at it, and pauses. In the order of
// the search its states are: 0 at the start; from it 1, x set, and 2, 0 seen; from 1 state 3, x set and 1 seen;
// from 2 state 4, 0 seen and x set, and 5, CPU1 at its end; from 3 state 6, the end. From 4 and from 5 one comes
// to 6 again.
func TestCoverageByHand(t *testing.T) {
	p := model.New("by hand")
	x := p.Shared("x", model.UpTo(3), model.Int(0))
	p.CPU("CPU0").Run(p.Routine("writer", func(r *model.Routine) {
		r.WriteOnce("x = 1", x, model.Int(1))
		r.If(model.Int(0), func() { r.WriteOnce("x = 3", x, model.Int(3)) })
	}))
	p.CPU("CPU1").Run(p.Routine("reader", func(r *model.Routine) {
		v := r.LocalOf("v", x)
		r.ReadOnce("v = x", v, x)
		r.If(v.Eq(model.Int(2)), func() { r.Pause("never") }, func() { r.Pause("always") })
	}))
	want := `writer x = 1: 3, 2 new, 1 known
writer x = 3: 0, 0 new, 0 known, not compiled in
reader v = x: 2, 2 new, 0 known
reader way 1 of v == 2: 0, 0 new, 0 known
reader way 0 of v == 2: 2, 0 new, 0 known
reader never: 0, 0 new, 0 known
reader always: 3, 2 new, 1 known
x has 2 values
v has 2 values
`
	m, err := machine.Compile(machine.Options{}, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []explore.Order{explore.DepthFirst, explore.BreadthFirst} {
		r, err := explore.RunMachine(context.Background(), m, explore.Options{Search: s, Coverage: true})
		if err != nil {
			t.Fatal(err)
		}
		if d := miscounted(r); d != "" {
			t.Error(d)
		}
		got := coverageText(r.Coverage)
		if s == explore.BreadthFirst {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
	}
}

// A search that counts finds what the others find, on every design, with its traces, under both memory models
// and with symmetry.
func TestCoverageChangesNothing(t *testing.T) {
	for _, d := range models.All() {
		for k, change := range []func(c *models.Config){
			func(c *models.Config) { c.NMI = 1 }, func(c *models.Config) { c.Works, c.Setters = 1, 2 },
		} {
			if testing.Short() && k > 0 {
				continue
			}
			c := models.DefaultConfig()
			change(&c)
			p, err := d.Program(c)
			if err != nil {
				continue // not of this design
			}
			ms := props.Default(p)
			mm := model.MemoryModel(k)
			o := explore.Options{Search: explore.BreadthFirst, Reduce: explore.Symmetry}
			o.Memory = mm
			want, err := explore.Run(t.Context(), p, ms, o)
			if err != nil {
				t.Fatal(err)
			}
			o.Coverage = true
			o.Memory = mm
			got, err := explore.Run(t.Context(), p, ms, o)
			if err != nil {
				t.Fatal(err)
			}
			if d := miscounted(got); d != "" {
				t.Errorf("%s: %s", p.Name, d)
			}
			if a, b := figures(want), figures(got); a != b {
				t.Errorf("%s, %s: with coverage (+) (-want +got):\n%s", p.Name, mm, cmp.Diff(a, b))
			}
		}
	}
}

// figures is what a search found, with its traces.
func figures(r *verdict.Result) string {
	var s strings.Builder
	s.WriteString(fmt.Sprintf("%s %d %d %d\n", r.Verdict, r.States, r.Transitions, r.Depth))
	for _, p := range r.Properties {
		s.WriteString(fmt.Sprintf("%s %v", p.Name, p.Violated))
		if p.Trace != nil {
			for _, st := range p.Trace.Steps {
				s.WriteString(fmt.Sprint(" ", st.Transition))
			}
		}
		s.WriteString("\n")
	}
	for _, c := range r.Claims {
		s.WriteString(fmt.Sprintln(c.Name, c.Reached))
	}
	return s.String()
}

// A bound cuts a search that counts where it cuts the others.
func TestBoundsWithCoverage(t *testing.T) {
	d, _ := models.Find("valentin")
	p, err := d.Program(models.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	ms, err := props.Select(p, "no-warn", "no-late-work")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []explore.Options{{MaxDepth: 1}, {MaxDepth: 5}, {MaxDepth: 12}, {MaxDepth: 1000}} {
		o.Search = explore.BreadthFirst
		want, err := explore.Run(t.Context(), p, ms, o)
		if err != nil {
			t.Fatal(err)
		}
		o.Coverage = true
		got, err := explore.Run(t.Context(), p, ms, o)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := figures(want)+string(want.Bound), figures(got)+string(got.Bound); a != b {
			t.Errorf("%+v: (-want +got):\n%s", o, cmp.Diff(a, b))
		}
	}
	for _, row := range []struct {
		o    explore.Options
		want verdict.Bound
	}{
		{explore.Options{MaxStates: 100}, verdict.AtStates},
		{explore.Options{MaxStates: 100, Search: explore.BreadthFirst}, verdict.AtStates},
		{explore.Options{MaxBytes: 1 << 10, Search: explore.BreadthFirst}, verdict.AtBytes},
	} {
		row.o.Coverage = true
		r, err := explore.Run(t.Context(), p, ms, row.o)
		if err != nil || r.Bound != row.want || r.Verdict == verdict.Holds || r.States > 100 {
			t.Errorf("%+v: %s, %v, %d states", row.o, r.Bound, err, r.States)
		}
	}
	for _, o := range []explore.Options{{Workers: 2, Search: explore.BreadthFirst}, {Store: explore.Bitstate},
		{Checkpoint: "x", Search: explore.BreadthFirst}} {
		o.Coverage = true
		if _, err := explore.Run(t.Context(), p, ms, o); err == nil {
			t.Errorf("%+v goes together", o)
		}
	}
}
