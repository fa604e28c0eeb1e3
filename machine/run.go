package machine

import (
	"fmt"

	"ctcheck/ir"
	"ctcheck/model"
)

// This file takes transitions, one at a time, by interpreting the packed instructions.

// Fire takes transition t from src, if it is enabled, and leaves the state that it leads to in dst.
// It reports whether t is enabled; dst and fx are of no meaning otherwise. It overwrites fx, but for
// Record and Trail, which it appends to.
func (m *Machine) Fire(src []uint64, t int, dst []uint64, fx *Effects) bool {
	fx.Failed, fx.Reached, fx.Progress, fx.Full, fx.Err, fx.calls = 0, 0, 0, 0, nil, nil
	if m.total == m.words {
		copy(dst, src)
		return m.fire(dst, t, fx)
	}
	if len(fx.buf) != m.total {
		fx.buf = make([]uint64, m.total)
	}
	copy(fx.buf, src)
	clear(fx.buf[m.words:])
	if !m.fire(fx.buf, t, fx) {
		return false
	}
	copy(dst, fx.buf[:m.words])
	for _, w := range fx.buf[m.words:] {
		if w != 0 && fx.Err == nil {
			fx.Err = fmt.Errorf("checker fault: transition %d leaves something in a scratch word", t)
		}
	}
	return true
}

// fire takes transition t in place.
func (m *Machine) fire(s []uint64, t int, fx *Effects) bool {
	tr := m.trans[t]
	c := &m.cpus[tr.CPU]
	top := c.top(s)
	switch tr.Kind {
	case ir.Step:
		lv := &c.levels[top]
		ip := lv.points[lv.pc.get(s)-lv.bias].ip
		in := &m.code[ip]
		if in.op == ir.OpHalt || tr.Index > 0 && tr.Index >= len(in.alts) {
			return false
		}
		fx.calls = m.follow(fx.Record, m.flow.Code[ip].Call)
		return m.run(s, lv, ip, tr.Index, false, fx)
	case ir.PushIPI:
		if !m.Due(s, t) || !m.drained(c, s) {
			return false
		}
		c.pending[tr.Index].put(s, 0)
		lv := &c.levels[top+1]
		fx.calls = m.follow(fx.Record, nil)
		return m.run(s, lv, lv.Entries[tr.Index], 0, true, fx)
	case ir.PushIRQ:
		left := c.left[tr.Index].get(s)
		if left == 0 || !c.takes(s, top, tr.Index) || !m.drained(c, s) {
			return false
		}
		c.left[tr.Index].put(s, left-1)
		lv := &c.levels[top+1]
		fx.calls = m.follow(fx.Record, nil)
		return m.run(s, lv, lv.Entries[tr.Index], 0, true, fx)
	case ir.PushNMI:
		left := c.nmiLeft.get(s)
		next, ok := c.NextNMI(top)
		if left == 0 || !ok || !m.drained(c, s) {
			return false
		}
		if c.NMITotal != model.AnyNumber {
			c.nmiLeft.put(s, left-1)
		}
		lv := &c.levels[next]
		fx.calls = m.follow(fx.Record, nil)
		return m.run(s, lv, lv.Entries[0], 0, true, fx)
	case ir.Flush:
		st := c.buf.pop(s)
		if st == nil {
			return false
		}
		if fx.Record != nil {
			fx.Record.Stored = &ir.Access{Stmt: st.stmt, Var: st.v.v, Write: true, Mask: st.bits()}
		}
		return st.ip < 0 || m.run(s, &c.levels[0], st.ip, 0, true, fx)
	}
	return false
}

