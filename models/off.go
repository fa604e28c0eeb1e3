package models

import (
	"ctcheck/deferral"
	"ctcheck/model"
)

// CONFIG_CONTEXT_TRACKING_WORK=n: the stub of include/linux/context_tracking_work.h in the RFC v1
// 11/14, <20230705181256.3539027-12-vschneid@redhat.com>. ct_set_cpu_work() returns false; fetch,
// flush and clear are empty. Every request becomes an IPI.
//
// Left out: the context tracking state, which nothing here reads.
var off = Design{
	Name:    "off",
	Summary: "no deferral: every request becomes an IPI (CONFIG_CONTEXT_TRACKING_WORK=n)",
	Source:  "RFC v1 11/14, 5 Jul 2023, <20230705181256.3539027-12-vschneid@redhat.com>",
	LeftOut: []string{"left out: the context tracking state, which nothing reads"},
	Knows:   Knows{Masks: true},
	Build: func(p *model.Program, c Config) {
		set := p.Routine("ct_set_cpu_work", func(r *model.Routine) {
			r.Param("work", model.Bits(c.Works))
			r.Return(model.False)
		})
		Assemble(p, c, Protocol{
			Set:  set,
			Mask: func(w int) model.Int { return 1 << w },
			User: Passage{
				Enter: func(r *model.Routine) { r.Event(deferral.LeftUser); r.Event(deferral.Flushed) },
				Exit:  func(r *model.Routine) { r.Event(deferral.EnteredUser) },
			},
		})
	},
}
