package cfront

import (
	"fmt"

	"ctcheck/model"
)

// This file finds where a deferral design begins: the kernel boots in the kernel, and the target leaves it once, by
// itself, before anything else happens.

// boot runs the routine of a way out of the kernel, if there is one, and lets the variables begin with what it
// leaves behind.
func (l *lowering) boot(out *function) {
	if out == nil {
		return
	}
	s := &sequential{vars: map[*model.Var]int64{}, left: 1 << 20}
	for _, v := range l.p.Vars {
		s.vars[v] = v.Init
	}
	if why := s.call(out.r, nil); why != "" {
		l.fail(l.u.roles.at, "the way out of the kernel, %s(), cannot be run before anything else happens: %s",
			out.r.Name,
			why)
	}
	for _, v := range l.p.Vars {
		x := s.vars[v]
		if h, ok := l.holders[v]; ok {
			l.facts.include(l.facts.ranges[h.key], x, x)
		}
		if v.Modular {
			x = v.Wrap(x)
		}
		if v.Contains(x) {
			v.Init = x
		} else if !l.facts.dirty {
			l.fail(l.u.roles.at, "%s begins with %d, which is outside its range %d..%d", v.Name, x, v.Lo, v.Hi)
		}
	}
}

// A sequential runs statements while nothing else runs.
type sequential struct {
	vars map[*model.Var]int64 // all but constant parameters
	left int                  // statements that may still run
	why  string
}

// What ends a list of statements.
const (
	goesOn = iota
	breaks
	returns
)

func (s *sequential) call(r *model.Routine, args []*model.Node) string {
	for i, v := range r.Params {
		s.vars[v] = s.eval(args[i])
	}
	for _, v := range r.Locals {
		s.vars[v] = v.Init
	}
	s.list(r.Body, nil)
	return s.why
}

// list runs statements; result takes what is returned.
func (s *sequential) list(list []*model.Stmt, result *model.Var) int {
	for _, st := range list {
		if s.left--; s.left < 0 && s.why == "" {
			s.why = "it does not end"
		}
		if s.why != "" {
			return returns
		}
		if end := s.stmt(st, result); end != goesOn {
			return end
		}
	}
	return goesOn
}

func (s *sequential) stmt(st *model.Stmt, result *model.Var) int {
	switch st.Kind {
	case model.StmtAccess:
		s.access(st)
	case model.StmtAssign:
		s.set(s.of(st.Dst, st.At), s.eval(st.Arg))
	case model.StmtIf:
		if s.eval(st.Cond) != 0 {
			return s.list(st.Body, result)
		}
		return s.list(st.Else, result)
	case model.StmtWhile:
		for s.eval(st.Cond) != 0 {
			if end := s.list(st.Body, result); end == returns {
				return returns
			} else if end == breaks {
				break
			}
			if s.left--; s.left < 0 {
				s.why = "it does not end"
				return returns
			}
		}
	case model.StmtBreak:
		return breaks
	case model.StmtReturn:
		if result != nil && st.Arg != nil {
			s.set(result, s.eval(st.Arg))
		}
		return returns
	case model.StmtCall:
		for i, v := range st.Call.Params {
			s.vars[v] = s.eval(st.Args[i])
		}
		for _, v := range st.Call.Locals {
			s.vars[v] = v.Init
		}
		s.list(st.Call.Body, st.Dst)
	case model.StmtAtomic, model.StmtFrame:
		return s.list(st.Body, result)
	case model.StmtPause, model.StmtFence, model.StmtEvent:
	case model.StmtAssert:
		if s.eval(st.Cond) == 0 {
			s.why = st.Label
		}
	default:
		s.why = fmt.Sprintf("%q has to wait, chooses or changes interrupts", st.Label)
	}
	return goesOn
}

func (s *sequential) access(st *model.Stmt) {
	v := s.of(st.Var, st.At)
	before, arg, old := s.vars[v], int64(0), int64(0)
	if st.Arg != nil {
		arg = s.eval(st.Arg)
	}
	if st.Old != nil {
		old = s.eval(st.Old)
	}
	after := st.Op.Update(before, arg, old)
	s.set(v, after)
	if st.OldVar != nil && before != old {
		s.set(st.OldVar, before)
	}
	switch {
	case st.Dst == nil:
	case st.Result == model.NewValue:
		s.set(st.Dst, s.vars[v])
	case st.Result == model.Success:
		s.set(st.Dst, model.Truth(before == old))
	default:
		s.set(st.Dst, before)
	}
	if st.Cond != nil && s.eval(st.Cond) == 0 {
		s.why = fmt.Sprintf("%q waits", st.Label)
	}
}

// of is the variable that a statement is about.
func (s *sequential) of(v *model.Var, at *model.Node) *model.Var {
	if at == nil {
		return v
	}
	if v = at.Table.Chosen(s.eval(at.A)); v == nil && s.why == "" {
		s.why = "an index or pointer is wrong"
		return at.Table.Vars[0]
	}
	return v
}

func (s *sequential) set(v *model.Var, x int64) {
	if v.Modular {
		x = v.Wrap(x)
	}
	s.vars[v] = x
}

func (s *sequential) eval(n *model.Node) int64 {
	switch n.Op {
	case model.OpConst:
		return n.K
	case model.OpVar:
		return s.vars[n.Var]
	case model.OpNot:
		return model.Truth(s.eval(n.A) == 0)
	case model.OpElement:
		return s.vars[s.of(nil, n)]
	}
	if n.A == nil || n.B == nil {
		s.why = "it looks at CPUs or interrupts"
		return 0
	}
	return n.Op.Apply(s.eval(n.A), s.eval(n.B))
}
