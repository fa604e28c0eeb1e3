package ir

import (
	"fmt"
	"math/bits"
	"slices"

	"ctcheck/model"
)

// Lower lowers a program with the monitors of the properties to be decided. The error has a line for each fault of
// the program or of a monitor that is found, with the place: those that showed when the program was built
// ([model.Program.Faults]), or else what is not declared where it is used, a routine that calls itself, a constant
// argument outside its range, two of one name, ghost code that does more than it may, and the like.
func Lower(p *model.Program, monitors ...*model.Monitor) (low *Program, err error) {
	l := &lowering{p: p, out: &Program{Source: p}, globals: map[*model.Var]*Var{}, faults: slices.Clone(p.Faults())}
	for _, step := range []func(){
		func() { l.begin(monitors) },
		func() {
			for _, c := range l.out.CPUs {
				for _, lv := range c.Levels {
					l.try(nil, func() { l.levelCode(lv) })
				}
			}
			l.conditions()
		},
	} {
		if step(); len(l.faults) > 0 {
			return nil, l.err()
		}
	}
	return l.out, nil
}

// A lowering is the work in progress.
type lowering struct {
	p        *model.Program
	out      *Program
	globals  map[*model.Var]*Var
	monitors []*model.Monitor
	users    []*model.Monitor // whose Uses are being added
	faults   []string
	stand
}

// A stand is where the code that is being lowered stands.
type stand struct {
	level   *Level
	frame   model.Frame
	calls   []called
	slots   int     // of locals in use at this level
	atomic  int     // depth of Atomic
	loops   [][]int // of each loop: the jumps that leave it
	monitor *model.Monitor
	// watching is set where properties and claims look on: they may read shared memory without a step.
	watching bool
}

// begin adds the monitors and declares the variables and CPUs.
func (l *lowering) begin(monitors []*model.Monitor) {
	for _, ms := range [][]*model.Monitor{l.p.Monitors, monitors} {
		l.try(nil, func() { l.addMonitors(ms) })
	}
	for _, m := range l.monitors {
		for _, v := range m.Ghosts {
			if v == nil {
				l.faults = append(l.faults, fmt.Sprintf("a ghost of the monitor %q is nil", m.Name))
			} else {
				l.faults = append(l.faults, v.Faults()...)
			}
		}
	}
	if len(l.faults) == 0 {
		l.try(nil, l.checkClaims)
		l.try(nil, l.declare)
	}
}

// A called routine is one whose body is being lowered.
type called struct {
	*Call
	result  *Var  // of its caller
	returns []int // the jumps to its end
}

func (l *lowering) addMonitors(ms []*model.Monitor) {
	for _, m := range ms {
		if m == nil {
			bad("a monitor is nil")
		}
		if slices.Contains(l.monitors, m) {
			continue
		}
		if slices.Contains(l.users, m) {
			bad("the monitor %q uses itself, by way of others", m.Name)
		}
		if m.Name == model.NoDeadlock {
			bad("%s is checked with every set of properties; name the monitor otherwise", m.Name)
		}
		l.users = append(l.users, m)
		l.addMonitors(m.Uses)
		l.users = l.users[:len(l.users)-1]
		for _, other := range l.monitors {
			if m.Name != "" && other.Name == m.Name {
				bad("property %s is given twice", m.Name)
			}
		}
		l.monitors = append(l.monitors, m)
		if m.Name != "" {
			l.out.Properties = append(l.out.Properties, m.Name)
		}
		if m.NoDataRace {
			l.out.Races |= l.property(m)
		}
	}
}

// checkClaims sees to it that claims have names of their own, and that sets of properties and claims fit a word.
func (l *lowering) checkClaims() {
	for i, cl := range l.p.Claims {
		if slices.ContainsFunc(l.p.Claims[:i], func(o model.Claim) bool { return o.Name == cl.Name }) {
			bad("the claim %q is made twice", cl.Name)
		}
	}
	if len(l.out.Properties) > 60 || len(l.p.Claims) > 64 {
		bad("more than 60 properties or 64 reachability claims")
	}
}

// property is the bit of the monitor's property in a set of properties.
func (l *lowering) property(m *model.Monitor) uint64 {
	i := slices.Index(l.out.Properties, m.Name)
	if i < 0 {
		bad("ghost code of a monitor without a name cannot fail")
	}
	return 1 << i
}

