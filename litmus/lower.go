package litmus

import (
	"fmt"
	"math"
	"strings"

	"ctcheck/model"
)

// A Program is a test as a model, with what it takes to read the model's final states.
type Program struct {
	Form
	Model *model.Program
	// Vars has the variable with the final value of each of Observed, in the same order.
	Vars  []*model.Var
	words encoding
}

// An encoding says which numbers stand for addresses in the model: they follow all integers of the test.
type encoding struct {
	t       *Test
	base    int64 // of the address of the first cell
	cookies int64 // of the first cookie of SRCU
}

func (w encoding) of(v absval) int64 {
	switch v.kind {
	case anAddr:
		return w.base + v.n
	case aCookie:
		return w.cookies + v.n
	}
	return v.n
}

// value is what a number of the model means. A cookie is 0, as it is for herd7.
func (w encoding) value(x int64) Value {
	switch {
	case x < w.base:
		return Value{Int: x}
	case x < w.cookies:
		return Value{Addr: w.t.cells[x-w.base].name}
	}
	return Value{}
}

// A lowering makes a model of a test.
type lowering struct {
	t     *Test
	a     *analysis
	p     *model.Program
	words encoding
	cells []*model.Var
	rcu   *readers
	// apart has readers begin and end by steps of their own, never within accesses: for tests, which compare.
	apart bool

	// Of the thread that is being lowered.
	thread  int
	routine *model.Routine
	regs    map[string]*model.Var
	reads   map[string]bool // registers that an expression reads, or that are asked for
	live    *liveness
	temps   int
	out     *[]*model.Stmt
	at      *Stmt
	next    *Stmt // the one after it in its list
	body    []*Stmt
	ends    bool        // next is a store, and the last statement of the thread
	gate    *model.Node // what the next statement waits for; nil: nothing
	stored  bool        // the thread may have stored something before
}

// Program lowers the test. The error is an [Error]: arithmetic without a meaning, values without a bound.
func (t *Test) Program() (p *Program, err error) { return t.program(false) }

func (t *Test) program(apart bool) (p *Program, err error) {
	defer caught(t.File, &err)
	l := &lowering{t: t, a: t.analyze(), p: model.New(t.Name), apart: apart}
	l.encode()
	for i, c := range t.cells {
		l.cells = append(l.cells, l.p.Shared(c.name, l.span(l.a.cells[i]), model.Int(l.words.of(l.initial(i)))))
		l.naming(l.cells[i], l.a.cells[i])
	}
	l.rcu = l.newReaders()
	out := &Program{Form: t.Form(), Model: l.p, words: l.words}
	for _, loc := range out.Observed {
		out.Vars = append(out.Vars, l.final(loc))
	}
	for i, th := range t.Threads {
		l.lowerThread(i, th, out)
	}
	l.p.Assumptions = l.assumptions()
	l.p.Domain = question{t}
	return out, nil
}

// encode finds numbers for addresses.
func (l *lowering) encode() {
	least, most := int64(0), int64(0)
	each := func(vs values) {
		for v := range vs {
			if v.kind == anInt {
				least, most = min(least, v.n), max(most, v.n)
			}
		}
	}
	for _, vs := range l.a.cells {
		each(vs)
	}
	for _, regs := range l.a.regs {
		for _, vs := range regs {
			each(vs)
		}
	}
	for _, th := range l.t.Threads {
		eachStmt(th.Body, func(s *Stmt) {
			for _, e := range s.exprs() {
				e.each(func(e *Expr) {
					if e.Op == OpInt {
						least, most = min(least, e.K), max(most, e.K)
					}
				})
			}
		})
	}
	for _, p := range []*Prop{l.t.Filter, l.t.Prop} {
		if p != nil {
			p.each(func(p *Prop) { most = max(most, p.Value.Int) })
		}
	}
	if least < math.MinInt32 || most > math.MaxInt32 {
		unsupported(Pos{1, 1}, "wide values", "the values of the test go from %d to %d; they must fit 32 bits",
			least, most)
	}
	l.words = encoding{l.t, most + 1, most + 1 + int64(len(l.t.cells))}
}

