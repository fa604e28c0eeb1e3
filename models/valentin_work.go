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
// Left out: preempt_disable() and preempt_enable() around set_work, since setters run undisturbed here;
// rcu_dynticks_task_trace_enter() and _exit(), which tell tasks RCU of the transition and touch
// neither word; the WARNs under CONFIG_RCU_EQS_DEBUG; ct_irq_enter() in an interrupt from the kernel,
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

var valentin = Design{
	Name:    "valentin",
	Summary: "a work mask with a DISABLED flag, set from kernel entry to kernel exit",
	Source:  valentinSource,
	Claims: []string{
		"a callback is never executed twice for one request, unlike in Peter Zijlstra's design",
		"callbacks have to be noinstr, non-blocking and NMI safe",
	},
	LeftOut: []string{leftOutDebug},
	Knows:   Knows{Contexts: true, Active: true, Masks: true},
	Build:   func(p *model.Program, c Config) { valentinPatch(p, c).Assemble(p, c) },
}

// A valentinWork is the patch's routines, of one program.
type valentinWork struct {
	state     *model.Var     // ct->state
	work      *model.Var     // ct->work
	setWork   *model.Routine // ct_set_cpu_work(work)
	exitState *model.Routine // ct_kernel_exit_state(offset)
	enter     *model.Routine // ct_kernel_enter_state(offset)
}

// valentinPatch is what the patch adds to kernel/context_tracking.c, in its order.
func valentinPatch(p *model.Program, c Config) *valentinWork {
	state, work := valentinVars(p, c)
	v := &valentinWork{state: state, work: work}

	// The first two are always inlined: they become part of the routine that calls them.
	ctWorkFetch := func(r *model.Routine, ret *model.Var) {
		r.AtomicFetchOr("work = arch_atomic_fetch_or(CONTEXT_WORK_DISABLED, &ct->work)", ret, work, workDisabled)
	}
	ctWorkClear := func(r *model.Routine) {
		r.AtomicSet("arch_atomic_set(&ct->work, 0)", work, model.Int(0))
	}

	ctWorkFlush := p.Routine("ct_work_flush", func(r *model.Routine) {
		w := r.Param("work", work.Range).Like(work)
		r.WarnOnOnce("WARN_ON_ONCE(work & CONTEXT_WORK_DISABLED)", w.Has(workDisabled))
		for b := range c.Works {
			r.If(w.Has(model.Int(2)<<b), func() {
				deferral.Of(p).RunWork(r, callback(b), model.Int(b), deferral.ByFlush)
			})
		}
	})

	v.setWork = p.Routine("ct_set_cpu_work", func(r *model.Routine) {
		bit := r.Param("work", work.Range).Like(work)
		old, ret := r.LocalOf("old_work", work), r.Local("ret", model.Bool)
		r.AtomicRead("old_work = atomic_read(&ct->work)", old, work)
		r.While(old.Lacks(workDisabled).And(ret.IsZero()), func() {
			r.TryCmpxchg("ret = atomic_try_cmpxchg(&ct->work, &old_work, old_work | work)",
				ret, work, old, old.Or(bit))
			r.If(ret, func() { r.Event(deferral.Published) })
		})
		r.Return(ret)
	})

	v.exitState = p.Routine("ct_kernel_exit_state", func(r *model.Routine) {
		offset := r.Param("offset", state.Range)
		r.AtomicAddReturn("seq = ct_state_inc(offset)", nil, state, offset)
		r.Event(deferral.EnteredUser)
		ctWorkClear(r)
	})

	v.enter = p.Routine("ct_kernel_enter_state", func(r *model.Routine) {
		offset := r.Param("offset", state.Range)
		w := r.LocalOf("work", work)
		ctWorkFetch(r, w)
		r.AtomicAddReturn("seq = ct_state_inc(offset)", nil, state, offset)
		r.Event(deferral.LeftUser)
		r.If(w.NonZero(), func() { r.Call(ctWorkFlush, nil, w) })
		r.Event(deferral.Flushed)
	})
	return v
}

// valentinVars declares ct->state and ct->work as they are where the target starts.
func valentinVars(p *model.Program, c Config) (state, work *model.Var) {
	inWork, inState := workDisabled, watching
	switch from := c.Begins(); {
	case from == "":
	case c.transitsRCU(from):
		inWork, inState = 0, contextOf(from)
	default:
		inState |= contextOf(from)
	}
	state = p.Shared("ct->state", model.Bits(3).Mod(), inState)
	nameContexts(state).Flag(watching, "WATCHING")
	work = p.Shared("ct->work", model.Bits(1+c.Works), inWork).Flag(workDisabled, "DISABLED")
	for w := range c.Works {
		work.Flag(model.Int(2)<<w, workName(w))
	}
	return state, work
}

// assemble puts the routines into the actors.
func (v *valentinWork) Assemble(p *model.Program, c Config) {
	b := baseRoutines{p: p, c: c, state: v.state, watching: watching, enter: v.enter, exitState: v.exitState}
	nmiEnter, nmiExit := b.nmi("rcu_dynticks_curr_cpu_in_eqs()")
	Assemble(p, c, Protocol{
		Set:      v.setWork,
		Mask:     func(w int) model.Int { return 2 << w },
		Defers:   slices.ContainsFunc(c.contexts(), c.transitsRCU), // else DISABLED is never taken off
		User:     b.passage(ContextUser, contextUser),
		Idle:     b.passage(ContextIdle, contextIdle),
		Guest:    b.passage(ContextGuest, contextGuest),
		NMIEnter: nmiEnter,
		NMIExit:  nmiExit,
	})
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