// declare makes the variables and sets up the CPUs.
func (l *lowering) declare() {
	if len(l.p.CPUs) == 0 || len(l.p.CPUs) > 64 {
		bad("%d CPUs; a program has 1 to 64", len(l.p.CPUs))
	}
	vars := slices.Clone(l.p.Vars)
	for _, mon := range l.monitors {
		vars = append(vars, mon.Ghosts...)
	}
	for _, v := range vars {
		if l.globals[v] == nil {
			l.globals[v] = &Var{Kind: Global, Name: v.Name, Range: v.Range, Source: v}
			l.out.Globals = append(l.out.Globals, l.globals[v])
		}
	}
	for i, c := range l.p.CPUs {
		if slices.ContainsFunc(l.p.CPUs[:i], func(o *model.CPU) bool { return o.Name == c.Name }) {
			bad("two CPUs are called %s", c.Name)
		}
		l.try(nil, func() { l.out.CPUs = append(l.out.CPUs, newCPU(c)) })
	}
}

// newCPU is a CPU with its levels, without code.
func newCPU(c *model.CPU) *CPU {
	if c.NMITotal < model.AnyNumber || c.NMIDepth < 0 || c.NMITotal != 0 && (c.NMI == nil || c.NMIDepth == 0) {
		bad("OnNMI of %s: %d NMIs, %d deep, need a handler and numbers above 0", c.Name, c.NMITotal, c.NMIDepth)
	}
	if c.Main == nil {
		bad("CPU %s has no code; give it a routine with Run", c.Name)
	}
	out := &CPU{CPU: c}
	add := func(lv *Level) {
		lv.CPU = out
		out.Levels = append(out.Levels, lv)
	}
	add(&Level{Context: model.Task, Frame: model.Body})
	for range nesting(c.IPIs) {
		add(&Level{Context: model.InIRQ, Frame: model.IRQ})
	}
	if c.NMI != nil && c.NMITotal != 0 {
		left := model.UpTo(int64(c.NMITotal))
		if c.NMITotal == model.AnyNumber {
			left = model.Range{Lo: 1, Hi: 1} // there is always one more
		}
		out.NMIsLeft = &Var{Kind: Budget, Name: c.Name + " NMIs left", Range: left}
		for d := 1; d <= c.NMILevels(); d++ {
			add(&Level{Context: model.InNMI, Depth: d, Frame: model.NMIBody})
		}
	}
	for _, ipi := range c.IPIs {
		if len(ipi.Args) > len(ipi.Handler.Params) {
			bad("the IPI %q of %s has %d arguments, its handler %s %d parameters", ipi.Name, c.Name,
				len(ipi.Args), ipi.Handler.Name, len(ipi.Handler.Params))
		}
		var pending, left *Var
		switch {
		case ipi.Total < 0:
			bad("the device %q interrupts %s %d times", ipi.Name, c.Name, ipi.Total)
		case !ipi.Device:
			pending = &Var{Kind: Pending, Name: ipi.Name, Range: model.Bool}
		case ipi.Total > 0:
			left = &Var{Kind: Budget, Name: ipi.Name + " left", Range: model.UpTo(int64(ipi.Total))}
		}
		out.Pending, out.IRQsLeft = append(out.Pending, pending), append(out.IRQsLeft, left)
	}
	return out
}

// nesting is how many handlers of these lines may be on one stack: each line once, and only on handlers that enable
// interrupts.
func nesting(lines []*model.IPI) int {
	open := 0
	for _, line := range lines {
		if line.Handler == nil {
			bad("the IPI %q of %s has no handler", line.Name, line.CPU.Name)
		}
		if line.Handler.EnablesIRQs() {
			open++
		}
	}
	return min(len(lines), open+1)
}

// levelCode lowers everything that may run at one level.
func (l *lowering) levelCode(lv *Level) {
	l.level, l.frame, l.slots = lv, lv.Frame, 0
	switch lv.Context {
	case model.Task:
		lv.Entries = []int{l.here()}
		l.call(&model.Stmt{Kind: model.StmtCall, Call: lv.CPU.Main})
		l.emitStep(Instr{Op: OpHalt})
	case model.InIRQ:
		if slices.ContainsFunc(lv.CPU.IPIs, func(ipi *model.IPI) bool { return ipi.Handler.MasksIRQs() }) {
			lv.flag() // so that every handler leaves it as it was
		}
		for _, ipi := range lv.CPU.IPIs {
			l.handler(&model.Stmt{Kind: model.StmtCall, Call: ipi.Handler, Args: ipi.Args}, ipi)
		}
	case model.InNMI:
		l.handler(&model.Stmt{Kind: model.StmtCall, Call: lv.CPU.NMI}, nil)
	}
}