// run executes one step at a level: the access at ip and the local code that rides on it. With moved
// set, the transition itself was the step and only local code is left. It is one loop over one switch, longer
// than other functions: an interpreter is read as a table of its instructions.
func (m *Machine) run(s []uint64, lv *level, ip, choice int, moved bool, fx *Effects) bool {
	var stmt *model.Stmt
	buf, here := m.cpus[lv.cpu].buf, ip
	for n := 0; ; n++ {
		in := &m.code[ip]
		if fx.calls != nil {
			fx.calls.at(s, ip)
		}
		if in.point >= 0 && (moved || in.op == ir.OpHalt) && (in.op != ir.OpFence || !buf.empty(s)) {
			lv.pc.put(s, int64(in.point)+lv.bias)
			return true
		}
		if n > 100_000 {
			fx.Err = m.fault(lv, stmt, "loops without a step; put an access into the loop")
			return true
		}
		if in.stmt != nil && in.op.IsStatement() && (in.op != ir.OpFence || !moved) {
			stmt = in.stmt
			if fx.Record != nil && !in.inner {
				begin(fx.Record, in, m.flow.Code[ip].Call)
			}
			fx.pass(in.stmt, ir.Itself)
		}
		ip++
		switch in.op {
		case ir.OpAccess:
			if !m.access(s, lv, in, fx) {
				return in.acc == model.Load && m.waits(s, lv, ip-1, in.stmt.Cond, fx)
			}
			moved = true
			if in.site > 0 && in.to > 0 {
				ip = in.to // what happens when it takes effect is yet to come
			}
		case ir.OpPause:
			if in.drains && !buf.empty(s) {
				return false
			}
			moved = true
		case ir.OpFence:
			if !buf.empty(s) {
				return false
			}
			moved = moved || ip == here+1 // the CPU had to wait here
		case ir.OpAwait:
			if m.eval(s, in.cond) == 0 {
				return m.waits(s, lv, ip-1, in.stmt.Cond, fx)
			}
			moved = true
		case ir.OpIRQ:
			m.irq(s, in, fx)
			moved = true
		case ir.OpSend:
			if in.v.get(s) != 0 && !in.stmt.Raise {
				return m.waits(s, lv, ip-1, nil, fx)
			}
			if in.drains && !buf.empty(s) {
				return false
			}
			in.v.put(s, 1)
			moved = true
		case ir.OpChoose:
			if choice < 0 {
				fx.Err = m.fault(lv, in.stmt, "Choose follows Choose or an opening event without a step between")
				return true
			}
			if m.eval(s, in.alts[choice].guard) == 0 {
				return m.waits(s, lv, ip-1, in.stmt.Alts[choice].Guard, fx)
			}
			fx.pass(in.stmt, choice)
			ip, choice = in.alts[choice].to, -1
		case ir.OpOpen:
			choice = -1
		case ir.OpReturn:
			lv.pc.zero(s)
			return true
		case ir.OpVisible:
			return true
		case ir.OpAssign:
			m.set(s, in.dst, m.eval(s, in.arg), in, fx)
		case ir.OpDead:
			in.dst.zero(s)
		case ir.OpUnless:
			way := ir.WayTrue
			if m.eval(s, in.cond) == 0 {
				ip, way = in.to, ir.WayFalse
			}
			fx.pass(in.stmt, way)
		case ir.OpJump:
			ip = in.to
		case ir.OpEvent:
			if fx.Record != nil {
				m.event(fx.Record, s, in)
			}
		case ir.OpReach:
			fx.Reached |= in.bits
		case ir.OpProgress:
			fx.Progress |= in.bits
		case ir.OpFail:
			fx.Failed |= in.bits
		case ir.OpFault:
			fx.Err = m.reached(s, lv, stmt, ip-1, fx)
			return true
		}
		if fx.Err != nil {
			if e, ok := fx.Err.(rangeError); ok {
				if stmt == nil {
					stmt = in.stmt
				}
				f := m.fault(lv, stmt, e.Error())
				f.Var, f.Value = e.v, e.x
				fx.Err = f
			}
			return true
		}
	}
}

