package models

import (
	"fmt"

	"ctcheck/model"
)

// This file has the actors that all designs share.
//
// A setter calls on_each_cpu_cond(cond, callback) for each of its requests, where cond(cpu) is
// !set_work(cpu, W): when set_work answers false it sends an IPI, whose handler runs the callback on
// the target. The setter does not wait for the handler, which allows more interleavings than waiting.
//
// The target is in user mode or in the kernel's body, for any time, and goes from one to the other
// through its entry and exit routines, in which interrupts are off. A pending IPI in user mode forces
// the entry and is then handled in the body. After its last round the target waits until every setter
// is done and makes one more trip, so that whatever was deferred meets one more entry.

// A protocol is what a design puts into the actors. The routines enter, exit, nmiEnter and nmiExit
// may be nil: nothing happens there.
type protocol struct {
	set      *model.Routine           // the work's mask -> deferred?
	mask     func(work int) model.Int // of a work bit
	enter    func(r *model.Routine)   // appends the call of the entry routine
	exit     func(r *model.Routine)   // appends the call of the exit routine
	nmiEnter *model.Routine           // its result, if nmiExit has a parameter, goes to nmiExit
	nmiExit  *model.Routine
	defers   bool // some request can be answered true
}

// workName is how traces call a work bit.
func workName(w int) string { return fmt.Sprintf("WORK_%d", w) }

// callback is the statement that runs a work bit's callback from a flush.
func callback(w int) string { return fmt.Sprintf("arch_context_tracking_work(%s)", workName(w)) }

func assemble(p *model.Program, c Config, pr protocol) {
	p.Works = c.Works
	var setters []*model.CPU
	for i := range c.Setters {
		name := "CPUx"
		if i > 0 {
			name = fmt.Sprintf("CPUx%d", i+1)
		}
		setters = append(setters, p.CPU(name))
	}
	t := p.CPU("CPUy")
	p.Target = t

	handler := p.Routine("sysvec_call_function_single", func(r *model.Routine) {
		w := r.Param("work", model.UpTo(int64(c.Works-1)))
		r.RunWork("csd->func(csd->info)", w, model.ByIPI)
	})
	n := 0
	for _, s := range setters {
		s.Run(p.Routine(s.Name+" task", func(r *model.Routine) {
			for range c.Requests {
				// Request n of all asks for bit n mod works, first requests first.
				work := (n/c.Requests + n%c.Requests*c.Setters) % c.Works
				n++
				ipi := t.IPI(fmt.Sprintf("csd of request %d", n), handler, model.Int(work))
				q := p.Request(s, work, ipi)
				r.Call(p.Routine("on_each_cpu_cond", func(r *model.Routine) {
					request(r, pr, q, func() {
						r.SendIPI(fmt.Sprintf("smp_call_function_single_async(%s, csd)", t.Name), ipi)
					})
				}), nil)
			}
		}))
	}
	var self *model.Request
	if c.Self {
		self = p.Request(t, n%c.Works, nil)
	}
	t.Run(p.Routine(t.Name+" task", func(r *model.Routine) { target(r, p, c, pr, setters, self) }))
	if c.NMI > 0 {
		t.OnNMI(p.Routine("NMI", func(r *model.Routine) { nmi(r, pr) }), c.NMI, c.NMIDepth)
	}
	claims(p, pr)
	p.Assumptions = append(p.Assumptions,
		fmt.Sprintf("IPIs and NMIs interrupt %s only; a setter runs undisturbed, for any time", t.Name),
		"a setter does not wait for the handler of its IPI")
}

// request is one call of on_each_cpu_cond(); refused appends what happens when set_work answers false.
func request(r *model.Routine, pr protocol, q *model.Request, refused func()) {
	ret := r.Local("ret", model.Bool)
	r.RequestEvent(model.Started, q, nil)
	r.Call(pr.set, ret, pr.mask(q.Work))
	r.RequestEvent(model.Answered, q, ret)
	r.If(ret.IsZero(), refused)
	r.RequestEvent(model.Completed, q, nil)
}

