package litmus

import (
	"errors"
	"fmt"
	"slices"

	"ctcheck/model"
	"ctcheck/threads"
)

// This file lowers a test for memory models of axioms: its accesses as they are, and not what x86 makes of
// them.

// AsThreads is the test as threads of accesses; what it observes is what the test asks about, in the order of
// [Test.Observed], with what its filter speaks of. The error is an [Error].
func (t *Test) AsThreads() (p *threads.Program, err error) {
	defer caught(t.File, &err)
	if t.Arch != C {
		unsupported(Pos{1, 1}, "x86 under lkmm", "the test is x86 assembly, which the memory model of the kernel "+
			"does not speak of; it is decided under sc and tso")
	}
	p = &threads.Program{Name: t.Name}
	for _, c := range t.cells {
		p.Cells = append(p.Cells, threads.Cell{Name: c.name})
	}
	for _, in := range t.Init {
		if !in.Loc.IsReg() {
			p.Cells[t.exact[in.Loc.Name]].Init = t.absOf(in.Value).value()
		}
	}
	for _, th := range t.Threads {
		c := &assembler{t: t, th: &threads.Thread{Name: fmt.Sprintf("P%d", th.Index)}, regs: map[string]int{}}
		for _, in := range t.Init {
			if in.Loc.Thread == th.Index {
				c.th.Regs[c.reg(in.Loc.Name)].Init = t.absOf(in.Value).value()
			}
		}
		for _, loc := range t.asked() {
			if loc.Thread == th.Index {
				c.reg(loc.Name)
			}
		}
		c.list(th.Body, 1)
		p.Threads = append(p.Threads, c.th)
	}
	for _, loc := range t.asked() {
		o := threads.Observable{Thread: -1, N: t.exact[loc.Name]}
		if loc.IsReg() {
			regs := p.Threads[loc.Thread].Regs
			o = threads.Observable{Thread: loc.Thread,
				N: slices.IndexFunc(regs, func(r threads.Reg) bool { return r.Name == loc.Name })}
		}
		p.Observed = append(p.Observed, o)
	}
	return p, nil
}

// Shown is a value as the test's propositions and states have it, given the cells of [Test.AsThreads]. One out
// of thin air is the address of no location.
func Shown(v threads.Value, cells []threads.Cell) Value {
	switch v.Kind {
	case threads.Addr:
		return Value{Addr: cells[v.N].Name}
	case threads.Thin:
		return Value{Addr: fmt.Sprintf("?%d", v.N)}
	}
	return Value{Int: v.N}
}

// Ask is the truth of the proposition, or of the filter, in what is observed of [Test.AsThreads]: ok says
// whether it is known.
func (t *Test) Ask(q *Prop, cells []threads.Cell, value func(i int) (threads.Value, bool)) (truth, ok bool) {
	asked := t.asked()
	return q.Truth(func(l Loc) (Value, bool) {
		v, ok := value(slices.Index(asked, l))
		return Shown(v, cells), ok
	})
}

// value is the same for package threads. A cookie is 0, as it is for herd7.
func (v absval) value() threads.Value {
	switch v.kind {
	case anAddr:
		return threads.Value{Kind: threads.Addr, N: v.n}
	case aCookie:
		return threads.Value{}
	}
	return threads.Value{N: v.n}
}

func absOf(v threads.Value) absval {
	if v.Kind == threads.Addr {
		return absval{anAddr, v.N}
	}
	return absval{anInt, v.N}
}

// An assembler writes the code of a thread.
type assembler struct {
	t    *Test
	th   *threads.Thread
	regs map[string]int
	out  []leaving // of each block that Break leaves, the innermost last
}

// leaving is a block that Break leaves.
type leaving struct {
	depth int
	jumps []int // instructions whose target is its end
}

func (c *assembler) reg(name string) int {
	i, ok := c.regs[name]
	if !ok {
		i = len(c.th.Regs)
		c.regs[name] = i
		c.th.Regs = append(c.th.Regs, threads.Reg{Name: name})
	}
	return i
}

// emit adds an instruction, in blocks of a number.
func (c *assembler) emit(s *Stmt, depth int, in threads.Instr) int {
	in.Line, in.Label = s.Line, s.Label
	in.Depth = depth
	c.th.Code = append(c.th.Code, in)
	return len(c.th.Code) - 1
}

