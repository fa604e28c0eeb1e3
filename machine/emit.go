package machine

import (
	"fmt"
	"slices"

	"ctcheck/model"
)

// This file compiles statements: from the tree of a routine to a flat list of instructions.

func (c *compiler) emit(in instr) int {
	in.point, in.frame, in.inner = -1, c.frame, c.atomic > 0
	if len(c.calls) > 0 {
		in.routine = c.calls[len(c.calls)-1].Name
	}
	c.m.code = append(c.m.code, in)
	return len(c.m.code) - 1
}

// emitPoint emits an instruction before which a step ends, unless it is inside an Atomic.
func (c *compiler) emitPoint(in instr) int {
	ip := c.emit(in)
	if c.atomic == 0 {
		c.m.code[ip].point = int32(len(c.level.points))
		c.level.points = append(c.level.points, point{ip: ip, frame: c.frame, calls: c.under})
	}
	return ip
}

func (c *compiler) here() int { return len(c.m.code) }

func (c *compiler) patch(ips ...int) {
	for _, ip := range ips {
		c.m.code[ip].to = c.here()
	}
}

func (c *compiler) block(stmts []*model.Stmt) {
	for _, s := range stmts {
		c.stmt(s)
	}
}

func (c *compiler) stmt(s *model.Stmt) {
	if c.monitor != nil && s.Kind != model.StmtAssign && s.Kind != model.StmtIf && s.Kind != model.StmtFail {
		bad("ghost code of %q may only assign, branch and fail", c.monitor.Name)
	}
	switch s.Kind {
	case model.StmtAccess:
		c.accessStmt(s)
	case model.StmtPause:
		c.emitPoint(instr{op: iPause, stmt: s})
	case model.StmtAwait:
		c.emitPoint(instr{op: iAwait, cond: c.expr(s.Cond), stmt: s})
	case model.StmtSend:
		c.emitPoint(instr{op: iSend, v: c.pendingIPI(s.IPI), drains: c.o.Memory.Drains(s), stmt: s})
		c.event(model.Event{Kind: model.Sent, IPI: s.IPI})
	case model.StmtChoose:
		c.choose(s)
	case model.StmtAtomic:
		c.emitPoint(instr{op: iPause, stmt: s, drains: c.o.Memory.Drains(s)})
		c.atomic++
		c.block(s.Body)
		c.atomic--
	case model.StmtFence:
		c.drain(s)
	case model.StmtAssign:
		if c.monitor != nil && !slices.Contains(c.monitor.Ghosts, s.Dst) {
			bad("ghost code of %q assigns to %s, which is not among its ghosts", c.monitor.Name, s.Dst.Name)
		}
		c.emit(instr{op: iAssign, dst: c.place(s.Dst), arg: c.expr(s.Arg), stmt: s})
	case model.StmtIf:
		c.branch(s)
	case model.StmtWhile, model.StmtDoWhile:
		c.loop(s)
	case model.StmtBreak:
		if len(c.loops) == 0 {
			bad("Break outside a loop in %s", c.calls[len(c.calls)-1].Name)
		}
		top := len(c.loops) - 1
		c.loops[top] = append(c.loops[top], c.emit(instr{op: iJump}))
	case model.StmtReturn:
		c.returnStmt(s)
	case model.StmtCall:
		c.call(s)
	case model.StmtEvent:
		if s.Opens {
			c.emitPoint(instr{op: iOpen, stmt: s})
		}
		c.event(model.Event{Kind: s.Event, Subject: s.Subject, Arg: s.Arg, IPI: s.IPI, Label: s.Label})
	case model.StmtAssert:
		c.assert(s)
	case model.StmtFrame:
		c.frameStmt(s)
	case model.StmtFail:
		if c.monitor == nil {
			bad("Fail belongs in the ghost code of a monitor")
		}
		c.emit(instr{op: iFail, bits: c.property(c.monitor)})
	}
}

// assert makes it a fault that the condition is false: of the program if that is known, otherwise of the run.
func (c *compiler) assert(s *model.Stmt) {
	cond := c.expr(s.Cond)
	if cond.op == model.OpConst {
		if cond.k == 0 {
			bad("%s (%s:%d)", s.Label, s.File, s.Line)
		}
		return
	}
	fine := c.emit(instr{op: iUnless, cond: &expr{op: model.OpNot, a: cond}})
	c.emit(instr{op: iFault, why: fmt.Sprintf("%s (%s:%d)", s.Label, s.File, s.Line)})
	c.patch(fine)
}

