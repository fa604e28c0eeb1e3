package model

import (
	"reflect"
	"slices"
)

// Code is a list of statements under construction. Its methods append one statement each; those that
// take a label append a step, and the label is the C statement that the step stands for.
type Code struct {
	owner   string
	stmts   *[]*Stmt
	helpers helpers
	p       *Program // nil for ghost code
}

// Build returns the statements that f appends: ghost code of a [Monitor]. What is wrong with them shows when the
// program is lowered.
func Build(f func(c *Code)) []*Stmt {
	var stmts []*Stmt
	c := &Code{owner: "ghost code", stmts: &stmts, helpers: helpers{}}
	c.building(func() { f(c) })
	return stmts
}

// A Routine is a function of the protocol. Calls are inlined, so it cannot recurse.
type Routine struct {
	Code
	Name   string
	Params []*Var
	Locals []*Var
	Body   []*Stmt
	// SeesCaller says that the locals and parameters of whoever calls it are in scope, as in a nested function: its
	// statements may read and assign to them.
	SeesCaller bool
}

// Routine declares a routine; build appends its statements.
func (p *Program) Routine(name string, build func(r *Routine)) *Routine {
	r := &Routine{Name: name}
	r.Code = Code{name, &r.Body, p.helpers, p}
	r.building(func() { build(r) })
	return r
}

// Param declares the next parameter. A constant argument is substituted, and must be in range; any
// other is copied when the routine is called, and wraps if the range is modular.
func (r *Routine) Param(name string, rg Range) *Var {
	v := newVar(r.p, Local, name, rg, Int(rg.Lo))
	r.Params = append(r.Params, v)
	return v
}

// Local declares a local variable, 0 (or the lowest value of its range) when a call begins. It is
// dead, and no longer tells states apart, when the call ends.
func (r *Routine) Local(name string, rg Range) *Var {
	init := Int(0)
	if !rg.Contains(0) {
		init = Int(rg.Lo)
	}
	v := newVar(r.p, Local, name, rg, init)
	r.Locals = append(r.Locals, v)
	return v
}

// LocalOf declares a local that can hold any value of the shared variable v and prints like it.
func (r *Routine) LocalOf(name string, v *Var) *Var {
	if v == nil {
		r.bad(name, "it is to be like a variable that is nil; declare that first")
		return r.Local(name, Bool)
	}
	return r.Local(name, v.Range).Like(v)
}

func (c *Code) add(s *Stmt) *Stmt {
	s.File, s.Line = c.helpers.caller()
	if c.stmts != nil { // code that neither Build nor a program made is nobody's
		*c.stmts = append(*c.stmts, s)
	}
	return s
}

func (c *Code) sub(f func()) []*Stmt {
	var stmts []*Stmt
	outer := c.stmts
	c.stmts = &stmts
	defer func() { c.stmts = outer }()
	if f != nil {
		f()
	}
	return stmts
}

// node is an operand of a statement as a tree.
func (c *Code) node(label string, v Value) *Node {
	n := nodeOf(v)
	if why := n.Wrong(); why != "" {
		c.bad(label, "%s", why)
		return False.Node()
	}
	return n
}

func (c *Code) access(to Location, s *Stmt) {
	s.Kind = StmtAccess
	if isNil(to) {
		c.bad(s.Label, "an access needs a shared variable, and this one is nil; declare it first")
		return
	}
	s.Var, s.At = to.location()
	place := nodeOf(to)
	why := place.Wrong() + mixes(place, s.Arg) + mixes(place, s.Old)
	if s.Dst != nil && s.Result != Success {
		why += mixes(s.Dst.Node(), place)
	}
	switch {
	case why != "":
		c.bad(s.Label, "%s", why)
	case slices.ContainsFunc(s.Targets(), func(v *Var) bool { return v != nil && v.Kind != Shared }):
		c.bad(s.Label, "an access needs a shared variable; use Set for locals and ghosts")
	case s.Dst != nil && s.Dst.Kind != Local:
		c.bad(s.Label, "the result goes to a local, not to %s", s.Dst.Name)
	default:
		c.add(s)
	}
}

