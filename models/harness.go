package models

import (
	"fmt"
	"slices"

	"ctcheck/deferral"
	"ctcheck/model"
)

// This file has the actors that all designs share; the target's own code is in target.go.
//
// A setter calls on_each_cpu_cond(cond, callback) for each of its requests, where cond(cpu) is
// !set_work(cpu, W): when set_work answers false it sends an IPI, whose handler runs the callback
// on the target. The setter does not wait for the handler, which allows more interleavings than
// waiting. A call that asks for several work bits is as many requests, which start and are answered
// together.
//
// The target is in user mode or in the kernel's body, for any time, and goes from one to the other
// through its entry and exit routines, in which interrupts are off. A pending IPI in user mode
// forces the entry and is then handled in the body. After its last round the target waits until
// every setter is done and makes one more trip, so that whatever was deferred meets one more entry.

// A Protocol is what a design puts into the actors. Its routines may be nil: nothing happens there.
type Protocol struct {
	Set      *model.Routine                         // the work's mask -> deferred?
	SetOf    func(qs []*deferral.Request) *SetRoute // instead of Set, where it depends on the requests of a call
	Mask     func(work int) model.Int               // of a work bit
	User     Passage                                // the way from and to user mode
	Idle     Passage
	Guest    Passage
	NMIEnter *model.Routine         // its result, if NMIExit has a parameter, goes to NMIExit
	NMIExit  *model.Routine         // also around an IPI's handler in idle
	OnIPI    func(r *model.Routine) // what an IPI's handler does, instead of running the callback
	Defers   bool                   // some request can be answered true
	CatchUp  bool                   // see deferral.Deferral, as of Void
	Void     map[string]string
}

// A SetRoute is a set routine with its arguments.
type SetRoute struct {
	Routine *model.Routine
	Args    []model.Value
}

// A Passage appends the calls of an entry and of an exit routine.
type Passage struct {
	Enter, Exit func(r *model.Routine)
}

// workName is how traces call a work bit.
func workName(w int) string { return fmt.Sprintf("WORK_%d", w) }

// callback is the statement that runs a work bit's callback from a flush.
func callback(w int) string { return fmt.Sprintf("arch_context_tracking_work(%s)", workName(w)) }

// Assemble adds the actors of a configuration to a program that has its [deferral.Deferral], with what the design
// puts into them.
func Assemble(p *model.Program, c Config, pr Protocol) {
	d := deferral.Of(p)
	d.CatchUp, d.Void = pr.CatchUp, pr.Void
	var setters []*model.CPU
	for i := range c.Setters {
		name := "CPUx"
		if i > 0 {
			name = fmt.Sprintf("CPUx%d", i+1)
		}
		setters = append(setters, p.CPU(name))
	}
	t := p.CPU("CPUy")
	d.Target = t

	if c.Any {
		anySetters(p, c, pr, setters)
	}
	n := 0
	for i, s := range setters {
		if c.Any {
			break
		}
		s.Run(p.Routine(s.Name+" task", func(r *model.Routine) {
			for range c.Requests {
				works := c.WorksOf(n)
				n++
				ipi := t.IPI(fmt.Sprintf("csd of request %d", n), handler(p, c, pr), masks(works)...)
				qs := requests(d, s, works, ipi, i >= c.Setters-c.Urgent)
				r.Call(p.Routine("on_each_cpu_cond", func(r *model.Routine) {
					call(r, pr, qs, func() {
						r.SendIPI(fmt.Sprintf("smp_call_function_single_async(%s, csd)", t.Name), ipi)
					})
				}), nil)
			}
		}))
	}
	var self []*deferral.Request
	if c.Self {
		self = requests(d, t, c.WorksOf(n), nil, false)
	}
	t.Run(p.Routine(t.Name+" task", func(r *model.Routine) { target(r, p, c, pr, setters, self) }))
	if c.NMI > 0 {
		t.OnNMI(p.Routine("NMI", func(r *model.Routine) { nmi(r, pr) }), c.nmis(), c.NMIDepth)
	}
	claims(p, c, pr)
	p.Assumptions = append(p.Assumptions,
		fmt.Sprintf("IPIs and NMIs interrupt %s only; a setter runs undisturbed, for any time", t.Name),
		"a setter does not wait for the handler of its IPI")
}

