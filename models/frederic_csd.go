package models

import (
	"fmt"

	"ctcheck/deferral"
	"ctcheck/model"
)

// Frederic Weisbecker's sketch of 5 Apr 2023, <ZC1j8ivE/kK7+Gd5@lothringen>.
//
// The work is an item in the queue that IPIs already have, call_single_queue, and the context
// decides whether to send one. Who adds an item to a queue that is not empty relies on the earlier
// adder. The target's entry and the IPI's handler each take the whole queue and run it. NMIs do
// nothing.
//
// Read as it is written: the answer is true whenever this call sends no IPI, also where it relies
// on an earlier adder that may yet send one. An urgent request (a plain smp_call_function) is added
// to the same queue and sends an IPI iff it was first. The target's own call of on_each_cpu_cond()
// does not pass through the queue: it runs its callback on the spot. The sketch does not show the
// exit; it is one full read-modify-write that says USER.
//
// The queue is a mask with a bit for each item, for no item is in it twice; so items run in the
// order of their requests and not in that of the llist, which no property speaks of.
//
// Left out: idle and guest; the RCU counter, which nothing reads.

var fredericCSD = Design{
	Name:    "frederic-csd",
	Summary: "the work queued as a csd, the context deciding whether to send the IPI",
	Source:  "Frederic Weisbecker, sketch of 5 Apr 2023, <ZC1j8ivE/kK7+Gd5@lothringen>",
	LeftOut: []string{
		"left out: idle and guest, and the RCU counter, which nothing reads",
		"the answer is true whenever the call sends no IPI, also where it relies on an earlier adder " +
			"that may yet send one",
		"the target's own call runs its callback on the spot and queues nothing",
	},
	Knows: Knows{Urgent: true},
	Build: buildFredericCSD,
}

func buildFredericCSD(p *model.Program, c Config) {
	works := c.Asked()
	items := len(works)
	if c.Self {
		items-- // the target's own call queues nothing
	}
	start := model.Int(0)
	if c.Start == StartUser {
		start = contextUser
	}
	state := p.Shared("ct->state", model.Bits(2), start).Case(model.Int(3), contextUser, "USER")
	queue := p.Shared("call_single_queue", model.Bits(items), model.Int(0))
	for i := range items {
		queue.Flag(model.Int(1)<<i, fmt.Sprintf("csd_%d", i+1))
	}

	set := p.Routine("__smp_call_single_queue", func(r *model.Routine) {
		item, urgent := r.Param("item", queue.Range).Like(queue), r.Param("urgent", model.Bool)
		before, s := r.LocalOf("found in the queue", queue), r.LocalOf("state", state)
		r.AtomicFetchOr("first = llist_add(&csd->node, &call_single_queue)", before, queue, item)
		r.Event(deferral.Published)
		r.If(before.NonZero(), func() { r.Return(model.True) })
		r.If(urgent, func() { r.Return(model.False) })
		r.AtomicRead("state = atomic_read(&ct->state)", s, state)
		r.Return(s.Eq(contextUser))
	})
	local := p.Routine("smp_call_function_many_cond", func(r *model.Routine) { r.Return(model.False) })

	run := func(name, label string, o deferral.Origin) *model.Routine {
		return p.Routine(name, func(r *model.Routine) {
			q := r.LocalOf("list", queue)
			r.Xchg("list = llist_del_all(&call_single_queue)", q, queue, model.Int(0))
			for i := range items {
				r.If(q.Has(model.Int(1)<<i), func() { deferral.Of(p).RunWork(r, label, model.Int(works[i]), o) })
			}
		})
	}
	enter := func(r *model.Routine) {
		flush := run("flush_smp_call_function_queue", "csd->func(csd->info)", deferral.ByFlush)
		r.Xchg("atomic_xchg(&ct->state, CONTEXT_KERNEL)", nil, state, model.Int(0))
		r.Event(deferral.LeftUser)
		r.Call(flush, nil)
		r.Event(deferral.Flushed)
	}
	exit := func(r *model.Routine) {
		r.Xchg("atomic_xchg(&ct->state, CONTEXT_USER)", nil, state, contextUser)
		r.Event(deferral.EnteredUser)
	}
	Assemble(p, c, Protocol{
		SetOf: func(qs []*deferral.Request) *SetRoute {
			q := qs[0]
			if q.IPI == nil {
				return &SetRoute{local, nil}
			}
			urgent := model.False
			if q.Urgent {
				urgent = model.True
			}
			return &SetRoute{set, []model.Value{model.Int(1) << q.Index, urgent}}
		},
		User:   Passage{enter, exit},
		Defers: items > 1 || c.Urgent == 0, // a single urgent request is always the first
		OnIPI: func(r *model.Routine) {
			r.Call(run("flush_smp_call_function_queue", "csd->func(csd->info)", deferral.ByIPI), nil)
		},
	})
}
