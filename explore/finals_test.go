package explore_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ctcheck/explore"
	"ctcheck/internal/plain"
	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/verdict"
)

// An ending is what became of the programs whose ends were compared.
type ending struct{ compared, ended, stuck, both, fewer, errors int }

// endsDisagreement compares the ends of a program with those that the plain explorer finds, where all states are
// expanded one step at a time, and where none is or few are; it is empty where they agree.
func endsDisagreement(mm model.MemoryModel, p *model.Program, n *ending) string {
	want := plain.Explore(mm, p, nil, maxPruned)
	if want.Truncated {
		return ""
	}
	var finals []string
	for f := range want.Finals { // the ghosts of the program's own monitors follow its variables
		finals = append(finals, strings.Join(strings.Fields(f)[:len(p.Vars)], " "))
	}
	slices.Sort(finals)
	finals = slices.Compact(finals)
	n.compared++
	var first uint64
	for _, few := range []int{1 << 30, 0, 3} {
		e, err := explore.EndsAfter(context.Background(), explore.Options{Memory: mm}, few, p)
		if (err != nil) != (want.Err != nil) {
			return fmt.Sprintf("%d states one at a time: error %v, plain %v", few, err, want.Err)
		}
		if err != nil {
			n.errors++
			return ""
		}
		if e.Bound == verdict.AtBuffer {
			return ""
		}
		var got []string
		for _, f := range e.Finals {
			got = append(got, strings.Trim(fmt.Sprint(f), "[]"))
		}
		slices.Sort(got)
		if !slices.Equal(got, finals) || e.Deadlock != want.Deadlock || e.Bound != verdict.NoBound {
			return fmt.Sprintf("%d states one at a time: ends %q, deadlock %t, bound %q, plain %q, %t", few, got,
				e.Deadlock,
				e.Bound, finals, want.Deadlock)
		}
		switch {
		case few > maxPruned && e.States > uint64(want.States),
			few > maxPruned && mm == model.SC && e.States < uint64(want.States):
			return fmt.Sprintf("%d states, plain %d", e.States, want.States)
		case few > maxPruned:
			first = e.States
		case e.States < first:
			n.fewer++
		}
	}
	if len(finals) > 0 {
		n.ended++
	}
	if want.Deadlock {
		n.stuck++
	}
	if want.Deadlock && len(finals) > 0 {
		n.both++
	}
	return ""
}

func TestEndsAgreeWithPlain(t *testing.T) {
	var n ending
	for seed := range some(250) {
		for _, mm := range memories {
			p, _ := plain.Random(seedBytes(seed))
			if d := endsDisagreement(mm, p, &n); d != "" {
				t.Errorf("seed %d under %s: %s", seed, mm, d)
			}
		}
	}
	t.Logf("%+v", n)
	if !testing.Short() && (n.ended < 200 || n.stuck < 50 || n.both < 8 || n.fewer < 200) {
		t.Errorf("the programs are too much alike: %+v", n)
	}
}

