package cfront

import (
	"ctcheck/model"

	"modernc.org/cc/v4"
)

// This file lowers the sending of interrupts by the kernel's own names.

// A line is an interrupt that code sends: of one call_single_data or irq_work to one CPU.
type line struct{ ipi *model.IPI }

// smpCall is smp_call_function_single_async(): -EBUSY if the same call is still to be made.
func (l *lowering) smpCall(c *vocable) value {
	var cpu *model.Node
	var csd value
	l.unsequenced(c.e, func() { cpu, _, _ = l.number(c.args[0], use{}) },
		func() { csd = l.value(c.args[1], use{}) })
	const busy = -16
	return l.sends(c, cpu, csd, func(pending *model.Node) *model.Node {
		return bin(model.OpMul, pending, num(busy))
	}, 8)
}

// irqWork is irq_work_queue(), on the CPU itself: false if it is queued already.
func (l *lowering) irqWork(c *vocable) value {
	w := l.value(c.args[0], use{})
	return l.sends(c, num(int64(l.ctx.cpu)), w, not, -1)
}

// irqWorkOn is irq_work_queue_on().
func (l *lowering) irqWorkOn(c *vocable) value {
	var cpu *model.Node
	var w value
	l.unsequenced(c.e, func() { w = l.value(c.args[0], use{}) }, func() { cpu, _, _ = l.number(c.args[1], use{}) })
	return l.sends(c, cpu, w, not, -1)
}

// sends raises the interrupt of what is at an address on a CPU. The function is at its beginning, and its argument
// at the given offset behind that, or, where that is negative, the address itself.
func (l *lowering) sends(c *vocable, cpu *model.Node, of value, answer func(pending *model.Node) *model.Node,
	info int64) value {
	if l.deferral != nil || l.watching {
		l.fail(c.e, "%s: the IPIs of a deferral design are sent where set_work answers false; here nothing is sent",
			c.name)
	}
	lv := l.pointedTo(of, c.e)
	if lv.to != nil {
		l.facts.set(l.facts.escapes, lv.to.key)
		panic(bail{})
	}
	addrs := []int64{lv.addr.K}
	if lv.addr.Op != model.OpConst {
		if addrs = lv.cands; addrs == nil {
			addrs = l.spans(lv.t)
		}
		l.valid(lv, addrs)
	}
	if len(addrs) == 0 {
		l.fail(c.e, "%s is of nothing that the file has", c.name)
	}
	cpus := []int64{cpu.K}
	if cpu.Op != model.OpConst {
		cpus = nil
		for i := range l.cpus {
			cpus = append(cpus, int64(i))
		}
		l.assert(anyOf(cpu, cpus), l.at.text+" is to a CPU that there is not")
	} else if cpu.K < 0 || cpu.K >= int64(l.cpus) {
		l.fail(c.e, "there is no CPU %d; there are %d", cpu.K, l.cpus)
	}
	var out *model.Var
	if !c.us.unused {
		out = l.temp(model.Bool)
	}
	l.choose(lv.addr, addrs, func(addr int64) {
		l.choose(cpu, cpus, func(i int64) { l.raise(c, addr, int(i), info, out) })
	})
	if out == nil {
		return value{t: c.e.Type()}
	}
	return value{t: c.e.Type(), n: answer(out.Node())}
}

// choose lowers f for the one of some numbers that an expression is.
func (l *lowering) choose(n *model.Node, ks []int64, f func(k int64)) {
	if len(ks) == 1 {
		f(ks[0])
		return
	}
	l.branch(equal(n, ks[0]), func() { f(ks[0]) }, func() { l.choose(n, ks[1:], f) })
}

// raise is one step: whether the interrupt was pending goes to out, and it is pending.
func (l *lowering) raise(c *vocable, addr int64, cpu int, info int64, out *model.Var) {
	ln := l.lineOf(c, addr, cpu, info)
	send := &model.Stmt{Kind: model.StmtSend, IPI: ln.ipi, Raise: true}
	if out == nil {
		l.emit(send)
		return
	}
	l.atomic(func() {
		l.emit(&model.Stmt{Kind: model.StmtAssign, Dst: out, Arg: ln.ipi.Pending().Node()})
		l.emit(send)
	})
}

// lineOf is the interrupt of what is at an address on a CPU, whose handler calls the function that is there in the
// beginning.
func (l *lowering) lineOf(c *vocable, addr int64, cpu int, info int64) *line {
	name := l.nameAt(addr, 0)
	if in, ok := l.mem.find(addr); ok {
		name = l.nameAt(addr, in.o.t.Size()-in.off)
	}
	key := name + "@" + l.cpuName(cpu)
	if ln := l.lines[key]; ln != nil {
		return ln
	}
	at := func(off int64) int64 {
		in, ok := l.mem.find(addr + off)
		if !ok || in.o.cellAt(in.off, 8) == nil {
			l.fail(c.e, "%s is of memory that is no variable", c.name)
		}
		return l.initial(in, in.o.cellAt(in.off, 8))
	}
	fn, arg := at(0), addr
	if info > 0 {
		arg = at(info)
	}
	if fn == 0 {
		l.fail(c.e,
			"%s has no function; give it one where it is declared, as CSD_INIT(f, info) or IRQ_WORK_INIT(f)",
			name)
	}
	r := l.p.Routine("IPI: "+name, func(*model.Routine) {})
	ln := &line{l.cpuVars[cpu].IPI(name, r)}
	l.lines[key] = ln
	l.queue = append([]func(){func() {
		f := &function{r: r}
		l.within(f, context{cpu: cpu, level: model.InIRQ, name: name}, func() {
			l.standing(c.e, func() {
				args := []value{{t: c.args[0].Type(), n: num(arg)}}
				l.callOf(fn, args, cc.ExpressionNode(c.e), use{unused: true})
			})
		})
	}}, l.queue...)
	return ln
}
