package litmus

import (
	"fmt"
	"slices"

	"ctcheck/model"
)

// This file makes statements of x86 instructions.

// The accesses of x86.
var (
	movLoad     = &Primitive{Name: "MOV", Class: Load, Order: model.Relaxed, Returns: Old}
	movStore    = &Primitive{Name: "MOV", Class: Store, Order: model.Relaxed}
	lockXchg    = &Primitive{Name: "XCHG", Class: RMW, Combine: OpInt, Order: model.Full, Returns: Old}
	lockXadd    = &Primitive{Name: "LOCK XADD", Class: RMW, Combine: OpAdd, Order: model.Full, Returns: Old}
	lockCmpxchg = &Primitive{Name: "LOCK CMPXCHG", Class: Cmpxchg, Order: model.Full, OnFailure: model.Full,
		Returns: Old}
)

// x86fences says what a fence is: LFENCE and SFENCE order nothing that a program without non-temporal accesses
// has.
var x86fences = map[string]*Primitive{
	"MFENCE": {Name: "MFENCE", Class: Fence, Fence: model.FenceMb},
	"LFENCE": {Name: "LFENCE", Class: Fence, Fence: model.FenceCompiler},
	"SFENCE": {Name: "SFENCE", Class: Fence, Fence: model.FenceCompiler},
	"NOP":    {Name: "NOP", Class: Nothing}, "PAUSE": {Name: "PAUSE", Class: Nothing},
}

// x86ops is the arithmetic instructions.
var x86ops = map[string]Op{"ADD": OpAdd, "SUB": OpSub, "AND": OpAnd, "OR": OpOr, "XOR": OpXor, "INC": OpAdd,
	"DEC": OpSub,
	"NEG": OpNeg, "NOT": OpCompl}

// The registers that conditional jumps compare, and the one with the number of the block that is next.
const (
	flagLeft  = ".left"
	flagRight = ".right"
	pc        = ".pc"
)

// jumpIf says which comparison of the flags a jump asks for.
var jumpIf = map[string]func(at Pos) *Expr{}

func init() {
	left := func(at Pos) *Expr { return regExpr(at, flagLeft) }
	right := func(at Pos) *Expr { return regExpr(at, flagRight) }
	for names, op := range map[[2]string]Op{{"JE", "JZ"}: OpEq, {"JNE", "JNZ"}: OpNe, {"JL", "JS"}: OpLt,
		{"JLE"}: OpLe} {
		for _, name := range names {
			jumpIf[name] = func(at Pos) *Expr { return binExpr(at, op, left(at), right(at)) }
		}
	}
	jumpIf["JG"] = func(at Pos) *Expr { return binExpr(at, OpLt, right(at), left(at)) }
	for _, name := range []string{"JGE", "JNS"} {
		jumpIf[name] = func(at Pos) *Expr { return binExpr(at, OpLe, right(at), left(at)) }
	}
	jumpIf["JMP"] = func(at Pos) *Expr { return intExpr(at, 1) }
	delete(jumpIf, "")
}