// place is where a variable that is written lives.
func (c *compiler) place(v *model.Var) *loc {
	if v == nil {
		return nil
	}
	l, _, isConst := c.bind(v)
	if v.Kind == model.Shared {
		bad("%s takes a result without a step; give the result to a local and store that", v.Name)
	}
	if isConst {
		bad("parameter %s is written, but its argument is a constant; copy it to a local first", v.Name)
	}
	return l
}

func (c *compiler) accessStmt(s *model.Stmt) {
	in := instr{op: iAccess, acc: s.Op, res: s.Result, stmt: s,
		v: c.root.locs[s.Var], dst: c.place(s.Dst), old: c.place(s.OldVar), drains: c.o.Memory.Drains(s)}
	if in.v == nil {
		bad("%s is not a variable of this program", s.Var.Name)
	}
	if s.Var.Plain && s.Order != model.Plain {
		bad("%q (%s:%d) accesses %s, which is declared plain; use ReadPlain or WritePlain, or declare it with "+
			"Shared", s.Label, s.File, s.Line, s.Var.Name)
	}
	in.plain = s.Order == model.Plain && c.m.races != 0
	if s.Arg != nil {
		in.arg = c.expr(s.Arg)
	}
	if s.Old != nil {
		in.cmp = c.expr(s.Old)
	}
	if s.Cond != nil {
		in.cond = c.expr(s.Cond)
	}
	c.wait(&in, s)
	c.emitPoint(in)
	c.visible(s, in.site)
}

// drain emits a fence, if the memory model has it wait until the store buffer is empty. There is nothing to wait
// for inside an Atomic.
func (c *compiler) drain(s *model.Stmt) {
	if c.o.Memory.Drains(s) && c.atomic == 0 {
		c.emitPoint(instr{op: iDrain, stmt: s})
	}
}

func (c *compiler) choose(s *model.Stmt) {
	if c.atomic > 0 {
		bad("Choose inside Atomic in %s; choose first", c.calls[len(c.calls)-1].Name)
	}
	if len(s.Alts) == 0 {
		bad("Choose without alternatives in %s", c.calls[len(c.calls)-1].Name)
	}
	alts := make([]alt, len(s.Alts))
	c.emitPoint(instr{op: iChoose, stmt: s, alts: alts})
	var ends []int
	for i, a := range s.Alts {
		alts[i] = alt{c.expr(a.Guard), c.here()}
		c.block(a.Body)
		ends = append(ends, c.emit(instr{op: iJump}))
	}
	c.patch(ends...)
}

func (c *compiler) branch(s *model.Stmt) {
	cond := c.expr(s.Cond)
	if cond.op == model.OpConst {
		if cond.k != 0 {
			c.block(s.Body)
		} else {
			c.block(s.Else)
		}
		return
	}
	skip := c.emit(instr{op: iUnless, cond: cond, stmt: s})
	c.block(s.Body)
	if len(s.Else) > 0 {
		over := c.emit(instr{op: iJump})
		c.patch(skip)
		c.block(s.Else)
		c.patch(over)
	} else {
		c.patch(skip)
	}
}

func (c *compiler) loop(s *model.Stmt) {
	c.loops = append(c.loops, nil)
	head := c.here()
	cond := c.expr(s.Cond)
	if s.Kind == model.StmtWhile {
		out := c.emit(instr{op: iUnless, cond: cond, stmt: s})
		c.block(s.Body)
		c.m.code[c.emit(instr{op: iJump})].to = head
		c.patch(out)
	} else {
		c.block(s.Body)
		out := c.emit(instr{op: iUnless, cond: cond, stmt: s})
		c.m.code[c.emit(instr{op: iJump})].to = head
		c.patch(out)
	}
	top := len(c.loops) - 1
	c.patch(c.loops[top]...)
	c.loops = c.loops[:top]
}

func (c *compiler) returnStmt(s *model.Stmt) {
	top := len(c.returns) - 1
	if dst := c.result[top]; dst != nil {
		if s.Arg == nil {
			bad("%s returns nothing, but its caller wants a result", c.calls[len(c.calls)-1].Name)
		}
		c.emit(instr{op: iAssign, dst: dst, arg: c.expr(s.Arg), stmt: s})
	}
	c.returns[top] = append(c.returns[top], c.emit(instr{op: iJump}))
}

