package plain

import "ctcheck/model"

// This file has interrupts: who takes them, and the flag that masks them.

// interrupts takes what may interrupt CPU i in s.
func (x *explorer) interrupts(s *state, i int, take func(r *run, k move, nth int)) {
	c, owner := s.cpus[i], x.p.CPUs[i]
	if !x.lazy && len(c.waiting) > 0 {
		return // it would drain before it took an interrupt
	}
	for j, line := range owner.IPIs {
		if !c.open() || c.serves(line) || !c.pending[j] && c.came[j] >= line.Total {
			continue
		}
		r := x.run(s, i)
		kind := comesIPI
		if line.Device {
			kind = comesIRQ
			r.after.cpus[i].came[j]++
		}
		r.after.cpus[i].pending[j] = false
		r.push(model.InIRQ, line, line.Handler, line.Args)
		take(r, kind, j)
	}
	unbounded := owner.NMITotal == model.AnyNumber
	if (unbounded || c.nmis < owner.NMITotal) && c.nmiDepth() < owner.NMIDepth {
		r := x.run(s, i)
		if !unbounded {
			r.after.cpus[i].nmis++
		}
		r.push(model.InNMI, nil, owner.NMI, nil)
		take(r, comesNMI, 0)
	}
}

// open reports whether the CPU takes interrupts where it stands.
func (c *cpu) open() bool {
	frames := model.Frames(model.Body, model.Idle)
	switch top := c.top(); {
	case top.context == model.InNMI || top.masked:
		return false
	case top.context == model.InIRQ && top.frame() == model.IRQ:
		return true
	default:
		return frames.Has(top.frame())
	}
}

// serves reports whether a handler of the line is on the stack.
func (c *cpu) serves(line *model.IPI) bool {
	for _, l := range c.levels {
		if l.ipi == line {
			return true
		}
	}
	return false
}

// flag executes a statement about the interrupt flag. An NMI has it masked for good.
func (r *run) flag(s *model.Stmt) {
	l := r.level()
	if s.Dst != nil {
		r.set(s.Dst, truth(!l.masked))
	}
	if l.context == model.InNMI {
		return
	}
	switch s.IRQ {
	case model.IRQDisable, model.IRQSave:
		l.masked = true
	case model.IRQEnable:
		l.masked = false
	case model.IRQRestore:
		l.masked = r.eval(s.Arg) == 0
	}
}

// send makes an IPI pending, or waits until it can.
func (r *run) send(s *model.Stmt) {
	pending := r.after.cpus[s.IPI.CPU.Index].pending
	if r.blocked = pending[s.IPI.Index] && !s.Raise || r.waits(); r.blocked {
		return
	}
	pending[s.IPI.Index] = true
	r.event(model.Event{Kind: model.Sent, IPI: s.IPI})
}

// off is whether a CPU takes no interrupts: where it stood before the step, with the flag as it is.
func (r *run) off(i int) bool {
	before := r.before.cpus[i]
	was := *before.top()
	was.masked = r.after.cpus[i].levels[len(before.levels)-1].masked
	return !(&cpu{levels: []*level{&was}}).open()
}
