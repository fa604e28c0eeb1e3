package cfront

import (
	"fmt"
	"slices"
	"strings"

	"modernc.org/cc/v4"

	"ctcheck/model"
)

// This file lowers functions and their calls. There is a routine for each function, CPU, context and set of
// constant arguments.

// A function is a function as it is lowered for one set of circumstances.
type function struct {
	r       *model.Routine
	f       *cc.FunctionDefinition
	params  []int       // which arguments its routine takes
	stepped bool        // some statement in it, or in what it calls, is a step
	empty   bool        // it does nothing
	known   *model.Node // what it returns every time; nil if that varies
	result  *span
	key     string // of the facts of the result
	returns cc.Type
}

// mostRoutines bounds how many there are: a function that calls two others, each of which calls two, and so on.
const mostRoutines = 4000

// mostCalls is how deep calls may be in each other.
const mostCalls = 60

// call lowers a call.
func (l *lowering) call(e *cc.PostfixExpression, us use) value {
	name := ""
	if id, ok := unparen(e.PostfixExpression).(*cc.PrimaryExpression); ok && id.Case == cc.PrimaryExpressionIdent {
		name = id.Token.SrcStr()
	}
	var args []cc.ExpressionNode
	for a := e.ArgumentExpressionList; a != nil; a = a.ArgumentExpressionList {
		args = append(args, a.AssignmentExpression)
	}
	if name != "" && l.u.functions[name] == nil {
		if v, ok := l.builtin(name, e, args, us); ok {
			return v
		}
	}
	if v, ok := l.runs(name, e, args); ok {
		return v
	}
	var to value
	var vs []value
	operands := []func(){func() { to = l.value(e.PostfixExpression, use{}) }}
	for _, a := range args {
		operands = append(operands, func() { vs = append(vs, l.value(a, use{})) })
	}
	l.unsequenced(e, operands...)
	n := l.numberOf(to, e)
	if n.Op == model.OpConst {
		return l.callOf(n.K, vs, e, us)
	}
	return l.callAny(n, to, vs, e, us)
}

// unparen is an expression without the parentheses around it.
func unparen(e cc.ExpressionNode) cc.ExpressionNode {
	for {
		p, ok := e.(*cc.PrimaryExpression)
		if !ok || p.Case != cc.PrimaryExpressionExpr {
			return e
		}
		e = p.ExpressionList
	}
}

// callOf calls the function at an address.
func (l *lowering) callOf(addr int64, args []value, e cc.ExpressionNode, us use) value {
	i := addr/functionStep - 1
	if addr%functionStep != 0 || i < 0 || i >= int64(len(l.mem.fns)) {
		l.fail(e, "this calls what is no function")
	}
	return l.callFunction(l.mem.fns[i], args, e, us)
}

// callAny calls one of the functions that a pointer may point to.
func (l *lowering) callAny(n *model.Node, to value, args []value, e cc.ExpressionNode, us use) value {
	b := boundsOf(n)
	var addrs []int64
	for i, f := range l.mem.fns {
		k := functionAddress(i)
		if k >= b.lo && k <= b.hi && l.u.pointedTo(f) && callable(f.Declarator.Type(), pointee(to.t)) {
			addrs = append(addrs, k)
		}
	}
	if len(addrs) == 0 && l.facts.dirty {
		panic(bail{})
	}
	l.assert(anyOf(n, addrs),
		l.at.text+" calls what is no function: its pointer is NULL, or points to something else")
	var out *model.Var
	var rest func(addrs []int64)
	rest = func(addrs []int64) {
		if len(addrs) == 0 {
			return
		}
		one := func() {
			v := l.callOf(addrs[0], args, e, use{unused: us.unused})
			if v.n != nil && !us.unused {
				out = l.tempFor(v.n, l.scalarOf(v.t, e), e)
				l.emit(&model.Stmt{Kind: model.StmtAssign, Dst: out, Arg: v.n})
			}
		}
		if len(addrs) == 1 {
			one()
			return
		}
		l.branch(equal(n, addrs[0]), one, func() { rest(addrs[1:]) })
	}
	rest(addrs)
	if out == nil {
		return value{t: e.Type()}
	}
	return value{t: e.Type(), n: out.Node()}
}

// pointedTo reports whether the files use the name of a function otherwise than to call it, so that a pointer may
// point to it.
func (u *unit) pointedTo(f *cc.FunctionDefinition) bool {
	if u.taken == nil {
		u.taken = map[string]bool{}
		called := map[cc.Node]bool{}
		visit(u.ast.TranslationUnit, func(n cc.Node) bool {
			switch x := n.(type) {
			case *cc.PostfixExpression:
				if x.Case == cc.PostfixExpressionCall {
					called[unparen(x.PostfixExpression)] = true
				}
			case *cc.PrimaryExpression:
				if x.Case == cc.PrimaryExpressionIdent && !called[x] {
					u.taken[x.Token.SrcStr()] = true
				}
			}
			return true
		})
	}
	return u.taken[f.Declarator.Name()]
}

