package plain

import (
	"ctcheck/deferral"
	"ctcheck/model"
)

// This file has the parts of random programs that contain others, and what is claimed of them.

// compound appends a statement that contains others.
func (b *body) compound(depth int) {
	inner := func() { b.block(depth, 3) }
	switch b.roll(12) {
	case 0:
		b.If(b.cond(), inner)
	case 1:
		b.If(b.cond(), inner, inner)
	case 2, 3:
		b.loop(depth)
	case 4:
		b.twice(depth)
	case 5, 6:
		b.choose(depth)
	case 7, 8, 9:
		b.call()
	case 10:
		if len(b.d.Requests) > 0 {
			pick(b.gen, b.d.Requests).Start(b.Routine)
			b.opens(depth, 8)
		}
	case 11:
		b.frameOrExit(inner)
	}
}

// loop appends a loop of unknown length. Each round takes a step, so none is endless local code. Most of
// them wait for their stores in each round, or else these need buffers of any length.
func (b *body) loop(depth int) {
	if b.simple || b.atomic > 0 {
		return
	}
	round := func() {
		b.step(depth)
		b.block(depth, 2)
		if b.roll(8) < 7 {
			b.SmpMb()
		}
	}
	b.loops++
	switch b.roll(4) {
	case 0:
		b.While(b.cond(), round)
	case 1:
		b.DoWhile(round, b.cond())
	case 2:
		b.Forever(func() {
			round()
			b.If(b.cond(), b.Break)
		})
	case 3:
		v := pick(b.gen, b.masks)
		b.AtomicRead("m = read", b.mask, v)
		b.DoWhile(func() {
			b.TryCmpxchg("ok = try_cmpxchg", b.ok, v, b.mask, b.within(v))
		}, b.ok.IsZero())
	}
	b.loops--
}

// twice appends a loop of at most two rounds, which need no step. One inside another would share
// its counter and might not end. Once in a while one does not end, for the error's sake.
func (b *body) twice(depth int) {
	if b.counting {
		return
	}
	b.counting = true
	b.loops++
	b.Set(b.turn, model.Int(0))
	b.While(b.turn.Lt(model.Int(2)), func() {
		if b.roll(32) < 31 {
			b.Set(b.turn, b.turn.Add(model.Int(1)))
		}
		b.block(depth, 2)
	})
	b.loops--
	b.counting = false
}

// choose appends a Choose whose alternatives begin with a step, but for a few.
func (b *body) choose(depth int) {
	if b.simple || b.atomic > 0 {
		return
	}
	var alts []model.Alt
	for range 1 + b.roll(3) {
		guard := []model.Value{model.True, b.cond(), b.outlook()}
		alts = append(alts, b.When(pick(b.gen, guard), func() {
			b.opens(depth, 32)
			b.block(depth, 2)
		}))
	}
	b.Choose(alts...)
}

// opens appends a step, but for one time in so many, and sometimes a barrier before it.
func (b *body) opens(depth, but int) {
	if b.roll(8) == 7 {
		b.SmpMb()
	}
	if b.roll(but) < but-1 {
		b.step(depth)
	}
}

func (b *body) call() {
	if len(b.helpers) == 0 {
		return
	}
	h := pick(b.gen, b.helpers)
	if !h.simple && (b.simple || b.atomic > 0) {
		return
	}
	var args []model.Value
	for range h.Params {
		args = append(args, b.value())
	}
	dst := pick(b.gen, []*model.Var{b.mask, b.count, nil})
	b.Call(h.Routine, dst, args...)
}

// frameOrExit appends a Frame where one is allowed, or else a way out of a loop or the routine.
func (b *body) frameOrExit(inner func()) {
	switch k := b.roll(4); {
	case k < 2 && b.calls == 0:
		b.Frame(pick(b.gen, frames[b.context]), inner)
	case b.loops > 0:
		b.If(b.cond(), b.Break)
	default:
		b.If(b.cond(), func() { b.Return(b.value()) })
	}
}

// frames are those that code of a context may run as, and most often the one that lets IPIs in.
var frames = map[model.Context][]model.Frame{
	model.Task:  {model.Body, model.Body, model.Body, model.User, model.Entry, model.Exit, model.Idle, model.Guest},
	model.InIRQ: {model.Body, model.IRQ, model.NMIEntry, model.NMIExit},
	model.InNMI: {model.NMIEntry, model.NMIBody, model.NMIExit},
}