// target is the target's own code.
func target(r *model.Routine, p *model.Program, c Config, pr protocol, setters []*model.CPU,
	self *model.Request) {
	called := r.Local("self called", model.Bool)
	var selfCall *model.Routine
	if self != nil {
		selfCall = p.Routine("on_each_cpu_cond", func(r *model.Routine) {
			request(r, pr, self, func() {
				r.RunWork("func(info)", model.Int(self.Work), model.ByLocalCall)
			})
		})
	}
	// body is a stay in the kernel that ends with leave; the self call may happen in it, once.
	body := func(leave func()) {
		r.Frame(model.Body, func() {
			if self == nil {
				leave()
				return
			}
			r.Choose(
				r.When(called.IsZero(), func() {
					r.Call(selfCall, nil)
					r.Set(called, model.True)
					leave()
				}),
				r.When(model.True, leave))
		})
		r.Frame(model.Exit, func() {
			if pr.exit != nil {
				pr.exit(r)
			}
		})
	}
	back := func() { r.Pause("/* returns to user mode */") }
	user := func() {
		r.Frame(model.User, func() {
			r.Pause("/* enters the kernel */")
			for _, ipi := range p.Target.IPIs {
				r.If(ipi.Pending(), func() { r.IPIEvent(model.IPIInUser, ipi) })
			}
		})
		r.Frame(model.Entry, func() {
			if pr.enter != nil {
				pr.enter(r)
			}
		})
	}

	rounds := c.Rounds
	if c.Start == StartUser {
		r.Event(model.EnteredUser)
		user()
		rounds--
	} else {
		r.Event(model.Flushed)
	}
	if c.Rounds == 0 {
		r.Forever(func() { body(back); user() })
		return
	}
	left := r.Local("rounds left", model.UpTo(int64(c.Rounds)))
	r.Set(left, model.Int(rounds))
	r.While(left.NonZero(), func() {
		r.Set(left, left.Sub(model.Int(1)))
		body(back)
		user()
	})
	var done []model.Value
	for _, s := range setters {
		done = append(done, s.Done())
	}
	body(func() { r.Await("/* returns to user mode, all requests made */", model.All(done...)) })
	user()
	r.Frame(model.Body, nil)
}

// nmi is an NMI's code: its own entry, its handler, its own exit.
func nmi(r *model.Routine, pr protocol) {
	var entered *model.Var
	var args []model.Value
	if pr.nmiExit != nil && len(pr.nmiExit.Params) > 0 {
		entered = r.Local("entered", model.Bool)
		args = append(args, entered)
	}
	r.Frame(model.NMIEntry, func() {
		if pr.nmiEnter != nil {
			r.Call(pr.nmiEnter, entered)
		}
	})
	r.Frame(model.NMIBody, func() { r.Pause("/* NMI handler */") })
	r.Frame(model.NMIExit, func() {
		if pr.nmiExit != nil {
			r.Call(pr.nmiExit, nil, args...)
		}
	})
}

// claims states what must be reachable, so that nothing holds because nothing happened.
func claims(p *model.Program, pr protocol) {
	if pr.defers {
		p.Reached("a request is deferred", model.Answered, func(ev model.Event) model.Value { return node{ev.Arg} })
	}
	p.Reached("a request is sent as an IPI", model.Sent, nil)
	p.Reached("an IPI's handler runs a callback", model.Ran, origin(model.ByIPI))
	if pr.defers {
		p.Reached("queued work is flushed", model.Ran, origin(model.ByFlush))
	}
}

func origin(o model.Origin) func(model.Event) model.Value {
	return func(ev model.Event) model.Value {
		if ev.Origin == o {
			return model.True
		}
		return model.False
	}
}

type node struct{ n *model.Node }

func (n node) Node() *model.Node { return n.n }
