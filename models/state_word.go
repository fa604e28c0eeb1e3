package models

import (
	"math/bits"

	"ctcheck/deferral"
	"ctcheck/model"
)

// This file has the one word ct->state of the designs that keep the work in it: from the lowest bit
// up the context, the work, and the RCU counter, whose lowest bit is set while RCU watches.
//
// The counter has to be modelled, not only its lowest bit: it is what makes a compare-and-exchange
// fail after the target has been in the kernel and come back. It has room for as many transitions
// as the configuration can make, or, where the target goes round for ever, it is modulo 8.

// A layout is what the designs do not agree on: the numbers of the contexts.
type layout struct {
	width                     int // of the context
	kernel, idle, user, guest model.Int
	bitwise                   bool // the numbers are bits, which may be set together
}

// A stateWord is ct->state with its fields.
type stateWord struct {
	layout
	p        *model.Program
	c        Config
	state    *model.Var
	context  model.Int // mask
	work     model.Int // mask
	watching model.Int // the counter's unit
}

func newStateWord(p *model.Program, c Config, l layout) *stateWord {
	w := &stateWord{layout: l, p: p, c: c}
	w.context = 1<<l.width - 1
	w.work = (1<<c.Works - 1) << l.width
	w.watching = 1 << (l.width + c.Works)

	// One transition up to each entry and exit, NMIs and interrupts from idle included.
	most := 1 + 2*(c.Rounds+2) + 2*c.NMI
	if c.Visits(ContextIdle) {
		most += 2 * c.Calls()
	}
	counter := bits.Len(uint(most))
	rg := model.Bits(l.width + c.Works + counter)
	if c.Rounds == 0 {
		counter = 3
		rg = model.Bits(l.width + c.Works + counter).Mod()
	}
	w.state = p.Shared("ct->state", rg, w.initial())
	if c.Any { // the lowest bit of the counter is looked at
		w.state.Endless = rg.Hi + 1 - int64(2*w.watching)
	}
	w.state.WrapNote = "the kernel's counter is longer, and a setter runs with preemption off"
	if l.bitwise {
		w.state.Flag(l.user, "USER").Flag(l.guest, "GUEST").Flag(l.kernel, "KERNEL")
	} else {
		w.state.Case(w.context, l.idle, "IDLE").Case(w.context, l.user, "USER")
		if l.guest != l.user {
			w.state.Case(w.context, l.guest, "GUEST")
		}
	}
	for b := range c.Works {
		w.state.Flag(w.bit(b), workName(b))
	}
	w.state.Flag(w.watching, "WATCHING").Flag((w.watching<<counter-1)&^(w.watching<<1-1), "rcu")
	return w
}

// initial is ct->state where the target starts.
func (w *stateWord) initial() model.Int {
	from := w.c.Begins()
	if from == "" {
		return w.kernel | w.watching
	}
	at := map[string]model.Int{ContextUser: w.user, ContextIdle: w.idle, ContextGuest: w.guest}[from]
	if !w.c.transitsRCU(from) {
		at |= w.watching
	}
	return at
}

// bit is the mask of a work bit.
func (w *stateWord) bit(b int) model.Int { return 1 << (w.width + b) }

// in is the context that a copy of ct->state says.
func (w *stateWord) in(s *model.Var) model.Expr { return s.And(w.context) }

// flush runs the work bits of a local copy of ct->state.
func (w *stateWord) flush(r *model.Routine, s *model.Var) {
	for b := range w.c.Works {
		r.If(s.Has(w.bit(b)), func() { deferral.Of(w.p).RunWork(r, callback(b), model.Int(b), deferral.ByFlush) })
	}
	r.Event(deferral.Flushed)
}

// try is one compare-and-exchange that adds the work to the state that old expects; ret says
// whether it did.
func (w *stateWord) try(r *model.Routine, ret, old, work *model.Var) {
	r.TryCmpxchg("ret = atomic_try_cmpxchg(&ct->state, &old, old | work)",
		ret, w.state, old, old.Or(work))
	r.If(ret, func() { r.Event(deferral.Published) })
}

// clearing is the loop that takes the work out and moves context and counter, on the target. before
// is left with the value that it replaced; then happens with the exchange.
func (w *stateWord) clearing(r *model.Routine, before, offset *model.Var, then func()) {
	old := r.LocalOf("old", w.state)
	r.AtomicRead("state = atomic_read(&ct->state)", before, w.state)
	r.DoWhile(func() {
		r.Set(old, before)
		r.Cmpxchg("state = atomic_cmpxchg(&ct->state, old, (old & ~CT_WORK_MASK) + offset)",
			before, w.state, old, old.AndNot(w.work).Add(offset))
		r.If(before.Eq(old), then)
	}, before.Ne(old))
}

// addEnter is the entry that moves the state with an addition, keeps the work bits in it, and runs
// them.
func (w *stateWord) addEnter() *model.Routine {
	return w.p.Routine("ct_kernel_enter_state", func(r *model.Routine) {
		offset := r.Param("offset", w.state.Range)
		s := r.LocalOf("seq", w.state)
		r.AtomicAddReturn("seq = ct_state_inc(offset)", s, w.state, offset)
		r.Event(deferral.LeftUser)
		w.flush(r, s)
	})
}

// addExit is the exit that moves the state with an addition and keeps the work bits in it.
func (w *stateWord) addExit() *model.Routine {
	return w.p.Routine("ct_kernel_exit_state", func(r *model.Routine) {
		offset := r.Param("offset", w.state.Range)
		r.AtomicAddReturn("seq = ct_state_inc(offset)", nil, w.state, offset)
		r.Event(deferral.EnteredUser)
	})
}

// clearExit is the exit that takes the work bits out.
func (w *stateWord) clearExit() *model.Routine {
	return w.p.Routine("ct_kernel_exit_state", func(r *model.Routine) {
		offset := r.Param("offset", w.state.Range)
		s := r.LocalOf("state", w.state)
		w.clearing(r, s, offset, func() { r.Event(deferral.EnteredUser) })
	})
}

// base is the ways to the given entry and exit.
func (w *stateWord) base(enter, exit *model.Routine) baseRoutines {
	return baseRoutines{p: w.p, c: w.c, state: w.state, watching: w.watching, enter: enter, exitState: exit}
}

// set declares set_work; build appends its body and leaves the answer in ret.
func (w *stateWord) set(build func(r *model.Routine, work, old, ret *model.Var)) *model.Routine {
	return w.p.Routine("ct_set_cpu_work", func(r *model.Routine) {
		work := r.Param("work", model.Range{Hi: int64(w.work)}).Like(w.state)
		old, ret := r.LocalOf("old", w.state), r.Local("ret", model.Bool)
		build(r, work, old, ret)
		r.Return(ret)
	})
}
