package plain

import (
	"fmt"
	"slices"

	"ctcheck/model"
)

// This file has the values of variables and expressions.

// scope is the map that holds v: the locals of the innermost call that has it, or the variables that everyone sees.
func (r *run) scope(v *model.Var) map[*model.Var]int64 {
	if v.Kind != model.Local {
		return r.after.vars
	}
	for _, b := range slices.Backward(r.level().blocks) {
		if _, has := b.locals[v]; has {
			return b.locals
		}
	}
	panic(fmt.Sprintf("plain: %s is no local here", v.Name))
}

func (r *run) get(v *model.Var) int64 { return r.scope(v)[v] }

func (r *run) set(v *model.Var, x int64) {
	if x, ok := r.fit(v, x); ok {
		r.scope(v)[v] = x
	}
}

// fit is x as v can hold it.
func (r *run) fit(v *model.Var, x int64) (y int64, ok bool) {
	if n := v.Hi - v.Lo + 1; v.Modular {
		x = v.Lo + ((x-v.Lo)%n+n)%n
	}
	if x < v.Lo || x > v.Hi {
		r.err = fmt.Errorf("%s: %s = %d is out of range", r.x.p.Name, v.Name, x)
		return 0, false
	}
	return x, true
}

// eval is the value of an expression. What it says of frames is what they were before the step.
func (r *run) eval(n *model.Node) int64 {
	switch n.Op {
	case model.OpConst:
		return n.K
	case model.OpVar:
		return r.get(n.Var)
	case model.OpElement:
		if v := r.chosen(n); v != nil {
			return r.get(v)
		}
		return 0
	case model.OpPending:
		return truth(r.after.cpus[n.IPI.CPU.Index].pending[n.IPI.Index])
	case model.OpDone:
		c := n.CPU.Index
		return truth(r.before.cpus[c].through() && len(r.after.cpus[c].waiting) == 0)
	case model.OpFrame:
		return truth(n.Frames.Has(r.before.cpus[n.CPU.Index].top().frame()))
	case model.OpHandler:
		return truth(len(r.before.cpus[n.CPU.Index].levels) > 1)
	case model.OpIRQsOff:
		return truth(r.off(n.CPU.Index))
	case model.OpNot:
		return truth(r.eval(n.A) == 0)
	}
	return binary(n.Op, r.eval(n.A), r.eval(n.B))
}

// chosen is the variable that an index or an address chooses; nil if it chooses none.
func (r *run) chosen(n *model.Node) *model.Var {
	x := r.eval(n.A)
	for i, v := range n.Table.Vars {
		if n.Table.First+int64(i) == x {
			return v
		}
	}
	if r.err == nil {
		r.err = fmt.Errorf("%s: %s has no variable for %d", r.x.p.Name, n, x)
	}
	return nil
}

// target is the variable that an access is to; nil if there is none.
func (r *run) target(s *model.Stmt) *model.Var {
	if s.At != nil {
		return r.chosen(s.At)
	}
	return s.Var
}

func binary(op model.ExprOp, a, b int64) int64 {
	switch op {
	case model.OpAnd:
		return a & b
	case model.OpOr:
		return a | b
	case model.OpXor:
		return a ^ b
	case model.OpAndNot:
		return a &^ b
	case model.OpAdd:
		return a + b
	case model.OpSub:
		return a - b
	case model.OpEq:
		return truth(a == b)
	case model.OpNe:
		return truth(a != b)
	case model.OpLt:
		return truth(a < b)
	case model.OpLe:
		return truth(a <= b)
	case model.OpHas:
		return truth(a&b != 0)
	case model.OpLacks:
		return truth(a&b == 0)
	case model.OpMul:
		return a * b
	case model.OpDiv, model.OpRem:
		if b == 0 {
			return 0
		}
		if q := a / b; op == model.OpDiv {
			return q
		}
		return a - a/b*b
	case model.OpShl, model.OpShr:
		return shifted(op == model.OpShl, a, b)
	}
	panic(fmt.Sprintf("plain: unknown operator %d", op))
}

// shifted is a shift by doubling or halving, one place at a time.
func shifted(left bool, a, by int64) int64 {
	if left && (by < 0 || by > 63) {
		return 0
	}
	for n := uint64(by); n > 0 && a != 0 && a != -1 || left && n > 0; n-- {
		if left {
			a += a
		} else {
			a = (a - a&1) / 2
		}
	}
	return a
}
