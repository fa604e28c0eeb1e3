package ir

import (
	"fmt"
	"slices"

	"ctcheck/model"
)

// This file lowers statements: from the tree of a routine to a flat list of instructions.

func (l *lowering) emit(in Instr) int {
	in.Frame, in.Inside = l.frame, l.atomic > 0
	if n := len(l.calls); n > 0 {
		in.Call = l.calls[n-1].Call
		in.Routine = in.Call.Routine.Name
	}
	l.out.Code = append(l.out.Code, in)
	return len(l.out.Code) - 1
}

// emitStep emits an instruction with which a step begins, unless it is inside an Atomic.
func (l *lowering) emitStep(in Instr) int {
	in.Step = l.atomic == 0
	return l.emit(in)
}

func (l *lowering) here() int { return len(l.out.Code) }

// patch has jumps lead to where the next instruction will be.
func (l *lowering) patch(ips ...int) {
	for _, ip := range ips {
		l.out.Code[ip].To = l.here()
	}
}

func (l *lowering) block(stmts []*model.Stmt) {
	for _, s := range stmts {
		l.try(s, func() { l.stmt(s) })
	}
}

func (l *lowering) stmt(s *model.Stmt) {
	if s == nil {
		bad("a statement in %s is nil; leave it out", l.where())
	}
	ghostly := []model.StmtKind{model.StmtAssign, model.StmtIf, model.StmtFail, model.StmtBad}
	if l.monitor != nil && !slices.Contains(ghostly, s.Kind) {
		bad("ghost code of %q may only assign, branch and fail", l.monitor.Name)
	}
	switch s.Kind {
	case model.StmtAccess:
		l.access(s)
	case model.StmtPause:
		l.emitStep(Instr{Op: OpPause, Stmt: s})
	case model.StmtAwait:
		l.emitStep(Instr{Op: OpAwait, Cond: l.expr(s.Cond), Stmt: s})
	case model.StmtSend:
		l.emitStep(Instr{Op: OpSend, Var: l.pending(s.IPI), Stmt: s})
		l.event(model.Event{Kind: model.Sent, IPI: s.IPI})
	case model.StmtIRQ:
		l.irq(s)
	case model.StmtChoose:
		l.choose(s)
	case model.StmtAtomic:
		l.emitStep(Instr{Op: OpPause, Stmt: s})
		l.atomic++
		l.block(s.Body)
		l.atomic--
	case model.StmtFence:
		l.emitStep(Instr{Op: OpFence, Stmt: s})
	case model.StmtAssign:
		l.assign(s)
	case model.StmtIf:
		l.branch(s)
	case model.StmtWhile, model.StmtDoWhile:
		l.loop(s)
	case model.StmtBreak:
		if len(l.loops) == 0 {
			bad("Break outside a loop in %s", l.where())
		}
		top := len(l.loops) - 1
		l.loops[top] = append(l.loops[top], l.emit(Instr{Op: OpJump}))
	case model.StmtReturn:
		l.returns(s)
	case model.StmtCall:
		l.call(s)
	case model.StmtEvent:
		if s.Opens {
			l.emitStep(Instr{Op: OpOpen, Stmt: s})
		}
		l.event(model.Event{Kind: s.Event, Subject: s.Subject, Arg: s.Arg, IPI: s.IPI, Label: s.Label})
	case model.StmtAssert:
		l.assert(s)
	case model.StmtFrame:
		l.frameStmt(s)
	case model.StmtBad:
		bad("%s", s.Label)
	case model.StmtFail:
		if l.monitor == nil {
			bad("Fail belongs in the ghost code of a monitor")
		}
		l.emit(Instr{Op: OpFail, Bits: l.property(l.monitor)})
	}
}

// flag is the interrupt flag of a level, some code of which speaks of it.
func (lv *Level) flag() *Var {
	if lv.IRQs == nil {
		lv.IRQs = &Var{Kind: Flag, Name: "interrupts on", Range: model.Bool, Level: lv}
	}
	return lv.IRQs
}

// irq lowers a statement about the interrupt flag. An NMI has none.
func (l *lowering) irq(s *model.Stmt) {
	in := Instr{Op: OpIRQ, Stmt: s, Dst: l.place(s.Dst)}
	if l.level.Context != model.InNMI {
		in.Var = l.level.flag()
	} else if s.IRQ == model.IRQEnable {
		bad("%q (%s:%d) enables interrupts in an NMI, whose return does that", s.Label, s.File, s.Line)
	}
	switch s.IRQ {
	case model.IRQDisable, model.IRQSave:
		in.Arg = constant(0)
	case model.IRQEnable:
		in.Arg = constant(1)
	case model.IRQRestore:
		in.Arg = l.expr(s.Arg)
	}
	l.emitStep(in)
}