// expr is an expression; one that is a register alone is copied and not computed.
func (c *assembler) expr(e *Expr) *threads.Expr {
	switch e.Op {
	case OpInt:
		return &threads.Expr{Const: threads.Value{N: e.K}}
	case OpAddr:
		return &threads.Expr{Const: threads.Value{Kind: threads.Addr, N: int64(c.t.byName[e.Name])}}
	case OpReg:
		return &threads.Expr{Regs: []int{c.reg(e.Name)}}
	}
	var names []string
	e.each(func(x *Expr) {
		if x.Op == OpReg && !slices.Contains(names, x.Name) {
			names = append(names, x.Name)
		}
	})
	var regs []int
	for _, n := range names {
		regs = append(regs, c.reg(n))
	}
	return &threads.Expr{Regs: regs, Eval: func(values []threads.Value) (v threads.Value, err error) {
		defer func() {
			if r := recover(); r != nil {
				why, ok := r.(noValue)
				if !ok {
					panic(r)
				}
				err = errors.New(string(why))
			}
		}()
		return c.t.compute(e, func(name string) absval { return absOf(values[slices.Index(names, name)]) }).value(),
			nil
	}}
}

func (c *assembler) list(list []*Stmt, depth int) {
	for _, s := range list {
		c.stmt(s, depth)
	}
}

// stmt writes a statement that stands in depth-1 blocks.
func (c *assembler) stmt(s *Stmt, depth int) {
	switch s.Kind {
	case Assign:
		c.emit(s, depth-1, threads.Instr{Op: threads.Assign, Dst: c.reg(s.Dst), Value: c.expr(s.Value)})
	case Do:
		c.do(s, depth-1)
	case If:
		b := c.emit(s, depth, threads.Instr{Op: threads.Branch, If: c.expr(s.Cond), Escape: c.escape(s, depth)})
		c.list(s.Body, depth+1)
		j := c.emit(s, depth, threads.Instr{Op: threads.Jump})
		c.th.Code[b].Target = len(c.th.Code)
		c.list(s.Else, depth+1)
		c.th.Code[j].Target = len(c.th.Code)
		c.emit(s, depth, threads.Instr{Op: threads.Leave})
	case Loop, Once:
		c.emit(s, depth, threads.Instr{Op: threads.Enter})
		begin := len(c.th.Code)
		c.out = append(c.out, leaving{depth: depth})
		if s.Kind == Loop {
			c.emit(s, depth, threads.Instr{Op: threads.Again})
		}
		c.list(s.Body, depth+1)
		if s.Kind == Loop {
			c.emit(s, depth, threads.Instr{Op: threads.Jump, Target: begin})
		}
		for _, j := range c.out[len(c.out)-1].jumps {
			c.th.Code[j].Target = len(c.th.Code)
		}
		c.out = c.out[:len(c.out)-1]
		c.emit(s, depth, threads.Instr{Op: threads.Leave})
	case Break:
		last := &c.out[len(c.out)-1]
		last.jumps = append(last.jumps, c.emit(s, depth-1, threads.Instr{Op: threads.Jump}))
	}
}

// escape is the depth of the outermost block that a Break in the arms of an If leaves.
func (c *assembler) escape(s *Stmt, depth int) int {
	least := depth
	var look func(list []*Stmt, inner int)
	look = func(list []*Stmt, inner int) {
		for _, x := range list {
			switch x.Kind {
			case Break:
				if inner == 0 {
					least = c.out[len(c.out)-1].depth
				}
			case Loop, Once:
				look(x.Body, inner+1)
			default:
				look(x.Body, inner)
				look(x.Else, inner)
			}
		}
	}
	look(s.Body, 0)
	look(s.Else, 0)
	return least
}

// fencesByName is the barriers that x86 does not tell apart.
var fencesByName = map[string]threads.FenceKind{"smp_mb": threads.Mb, "smp_rmb": threads.Rmb,
	"smp_wmb": threads.Wmb, "barrier": threads.Barrier, "smp_mb__before_atomic": threads.BeforeAtomic,
	"smp_mb__after_atomic": threads.AfterAtomic, "smp_mb__after_spinlock": threads.AfterSpinlock,
	"smp_mb__after_unlock_lock": threads.AfterUnlockLock, "smp_mb__after_srcu_read_unlock": threads.AfterSrcuUnlock}

