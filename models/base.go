package models

import (
	"ctcheck/deferral"
	"ctcheck/model"
)

// This file has the routines of kernel/context_tracking.c that the Valentin series and Frederic's
// alternative share, from v1 to v7: the ways that lead to ct_kernel_enter_state() and
// ct_kernel_exit_state().
//
// User, guest and idle entry and exit always lead there, with the context's offset. ct_nmi_enter()
// does so only if it finds RCU not watching, with the counter's offset alone: the context stays
// what it was. ct_nmi_exit() undoes just that. An interrupt from idle goes through the NMI pair,
// one from user mode is a user exit.
//
// A CPU with ct->active == false moves the context to user or guest and back with a plain atomic
// add and RCU goes on watching it; its idle loop is as on any CPU.

// baseRoutines is what the ways need to know.
type baseRoutines struct {
	p         *model.Program
	c         Config
	state     *model.Var
	watching  model.Int      // the unit of the RCU counter: set while RCU watches
	enter     *model.Routine // ct_kernel_enter_state(offset)
	exitState *model.Routine // ct_kernel_exit_state(offset)
}

// transitsRCU reports whether RCU stops watching in the context.
func (c Config) transitsRCU(context string) bool { return c.Active || context == ContextIdle }

// passage is the way from and to a context whose number is that of the kernel and d.
func (b baseRoutines) passage(context string, d model.Int) Passage {
	name := map[string]string{ContextUser: "CONTEXT_USER", ContextIdle: "CONTEXT_IDLE",
		ContextGuest: "CONTEXT_GUEST"}[context]
	if b.c.transitsRCU(context) {
		return Passage{
			Enter: func(r *model.Routine) { r.Call(b.enter, nil, b.watching-d) },
			Exit:  func(r *model.Routine) { r.Call(b.exitState, nil, b.watching+d) },
		}
	}
	leave := b.p.Routine("__ct_user_exit", func(r *model.Routine) {
		r.AtomicSub("raw_atomic_sub("+name+", &ct->state)", b.state, d)
		r.Event(deferral.LeftUser)
		r.Event(deferral.Flushed)
	})
	arrive := b.p.Routine("__ct_user_enter", func(r *model.Routine) {
		r.AtomicAdd("raw_atomic_add("+name+", &ct->state)", b.state, d)
		r.Event(deferral.EnteredUser)
	})
	return Passage{
		Enter: func(r *model.Routine) { r.Call(leave, nil) },
		Exit:  func(r *model.Routine) { r.Call(arrive, nil) },
	}
}

// nmi is ct_nmi_enter(), which says whether it went through ct_kernel_enter_state(), and
// ct_nmi_exit(). The label is the test of whether RCU is watching.
func (b baseRoutines) nmi(test string) (enter, exit *model.Routine) {
	return b.nmiOver(test, 0, nil)
}

// nmiOver is as nmi, but the offset has d besides the counter, and before runs first where RCU is
// not watching.
func (b baseRoutines) nmiOver(test string, d model.Int, before func(r *model.Routine)) (enter,
	exit *model.Routine) {
	enter = b.p.Routine("ct_nmi_enter", func(r *model.Routine) {
		s := r.LocalOf("state", b.state)
		r.AtomicRead(test, s, b.state)
		r.If(s.Has(b.watching), func() { r.Return(model.False) })
		if before != nil {
			before(r)
		}
		r.Call(b.enter, nil, b.watching+d)
		r.Return(model.True)
	})
	exit = b.p.Routine("ct_nmi_exit", func(r *model.Routine) {
		entered := r.Param("entered", model.Bool)
		r.If(entered, func() { r.Call(b.exitState, nil, b.watching-d) })
	})
	return enter, exit
}
