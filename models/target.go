package models

import (
	"fmt"

	"ctcheck/deferral"
	"ctcheck/model"
)

// This file has the target's own code: its stays in the kernel, and its trips out of it and back.
//
// Where the target visits several contexts it picks any of them for each trip. Idle is left like
// user mode, whenever the target likes, but an IPI does not force that: its handler runs in idle,
// between the NMI entry and exit routines.

// A place is a context outside the kernel that the target can visit.
type place struct {
	frame     model.Frame
	passage   Passage
	out, back string // the statements that go there and come back
}

func places(c Config, pr Protocol) []place {
	var ps []place
	for _, name := range c.contexts() {
		switch name {
		case ContextUser:
			ps = append(ps, place{model.User, pr.User,
				"/* returns to user mode%s */", "/* enters the kernel */"})
		case ContextIdle:
			ps = append(ps, place{model.Idle, pr.Idle, "/* goes idle%s */", "/* leaves the idle loop */"})
		case ContextGuest:
			ps = append(ps, place{model.Guest, pr.Guest, "/* runs the guest%s */", "/* leaves the guest */"})
		}
	}
	return ps
}

// target is the target's own code.
func target(r *model.Routine, p *model.Program, c Config, pr Protocol, setters []*model.CPU,
	self []*deferral.Request) {
	t := &trips{r: r, p: p, places: places(c, pr), called: r.Local("self called", model.Bool)}
	if self != nil {
		t.self = p.Routine("on_each_cpu_cond", func(r *model.Routine) {
			call(r, pr, self, func() {
				for _, q := range self {
					deferral.Of(p).RunWork(r, "func(info)", model.Int(q.Work), deferral.ByLocalCall)
				}
			})
		})
	}
	rounds := c.Rounds
	if c.Start == StartUser {
		r.Event(deferral.EnteredUser)
		t.away(t.places[0])
		rounds--
	} else {
		r.Event(deferral.Flushed)
	}
	leave := func(out string) { r.Pause(fmt.Sprintf(out, "")) }
	if c.Rounds == 0 {
		r.Forever(func() { t.trip(leave) })
		return
	}
	left := r.Local("rounds left", model.UpTo(int64(c.Rounds)))
	r.Set(left, model.Int(rounds))
	r.While(left.NonZero(), func() {
		r.Set(left, left.Sub(model.Int(1)))
		t.trip(leave)
	})
	var done []model.Value
	for _, s := range setters {
		done = append(done, s.Done())
	}
	t.trip(func(out string) { r.Await(fmt.Sprintf(out, ", all requests made"), model.All(done...)) })
	r.Frame(model.Body, nil)
}

// trips writes the target's way from the kernel's body out of the kernel and back.
type trips struct {
	r      *model.Routine
	p      *model.Program
	places []place
	self   *model.Routine // the target's own call, if it makes one
	called *model.Var
}

// trip is a stay in the kernel that ends with leave, and a visit to one of the places; the self
// call may happen in the body, once.
func (t *trips) trip(leave func(out string)) {
	if len(t.places) == 1 {
		to := t.places[0]
		t.body(func() { leave(to.out) })
		t.exit(to)
		t.away(to)
		return
	}
	t.body(func() {
		var alts []model.Alt
		for _, to := range t.places {
			alts = append(alts, t.r.When(model.True, func() {
				leave(to.out)
				t.exit(to)
				t.away(to)
			}))
		}
		t.r.Choose(alts...)
	})
}

func (t *trips) body(leave func()) {
	r := t.r
	r.Frame(model.Body, func() {
		if t.self == nil {
			leave()
			return
		}
		stay := func() {
			r.Call(t.self, nil)
			r.Set(t.called, model.True)
		}
		if len(t.places) > 1 {
			// A choice must begin with a step, and leave begins with a choice.
			r.Choose(r.When(t.called.IsZero(), stay),
				r.When(model.True, func() { r.Pause("/* goes on */") }))
			leave()
			return
		}
		r.Choose(
			r.When(t.called.IsZero(), func() {
				stay()
				leave()
			}),
			r.When(model.True, leave))
	})
}

func (t *trips) exit(to place) {
	t.r.Frame(model.Exit, func() {
		if to.passage.Exit != nil {
			to.passage.Exit(t.r)
		}
	})
}

// away is a stay outside the kernel and the entry that ends it.
func (t *trips) away(from place) {
	r := t.r
	r.Frame(from.frame, func() {
		r.Pause(from.back)
		if from.frame == model.Idle {
			return
		}
		for _, ipi := range deferral.Of(t.p).Target.IPIs {
			if deferral.Of(t.p).Repeats(ipi) {
				continue
			}
			r.If(ipi.Pending(), func() { r.IPIEvent(deferral.IPIInUser, ipi) })
		}
	})
	r.Frame(model.Entry, func() {
		if from.passage.Enter != nil {
			from.passage.Enter(r)
		}
	})
}