var classOps = map[Class]threads.Op{Load: threads.Read, Store: threads.Write, Lock: threads.Lock,
	Unlock: threads.Unlock, Trylock: threads.Trylock, IsLocked: threads.IsLocked, ReadLock: threads.ReadLock,
	ReadUnlock: threads.ReadUnlock, Sync: threads.Sync, SrcuLock: threads.SrcuLock,
	SrcuUnlock: threads.SrcuUnlock, SrcuSync: threads.SrcuSync, Fence: threads.Fence}

// do writes a primitive.
func (c *assembler) do(s *Stmt, depth int) {
	p := s.Prim
	in := threads.Instr{Op: classOps[p.Class], Dst: -1, Order: p.Order}
	if s.Addr != nil {
		in.Addr = c.expr(s.Addr)
	}
	if s.Dst != "" && p.Class != RMW && p.Class != Cmpxchg && p.Class != Unless {
		in.Dst = c.reg(s.Dst)
	}
	switch p.Class {
	case Nothing:
	case Fence:
		in.Fence = fencesByName[p.Name]
		c.emit(s, depth, in)
	case Store:
		in.Value = c.expr(s.Args[0])
		if p.Order != model.Full {
			c.emit(s, depth, in)
			return
		}
		in.Order = model.Relaxed
		c.emit(s, depth, in)
		c.emit(s, depth, threads.Instr{Op: threads.Fence, Fence: threads.Mb})
	case SrcuUnlock:
		in.Value = c.expr(s.Args[0])
		c.emit(s, depth, in)
	case RMW, Cmpxchg, Unless:
		c.modify(s, depth, in)
	default:
		c.emit(s, depth, in)
	}
}

// modify writes a read-modify-write: the access, and what it returns.
func (c *assembler) modify(s *Stmt, depth int, in threads.Instr) {
	p := s.Prim
	old := fmt.Sprintf(".old%d", len(c.th.Code))
	in.Op, in.Dst = threads.Modify, c.reg(old)
	in.Void, in.MayLoad = p.Returns == Nought, p.Class == Unless
	found := regExpr(s.Pos, old)
	var made, stored *Expr
	switch p.Class {
	case Cmpxchg:
		stored, made = binExpr(s.Pos, OpEq, found, s.Args[0]), s.Args[1]
	case Unless:
		limit := intExpr(s.Pos, p.IdleAt)
		if len(s.Args) > 1 {
			limit = s.Args[1]
		}
		idle := binExpr(s.Pos, p.Idle, found, limit)
		if p.Idle == OpGt {
			idle = binExpr(s.Pos, OpLt, limit, found)
		}
		stored = &Expr{Op: OpNot, Pos: s.Pos, A: idle}
		made = binExpr(s.Pos, p.Combine, found, s.Args[0])
	case RMW:
		if made = s.Args[0]; p.Combine != OpInt {
			made = binExpr(s.Pos, p.Combine, found, s.Args[0])
		}
	}
	in.Value = c.expr(made)
	if stored != nil {
		in.If = c.expr(stored)
	}
	c.emit(s, depth, in)
	result := map[Returns]*Expr{Old: found, New: made, Success: stored}[p.Returns]
	switch p.Returns {
	case IsZero:
		result = binExpr(s.Pos, OpEq, made, intExpr(s.Pos, 0))
	case IsNegative:
		result = binExpr(s.Pos, OpLt, made, intExpr(s.Pos, 0))
	}
	set := func(dst string, v *Expr) {
		if dst != "" && v != nil {
			c.emit(s, depth, threads.Instr{Op: threads.Assign, Dst: c.reg(dst), Value: c.expr(v)})
		}
	}
	if s.Refresh == "" {
		set(s.Dst, result)
		return
	}
	ok := old + ".ok"
	set(ok, stored) // before what it compares with is refreshed
	set(s.Refresh, found)
	set(s.Dst, regExpr(s.Pos, ok))
}
