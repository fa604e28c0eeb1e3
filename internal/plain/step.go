package plain

import (
	"fmt"

	"ctcheck/model"
)

// This file takes one transition: it runs a level's statements from one step boundary to the next.

// A run is one transition of one CPU while it is being taken.
type run struct {
	x      *explorer
	before *state      // what expressions about frames look at
	after  *state      // what the transition changes
	cpu    int         // -1: nobody moves, a property is looked at
	here   *model.Stmt // where the CPU stood
	choice int         // the alternative to take, if the step is a Choose
	opened bool        // Choose or an event that opens the step was passed, so the alternative is no longer open
	moved  bool        // the step is done; only local code may follow

	nmi     bool // an NMI comes, which need never happen
	blocked bool // it turned out that the transition is not enabled
	failed  []string
	reached []string
	touched []touch // accesses, in their order
	err     error
}

// localLimit bounds the statements of one step, so that a loop without a step is found.
const localLimit = 100_000

func (x *explorer) run(s *state, cpu int) *run {
	return &run{x: x, before: s, after: s.clone(), cpu: cpu}
}

func (r *run) level() *level { return r.after.cpus[r.cpu].top() }

// begin puts a level on the CPU's stack, at the start of a routine.
func (r *run) begin(ctx model.Context, ipi *model.IPI, f *model.Routine, args []*model.Node) {
	c := r.after.cpus[r.cpu]
	c.levels = append(c.levels, &level{context: ctx, ipi: ipi})
	r.call(&model.Stmt{Kind: model.StmtCall, Call: f, Args: args})
}

// push is the transition that interrupts the CPU. The handler's local code rides on it.
func (r *run) push(ctx model.Context, ipi *model.IPI, f *model.Routine, args []*model.Node) {
	r.moved = true
	r.begin(ctx, ipi, f, args)
	r.event(model.Event{Kind: model.Pushed, IPI: ipi})
	r.proceed()
}

// proceed runs statements up to the next step or to the end of the level's code.
func (r *run) proceed() {
	for n := 0; !r.blocked && r.err == nil; n++ {
		l := r.level()
		if len(l.blocks) == 0 {
			r.end()
			return
		}
		b := l.blocks[len(l.blocks)-1]
		switch {
		case n > localLimit:
			r.err = fmt.Errorf("%s: local code does not end", r.x.p.Name)
		case b.next == len(b.stmts):
			r.leave()
		case r.moved && r.beginsStep(b.stmts[b.next]) && !l.atomic():
			return
		default:
			b.next++
			r.exec(b.stmts[b.next-1])
		}
	}
}

// end takes a handler whose code has ended off the stack. The CPU's own code stays, empty.
func (r *run) end() {
	if r.level().context == model.Task {
		return
	}
	if r.waits() {
		r.blocked = !r.moved // or else the return is a step to come
		return
	}
	r.event(model.Event{Kind: model.Popped, IPI: r.level().ipi})
	c := r.after.cpus[r.cpu]
	c.levels = c.levels[:len(c.levels)-1]
}

// beginsStep reports whether a step ends before s.
func (r *run) beginsStep(s *model.Stmt) bool {
	switch s.Kind {
	case model.StmtFence:
		return s.Fence == model.FenceMb && r.waits()
	case model.StmtAccess, model.StmtPause, model.StmtAwait, model.StmtSend, model.StmtChoose,
		model.StmtAtomic:
		return true
	}
	return s.Kind == model.StmtEvent && s.Opens
}

func (l *level) atomic() bool {
	for _, b := range l.blocks {
		if b.owner.Kind == model.StmtAtomic {
			return true
		}
	}
	return false
}

func (r *run) enter(owner *model.Stmt, arm int, stmts []*model.Stmt) {
	l := r.level()
	l.blocks = append(l.blocks, &block{owner: owner, arm: arm, stmts: stmts})
}

