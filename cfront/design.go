package cfront

import (
	"slices"

	"modernc.org/cc/v4"

	"ctcheck/deferral"
	"ctcheck/model"
	"ctcheck/models"
)

// This file lowers deferral designs: the roles of their functions become what the actors call.

// design lowers a deferral design in a configuration.
func (l *lowering) design(c models.Config) {
	l.cpus, l.works, l.config = setters(c)+1, c.Works, c
	l.nested = c.NMIDepth > 1
	l.deferral = deferral.Of(l.p)
	l.layout()
	ro := l.u.roles
	if ro.work != nil {
		l.seen(ro.work)
	}
	target := context{cpu: targetNumber(c)}
	pr := models.Protocol{
		Defers:  !ro.flag("never_defers"),
		CatchUp: ro.flag("catch_up"),
		User:    l.passage(target, "user"),
		Idle:    l.passage(target, "idle"),
		Guest:   l.passage(target, "guest"),
	}
	if why := ro.texts["void_double_execution"]; why != "" {
		pr.Void = map[string]string{"no-double-execution": why}
	}
	l.nmis(&pr, target)
	if ro.has("ipi") {
		ctx := target
		ctx.level, ctx.name = model.InIRQ, "IPI"
		if fn := l.role("ipi", ctx); fn != nil {
			pr.OnIPI = func(r *model.Routine) { r.Call(fn.r, nil) }
		}
	}
	if begins := c.Begins(); begins != "" {
		l.boot(l.role(begins+"_enter", target))
	} else {
		l.boot(nil)
	}
	pr.SetOf = func(qs []*deferral.Request) *models.SetRoute { return l.setWork(c, qs) }
	l.cpuVars = nil
	models.Assemble(l.p, c, pr)
	for _, k := range []model.EventKind{deferral.LeftUser, deferral.EnteredUser, deferral.Flushed} {
		if !l.stated[string(k)] {
			l.u.note(posOf(ro.at), "nothing calls %s, so nothing says when the CPU %s", saidBy[k], meansOf[k])
		}
	}
	l.queue = append(l.queue, l.monitors)
}

// setters is how many setters a file may ask for. Where there are any number, it is told the most that an instance
// has: then all instances are of the same code, whose ranges are found once.
func setters(c models.Config) int {
	if c.Any {
		return mostSetters
	}
	return c.Setters
}

// mostSetters is the most that an instance has.
const mostSetters = 8

// targetNumber is the number of the target CPU: behind the setters, or before them where there are any number.
func targetNumber(c models.Config) int {
	if c.Any {
		return 0
	}
	return c.Setters
}

var saidBy = map[model.EventKind]string{deferral.LeftUser: "ctcheck_left_user()",
	deferral.EnteredUser: "ctcheck_entered_user()", deferral.Flushed: "ctcheck_flushed()"}

var meansOf = map[model.EventKind]string{deferral.LeftUser: "has left user mode",
	deferral.EnteredUser: "has entered user mode", deferral.Flushed: "has flushed the work that was deferred"}

// states is one of the events of a deferral design.
func (l *lowering) states(c *vocable, k model.EventKind) value {
	l.stated[string(k)] = true
	if l.deferral != nil {
		l.emit(&model.Stmt{Kind: model.StmtEvent, Event: k})
	}
	return value{t: c.e.Type()}
}

// role lowers the function of a role; nil if the design has none.
func (l *lowering) role(name string, ctx context, args ...value) (fn *function) {
	f := l.u.roles.functions[name]
	if f == nil {
		return nil
	}
	root := &function{r: l.p.Routine(name, func(*model.Routine) {})}
	l.within(root, ctx, func() {
		params := parameters(f)
		if len(params) > len(args) {
			l.fail(f, "%s is called with %d arguments as the role .%s, it has %d parameters", f.Declarator.Name(),
				len(args), name, len(params))
		}
		args = slices.Clone(args[len(args)-len(params):])
		for i, p := range params {
			args[i] = l.converted(args[i], p.Type(), p)
		}
		l.standing(f, func() { fn = l.lowered(f, params, args, f) })
	})
	return fn
}