// callable reports whether a function can be called by a pointer to functions of a type.
func callable(f, by cc.Type) bool {
	x, ok := f.(*cc.FunctionType)
	y, also := by.(*cc.FunctionType)
	if !ok || !also || len(x.Parameters()) != len(y.Parameters()) {
		return false
	}
	for i, p := range x.Parameters() {
		if !sameType(p.Type(), y.Parameters()[i].Type()) {
			return false
		}
	}
	return sameType(x.Result(), y.Result())
}

// callFunction calls a function with arguments.
func (l *lowering) callFunction(f *cc.FunctionDefinition, args []value, e cc.Node, us use) value {
	name := f.Declarator.Name()
	ft, ok := f.Declarator.Type().(*cc.FunctionType)
	if !ok || ft.IsVariadic() {
		l.fail(e, "%s takes any number of arguments, which is not supported", name)
	}
	params := parameters(f)
	if len(params) != len(args) {
		l.fail(e, "%s is called with %d arguments, it has %d parameters", name, len(args), len(params))
	}
	depth := 0
	for fr := l.frame; fr != nil; fr = fr.up {
		if depth++; fr.fn == f {
			l.fail(e, "%s calls itself, which is not supported; write a loop", name)
		}
	}
	if depth > mostCalls {
		l.fail(e, "calls are nested more than %d deep", mostCalls)
	}
	for i, p := range params {
		args[i] = l.converted(args[i], p.Type(), e)
		if args[i].agg != nil {
			l.fail(e, "%s takes a struct, which is not supported; pass a pointer", name)
		}
	}
	fn := l.lowered(f, params, args, e)
	out := value{t: ft.Result()}
	s := &model.Stmt{Kind: model.StmtCall, Call: fn.r}
	for _, i := range fn.params {
		s.Args = append(s.Args, args[i].n)
	}
	var direct bool
	switch {
	case fn.known != nil:
		out.n = fn.known
	case fn.result != nil:
		r, b := fn.result.rng(), unbounded // what it returns may be more than is known so far
		if least, most, bounded := fn.result.t.limits(); bounded {
			b = bounds{least, most}
		}
		if us.want != nil && !b.within(us.want.lim.lo, us.want.lim.hi) {
			us.want = nil
		}
		if s.Dst, direct = l.destination(us, bounds{r.Lo, r.Hi}, r); !direct {
			s.Dst = l.resultOf(fn, s.Dst)
		}
		out = result(s.Dst, direct, out.t)
	}
	if !fn.empty {
		l.emit(s)
	}
	if fn.stepped {
		l.steps++
	}
	return out
}

// resultOf is a temporary for what a function returns; the range is that of the function's result. It stands for
// the one that is given.
func (l *lowering) resultOf(fn *function, instead *model.Var) *model.Var {
	l.used = l.used[:len(l.used)-1]
	l.reuse([]*model.Var{instead})
	v := l.to.r.Local("tmp", fn.result.rng())
	l.holders[v] = holder{l.facts, fn.key}
	l.uses(v)
	return v
}

// parameters is those of a function.
func parameters(f *cc.FunctionDefinition) (ds []*cc.Declarator) {
	ft, ok := f.Declarator.Type().(*cc.FunctionType)
	if !ok {
		return nil
	}
	for _, p := range ft.Parameters() {
		if p.Type().Kind() != cc.Void && p.Declarator != nil {
			ds = append(ds, p.Declarator)
		}
	}
	return ds
}

// lowered is the function for these arguments.
func (l *lowering) lowered(f *cc.FunctionDefinition, params []*cc.Declarator, args []value, e cc.Node) *function {
	key := fmt.Sprintf("%s@%+v", f.Declarator.Name(), l.ctxOr())
	shared := true
	for _, a := range args {
		switch {
		case a.to != nil:
			shared = false
		case a.n.Op == model.OpConst:
			key += fmt.Sprintf(",%d", a.n.K)
		default:
			key += ",*"
		}
	}
	if fn := l.functions[key]; shared && fn != nil {
		l.pass(fn, params, args)
		return fn
	}
	if len(l.functions) >= mostRoutines {
		l.fail(e, "functions are called in more than %d different ways", mostRoutines)
	}
	fn := l.function(f, params, args)
	if !shared {
		fn.r.SeesCaller = true
		key += fmt.Sprintf("#%d", len(l.functions))
	}
	l.functions[key] = fn
	return fn
}