// during are the kinds of events that only happen when a step is taken, so that ghost code may ask
// what the frames are.
var during = []model.EventKind{deferral.Ran, model.Sent, model.Pushed, model.Popped}

var anytime = append([]model.EventKind{
	deferral.Started, deferral.Answered, deferral.Completed, deferral.Published, deferral.Flushed, model.Warned,
	deferral.IPIInUser, model.FrameEntered,
}, during...)

// monitors makes a monitor that only keeps a ghost and two that judge, one of them the program's, and
// asks for data races.
func (g *gen) monitors() []*model.Monitor {
	seen := model.NewGhost("seen", model.Range{Lo: 1, Hi: 3, Modular: true}, model.Int(1))
	kind := pick(g, anytime)
	keeper := &model.Monitor{Ghosts: []*model.Var{seen}, On: func(ev model.Event) []*model.Stmt {
		if ev.Kind != kind {
			return nil
		}
		return model.Build(func(c *model.Code) { c.Set(seen, seen.Add(model.Int(1))) })
	}}
	first, second := g.judge("first", seen), g.judge("second", seen)
	first.Uses, second.Uses = []*model.Monitor{keeper}, []*model.Monitor{keeper}
	if g.roll(2) == 1 {
		first.Uses = append(first.Uses, second)
	}
	g.p.Monitors = append(g.p.Monitors, first)
	return []*model.Monitor{second, first, {Name: "no-data-race", NoDataRace: true}}
}

func (g *gen) judge(name string, seen *model.Var) *model.Monitor {
	n := model.NewGhost(name, model.UpTo(3), model.Int(0))
	kind, later, limit := pick(g, anytime), pick(g, during), g.constant(4)
	context, bySeen, look := model.Context(g.roll(3)), g.roll(2) == 0, g.outlook()
	on := func(ev model.Event) []*model.Stmt {
		return model.Build(func(c *model.Code) {
			switch {
			case ev.Kind == kind && ev.Context <= context:
				c.If(n.Lt(model.Int(3)), func() { c.Set(n, n.Add(model.Int(1))) }, c.Fail)
				if ev.Arg != nil && bySeen {
					c.If(model.Expr.And(seen.Eq(model.Int(2)), model.Of(ev.Arg).NonZero()), c.Fail)
				}
			case ev.Kind == later && ev.Depth < 2:
				c.If(look, func() { c.If(n.Gt(limit), c.Fail) }, func() { c.Set(n, model.Int(0)) })
			}
		})
	}
	m := &model.Monitor{Name: name, Ghosts: []*model.Var{n}, On: on}
	switch g.roll(4) {
	case 1:
		m.Never = n.Ge(limit).And(pick(g, g.masks).Has(g.bits())).And(g.outlook())
	case 2:
		m.AtEnd = pick(g, g.masks).Lacks(g.bits())
	case 3:
		m.Never = g.outlook().And(g.outlook()).And(g.ghost.Eq(limit))
		m.AtEnd = n.Le(limit).Or(seen.Eq(model.Int(3)))
	}
	return m
}

func (g *gen) claims() {
	g.p.Reached("nested", model.Pushed, func(ev model.Event) model.Value {
		return model.Int(truth(ev.Depth == 2))
	})
	g.p.Reached("popped", model.Popped, nil)
	g.p.Reached("handled", model.Popped, func(ev model.Event) model.Value {
		return model.Int(truth(ev.IPI != nil && ev.IPI == g.ipis[0]))
	})
	g.p.Reached("asked", deferral.Answered, func(ev model.Event) model.Value { return ev.Arg })
	who := g.cpu()
	g.p.Reached("ran", deferral.Ran, func(ev model.Event) model.Value {
		return g.ghost.Eq(ev.Arg).And(model.Int(truth(ev.CPU == who)))
	})
	g.p.ReachedState("state", pick(g, g.masks).Eq(g.constant(4)).And(g.outlook()))
	g.p.ReachedState("held", g.held.At(g.ghost).Lt(g.slots.At(g.held.At(model.Int(0)).And(model.Int(1)))))
	g.p.ReachedState("both early", g.early.Eq(model.Int(3)))
	g.p.ReachedState("ended", model.All(g.p.CPUs[0].Done(), g.counts[0].Gt(model.Int(0))))
}
