package models

import "ctcheck/model"

// Valentin Schneider's design, RFC v1 11/14, 5 Jul 2023,
// <20230705181256.3539027-12-vschneid@redhat.com>, kernel/context_tracking.c.
//
// The work is a mask ct->work with a flag DISABLED of its own: set from kernel entry to kernel exit, it
// keeps setters out. So one compare-and-exchange both asks and answers.
//
// Claimed: a callback is never executed twice for one request, unlike in Peter Zijlstra's design.
// Asked of callbacks: noinstr, non-blocking, NMI safe.
//
// ct->state is mainline's: the context in bits 0 and 1, the RCU counter above. Setters do not read it;
// ct_nmi_enter() asks it whether RCU is watching. Only the lowest bit of the counter is ever looked
// at, so it counts modulo 2.
//
// Left out: idle and guest; the WARNs under CONFIG_RCU_EQS_DEBUG; ct_irq_enter(), which does nothing
// in an interrupt from the kernel.

const (
	workDisabled = model.Int(1) // CONTEXT_WORK_DISABLED
	contextUser  = model.Int(2) // CONTEXT_USER
	watching     = model.Int(4) // RCU_DYNTICKS_IDX: RCU is watching
)

var valentin = Design{
	Name:    "valentin",
	Summary: "a work mask with a DISABLED flag, set from kernel entry to kernel exit",
	Source: "Valentin Schneider, RFC v1 11/14, 5 Jul 2023, " +
		"<20230705181256.3539027-12-vschneid@redhat.com>",
	LeftOut: []string{"left out: idle and guest, and WARNs that need CONFIG_RCU_EQS_DEBUG"},
	build:   buildValentin,
}

func buildValentin(p *model.Program, c Config) {
	inWork, inState := workDisabled, watching
	if c.Start == StartUser {
		inWork, inState = 0, contextUser
	}
	state := p.Shared("ct->state", model.Bits(3).Mod(), inState).
		Flag(contextUser, "USER").Flag(watching, "WATCHING")
	work := p.Shared("ct->work", model.Bits(1+c.Works), inWork).Flag(workDisabled, "DISABLED")
	for w := range c.Works {
		work.Flag(model.Int(2)<<w, workName(w))
	}

	set := p.Routine("ct_set_cpu_work", func(r *model.Routine) {
		bit := r.Param("work", work.Range)
		old, ret := r.LocalOf("old_work", work), r.Local("ret", model.Bool)
		r.AtomicRead("old_work = atomic_read(&ct->work)", old, work)
		r.While(old.Lacks(workDisabled).And(ret.IsZero()), func() {
			r.TryCmpxchg("ret = atomic_try_cmpxchg(&ct->work, &old_work, old_work | work)",
				ret, work, old, old.Or(bit))
			r.If(ret, func() { r.Event(model.Published) })
		})
		r.Return(ret)
	})

	flush := p.Routine("ct_work_flush", func(r *model.Routine) {
		w := r.Param("work", work.Range)
		r.WarnOnOnce("WARN_ON_ONCE(work & CONTEXT_WORK_DISABLED)", w.Has(workDisabled))
		for b := range c.Works {
			r.If(w.Has(model.Int(2)<<b), func() { r.RunWork(callback(b), model.Int(b), model.ByFlush) })
		}
	})

	enterState := p.Routine("ct_kernel_enter_state", func(r *model.Routine) {
		offset := r.Param("offset", state.Range)
		w := r.LocalOf("work", work)
		r.AtomicFetchOr("work = arch_atomic_fetch_or(CONTEXT_WORK_DISABLED, &ct->work)",
			w, work, workDisabled)
		r.AtomicAddReturn("seq = ct_state_inc(offset)", nil, state, offset)
		r.Event(model.LeftUser)
		r.If(w.NonZero(), func() { r.Call(flush, nil, w) })
		r.Event(model.Flushed)
	})
	exitState := p.Routine("ct_kernel_exit_state", func(r *model.Routine) {
		offset := r.Param("offset", state.Range)
		r.AtomicAddReturn("seq = ct_state_inc(offset)", nil, state, offset)
		r.Event(model.EnteredUser)
		r.AtomicSet("arch_atomic_set(&ct->work, 0)", work, model.Int(0))
	})

	nmiEnter := p.Routine("ct_nmi_enter", func(r *model.Routine) {
		s := r.LocalOf("state", state)
		r.AtomicRead("rcu_dynticks_curr_cpu_in_eqs()", s, state)
		r.If(s.Has(watching), func() { r.Return(model.False) })
		r.Call(enterState, nil, watching)
		r.Return(model.True)
	})
	nmiExit := p.Routine("ct_nmi_exit", func(r *model.Routine) {
		entered := r.Param("entered", model.Bool)
		r.If(entered, func() { r.Call(exitState, nil, watching) })
	})

	assemble(p, c, protocol{
		set:      set,
		mask:     func(w int) model.Int { return 2 << w },
		defers:   true,
		enter:    func(r *model.Routine) { r.Call(enterState, nil, watching-contextUser) },
		exit:     func(r *model.Routine) { r.Call(exitState, nil, watching+contextUser) },
		nmiEnter: nmiEnter,
		nmiExit:  nmiExit,
	})
}
