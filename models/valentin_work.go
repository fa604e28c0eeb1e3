package models

import (
	"slices"

	"ctcheck/deferral"
	"ctcheck/model"
)

// Valentin Schneider's design, RFC v1 11/14, 5 Jul 2023,
// <20230705181256.3539027-12-vschneid@redhat.com>, kernel/context_tracking.c.
//
// The work is a mask ct->work with a flag DISABLED of its own: set from kernel entry to kernel
// exit, it keeps setters out. So one compare-and-exchange both asks and answers.
//
// Claimed: a callback is never executed twice for one request, unlike in Peter Zijlstra's design.
// Asked of callbacks: noinstr, non-blocking, NMI safe.
//
// ct->state is mainline's: the context in bits 0 and 1, the RCU counter above. Setters do not read
// it; ct_nmi_enter() asks it whether RCU is watching. Only the lowest bit of the counter is ever
// looked at, so it counts modulo 2.
//
// Left out: the WARNs under CONFIG_RCU_EQS_DEBUG; ct_irq_enter() in an interrupt from the kernel,
// which does nothing there (but see handler: where the target visits idle, it is modelled).

const (
	workDisabled = model.Int(1) // CONTEXT_WORK_DISABLED
	contextIdle  = model.Int(1) // CONTEXT_IDLE
	contextUser  = model.Int(2) // CONTEXT_USER
	contextGuest = model.Int(3) // CONTEXT_GUEST
	watching     = model.Int(4) // RCU_DYNTICKS_IDX: RCU is watching
)

const (
	valentinSource = "Valentin Schneider, RFC v1 11/14, 5 Jul 2023, " +
		"<20230705181256.3539027-12-vschneid@redhat.com>"
	leftOutDebug = "left out: WARNs that need CONFIG_RCU_EQS_DEBUG"
)

// valentinForm says which routines take their two steps in the other order.
type valentinForm struct{ enterSwapped, exitSwapped bool }

var valentin = Design{
	Name:    "valentin",
	Summary: "a work mask with a DISABLED flag, set from kernel entry to kernel exit",
	Source:  valentinSource,
	Claims: []string{
		"a callback is never executed twice for one request, unlike in Peter Zijlstra's design",
		"callbacks have to be noinstr, non-blocking and NMI safe",
	},
	LeftOut: []string{leftOutDebug},
	knows:   extras{contexts: true, active: true, masks: true},
	build:   valentinForm{}.build,
}

// As above, but RCU watches for longer than DISABLED is set: the entry moves the state first and
// then fetches the work, the exit opens ct->work first and then moves the state. An NMI that finds
// RCU not watching is then never inside the entry or the exit.
var valentinSwapped = swapped("valentin-swapped", "in both routines", valentinForm{true, true})

// As above, but only the entry is swapped.
var valentinSwappedEnter = swapped("valentin-swapped-enter", "in the entry only",
	valentinForm{enterSwapped: true})

// As above, but only the exit is swapped.
var valentinSwappedExit = swapped("valentin-swapped-exit", "in the exit only",
	valentinForm{exitSwapped: true})

func swapped(name, where string, form valentinForm) Design {
	return Design{
		Name:    name,
		Summary: "valentin, with the steps on ct->state and ct->work swapped " + where,
		Source:  "derived here from valentin",
		LeftOut: valentin.LeftOut,
		knows:   valentin.knows,
		build:   form.build,
	}
}

func (form valentinForm) build(p *model.Program, c Config) {
	inWork, inState := workDisabled, watching
	switch from := c.begins(); {
	case from == "":
	case c.transitsRCU(from):
		inWork, inState = 0, contextOf(from)
	default:
		inState |= contextOf(from)
	}
	state := p.Shared("ct->state", model.Bits(3).Mod(), inState)
	nameContexts(state).Flag(watching, "WATCHING")
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
			r.If(ret, func() { r.Event(deferral.Published) })
		})
		r.Return(ret)
	})

	d := deferral.Of(p)
	flush := p.Routine("ct_work_flush", func(r *model.Routine) {
		w := r.Param("work", work.Range)
		r.WarnOnOnce("WARN_ON_ONCE(work & CONTEXT_WORK_DISABLED)", w.Has(workDisabled))
		for b := range c.Works {
			r.If(w.Has(model.Int(2)<<b), func() { d.RunWork(r, callback(b), model.Int(b), deferral.ByFlush) })
		}
	})

	enterState := p.Routine("ct_kernel_enter_state", func(r *model.Routine) {
		offset := r.Param("offset", state.Range)
		w := r.LocalOf("work", work)
		inOrder(form.enterSwapped, func() {
			r.AtomicFetchOr("work = arch_atomic_fetch_or(CONTEXT_WORK_DISABLED, &ct->work)",
				w, work, workDisabled)
		}, func() {
			r.AtomicAddReturn("seq = ct_state_inc(offset)", nil, state, offset)
			r.Event(deferral.LeftUser)
		})
		r.If(w.NonZero(), func() { r.Call(flush, nil, w) })
		r.Event(deferral.Flushed)
	})
	exitState := p.Routine("ct_kernel_exit_state", func(r *model.Routine) {
		offset := r.Param("offset", state.Range)
		inOrder(form.exitSwapped, func() {
			r.AtomicAddReturn("seq = ct_state_inc(offset)", nil, state, offset)
			r.Event(deferral.EnteredUser)
		}, func() {
			r.AtomicSet("arch_atomic_set(&ct->work, 0)", work, model.Int(0))
		})
	})

	b := baseRoutines{p, c, state, watching, enterState, exitState}
	nmiEnter, nmiExit := b.nmi("rcu_dynticks_curr_cpu_in_eqs()")
	assemble(p, c, protocol{
		set:      set,
		mask:     func(w int) model.Int { return 2 << w },
		defers:   slices.ContainsFunc(c.contexts(), c.transitsRCU), // else DISABLED is never taken off
		user:     b.passage(ContextUser, contextUser),
		idle:     b.passage(ContextIdle, contextIdle),
		guest:    b.passage(ContextGuest, contextGuest),
		nmiEnter: nmiEnter,
		nmiExit:  nmiExit,
	})
}

func inOrder(swap bool, first, second func()) {
	if swap {
		first, second = second, first
	}
	first()
	second()
}

// contextOf is mainline's number of a context.
func contextOf(name string) model.Int {
	return map[string]model.Int{ContextIdle: contextIdle, ContextUser: contextUser,
		ContextGuest: contextGuest}[name]
}

// nameContexts names the values of mainline's context bits.
func nameContexts(state *model.Var) *model.Var {
	return state.Case(model.Int(3), contextIdle, "IDLE").Case(model.Int(3), contextUser, "USER").
		Case(model.Int(3), contextGuest, "GUEST")
}
