package model

import "slices"

// This file has interrupts as the kernel masks and raises them. The flag that masks them (IF on x86) belongs to
// a level of a CPU's stack: on when its own code begins, off when the handler of an interrupt or an NMI does;
// the return of a handler brings back that of what it interrupted. On or off, interrupts are taken only in
// frames that let them in. To change the flag (cli, sti, popf) serializes nothing, so stores go on waiting in
// the store buffer.

// IRQOp is what a statement does to the interrupt flag of the level that runs it.
type IRQOp uint8

// What becomes of the flag.
const (
	IRQDisable IRQOp = iota // local_irq_disable(): off
	IRQEnable               // local_irq_enable(): on
	IRQFlags                // local_save_flags(flags): stays, and Dst takes it, 1 for on
	IRQSave                 // local_irq_save(flags): Dst takes it, and it is off
	IRQRestore              // local_irq_restore(flags): on if Arg is not 0, off if it is
)

// LocalIRQDisable is local_irq_disable(). An interrupt may come right before it, so it is a step.
func (c *Code) LocalIRQDisable() { c.irq(&Stmt{Label: "local_irq_disable()", IRQ: IRQDisable}) }

// LocalIRQEnable is local_irq_enable(). In the handler of an interrupt it lets in the other lines of the CPU; in
// that of an NMI it is refused.
func (c *Code) LocalIRQEnable() { c.irq(&Stmt{Label: "local_irq_enable()", IRQ: IRQEnable}) }

// LocalSaveFlags is local_save_flags(flags): flags, a local, takes 1 if interrupts are on, else 0.
func (c *Code) LocalSaveFlags(flags *Var) { c.saved("local_save_flags", IRQFlags, flags) }

// LocalIRQSave is local_irq_save(flags): flags, a local, takes 1 if interrupts were on, else 0; now they are off.
func (c *Code) LocalIRQSave(flags *Var) { c.saved("local_irq_save", IRQSave, flags) }

// LocalIRQRestore is local_irq_restore(flags): interrupts are on if flags is not 0, and off if it is. In the
// handler of an NMI nothing happens.
func (c *Code) LocalIRQRestore(flags Value) {
	arg := c.node("local_irq_restore", flags)
	c.irq(&Stmt{Label: "local_irq_restore(" + arg.String() + ")", IRQ: IRQRestore, Arg: arg})
}

func (c *Code) saved(name string, op IRQOp, flags *Var) {
	if flags == nil || flags.Kind != Local || !flags.Contains(0) || !flags.Contains(1) {
		c.bad(name, "the flags go to a local that can be 0 and 1")
		return
	}
	c.irq(&Stmt{Label: name + "(" + flags.Name + ")", IRQ: op, Dst: flags})
}

func (c *Code) irq(s *Stmt) {
	s.Kind = StmtIRQ
	c.add(s)
}

// RaiseIPI makes an IPI pending, and does nothing where it is: the interrupt controller has one bit for each line.
func (c *Code) RaiseIPI(label string, ipi *IPI) {
	if ipi == nil {
		c.bad(label, "the IPI is nil; declare it first")
		return
	}
	c.add(&Stmt{Kind: StmtSend, Label: label, IPI: ipi, Raise: true})
}

// OnIRQ declares the line of a device, whose interrupts come by themselves where the CPU takes them: at most
// total in a run, and none need come. With total 0 there are none. The handler is called with the given
// constants.
func (c *CPU) OnIRQ(name string, handler *Routine, total int, args ...Value) *IPI {
	line := c.IPI(name, handler, args...)
	line.Device, line.Total = true, total
	return line
}

// HasDevices reports whether some line of the CPU is that of a device.
func (c *CPU) HasDevices() bool {
	return slices.ContainsFunc(c.IPIs, func(l *IPI) bool { return l.Device })
}

// IRQsDisabled reports whether the running level of the CPU takes no interrupts: its flag is off, or its frame
// keeps them out. While a step runs the flag is what the step has made of it, and the frame what it was before.
func (c *CPU) IRQsDisabled() Expr { return Expr{&Node{Op: OpIRQsOff, CPU: c}} }

// MasksIRQs reports whether the routine, or one that it calls, speaks of the interrupt flag of its level.
func (r *Routine) MasksIRQs() bool { return r.has(func(s *Stmt) bool { return s.Kind == StmtIRQ }) }

// EnablesIRQs reports whether the routine, or one that it calls, may turn that flag on.
func (r *Routine) EnablesIRQs() bool {
	return r.has(func(s *Stmt) bool { return s.Kind == StmtIRQ && (s.IRQ == IRQEnable || s.IRQ == IRQRestore) })
}

func (r *Routine) has(is func(s *Stmt) bool) (found bool) {
	r.statements(map[*Routine]bool{}, func(s *Stmt) bool {
		found = found || is(s)
		return !found
	})
	return found
}
