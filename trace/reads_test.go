package trace_test

import (
	"fmt"
	"slices"
	"testing"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/trace"
)

// A load sees the CPU's own store that waits, the others see it once it is in memory, a store to part of a word
// leaves the writers of the rest, and what nobody wrote has no step.
func TestReadsFrom(t *testing.T) {
	p := model.New("reads")
	x, y := p.Shared("x", model.Bits(4), model.Int(0)), p.Shared("y", model.Bits(4), model.Int(0))
	p.CPU("CPU0").Run(p.Routine("writer", func(r *model.Routine) {
		v := r.LocalOf("v", x)
		r.WriteOnce("x = 12", x, model.Int(12))
		r.WriteOncePart("x low = 3", x, model.Int(3), model.Int(3))
		r.ReadOnce("v = x", v, x)
		r.WriteOnce("x = 1", x, model.Int(1))
		part := p.Routine("part", func(r *model.Routine) {
			r.WriteOncePart("y in part = 3", y, r.Param("mask", model.Bits(4)), model.Int(3))
		})
		r.WriteOnce("y = 8", y, model.Int(8))
		r.Call(part, nil, model.Int(3)) // the mask is an argument
		r.ReadOnce("v = y", v, y)
	}))
	p.CPU("CPU1").Run(p.Routine("reader", func(r *model.Routine) {
		v := r.LocalOf("v", x)
		r.ReadOnce("first", v, x)
		r.ReadOnce("second", v, x)
		r.ReadOnce("third", v, x)
		r.AtomicFetchAdd("fourth", v, x, model.Int(1))
		r.ReadOnce("fifth", v, x)
		r.ReadOnce("other", v, y)
	}))
	m, err := machine.Compile(machine.Options{Memory: model.TSO, BufferSizes: []int{3}}, p)
	if err != nil {
		t.Fatal(err)
	}
	writer, flush, reader := ir.Transition{}, ir.Transition{Kind: ir.Flush}, ir.Transition{CPU: 1}
	tr, err := trace.Play(m, []ir.Transition{writer, writer, writer, reader, flush, reader, flush, reader, writer,
		flush, reader, reader, reader, writer, flush, writer, flush, writer})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"v = x":  "x from [x = 12 x low = 3]",
		"first":  "x from []",
		"second": "x from [x = 12]",
		"third":  "x from [x = 12 x low = 3]",
		"fourth": "x from [x = 1]",
		"fifth":  "x from [fourth]",
		"other":  "y from []",
		"v = y":  "y from [y = 8 y in part = 3]",
	}
	for n, reads := range tr.ReadsFrom() {
		for _, rd := range reads {
			var from []string
			for _, k := range rd.From {
				from = append(from, tr.Steps[k].Statement())
			}
			label := tr.Steps[n].Statement()
			if got := fmt.Sprintf("%s from %v", rd.Var.Name, from); got != want[label] {
				t.Errorf("%s read %s, want %q", label, got, want[label])
			}
			if !slices.IsSorted(rd.From) {
				t.Errorf("%s read from %v, which is not in order", label, rd.From)
			}
			delete(want, label)
		}
	}
	for label := range want {
		t.Errorf("%s read nothing", label)
	}
}