func FuzzEndsAgreeWithPlain(f *testing.F) {
	for seed := range uint64(10) {
		f.Add(seedBytes(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, mm := range memories {
			p, _ := plain.Random(data)
			if d := endsDisagreement(mm, p, &ending{}); d != "" {
				t.Errorf("under %s: %s", mm, d)
			}
		}
	})
}

// What cuts a search for ends is said, and then the ends are no answer.
func TestEndsCut(t *testing.T) {
	p := model.New("many")
	for i := range 6 {
		x := p.Shared(fmt.Sprint("x", i), model.Bits(3), model.Int(0))
		task(p, fmt.Sprint("CPU", i), func(r *model.Routine) {
			for k := range 5 {
				r.WriteOnce("store", x, model.Int(k+1))
				r.ReadOnce("load", r.LocalOf(fmt.Sprint("l", k), x), x)
			}
		})
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	for _, row := range []struct {
		ctx  context.Context
		o    explore.Options
		want verdict.Bound
	}{
		{t.Context(), explore.Options{MaxStates: 7}, verdict.AtStates},
		{t.Context(), explore.Options{MaxBytes: 5000}, verdict.AtBytes},
		{over, explore.Options{}, verdict.AtInterrupt},
		{late, explore.Options{}, verdict.AtTimeout},
		{t.Context(), explore.Options{}, verdict.NoBound},
	} {
		e, err := explore.EndsOf(row.ctx, row.o, p)
		if err != nil || e.Bound != row.want {
			t.Errorf("%+v: cut by %q, error %v, want %q", row.o, e.Bound, err, row.want)
		}
		if row.o.MaxStates > 0 && e.States != row.o.MaxStates {
			t.Errorf("%d states, no more than %d were asked for", e.States, row.o.MaxStates)
		}
	}
	if _, err := explore.EndsOf(t.Context(), explore.Options{}, p, &model.Var{Name: "nobody's"}); err == nil {
		t.Error("a variable of another program has ends")
	}
}

// The room that the code can need is what the stores between two barriers need.
func TestMostWaiting(t *testing.T) {
	build := func(body func(r *model.Routine, x *model.Var)) *model.Program {
		p := model.New("waiting")
		x := p.Shared("x", model.Bits(5), model.Int(0))
		task(p, "CPU0", func(r *model.Routine) { body(r, x) })
		return p
	}
	store := func(r *model.Routine, x *model.Var) { r.WriteOnce("x = 1", x, model.Int(1)) }
	for _, row := range []struct {
		want int
		body func(r *model.Routine, x *model.Var)
		why  string
	}{
		{0, func(r *model.Routine, x *model.Var) { r.ReadOnce("load", r.LocalOf("l", x), x) }, "no store"},
		{3, func(r *model.Routine, x *model.Var) { store(r, x); store(r, x); store(r, x) }, "three"},
		{2, func(r *model.Routine, x *model.Var) { store(r, x); store(r, x); r.SmpMb(); store(r, x) },
			"two, then one"},
		{1, func(r *model.Routine, x *model.Var) { store(r, x); r.AtomicAdd("add", x, model.Int(1)); store(r, x) },
			"a locked instruction"},
		{2, func(r *model.Routine, x *model.Var) {
			l := r.LocalOf("l", x)
			r.ReadOnce("load", l, x)
			r.If(l.Eq(model.Int(1)), func() { store(r, x) }, func() { r.SmpMb() })
			store(r, x)
		}, "the longer way"},
		{9, func(r *model.Routine, x *model.Var) { r.Forever(func() { store(r, x) }) },
			"as many as are asked about"},
		{1, func(r *model.Routine, x *model.Var) { r.Forever(func() { store(r, x); r.SmpMb() }) },
			"a loop with a barrier"},
		{0, func(r *model.Routine, x *model.Var) { r.Atomic("all", func() { store(r, x) }) },
			"an Atomic stores at once"},
	} {
		low, err := ir.Lower(build(row.body))
		if err != nil {
			t.Fatal(err)
		}
		f := ir.Flow{Program: low, Memory: model.TSO}
		if got := f.MostWaiting(low.CPUs[0].Levels[0], 9); got != row.want {
			t.Errorf("%s: %d wait, want %d", row.why, got, row.want)
		}
	}
}

// Store buffers get the room that they need also where the code does not say how much that is: two CPUs, which an
// NMI may hit, store twice each and load what the other stored.
func TestEndsWithLargerBuffers(t *testing.T) {
	p := model.New("n3")
	var vs, saw [2]*model.Var
	for i := range vs {
		vs[i] = p.Shared(fmt.Sprint("x", i), model.UpTo(2), model.Int(0))
		saw[i] = p.Ghost(fmt.Sprint("saw", i), model.UpTo(2), model.Int(2))
	}
	for i := range vs {
		c := p.CPU(fmt.Sprint("CPU", i))
		c.Run(p.Routine(c.Name, func(r *model.Routine) {
			l := r.LocalOf("l", vs[1-i])
			r.WriteOnce("x = 1", vs[i], model.Int(1))
			r.WriteOnce("x = 2", vs[i], model.Int(2))
			r.ReadOnce("l = y", l, vs[1-i])
			r.Set(saw[i], l)
		}))
		c.OnNMI(p.Routine("nmi", func(r *model.Routine) { r.Pause("nmi") }), 1, 1)
	}
	for _, few := range []int{0, 1 << 30} {
		e, err := explore.EndsAfter(t.Context(), explore.Options{Memory: model.TSO}, few, p, saw[:]...)
		want := "[[0 0] [0 1] [0 2] [1 0] [1 1] [1 2] [2 0] [2 1] [2 2]]"
		if got := fmt.Sprint(e.Finals); err != nil || got != want {
			t.Errorf("%d states one at a time: %s, error %v, want %s", few, got, err, want)
		}
	}
}