// leave ends the innermost block; a loop may go round again.
func (r *run) leave() {
	l := r.level()
	owner := l.blocks[len(l.blocks)-1].owner
	l.blocks = l.blocks[:len(l.blocks)-1]
	isLoop := owner.Kind == model.StmtWhile || owner.Kind == model.StmtDoWhile
	if isLoop && r.eval(owner.Cond) != 0 {
		r.enter(owner, 0, owner.Body)
	}
}

// leaveTo ends the blocks up to the innermost one of the given kinds, and that one too.
func (r *run) leaveTo(a, b model.StmtKind) *model.Stmt {
	for l := r.level(); ; {
		last := l.blocks[len(l.blocks)-1].owner
		l.blocks = l.blocks[:len(l.blocks)-1]
		if last.Kind == a || last.Kind == b {
			return last
		}
	}
}

func (r *run) call(s *model.Stmt) {
	args := make([]int64, len(s.Args))
	for i, a := range s.Args {
		args[i] = r.eval(a)
	}
	r.enter(s, 0, s.Call.Body)
	locals := map[*model.Var]int64{}
	r.level().blocks[len(r.level().blocks)-1].locals = locals
	for _, v := range s.Call.Locals {
		locals[v] = v.Init
	}
	for i, v := range s.Call.Params {
		locals[v] = v.Lo
		r.set(v, args[i])
	}
}

func (r *run) exec(s *model.Stmt) {
	switch s.Kind {
	case model.StmtAccess:
		r.moved = true
		v := r.target(s)
		if v == nil {
			return
		}
		r.touch(s, v)
		r.access(s, v)
		if !r.blocked && r.err == nil && !r.buffers(s) {
			r.visible(s, r.level().context, r.depth())
		}
	case model.StmtPause:
		r.moved = true
	case model.StmtAwait:
		r.moved = true
		r.blocked = r.eval(s.Cond) == 0
	case model.StmtSend:
		r.moved = true
		pending := r.after.cpus[s.IPI.CPU.Index].pending
		if r.blocked = pending[s.IPI.Index] || r.waits(); !r.blocked {
			pending[s.IPI.Index] = true
			r.event(model.Event{Kind: model.Sent, IPI: s.IPI})
		}
	case model.StmtChoose:
		r.choose(s)
	case model.StmtAtomic:
		r.moved, r.blocked = true, r.waits()
		r.enter(s, 0, s.Body)
	case model.StmtFence:
		r.fence(s)
	default:
		r.local(s)
	}
}

// local executes a statement that is no step.
func (r *run) local(s *model.Stmt) {
	switch s.Kind {
	case model.StmtAssign:
		r.assign(s)
	case model.StmtIf:
		if r.eval(s.Cond) != 0 {
			r.enter(s, 0, s.Body)
		} else {
			r.enter(s, 1, s.Else)
		}
	case model.StmtWhile:
		if r.eval(s.Cond) != 0 {
			r.enter(s, 0, s.Body)
		}
	case model.StmtDoWhile:
		r.enter(s, 0, s.Body)
	case model.StmtBreak:
		r.leaveTo(model.StmtWhile, model.StmtDoWhile)
	case model.StmtReturn:
		var result int64
		if s.Arg != nil {
			result = r.eval(s.Arg)
		}
		if call := r.leaveTo(model.StmtCall, model.StmtCall); call.Dst != nil {
			r.set(call.Dst, result)
		}
	case model.StmtCall:
		r.call(s)
	case model.StmtEvent:
		r.opened = r.opened || s.Opens
		r.event(model.Event{
			Kind: s.Event, Subject: s.Subject, Arg: s.Arg, IPI: s.IPI, Label: s.Label})
	case model.StmtAssert:
		if r.eval(s.Cond) == 0 {
			r.err = fmt.Errorf("%s: %s (%s:%d)", r.x.p.Name, s.Label, s.File, s.Line)
		}
	case model.StmtFrame:
		r.event(model.Event{Kind: model.FrameEntered, Frame: s.Frame})
		r.enter(s, 0, s.Body)
	default:
		panic(fmt.Sprintf("plain: %s: statement %q has no place in a routine", r.x.p.Name, s.Label))
	}
}

