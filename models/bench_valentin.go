package models

import (
	"fmt"

	"ctcheck/model"
)

// bench-valentin is the core of the RFC's design, flat: no frames, no NMIs, callbacks counted and not
// judged. It is not a published design but a yardstick: the same protocol is written for other
// checkers, and its reachable graph has the same states and transitions in all of them.
//
// The target makes rounds rounds: it enters user mode, clears work, fetches it and sets DISABLED,
// leaves user mode, and runs what it fetched in one step. Each setter asks once for its bit (setter i:
// bit i mod works). IPIs are a process of their own that runs the callback of any pending bit at any
// time. The parameters are rounds K, setters S and works B.
var benchValentin = Design{
	Name:    "bench-valentin",
	Summary: "the core of valentin, flat, as a benchmark (rounds, setters, works only)",
	Source:  "derived from RFC v1 11/14; the same graph is known from SPIN, TLC and Rumur",
	LeftOut: []string{"left out: frames, NMIs, the self call; there is nothing to judge, only to count"},
	flat:    true,
	Build:   buildBench,
}

func buildBench(p *model.Program, c Config) {
	work := p.Shared("work", model.Bits(1+c.Works), workDisabled).Flag(workDisabled, "DISABLED")
	user := p.Shared("ust", model.Bool, model.False)
	var pend, exec []*model.Var
	var mask []model.Int
	for b := range c.Works {
		mask = append(mask, model.Int(2)<<b)
		work.Flag(mask[b], workName(b))
		pend = append(pend, p.Shared(fmt.Sprintf("pend[%d]", b), model.Bool, model.False))
		asked := (c.Setters + c.Works - 1 - b) / c.Works
		exec = append(exec, p.Ghost(fmt.Sprintf("exec[%d]", b), model.UpTo(int64(c.Rounds+asked)), model.Int(0)))
	}
	ran := func(r *model.Routine, b int) { r.Set(exec[b], exec[b].Add(model.Int(1))) }

	p.CPU("target").Run(p.Routine("target", func(r *model.Routine) {
		k, w := r.Local("k", model.UpTo(int64(c.Rounds))), r.LocalOf("w", work)
		r.Set(k, model.Int(c.Rounds))
		r.While(k.NonZero(), func() {
			r.WriteOnce("ust = 1", user, model.True)
			r.AtomicSet("work = 0", work, model.Int(0))
			r.AtomicFetchOr("w = fetch_or(DISABLED, work)", w, work, workDisabled)
			r.WriteOnce("ust = 0", user, model.False)
			r.If(w.NonZero(), func() {
				r.Pause("run every bit of w")
				for b := range c.Works {
					r.If(w.Has(mask[b]), func() { ran(r, b) })
				}
				r.Set(w, model.Int(0))
			})
			r.Set(k, k.Sub(model.Int(1)))
		})
	}))
	ipi := p.CPU("ipi").Service()
	ipi.Run(p.Routine("ipi", func(r *model.Routine) {
		pending := r.Local("pending", model.Bool)
		r.Forever(func() {
			var alts []model.Alt
			for b := range c.Works {
				alts = append(alts, r.When(model.True, func() {
					r.Atomic(fmt.Sprintf("run pend[%d]", b), func() {
						r.CondLoadAcquire("pend", pending, pend[b], pending)
						r.WriteOnce("pend = 0", pend[b], model.False)
						ran(r, b)
						r.Set(pending, model.False)
					})
				}))
			}
			r.Choose(alts...)
		})
	}))
	for i := range c.Setters {
		b := i % c.Works
		answer := p.Ghost(fmt.Sprintf("ret[%d]", i), model.Bool, model.False)
		set := p.Routine("set", func(r *model.Routine) {
			old, ok := r.LocalOf("old", work), r.Local("ok", model.Bool)
			r.AtomicRead("old = work", old, work)
			r.While(old.Lacks(workDisabled).And(ok.IsZero()), func() {
				r.TryCmpxchg("ok = try_cmpxchg(&work, &old, old | bit)", ok, work, old, old.Or(mask[b]))
			})
			r.Return(ok)
		})
		p.CPU(fmt.Sprintf("setter %d", i)).Run(p.Routine("setter", func(r *model.Routine) {
			ok := r.Local("ok", model.Bool)
			r.Call(set, ok)
			r.Set(answer, ok)
			r.If(ok.IsZero(), func() { r.WriteOnce("pend[bit] = 1", pend[b], model.True) })
		}))
	}
}
