package machine

import (
	"slices"

	"ctcheck/ir"
)

// This file compares local code up to the order of what commutes: Mazurkiewicz, Trace theory, LNCS
// 255, 1987. Local code is assignments and branches that ride on a step. Two pieces of it commute if
// neither writes what the other reads or writes; violations and claims are noted in sets, so their
// order is of no matter.

// A piece is an instruction of local code, or a branch with all that it leads to before the ways meet
// again.
type piece struct {
	in        *instr
	then, els []*piece
	reads     []int // slots
	writes    []int
}

// localCode is the pieces that are executed one after the other from ip on, and the instruction where
// they end: a step, or a branch whose ways contain one. Jumps are followed, and events passed over:
// only traces look at them.
func (m *Machine) localCode(ip int) (ps []*piece, end int) {
	seen := map[int]bool{}
	for !seen[ip] {
		seen[ip] = true
		p, next := m.piece(ip, len(m.code))
		if next < 0 {
			return ps, ip
		}
		if p != nil {
			ps = append(ps, p)
		}
		ip = next
	}
	return ps, ip
}

// piece is the piece at ip, and where it ends, which is not beyond limit; -1 if there is none. There is
// no piece for an instruction that does nothing.
func (m *Machine) piece(ip, limit int) (p *piece, next int) {
	in := &m.code[ip]
	switch in.op {
	case ir.OpEvent:
		return nil, ip + 1
	case ir.OpJump:
		if in.to > limit {
			return nil, -1
		}
		return nil, in.to
	case ir.OpAssign, ir.OpDead, ir.OpReach, ir.OpProgress, ir.OpFail:
		p = &piece{in: in}
		if in.dst != nil {
			p.writes = append(p.writes, in.dst.slot)
		}
		p.reads = in.arg.slots(nil)
		return p, ip + 1
	case ir.OpUnless:
		return m.branchPiece(ip, limit)
	}
	return nil, -1
}

// branchPiece is the piece that begins with the branch at ip. The first arm goes to the branch's
// target; where it ends with a jump beyond that, what the jump passes over is the other arm.
func (m *Machine) branchPiece(ip, limit int) (*piece, int) {
	in := &m.code[ip]
	end := in.to
	if end <= ip || end > limit {
		return nil, -1
	}
	p := &piece{in: in, reads: in.cond.slots(nil)}
	last, ok := end, true
	if j := &m.code[end-1]; j.op == ir.OpJump && j.to >= end && j.to <= limit && end-1 > ip {
		last, end = end-1, j.to
		if p.els, ok = m.pieces(in.to, end); !ok {
			return nil, -1
		}
	}
	if p.then, ok = m.pieces(ip+1, last); !ok {
		return nil, -1
	}
	for _, q := range slices.Concat(p.then, p.els) {
		p.reads, p.writes = append(p.reads, q.reads...), append(p.writes, q.writes...)
	}
	return p, end
}

// pieces is what is executed from ip until end is reached, which it always is.
func (m *Machine) pieces(ip, end int) (ps []*piece, ok bool) {
	for ip != end {
		p, next := m.piece(ip, end)
		if next <= ip { // nothing local, or a loop
			return nil, false
		}
		if p != nil {
			ps = append(ps, p)
		}
		ip = next
	}
	return ps, true
}

// slots appends the slots that an expression reads. Program counters, which expressions about CPUs
// read, are not written while local code runs.
func (e *expr) slots(list []int) []int {
	if e == nil {
		return list
	}
	if e.l != nil {
		list = append(list, e.l.slot)
	}
	return e.b.slots(e.a.slots(list))
}

// commute reports whether the order of two pieces is of no matter.
func (p *piece) commute(q *piece) bool {
	meet := func(xs, ys []int) bool {
		return slices.ContainsFunc(xs, func(x int) bool { return slices.Contains(ys, x) })
	}
	return !meet(p.writes, q.writes) && !meet(p.writes, q.reads) && !meet(p.reads, q.writes)
}

// sameLocal reports whether the pieces go to each other: in their order, but for pieces that commute.
func (x *matching) sameLocal(as, bs []*piece) bool {
	if len(as) != len(bs) {
		return false
	}
	left := slices.Clone(bs)
	for _, a := range as {
		i := slices.IndexFunc(left, func(b *piece) bool {
			return x.try(func() bool { return x.samePiece(a, b) })
		})
		if i < 0 || slices.ContainsFunc(left[:i], func(q *piece) bool { return !q.commute(left[i]) }) {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return true
}

func (x *matching) samePiece(a, b *piece) bool {
	return x.sameInstr(a.in, b.in) && x.sameLocal(a.then, b.then) && x.sameLocal(a.els, b.els)
}
