package ir

import "ctcheck/model"

// This file lowers events: what claims and monitors make of them is woven in where they happen.

// event emits an event, the claims that it satisfies, and the monitors' ghost code.
func (l *lowering) event(ev model.Event) {
	ev.CPU, ev.Context, ev.Depth = l.level.CPU.CPU, l.level.Context, l.level.Depth
	in := Instr{Op: OpEvent, Event: &ev}
	if ev.Arg != nil {
		in.Arg = l.expr(ev.Arg)
	}
	l.emit(in)
	l.watching = true
	l.watched(ev)
	l.watching = false
}

// watched emits what claims and monitors make of an event.
func (l *lowering) watched(ev model.Event) {
	for i, cl := range l.p.Claims {
		if cl.Event != ev.Kind || cl.State != nil {
			continue
		}
		when := constant(1)
		if cl.When != nil {
			when = l.claimed(cl.When(ev), cl.Name)
		}
		if !when.IsConst() || when.K != 0 {
			skip := l.emit(Instr{Op: OpUnless, Cond: when})
			l.emit(Instr{Op: OpReach, Bits: 1 << i})
			l.patch(skip)
		}
	}
	for _, m := range l.monitors {
		if m.Progress != nil && m.Progress(ev) {
			l.emit(Instr{Op: OpProgress, Bits: l.property(m)})
		}
		if m.On != nil {
			l.monitor = m
			l.block(m.On(ev))
			l.monitor = nil
		}
	}
}
