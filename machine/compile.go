package machine

import (
	"fmt"
	"slices"

	"ctcheck/ir"
	"ctcheck/model"
)

// Options say what programs run on.
type Options struct {
	Memory model.MemoryModel
	// Room is the number of stores that wait at most in each CPU's buffer, where the memory model has buffers; 1
	// for CPUs beyond its end, and where it is 0.
	Room []int
}

// room is that of CPU i.
func (o Options) room(i int) int {
	if i < len(o.Room) && o.Room[i] > 0 {
		return o.Room[i]
	}
	return 1
}

// Compile turns a program and the monitors of the properties to be checked into a [Machine]. Calls
// are inlined, constant arguments substituted and constant branches taken; the monitors' ghost code
// is woven in where the events happen. The error, if any, is a fault of the program or a monitor and
// names it.
func Compile(o Options, p *model.Program, monitors ...*model.Monitor) (m *Machine, err error) {
	defer func() {
		if r := recover(); r != nil {
			b, ok := r.(badProgram)
			if !ok {
				panic(r)
			}
			m, err = nil, fmt.Errorf("model %s: %s", p.Name, string(b))
		}
	}()
	c := &compiler{p: p, o: o, m: &Machine{Program: p, options: o}, root: &scope{}}
	c.env = c.root
	c.addMonitors(p.Monitors)
	c.addMonitors(monitors)
	c.declare()
	for i := range c.m.cpus {
		c.cpuCode(i)
	}
	c.finish()
	return c.m, nil
}

// badProgram is the panic value with which the compiler leaves its recursion.
type badProgram string

func bad(format string, args ...any) { panic(badProgram(fmt.Sprintf(format, args...))) }

type compiler struct {
	p        *model.Program
	o        Options
	m        *Machine
	monitors []*model.Monitor
	users    []*model.Monitor // whose Uses are being added
	slots    []slot
	locs     []*loc

	// Where the code being compiled stands.
	cpu     *cpu
	level   *level
	frame   model.Frame
	calls   []*model.Routine
	under   *activation // the innermost of the calls
	env     *scope
	root    *scope // the names that every routine sees
	stack   int    // local slots in use at this level
	atomic  int    // depth of Atomic
	loops   [][]int
	returns [][]int
	result  []*loc
	monitor *model.Monitor // whose ghost code it is, if any
	// watching is set where properties and claims look on: they may read shared memory without a step.
	watching bool
}

// A scope binds the names of one call.
type scope struct {
	up     *scope
	consts map[*model.Var]int64
	locs   map[*model.Var]*loc
}

func (c *compiler) addMonitors(ms []*model.Monitor) {
	for _, m := range ms {
		if m == nil {
			bad("a monitor is nil")
		}
		if slices.Contains(c.monitors, m) {
			continue
		}
		if slices.Contains(c.users, m) {
			bad("the monitor %q uses itself, by way of others", m.Name)
		}
		if m.Name == model.NoDeadlock {
			bad("%s is checked with every set of properties; name the monitor otherwise", m.Name)
		}
		c.users = append(c.users, m)
		c.addMonitors(m.Uses)
		c.users = c.users[:len(c.users)-1]
		for _, other := range c.monitors {
			if m.Name != "" && other.Name == m.Name {
				bad("property %s is given twice", m.Name)
			}
		}
		c.monitors = append(c.monitors, m)
		if m.Name != "" {
			c.m.Properties = append(c.m.Properties, m.Name)
		}
		if m.NoDataRace {
			c.m.races |= c.property(m)
		}
	}
	for i, cl := range c.p.Claims {
		if slices.ContainsFunc(c.p.Claims[:i], func(o model.Claim) bool { return o.Name == cl.Name }) {
			bad("the claim %q is made twice", cl.Name)
		}
	}
	if len(c.m.Properties) > 60 || len(c.p.Claims) > 64 {
		bad("more than 60 properties or 64 reachability claims")
	}
}

// property is the bit of the monitor's property in a set of properties.
func (c *compiler) property(m *model.Monitor) uint64 {
	i := slices.Index(c.m.Properties, m.Name)
	if i < 0 {
		bad("ghost code of a monitor without a name cannot fail")
	}
	return 1 << i
}

func (c *compiler) slot(name string, width int) int {
	c.slots = append(c.slots, slot{name: name, width: width})
	return len(c.slots) - 1
}

func (c *compiler) loc(slot int, r model.Range, v *model.Var) *loc {
	l := &loc{slot: slot, lo: r.Lo, hi: r.Hi, mod: r.Modular, v: v}
	c.locs = append(c.locs, l)
	return l
}

func (c *compiler) field(name string, r model.Range, v *model.Var) *loc {
	return c.loc(c.slot(name, r.Width()), r, v)
}

