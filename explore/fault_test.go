package explore_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/internal/plain"
	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/trace"
)

// overflow is two CPUs that add to a variable that holds only one addition, after a step each.
func overflow(holds int64) *model.Program {
	p := model.New("overflow")
	overflowing(p, holds)
	return p
}

func overflowing(p *model.Program, holds int64) {
	v := p.Shared("v", model.UpTo(holds), model.Int(0))
	add := p.Routine("add", func(r *model.Routine) {
		r.Pause("before")
		r.AtomicAdd("atomic_inc(&v)", v, model.Int(1))
	})
	for _, name := range []string{"CPU0", "CPU1"} {
		p.CPU(name).Run(add)
	}
}

// handled is a CPU whose handler asserts what does not hold once the CPU has stored.
func handled() *model.Program {
	p := model.New("handled")
	v := p.Shared("v", model.Bool, model.False)
	c := p.CPU("CPU0")
	ipi := c.IPI("ipi", p.Routine("handler", func(r *model.Routine) {
		seen := r.LocalOf("seen", v)
		r.ReadOnce("seen = READ_ONCE(v)", seen, v)
		r.Assert(seen.IsZero(), "the handler must come first")
	}))
	c.Run(p.Routine("CPU0 task", func(r *model.Routine) {
		r.SendIPI("send", ipi)
		r.WriteOnce("WRITE_ONCE(v, 1)", v, model.True)
		r.Pause("rest")
	}))
	return p
}

// endless is a CPU that loops without a step after the other one has stored.
func endless() *model.Program {
	p := model.New("endless")
	v := p.Shared("v", model.Bool, model.False)
	p.CPU("CPU0").Run(p.Routine("store", func(r *model.Routine) { r.WriteOnce("WRITE_ONCE(v, 1)", v, model.True) }))
	p.CPU("CPU1").Run(p.Routine("spin", func(r *model.Routine) {
		seen := r.LocalOf("seen", v)
		r.ReadOnce("seen = READ_ONCE(v)", seen, v)
		r.While(seen, func() {})
	}))
	return p
}

// faultModes is every kind of search.
func faultModes() map[string]explore.Options {
	modes := map[string]explore.Options{}
	both := explore.Symmetry | explore.PartialOrder
	for _, order := range []explore.Order{explore.DepthFirst, explore.BreadthFirst} {
		for _, store := range []explore.Store{explore.Exact, explore.Bitstate, explore.Hash128} {
			for _, reduce := range []explore.Reductions{0, explore.Symmetry, explore.PartialOrder, both} {
				o := explore.Options{Search: order, Store: store, Reduce: reduce, Workers: 1}
				name := fmt.Sprintf("%s, %s, %s", order, store, reduce)
				modes[name] = o
				if order == explore.BreadthFirst && store == explore.Exact {
					o.Workers = 3
					modes[name+", 3 workers"] = o
				}
			}
		}
		modes[order.String()+", coverage"] = explore.Options{Search: order, Coverage: true}
		modes[order.String()+", first"] = explore.Options{Search: order, First: true}
	}
	return modes
}

// faultOf is the fault that an error stands for, with its run.
func faultOf(t *testing.T, what string, err error) *trace.Fault {
	t.Helper()
	var f *trace.Fault
	if !errors.As(err, &f) || f.Trace == nil {
		t.Fatalf("%s: %v has no run", what, err)
	}
	var kind *ir.Fault
	if !errors.As(err, &kind) || !strings.Contains(err.Error(), kind.What) {
		t.Errorf("%s: %v is no fault of the program", what, err)
	}
	return f
}

// Every search that meets a fault has a shortest run that leads there, with the fault as its last step, which
// changes nothing.
func TestEverySearchHasTheRunToAFault(t *testing.T) {
	for _, row := range []struct {
		build func() *model.Program
		steps int
		last  string
		what  string
	}{
		{func() *model.Program { return overflow(1) }, 4, "atomic_inc(&v)", "v = 2 is outside its range 0..1"},
		{handled, 4, "seen = READ_ONCE(v)", "the handler must come first"},
		{endless, 2, "seen = READ_ONCE(v)", "loops without a step"},
	} {
		for name, o := range faultModes() {
			for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
				o.Memory = mm
				p := row.build()
				_, err := explore.Run(t.Context(), p, nil, o)
				what := fmt.Sprintf("%s, %s, %s", p.Name, name, mm)
				f := faultOf(t, what, err)
				last := f.Trace.Steps[len(f.Trace.Steps)-1]
				steps := row.steps
				if mm == model.TSO && p.Name != "overflow" {
					steps++ // the store has to arrive
				}
				if len(f.Trace.Steps) != steps || last.Statement() != row.last || !f.Trace.Shortest ||
					len(last.Changes) > 0 || !strings.Contains(err.Error(), row.what) {
					t.Errorf("%s: %d steps, the last %q with %v, shortest %t: %v", what, len(f.Trace.Steps),
						last.Statement(), last.Changes, f.Trace.Shortest, err)
				}
			}
		}
	}
}

