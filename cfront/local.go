package cfront

import (
	"fmt"
	"slices"

	"modernc.org/cc/v4"

	"ctcheck/model"
)

// This file has local variables and temporaries.

// A frame is a call of a function that is being lowered.
type frame struct {
	up     *frame
	fn     *cc.FunctionDefinition
	ctx    context
	to     *function
	locals map[*cc.Declarator]*local
	blocks [][]*local // that are open, with the locals of each
	// free is temporaries that are zero and not in use; used is those of the statement at hand.
	free map[model.Range][]*model.Var
	used []*model.Var
	live []*model.Var // temporaries of all statements that are being lowered, one inside the other
	// keyed is temporaries whose ranges are facts, by the place in the source.
	keyed map[string]*model.Var
	// regions is the loops of the vocabulary that are open, innermost last.
	regions []*region
	jump    *model.Var
	codes   int64
	returns []*model.Node // what it returned so far; nil where that is no constant
}

// A context is on which CPU, and in what, code runs.
type context struct {
	cpu     int
	level   model.Context
	name    string // of the handler; empty in a task
	atomic  bool
	request int // of a deferral design, 1 and up inside its set_work
}

// A local is a variable of a call.
type local struct {
	name  string
	key   string // of facts
	o     *object
	frame *frame
	home  *object // the memory that it is in, if its address is stored somewhere
	fixed *value  // what it is all the time; nil if that varies
	vars  map[*cell]*model.Var
}

// value is what an expression is.
type value struct {
	t cc.Type
	n *model.Node // nil of the address of a local, of an aggregate, and of nothing
	// to and off are the address of a local, or of a part of it, instead.
	to  *local
	off int64
	// cands is the numbers that an address may be, where the code shows them; nil otherwise.
	cands  []int64
	agg    *lvalue // what is copied of a struct or union
	direct bool    // it is already where it was wanted
}

// fnName is the function that is being lowered, as facts name it.
func (l *lowering) fnName() string {
	if l.fn == nil {
		return l.to.r.Name
	}
	return l.fn.Declarator.Name()
}

// newLocal declares a local of the call.
func (l *lowering) newLocal(d *cc.Declarator, m marks) *local {
	at := posOf(d)
	key := fmt.Sprintf("%s:%d:%d:%s", l.fnName(), at.Line, at.Col, d.Name())
	lo := &local{name: d.Name(), key: key, frame: l.frame, vars: map[*cell]*model.Var{}}
	t := d.Type()
	lo.o = &object{name: d.Name(), key: key, t: t, marks: m, at: d}
	if t.Size() < 0 || t.IsIncomplete() {
		l.fail(d, "the size of %s is not known; variable-length arrays are not supported", d.Name())
	}
	lo.o.takeApart(l.fields)
	if lo.o.why != "" {
		l.fail(d, "%s: %s, which is not supported", d.Name(), lo.o.why)
	}
	l.locals[d] = lo
	if n := len(l.blocks); n > 0 {
		l.blocks[n-1] = append(l.blocks[n-1], lo)
	}
	if l.facts.escapes[key] {
		l.inMemory(lo, d)
	}
	return lo
}

// inMemory gives a local memory of its own, one for each context in which its function runs.
func (l *lowering) inMemory(lo *local, d *cc.Declarator) {
	key := fmt.Sprintf("%s@%d%s", lo.key, l.ctx.cpu, l.ctx.name)
	if l.nested && l.ctx.level == model.InNMI {
		l.fail(d,
			"the address of %s is stored, and NMIs interrupt each other here: two would share it; use a per-CPU "+
				"variable for each", lo.name)
	}
	if lo.home = l.mem.homes[key]; lo.home != nil {
		return
	}
	name := fmt.Sprintf("%s:%s", l.fnName(), lo.name)
	if l.cpus > 1 {
		name = fmt.Sprintf("%s of %s", name, l.cpuName(l.ctx.cpu))
	}
	if l.ctx.name != "" {
		name += ", " + l.ctx.name
	}
	l.facts.homes = append(l.facts.homes, home{key, name, lo.key, lo.o.t, lo.o.marks, d})
	l.facts.dirty = true // it has an address in the next lowering
	panic(bail{})
}

// slot is the variable of a part of a local.
func (l *lowering) slot(lo *local, c *cell) *model.Var {
	if v := lo.vars[c]; v != nil {
		return v
	}
	s := l.facts.span(lo.key+c.key, c.t, c.marks)
	v := l.variable(lo.frame.to.r.Local(lo.name+c.path, l.rangeOf(s, lo.o.at)), lo.key+c.key, c.of)
	lo.vars[c] = v
	return v
}

// rangeOf is the range of a span, which must not be too wide.
func (l *lowering) rangeOf(s *span, at cc.Node) model.Range {
	if !s.narrow() {
		l.fail(at,
			"this would hold values from %d to %d, and a variable has 32 bits; give it a range with __ct_bits(n) "+
				"or __ct_range(lo, hi)", s.lo, s.hi)
	}
	return s.rng()
}

