package machine

import (
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
	flow    ir.Flow
	never   []check
	atEnd   []check
	reach   []check
	races   uint64 // properties that claim that there is no data race
	live    []Live
	words   int // of a state
	total   int // with the scratch words that a step uses
	bits    int
	mark    *loc     // always 1
	used    []uint64 // bits of each word that belong to some place
	bounds  []bound  // of all that has a value throughout
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
	*ir.CPU
	levels  []level
	pending []*loc
	nmiLeft *loc
	buf     *buffer // nil: every store takes effect at once
}

// A level is a level of a CPU's stack, packed.
type level struct {
	*ir.Level
	cpu    int
	bias   int64 // 1 where pc 0 means that nothing runs at this level
	pc     *loc
	points []point
	locals []int   // slots of the level's locals
	halt   int64   // the point of the end, -1 if it is never reached
	idle   []bound // of the locals while nothing runs at this level
}

// A point is a step boundary: a place where a CPU can be between two steps.
type point struct {
	ip     int
	frame  model.Frame
	call   *ir.Call     // the innermost of those under way
	calls  []activation // all of them, the innermost first
	racing bool         // an access of the next step may be one side of a data race
	bounds []bound      // of the locals
}

// An instr is a packed instruction, under the number that it has in the lowered program.
type instr struct {
	op      ir.Op
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
	site    int    // of a store that may wait in the buffer, plus 1
	reads   []*loc // what it may look at, CPUs aside
	writes  []*loc // what it may change
	arg     *expr
	cmp     *expr
	cond    *expr
	alts    []alt
	bits    uint64
	ev      *model.Event
	stmt    *model.Stmt
	routine string
	why     string
	table   *model.Table // of an OpFault: what arg chooses none of
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
	Failed   uint64        // properties that it violates
	Reached  uint64        // claims that it satisfies
	Progress uint64        // properties of whose Progress an event is part of it
	Full     uint64        // CPUs that would have gone on, had their store buffer had more room
	Err      error         // a fault of the program: a value out of range, an endless local loop
	Record   *ir.Record    // filled in when not nil
	Trail    *[]ir.Passed  // likewise, with what the transition goes through
	made     *[]racyAccess // likewise
	buf      []uint64
}

// Words is the length of a state.
func (m *Machine) Words() int { return m.words }

// Bits is the number of bits of a state that are in use, not counting the one that is always set. In a
// state of one word they are the lowest ones, and the one that is always set is the next.
func (m *Machine) Bits() int { return m.bits }

// Lowered is the program that the machine runs, as it was before it was packed.
func (m *Machine) Lowered() *ir.Program { return m.flow.Program }

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
			m.run(s, lv, lv.Entries[0], 0, true, &m.initFX)
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
