package cfront

import (
	"fmt"
	"slices"
	"strings"

	"modernc.org/cc/v4"

	"ctcheck/deferral"
	"ctcheck/litmus"
	"ctcheck/model"
)

// This file lowers calls of what the stand-ins declare and do not define.

// A call in the kernel's or ctcheck's vocabulary.
type vocable struct {
	name string
	e    *cc.PostfixExpression
	args []cc.ExpressionNode
	us   use
}

// taken is what does nothing here, and is said to be taken as that.
var taken = strings.Fields("preempt_disable preempt_enable preempt_disable_notrace preempt_enable_notrace " +
	"preempt_enable_no_resched migrate_disable migrate_enable instrumentation_begin instrumentation_end " +
	"might_sleep " +
	"prefetch prefetchw lockdep_assert_irqs_disabled lockdep_assert_irqs_enabled")

// words is what ctcheck knows besides the primitives of the kernel, with the number of arguments.
var words map[string]word

type word struct {
	args int // -1: at least one
	f    func(l *lowering, c *vocable) value
}

func init() { // which would refer to itself otherwise
	words = map[string]word{
		"__ct_access": {-1, (*lowering).accessByName}, "__ct_cond_load": {4, (*lowering).condLoad},
		"__ct_per_cpu": {2, (*lowering).perCPU}, "smp_processor_id": {0, (*lowering).processor},
		"__ct_warn": {0, (*lowering).warn}, "__ct_assert": {2, (*lowering).asserts},
		"in_nmi": {0, (*lowering).inNMI}, "in_hardirq": {0, (*lowering).inIRQ}, "in_task": {0, (*lowering).inTask},
		"irqs_disabled": {0, (*lowering).irqsDisabled}, "local_irq_disable": {0, (*lowering).irqDisable},
		"local_irq_enable": {0, (*lowering).irqEnable}, "__ct_irq_save": {0, (*lowering).irqSave},
		"__ct_irq_flags": {0, (*lowering).irqFlags}, "__ct_irq_restore": {1, (*lowering).irqRestore},
		"ctcheck_choose": {1, (*lowering).chooses}, "ctcheck_wait": {1, (*lowering).waits},
		"ctcheck_step": {0, (*lowering).stepOnly}, "__ct_done": {1, (*lowering).done},
		"__ct_as":           {1, (*lowering).misplaced},
		"ctcheck_left_user": {0, (*lowering).leftUser}, "ctcheck_entered_user": {0, (*lowering).enteredUser},
		"ctcheck_call": {0, (*lowering).callNumber}, "ctcheck_urgent": {0, (*lowering).urgent},
		"ctcheck_work_of": {1, (*lowering).workOf}, "ctcheck_flushed": {0, (*lowering).flushed},
		"ctcheck_published":              {0, (*lowering).published},
		"smp_call_function_single_async": {2, (*lowering).smpCall}, "irq_work_queue": {1, (*lowering).irqWork},
		"irq_work_queue_on": {2, (*lowering).irqWorkOn},
	}
}

// builtin lowers the call of a function that the file does not define, if it is one that is known.
func (l *lowering) builtin(name string, e *cc.PostfixExpression, args []cc.ExpressionNode, us use) (value, bool) {
	c := &vocable{name, e, args, us}
	if slices.Contains(taken, name) {
		l.nothing[name] = true
		return value{t: e.Type()}, true
	}
	if w, ok := words[name]; ok {
		if w.args >= 0 && len(args) != w.args || len(args) < 1 && w.args < 0 {
			l.fail(e, "%s takes %d arguments, and has %d", name, max(w.args, 1), len(args))
		}
		return w.f(l, c), true
	}
	if p := primitiveOf(name); p != nil {
		return l.primitive(p, c), true
	}
	return value{}, false
}

// primitiveOf is a primitive of the kernel by its name, with the prefixes that change nothing here.
func primitiveOf(name string) *litmus.Primitive {
	if p := litmus.PrimitiveOf(name); p != nil {
		return p
	}
	for _, prefix := range []string{"arch_", "raw_"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return litmus.PrimitiveOf(rest)
		}
	}
	return nil
}

// accessByName is an access by a macro, which has the primitive's name as its first argument.
func (l *lowering) accessByName(c *vocable) value {
	p := primitiveOf(l.text(c.args[0]))
	if p == nil {
		l.fail(c.e, "there is no primitive %s", l.text(c.args[0]))
	}
	c.args = c.args[1:]
	return l.primitive(p, c)
}

// text is a string literal's.
func (l *lowering) text(e cc.ExpressionNode) string {
	if s, ok := e.Value().(cc.StringValue); ok {
		return strings.TrimRight(string(s), "\x00")
	}
	l.fail(e, "a string is needed here")
	return ""
}

// operands says what the arguments of a primitive are: p its pointer, v a value, r a pointer to the expected value.
func operands(p *litmus.Primitive) string {
	switch p.Shape {
	case litmus.TakesLvalue:
		return "p"
	case litmus.TakesLvalueVal:
		return "pv"
	}
	return shapes[p.Shape]
}