// call inlines a routine: its locals get slots above those in use, and are reset when it returns.
func (c *compiler) call(s *model.Stmt) {
	f := s.Call
	if slices.Contains(c.calls, f) {
		bad("%s calls itself; calls are inlined, so write a loop", f.Name)
	}
	in := &scope{up: c.root, consts: map[*model.Var]int64{}, locs: map[*model.Var]*loc{}}
	base := c.stack
	for i, v := range f.Params {
		if i >= len(s.Args) {
			bad("%s is called with %d arguments, it has %d parameters", f.Name, len(s.Args), len(f.Params))
		}
		arg := c.expr(s.Args[i])
		if arg.op == model.OpConst {
			if !v.Contains(arg.k) {
				bad("%s is called with %s = %d, outside %d..%d", f.Name, v.Name, arg.k, v.Lo, v.Hi)
			}
			in.consts[v] = arg.k
			continue
		}
		in.locs[v] = c.local(v)
		c.emit(instr{op: iAssign, dst: in.locs[v], arg: arg, stmt: s})
	}
	for _, v := range f.Locals {
		in.locs[v] = c.local(v)
		if v.Init != v.Lo {
			c.emit(instr{op: iAssign, dst: in.locs[v], arg: &expr{op: model.OpConst, k: v.Init}})
		}
	}
	dst := c.place(s.Dst)
	outer, loops := c.env, c.loops
	c.env, c.loops = in, nil
	c.under = &activation{c.under, f, in}
	c.calls = append(c.calls, f)
	c.returns, c.result = append(c.returns, nil), append(c.result, dst)
	c.block(f.Body)
	if dst != nil {
		c.emit(instr{op: iFault, why: f.Name + " ends without the result that its caller wants; " +
			"let every way through it Return one"})
	}
	top := len(c.returns) - 1
	c.patch(c.returns[top]...)
	c.returns, c.result = c.returns[:top], c.result[:top]
	c.calls = c.calls[:len(c.calls)-1]
	c.env, c.loops, c.under = outer, loops, c.under.up
	for ; c.stack > base; c.stack-- {
		c.emit(instr{op: iZero, dst: c.loc(c.level.locals[c.stack-1], model.Range{}, nil)})
	}
}

// local gives a local variable the next slot of the level's stack.
func (c *compiler) local(v *model.Var) *loc {
	lv := c.level
	if c.stack == len(lv.locals) {
		lv.locals = append(lv.locals, c.slot(v.Name, v.Width()))
	}
	s := lv.locals[c.stack]
	c.slots[s].width = max(c.slots[s].width, v.Width())
	c.stack++
	return c.loc(s, v.Range, v)
}

func (c *compiler) frameStmt(s *model.Stmt) {
	if len(c.calls) != 1 {
		bad("%s changes the frame; only a CPU's own code and its handlers may", c.calls[len(c.calls)-1].Name)
	}
	outer := c.frame
	c.frame = s.Frame
	c.event(model.Event{Kind: model.FrameEntered, Frame: s.Frame})
	c.block(s.Body)
	c.frame = outer
}

// event emits the record of an event, the claims that it satisfies, and the monitors' ghost code.
func (c *compiler) event(ev model.Event) {
	ev.CPU, ev.Context, ev.Depth = c.cpu.CPU, c.level.context, c.level.depth
	in := instr{op: iEvent, ev: &ev}
	if ev.Arg != nil {
		in.arg = c.expr(ev.Arg)
	}
	c.emit(in)
	c.watching = true
	defer func() { c.watching = false }()
	for i, cl := range c.p.Claims {
		if cl.Event != ev.Kind || cl.State != nil {
			continue
		}
		when := &expr{op: model.OpConst, k: 1}
		if cl.When != nil {
			when = c.expr(cl.When(ev).Node())
		}
		if when.op != model.OpConst || when.k != 0 {
			skip := c.emit(instr{op: iUnless, cond: when})
			c.emit(instr{op: iReach, bits: 1 << i})
			c.patch(skip)
		}
	}
	for _, m := range c.monitors {
		if m.Progress != nil && m.Progress(ev) {
			c.emit(instr{op: iProgress, bits: c.property(m)})
		}
		if m.On != nil {
			c.monitor = m
			c.block(m.On(ev))
			c.monitor = nil
		}
	}
}
