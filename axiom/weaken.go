package axiom

import (
	"context"
	"slices"

	"ctcheck/model"
	"ctcheck/threads"
)

// A Weakening is a program with one order of one instruction taken away or made weaker.
type Weakening struct {
	Thread, Instr int
	Label         string // the statement
	Line          int
	Change        string // what is done to it, as: acquire becomes relaxed
	// Allows: an execution satisfies the condition then. Unknown: that was not found out.
	Allows, Unknown bool
}

// Weaken makes each order of a program weaker, one at a time, and looks whether an execution satisfies the
// condition then. The error is that of [Run].
func Weaken(ctx context.Context, p *threads.Program, o Options) (ws []Weakening, err error) {
	o.Mode = Witness
	for t, th := range p.Threads {
		for i := range th.Code {
			for _, w := range weaker(th.Code[i]) {
				q := *p
				q.Threads = slices.Clone(p.Threads)
				changed := *th
				changed.Code = slices.Clone(th.Code)
				changed.Code[i] = w.instr
				q.Threads[t] = &changed
				only := o
				only.OnlyYes = true
				r, err := Run(ctx, &q, only)
				if err != nil {
					return nil, err
				}
				ws = append(ws, Weakening{Thread: t, Instr: i, Label: th.Code[i].Label, Line: th.Code[i].Line,
					Change: w.change, Allows: r.Yes != nil,
					Unknown: r.Yes == nil && (r.Bound != "" || r.Unrolled || r.Murky || r.Fault != nil)})
			}
		}
	}
	return ws, nil
}

// A change is an instruction that is weaker than another.
type change struct {
	instr  threads.Instr
	change string
}

var orderNames = map[model.Order]string{model.Relaxed: "relaxed", model.Acquire: "acquire",
	model.Release: "release",
	model.Full:    "fully ordered"}

// weaker is what an instruction can be made.
func weaker(in threads.Instr) (cs []change) {
	to := func(o model.Order) {
		w := in
		w.Order = o
		cs = append(cs, change{w, orderNames[in.Order] + " becomes " + orderNames[o]})
	}
	gone := func() {
		w := in
		w.Op, w.Fence = threads.Fence, threads.Barrier
		cs = append(cs, change{w, "is taken away"})
	}
	switch in.Op {
	case threads.Fence:
		if in.Fence != threads.Barrier {
			gone()
		}
	case threads.Sync, threads.SrcuSync:
		gone()
	case threads.Read, threads.Write:
		if in.Order == model.Acquire || in.Order == model.Release {
			to(model.Relaxed)
		}
	case threads.Modify:
		if in.Order == model.Full {
			to(model.Acquire)
			to(model.Release)
		}
		if in.Order != model.Relaxed {
			to(model.Relaxed)
		}
	}
	return cs
}