// assert makes it a fault that the condition is false: of the program if that is known, otherwise of the run. The
// instructions belong to no statement, so that coverage does not count them.
func (l *lowering) assert(s *model.Stmt) {
	why := fmt.Sprintf("the assertion %s fails: %s (%s:%d)", s.Cond, s.Label, s.File, s.Line)
	cond := l.expr(s.Cond)
	if cond.IsConst() {
		if cond.K == 0 {
			bad("%s", s.Label)
		}
		return
	}
	fine := l.emit(Instr{Op: OpUnless, Cond: &Expr{Op: model.OpNot, A: cond}})
	l.emit(Instr{Op: OpFault, Why: why})
	l.patch(fine)
}

// place is the variable that is written; nil for none.
func (l *lowering) place(v *model.Var) *Var {
	if v == nil {
		return nil
	}
	to, _, isConst := l.bind(v)
	if v.Kind == model.Shared {
		bad("%s takes a result without a step; give the result to a local and store that", v.Name)
	}
	if isConst {
		bad("parameter %s is written, but its argument is a constant; copy it to a local first", v.Name)
	}
	return to
}

func (l *lowering) assign(s *model.Stmt) {
	to := func(v *model.Var) {
		if l.monitor != nil && !slices.Contains(l.monitor.Ghosts, v) {
			bad("ghost code of %q assigns to %s, which is not among its ghosts", l.monitor.Name, v.Name)
		}
		l.emit(Instr{Op: OpAssign, Dst: l.place(v), Arg: l.expr(s.Arg), Stmt: s})
	}
	if s.At == nil {
		to(s.Dst)
		return
	}
	if index := l.expr(s.At.A); index.IsConst() {
		to(l.known(s.At, index.K))
	} else {
		l.chosen(s, index, to)
	}
}

// access emits an access. One to an element is chosen within the step.
func (l *lowering) access(s *model.Stmt) {
	v := s.Var
	if s.At != nil {
		index := l.expr(s.At.A)
		if !index.IsConst() {
			if l.atomic == 0 {
				l.emitStep(Instr{Op: OpOpen, Stmt: s})
			}
			l.chosen(s, index, func(v *model.Var) { l.accessTo(s, v, false) })
			return
		}
		v = l.known(s.At, index.K)
	}
	l.accessTo(s, v, l.atomic == 0)
}

// accessTo emits the access of a statement to one variable; opens says that a step begins with it.
func (l *lowering) accessTo(s *model.Stmt, v *model.Var, opens bool) {
	in := Instr{Op: OpAccess, Step: opens, Stmt: s, Var: l.globals[v], Dst: l.place(s.Dst), Old: l.place(s.OldVar)}
	if in.Var == nil {
		bad("%s is not a variable of this program", v.Name)
	}
	if v.Kind != model.Shared {
		bad("%q accesses %s, which is no shared variable", s.Label, v.Name)
	}
	if v.Plain && s.Order != model.Plain {
		bad("%q accesses %s, which is declared plain; use ReadPlain or WritePlain, or declare it with Shared",
			s.Label, v.Name)
	}
	if s.Arg != nil {
		in.Arg = l.expr(s.Arg)
	}
	if s.Old != nil {
		in.Expected = l.expr(s.Old)
	}
	if s.Cond != nil {
		in.Cond = l.expr(s.Cond)
	}
	if s.Op == model.StoreBits {
		l.partOf(s, v, in.Expected)
	}
	ip := l.emit(in)
	if len(s.Body) > 0 {
		l.block(s.Body)
		l.emit(Instr{Op: OpVisible, To: ip})
		l.out.Code[ip].Effect = l.here()
	}
}

// partOf sees to it that a store to part of a variable is to bits that it has.
func (l *lowering) partOf(s *model.Stmt, v *model.Var, mask *Expr) {
	switch {
	case !mask.IsConst():
		bad("%q stores to bits that depend on the state", s.Label)
	case v.Lo != 0 || v.Hi&(v.Hi+1) != 0:
		bad("%q: some patterns of bits are outside %d..%d; give %s a range of Bits", s.Label, v.Lo, v.Hi, v.Name)
	case mask.K == 0 || !v.Contains(mask.K):
		bad("%q: the mask %d is not one of bits of %s", s.Label, mask.K, v.Name)
	}
}

func (l *lowering) choose(s *model.Stmt) {
	if l.atomic > 0 {
		bad("Choose inside Atomic in %s; choose first", l.where())
	}
	alts := make([]Alt, len(s.Alts))
	l.emitStep(Instr{Op: OpChoose, Stmt: s, Alts: alts})
	var ends []int
	for i, a := range s.Alts {
		alts[i] = Alt{l.expr(a.Guard), l.here()}
		l.block(a.Body)
		ends = append(ends, l.emit(Instr{Op: OpJump}))
	}
	l.patch(ends...)
}

