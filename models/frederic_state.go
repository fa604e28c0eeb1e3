package models

import (
	"ctcheck/deferral"
	"ctcheck/model"
)

// Frederic Weisbecker's alternative in the thread of the RFC v1, 6 Jul 2023,
// <ZKXtfWZiM66dK5xC@localhost.localdomain>.
//
// The work moves into ct->state, beside the context, so that one compare-and-exchange sees both:
// the work is set only while the context is USER. The entry takes the work out with the exchange
// that moves the context; the exit is a plain addition and clears nothing. Guest is folded into
// USER. The other routines are those of the series: see base.go.
//
// Read as it is written: set uses cmpxchg, which returns the value found, and asks that value for
// the work; after an exchange that succeeds that is the old value, without the work, and the loop
// goes round once more.
//
// Left out: WARNs that need CONFIG_RCU_EQS_DEBUG.

var fredericLayout = layout{width: 2, kernel: 0, idle: 1, user: 2, guest: 2}

var frederic = Design{
	Name:    "frederic",
	Summary: "the work in ct->state, taken out by the entry; set_work looks for its bit",
	Source: "Frederic Weisbecker, reply to the RFC v1 11/14, 6 Jul 2023, " +
		"<ZKXtfWZiM66dK5xC@localhost.localdomain>",
	LeftOut: []string{leftOutDebug},
	Knows:   Knows{Contexts: true, Active: true, Masks: true},
	Build: func(p *model.Program, c Config) {
		w := newStateWord(p, c, fredericLayout)
		buildFrederic(w, p.Routine("ct_set_cpu_work", func(r *model.Routine) {
			work := r.Param("work", model.Range{Hi: int64(w.work)}).Like(w.state)
			s, old := r.LocalOf("state", w.state), r.LocalOf("old", w.state)
			r.AtomicRead("state = atomic_read(&ct->state)", s, w.state)
			r.Forever(func() {
				r.Set(old, s.AndNot(w.context).Or(w.user))
				r.Cmpxchg("state = atomic_cmpxchg(&ct->state, old, old | work)",
					s, w.state, old, old.Or(work))
				r.If(s.Eq(old), func() { r.Event(deferral.Published) })
				r.If(s.Has(work), func() { r.Return(model.True) })
				r.If(w.in(s).Ne(w.user), func() { r.Return(model.False) })
			})
		}))
	},
}

// As above, but set uses try_cmpxchg, answers by its result and tries again while the context is
// USER.
var fredericFixed = Design{
	Name:    "frederic-fixed",
	Summary: "frederic, with set_work answering by the result of its try_cmpxchg",
	Source:  "derived here from frederic",
	LeftOut: []string{leftOutDebug},
	Knows:   frederic.Knows,
	Build: func(p *model.Program, c Config) {
		w := newStateWord(p, c, fredericLayout)
		buildFrederic(w, w.set(func(r *model.Routine, work, old, ret *model.Var) {
			s := r.LocalOf("atomic_read()", w.state)
			r.AtomicRead("old = atomic_read(&ct->state) & ~CT_STATE_MASK | CONTEXT_USER", s, w.state)
			r.Set(old, s.AndNot(w.context).Or(w.user))
			r.Set(s, model.Int(0))
			r.DoWhile(func() { w.try(r, ret, old, work) }, ret.IsZero().And(w.in(old).Eq(w.user)))
		}))
	},
}

func buildFrederic(w *stateWord, set *model.Routine) {
	enter := w.p.Routine("ct_kernel_enter_state", func(r *model.Routine) {
		offset := r.Param("offset", w.state.Range)
		s := r.LocalOf("state", w.state)
		w.clearing(r, s, offset, func() { r.Event(deferral.LeftUser) })
		w.flush(r, s)
	})
	b := w.base(enter, w.addExit())
	nmiEnter, nmiExit := b.nmi("rcu_dynticks_curr_cpu_in_eqs()")
	Assemble(w.p, w.c, Protocol{
		Set:      set,
		Mask:     w.bit,
		Defers:   w.c.Visits(ContextUser) || w.c.Visits(ContextGuest), // an idle target refuses
		User:     b.passage(ContextUser, w.user-w.kernel),
		Idle:     b.passage(ContextIdle, w.idle-w.kernel),
		Guest:    b.passage(ContextGuest, w.guest-w.kernel),
		NMIEnter: nmiEnter,
		NMIExit:  nmiExit,
	})
}
