package ir

import (
	"fmt"
	"slices"

	"ctcheck/model"
)

// This file looks at variables with a count that does not end ([model.Var.Endless]): whether an engine may
// forget how old a copy is, once it is older than the count can tell. It may where a copy is only ever held
// against the count as it is in memory at that moment.

// Counts is the variables with a count that does not end. The error says where a count is used for something else
// than to be added to, and to be compared, as a copy, in the step that looks at it.
func (f Flow) Counts() ([]*Var, error) {
	var counts []*Var
	for _, v := range f.Globals {
		if v.Source != nil && v.Source.Endless != 0 {
			counts = append(counts, v)
		}
	}
	if len(counts) == 0 {
		return nil, nil
	}
	u := &counting{}
	for i := range f.Code {
		if u.instr(&f.Code[i]); u.why != "" {
			return nil, f.misused(&f.Code[i], u.why)
		}
	}
	for _, c := range f.CPUs {
		for _, lv := range c.Levels {
			if err := f.fresh(lv); err != nil {
				return nil, err
			}
		}
	}
	return counts, nil
}

func (f Flow) misused(in *Instr, why string) error {
	where := in.Routine
	if in.Stmt != nil && in.Stmt.Label != "" {
		where = fmt.Sprintf("%q in %s", in.Stmt.Label, in.Routine)
	}
	return fmt.Errorf("%s: %s", where, why)
}

// counting classes expressions.
type counting struct{ why string }

func (u *counting) refuse(format string, args ...any) {
	if u.why == "" {
		u.why = fmt.Sprintf(format, args...)
	}
}

// counter is the counter that a variable is or copies.
func counter(v *Var) *model.Var {
	if v == nil || v.Source == nil {
		return nil
	}
	return v.Source.Counter()
}

// expr is the counter whose count the value of an expression may have, nil if it has none.
func (u *counting) expr(e *Expr) *model.Var {
	if e == nil {
		return nil
	}
	switch e.Op {
	case model.OpConst:
		return nil
	case model.OpVar:
		return counter(e.Var)
	}
	a, b := u.expr(e.A), u.expr(e.B)
	if a == nil && b == nil {
		return nil
	}
	constant := func() (k int64, ok bool) {
		for _, x := range []*Expr{e.A, e.B} {
			if x != nil && x.Op == model.OpConst {
				k, ok = x.K, true
			}
		}
		return k, ok
	}
	c := a
	if c == nil {
		c = b
	}
	k, isConst := constant()
	clean := isConst && k&c.Endless == 0 // it leaves the count alone
	switch {
	case e.Op == model.OpAnd && clean, e.Op == model.OpHas && clean, e.Op == model.OpLacks && clean:
		return nil
	case (e.Op == model.OpAndNot && a != nil || e.Op == model.OpOr || e.Op == model.OpAdd) && clean:
		return c
	case e.Op == model.OpOr && a != b: // with flags that are no constant
		return c
	case (e.Op == model.OpEq || e.Op == model.OpNe) && a == b:
		return nil
	}
	u.refuse("the count of %s is used in %v; it may be added to, and a copy compared with another", c.Name, e.Op)
	return nil
}

// instr looks at one instruction.
func (u *counting) instr(in *Instr) {
	in.Exprs(func(e *Expr) {
		if in.Op != OpAccess || e != in.Arg && e != in.Expected {
			u.expr(e)
		}
	})
	switch in.Op {
	case OpAssign:
		from, to := u.expr(in.Arg), counter(in.Dst)
		if from != nil && from != to {
			u.refuse("%s takes a copy of %s, and was not declared like it", in.Dst.Name, from.Name)
		}
		if to != nil && from == nil && !(in.Arg.Op == model.OpConst && in.Arg.K == 0) {
			u.refuse("%s takes what is no copy of %s", in.Dst.Name, to.Name)
		}
	case OpAccess:
		u.access(in)
	case OpSend, OpIRQ:
		if counter(in.Dst) != nil {
			u.refuse("%s takes what is no copy", in.Dst.Name)
		}
	}
}

// access looks at an access: what is added has no count, what is compared or stored is a copy.
func (u *counting) access(in *Instr) {
	c := counter(in.Var)
	arg, expected := u.expr(in.Arg), u.expr(in.Expected)
	switch op := in.Stmt.Op; {
	case c == nil && (arg != nil || expected != nil):
		u.refuse("a copy of a count goes to %s, which has none", in.Var.Name)
	case c == nil || op == model.Load:
	case in.Expected != nil && op != model.StoreBits:
		if arg != c || expected != c {
			u.refuse("%s is compared with, or replaced by, what is no copy of it", c.Name)
		}
	case op == model.Store || op == model.RMWXchg:
		u.refuse("%s is overwritten", c.Name)
	case arg != nil:
		u.refuse("the count of a copy goes into %s", c.Name)
	case op != model.RMWAdd && op != model.RMWSub && touched(in, op)&c.Endless != 0:
		u.refuse("the count of %s is changed otherwise than by adding to it", c.Name)
	}
	truth := in.Stmt.Result == model.Success
	for _, v := range []*Var{in.Dst, in.Old} {
		if v == nil || v == in.Dst && truth && in.Expected != nil {
			if v != nil && counter(v) != nil {
				u.refuse("%s takes what is no copy", v.Name)
			}
			continue
		}
		if counter(v) != c {
			u.refuse("%s takes a copy of %s, and was not declared like it", v.Name, in.Var.Name)
		}
	}
}

// touched is the bits that an access that is no addition may change; all, if that depends on the state.
func touched(in *Instr, op model.AccessOp) int64 {
	e := in.Arg
	if op == model.StoreBits {
		e = in.Expected
	}
	switch {
	case e == nil || e.Op != model.OpConst:
		return -1
	case op == model.RMWAnd:
		return ^e.K
	}
	return e.K
}

// fresh refuses a comparison of two copies in a step that read neither from memory.
func (f Flow) fresh(lv *Level) error {
	starts := map[int]bool{}
	for _, ip := range f.Boundaries(lv) {
		starts[ip] = false
	}
	for _, ip := range lv.Entries {
		starts[ip] = true
	}
	for start, moved := range starts {
		st := f.Stretch(start, moved)
		for _, ip := range st.Code {
			in := &f.Code[ip]
			var bad error
			in.Exprs(func(e *Expr) {
				e.walk(func(x *Expr) {
					if x.Op != model.OpEq && x.Op != model.OpNe {
						return
					}
					copies := copiesIn(x)
					if len(copies) > 0 && !f.reads(st.Code, copies...) {
						bad = f.misused(in, fmt.Sprintf("a copy of %s is compared in a step that reads none",
							counter(copies[0]).Name))
					}
				})
			})
			if bad != nil {
				return bad
			}
		}
	}
	return nil
}

// copiesIn is the variables in an expression that can hold a copy of a count.
func copiesIn(e *Expr) (vs []*Var) {
	e.walk(func(x *Expr) {
		if counter(x.Var) != nil {
			vs = append(vs, x.Var)
		}
	})
	return vs
}

// reads reports whether some access among the instructions reads memory into one of the variables.
func (f Flow) reads(code []int, vs ...*Var) bool {
	return slices.ContainsFunc(code, func(ip int) bool {
		in := &f.Code[ip]
		return in.Op == OpAccess && (slices.Contains(vs, in.Dst) || slices.Contains(vs, in.Old))
	})
}