// initial is the value of a cell before the threads begin.
func (l *lowering) initial(cell int) absval {
	for _, in := range l.t.Init {
		if !in.Loc.IsReg() && in.Loc.Name == l.t.cells[cell].name {
			return l.t.absOf(in.Value)
		}
	}
	return absval{}
}

// span is the range that has all the values.
func (l *lowering) span(vs values) model.Range {
	first := true
	var r model.Range
	for v := range vs {
		x := l.words.of(v)
		if first {
			r.Lo, r.Hi, first = x, x, false
		}
		r.Lo, r.Hi = min(r.Lo, x), max(r.Hi, x)
	}
	return r
}

// naming has traces print addresses by name.
func (l *lowering) naming(v *model.Var, vs values) {
	for x := range vs {
		switch x.kind {
		case anAddr:
			v.Case(model.Int(-1), model.Int(l.words.of(x)), "&"+l.t.cells[x.n].name)
		case aCookie:
			v.Case(model.Int(-1), model.Int(l.words.of(x)), "0")
		}
	}
}

// final is the variable with the final value of a location, or a ghost for that of a register.
func (l *lowering) final(loc Loc) *model.Var {
	if !loc.IsReg() {
		return l.cells[l.t.exact[loc.Name]]
	}
	vs := l.a.regs[loc.Thread][loc.Name]
	ghost := l.p.Ghost(loc.String(), l.span(vs), model.Int(0))
	l.naming(ghost, vs)
	return ghost
}

func (l *lowering) lowerThread(i int, th *Thread, p *Program) {
	cpu := l.p.CPU(fmt.Sprintf("P%d", i))
	l.stored, l.body = false, th.Body
	l.thread, l.regs, l.reads, l.temps = i, map[string]*model.Var{}, map[string]bool{}, 0
	eachStmt(th.Body, func(s *Stmt) {
		for _, e := range s.exprs() {
			e.each(func(e *Expr) { l.reads[e.Name] = l.reads[e.Name] || e.Op == OpReg })
		}
		l.reads[s.Refresh] = true
		l.stored = l.stored || s.Kind == Loop // what is behind may have come before
	})
	atEnd := regset{}
	for _, loc := range p.Observed {
		if loc.Thread == i {
			l.reads[loc.Name], atEnd[loc.Name] = true, true
		}
	}
	l.live = lastReads(th.Body, atEnd)
	cpu.Run(l.p.Routine(cpu.Name, func(r *model.Routine) {
		l.routine = r
		r.Body = l.sub(func() {
			l.at = &Stmt{Kind: Assign, Pos: th.Pos, Label: cpu.Name}
			for _, in := range l.t.Init {
				if in.Loc.Thread == i && l.reads[in.Loc.Name] {
					l.set(l.reg(in.Loc.Name), model.Int(l.words.of(l.t.absOf(in.Value))))
				}
			}
			l.list(th.Body)
			l.at = &Stmt{Kind: Assign, Pos: th.Pos, Label: cpu.Name}
			for k, loc := range p.Observed {
				if loc.Thread == i {
					l.set(p.Vars[k], l.regValue(loc.Name))
				}
			}
		})
	}))
}

// localName is what traces call a register. One that only the front end has, for a value inside an expression, has
// a number for a name, which would read as that number.
func localName(reg string) string {
	name, own := strings.CutPrefix(reg, ".")
	if own && '0' <= name[0] && name[0] <= '9' {
		return "value " + name
	}
	return name
}

