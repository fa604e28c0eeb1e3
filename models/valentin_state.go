package models

import "ctcheck/model"

// Valentin Schneider's series from the RFC v2 to v7: the work in ct->state, between the context and
// the RCU counter, as Frederic Weisbecker had proposed. The entry is an addition that keeps the
// work bits, and runs them; the exit is to take them out, with a loop of compare-and-exchange. From
// version to version set_work changes, and with it what says that the target is in the kernel. The
// other routines are in base.go.
//
//	valentin-v2  RFC v2 15/20, 20 Jul 2023, <20230720163056.2564824-16-vschneid@redhat.com>
//	valentin-v3  RFC v3 11/15, 19 Nov 2024, <20241119153502.41361-12-vschneid@redhat.com>
//	valentin-v4  v4 24/30 (21, 22/30), 14 Jan 2025, <20250114175143.81438-25-vschneid@redhat.com>
//	valentin-v5  v5 24/25, 29 Apr 2025, <20250429113242.998312-25-vschneid@redhat.com>, and v6 23/29
//	valentin-v7  v7 24/31, 14 Nov 2025, <20251114151428.1064524-4-vschneid@redhat.com>
//
// In v2 and v3 as posted the helper that clears sits under #ifdef CONTEXT_TRACKING_WORK, without
// CONFIG_, so it is not compiled and the exit is a plain addition; the forms -intended have it.
//
// ct->active is a constant of a configuration: testing it has no step of its own.
//
// Left out: WARNs that need CONFIG_RCU_EQS_DEBUG.

var (
	layoutV2 = layout{width: 2, kernel: 0, idle: 1, user: 2, guest: 3}
	layoutV4 = layout{width: 3, kernel: 4, idle: 0, user: 1, guest: 2, bitwise: true}
)

// A stateForm is what a version differs in.
type stateForm struct {
	layout layout
	set    func(w *stateWord) *model.Routine
	clears bool // the exit takes the work out
	active bool // set_work tests ct->active
	nmiV4  bool // NMIs and interrupts from idle move the context, too
}

var valentinV2 = Design{
	Name:    "valentin-v2",
	Summary: "the work in ct->state; set_work asks for a context that is not KERNEL; exit keeps it",
	Source: "Valentin Schneider, RFC v2 15/20, 20 Jul 2023, " +
		"<20230720163056.2564824-16-vschneid@redhat.com>",
	LeftOut: []string{leftOutDebug},
	Knows:   Knows{Contexts: true, Active: true, Masks: true},
	Build:   stateForm{layout: layoutV2, set: setV2}.build,
}

// As above, but the clearing helper is compiled in.
var valentinV2Intended = Design{
	Name:    "valentin-v2-intended",
	Summary: "valentin-v2, with the exit clearing the work as it was meant to",
	Source:  valentinV2.Source,
	LeftOut: []string{leftOutDebug},
	Knows:   valentinV2.Knows,
	Build:   stateForm{layout: layoutV2, set: setV2, clears: true}.build,
}

// As valentin-v2, but set_work tries once before it asks for the context.
var valentinV3 = Design{
	Name:    "valentin-v3",
	Summary: "valentin-v2, with set_work trying once before it looks at the context",
	Source: "Valentin Schneider, RFC v3 11/15, 19 Nov 2024, " +
		"<20241119153502.41361-12-vschneid@redhat.com>",
	LeftOut: []string{leftOutDebug},
	Knows:   valentinV2.Knows,
	Build:   stateForm{layout: layoutV2, set: setV3}.build,
}

// As above, but the clearing helper is compiled in.
var valentinV3Intended = Design{
	Name:    "valentin-v3-intended",
	Summary: "valentin-v3, with the exit clearing the work as it was meant to",
	Source:  valentinV3.Source,
	LeftOut: []string{leftOutDebug},
	Knows:   valentinV2.Knows,
	Build:   stateForm{layout: layoutV2, set: setV3, clears: true}.build,
}

// As valentin-v3-intended, but KERNEL is a bit of its own, which the first guess leaves out;
// set_work tests ct->active; and NMIs and interrupts from idle move the context as if from IDLE.
var valentinV4 = Design{
	Name:    "valentin-v4",
	Summary: "the work in ct->state; KERNEL is a context bit that set_work's first guess leaves out",
	Source: "Valentin Schneider, v4 24/30, 14 Jan 2025, " +
		"<20250114175143.81438-25-vschneid@redhat.com>",
	LeftOut: []string{leftOutDebug},
	Knows:   valentinV2.Knows,
	Reviewed: map[string]string{"no-warn": "Frederic Weisbecker's mail of 22 Jan 2025, " +
		"<Z5A6NPqVGoZ32YsN@pavilion.home>, states what the run turns on, that an NMI from user mode goes " +
		"through ct_nmi_enter() and is no user exit; whether the review drew this conclusion from it is " +
		"not recorded"},
	Build: stateForm{layout: layoutV4, set: setV4, clears: true, active: true, nmiV4: true}.build,
}