// blocks makes statements of the instructions: one after the other where there is no jump, and else blocks, of
// which a register says which is next, in a loop if a jump leads back.
func (x *x86thread) blocks() []*Stmt {
	starts := []int{0}
	jumps := false
	for i, in := range x.code {
		if jumpIf[in.name] != nil {
			jumps = true
			starts = append(starts, i+1, x.target(in))
		}
	}
	if !jumps {
		for _, in := range x.code {
			x.instr(in)
		}
		return x.out
	}
	slices.Sort(starts)
	starts = slices.DeleteFunc(slices.Compact(starts), func(i int) bool { return i == len(x.code) })
	block := func(i int) int64 {
		return int64(slices.IndexFunc(append(starts, len(x.code)), func(s int) bool { return s >= i }))
	}
	back := false
	var all []*Stmt
	for k, from := range starts {
		to := len(x.code)
		if k+1 < len(starts) {
			to = starts[k+1]
		}
		x.out = nil
		goOn := func(i int) *Stmt {
			return &Stmt{Kind: Assign, Pos: x.at, Label: x.label, Dst: pc, Value: intExpr(x.at, block(i))}
		}
		for i := from; i < to; i++ {
			in := x.code[i]
			if cond := jumpIf[in.name]; cond != nil {
				x.at, x.label = in.at, in.text
				back = back || x.target(in) <= i
				x.emit(&Stmt{Kind: If, Cond: cond(in.at), Body: []*Stmt{goOn(x.target(in))},
					Else: []*Stmt{goOn(to)}})
			} else {
				x.instr(in)
				if i == to-1 {
					x.emit(goOn(to))
				}
			}
		}
		x.at, x.label = x.code[from].at, x.code[from].text
		all = append(all, &Stmt{Kind: If, Pos: x.at, Label: x.label, Body: x.out,
			Cond: binExpr(x.at, OpEq, regExpr(x.at, pc), intExpr(x.at, int64(k)))})
	}
	x.out = nil
	x.emit(&Stmt{Kind: Assign, Dst: pc, Value: intExpr(x.at, 0)})
	if !back {
		return append(x.out, all...)
	}
	all = append(all, &Stmt{Kind: If, Pos: x.at, Label: x.label, Body: []*Stmt{{Kind: Break, Pos: x.at,
		Label: x.label}},
		Cond: binExpr(x.at, OpEq, regExpr(x.at, pc), intExpr(x.at, int64(len(starts))))})
	x.emit(&Stmt{Kind: Loop, Body: all})
	return x.out
}

// target is the instruction that a jump leads to.
func (x *x86thread) target(in x86instr) int {
	if len(in.args) != 1 {
		fail(in.at, "found %q; a jump has a label", in.text)
	}
	i, known := x.labels[in.args[0].reg]
	if !known {
		fail(in.at, "found %q, but the thread has no label %s", in.text, in.args[0].reg)
	}
	return i
}

func (x *x86thread) emit(s *Stmt) {
	if s.Pos == (Pos{}) {
		s.Pos = x.at
	}
	s.Label = x.label
	x.out = append(x.out, s)
}

func (x *x86thread) temp() string {
	x.temps++
	return fmt.Sprintf(".%d", x.temps)
}

func (x *x86thread) set(reg string, v *Expr) { x.emit(&Stmt{Kind: Assign, Dst: reg, Value: v}) }

// get is the value of an operand, loaded if it is memory.
func (x *x86thread) get(op x86operand) *Expr {
	switch {
	case op.isMemory:
		reg := x.temp()
		x.emit(&Stmt{Kind: Do, Dst: reg, Prim: movLoad, Addr: op.value})
		return regExpr(x.at, reg)
	case op.reg != "":
		return regExpr(x.at, op.reg)
	}
	return op.value
}

// put stores to an operand, or sets it.
func (x *x86thread) put(op x86operand, v *Expr) {
	switch {
	case op.isMemory:
		x.emit(&Stmt{Kind: Do, Prim: movStore, Addr: op.value, Args: []*Expr{v}})
	case op.reg != "":
		x.set(op.reg, v)
	default:
		fail(x.at, "%q changes a constant", x.label)
	}
}

// flags keeps what conditional jumps compare.
func (x *x86thread) flags(left, right *Expr) {
	x.set(flagLeft, left)
	x.set(flagRight, right)
}

// x86counts is how many operands there are; two where it does not say.
var x86counts = map[string]int{"INC": 1, "DEC": 1, "NEG": 1, "NOT": 1, "MFENCE": 0, "LFENCE": 0, "SFENCE": 0,
	"NOP":   0,
	"PAUSE": 0}