// variable notes where a variable has its range from, and how its values print.
func (l *lowering) variable(v *model.Var, key string, t cc.Type) *model.Var {
	l.holders[v] = holder{l.facts, key}
	if t == nil {
		return v
	}
	switch x := t.(type) {
	case *cc.EnumType:
		for _, e := range x.Enumerators() {
			if k, ok := constantValue(e.Value()); ok {
				v.Case(model.Int(-1), model.Int(k), e.Token.SrcStr())
			}
		}
	case *cc.PointerType:
		l.addresses(v, x.Elem())
	}
	return v
}

// addresses has the addresses of things of a type print as such.
func (l *lowering) addresses(v *model.Var, of cc.Type) {
	v.Case(model.Int(-1), model.Int(0), "NULL")
	if of.Kind() == cc.Function {
		for i, f := range l.mem.fns {
			if k := functionAddress(i); v.Contains(k) {
				v.Case(model.Int(-1), model.Int(k), f.Declarator.Name())
			}
		}
		return
	}
	for _, k := range l.spans(of) {
		if v.Contains(k) {
			v.Case(model.Int(-1), model.Int(k), "&"+l.nameAt(k, of.Size()))
		}
	}
}

// temp is a local that is 0, for the statement at hand.
func (l *lowering) temp(r model.Range) *model.Var {
	r.Modular = false
	if r.Lo > 0 {
		r.Lo = 0
	}
	if r.Hi < 0 {
		r.Hi = 0
	}
	var v *model.Var
	if free := l.free[r]; len(free) > 0 {
		v = free[len(free)-1]
		l.free[r] = free[:len(free)-1]
	} else {
		v = l.to.r.Local("tmp", r)
	}
	l.uses(v)
	return v
}

// uses has a temporary in use until its statement ends.
func (l *lowering) uses(v *model.Var) {
	l.used = append(l.used, v)
	l.live = append(l.live, v)
}

// kept is an expression in a temporary, whose range is found like that of a variable where it cannot be seen.
func (l *lowering) kept(n *model.Node, t scalar, what cc.Node) *model.Node {
	v := l.tempFor(n, t, what)
	l.emit(&model.Stmt{Kind: model.StmtAssign, Dst: v, Arg: n})
	return v.Node()
}

// tempFor is a temporary that can hold any of the expressions.
func (l *lowering) tempFor(n *model.Node, t scalar, what cc.Node) *model.Var {
	at := posOf(what)
	key := fmt.Sprintf("%s:%d:%d:%T", l.fnName(), at.Line, at.Col, what)
	s := l.facts.span(key, t, marks{})
	if !grows(n) {
		b := boundsOf(n)
		l.facts.include(s, b.lo, b.hi)
	}
	v := l.keyed[key]
	if v == nil {
		v = l.to.r.Local("tmp", l.rangeOf(s, what))
		l.keyed[key] = v
		l.holders[v] = holder{l.facts, key}
	}
	l.uses(v)
	return v
}

// assign sets a local, temporary or ghost; the span, if it is known, gets room for what can be seen.
func (l *lowering) assign(v *model.Var, s *span, n *model.Node) {
	if s != nil && !grows(n) {
		b := boundsOf(n)
		l.facts.include(s, b.lo, b.hi)
	}
	l.emit(&model.Stmt{Kind: model.StmtAssign, Dst: v, Arg: n})
}

// release zeroes the temporaries of a statement; others may use them.
func (l *lowering) release(vars []*model.Var) {
	for _, v := range vars {
		l.emit(&model.Stmt{Kind: model.StmtAssign, Dst: v, Arg: num(0)})
	}
}

// statement lowers something that has temporaries of its own, and zeroes them.
func (l *lowering) statement(f func()) {
	outer := l.used
	l.used = nil
	f()
	l.release(l.used)
	l.reuse(l.used)
	l.used = outer
}

// reuse lets others have temporaries that are zero.
func (l *lowering) reuse(vars []*model.Var) {
	for _, v := range vars {
		if i := slices.Index(l.live, v); i >= 0 {
			l.live = slices.Delete(l.live, i, i+1)
		}
		if _, keyed := l.holders[v]; !keyed {
			l.free[v.Range] = append(l.free[v.Range], v)
		}
	}
}

// openBlock begins a block of the source, and closeBlock ends it: its locals are 0 from then on.
func (l *lowering) openBlock() { l.blocks = append(l.blocks, nil) }

func (l *lowering) closeBlock() {
	top := len(l.blocks) - 1
	if top > 0 { // those of the function itself end with the call
		l.clear(top)
	}
	l.blocks = l.blocks[:top]
}

// clear zeroes the locals of the blocks from one on.
func (l *lowering) clear(from int) {
	for _, locals := range l.blocks[max(from, 1):] {
		for _, lo := range locals {
			for _, c := range lo.o.cells {
				if v := lo.vars[c]; v != nil {
					l.emit(&model.Stmt{Kind: model.StmtAssign, Dst: v, Arg: num(v.Init)})
				}
			}
		}
	}
}