// As valentin-v3-intended, but what keeps setters out is that RCU watches, and the first guess is
// that it does; set_work tests ct->active.
var valentinV5 = Design{
	Name:    "valentin-v5",
	Summary: "the work in ct->state; set_work asks for RCU not watching, and first guesses that it is",
	Source: "Valentin Schneider, v5 24/25, 29 Apr 2025, " +
		"<20250429113242.998312-25-vschneid@redhat.com>, and v6 23/29, 10 Oct 2025",
	LeftOut: []string{leftOutDebug},
	Knows:   valentinV2.Knows,
	Build:   stateForm{layout: layoutV2, set: setV5, clears: true, active: true}.build,
}

// As above, but the first guess is that RCU does not watch.
var valentinV7 = Design{
	Name:    "valentin-v7",
	Summary: "valentin-v5, with set_work's first guess that RCU is not watching",
	Source: "Valentin Schneider, v7 24/31, 14 Nov 2025, " +
		"<20251114151428.1064524-4-vschneid@redhat.com>",
	LeftOut: []string{leftOutDebug},
	Knows:   valentinV2.Knows,
	Build:   stateForm{layout: layoutV2, set: setV7, clears: true, active: true}.build,
}

// setV2 tries as long as the value last found says that the target is not in the kernel.
func setV2(w *stateWord) *model.Routine {
	return w.set(func(r *model.Routine, work, old, ret *model.Var) {
		r.AtomicRead("old = atomic_read(&ct->state)", old, w.state)
		r.While(w.in(old).Ne(w.kernel).And(ret.IsZero()), func() { w.try(r, ret, old, work) })
	})
}

// setV3 tries first and looks afterwards.
func setV3(w *stateWord) *model.Routine {
	return w.set(func(r *model.Routine, work, old, ret *model.Var) {
		r.AtomicRead("old = atomic_read(&ct->state)", old, w.state)
		r.DoWhile(func() { w.try(r, ret, old, work) }, ret.IsZero().And(w.in(old).Ne(w.kernel)))
	})
}

// setV4 guesses that the context is not KERNEL.
func setV4(w *stateWord) *model.Routine {
	return setGuess(w, "& ~CT_STATE_KERNEL",
		func(s *model.Var) model.Expr { return s.AndNot(w.kernel) },
		func(old *model.Var) model.Expr { return w.in(old).Ne(w.kernel) })
}

// setV5 guesses that RCU watches.
func setV5(w *stateWord) *model.Routine {
	return setGuess(w, "| CT_RCU_WATCHING",
		func(s *model.Var) model.Expr { return s.Or(w.watching) },
		func(old *model.Var) model.Expr { return old.Lacks(w.watching) })
}

// setV7 guesses that RCU does not watch.
func setV7(w *stateWord) *model.Routine {
	return setGuess(w, "& ~CT_RCU_WATCHING",
		func(s *model.Var) model.Expr { return s.AndNot(w.watching) },
		func(old *model.Var) model.Expr { return old.Lacks(w.watching) })
}

// setGuess tests ct->active, bends the value read into a guess that is right only if the target is
// outside the kernel, or so it is meant, tries, and looks afterwards.
func setGuess(w *stateWord, bend string,
	guess, again func(s *model.Var) model.Expr) *model.Routine {
	return w.set(func(r *model.Routine, work, old, ret *model.Var) {
		if !w.c.Active {
			r.Return(model.False)
			return
		}
		s := r.LocalOf("atomic_read()", w.state)
		r.AtomicRead("old = atomic_read(&ct->state) "+bend, s, w.state)
		r.Set(old, guess(s))
		r.Set(s, model.Int(0))
		r.DoWhile(func() { w.try(r, ret, old, work) }, ret.IsZero().And(again(old)))
	})
}

func (f stateForm) build(p *model.Program, c Config) {
	w := newStateWord(p, c, f.layout)
	exit := w.addExit()
	if f.clears {
		exit = w.clearExit()
	}
	b := w.base(w.addEnter(), exit)
	nmiEnter, nmiExit := b.nmi("rcu_is_watching_curr_cpu()")
	if f.nmiV4 {
		nmiEnter, nmiExit = b.nmiOver("rcu_is_watching_curr_cpu()", w.kernel-w.idle, w.warnNotIdle)
	}
	Assemble(p, c, Protocol{
		Set:      f.set(w),
		Mask:     w.bit,
		Defers:   c.Active || !f.active,
		User:     b.passage(ContextUser, w.user-w.kernel),
		Idle:     b.passage(ContextIdle, w.idle-w.kernel),
		Guest:    b.passage(ContextGuest, w.guest-w.kernel),
		NMIEnter: nmiEnter,
		NMIExit:  nmiExit,
	})
}

// warnNotIdle is v4's test that an NMI which finds RCU not watching interrupts the idle loop.
func (w *stateWord) warnNotIdle(r *model.Routine) {
	s := r.LocalOf("context", w.state)
	label := "WARN_ON_ONCE(__ct_state() != CT_STATE_IDLE)"
	r.AtomicRead(label, s, w.state)
	r.WarnOnOnce(label, w.in(s).Ne(w.idle))
	r.Set(s, model.Int(0))
}