// paramKey is the key of a parameter's facts.
func (l *lowering) paramKey(f *cc.FunctionDefinition, d *cc.Declarator) string {
	at := posOf(d)
	return fmt.Sprintf("%s:%d:%d:%s", f.Declarator.Name(), at.Line, at.Col, d.Name())
}

// pass makes room for arguments in the parameters that take them.
func (l *lowering) pass(fn *function, params []*cc.Declarator, args []value) {
	for _, i := range fn.params {
		d := params[i]
		t, _ := scalarOf(d.Type())
		s := l.facts.span(l.paramKey(fn.f, d), t, marks{})
		if !grows(args[i].n) {
			b := boundsOf(args[i].n)
			l.facts.include(s, b.lo, b.hi)
		}
	}
}

// function lowers a function.
func (l *lowering) function(f *cc.FunctionDefinition, params []*cc.Declarator, args []value) *function {
	ft := f.Declarator.Type().(*cc.FunctionType)
	fn := &function{f: f, r: l.p.Routine(f.Declarator.Name(), func(*model.Routine) {}), returns: ft.Result()}
	if t, ok := scalarOf(fn.returns); ok {
		fn.key = f.Declarator.Name() + "()"
		fn.result = l.facts.span(fn.key, t, marks{})
	}
	l.within(fn, l.ctxOr(), func() {
		for i, d := range params {
			l.param(fn, i, d, args[i])
		}
		l.block(f.CompoundStatement)
		fn.known = l.alwaysReturned(fn)
	})
	fn.empty = len(fn.r.Body) == 0 || len(fn.r.Body) == 1 && fn.r.Body[0].Kind == model.StmtReturn &&
		fn.known != nil
	return fn
}

// ctxOr is the context in which the lowering stands.
func (l *lowering) ctxOr() context {
	if l.frame == nil {
		return context{}
	}
	return l.ctx
}

// within lowers the body of a function, or what stands for one, in a frame of its own.
func (l *lowering) within(fn *function, ctx context, body func()) {
	outer, at, out, steps := l.frame, l.at, l.out, l.steps
	defer func() { l.frame, l.at, l.out = outer, at, out }()
	l.steps = 0
	l.frame = &frame{up: outer, fn: fn.f, ctx: ctx, to: fn, locals: map[*cc.Declarator]*local{},
		free: map[model.Range][]*model.Var{}, keyed: map[string]*model.Var{}}
	l.out = &fn.r.Body
	l.openBlock()
	body()
	if l.jump != nil {
		l.jump.Range = model.UpTo(l.codes)
	}
	fn.stepped = l.steps > 0
	l.steps = steps
}

// param declares a parameter. An argument that is the same in every call of the routine is known.
func (l *lowering) param(fn *function, i int, d *cc.Declarator, arg value) {
	lo := l.newLocal(d, marks{})
	key := l.paramKey(fn.f, d)
	fixed := arg.to != nil || arg.n.Op == model.OpConst
	t, _ := scalarOf(d.Type())
	if fixed && !l.facts.varies[key] && lo.home == nil {
		lo.fixed = &arg
		if arg.to == nil && !strings.HasPrefix(d.Name(), "__") {
			fn.params = append(fn.params, i)
			v := l.variable(fn.r.Param(d.Name(), model.Range{Lo: arg.n.K, Hi: arg.n.K}), key, d.Type())
			delete(l.holders, v)
		}
		return
	}
	n := l.numberOf(arg, d)
	s := l.facts.span(key, t, marks{})
	if n.Op == model.OpConst && lo.home == nil { // which a parameter cannot be assigned to
		if l.facts.read[lo.key+lo.o.cells[0].key] {
			l.assign(l.slot(lo, lo.o.cells[0]), s, n)
		}
		return
	}
	if !grows(n) {
		b := boundsOf(n)
		l.facts.include(s, b.lo, b.hi)
	}
	fn.params = append(fn.params, i)
	v := l.variable(fn.r.Param(d.Name(), l.rangeOf(s, d)), key, d.Type())
	if lo.home != nil {
		l.standing(d, func() { l.store(l.ofLocal(lo, d), v.Node(), model.Plain) })
		return
	}
	lo.vars[lo.o.cells[0]] = v
}

// alwaysReturned is the constant that a function returns every time; nil if that is not so.
func (l *lowering) alwaysReturned(fn *function) *model.Node {
	rs := l.frame.returns
	if fn.result == nil || len(rs) == 0 || slices.ContainsFunc(rs, func(n *model.Node) bool {
		return n == nil || n.K != rs[0].K
	}) {
		return nil
	}
	return rs[0]
}