func (r *run) choose(s *model.Stmt) {
	if r.opened {
		r.err = fmt.Errorf("%s: Choose within a step that is already open", r.x.p.Name)
		return
	}
	r.opened = true
	r.blocked = r.eval(s.Alts[r.choice].Guard) == 0
	r.enter(s, r.choice, s.Alts[r.choice].Body)
}

func (r *run) assign(s *model.Stmt) {
	dst := s.Dst
	if s.At != nil {
		dst = r.chosen(s.At)
	}
	if dst != nil {
		r.set(dst, r.eval(s.Arg))
	}
}

func (r *run) access(s *model.Stmt, v *model.Var) {
	old := r.seen(v)
	if s.Op == model.Load {
		if s.Dst != nil {
			r.set(s.Dst, old)
		}
		r.blocked = s.Cond != nil && r.eval(s.Cond) == 0
		return
	}
	if r.buffers(s) {
		r.buffer(s, v)
		return
	}
	if r.blocked = r.waits(); r.blocked {
		return
	}
	x, success := r.eval(s.Arg), true
	switch s.Op {
	case model.Store, model.RMWXchg:
	case model.StoreBits:
		x = merge(old, x, r.eval(s.Old))
	case model.RMWOr:
		x = old | x
	case model.RMWAnd:
		x = old & x
	case model.RMWAndNot:
		x = old &^ x
	case model.RMWAdd:
		x = old + x
	case model.RMWSub:
		x = old - x
	case model.RMWCmpxchg, model.RMWTryCmpxchg:
		success = r.eval(s.Old) == old
	}
	if success {
		r.set(v, x)
	}
	if s.Dst != nil {
		switch s.Result {
		case model.OldValue:
			r.set(s.Dst, old)
		case model.NewValue:
			r.set(s.Dst, r.get(v))
		case model.Success:
			r.set(s.Dst, truth(success))
		}
	}
	if s.OldVar != nil && !success {
		r.set(s.OldVar, old)
	}
}

// depth is how many NMIs are on the stack of the level, if it is an NMI's.
func (r *run) depth() int {
	if r.level().context == model.InNMI {
		return r.after.cpus[r.cpu].nmiDepth()
	}
	return 0
}

// event tells the claims and the monitors that something happened.
func (r *run) event(ev model.Event) { r.eventOf(ev, r.level().context, r.depth()) }

// eventOf is event for what was done in a context that need not be the present one.
func (r *run) eventOf(ev model.Event, ctx model.Context, depth int) {
	ev.CPU, ev.Context, ev.Depth = r.x.p.CPUs[r.cpu], ctx, depth
	for _, c := range r.x.p.Claims {
		if c.State == nil && c.Event == ev.Kind &&
			(c.When == nil || r.eval(c.When(ev).Node()) != 0) {
			r.reached = append(r.reached, c.Name)
		}
	}
	for _, m := range r.x.monitors {
		if m.On == nil {
			continue
		}
		q := asked{m, ev}
		code, known := r.x.code[q]
		if !known {
			code = m.On(ev)
			r.x.code[q] = code
		}
		r.ghost(m, code)
	}
}

func (r *run) ghost(m *model.Monitor, code []*model.Stmt) {
	for _, s := range code {
		switch s.Kind {
		case model.StmtAssign:
			r.assign(s)
		case model.StmtIf:
			if r.eval(s.Cond) != 0 {
				r.ghost(m, s.Body)
			} else {
				r.ghost(m, s.Else)
			}
		case model.StmtFail:
			r.failed = append(r.failed, m.Name)
		}
	}
}
