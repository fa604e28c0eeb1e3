package machine

import (
	"fmt"
	"slices"

	"ctcheck/ir"
	"ctcheck/model"
)

// A Machine is a compiled program under a memory model. States are slices of [Machine.Words]
// words and are equal exactly when their words are. It is read only and safe for concurrent use.
type Machine struct {
	Program    *model.Program
	Properties []string // names; bit i of a set of properties stands for Properties[i]

	code    []instr
	cpus    []cpu
	globals []*loc
	trans   []ir.Transition
	options Options
	never   []check
	atEnd   []check
	reach   []check
	races   uint64 // properties that claim that there is no data race
	live    []Live
	words   int // of a state
	total   int // with the scratch words that a step uses
	bits    int
	mark    *loc // always 1
	// unstarted is the CPUs that have not started; none once the initial state is made.
	unstarted uint64
	initial   []uint64
	initFX    Effects
}

type check struct {
	e    *expr
	bits uint64
}

type cpu struct {
	*model.CPU
	levels  []level
	pending []*loc
	nmiLeft *loc
	buf     *buffer // nil: every store takes effect at once
}

// A level is one frame's worth of a CPU's stack: its own code, the IPI handlers, each NMI depth.
type level struct {
	cpu     int
	context model.Context
	depth   int
	frame   model.Frame
	bias    int64 // 1 where pc 0 means that nothing runs at this level
	pc      *loc
	points  []point
	locals  []int // slots of the level's stack
	starts  []int // where its code begins: one for each IPI, else one
	halt    int64 // the point of the end, -1 if it is never reached
}

// A point is a step boundary: a place where a CPU can be between two steps.
type point struct {
	ip     int
	frame  model.Frame
	calls  *activation // the innermost of those under way
	racing bool        // an access of the next step may be one side of a data race
}

type iop uint8

const (
	iAccess iop = iota
	iPause
	iAwait
	iDrain // waits until the store buffer is empty; no step where it is
	iSend
	iHalt
	iPop
	iStored // ends what happens when a store reaches memory
	iChoose
	iOpen // a step begins here, together with the access that follows
	iAssign
	iZero
	iUnless // jump unless cond
	iJump
	iEvent
	iReach
	iProgress
	iFail
	iFault // the code is faulty where this is reached; why says how
)

type instr struct {
	op      iop
	acc     model.AccessOp
	res     model.Result
	frame   model.Frame
	inner   bool  // inside an Atomic
	drains  bool  // waits until the store buffer is empty
	plain   bool  // an access that is plain, where that matters
	point   int32 // index among the level's points, or -1
	to      int
	v       *loc
	dst     *loc
	old     *loc
	site    int // of a store that may wait in the buffer, plus 1
	arg     *expr
	cmp     *expr
	cond    *expr
	alts    []alt
	bits    uint64
	ev      *model.Event
	stmt    *model.Stmt
	routine string
	why     string
}

type alt struct {
	guard *expr
	to    int
}

type expr struct {
	op     model.ExprOp
	a, b   *expr
	k      int64
	l      *loc
	cpu    *cpu
	frames model.FrameSet
}

// Effects are what a transition did besides changing the state.
type Effects struct {
	Failed   uint64       // properties that it violates
	Reached  uint64       // claims that it satisfies
	Progress uint64       // properties of whose Progress an event is part of it
	Full     uint64       // CPUs that would have gone on, had their store buffer had more room
	Err      error        // a fault of the program: a value out of range, an endless local loop
	Record   *ir.Record   // filled in when not nil
	Trail    *[]ir.Passed // likewise, with what the transition goes through
	made     *[]made      // likewise
	buf      []uint64
}

// Words is the length of a state.
func (m *Machine) Words() int { return m.words }

// Bits is the number of bits of a state that are in use, not counting the one that is always set. In a
// state of one word they are the lowest ones, and the one that is always set is the next.
func (m *Machine) Bits() int { return m.bits }

// Options is what the machine was compiled with.
func (m *Machine) Options() Options { return m.options }

// Agents is the number of those who take transitions: the CPUs, and as many store buffers, which go on by
// themselves.
func (m *Machine) Agents() int { return 2 * len(m.cpus) }

// Agent is who takes transition t: the number of the CPU, or of its store buffer, which comes as far
// behind as there are CPUs.
func (m *Machine) Agent(t int) int {
	if tr := m.trans[t]; tr.Kind == ir.Flush {
		return tr.CPU + len(m.cpus)
	}
	return m.trans[t].CPU
}

// Transitions is the number of transitions, enabled or not: they are 0 to Transitions()-1.
func (m *Machine) Transitions() int { return len(m.trans) }

// Transition describes transition t.
func (m *Machine) Transition(t int) ir.Transition { return m.trans[t] }

// Number is the transition that is described; -1 if there is none.
func (m *Machine) Number(tr ir.Transition) int { return slices.Index(m.trans, tr) }

