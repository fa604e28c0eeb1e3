package props

import (
	"fmt"

	"ctcheck/deferral"
	"ctcheck/model"
)

// noDoubleExecution keeps, for each work bit, how many more times it may run: the requests started
// less the executions. It stays at 0 once it has been violated.
//
// That is a number without a bound where requests for the bit are repeated any number of times: those bits are left
// out. Where WORK_0 is one, the claim cannot be asked, but for a stronger one ([Stronger]).
func noDoubleExecution(l *ledger) *model.Monitor {
	m := &model.Monitor{Name: "no-double-execution"}
	credit := make([]*model.Var, l.d.Works)
	for w := range credit {
		if l.d.Unbounded(w) {
			continue
		}
		n := 0
		for _, q := range l.d.Requests {
			if q.Work == w {
				n += max(q.Times, 1)
			}
		}
		credit[w] = model.NewGhost(fmt.Sprintf("WORK_%d may run", w), model.UpTo(int64(n)), model.Int(0))
		m.Ghosts = append(m.Ghosts, credit[w])
	}
	m.On = func(ev model.Event) []*model.Stmt {
		return model.Build(func(c *model.Code) {
			switch ev.Kind {
			case deferral.Started:
				if v := credit[deferral.RequestOf(ev).Work]; v != nil {
					c.Set(v, v.Add(model.Int(1)))
				}
			case deferral.Ran:
				for w, v := range credit {
					if v == nil {
						continue
					}
					c.If(model.Of(ev.Arg).Eq(model.Int(w)), func() {
						c.If(v.IsZero(), c.Fail, func() { c.Set(v, v.Sub(model.Int(1))) })
					})
				}
			}
		})
	}
	return m
}

// noLostWork looks at the ledger at the end of every entry from user mode, where what was answered
// true before the entry began must be served; when an IPI's handler returns; when a call ends that was
// refused and sent no IPI; and at the end of the run. A run without end must not leave a request
// outstanding for ever either.
func noLostWork(l *ledger) *model.Monitor {
	m := &model.Monitor{Name: "no-lost-work", Uses: []*model.Monitor{l.monitor}}
	m.On = func(ev model.Event) []*model.Stmt {
		return model.Build(func(c *model.Code) {
			switch ev.Kind {
			case model.FrameEntered:
				if ev.CPU == l.d.Target && ev.Context == model.Task && ev.Frame == model.Body {
					for _, s := range l.state {
						c.If(s.Eq(deferredPast), c.Fail)
					}
				}
			case model.Popped:
				for _, q := range l.d.Followed() {
					if q.IPI != nil && q.IPI == ev.IPI {
						c.If(l.state[q.Index].Eq(refused), c.Fail)
					}
				}
			case deferral.Completed:
				q := deferral.RequestOf(ev)
				if q.Repeated() {
					return
				}
				lost := l.state[q.Index].Eq(refused)
				if q.IPI != nil {
					lost = lost.And(q.IPI.Pending().IsZero())
				}
				c.If(lost, c.Fail)
			}
		})
	}
	var settledAll []model.Value
	for _, s := range l.state {
		settledAll = append(settledAll, outstanding(s).IsZero())
	}
	m.AtEnd = model.All(settledAll...)
	for _, s := range l.state {
		m.NotForever = append(m.NotForever, outstanding(s))
	}
	return m
}

// terminates needs no ghosts: what counts as progress is known where it happens. A deadlock violates
// it as its definition says, though explore reports that under a name of its own as well, because
// "terminates holds" must never stand beside a run that stops half-way. Where there are both a
// deadlock and a livelock, its trace is the livelock.
func terminates(l *ledger) *model.Monitor {
	return &model.Monitor{Name: "terminates", Progress: func(ev model.Event) bool {
		switch ev.Kind {
		case deferral.Answered, deferral.Completed:
			return true
		case model.FrameEntered:
			return ev.CPU == l.d.Target && ev.Context == model.Task &&
				(ev.Frame == model.Body || ev.Frame == model.User)
		}
		return false
	}}
}

