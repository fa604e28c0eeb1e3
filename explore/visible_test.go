package explore_test

import (
	"context"
	"fmt"
	"testing"

	"ctcheck/explore"
	"ctcheck/internal/plain"
	"ctcheck/model"
)

// Programs with stores that state an event when they become visible, held against the plain explorer: what follows
// such a store is as much part of the code as anything else, also where CPUs are compared for symmetry; and a store
// to other bits of a word is another store, also if one statement makes both. It is long because its table is.
func TestWhatFollowsAVisibleStore(t *testing.T) {
	one, two := model.Int(1), model.Int(2)
	publish := func(r *model.Routine, v *model.Var) {
		r.WriteOnce("v = 1", v, one)
		r.WhenVisible(func() { r.Event(model.Warned) })
	}
	for _, row := range []struct {
		name  string
		cpus  int
		build func(r *model.Routine, v, z *model.Var, cpu int)
		alike bool // the CPUs are interchangeable
		why   string
	}{
		{"the same code", 3, func(r *model.Routine, v, z *model.Var, _ int) {
			publish(r, v)
			r.AtomicAdd("z++", z, one)
		}, true, "nothing tells them apart"},
		{"other bits afterwards", 2, func(r *model.Routine, v, z *model.Var, cpu int) {
			publish(r, v)
			r.AtomicOr("z |= 1 or 2", z, one+model.Int(cpu))
		}, false, "the code after the store differs"},
		{"other bits, and another way to the end", 2, func(r *model.Routine, v, z *model.Var, cpu int) {
			seen, ok := r.LocalOf("seen", v), r.Local("ok", model.Bool)
			r.TryCmpxchg("claim", ok, z, seen, seen)
			r.If(ok.IsZero(), func() { r.Return(nil) })
			publish(r, v)
			r.AtomicOr("z |= 1 or 2", z, one+model.Int(cpu))
		}, false, "that the ends go to each other says nothing of the ways there"},
		{"the same code after a plain store", 3, func(r *model.Routine, v, z *model.Var, _ int) {
			r.WriteOnce("v = 1", v, one)
			r.AtomicAdd("z++", z, one)
		}, true, "nothing tells them apart"},
		{"a plain store, and other bits afterwards", 2, func(r *model.Routine, v, z *model.Var, cpu int) {
			r.WriteOnce("v = 1", v, one)
			r.AtomicOr("z |= 1 or 2", z, one+model.Int(cpu))
		}, false, "the code after the store differs"},
		{"two masks of one statement", 1, func(r *model.Routine, v, z *model.Var, _ int) {
			part := r.Param("mask", model.Bits(2))
			r.WriteOncePart("z = 3, in part", z, part, model.Int(3))
			r.WhenVisible(func() { r.Event(model.Warned) })
		}, false, "each store is of its own bits"},
	} {
		p := model.New(row.name)
		v, z := p.Shared("v", model.Bits(2), model.Int(0)), p.Shared("z", model.Bits(2), model.Int(0))
		for cpu := range row.cpus {
			body := p.Routine("body", func(r *model.Routine) { row.build(r, v, z, cpu) })
			p.CPU(fmt.Sprint("CPU", cpu)).Run(p.Routine("main", func(r *model.Routine) {
				if len(body.Params) == 0 {
					r.Call(body, nil)
					return
				}
				r.Call(body, nil, one)
				r.Call(body, nil, two)
			}))
		}
		var ms []*model.Monitor
		for x := range 4 {
			ms = append(ms, &model.Monitor{Name: fmt.Sprint("never ", x), Never: z.Eq(model.Int(x))},
				&model.Monitor{Name: fmt.Sprint("in the end not ", x), AtEnd: z.Ne(model.Int(x))})
		}
		for _, mm := range model.MemoryModels() {
			want := plain.Explore(mm, p, ms, 5000)
			if want.Err != nil || want.Truncated {
				t.Fatalf("%s: %v, %d states", row.name, want.Err, want.States)
			}
			for _, reduce := range []explore.Reductions{0, explore.Symmetry} {
				r, err := explore.Run(context.Background(), p, ms, explore.Options{Memory: mm,
					Search: explore.BreadthFirst, Reduce: reduce})
				if err != nil {
					t.Fatal(err)
				}
				states := r.States
				if reduce != 0 {
					red := r.Search.Reduced[0]
					if (red.Off == "") != row.alike {
						t.Errorf("%s, %s: symmetry is off: %q; %s", row.name, mm, red.Off, row.why)
					}
					if red.Off == "" {
						states = red.StandFor
					}
				}
				if states != uint64(want.States) {
					t.Errorf("%s, %s, %v: %d states, want %d; %s", row.name, mm, reduce, states,
						want.States, row.why)
				}
				for _, pr := range r.Properties {
					if pr.Violated != want.Violated[pr.Name] {
						t.Errorf("%s, %s, %v: %s violated: %t, want %t; %s", row.name, mm, reduce, pr.Name,
							pr.Violated,
							want.Violated[pr.Name], row.why)
					}
				}
			}
		}
	}
}