// WhenVisible gives the access before it the events that f states: they happen when the access takes
// effect for other CPUs. For a store that is when it reaches memory, which under x86-TSO is later than
// when it is made.
func (c *Code) WhenVisible(f func()) {
	body := c.sub(f)
	var last *Stmt
	if c.stmts != nil && len(*c.stmts) > 0 {
		last = (*c.stmts)[len(*c.stmts)-1]
	}
	switch {
	case last != nil && last.Kind == StmtBad: // what it follows is known to be wrong
	case last == nil || last.Kind != StmtAccess:
		c.bad("WhenVisible", "it follows an access")
	case slices.ContainsFunc(body, func(s *Stmt) bool { return s.Kind != StmtEvent || s.Opens || s.Arg != nil }):
		c.bad(last.Label, "WhenVisible is about events that ride on a step and have no argument")
	default:
		last.Body = body
	}
}

// Set assigns to a local or a ghost, or to an element of ghosts; it rides on the step before it.
func (c *Code) Set(dst Location, v Value) {
	if isNil(dst) {
		c.bad("Set", "the variable is nil; declare it first")
		return
	}
	s := &Stmt{Kind: StmtAssign, Arg: c.node("Set", v)}
	s.Dst, s.At = dst.location()
	switch why := nodeOf(dst).Wrong() + mixes(nodeOf(dst), s.Arg); {
	case why != "":
		c.bad("Set", "%s", why)
	case slices.ContainsFunc(s.Targets(), func(v *Var) bool { return v != nil && v.Kind == Shared }):
		c.bad(nodeOf(dst).String(), "Set is for locals and ghosts; use WriteOnce or AtomicSet")
	default:
		c.add(s)
	}
}

// If runs then when cond is true, otherwise the function after it, if there is one.
func (c *Code) If(cond Value, then func(), els ...func()) {
	s := &Stmt{Kind: StmtIf, Cond: c.node("If", cond), Body: c.sub(then)}
	for _, f := range els {
		s.Else = append(s.Else, c.sub(f)...)
	}
	c.add(s)
}

// While repeats body as long as cond is true.
func (c *Code) While(cond Value, body func()) {
	c.add(&Stmt{Kind: StmtWhile, Cond: c.node("While", cond), Body: c.sub(body)})
}

// DoWhile runs body and repeats it as long as cond is true afterwards.
func (c *Code) DoWhile(body func(), cond Value) {
	c.add(&Stmt{Kind: StmtDoWhile, Cond: c.node("DoWhile", cond), Body: c.sub(body)})
}

// Forever repeats body until a Break.
func (c *Code) Forever(body func()) { c.While(True, body) }

// Break leaves the innermost loop.
func (c *Code) Break() { c.add(&Stmt{Kind: StmtBreak}) }

// Return ends the call, with v as its result (nil for none).
func (c *Code) Return(v Value) {
	s := &Stmt{Kind: StmtReturn}
	if v != nil {
		s.Arg = c.node("Return", v)
	}
	c.add(s)
}

// Call runs a routine. Its result, if any, goes to dst, which may be nil.
func (c *Code) Call(f *Routine, dst *Var, args ...Value) {
	switch {
	case f == nil:
		c.bad("Call", "the routine is nil here; declare it before, and write a loop where it would call itself")
		return
	case len(args) != len(f.Params):
		c.bad(f.Name, "called with %d arguments, it has %d parameters", len(args), len(f.Params))
		return
	}
	s := &Stmt{Kind: StmtCall, Call: f, Dst: dst}
	for _, a := range args {
		s.Args = append(s.Args, c.node(f.Name, a))
	}
	c.add(s)
}

// Pause is a step without an access: the CPU may stay before it for any time.
func (c *Code) Pause(label string) { c.add(&Stmt{Kind: StmtPause, Label: label}) }

// Await is a step that can be taken only while cond is true. It may look at other CPUs (Done, frames,
// pending IPIs); a wait for a shared variable is [Code.CondLoadAcquire].
func (c *Code) Await(label string, cond Value) {
	c.add(&Stmt{Kind: StmtAwait, Label: label, Cond: c.node(label, cond)})
}