// declare makes room for variables, ghosts, pending IPIs and NMI budgets, and sets up the CPUs.
func (c *compiler) declare() {
	m := c.m
	c.root.locs = map[*model.Var]*loc{}
	if len(c.p.CPUs) == 0 || len(c.p.CPUs) > 64 {
		bad("%d CPUs; a program has 1 to 64", len(c.p.CPUs))
	}
	vars := slices.Clone(c.p.Vars)
	for _, mon := range c.monitors {
		vars = append(vars, mon.Ghosts...)
	}
	for _, v := range vars {
		if c.root.locs[v] == nil {
			l := c.field(v.Name, v.Range, v)
			c.root.locs[v] = l
			m.globals = append(m.globals, l)
		}
	}
	m.cpus = make([]cpu, len(c.p.CPUs))
	for i, pc := range c.p.CPUs {
		if slices.ContainsFunc(c.p.CPUs[:i], func(o *model.CPU) bool { return o.Name == pc.Name }) {
			bad("two CPUs are called %s", pc.Name)
		}
		if pc.NMITotal < 0 || pc.NMIDepth < 0 || pc.NMITotal > 0 && (pc.NMI == nil || pc.NMIDepth == 0) {
			bad("OnNMI of %s: %d NMIs, %d deep, need a handler and numbers above 0", pc.Name, pc.NMITotal,
				pc.NMIDepth)
		}
		if pc.Main == nil {
			bad("CPU %s has no code; give it a routine with Run", pc.Name)
		}
		rt := &m.cpus[i]
		rt.CPU, rt.buf = pc, &buffer{}
		rt.levels = append(rt.levels, level{cpu: i, context: model.Task, frame: model.Body})
		if len(pc.IPIs) > 0 {
			rt.levels = append(rt.levels, level{cpu: i, context: model.InIRQ, frame: model.IRQ, bias: 1})
		}
		if pc.NMI != nil && pc.NMITotal > 0 {
			rt.nmiLeft = c.field(pc.Name+" NMIs left", model.UpTo(int64(pc.NMITotal)), nil)
			for d := 1; d <= min(pc.NMIDepth, pc.NMITotal); d++ {
				lv := level{cpu: i, context: model.InNMI, depth: d, frame: model.NMIBody, bias: 1}
				rt.levels = append(rt.levels, lv)
			}
		}
		for _, ipi := range pc.IPIs {
			if ipi.Handler == nil {
				bad("the IPI %q of %s has no handler", ipi.Name, pc.Name)
			}
			if len(ipi.Args) > len(ipi.Handler.Params) {
				bad("the IPI %q of %s has %d arguments, its handler %s %d parameters", ipi.Name, pc.Name,
					len(ipi.Args), ipi.Handler.Name, len(ipi.Handler.Params))
			}
			rt.pending = append(rt.pending, c.field(ipi.Name, model.Bool, nil))
		}
	}
}

// cpuCode compiles everything that may run on one CPU.
func (c *compiler) cpuCode(i int) {
	rt := &c.m.cpus[i]
	c.cpu = rt
	for j := range rt.levels {
		lv := &rt.levels[j]
		c.level, c.frame, c.stack = lv, lv.frame, 0
		switch lv.context {
		case model.Task:
			lv.starts = []int{len(c.m.code)}
			c.call(&model.Stmt{Kind: model.StmtCall, Call: rt.CPU.Main})
			c.emitPoint(instr{op: iHalt})
			lv.halt = -1
		case model.InIRQ:
			for _, ipi := range rt.CPU.IPIs {
				c.handler(&model.Stmt{Kind: model.StmtCall, Call: ipi.Handler, Args: ipi.Args}, ipi)
			}
		case model.InNMI:
			c.handler(&model.Stmt{Kind: model.StmtCall, Call: rt.CPU.NMI}, nil)
		}
		c.m.rests(lv)
		if lv.context == model.Task {
			if pt := c.m.code[len(c.m.code)-1].point; pt >= 0 {
				lv.halt = int64(pt)
			}
		}
		hi := int64(len(lv.points)) - 1 + lv.bias
		lv.pc = c.field(rt.CPU.Name+" pc", model.UpTo(max(hi, 0)), nil)
	}
	c.buffer(rt)
}

func (c *compiler) handler(call *model.Stmt, ipi *model.IPI) {
	lv := c.level
	lv.starts = append(lv.starts, len(c.m.code))
	c.event(model.Event{Kind: model.Pushed, IPI: ipi})
	c.call(call)
	iret := &model.Stmt{Kind: model.StmtFence, Label: "IRET", Fence: model.FenceMb}
	if n := len(call.Call.Body); n > 0 {
		iret.File, iret.Line = call.Call.Body[n-1].File, call.Call.Body[n-1].Line
	}
	c.drain(iret)
	c.event(model.Event{Kind: model.Popped, IPI: ipi})
	c.emit(instr{op: iPop})
}

