package litmus

import "fmt"

// An absval is a value as the analysis has it.
type absval struct {
	kind absKind
	n    int64 // the integer; the cell of an address; the number of the section that a cookie is of
}

type absKind uint8

const (
	anInt absKind = iota
	anAddr
	aCookie // what srcu_read_lock returns: 0, but it knows its section
)

// A noValue is why an operator has no value.
type noValue string

// compute is the value of an expression, whose registers have the values of reg. It panics with a noValue where
// there is none.
func (t *Test) compute(e *Expr, reg func(string) absval) absval {
	switch e.Op {
	case OpInt:
		return absval{anInt, e.K}
	case OpReg:
		return reg(e.Name)
	case OpAddr:
		return absval{anAddr, int64(t.byName[e.Name])}
	case OpIf:
		if t.compute(e.A, reg).truth() {
			return t.compute(e.B, reg)
		}
		return t.compute(e.C, reg)
	case OpBoth, OpEither:
		if a := t.compute(e.A, reg).truth(); a != (e.Op == OpBoth) {
			return truth(a)
		}
		return truth(t.compute(e.B, reg).truth())
	}
	a, b := t.compute(e.A, reg), absval{}
	if e.B != nil {
		b = t.compute(e.B, reg)
	}
	switch {
	case a.kind == aCookie || b.kind == aCookie:
		panic(noValue("arithmetic on what srcu_read_lock returned"))
	case e.Op == OpNot:
		return truth(!a.truth())
	case e.Op == OpEq:
		return truth(a == b)
	case e.Op == OpNe:
		return truth(a != b)
	case a.kind == anAddr || b.kind == anAddr:
		return t.pointerArithmetic(e.Op, a, b)
	}
	return absval{anInt, combine(e.Op, a.n, b.n)}
}

func (v absval) truth() bool {
	if v.kind == aCookie {
		panic(noValue("a test of what srcu_read_lock returned"))
	}
	return v.kind == anAddr || v.n != 0
}

func truth(b bool) absval {
	if b {
		return absval{n: 1}
	}
	return absval{}
}

// pointerArithmetic moves within an array, and compares addresses in one.
func (t *Test) pointerArithmetic(op Op, a, b absval) absval {
	switch {
	case a.kind == anAddr && b.kind == anAddr && t.cells[a.n].base == t.cells[b.n].base:
		switch op {
		case OpSub, OpLt, OpLe:
			return absval{n: combine(op, a.n, b.n)}
		case OpXor:
			if a == b {
				return absval{}
			}
		}
	case b.kind == anInt && (op == OpAdd || op == OpSub):
		return t.element(a, combine(op, 0, b.n))
	case a.kind == anInt && op == OpAdd:
		return t.element(b, a.n)
	}
	panic(noValue("arithmetic on the address of a location, which is known inside arrays only"))
}

func (t *Test) element(a absval, by int64) absval {
	c := t.cells[a.n]
	i := a.n + by
	if i < int64(c.base) || i >= int64(c.base+c.n) {
		panic(noValue(fmt.Sprintf("the address %s%+d, where no location is", c.name, by)))
	}
	return absval{anAddr, i}
}

// combine computes an operator on integers, which wrap at 64 bits.
func combine(op Op, a, b int64) int64 {
	switch op {
	case OpNeg:
		return -a
	case OpCompl:
		return ^a
	case OpAdd:
		return a + b
	case OpSub:
		return a - b
	case OpMul:
		return a * b
	case OpDiv, OpMod:
		if b == 0 {
			panic(noValue("a division by 0"))
		}
		if op == OpDiv {
			return a / b
		}
		return a % b
	case OpAnd:
		return a & b
	case OpAndNot:
		return a &^ b
	case OpOr:
		return a | b
	case OpXor:
		return a ^ b
	case OpShl, OpShr:
		if b < 0 || b > 63 {
			panic(noValue(fmt.Sprintf("a shift by %d", b)))
		}
		if op == OpShl {
			return a << b
		}
		return a >> b
	case OpLt:
		return truth(a < b).n
	case OpLe:
		return truth(a <= b).n
	}
	panic(fmt.Sprintf("litmus: operator %d is not known", op))
}