// noStarvedSet claims of each call by itself that it is not under way for ever.
func noStarvedSet(l *ledger) *model.Monitor {
	m := &model.Monitor{Name: "no-starved-set", Uses: []*model.Monitor{l.monitor}}
	for _, s := range l.state {
		m.NotForever = append(m.NotForever, s.Eq(asked).Or(s.Eq(askedServed)))
	}
	return m
}

func lateWork(name string, frames model.FrameSet) func(*ledger) *model.Monitor {
	return func(l *ledger) *model.Monitor {
		var late []model.Value
		for _, s := range l.state {
			late = append(late, unserved(s))
		}
		return &model.Monitor{Name: name, Uses: []*model.Monitor{l.monitor},
			Never: l.d.Target.In(frames).And(model.Any(late...))}
	}
}

// noFlushInUser knows whether the target's running frame has left user mode.
func noFlushInUser(l *ledger) *model.Monitor {
	m := &model.Monitor{Name: "no-flush-in-user"}
	mode := newFrameBit(l.d.Target, "in the kernel", model.True)
	m.Ghosts = mode.ghosts()
	m.On = func(ev model.Event) []*model.Stmt {
		return model.Build(func(c *model.Code) {
			if ev.CPU != l.d.Target {
				return
			}
			switch ev.Kind {
			case deferral.LeftUser:
				c.Set(mode.now, model.True)
			case deferral.EnteredUser:
				mode.enteredUser(c, ev)
			case model.Pushed, model.Popped:
				mode.switched(c, ev)
			case deferral.Ran:
				c.If(mode.now.IsZero(), c.Fail)
			}
		})
	}
	return m
}

// noSetInKernel knows whether the target's running frame is past its flush and before its exit step.
func noSetInKernel(l *ledger) *model.Monitor {
	m := &model.Monitor{Name: "no-set-in-kernel"}
	past := newFrameBit(l.d.Target, "past the flush", model.False)
	m.Ghosts = past.ghosts()
	m.On = func(ev model.Event) []*model.Stmt {
		return model.Build(func(c *model.Code) {
			if ev.Kind == deferral.Answered {
				c.If(model.Of(ev.Arg).And(past.now), c.Fail)
			}
			if ev.CPU != l.d.Target {
				return
			}
			switch ev.Kind {
			case deferral.LeftUser:
				c.Set(past.now, model.False)
			case deferral.Flushed:
				c.Set(past.now, model.True)
			case deferral.EnteredUser:
				past.enteredUser(c, ev)
			case model.Pushed, model.Popped:
				past.switched(c, ev)
			}
		})
	}
	return m
}

// A frameBit is a truth about the running frame of a CPU. An interrupt's frame inherits it from the
// frame that it interrupts, and gives it back when it returns or leaves the kernel again.
type frameBit struct {
	now   *model.Var
	saved []*model.Var // by depth: 0 for an IPI's handler, 1 and up for NMIs
}

func newFrameBit(cpu *model.CPU, name string, init model.Int) *frameBit {
	b := &frameBit{now: newTruth(cpu.Name+" "+name, init)}
	for d := range cpu.NMILevels() + 1 {
		b.saved = append(b.saved, newTruth(fmt.Sprintf("%s %s, saved %d", cpu.Name, name, d), model.False))
	}
	return b
}

// newTruth is a ghost that is no or yes.
func newTruth(name string, init model.Int) *model.Var {
	return model.NewGhost(name, model.Bool, init).Case(model.True, model.False, "no").Case(model.True, model.True,
		"yes")
}

func (b *frameBit) ghosts() []*model.Var { return append([]*model.Var{b.now}, b.saved...) }