// access performs one access to shared memory. It reports whether the access is enabled.
func (m *Machine) access(s []uint64, lv *level, in *instr, fx *Effects) bool {
	buf := m.cpus[lv.cpu].buf
	if in.acc == model.Load {
		fx.note(in, false)
		before := buf.load(s, in.v)
		if in.dst != nil {
			m.set(s, in.dst, before, in, fx)
		}
		if fx.Err != nil {
			return true // the condition would look at a value that is not there
		}
		return in.cond == nil || m.eval(s, in.cond) != 0
	}
	if in.site > 0 {
		fx.note(in, true)
		return m.store(s, lv, in, fx)
	}
	if in.drains && !buf.empty(s) {
		return false
	}
	before := in.v.get(s)
	arg, expected := m.eval(s, in.arg), int64(0)
	if in.cmp != nil {
		expected = m.eval(s, in.cmp)
	}
	fx.note(in, !in.acc.Compares() || before == expected)
	m.set(s, in.v, in.acc.Update(before, arg, expected), in, fx)
	switch {
	case in.dst == nil:
	case in.res == model.OldValue:
		m.set(s, in.dst, before, in, fx)
	case in.res == model.NewValue:
		m.set(s, in.dst, in.v.get(s), in, fx)
	case in.res == model.Success:
		m.set(s, in.dst, model.Truth(before == expected), in, fx)
	}
	if in.old != nil && before != expected {
		m.set(s, in.old, before, in, fx)
	}
	return true
}

// store puts a store into the CPU's buffer. It reports whether there was room.
func (m *Machine) store(s []uint64, lv *level, in *instr, fx *Effects) bool {
	x := m.eval(s, in.arg)
	if in.acc == model.StoreBits {
		x &= in.cmp.k
	}
	x, ok := in.v.fit(x, fx)
	if !ok {
		return true
	}
	if !m.cpus[lv.cpu].buf.push(s, in.site, x) {
		fx.Full |= 1 << lv.cpu
		return false
	}
	if fx.Record != nil {
		fx.Record.Waits = &ir.Write{Var: in.v.v, Value: x}
	}
	return true
}

// set stores x in l, counting modulo where l is declared so.
func (m *Machine) set(s []uint64, l *loc, x int64, in *instr, fx *Effects) {
	x, ok := l.fit(x, fx)
	if !ok {
		return
	}
	l.put(s, x)
	if fx.Record != nil && (in.op == ir.OpAccess || in.op == ir.OpIRQ) && l.v.Kind == model.Local {
		fx.Record.Writes = append(fx.Record.Writes, ir.Write{Var: l.v, Value: x})
	}
}

// fit is x as l can hold it; it notes in fx what that takes, or that it cannot.
func (l *loc) fit(x int64, fx *Effects) (y int64, ok bool) {
	switch {
	case x >= l.lo && x <= l.hi:
		return x, true
	case !l.mod:
		fx.Err = rangeError{l.v, x}
		return 0, false
	}
	if fx.Record != nil {
		fx.Record.Wrapped = append(fx.Record.Wrapped, l.v)
	}
	return l.v.Wrap(x), true
}

// reached is the fault of the program that an OpFault states. One of a statement names that.
func (m *Machine) reached(s []uint64, lv *level, stmt *model.Stmt, ip int, fx *Effects) error {
	in := &m.code[ip]
	if in.stmt != nil {
		stmt = in.stmt
		if fx.Record != nil && !in.inner {
			begin(fx.Record, in, m.flow.Code[ip].Call)
		}
	}
	if in.table == nil {
		return m.fault(lv, stmt, in.why)
	}
	return m.fault(lv, stmt, fmt.Sprintf("%s: %s", in.why, in.table.Astray(m.eval(s, in.arg))))
}

type rangeError struct {
	v *model.Var
	x int64
}

func (e rangeError) Error() string {
	return fmt.Sprintf("%s = %d is outside its range %d..%d; widen the range, or declare it modular",
		e.v.Name, e.x, e.v.Lo, e.v.Hi)
}

func (m *Machine) fault(lv *level, stmt *model.Stmt, what string) *ir.Fault {
	return &ir.Fault{Model: m.Program.Name, CPU: m.cpus[lv.cpu].CPU.CPU, Stmt: stmt, What: what}
}