// WorksOf is the work bits that call n asks for, the calls counted setter by setter, the target's
// own last. Bits are handed out round robin, to the first calls of all setters first.
func (c Config) WorksOf(n int) []int {
	if n < c.Setters*c.Requests {
		n = n/c.Requests + n%c.Requests*c.Setters
	}
	var works []int
	for i := range c.BitsPerRequest {
		works = append(works, (n*c.BitsPerRequest+i)%c.Works)
	}
	return works
}

func masks(works []int) []model.Value {
	var vs []model.Value
	for _, w := range works {
		vs = append(vs, model.Int(w))
	}
	return vs
}

// requests declares the requests of one call: one for each work bit that it asks for.
func requests(d *deferral.Deferral, cpu *model.CPU, works []int, ipi *model.IPI,
	urgent bool) []*deferral.Request {
	var qs []*deferral.Request
	for _, w := range works {
		q := d.Request(cpu, w, ipi)
		q.Urgent = urgent
		qs = append(qs, q)
	}
	return qs
}

// handler is the IPI's handler, with a parameter for each callback that it runs. Where the target
// visits idle it goes through the NMI pair, as an interrupt from idle does; in the body that finds
// RCU watching and does nothing more.
func handler(p *model.Program, c Config, pr Protocol) *model.Routine {
	return p.Routine("sysvec_call_function_single", func(r *model.Routine) {
		var works []*model.Var
		for i := range c.BitsPerRequest {
			name := "work"
			if i > 0 {
				name = fmt.Sprintf("work %d", i+1)
			}
			work := r.Param(name, model.UpTo(int64(c.Works-1)))
			for w := range c.Works {
				work.Case(model.Int(-1), model.Int(w), workName(w))
			}
			works = append(works, work)
		}
		body := func() {
			if pr.OnIPI != nil {
				pr.OnIPI(r)
				return
			}
			for _, w := range works {
				deferral.Of(p).RunWork(r, "csd->func(csd->info)", w, deferral.ByIPI)
			}
		}
		if c.Visits(ContextIdle) {
			bracket(r, pr, model.IRQ, body)
		} else {
			body()
		}
	})
}

// call is one call of on_each_cpu_cond(); refused appends what happens when set_work answers false.
func call(r *model.Routine, pr Protocol, qs []*deferral.Request, refused func()) {
	ret := r.Local("ret", model.Bool)
	for _, q := range qs {
		q.Start(r)
	}
	if pr.SetOf != nil {
		s := pr.SetOf(qs)
		r.Call(s.Routine, ret, s.Args...)
	} else {
		mask := model.Int(0)
		for _, q := range qs {
			mask |= pr.Mask(q.Work)
		}
		r.Call(pr.Set, ret, mask)
	}
	for _, q := range qs {
		q.Answer(r, ret)
	}
	r.If(ret.IsZero(), refused)
	for _, q := range qs {
		q.Complete(r)
	}
}

// nmi is an NMI's code: its own entry, its handler, its own exit.
func nmi(r *model.Routine, pr Protocol) {
	bracket(r, pr, model.NMIBody, func() { r.Pause("/* NMI handler */") })
}

// bracket runs body between the NMI entry and the NMI exit routine.
func bracket(r *model.Routine, pr Protocol, f model.Frame, body func()) {
	var entered *model.Var
	var args []model.Value
	if pr.NMIExit != nil && len(pr.NMIExit.Params) > 0 {
		entered = r.Local("entered", pr.NMIExit.Params[0].Range)
		args = append(args, entered)
	}
	r.Frame(model.NMIEntry, func() {
		if pr.NMIEnter != nil {
			r.Call(pr.NMIEnter, entered)
		}
	})
	r.Frame(f, body)
	r.Frame(model.NMIExit, func() {
		if pr.NMIExit != nil {
			r.Call(pr.NMIExit, nil, args...)
		}
	})
}

// claims states what must be reachable, so that nothing holds because nothing happened.
func claims(p *model.Program, c Config, pr Protocol) {
	if pr.Defers {
		p.Reached("a request is deferred", deferral.Answered,
			func(ev model.Event) model.Value { return ev.Arg })
	}
	p.Reached("a request is sent as an IPI", model.Sent, nil)
	p.Reached("an IPI's handler runs a callback", deferral.Ran, origin(deferral.ByIPI))
	if pr.Defers && slices.ContainsFunc(c.contexts(), c.transitsRCU) { // else nothing is ever flushed
		p.Reached("queued work is flushed", deferral.Ran, origin(deferral.ByFlush))
	}
}

func origin(o deferral.Origin) func(model.Event) model.Value {
	return func(ev model.Event) model.Value {
		if ev.Subject == o {
			return model.True
		}
		return model.False
	}
}
