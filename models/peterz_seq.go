package models

import (
	"fmt"
	"math/bits"

	"ctcheck/deferral"
	"ctcheck/model"
)

// Peter Zijlstra's design, RFC v2 07/11, 29 Sep 2021, <20210929152428.947246287@infradead.org>.
//
// One word ct->seq says whether the CPU is in user mode, in an NMI, whether there is work, and
// counts; the work itself is a mask beside it, ct->work. A setter that finds the target in user
// mode sets its bits in the mask and then, with a compare-and-exchange, the WORK flag in seq; if
// that fails, the target has moved on and an IPI is due.
//
// Asked of callbacks: noinstr, non-blocking, NMI safe, and to "deal with spurious calls".
//
// Left out: idle and guest, which are as user here.

const (
	seqWork  = model.Int(1) // CT_SEQ_WORK
	seqNMI   = model.Int(2) // CT_SEQ_NMI
	seqUser  = model.Int(4) // CT_SEQ_USER
	seqCount = model.Int(8) // CT_SEQ, the unit of the count
)

var peterz = Design{
	Name:    "peterz",
	Summary: "a sequence word with a WORK flag, the work in a mask beside it",
	Source:  "Peter Zijlstra, RFC v2 07/11, 29 Sep 2021, <20210929152428.947246287@infradead.org>",
	Claims: []string{"callbacks have to be noinstr, non-blocking and NMI safe, and to \"deal with " +
		"spurious calls\""},
	LeftOut: []string{"left out: idle and guest, which are as user here"},
	Reviewed: map[string]string{"no-double-execution": "the changelog of the RFC v1 11/14, 5 Jul 2023, " +
		"<20230705181256.3539027-12-vschneid@redhat.com>, names the run in which a setter's exchange " +
		"fails and its bit stays in the mask"},
	Knows: Knows{Masks: true},
	Build: func(p *model.Program, c Config) { buildPeterz(p, c, false) },
}

// As above, but set tries again while the target is in user mode: an attempt that fails because the
// flag WORK was set by another setter, or because the target made a whole trip through the kernel,
// need not end in an IPI. Both steps are repeated, for the trip may have cleared the mask.
var peterzRetry = Design{
	Name:    "peterz-retry",
	Summary: "peterz, with set_work retrying as long as the target is in user mode",
	Source:  "derived here from peterz",
	LeftOut: []string{"left out: idle and guest, which are as user here"},
	Knows:   Knows{Masks: true},
	Build:   func(p *model.Program, c Config) { buildPeterz(p, c, true) },
}

func buildPeterz(p *model.Program, c Config, retry bool) {
	start := model.Int(0)
	if c.Start == StartUser {
		start = seqUser
	}
	seq := p.Shared("ct->seq", seqRange(c), start).
		Flag(seqWork, "WORK").Flag(seqNMI, "NMI").Flag(seqUser, "USER").Flag(model.Int(0xfff8), "CT_SEQ")
	seq.WrapNote = "the kernel's count has 29 bits, and a setter runs with preemption off"
	if c.Any {
		seq.Endless = seq.Hi + 1 - int64(seqCount)
	}
	work := p.Shared("ct->work", model.Bits(c.Works), model.Int(0))
	for w := range c.Works {
		work.Flag(model.Int(1)<<w, workName(w))
	}

	flush := p.Routine("ct_seq_flush", func(r *model.Routine) {
		w := r.LocalOf("work", work)
		r.AtomicRead("work = atomic_read(&ct->work)", w, work)
		for b := range c.Works {
			bit := model.Int(1) << b
			r.If(w.Has(bit), func() {
				deferral.Of(p).RunWork(r, callback(b), model.Int(b), deferral.ByFlush)
				r.SmpMbBeforeAtomic()
				r.AtomicAndnot(fmt.Sprintf("atomic_andnot(%s, &ct->work)", workName(b)), work, bit)
			})
		}
		r.SmpMbBeforeAtomic()
		r.AtomicAndnot("atomic_andnot(CT_SEQ_WORK, &ct->seq)", seq, seqWork)
	})

	// arrive is user_exit and nmi_enter, leave is user_enter and nmi_exit: they differ in what is
	// added.
	arrive := func(name, stmt string, delta model.Int) *model.Routine {
		return p.Routine(name, func(r *model.Routine) {
			q := r.LocalOf("seq", seq)
			r.AtomicAddReturn(stmt, q, seq, delta)
			r.Event(deferral.LeftUser)
			r.If(q.Has(seqWork), func() { r.Call(flush, nil) })
			r.Event(deferral.Flushed)
		})
	}
	leave := func(name, stmt string, delta model.Int) *model.Routine {
		return p.Routine(name, func(r *model.Routine) {
			r.AtomicSet("atomic_set(&ct->work, 0)", work, model.Int(0))
			r.AtomicAddReturn(stmt, nil, seq, delta)
			r.Event(deferral.EnteredUser)
		})
	}
	userEnter := leave("context_tracking_seq_user_enter",
		"atomic_add_return(CT_SEQ_USER, &ct->seq)", seqUser)
	userExit := arrive("context_tracking_seq_user_exit",
		"seq = atomic_add_return(CT_SEQ - CT_SEQ_USER, &ct->seq)", seqCount-seqUser)

	Assemble(p, c, Protocol{
		Set:    peterzSet(p, seq, work, retry),
		Mask:   func(w int) model.Int { return 1 << w },
		Defers: true,
		User: Passage{
			Enter: func(r *model.Routine) { r.Call(userExit, nil) },
			Exit:  func(r *model.Routine) { r.Call(userEnter, nil) },
		},
		NMIEnter: arrive("context_tracking_seq_nmi_enter",
			"seq = atomic_add_return(CT_SEQ_NMI, &ct->seq)", seqNMI),
		NMIExit: leave("context_tracking_seq_nmi_exit",
			"atomic_add_return(CT_SEQ - CT_SEQ_NMI, &ct->seq)", seqCount-seqNMI),
	})
}

// peterzSet is set_work; with retry it tries again as long as the target is in user mode.
func peterzSet(p *model.Program, seq, work *model.Var, retry bool) *model.Routine {
	return p.Routine("ct_set_cpu_work", func(r *model.Routine) {
		bit := r.Param("work", work.Range).Like(work)
		q, ret := r.LocalOf("seq", seq), r.Local("ret", model.Bool)
		r.AtomicRead("seq = atomic_read(&ct->seq)", q, seq)
		inUser := q.And(seqUser | seqNMI).Eq(seqUser)
		attempt := func() {
			r.AtomicOr("atomic_or(work, &ct->work)", work, bit) // ordered by the control dependency
			r.Event(deferral.Published)
			r.TryCmpxchg("ret = atomic_try_cmpxchg(&ct->seq, &seq, seq|CT_SEQ_WORK)",
				ret, seq, q, q.Or(seqWork))
		}
		if retry {
			r.While(inUser.And(ret.IsZero()), attempt)
		} else {
			r.If(inUser, attempt)
		}
		r.Return(ret)
	})
}

// seqRange has room for as many counts as the configuration can make: one a return to the kernel
// and one an NMI, and nested NMIs carry into the count for a while. Where the target goes round for
// ever the count is modulo 4.
func seqRange(c Config) model.Range {
	if c.Rounds == 0 {
		return model.Bits(3 + 2).Mod()
	}
	return model.Bits(3 + bits.Len(uint(c.Rounds+1+2*c.NMI)))
}