// handler lowers a handler with what comes before and after it; ipi is nil for an NMI. It returns by IRET, which
// serializes.
func (l *lowering) handler(call *model.Stmt, ipi *model.IPI) {
	l.level.Entries = append(l.level.Entries, l.here())
	l.event(model.Event{Kind: model.Pushed, IPI: ipi})
	l.call(call)
	iret := &model.Stmt{Kind: model.StmtFence, Label: "IRET", Fence: model.FenceMb}
	if n := len(call.Call.Body); n > 0 {
		iret.File, iret.Line = call.Call.Body[n-1].File, call.Call.Body[n-1].Line
	}
	l.emitStep(Instr{Op: OpFence, Stmt: iret})
	l.event(model.Event{Kind: model.Popped, IPI: ipi})
	if flag := l.level.IRQs; flag != nil {
		l.emit(Instr{Op: OpDead, Dst: flag})
	}
	l.emit(Instr{Op: OpReturn})
}

// conditions lowers what properties and claims say of states.
func (l *lowering) conditions() {
	l.watching = true
	out := l.out
	for _, mon := range l.monitors {
		check := func(v model.Value, to *[]Check) {
			if v != nil {
				l.try(nil, func() { *to = append(*to, Check{l.claimed(v, mon.Name), l.property(mon)}) })
			}
		}
		check(mon.Never, &out.Never)
		check(mon.AtEnd, &out.AtEnd)
		live := func(kind LiveKind, v model.Value) {
			l.try(nil, func() {
				lv := Live{Property: bits.TrailingZeros64(l.property(mon)), Kind: kind}
				if kind != LiveProgress {
					lv.Cond = l.claimed(v, mon.Name)
				}
				out.Live = append(out.Live, lv)
			})
		}
		if mon.Progress != nil {
			live(LiveProgress, nil)
		}
		for _, v := range mon.NotForever {
			live(LiveNotForever, v)
		}
		if mon.Eventually != nil {
			live(LiveEventually, mon.Eventually)
		}
	}
	for i, cl := range l.p.Claims {
		if cl.State != nil {
			l.try(nil, func() { out.Reach = append(out.Reach, Check{l.claimed(cl.State, cl.Name), 1 << i}) })
		}
	}
}

// claimed lowers what a property or a claim says.
func (l *lowering) claimed(v model.Value, by string) *Expr {
	n := model.NodeOf(v)
	if n.Op == model.OpBad {
		bad("%s (it is what %q claims)", n.Why, by)
	}
	return l.expr(n)
}

// bind is what a name stands for where the lowering stands: a variable, or the constant value of a parameter.
func (l *lowering) bind(v *model.Var) (to *Var, k int64, isConst bool) {
	for _, c := range slices.Backward(l.calls) {
		if k, ok := c.Consts[v]; ok {
			return nil, k, true
		}
		if to := c.Vars[v]; to != nil {
			return to, 0, false
		}
		if !c.Routine.SeesCaller {
			break
		}
	}
	if to := l.globals[v]; to != nil {
		return to, 0, false
	}
	bad("%s uses %s, which is not declared there; declare it in the program, the routine or the monitor",
		l.where(), v.Name)
	return nil, 0, false
}

// pending is the variable of an IPI.
func (l *lowering) pending(ipi *model.IPI) *Var {
	if ipi == nil || !slices.Contains(l.p.CPUs, ipi.CPU) {
		bad("%s speaks of an IPI that is not one of this program's", l.where())
	}
	if ipi.Device {
		bad("%s sends or looks at %s, the line of a device, which is never pending", l.where(), ipi.Name)
	}
	return l.out.CPUs[ipi.CPU.Index].Pending[ipi.Index]
}

// cpuOf is the lowered CPU.
func (l *lowering) cpuOf(c *model.CPU) *CPU {
	if c == nil || !slices.Contains(l.p.CPUs, c) {
		bad("%s speaks of a CPU that is not one of this program's", l.where())
	}
	return l.out.CPUs[c.Index]
}

// where is the routine that is being lowered.
func (l *lowering) where() string {
	if len(l.calls) == 0 {
		return "a property"
	}
	return l.calls[len(l.calls)-1].Routine.Name
}
