package ir_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ctcheck/ir"
	"ctcheck/model"
)

var opNames = [...]string{"access", "pause", "await", "fence", "send", "irq", "halt", "return", "visible",
	"choose", "open",
	"assign", "dead", "unless", "jump", "event", "reach", "progress", "fail", "fault"}

// exprText writes an expression, with the slots of locals.
func exprText(e *ir.Expr) string {
	switch {
	case e.IsConst():
		return fmt.Sprint(e.K)
	case e.Var != nil:
		return varText(e.Var)
	case e.CPU != nil:
		return fmt.Sprintf("op%d(%s)", e.Op, e.CPU.Name)
	case e.B == nil:
		return fmt.Sprintf("op%d(%s)", e.Op, exprText(e.A))
	}
	return fmt.Sprintf("op%d(%s, %s)", e.Op, exprText(e.A), exprText(e.B))
}

func varText(v *ir.Var) string {
	if v.Kind == ir.Local {
		return fmt.Sprintf("%s#%d", v.Name, v.Slot)
	}
	return v.Name
}

// listing writes the code, a line for each instruction.
func listing(p *ir.Program) []string {
	var lines []string
	for ip, in := range p.Code {
		var text strings.Builder
		text.WriteString(fmt.Sprintf("%2d ", ip))
		if in.Step {
			text.WriteString("* ")
		} else {
			text.WriteString("  ")
		}
		text.WriteString(opNames[in.Op])
		for _, v := range []*ir.Var{in.Var, in.Dst, in.Old} {
			if v != nil {
				text.WriteString(" " + varText(v))
			}
		}
		for _, e := range []*ir.Expr{in.Arg, in.Expected, in.Cond} {
			if e != nil {
				text.WriteString(" (" + exprText(e) + ")")
			}
		}
		switch in.Op {
		case ir.OpJump, ir.OpUnless:
			text.WriteString(fmt.Sprintf(" -> %d", in.To))
		case ir.OpAccess:
			if in.Effect > 0 {
				text.WriteString(fmt.Sprintf(" visible to %d", in.Effect))
			}
		case ir.OpEvent:
			text.WriteString(fmt.Sprintf(" %v", in.Event.Kind))
		case ir.OpChoose:
			for _, a := range in.Alts {
				text.WriteString(fmt.Sprintf(" -> %d", a.To))
			}
		case ir.OpReach, ir.OpFail:
			text.WriteString(fmt.Sprintf(" %b", in.Bits))
		}
		lines = append(lines, text.String())
	}
	return lines
}

// sample is a program with a bit of everything: calls, a constant argument that decides a branch, a loop, a
// choice, a fence, an IPI, a store with an event, and a monitor that looks on.
func sample() (*model.Program, *model.Monitor) {
	p := model.New("sample")
	x := p.Shared("x", model.Bits(2), model.Int(0))
	target, sender := p.CPU("target"), p.CPU("sender")
	ipi := target.IPI("line", p.Routine("handler", func(r *model.Routine) {
		r.WriteOnce("x = 2", x,
			model.Int(2))
	}))
	set := p.Routine("set", func(r *model.Routine) {
		value, twice := r.Param("value", model.Bits(2)), r.Param("twice", model.Bool)
		old, ok := r.LocalOf("old", x), r.Local("ok", model.Bool)
		r.If(twice, func() { r.AtomicRead("old = x", old, x) })
		r.DoWhile(func() { r.TryCmpxchg("try", ok, x, old, value) }, ok.IsZero())
		r.Return(ok)
	})
	target.Run(p.Routine("task", func(r *model.Routine) {
		done := r.Local("done", model.Bool)
		r.Call(set, done, model.Int(1), model.False)
		r.Choose(r.When(model.True, func() { r.Pause("stay") }), r.When(done, func() { r.SmpMb() }))
	}))
	sender.Run(p.Routine("send", func(r *model.Routine) {
		r.WriteOnce("x = 3", x, model.Int(3))
		r.WhenVisible(func() { r.Event(model.Warned) })
		r.SendIPI("send", ipi)
	}))
	p.Reached("warned", model.Warned, nil)
	seen := model.NewGhost("seen", model.Bool, model.False)
	return p, &model.Monitor{Name: "once", Ghosts: []*model.Var{seen}, On: func(ev model.Event) []*model.Stmt {
		if ev.Kind != model.Warned {
			return nil
		}
		return model.Build(func(c *model.Code) {
			c.If(seen, func() { c.Fail() })
			c.Set(seen, model.True)
		})
	}}
}