func (l *lowering) branch(s *model.Stmt) {
	cond := l.expr(s.Cond)
	if cond.IsConst() {
		if cond.K != 0 {
			l.block(s.Body)
		} else {
			l.block(s.Else)
		}
		return
	}
	skip := l.emit(Instr{Op: OpUnless, Cond: cond, Stmt: s})
	l.block(s.Body)
	if len(s.Else) > 0 {
		over := l.emit(Instr{Op: OpJump})
		l.patch(skip)
		l.block(s.Else)
		l.patch(over)
	} else {
		l.patch(skip)
	}
}

func (l *lowering) loop(s *model.Stmt) {
	l.loops = append(l.loops, nil)
	head := l.here()
	cond := l.expr(s.Cond)
	out := -1
	if s.Kind == model.StmtWhile {
		out = l.emit(Instr{Op: OpUnless, Cond: cond, Stmt: s})
	}
	l.block(s.Body)
	if s.Kind == model.StmtDoWhile {
		out = l.emit(Instr{Op: OpUnless, Cond: cond, Stmt: s})
	}
	l.emit(Instr{Op: OpJump, To: head})
	top := len(l.loops) - 1
	l.patch(append(l.loops[top], out)...)
	l.loops = l.loops[:top]
}

func (l *lowering) returns(s *model.Stmt) {
	c := &l.calls[len(l.calls)-1]
	if c.result != nil {
		if s.Arg == nil {
			bad("%s returns nothing, but its caller wants a result", l.where())
		}
		l.emit(Instr{Op: OpAssign, Dst: c.result, Arg: l.expr(s.Arg), Stmt: s})
	}
	c.returns = append(c.returns, l.emit(Instr{Op: OpJump}))
}

// call inlines a routine: its locals get slots above those in use, and are dead when it returns.
func (l *lowering) call(s *model.Stmt) {
	f := s.Call
	if slices.ContainsFunc(l.calls, func(c called) bool { return c.Routine == f }) {
		bad("%s calls itself; calls are inlined, so write a loop", f.Name)
	}
	in := &Call{Routine: f, Consts: map[*model.Var]int64{}, Vars: map[*model.Var]*Var{}}
	if n := len(l.calls); n > 0 {
		in.Up = l.calls[n-1].Call
	}
	base := l.slots
	for i, v := range f.Params {
		if i >= len(s.Args) {
			bad("%s is called with %d arguments, it has %d parameters", f.Name, len(s.Args), len(f.Params))
		}
		arg := l.expr(s.Args[i])
		if arg.IsConst() {
			if !v.Contains(arg.K) {
				bad("%s is called with %s = %d, outside %d..%d", f.Name, v.Name, arg.K, v.Lo, v.Hi)
			}
			in.Consts[v] = arg.K
			continue
		}
		in.Vars[v] = l.local(v)
		l.emit(Instr{Op: OpAssign, Dst: in.Vars[v], Arg: arg, Stmt: s})
	}
	for _, v := range f.Locals {
		in.Vars[v] = l.local(v)
		if v.Init != v.Lo {
			l.emit(Instr{Op: OpAssign, Dst: in.Vars[v], Arg: constant(v.Init)})
		}
	}
	dst, loops := l.place(s.Dst), l.loops
	l.loops = nil
	l.calls = append(l.calls, called{Call: in, result: dst})
	l.block(f.Body)
	if dst != nil {
		l.emit(Instr{Op: OpFault, Why: f.Name + " ends without the result that its caller wants; " +
			"let every way through it Return one"})
	}
	top := len(l.calls) - 1
	l.patch(l.calls[top].returns...)
	l.calls, l.loops = l.calls[:top], loops
	for ; l.slots > base; l.slots-- {
		vars := l.level.Locals[l.slots-1]
		l.emit(Instr{Op: OpDead, Dst: vars[len(vars)-1]})
	}
}

// local gives a local variable the next slot of the level.
func (l *lowering) local(v *model.Var) *Var {
	lv := l.level
	if l.slots == len(lv.Locals) {
		lv.Locals = append(lv.Locals, nil)
	}
	to := &Var{Kind: Local, Name: v.Name, Range: v.Range, Source: v, Level: lv, Slot: l.slots}
	lv.Locals[l.slots] = append(lv.Locals[l.slots], to)
	l.slots++
	return to
}

func (l *lowering) frameStmt(s *model.Stmt) {
	if len(l.calls) != 1 {
		bad("%s changes the frame; only a CPU's own code and its handlers may", l.where())
	}
	if !s.Frame.In(l.level.Context) {
		bad("%s runs as the frame %s, which is not one of %s", l.where(), s.Frame, contexts[l.level.Context])
	}
	outer := l.frame
	l.frame = s.Frame
	l.event(model.Event{Kind: model.FrameEntered, Frame: s.Frame})
	l.block(s.Body)
	l.frame = outer
}

var contexts = map[model.Context]string{model.Task: "a CPU's own code", model.InIRQ: "an IPI's handler",
	model.InNMI: "an NMI's handler"}