// Initial is the initial state and what leads up to it; the caller must not change it.
func (m *Machine) Initial() ([]uint64, Effects) { return m.initial, m.initFX }

func (m *Machine) start() {
	s := make([]uint64, m.total)
	m.mark.put(s, 1)
	for _, l := range m.globals {
		l.put(s, l.v.Init)
	}
	for i := range m.cpus {
		if l := m.cpus[i].nmiLeft; l != nil {
			l.put(s, l.hi)
		}
	}
	m.unstarted = ^uint64(0)
	for i := range m.cpus {
		lv := &m.cpus[i].levels[0]
		if m.initFX.Err == nil {
			m.run(s, lv, lv.starts[0], 0, true, &m.initFX)
		}
		m.unstarted &^= 1 << i
	}
	m.unstarted = 0
	m.initial = s[:m.words]
}

// top is the index of the running level.
func (c *cpu) top(s []uint64) int {
	for i := len(c.levels) - 1; i > 0; i-- {
		if c.levels[i].pc.get(s) != 0 {
			return i
		}
	}
	return 0
}

func (c *cpu) frameOf(s []uint64) model.Frame {
	lv := &c.levels[c.top(s)]
	return lv.points[lv.pc.get(s)-lv.bias].frame
}

// Fire takes transition t from src, if it is enabled, and leaves the state that it leads to in dst.
// It reports whether t is enabled; dst and fx are of no meaning otherwise. It overwrites fx, but for
// Record and Trail, which it appends to.
func (m *Machine) Fire(src []uint64, t int, dst []uint64, fx *Effects) bool {
	fx.Failed, fx.Reached, fx.Progress, fx.Full, fx.Err = 0, 0, 0, 0, nil
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
		if in.op == iHalt || tr.Index > 0 && tr.Index >= len(in.alts) {
			return false
		}
		return m.run(s, lv, ip, tr.Index, false, fx)
	case ir.PushIPI:
		if top != 0 || c.pending[tr.Index].get(s) == 0 || !takesIPIs(c.frameOf(s)) {
			return false
		}
		c.pending[tr.Index].put(s, 0)
		lv := &c.levels[1]
		return m.run(s, lv, lv.starts[tr.Index], 0, true, fx)
	case ir.PushNMI:
		left := c.nmiLeft.get(s)
		next, ok := c.nextNMI(top)
		if left == 0 || !ok {
			return false
		}
		c.nmiLeft.put(s, left-1)
		lv := &c.levels[next]
		return m.run(s, lv, lv.starts[0], 0, true, fx)
	case ir.Flush:
		st := c.buf.pop(s)
		if st == nil {
			return false
		}
		if fx.Record != nil {
			fx.Record.Stored = st.stmt
		}
		return st.ip < 0 || m.run(s, &c.levels[0], st.ip, 0, true, fx)
	}
	return false
}

// takesIPIs reports whether a pending IPI interrupts code in this frame.
func takesIPIs(f model.Frame) bool { return f == model.Body || f == model.Idle }