func (x *x86thread) instr(in x86instr) {
	x.at, x.label = in.at, in.text
	want, ok := x86counts[in.name]
	if !ok {
		want = 2
	}
	if len(in.args) != want {
		fail(in.at, "%q has %d operands, %s takes %d", in.text, len(in.args), in.name, want)
	}
	memory := slices.IndexFunc(in.args, func(op x86operand) bool { return op.isMemory })
	switch {
	case want == 2 && in.args[0].isMemory && in.args[1].isMemory:
		fail(in.at, "%q has two operands in memory", in.text)
	case in.locked && (memory < 0 || in.name == "MOV" || in.name == "CMP" || in.name == "TEST" || memory == 1 &&
		in.name != "XCHG"):
		fail(in.at, "%q: LOCK goes with an instruction that changes memory", in.text)
	}
	switch in.name {
	case "MOV":
		x.put(in.args[0], x.get(in.args[1]))
	case "CMP":
		x.flags(x.get(in.args[0]), x.get(in.args[1]))
	case "TEST":
		x.flags(binExpr(x.at, OpAnd, x.get(in.args[0]), x.get(in.args[1])), intExpr(x.at, 0))
	case "XCHG", "XADD", "CMPXCHG":
		x.exchange(in)
	default:
		if f := x86fences[in.name]; f != nil {
			x.emit(&Stmt{Kind: Do, Prim: f})
			return
		}
		x.arithmetic(in)
	}
}

// arithmetic is an operation on its first operand, in one step if that is memory and LOCK is there.
func (x *x86thread) arithmetic(in x86instr) {
	op, dst := x86ops[in.name], in.args[0]
	var v *Expr
	switch {
	case len(in.args) == 2:
		v = x.get(in.args[1])
	case in.name == "INC" || in.name == "DEC":
		v = intExpr(x.at, 1)
	case in.locked:
		unsupported(x.at, "LOCK "+in.name, "found %q, which is not supported with LOCK", in.text)
	}
	result := x.temp()
	if in.locked {
		p := &Primitive{Name: "LOCK " + in.name, Class: RMW, Combine: op, Order: model.Full, Returns: New}
		x.emit(&Stmt{Kind: Do, Dst: result, Prim: p, Addr: dst.value, Args: []*Expr{v}})
	} else {
		x.set(result, binExpr(x.at, op, x.get(dst), v))
		x.put(dst, regExpr(x.at, result))
	}
	if in.name != "NOT" {
		x.flags(regExpr(x.at, result), intExpr(x.at, 0))
	}
}

// exchange is XCHG, which locks by itself where it is about memory, XADD and CMPXCHG.
func (x *x86thread) exchange(in x86instr) {
	a, b := in.args[0], in.args[1]
	if in.name == "XCHG" && b.isMemory {
		a, b = b, a
	}
	if b.reg == "" {
		fail(in.at, "%q: the operand that is no memory is a register", in.text)
	}
	old, isLocked := x.temp(), in.locked || in.name == "XCHG" && a.isMemory
	prim := map[string]*Primitive{"XCHG": lockXchg, "XADD": lockXadd, "CMPXCHG": lockCmpxchg}[in.name]
	acc, _ := x.t.x86Register("eax")
	args := []*Expr{regExpr(x.at, b.reg)}
	if in.name == "CMPXCHG" {
		args = []*Expr{regExpr(x.at, x.use(acc)), args[0]}
	}
	if isLocked {
		x.emit(&Stmt{Kind: Do, Dst: old, Prim: prim, Addr: a.value, Args: args})
	} else {
		x.set(old, x.get(a))
		next := args[0]
		switch in.name {
		case "XADD":
			next = binExpr(x.at, OpAdd, regExpr(x.at, old), args[0])
		case "CMPXCHG": // it writes back what it found where that is another value
			same := binExpr(x.at, OpEq, regExpr(x.at, old), args[0])
			next = &Expr{Op: OpIf, Pos: x.at, A: same, B: args[1], C: regExpr(x.at, old)}
		}
		x.put(a, next)
	}
	switch in.name {
	case "CMPXCHG":
		x.flags(regExpr(x.at, old), regExpr(x.at, acc))
		x.set(acc, regExpr(x.at, old))
	case "XADD":
		x.flags(binExpr(x.at, OpAdd, regExpr(x.at, old), args[0]), intExpr(x.at, 0))
		x.set(b.reg, regExpr(x.at, old))
	default:
		x.set(b.reg, regExpr(x.at, old))
	}
}
