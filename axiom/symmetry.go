package axiom

import (
	"slices"

	"ctcheck/threads"
)

// This file has symmetry: threads with the same code, whose registers nobody asks for, may change places. Where
// each of them begins with a write to the same cell, it is enough to look at executions in which these writes
// are in the order of the threads. That is so in mode Witness: counts are of all executions.

// findPeers is for each thread the one before it in its group, -1 if there is none.
func (s *search) findPeers() {
	s.peer = make([]int, len(s.p.Threads))
	for t := range s.peer {
		s.peer[t] = -1
		if s.o.Mode != Witness || !s.mayMove(t) {
			continue
		}
		for u := t - 1; u >= 0; u-- {
			if s.mayMove(u) && sameCode(s.p.Threads[t], s.p.Threads[u]) {
				s.peer[t] = u
				break
			}
		}
	}
}

// mayMove reports whether a thread begins with a write to a cell that is known, and nobody asks for its
// registers.
func (s *search) mayMove(t int) bool {
	th := s.p.Threads[t]
	if len(th.Code) == 0 || slices.ContainsFunc(s.p.Observed,
		func(o threads.Observable) bool { return o.Thread == t }) {
		return false
	}
	switch in := &th.Code[0]; in.Op {
	case threads.Write, threads.Lock:
		return isConst(in.Addr)
	case threads.Modify:
		return in.If == nil && isConst(in.Addr)
	}
	return false
}

func isConst(e *threads.Expr) bool { return e.Eval == nil && len(e.Regs) == 0 }

// sameCode reports whether two threads do the same. What is computed is the same where the source and the
// registers are.
func sameCode(a, b *threads.Thread) bool {
	sameExpr := func(x, y *threads.Expr) bool {
		if x == nil || y == nil {
			return x == y
		}
		return (x.Eval == nil) == (y.Eval == nil) && slices.Equal(x.Regs, y.Regs) && x.Const == y.Const
	}
	return slices.Equal(a.Regs, b.Regs) && slices.EqualFunc(a.Code, b.Code, func(x, y threads.Instr) bool {
		same := sameExpr(x.Addr, y.Addr) && sameExpr(x.Value, y.Value) && sameExpr(x.If, y.If)
		x.Addr, x.Value, x.If, x.Line = y.Addr, y.Value, y.If, y.Line
		return same && x == y
	})
}

// ordered puts the first write of a thread behind that of its peer, or before that of the one whose peer it is.
func (s *search) ordered(g *graph, t int, write int32) {
	first := func(u int) int32 {
		for i := range g.events {
			if e := &g.events[i]; int(e.thread) == u && e.is(isWrite) {
				return int32(i)
			}
		}
		return -1
	}
	if first(t) != write {
		return
	}
	put := func(u, v int32) {
		if u >= 0 && v >= 0 {
			s.alg.put(g.co, int(u), int(v))
		}
	}
	if p := s.peer[t]; p >= 0 {
		put(first(p), write)
	}
	for u, p := range s.peer {
		if p == t {
			put(write, first(u))
		}
	}
}