// The code of the sample, read against its source: the call is inlined with its constants, the branch on twice is
// gone, the locals of the call have slots above the caller's and are dead at its end, the monitor's code follows
// the event, and handlers end with an IRET.
func TestLower(t *testing.T) {
	p, m := sample()
	low, err := ir.Lower(p, m)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(`
 0 * access x ok#2 old#1 (1) (old#1)
 1   unless (op14(ok#2)) -> 3
 2   jump -> 0
 3   assign done#0 (ok#2)
 4   jump -> 6
 5   fault
 6   dead ok#2
 7   dead old#1
 8 * choose -> 9 -> 11
 9 * pause
10   jump -> 13
11 * fence
12   jump -> 13
13   dead done#0
14 * halt
15   event pushed
16 * access x (2)
17 * fence
18   event popped
19   return
20 * access x (3) visible to 28
21   event warned
22   unless (1) -> 24
23   reach 1
24   unless (seen) -> 26
25   fail 1
26   assign seen (1)
27   visible
28 * send line
29   event sent
30 * halt
`), "\n")
	got := listing(low)
	for i := range got {
		got[i] = strings.TrimSpace(got[i])
	}
	for i := range want {
		want[i] = strings.TrimSpace(want[i])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the code (-want +got):\n%s", diff)
	}
}

// Which fences are steps, and where what follows a store happens, depends on the memory model; so do the step
// boundaries. The first step of an alternative is taken with the choice, so neither the pause nor the fence is a
// boundary.
func TestFlow(t *testing.T) {
	p, m := sample()
	low, err := ir.Lower(p, m)
	if err != nil {
		t.Fatal(err)
	}
	levels := append(slices.Clone(low.CPUs[0].Levels), low.CPUs[1].Levels...)
	for _, row := range []struct {
		mm         model.MemoryModel
		boundaries [3][]int // of the target's code, its handler, and the sender's code
		ends       []int    // of the sender's store
		writes     string   // by it
		why        string
	}{
		{model.SC, [3][]int{{0, 8, 14}, {16}, {20, 28, 30}}, []int{28}, "x seen",
			"the store is seen at once, and its event is part of the step; no fence is a step"},
		{model.TSO, [3][]int{{0, 8, 14}, {16, 17}, {20, 28, 30}}, []int{28}, "x",
			"the store waits, and its event with it; the handler's IRET may have to wait for the store before it"},
	} {
		f := ir.Flow{Program: low, Memory: row.mm}
		for i, lv := range levels {
			if got := f.Boundaries(lv); !slices.Equal(got, row.boundaries[i]) {
				t.Errorf("%s: boundaries %v of level %d, want %v: %s", row.mm, got, i, row.boundaries[i], row.why)
			}
		}
		st := f.Stretch(20, false)
		reads, writes := f.Touches(st)
		if row.mm == model.SC && !slices.Contains(reads, low.Globals[1]) {
			t.Errorf("%s: the monitor's branch is part of the step, and reads its ghost", row.mm)
		}
		var names []string
		for _, v := range writes {
			names = append(names, v.Name)
		}
		if got := strings.Join(names, " "); got != row.writes || !slices.Equal(st.Ends, row.ends) {
			t.Errorf("%s: the store writes %q and ends before %v, want %q and %v: %s", row.mm, got,
				st.Ends, row.writes,
				row.ends, row.why)
		}
		if zero := low.AlwaysZero(levels[0], row.boundaries[0]); !slices.Equal(zero, []int{2}) {
			t.Errorf("%s: slots %v are always zero, want that of ok, which the loop tests at once", row.mm, zero)
		}
	}
}

// The rules of interrupts, as a table.
func TestRules(t *testing.T) {
	for ctx, want := range map[model.Context][]model.Frame{model.Task: {model.Body, model.Idle},
		model.InIRQ: {model.Body, model.IRQ, model.Idle}, model.InNMI: nil} {
		var takes []model.Frame
		for f := model.Body; f <= model.Guest; f++ {
			if ir.TakesIRQs(ctx, f) {
				takes = append(takes, f)
			}
		}
		if !slices.Equal(takes, want) {
			t.Errorf("in context %d interrupts are taken in %v, want %v", ctx, takes, want)
		}
	}
	for _, row := range []struct {
		total, depth, top int
		level             int
		ok                bool
		why               string
	}{
		{0, 0, 0, 0, false, "there are no NMIs"},
		{1, 1, 0, 2, true, "on the CPU's own code, above the level of IPIs"},
		{1, 1, 1, 2, true, "on an IPI's handler"},
		{1, 1, 2, 0, false, "not on itself, with depth 1"},
		{3, 2, 2, 3, true, "on another one"},
		{3, 2, 3, 0, false, "two deep is all"},
		{1, 4, 2, 0, false, "no more levels than NMIs"},
	} {
		p := model.New("rules")
		pause := p.Routine("pause", func(r *model.Routine) { r.Pause("pause") })
		c := p.CPU("CPU")
		c.Run(pause)
		c.IPI("line", pause)
		c.OnNMI(pause, row.total, row.depth)
		low, err := ir.Lower(p)
		if err != nil {
			t.Fatal(err)
		}
		level, ok := low.CPUs[0].NextNMI(row.top)
		if ok != row.ok || ok && level != row.level {
			t.Errorf("%d NMIs, %d deep, on level %d: %d, %t, want %d, %t: %s", row.total, row.depth,
				row.top, level, ok,
				row.level, row.ok, row.why)
		}
	}
}