// passage is the way from and to a context.
func (l *lowering) passage(ctx context, name string) models.Passage {
	call := func(role string) func(r *model.Routine) {
		fn := l.role(role, ctx)
		if fn == nil {
			return nil
		}
		return func(r *model.Routine) { r.Call(fn.r, nil) }
	}
	return models.Passage{Enter: call(name + "_exit"), Exit: call(name + "_enter")}
}

// nmis is the way into an NMI, or an interrupt's handler in idle, and back.
func (l *lowering) nmis(pr *models.Protocol, ctx context) {
	ctx.level, ctx.name = model.InNMI, "NMI"
	in := l.role("nmi_enter", ctx)
	if in != nil {
		pr.NMIEnter = in.r
	}
	f := l.u.roles.functions["nmi_exit"]
	if f == nil {
		return
	}
	if len(parameters(f)) == 0 {
		pr.NMIExit = l.role("nmi_exit", ctx).r
		return
	}
	if in == nil || in.result == nil {
		l.fail(f, "nmi_exit takes what nmi_enter returns, but that returns nothing")
	}
	found := l.p.Routine("found", func(*model.Routine) {}).Local("found", in.result.rng())
	out := l.role("nmi_exit", ctx, value{t: in.returns, n: found.Node()})
	pr.NMIExit = out.r
}

// handedOver is the function whose result the actors keep: its range has to be known beforehand.
func (u *unit) handedOver() *cc.FunctionDefinition {
	if u.roles == nil {
		return nil
	}
	return u.roles.functions["nmi_enter"]
}

// seen keeps the word, or the array of them, in which work becomes visible.
func (l *lowering) seen(e cc.ExpressionNode) {
	root := &function{r: l.p.Routine("work", func(*model.Routine) {})}
	l.within(root, context{}, func() {
		in, ok := l.mem.find(l.constant(e))
		if !ok {
			l.fail(e, ".work is the address of a variable, or of a field of one")
		}
		c := in.o.cellAt(in.off, 1)
		if c == nil {
			l.fail(e, ".work is the address of a variable, or of a field of one")
		}
		l.visible[c] = true
	})
}

// isVisible reports whether the setter changes a word in which work becomes visible.
func (l *lowering) isVisible(tg *target) bool {
	return l.ctx.request > 0 && slices.ContainsFunc(tg.spots, func(sp spot) bool { return l.visible[sp.c] })
}

// visibly states that what an access does is visible to the target: a store's when it takes effect.
func (l *lowering) visibly(tg *target, store *model.Stmt) {
	switch {
	case l.watching || !l.isVisible(tg):
	case store == nil:
		l.publish()
	default:
		store.Body = append(store.Body, l.sub(l.publish)...)
	}
}

// publish states that work is visible to the target.
func (l *lowering) publish() {
	l.stated[string(deferral.Published)] = true
	if !l.u.roles.flag("catch_up") {
		l.emit(&model.Stmt{Kind: model.StmtEvent, Event: deferral.Published})
		return
	}
	for _, q := range l.requests {
		l.emit(&model.Stmt{Kind: model.StmtEvent, Event: deferral.Published, Subject: q})
	}
}

// published is ctcheck_published(): the step before it makes work visible.
func (l *lowering) published(c *vocable) value {
	if l.deferral == nil || l.ctx.request == 0 {
		return value{t: c.e.Type()}
	}
	if n := len(*l.out); n > 0 {
		if s := (*l.out)[n-1]; s.Kind == model.StmtAccess && !s.Op.IsRMW() && s.Op != model.Load {
			s.Body = append(s.Body, l.sub(l.publish)...)
			return value{t: c.e.Type()}
		}
	}
	l.publish()
	return value{t: c.e.Type()}
}