// primitive lowers a primitive of the kernel.
func (l *lowering) primitive(p *litmus.Primitive, c *vocable) value {
	switch p.Class {
	case litmus.Fence:
		l.emit(&model.Stmt{Kind: model.StmtFence, Fence: p.Fence, Label: p.Name + "()"})
		return value{t: c.e.Type()}
	case litmus.Nothing:
		return value{t: c.e.Type()}
	case litmus.ReadLock, litmus.ReadUnlock, litmus.Sync, litmus.SrcuLock, litmus.SrcuUnlock, litmus.SrcuSync:
		l.fail(c.e, "%s: RCU is not given here; write the readers and the grace period that the protocol is about",
			p.Name)
	}
	kinds := operands(p)
	if len(c.args) != len(kinds) {
		l.fail(c.e, "%s takes %d arguments, and has %d", p.Name, len(kinds), len(c.args))
	}
	var lv, ref *lvalue
	var vs []*model.Node
	var fs []func()
	for i, a := range c.args {
		fs = append(fs, func() {
			switch kinds[i] {
			case 'p':
				lv = l.pointedTo(l.value(a, use{}), a)
			case 'r':
				ref = l.pointedTo(l.value(a, use{}), a)
			default:
				n, _, _ := l.number(a, use{})
				vs = append(vs, n)
			}
		})
	}
	l.unsequenced(c.e, fs...)
	if p.By != 0 {
		vs = append(vs, num(p.By))
	}
	if lv.to != nil {
		return l.onLocal(p, lv, c, vs)
	}
	return l.accesses(p, lv, ref, vs, c)
}

// onLocal is a primitive on a local: a load or store, which is none of memory then; others need it to be in memory.
func (l *lowering) onLocal(p *litmus.Primitive, lv *lvalue, c *vocable, vs []*model.Node) value {
	switch p.Class {
	case litmus.Load:
		l.unwrap(lv)
		return l.readLocal(lv)
	case litmus.Store:
		l.unwrap(lv)
		l.assignTo(lv, l.converted(value{t: c.e.Type(), n: vs[0]}, lv.t, c.e))
		return value{t: c.e.Type()}
	}
	l.facts.set(l.facts.escapes, lv.to.key)
	panic(bail{})
}

// unwrap goes from a struct such as atomic_t to the integer in it.
func (l *lowering) unwrap(lv *lvalue) {
	if _, ok := scalarOf(lv.t); !ok {
		l.inner(lv)
	}
}

// accesses lowers an access to memory.
func (l *lowering) accesses(p *litmus.Primitive, lv, ref *lvalue, vs []*model.Node, c *vocable) value {
	t := c.e.Type()
	if l.watching && p.Class != litmus.Load && p.Class != litmus.IsLocked {
		l.fail(c.e, "what is claimed must not change anything")
	}
	switch p.Class {
	case litmus.Load:
		return l.retyped(l.load(lv, p.Order, c.us), t, lv)
	case litmus.Store:
		l.unwrap(lv)
		l.store(lv, convert(vs[0], l.scalarOf(lv.t, c.e)), p.Order)
		return value{t: t}
	case litmus.RMW:
		arg := num(0)
		if len(vs) > 0 {
			arg = vs[0]
		}
		return l.rmw(p, lv, arg, t, c.us)
	case litmus.Cmpxchg:
		if ref != nil {
			return l.tryCmpxchg(p, lv, ref, vs[0], t, c.us)
		}
		return l.cmpxchg(p, lv, vs[0], vs[1], t, c.us)
	case litmus.Unless:
		limit := num(p.IdleAt)
		if len(vs) > 1 {
			limit = vs[1]
		}
		return l.unless(p, lv, vs[0], limit, t)
	}
	return l.lock(p, lv, t)
}

// retyped is what was loaded, as what the primitive is declared to return: a long for those that take any type,
// which their macros convert back.
func (l *lowering) retyped(v value, t cc.Type, lv *lvalue) value {
	if v.direct || pointee(v.t) != nil {
		v.t = t
		return v
	}
	return l.converted(v, t, lv.at)
}

// condLoad waits until a condition is true of what it loads.
func (l *lowering) condLoad(c *vocable) value {
	p := primitiveOf("READ_ONCE")
	order := p.Order
	if strings.HasSuffix(l.text(c.args[0]), "_acquire") {
		order = model.Acquire
	}
	lv := l.pointedTo(l.value(c.args[1], use{}), c.args[1])
	val := l.lvalue(unparenCast(c.args[2]))
	part := l.wholeLocal(val)
	if lv.to != nil || part == nil {
		l.fail(c.e, "the pointer is to memory, and the value an integer or a pointer")
	}
	tg := l.target(lv)
	if l.watching || tg.isGhost() {
		l.fail(c.e, "to wait for a ghost use ctcheck_wait")
	}
	l.facts.set(l.facts.read, val.to.key+part.key)
	l.facts.set(l.facts.varies, val.to.key)
	l.facts.include(l.span(val.to, part), tg.raw().lo, tg.raw().hi)
	v := l.slot(val.to, part)
	to := v
	if !tg.spots[0].whole || convert(tg.spots[0].v.Node(), part.t) != tg.spots[0].v.Node() {
		l.fail(c.e, "to wait for part of a word, or for a value of another sign, is not supported; write a loop")
	}
	var cond *model.Node
	if list := l.sub(func() { cond = l.cond(c.args[3]) }); len(list) > 0 {
		l.fail(c.args[3], "the condition may only look at VAL and at locals")
	}
	l.emit(tg.to(&model.Stmt{Op: model.Load, Order: order, Dst: to, Cond: cond}))
	return value{t: c.e.Type()}
}