// finish fixes the layout, now that every slot has its width, and numbers the transitions.
func (c *compiler) finish() {
	m := c.m
	// One bit is always set, so that no state is all zeros: tables of states use 0 for "empty". As it is the
	// last of the narrowest slots, it comes above all others where there is one word.
	mark := c.field("occupied", model.Bool, nil)
	for i := range m.cpus {
		for j := range m.cpus[i].levels {
			lv := &m.cpus[i].levels[j]
			for _, k := range m.alwaysZero(lv) {
				c.slots[lv.locals[k]].scratch = true
			}
		}
	}
	m.words, m.total = assign(c.slots)
	for _, l := range c.locs {
		s := c.slots[l.slot]
		l.word, l.shift, l.mask = s.word, s.shift, 1<<s.width-1
	}
	for _, s := range c.slots {
		if !s.scratch {
			m.bits += s.width
		}
	}
	m.bits -= c.slots[mark.slot].width
	m.mark = mark
	for i := range m.cpus {
		rt := &m.cpus[i]
		alts := 1
		for _, lv := range rt.levels {
			for _, pt := range lv.points {
				alts = max(alts, len(m.code[pt.ip].alts))
			}
		}
		for a := range alts {
			m.trans = append(m.trans, ir.Transition{CPU: i, Kind: ir.Step, Index: a})
		}
		for a := range rt.pending {
			m.trans = append(m.trans, ir.Transition{CPU: i, Kind: ir.PushIPI, Index: a})
		}
		if rt.nmiLeft != nil {
			m.trans = append(m.trans, ir.Transition{CPU: i, Kind: ir.PushNMI})
		}
	}
	for i := range m.cpus {
		if m.cpus[i].buf != nil {
			m.trans = append(m.trans, ir.Transition{CPU: i, Kind: ir.Flush})
		}
	}
	if m.races != 0 {
		m.findRacing()
	}
	c.watching = true
	for _, mon := range c.monitors {
		if mon.Never != nil {
			m.never = append(m.never, check{c.expr(mon.Never.Node()), c.property(mon)})
		}
		if mon.AtEnd != nil {
			m.atEnd = append(m.atEnd, check{c.expr(mon.AtEnd.Node()), c.property(mon)})
		}
		c.addLive(mon)
	}
	for i, cl := range c.p.Claims {
		if cl.State != nil {
			m.reach = append(m.reach, check{c.expr(cl.State.Node()), 1 << i})
		}
	}
	m.start()
}

// bind is the place of a variable in the current scope, or its constant value.
func (c *compiler) bind(v *model.Var) (l *loc, k int64, isConst bool) {
	for s := c.env; s != nil; s = s.up {
		if k, ok := s.consts[v]; ok {
			return nil, k, true
		}
		if l := s.locs[v]; l != nil {
			return l, 0, false
		}
	}
	bad("%s uses %s, which is not declared there; declare it in the program, the routine or the monitor",
		c.where(), v.Name)
	return nil, 0, false
}

// pendingIPI is the place of an IPI's pending bit.
func (c *compiler) pendingIPI(ipi *model.IPI) *loc {
	if ipi == nil || !slices.Contains(c.p.CPUs, ipi.CPU) {
		bad("%s speaks of an IPI that is not one of this program's", c.where())
	}
	return c.m.cpus[ipi.CPU.Index].pending[ipi.Index]
}

// where is the routine that is being compiled.
func (c *compiler) where() string {
	if len(c.calls) == 0 {
		return "a property"
	}
	return c.calls[len(c.calls)-1].Name
}

// expr compiles an expression, folding constants.
func (c *compiler) expr(n *model.Node) *expr {
	switch n.Op {
	case model.OpConst:
		return &expr{op: model.OpConst, k: n.K}
	case model.OpVar:
		if n.Var.Kind == model.Shared && !c.watching {
			bad("%s reads %s in an expression; shared memory is read by a step, into a local",
				c.calls[len(c.calls)-1].Name, n.Var.Name)
		}
		l, k, isConst := c.bind(n.Var)
		if isConst {
			return &expr{op: model.OpConst, k: k}
		}
		return &expr{op: model.OpVar, l: l}
	case model.OpPending:
		return &expr{op: model.OpVar, l: c.pendingIPI(n.IPI)}
	case model.OpDone, model.OpFrame, model.OpHandler:
		if n.CPU == nil || !slices.Contains(c.p.CPUs, n.CPU) {
			bad("%s speaks of a CPU that is not one of this program's", c.where())
		}
		return &expr{op: n.Op, cpu: &c.m.cpus[n.CPU.Index], frames: n.Frames}
	}
	e := &expr{op: n.Op, a: c.expr(n.A)}
	if n.B != nil {
		e.b = c.expr(n.B)
	}
	if e.a.op == model.OpConst && (e.b == nil || e.b.op == model.OpConst) {
		var k int64
		if e.b != nil {
			k = e.b.k
		}
		return &expr{op: model.OpConst, k: n.Op.Apply(e.a.k, k)}
	}
	return e
}