// setWork is the setter's part for the requests of one call, which ask for a bit each.
func (l *lowering) setWork(c models.Config, qs []*deferral.Request) *models.SetRoute {
	ctx := context{cpu: slices.Index(l.p.CPUs, qs[0].CPU), request: qs[0].Index + 1}
	if c.Any {
		ctx.cpu++ // behind the target
	}
	ro := l.u.roles
	work := int64(0)
	for _, q := range qs {
		work |= l.bit(q.Work)
	}
	if ro.flag("numbers") {
		work = int64(qs[0].Work)
	}
	l.requests = qs
	defer func() { l.requests = nil }()
	route := &models.SetRoute{}
	l.try(func() {
		fn := l.role("set_work", ctx, value{t: l.u.kinds[cc.UInt], n: num(int64(targetNumber(c)))},
			value{t: l.u.kinds[cc.UInt], n: num(work)})
		if fn.result == nil {
			l.fail(ro.functions["set_work"],
				"set_work returns whether the work is deferred, and this returns nothing")
		}
		route.Routine = fn.r
		for _, v := range fn.r.Params { // all of which are constant
			route.Args = append(route.Args, model.Int(v.Lo))
		}
	})
	if route.Routine == nil { // the error is noted
		route.Routine = l.p.Routine("set_work", func(r *model.Routine) { r.Return(model.False) })
	}
	return route
}

// callNumber is which call of set_work this is.
func (l *lowering) callNumber(c *vocable) value {
	if len(l.requests) == 0 {
		l.fail(c.e, "%s() is for set_work", c.name)
	}
	return value{t: c.e.Type(), n: num(int64(l.ctx.request - 1))}
}

// urgent is whether the caller cannot wait for the target's next entry.
func (l *lowering) urgent(c *vocable) value {
	if len(l.requests) == 0 {
		l.fail(c.e, "%s() is for set_work", c.name)
	}
	return value{t: c.e.Type(), n: num(model.Truth(l.requests[0].Urgent))}
}

// workOf is the first work bit that a call asks for.
func (l *lowering) workOf(c *vocable) value {
	if l.deferral == nil {
		l.fail(c.e, "%s() is for deferral designs", c.name)
	}
	n, _, _ := l.number(c.args[0], use{})
	which := num(0)
	for i, work := range l.config.Asked() {
		which = bin(model.OpAdd, which, bin(model.OpMul, equal(n, int64(i)), num(int64(work))))
	}
	return value{t: c.e.Type(), n: which}
}

// bit is the mask of a work bit.
func (l *lowering) bit(work int) int64 { return 1 << (int64(work) + l.u.roles.numbers["first_work"]) }

// runs lowers a call of the function that runs callbacks: a step, in which that of the work bit runs that the
// argument is, and none where it is no work bit.
func (l *lowering) runs(name string, e *cc.PostfixExpression, args []cc.ExpressionNode) (value, bool) {
	if l.deferral == nil || l.u.roles.functions["run"] == nil ||
		l.u.functions[name] != l.u.roles.functions["run"] ||
		len(args) != 1 {
		return value{}, false
	}
	f := l.u.roles.functions["run"]
	n, t, _ := l.number(args[0], use{})
	var ks []int64
	which := num(0)
	for b := range l.works {
		k := int64(b)
		if !l.u.roles.flag("numbers") {
			k = l.bit(b)
		}
		ks = append(ks, k)
		which = bin(model.OpAdd, which, bin(model.OpMul, equal(n, k), num(int64(b))))
	}
	l.branch(anyOf(n, ks), func() {
		l.emit(&model.Stmt{Kind: model.StmtPause, Label: l.u.excerpt(e)})
		l.emit(&model.Stmt{Kind: model.StmtEvent, Event: deferral.Ran, Subject: l.origin(), Arg: which})
	}, nil)
	if effects(f) {
		l.callFunction(f, []value{{t: args[0].Type(), n: convert(n, t)}}, e, use{unused: true})
	}
	return value{t: e.Type()}, true
}

// effects reports whether a function does anything but choose by its argument.
func effects(f *cc.FunctionDefinition) (does bool) {
	visit(f.CompoundStatement, func(n cc.Node) bool {
		switch x := n.(type) {
		case *cc.PostfixExpression:
			does = does || x.Case == cc.PostfixExpressionCall || x.Case == cc.PostfixExpressionInc ||
				x.Case == cc.PostfixExpressionDec
		case *cc.UnaryExpression:
			does = does || x.Case == cc.UnaryExpressionInc || x.Case == cc.UnaryExpressionDec
		case *cc.AssignmentExpression:
			does = true
		}
		return !does
	})
	return does
}

// origin is on whose behalf callbacks run.
func (l *lowering) origin() deferral.Origin {
	if l.ctx.level == model.InIRQ {
		return deferral.ByIPI
	}
	return deferral.ByFlush
}