// unparenCast is an expression without parentheses and casts around it.
func unparenCast(e cc.ExpressionNode) cc.ExpressionNode {
	for {
		e = unparen(e)
		x, ok := e.(*cc.CastExpression)
		if !ok {
			return e
		}
		e = x.CastExpression
	}
}

// perCPU is the address of a CPU's copy.
func (l *lowering) perCPU(c *vocable) value {
	var p value
	var cpu *model.Node
	l.unsequenced(c.e, func() { p = l.value(c.args[0], use{}) }, func() { cpu, _, _ = l.number(c.args[1], use{}) })
	base := l.numberOf(p, c.args[0])
	if base.Op != model.OpConst || !l.mem.isTemplate(base.K) {
		l.fail(c.args[0], "this is not the address of a per-CPU variable, or of a part of one")
	}
	if cpu.Op == model.OpConst {
		if cpu.K < 0 || cpu.K >= int64(l.cpus) {
			l.fail(c.args[1], "there is no CPU %d; there are %d", cpu.K, l.cpus)
		}
		return value{t: c.e.Type(), n: num(l.mem.percpu(base.K, int(cpu.K)))}
	}
	l.assert(both(bin(model.OpLe, num(0), cpu), bin(model.OpLt, cpu, num(int64(l.cpus)))),
		fmt.Sprintf("%s is of a CPU that there is not", l.at.text))
	out := value{t: c.e.Type()}
	for i := range l.cpus {
		out.cands = append(out.cands, l.mem.percpu(base.K, i))
	}
	out.n = bin(model.OpAdd, bin(model.OpMul, cpu, num(l.mem.stride)), num(l.mem.percpu(base.K, 0)))
	return out
}

func (l *lowering) processor(c *vocable) value {
	if l.watching {
		l.fail(c.e, "what is claimed is of no CPU; use per_cpu(variable, cpu)")
	}
	return value{t: c.e.Type(), n: num(int64(l.ctx.cpu))}
}

func (l *lowering) is(c *vocable, level model.Context) value {
	if l.watching {
		l.fail(c.e, "what is claimed is of no CPU")
	}
	return value{t: c.e.Type(), n: num(model.Truth(l.ctx.level == level))}
}

func (l *lowering) inNMI(c *vocable) value  { return l.is(c, model.InNMI) }
func (l *lowering) inIRQ(c *vocable) value  { return l.is(c, model.InIRQ) }
func (l *lowering) inTask(c *vocable) value { return l.is(c, model.Task) }

func (l *lowering) irqsDisabled(c *vocable) value {
	if l.watching {
		l.fail(c.e, "what is claimed is of no CPU")
	}
	return value{t: c.e.Type(), n: l.cpuVars[l.ctx.cpu].IRQsDisabled().Node()}
}

func (l *lowering) irq(c *vocable, op model.IRQOp) value {
	s := &model.Stmt{Kind: model.StmtIRQ, IRQ: op}
	out := value{t: c.e.Type()}
	switch op {
	case model.IRQSave, model.IRQFlags:
		var direct bool
		us := c.us
		us.unused = false
		if s.Dst, direct = l.destination(us, bounds{0, 1}, model.Bool); s.Dst == nil {
			s.Dst, direct = l.temp(model.Bool), false
		}
		out = result(s.Dst, direct, out.t)
	case model.IRQRestore:
		n, _, _ := l.number(c.args[0], use{})
		s.Arg = truth(n)
	}
	l.emit(s)
	return out
}

func (l *lowering) irqDisable(c *vocable) value { return l.irq(c, model.IRQDisable) }
func (l *lowering) irqEnable(c *vocable) value  { return l.irq(c, model.IRQEnable) }
func (l *lowering) irqSave(c *vocable) value    { return l.irq(c, model.IRQSave) }
func (l *lowering) irqFlags(c *vocable) value   { return l.irq(c, model.IRQFlags) }
func (l *lowering) irqRestore(c *vocable) value { return l.irq(c, model.IRQRestore) }

func (l *lowering) leftUser(c *vocable) value    { return l.states(c, deferral.LeftUser) }
func (l *lowering) enteredUser(c *vocable) value { return l.states(c, deferral.EnteredUser) }
func (l *lowering) flushed(c *vocable) value     { return l.states(c, deferral.Flushed) }