func (b *frameBit) enteredUser(c *model.Code, ev model.Event) {
	if ev.Context == model.Task {
		c.Set(b.now, model.False)
		return
	}
	c.Set(b.now, b.saved[ev.Depth])
}

func (b *frameBit) switched(c *model.Code, ev model.Event) {
	if ev.Kind == model.Pushed {
		c.Set(b.saved[ev.Depth], b.now)
		return
	}
	c.Set(b.now, b.saved[ev.Depth])
	c.Set(b.saved[ev.Depth], model.False)
}

func failOn(name string, k model.EventKind) *model.Monitor {
	return &model.Monitor{Name: name, On: func(ev model.Event) []*model.Stmt {
		if ev.Kind != k {
			return nil
		}
		return model.Build((*model.Code).Fail)
	}}
}

func noWarn(*ledger) *model.Monitor { return failOn("no-warn", model.Warned) }

func noIPIInUser(*ledger) *model.Monitor { return failOn("no-ipi-in-user", deferral.IPIInUser) }

// noNeedlessIPI knows of each call under way whether the target was seen outside user mode.
func noNeedlessIPI(l *ledger) *model.Monitor {
	m := &model.Monitor{Name: "no-needless-ipi", Uses: []*model.Monitor{l.monitor}}
	saw := make([]*model.Var, len(l.state))
	for i, q := range l.d.Followed() {
		saw[i] = newTruth(fmt.Sprintf("request %d met the kernel", q.Index+1), model.False)
	}
	m.Ghosts = saw
	outside := l.d.Target.In(model.Frames(model.User, model.Guest)).IsZero()
	m.On = func(ev model.Event) []*model.Stmt {
		return model.Build(func(c *model.Code) {
			switch q := deferral.RequestOf(ev); {
			case q != nil && q.Repeated():
			case ev.Kind == deferral.Started:
				c.Set(saw[deferral.RequestOf(ev).Index], outside)
			case ev.Kind == deferral.Answered:
				v := saw[deferral.RequestOf(ev).Index]
				c.If(model.Of(ev.Arg).Or(v).IsZero(), c.Fail)
				c.Set(v, model.False)
			case ev.CPU == l.d.Target && (ev.Kind == model.Pushed ||
				ev.Kind == model.FrameEntered && ev.Frame == model.Entry):
				for i, s := range l.state {
					c.If(underWay(s), func() { c.Set(saw[i], model.True) })
				}
			}
		})
	}
	return m
}

// mostTokens is how many executions to come the monitor flushCredit knows of: one for the bit in memory, and
// one for the bit that a flush has read.
const mostTokens = 2

// flushCredit is stronger than noDoubleExecution where any number of requests ask for WORK_0. Each answer true
// is a token, of which at most so many are remembered, and a flush that runs the callback takes one. So the
// flushes never run it more often than requests were answered true; and IPIs run it once for each request that
// was answered false, since the setters send no other and a handler runs it once. Both together never exceed
// the requests that were started.
func flushCredit(l *ledger) *model.Monitor {
	m := &model.Monitor{Name: "no-double-execution"}
	tokens := model.NewGhost("flushes that may run WORK_0", model.UpTo(mostTokens), model.Int(0))
	m.Ghosts = append(m.Ghosts, tokens)
	m.On = func(ev model.Event) []*model.Stmt {
		return model.Build(func(c *model.Code) {
			switch q := deferral.RequestOf(ev); {
			case ev.Kind == deferral.Answered && q.Work == 0:
				c.If(model.Of(ev.Arg).And(tokens.Ne(model.Int(mostTokens))), func() {
					c.Set(tokens, tokens.Add(model.Int(1)))
				})
			case ev.Kind == deferral.Ran && ev.Subject != deferral.ByIPI:
				c.If(model.Of(ev.Arg).IsZero(), func() {
					c.If(tokens.IsZero(), c.Fail, func() { c.Set(tokens, tokens.Sub(model.Int(1))) })
				})
			}
		})
	}
	return m
}
