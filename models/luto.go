package models

import (
	"ctcheck/deferral"
	"ctcheck/model"
)

// Andy Lutomirski's design, in the thread of v7, 14 Nov 2025,
// <beb46a02-b902-438b-8b6d-b5f0d7ad0ae6@app.fastmail.com>.
//
// One 64-bit word {u32 work, u32 status}: the exit sets the status half to USER, the entry
// exchanges the whole word for {0, KERNEL} and runs the work that it read.
//
// Read here: set_work, which is not stated, is a compare-and-exchange of the whole word as long as
// the status is USER. An NMI is an entry like any other; its exit sets USER if its entry found
// USER, else it leaves the status alone. INDETERMINATE is the status of a CPU that does not take
// part (it refuses like KERNEL); the target never has it here.
//
// Left out: idle and guest, of which nothing is said.

const (
	lutoUser   = model.Int(1) // KERNEL is 0, INDETERMINATE 2
	lutoStatus = model.Int(3)
)

var luto = Design{
	Name:    "luto",
	Summary: "work and status in one 64-bit word, which the entry exchanges as a whole",
	Source: "Andy Lutomirski, v7 thread, 14 Nov 2025, " +
		"<beb46a02-b902-438b-8b6d-b5f0d7ad0ae6@app.fastmail.com>",
	LeftOut: []string{
		"left out: idle and guest; the status INDETERMINATE, which the target never has",
		"set_work is not stated; it is read as a compare-and-exchange while the status is USER",
		"an NMI's exit is not stated; it is read as an exit to user mode iff its entry found USER",
	},
	Knows: Knows{Masks: true},
	Build: buildLuto,
}

func buildLuto(p *model.Program, c Config) {
	start := model.Int(0)
	if c.Start == StartUser {
		start = lutoUser
	}
	word := p.Shared("ct", model.Bits(2+c.Works), start).Case(lutoStatus, lutoUser, "USER")
	bit := func(b int) model.Int { return 4 << b }
	for b := range c.Works {
		word.Flag(bit(b), workName(b))
	}

	set := p.Routine("ct_set_cpu_work", func(r *model.Routine) {
		work := r.Param("work", word.Range).Like(word)
		old, ret := r.LocalOf("old", word), r.Local("ret", model.Bool)
		r.AtomicRead("old = atomic64_read(ct)", old, word)
		r.While(old.And(lutoStatus).Eq(lutoUser).And(ret.IsZero()), func() {
			r.TryCmpxchg("ret = atomic64_try_cmpxchg(ct, &old, {old.work | work, USER})",
				ret, word, old, old.Or(work))
			r.If(ret, func() { r.Event(deferral.Published) })
		})
		r.Return(ret)
	})
	enter := p.Routine("ct_enter", func(r *model.Routine) {
		old := r.LocalOf("old", word)
		r.Xchg("old = xchg(ct, {0, KERNEL})", old, word, model.Int(0))
		r.Event(deferral.LeftUser)
		for b := range c.Works {
			r.If(old.Has(bit(b)), func() { deferral.Of(p).RunWork(r, callback(b), model.Int(b), deferral.ByFlush) })
		}
		r.Event(deferral.Flushed)
		r.Return(old.And(lutoStatus).Eq(lutoUser))
	})
	exit := p.Routine("ct_exit", func(r *model.Routine) {
		found := r.Param("found USER", model.Bool)
		r.If(found, func() {
			r.WriteOncePart("atomic_set(&ct->status, USER)", word, lutoStatus, lutoUser)
			r.Event(deferral.EnteredUser)
		})
	})
	Assemble(p, c, Protocol{
		Set:    set,
		Mask:   bit,
		Defers: true,
		User: Passage{
			Enter: func(r *model.Routine) { r.Call(enter, nil) },
			Exit:  func(r *model.Routine) { r.Call(exit, nil, model.True) },
		},
		NMIEnter: enter,
		NMIExit:  exit,
	})
}
