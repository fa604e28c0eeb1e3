package weaken

import (
	"fmt"

	"ctcheck/model"
)

// This file tears read-modify-writes: what a locked instruction does in one step becomes a load, the
// arithmetic on a local, and a store, as C without atomics would have it. Between the two every other CPU
// may have its turn, and so may interrupts.
//
// The result goes to where it went, after the store. The events that happen when others can see the
// access go with the store. The new local is zero but between the load and the store, so it adds few
// states.

// A tearing keeps the locals for what was loaded: one for each variable in each routine, as no two of its
// statements are under way at once. Of variables one of which is chosen it is one that holds what any of them does.
type tearing map[scratch]*model.Var

type scratch struct {
	r *model.Routine
	v *model.Var   // the first one
	t *model.Table // that it is chosen from
}

func (t tearing) local(r *model.Routine, s *model.Stmt) *model.Var {
	k := scratch{r: r, v: s.Targets()[0]}
	if s.At != nil {
		k.t = s.At.Table
	}
	if t[k] == nil {
		all := k.v.Range
		for _, v := range s.Targets() {
			all.Modular = all.Modular && v.Range == k.v.Range
			all.Lo, all.Hi = min(all.Lo, v.Lo), max(all.Hi, v.Hi)
		}
		t[k] = r.Local("tmp", all).Like(k.v)
	}
	return t[k]
}

// target is what an access is to, as C has it.
func target(s *model.Stmt) string {
	if s.At != nil {
		return s.At.String()
	}
	return s.Var.Name
}

// tear is the statements that take the place of s in r.
func (t tearing) tear(r *model.Routine, s *model.Stmt) []*model.Stmt {
	tmp := t.local(r, s)
	load := *s
	load.Op, load.Order, load.Result = model.Load, model.Relaxed, model.NoResult
	load.Dst, load.OldVar, load.Old, load.Arg, load.Body = tmp, nil, nil, nil, nil
	load.Label = fmt.Sprintf("tmp = READ_ONCE(%s) /* torn */", target(s))

	store := *s
	store.Op, store.Order, store.Result = model.Store, model.Relaxed, model.NoResult
	store.Dst, store.OldVar, store.Old = nil, nil, nil
	store.Arg = updated(s, tmp)
	store.Label = fmt.Sprintf("WRITE_ONCE(%s, ...) /* torn */", target(s))

	set := func(dst *model.Var, v model.Value) []*model.Stmt {
		if dst == nil {
			return nil
		}
		return []*model.Stmt{{Kind: model.StmtAssign, File: s.File, Line: s.Line, Dst: dst, Arg: v.Node()}}
	}
	out := []*model.Stmt{&load}
	switch s.Op {
	case model.RMWCmpxchg:
		out = append(out, when(s, equal(tmp, s.Old), []*model.Stmt{&store}, nil))
		out = append(out, set(s.Dst, tmp)...)
	case model.RMWTryCmpxchg:
		done := append([]*model.Stmt{&store}, set(s.Dst, model.True)...)
		failed := append(set(s.Dst, model.False), set(s.OldVar, tmp)...)
		out = append(out, when(s, equal(tmp, s.Old), done, failed))
	default:
		out = append(out, &store)
		if s.Result == model.NewValue && s.Dst != nil {
			out = append(out, set(tmp, store.Arg)...) // which counts modulo, where the variable does
		}
		out = append(out, set(s.Dst, tmp)...)
	}
	return append(out, set(tmp, model.Int(tmp.Init))...)
}

// updated is what the read-modify-write leaves in memory, given the value that was loaded.
func updated(s *model.Stmt, tmp *model.Var) *model.Node {
	op, is := map[model.AccessOp]model.ExprOp{model.RMWOr: model.OpOr, model.RMWAnd: model.OpAnd,
		model.RMWAndNot: model.OpAndNot, model.RMWAdd: model.OpAdd, model.RMWSub: model.OpSub}[s.Op]
	if !is {
		return s.Arg // of xchg, and of the compare-and-exchanges that succeed
	}
	return &model.Node{Op: op, A: tmp.Node(), B: s.Arg}
}

func equal(v *model.Var, n *model.Node) *model.Node {
	return model.Of(v).Eq(n).Node()
}

// when is an If in the place of s.
func when(s *model.Stmt, cond *model.Node, then, otherwise []*model.Stmt) *model.Stmt {
	return &model.Stmt{Kind: model.StmtIf, File: s.File, Line: s.Line, Cond: cond, Body: then, Else: otherwise}
}