// Who asks for something else than a verdict gets the run, too; what happens before the first step has none.
func TestOtherSearchesHaveTheRunToAFault(t *testing.T) {
	p := overflow(1)
	_, err := explore.Finals(t.Context(), model.SC, p)
	faultOf(t, "final states", err)
	_, err = explore.GraphOf(t.Context(), p, nil, explore.Options{}, 100)
	faultOf(t, "the graph", err)
	s, err := explore.NewSession(p, nil, explore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Nearest(t.Context(), []ir.Transition{{CPU: 1}}, func(explore.StepInfo) bool { return false },
		explore.Options{})
	if f := faultOf(t, "the nearest", err); len(f.Trace.Steps) != 4 || f.Trace.Steps[0].CPU.Index != 1 {
		t.Errorf("the run does not go on from where it was: %d steps", len(f.Trace.Steps))
	}
	never := props.Eventually("never", p.Vars[0].Eq(model.Int(9)))
	_, err = explore.Run(t.Context(), p, []*model.Monitor{never}, explore.Options{})
	faultOf(t, "whole runs", err)

	at := model.New("at once")
	v := at.Ghost("v", model.UpTo(1), model.Int(0))
	at.CPU("CPU0").Run(at.Routine("main", func(r *model.Routine) {
		r.Set(v, v.Add(model.Int(2)))
		r.Pause("rest")
	}))
	for name, o := range faultModes() {
		var f *trace.Fault
		if _, err := explore.Run(t.Context(), at, nil, o); !errors.As(err, &f) || f.Trace != nil || f.Why == "" {
			t.Errorf("%s: %v, %+v", name, err, f)
		}
	}
	var f *trace.Fault
	if _, err := explore.NewSession(at, nil, explore.Options{}); !errors.As(err, &f) {
		t.Errorf("a session begins after %v", err)
	}
}

// Where there is no room for a second search, the run that the first one found is handed out, and says that it may
// not be a shortest one.
func TestFaultsBehindABound(t *testing.T) {
	noise := func(p *model.Program) {
		for i := range 6 {
			c := p.Shared(fmt.Sprint("c", i), model.UpTo(int64(200+i)).Mod(), model.Int(0))
			p.CPU(fmt.Sprint("noise", i)).Run(p.Routine("noise", func(r *model.Routine) {
				r.Forever(func() { r.AtomicAdd("atomic_inc(&c)", c, model.Int(1)) })
			}))
		}
	}
	for _, row := range []struct {
		o     explore.Options
		first bool // the noise comes first, where the search turns to the last CPU first
	}{
		{explore.Options{MaxStates: 20}, false},
		{explore.Options{Store: explore.Hash128, MaxStates: 40}, true},
		{explore.Options{Store: explore.Bitstate, MaxStates: 40}, true},
		{explore.Options{Reduce: explore.Symmetry, MaxStates: 20}, false},
	} {
		p := model.New("noisy")
		if row.first {
			noise(p)
		}
		overflowing(p, 1)
		if !row.first {
			noise(p)
		}
		_, err := explore.Run(t.Context(), p, nil, row.o)
		f := faultOf(t, fmt.Sprint(row.o.Store, row.o.Reduce), err)
		if f.Trace.Shortest || len(f.Trace.Steps) < 4 {
			t.Errorf("%s: the run of %d steps is a shortest one", row.o.Store, len(f.Trace.Steps))
		}
	}
}

// A breadth-first search with a lossy store comes to a fault that is out of reach for the exact one.
func TestFaultsOutOfReachOfTheExactStore(t *testing.T) {
	p := model.New("deep")
	v := p.Shared("v", model.UpTo(2000), model.Int(0))
	for i := range 30 { // which make the states wide
		p.Shared(fmt.Sprint("x", i), model.Bits(32), model.Int(0))
	}
	p.CPU("CPU0").Run(p.Routine("count", func(r *model.Routine) {
		r.Forever(func() { r.AtomicAdd("atomic_inc(&v)", v, model.Int(1)) })
	}))
	_, err := explore.Run(t.Context(), p, nil, explore.Options{Search: explore.BreadthFirst, Store: explore.Hash128,
		MaxBytes: 1_900_000})
	f := faultOf(t, "deep", err)
	if f.Trace.Shortest || len(f.Trace.Steps) != 2001 {
		t.Errorf("%d steps, a shortest run: %t", len(f.Trace.Steps), f.Trace.Shortest)
	}
}

// A search that meets a fault writes no checkpoint: what it was about to expand is lost.
func TestNoCheckpointOfAFault(t *testing.T) {
	for _, workers := range []int{1, 3} {
		file := filepath.Join(t.TempDir(), "checkpoint")
		_, err := explore.Run(t.Context(), overflow(1), nil, explore.Options{Search: explore.BreadthFirst,
			Workers: workers, Checkpoint: file})
		faultOf(t, "with a checkpoint", err)
		if _, err := os.Stat(file); err == nil {
			t.Errorf("%d workers: there is a checkpoint", workers)
		}
	}
}

// Of random programs that are at fault every search has a run of the same length.
func TestRunsToFaultsOfRandomPrograms(t *testing.T) {
	faults, lossy := 0, 0
	n := some(500)
	for i := range n {
		p, ms := plain.Random(seedBytes(i))
		_, err := explore.Run(t.Context(), p, ms, explore.Options{Search: explore.BreadthFirst, MaxStates: 1000})
		var want *trace.Fault
		if !errors.As(err, &want) || want.Trace == nil {
			continue
		}
		faults++
		for name, o := range faultModes() {
			o.MaxStates = 1000
			q, ms := plain.Random(seedBytes(i))
			if o.Unsound(q, ms) != nil {
				continue
			}
			r, err := explore.Run(t.Context(), q, ms, o)
			var got *trace.Fault
			switch {
			case err == nil && (!r.Complete || o.Store != explore.Exact): // it stopped before, or missed the fault
			case !errors.As(err, &got) || got.Trace == nil:
				t.Errorf("program %d, %s: %v has no run", i, name, err)
			case got.Trace.Shortest && len(got.Trace.Steps) != len(want.Trace.Steps):
				t.Errorf("program %d, %s: a shortest run has %d steps, want %d", i, name, len(got.Trace.Steps),
					len(want.Trace.Steps))
			default:
				lossy++
			}
		}
	}
	if t.Logf("%d faults, %d runs", faults, lossy); faults < int(n)/50 {
		t.Errorf("only %d of %d programs are at fault", faults, n)
	}
}
