package explore_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"ctcheck/explore"
	"ctcheck/internal/plain"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/verdict"
)

func under(t *testing.T, mm model.MemoryModel, p *model.Program, o explore.Options,
	ms ...*model.Monitor) *verdict.Result {
	t.Helper()
	o.Memory = mm
	r, err := explore.Run(context.Background(), p, ms, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// stores is a CPU that stores n times without a barrier, and one that does nothing.
func stores(n int) *model.Program {
	p := model.New("stores")
	x := p.Shared("x", model.Bits(5), model.Int(0))
	task(p, "idle", func(*model.Routine) {})
	task(p, "busy", func(r *model.Routine) {
		for i := range n {
			r.WriteOnce("x = i", x, model.Int(i+1))
		}
	})
	return p
}

// The buffers get as much room as the stores need, each CPU for itself, and no more than there is.
func TestBuffersGrow(t *testing.T) {
	for _, row := range []struct {
		stores, room int
		why          string
	}{
		{0, 1, "the least there is"},
		{1, 1, "it fits"},
		{2, 2, "twice as much"},
		{3, 4, "twice as much again"},
		{9, 16, "and again"},
		{16, 16, "the most"},
		{17, 16, "more than there may be"},
	} {
		for _, o := range uncut {
			p := stores(row.stores)
			r := under(t, model.TSO, p, o)
			if got := fmt.Sprint(r.Search.BufferSizes); got != fmt.Sprint([]int{1, row.room}) {
				t.Errorf("%+v, %d stores: room for %s, want [1 %d]: %s", o, row.stores, got, row.room, row.why)
			}
			want := plain.Explore(model.TSO, p, nil, 1000)
			enough := row.stores <= row.room
			if r.Complete != enough || (r.Verdict == verdict.Holds) != enough ||
				enough && (r.States != uint64(want.States) || r.Transitions != uint64(want.Transitions)) {
				t.Errorf("%+v, %d stores: %v, %d states; plain %d: %s", o, row.stores, r.Verdict, r.States,
					want.States, row.why)
			}
			if !enough && r.Bound != verdict.AtBuffer {
				t.Errorf("%+v: cut by %q, want the buffer", o, r.Bound)
			}
		}
	}
}

// A loop that stores for ever needs a buffer without end: nothing holds of it, but what is violated is.
func TestEndlessStores(t *testing.T) {
	for _, o := range slices.Concat(uncut, reducedModes) {
		if o.Checkpoint != "" {
			continue
		}
		for _, init := range []model.Int{0, 1} {
			p := model.New("endless")
			x := p.Shared("x", model.Bool, init)
			for _, name := range []string{"a", "b"} {
				task(p, name, func(r *model.Routine) {
					r.Forever(func() { r.WriteOnce("x = 1", x, model.True) })
				})
			}
			if r := under(t, model.SC, p, o); r.Verdict != verdict.Holds {
				t.Errorf("%+v: %v under sc, where nothing waits", o, r.Verdict)
			}
			if r := under(t, model.TSO, p, o); r.Verdict != verdict.Incomplete || r.Bound != verdict.AtBuffer {
				t.Errorf("%+v: %v, cut by %q; some store always finds the buffer full", o, r.Verdict, r.Bound)
			}
			never := &model.Monitor{Name: "never", Never: x}
			if r := under(t, model.TSO, p, o, never); r.Verdict != verdict.Violated {
				t.Errorf("%+v: %v, want the violation", o, r.Verdict)
			}
		}
	}
}

// A full buffer in the states at the depth bound counts too, where nothing else is beyond them.
func TestFullBufferAtTheDepthBound(t *testing.T) {
	p := model.New("rim")
	x := p.Shared("x", model.Bool, model.True)
	task(p, "CPU", func(r *model.Routine) {
		r.Forever(func() { r.WriteOnce("x = 1", x, model.True) })
	})
	m, err := machine.Compile(machine.Options{Memory: model.TSO}, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range uncut {
		o.MaxDepth = 1
		r, err := explore.RunMachine(context.Background(), m, o)
		if err != nil {
			t.Fatal(err)
		}
		if r.States != 2 || r.Verdict != verdict.Incomplete || r.Bound != verdict.AtBuffer {
			t.Errorf("%+v: %d states, %v, cut by %q; the second store found no room", o, r.States, r.Verdict,
				r.Bound)
		}
	}
}

// A trace is not called shortest where a shorter one might need more room than there was.
func TestShortestNeedsRoom(t *testing.T) {
	build := func(long, n int) (*model.Program, *model.Monitor) {
		p := model.New("room")
		x, g := p.Shared("x", model.Bool, model.False), p.Ghost("g", model.Bool, model.False)
		task(p, "long", func(r *model.Routine) {
			for range long {
				r.Pause("pause")
			}
			r.Set(g, model.True)
			r.Pause("pause")
		})
		task(p, "busy", func(r *model.Routine) {
			for range n {
				r.WriteOnce("x = 1", x, model.True)
			}
			r.Set(g, model.True)
		})
		return p, &model.Monitor{Name: "never", Never: g}
	}
	for _, row := range []struct {
		long, stores, least int
		first               bool
		shortest            bool
		why                 string
	}{
		{5, 3, 3, false, true, "the buffer has grown to what it takes"},
		{5, 3, 3, true, false, "the first violation comes before the buffer is full"},
		{30, 17, 17, false, false, "the buffer has not grown to what it would take"},
	} {
		for _, o := range uncut {
			p, never := build(row.long, row.stores)
			o.First = row.first
			tr := under(t, model.TSO, p, o, never).Properties[0].Trace
			if want := row.shortest || row.first && o.Search == explore.BreadthFirst; tr.Shortest != want {
				t.Errorf("%+v: %d steps, called shortest: %t, want %t: %s", o, len(tr.Steps), tr.Shortest, want,
					row.why)
			}
			if tr.Shortest && len(tr.Steps) != row.least {
				t.Errorf("%+v: a shortest trace has %d steps, want %d", o, len(tr.Steps), row.least)
			}
		}
	}
}