// reg is the local of a register.
func (l *lowering) reg(name string) *model.Var {
	v := l.regs[name]
	if v == nil {
		vs := l.a.regs[l.thread][name]
		v = l.routine.Local(localName(name), l.span(vs))
		l.naming(v, vs)
		if v.Range == model.Bool { // which prints as a truth value, and is a number here
			v.Case(model.Int(-1), model.Int(0), "0").Case(model.Int(-1), model.Int(1), "1")
		}
		l.regs[name] = v
	}
	return v
}

// regValue is the value of a register: 0 if nothing ever writes it.
func (l *lowering) regValue(name string) model.Value {
	if len(l.a.regs[l.thread][name]) == 0 {
		return model.Int(0)
	}
	return l.reg(name)
}

// temp is a local for what is in between.
func (l *lowering) temp(r model.Range) *model.Var {
	l.temps++
	return l.routine.Local(fmt.Sprintf("tmp%d", l.temps), r)
}

// sub is the statements that f adds.
func (l *lowering) sub(f func()) []*model.Stmt {
	var list []*model.Stmt
	outer := l.out
	l.out = &list
	f()
	l.out = outer
	return list
}

// add adds a statement of the model, in the name of the one that is being lowered.
func (l *lowering) add(s *model.Stmt) {
	s.File, s.Line, s.Label = l.t.File, l.at.Line, strings.TrimSuffix(l.at.Label, ";")
	*l.out = append(*l.out, s)
}

func (l *lowering) set(dst *model.Var, v model.Value) {
	if dst != nil {
		l.add(&model.Stmt{Kind: model.StmtAssign, Dst: dst, Arg: v.Node()})
	}
}

func (l *lowering) when(cond model.Value, yes, no func()) {
	s := &model.Stmt{Kind: model.StmtIf, Cond: cond.Node(), Body: l.sub(yes)}
	if no != nil {
		s.Else = l.sub(no)
	}
	l.add(s)
}

// list lowers statements. What no run reaches is left out.
func (l *lowering) list(list []*Stmt) {
	for i, s := range list {
		if !l.a.reached[s] {
			return
		}
		if l.next = nil; i+1 < len(list) && l.a.reached[list[i+1]] {
			l.next = list[i+1]
		}
		l.ends = l.next != nil && l.next.Kind == Do && l.next.Prim.Class == Store && len(list) == len(l.body) &&
			l.next == l.body[len(l.body)-1]
		l.stmt(s)
		l.forget(l.live.after[s])
	}
}

func (l *lowering) stmt(s *Stmt) {
	outer := l.at
	l.at = s
	defer func() { l.at = outer }()
	switch s.Kind {
	case Assign:
		if l.reads[s.Dst] {
			l.assign(l.reg(s.Dst), s.Value)
		}
	case Do:
		if l.gate == nil {
			l.do(s)
			break
		}
		wait := &model.Stmt{Kind: model.StmtAwait, Cond: l.gate}
		l.gate = nil
		body := l.sub(func() {
			l.add(wait)
			l.do(s)
		})
		l.add(&model.Stmt{Kind: model.StmtAtomic, Body: body})
	case If:
		dead := l.live.at[s]
		l.when(l.expr(s.Cond), func() {
			l.forget(dead[0])
			l.list(s.Body)
		}, func() {
			l.forget(dead[1])
			l.list(s.Else)
		})
	case Loop:
		body := l.sub(func() { l.list(s.Body) })
		l.add(&model.Stmt{Kind: model.StmtWhile, Cond: model.True.Node(), Body: body})
	case Once:
		body := l.sub(func() {
			l.list(s.Body)
			l.add(&model.Stmt{Kind: model.StmtBreak})
		})
		l.add(&model.Stmt{Kind: model.StmtWhile, Cond: model.True.Node(), Body: body})
	case Break:
		l.add(&model.Stmt{Kind: model.StmtBreak})
	}
}

// forget makes registers that nobody will read what they were at the beginning.
func (l *lowering) forget(regs []string) {
	for _, name := range regs {
		if v := l.regs[name]; v != nil && v.Lo != v.Hi {
			l.set(v, model.Int(v.Init))
		}
	}
}