// SendIPI makes an IPI pending. It waits while the same one is sent and not yet delivered, as
// csd_lock() does.
func (c *Code) SendIPI(label string, ipi *IPI) {
	if ipi == nil {
		c.bad(label, "the IPI is nil; declare it first")
		return
	}
	c.add(&Stmt{Kind: StmtSend, Label: label, IPI: ipi})
}

// Atomic makes body one step, for protocols whose author wants a coarser one. It is enabled only where
// everything in it can be done: a wait that is not satisfied disables the whole.
func (c *Code) Atomic(label string, body func()) {
	c.add(&Stmt{Kind: StmtAtomic, Label: label, Body: c.sub(body)})
}

// When is one alternative of [Code.Choose].
func (c *Code) When(guard Value, body func()) Alt { return Alt{c.node("When", guard), c.sub(body)} }

// Choose takes any one alternative whose guard is true: a nondeterministic choice. It is one step with
// the first step of the alternative, or, for one without a step, with the first step after it. A
// Choose cannot directly follow another, nor an event that opens a step ([Code.Opening]).
func (c *Code) Choose(alts ...Alt) {
	if len(alts) == 0 || slices.ContainsFunc(alts, func(a Alt) bool { return a.Guard == nil }) {
		c.bad("Choose", "it has no alternatives, or some that When did not make")
		return
	}
	c.add(&Stmt{Kind: StmtChoose, Alts: alts})
}

// Frame runs body as the given frame of the CPU's stack. Only the outermost routine of a CPU's own code
// or of a handler may change frames. The [FrameEntered] event is that of going in; going back to what
// is around it has none.
func (c *Code) Frame(f Frame, body func()) {
	if !f.known() {
		c.bad(f.String(), "there is no such frame; the last one is %s", Guest)
		return
	}
	c.add(&Stmt{Kind: StmtFrame, Frame: f, Body: c.sub(body)})
}

// Event states that something happened that properties speak of; it rides on the step before it.
func (c *Code) Event(k EventKind) { c.add(&Stmt{Kind: StmtEvent, Event: k}) }

// EventOf is an Event about a subject, which has to be comparable, with an argument. Either may be nil.
func (c *Code) EventOf(k EventKind, subject any, arg Value) { c.add(c.event(k, subject, arg)) }

// Opening is as EventOf, but the step before it has ended, and the event is part of the step that
// follows it: for what begins with its first access and not before.
func (c *Code) Opening(k EventKind, subject any, arg Value) {
	s := c.event(k, subject, arg)
	s.Opens = true
	c.add(s)
}

func (c *Code) event(k EventKind, subject any, arg Value) *Stmt {
	if subject != nil && !reflect.ValueOf(subject).Comparable() {
		c.bad(string(k), "the event is about a %T, which cannot be compared; use a pointer to it", subject)
		subject = nil
	}
	s := &Stmt{Kind: StmtEvent, Event: k, Subject: subject}
	if arg != nil {
		s.Arg = c.node(string(k), arg)
	}
	return s
}

// IPIEvent is an Event about an IPI.
func (c *Code) IPIEvent(k EventKind, ipi *IPI) {
	c.add(&Stmt{Kind: StmtEvent, Event: k, IPI: ipi})
}

// WarnOnOnce states that a WARN_ON_ONCE fires when cond is true.
func (c *Code) WarnOnOnce(label string, cond Value) {
	c.If(cond, func() { c.add(&Stmt{Kind: StmtEvent, Event: Warned, Label: label}) })
}

// Assert states that the program is at fault where cond is false, and why. Where cond is constant that is
// an error when the program is lowered, otherwise one of the run that gets there.
func (c *Code) Assert(cond Value, why string) {
	c.add(&Stmt{Kind: StmtAssert, Label: why, Cond: c.node(why, cond)})
}

// Fail states, in ghost code, that the monitor's property is violated.
func (c *Code) Fail() { c.add(&Stmt{Kind: StmtFail}) }
