package trace_test

import (
	"fmt"
	"strings"
	"testing"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/trace"
)

// An access to an element is one step of its statement, and everything that is said of it names the variable that
// it was to: what waits, what becomes visible, what was read from where. Before it, the statement is what is
// next.
func TestElements(t *testing.T) {
	p := model.New("elements")
	a := p.Array("a", 2, model.UpTo(3), model.Int(0))
	addr := p.Addresses(model.UpTo(0), "a[1]", "a[0]")
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		i, ptr, v := r.Local("i", model.Bool), r.Local("ptr", addr.Range()), r.Local("v", model.UpTo(3))
		r.Set(ptr, addr.Of("a[1]"))
		r.Forever(func() {
			r.WriteOnce("a[i] = 1 + i", a.At(i), i.Add(model.Int(1)))
			r.WhenVisible(func() { r.Event("seen") })
			r.ReadOnce("v = *ptr", v, addr.Deref(ptr))
			r.Set(i, i.IsZero())
		})
	}))
	m, err := machine.Compile(machine.Options{Memory: model.TSO, BufferSizes: []int{2}}, p)
	if err != nil {
		t.Fatal(err)
	}
	step, flush := ir.Transition{}, ir.Transition{Kind: ir.Flush}
	tr, err := trace.Play(m, []ir.Transition{step, step, step, step, flush, flush, step})
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	reads := tr.ReadsFrom()
	for n, s := range tr.Steps {
		next := tr.Snapshot(n).CPUs[0].Levels[0].Next
		fmt.Fprintf(&said, "%s; next is %s;", s.Statement(), next.Label)
		if s.Waits != nil {
			fmt.Fprintf(&said, " %s=%d waits;", s.Waits.Var.Name, s.Waits.Value)
		}
		for _, rd := range reads[n] {
			fmt.Fprintf(&said, " %s from %v;", rd.Var.Name, rd.From)
		}
		for _, c := range s.Changes {
			fmt.Fprintf(&said, " %s=%d;", c.Var.Name, c.After)
		}
		fmt.Fprintf(&said, " %d accesses, %d events\n", len(s.Accesses), len(s.Events))
	}
	want := `a[i] = 1 + i; next is a[i] = 1 + i; a[0]=1 waits; 1 accesses, 0 events
v = *ptr; next is v = *ptr; a[1] from []; 1 accesses, 0 events
a[i] = 1 + i; next is a[i] = 1 + i; a[1]=2 waits; 1 accesses, 0 events
v = *ptr; next is v = *ptr; a[1] from [2]; 1 accesses, 0 events
CPU0's store to a[0] becomes visible; next is a[i] = 1 + i; a[0]=1; 0 accesses, 1 events
CPU0's store to a[1] becomes visible; next is a[i] = 1 + i; a[1]=2; 0 accesses, 1 events
a[i] = 1 + i; next is a[i] = 1 + i; a[0]=1 waits; 1 accesses, 0 events
`
	if said.String() != want {
		t.Errorf("got\n%s\nwant\n%s", said.String(), want)
	}
	var steps []string
	for _, c := range m.Lowered().Coverables() {
		steps = append(steps, fmt.Sprint(c.Stmt().Label, c.Way, c.Compiled))
	}
	if got := strings.Join(steps, "; "); got != "1 true; a[i] = 1 + i-1 true; v = *ptr-1 true" {
		t.Errorf("to be covered: %s", got)
	}
}

// The step in which an index chooses nothing is the last one of its run, and says which statement it is.
func TestStepAstray(t *testing.T) {
	p := model.New("astray")
	a := p.Array("a", 2, model.Bool, model.Int(0))
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		i := r.Local("i", model.UpTo(2))
		r.Pause("pause")
		r.Set(i, model.Int(2))
		r.WriteOnce("a[i] = 1", a.At(i), model.True)
	}))
	m, err := machine.Compile(machine.Options{}, p)
	if err != nil {
		t.Fatal(err)
	}
	pl, err := trace.Follow(m, []ir.Transition{{}})
	if err != nil {
		t.Fatal(err)
	}
	if err = pl.Fail(0); err == nil || !strings.Contains(err.Error(), `at "a[i] = 1" (`) {
		t.Errorf("the error is %v", err)
	}
	if s := pl.Trace.Steps[1]; s.Statement() != "a[i] = 1" || s.Routine != "main" {
		t.Errorf("the last step is %s in %s", s.Statement(), s.Routine)
	}
}