// run executes one step at a level: the access at ip and the local code that rides on it. With moved
// set, the transition itself was the step and only local code is left.
func (m *Machine) run(s []uint64, lv *level, ip, choice int, moved bool, fx *Effects) bool {
	var stmt *model.Stmt
	buf, here := m.cpus[lv.cpu].buf, ip
	for n := 0; ; n++ {
		in := &m.code[ip]
		if in.point >= 0 && (moved || in.op == iHalt) && (in.op != iDrain || !buf.empty(s)) {
			lv.pc.put(s, int64(in.point)+lv.bias)
			return true
		}
		if n > 100_000 {
			fx.Err = m.fault(lv, stmt, "loops without a step; put an access into the loop")
			return true
		}
		if in.stmt != nil && in.op <= iSend && (in.op != iDrain || !moved) {
			stmt = in.stmt
			if fx.Record != nil && !in.inner {
				begin(fx.Record, in)
			}
			fx.pass(in.stmt, ir.Itself)
		}
		ip++
		switch in.op {
		case iAccess:
			if !m.access(s, lv, in, fx) {
				return false
			}
			moved = true
		case iPause:
			if in.drains && !buf.empty(s) {
				return false
			}
			moved = true
		case iDrain:
			if !buf.empty(s) {
				return false
			}
			moved = moved || ip == here+1 // the CPU had to wait here
		case iAwait:
			if m.eval(s, in.cond) == 0 {
				return false
			}
			moved = true
		case iSend:
			if in.v.get(s) != 0 || in.drains && !buf.empty(s) {
				return false
			}
			in.v.put(s, 1)
			moved = true
		case iChoose:
			if choice < 0 {
				fx.Err = m.fault(lv, in.stmt, "Choose follows Choose or an opening event without a step between")
				return true
			}
			if m.eval(s, in.alts[choice].guard) == 0 {
				return false
			}
			fx.pass(in.stmt, choice)
			ip, choice = in.alts[choice].to, -1
		case iOpen:
			choice = -1
		case iPop:
			lv.pc.zero(s)
			return true
		case iStored:
			return true
		case iAssign:
			m.set(s, in.dst, m.eval(s, in.arg), in, fx)
		case iZero:
			in.dst.zero(s)
		case iUnless:
			way := ir.WayTrue
			if m.eval(s, in.cond) == 0 {
				ip, way = in.to, ir.WayFalse
			}
			fx.pass(in.stmt, way)
		case iJump:
			ip = in.to
		case iEvent:
			if fx.Record != nil {
				m.event(fx.Record, s, in)
			}
		case iReach:
			fx.Reached |= in.bits
		case iProgress:
			fx.Progress |= in.bits
		case iFail:
			fx.Failed |= in.bits
		case iFault:
			fx.Err = m.fault(lv, stmt, in.why)
			return true
		}
		if fx.Err != nil {
			if e, ok := fx.Err.(rangeError); ok {
				if stmt == nil {
					stmt = in.stmt
				}
				fx.Err = m.fault(lv, stmt, e.Error())
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
	if fx.Record != nil && in.op == iAccess && l.v.Kind == model.Local {
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

type rangeError struct {
	v *model.Var
	x int64
}

func (e rangeError) Error() string {
	return fmt.Sprintf("%s = %d is outside its range %d..%d; widen the range, or declare it modular",
		e.v.Name, e.x, e.v.Lo, e.v.Hi)
}

func (m *Machine) fault(lv *level, stmt *model.Stmt, what string) error {
	at := "before its first step"
	switch {
	case stmt == nil:
	case stmt.Label == "":
		at = fmt.Sprintf("at %s:%d", stmt.File, stmt.Line)
	default:
		at = fmt.Sprintf("at %q (%s:%d)", stmt.Label, stmt.File, stmt.Line)
	}
	return fmt.Errorf("model %s: %s %s: %s", m.Program.Name, m.cpus[lv.cpu].Name, at, what)
}

func (m *Machine) eval(s []uint64, e *expr) int64 {
	switch e.op {
	case model.OpConst:
		return e.k
	case model.OpVar:
		return e.l.get(s)
	case model.OpDone, model.OpFrame, model.OpHandler:
		return m.evalFrame(s, e)
	case model.OpNot:
		return model.Truth(m.eval(s, e.a) == 0)
	}
	return e.op.Apply(m.eval(s, e.a), m.eval(s, e.b))
}

// evalFrame evaluates what an expression says of a CPU's stack. A CPU that has not started yet, while
// the initial state is made, is in the Body frame and not done.
func (m *Machine) evalFrame(s []uint64, e *expr) int64 {
	if m.unstarted>>e.cpu.Index&1 != 0 {
		return model.Truth(e.op == model.OpFrame && e.frames.Has(model.Body))
	}
	switch e.op {
	case model.OpDone:
		lv := &e.cpu.levels[0]
		return model.Truth(lv.pc.get(s) == lv.halt && e.cpu.top(s) == 0 && e.cpu.buf.empty(s))
	case model.OpFrame:
		return model.Truth(e.frames.Has(e.cpu.frameOf(s)))
	}
	return model.Truth(e.cpu.top(s) != 0)
}

// Violated is the set of properties that s violates by itself: a Never that is true, a data race, and, if
// the run can end in s, an AtEnd that is false.
func (m *Machine) Violated(s []uint64) uint64 {
	var failed uint64
	for i := range m.never {
		if m.eval(s, m.never[i].e) != 0 {
			failed |= m.never[i].bits
		}
	}
	if m.races != 0 && m.race(s) != nil {
		failed |= m.races
	}
	if len(m.atEnd) > 0 && m.Ended(s) {
		for i := range m.atEnd {
			if m.eval(s, m.atEnd[i].e) == 0 {
				failed |= m.atEnd[i].bits
			}
		}
	}
	return failed
}

// Reached is the set of state claims that s satisfies.
func (m *Machine) Reached(s []uint64) uint64 {
	var reached uint64
	for i := range m.reach {
		if m.eval(s, m.reach[i].e) != 0 {
			reached |= m.reach[i].bits
		}
	}
	return reached
}

// Ended reports whether every CPU but services has ended, with no handler running and no IPI pending,
// and no store waits in any buffer.
func (m *Machine) Ended(s []uint64) bool {
	for i := range m.cpus {
		c := &m.cpus[i]
		if !c.buf.empty(s) {
			return false
		}
		if c.IsService {
			continue
		}
		if c.levels[0].pc.get(s) != c.levels[0].halt || c.top(s) != 0 {
			return false
		}
		for _, l := range c.pending {
			if l.get(s) != 0 {
				return false
			}
		}
	}
	return true
}
