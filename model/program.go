package model

import "fmt"

// A Frame says what a CPU does at one level of its stack of interrupted contexts.
type Frame uint8

// The frames. User to Exit belong to a CPU's own code; the others to its handlers.
const (
	Body     Frame = iota // kernel code with interrupts on; what a CPU runs unless told otherwise
	User                  // user mode; a pending IPI forces the entry, it does not run here
	Entry                 // the way from user mode into the kernel, interrupts off
	Exit                  // the way back, interrupts off
	IRQ                   // an interrupt's handler, interrupts off until it enables them
	NMIEntry              // an NMI's own entry code, or that of an IPI's handler in the idle loop
	NMIBody               // an NMI's handler
	NMIExit               // the exit code that belongs to NMIEntry
	Idle                  // the idle loop: an IPI's handler runs here, through its own entry and exit
	Guest                 // a virtual machine; as User, a pending IPI forces the entry
)

var frameNames = [...]string{"body", "user", "entry", "exit", "irq", "nmi-entry", "nmi-body",
	"nmi-exit", "idle", "guest"}

func (f Frame) String() string {
	if !f.known() {
		return fmt.Sprintf("frame %d", f)
	}
	return frameNames[f]
}

func (f Frame) known() bool { return int(f) < len(frameNames) }

// In reports whether code of a context may run as the frame: the frames of a CPU's own code are not a handler's,
// nor the other way round. Only [Body] may also be in an IPI's handler, which may have interrupts on again for
// softirqs, though no IPI interrupts it there.
func (f Frame) In(c Context) bool {
	switch c {
	case Task:
		return f <= Exit || f == Idle || f == Guest
	case InIRQ:
		return f == Body || f == IRQ || f == NMIEntry || f == NMIExit
	}
	return f == NMIEntry || f == NMIBody || f == NMIExit
}

// A FrameSet is a set of frames.
type FrameSet uint16

// noFrame is in a set that was made of frames that there are not.
const noFrame FrameSet = 1 << 15

// Frames is the set of the given frames.
func Frames(fs ...Frame) FrameSet {
	var s FrameSet
	for _, f := range fs {
		if !f.known() {
			f = 15
		}
		s |= 1 << f
	}
	return s
}

// Has reports whether f is in s.
func (s FrameSet) Has(f Frame) bool { return s>>f&1 != 0 }

// A Program is a protocol: shared variables, CPUs with their code and handlers, and what must be able to
// happen. It is built once, by one goroutine, and read only afterwards.
type Program struct {
	Name   string
	Vars   []*Var // shared variables and the protocol's own ghosts, in order of declaration
	CPUs   []*CPU
	Claims []Claim
	// Replicated is CPUs of which there may be any number, all alike: the program is an instance of a family.
	Replicated []*CPU
	// Claims that hold by themselves: stated with the program, checked with every set of properties.
	Monitors []*Monitor
	// Domain is what a package of properties keeps with the program to find it again; it may be nil. The
	// vocabulary never looks at it.
	Domain any
	// Assumptions are sentences about the protocol as modelled that bound what a verdict means.
	Assumptions []string

	helpers  helpers
	faults   []string
	pointers []*Addresses // those of variables
}

// New is an empty program.
func New(name string) *Program { return &Program{Name: name, helpers: helpers{}} }

// Shared declares a shared variable.
func (p *Program) Shared(name string, r Range, init Value) *Var {
	return p.declare(newVar(p, Shared, name, r, init))
}

// Plain declares a shared variable without atomic accesses, an ordinary one in C: each access to it must be
// [Code.ReadPlain] or [Code.WritePlain], which is checked when the program is lowered. That nothing races on
// it is for a property to claim ([Monitor.NoDataRace]); what compilers may do where something does is not
// looked at.
func (p *Program) Plain(name string, r Range, init Value) *Var {
	v := p.Shared(name, r, init)
	v.Plain = true
	return v
}

// Ghost declares a ghost that the protocol's own code sets, riding on its steps.
func (p *Program) Ghost(name string, r Range, init Value) *Var {
	return p.declare(newVar(p, Ghost, name, r, init))
}

func (p *Program) declare(v *Var) *Var {
	for _, w := range p.Vars {
		if w.Name == v.Name {
			p.note("variable %s is declared twice; rename one", v.Name)
		}
	}
	for _, a := range p.pointers {
		a.declared(v)
	}
	p.Vars = append(p.Vars, v)
	return v
}

// A CPU runs one routine, and on top of it the handlers of its IPIs and NMIs: a stack of frames.
type CPU struct {
	Name  string
	Index int
	Main  *Routine
	IPIs  []*IPI
	// An NMI may be pushed at any step boundary while fewer than NMITotal were pushed so far and
	// fewer than NMIDepth are on the stack.
	NMI      *Routine
	NMITotal int
	NMIDepth int
	// IsService says that the CPU need not end: see [CPU.Service].
	IsService bool
	p         *Program
}

func (c *CPU) name() string {
	if c == nil {
		return "nil"
	}
	return c.Name
}

// CPU declares a CPU. Give it its code with [CPU.Run].
func (p *Program) CPU(name string) *CPU {
	c := &CPU{Name: name, Index: len(p.CPUs), p: p}
	p.CPUs = append(p.CPUs, c)
	return c
}

// Run sets the CPU's code; the CPU has ended when it returns.
func (c *CPU) Run(main *Routine) {
	switch {
	case main == nil:
		c.bad("Run: the routine is nil; declare it first")
	case c.Main != nil:
		c.bad("Run is called twice; one routine calls the others")
	default:
		c.Main = main
	}
}

// bad notes a fault of the CPU's declaration.
func (c *CPU) bad(format string, args ...any) {
	if c.p != nil {
		c.p.note("CPU %s: %s", c.Name, fmt.Sprintf(format, args...))
	}
}

// Service says that the CPU stands for something that goes on as long as others want it, and need not
// end: a run has ended without it, and it is no deadlock when it has nothing to do. It returns c.
func (c *CPU) Service() *CPU {
	c.IsService = true
	return c
}

// AnyNumber is a total without a bound.
const AnyNumber = -1

// OnNMI sets the code of the CPU's NMIs: at most total in a run, at most depth on top of each other.
// With total 0 there are none, with [AnyNumber] there is no bound on the total.
func (c *CPU) OnNMI(handler *Routine, total, depth int) {
	if c.NMI != nil {
		c.bad("OnNMI is called twice; one handler serves all its NMIs")
	}
	c.NMI, c.NMITotal, c.NMIDepth = handler, total, depth
}

// NMILevels is how many NMIs of the CPU can be on top of each other.
func (c *CPU) NMILevels() int {
	if c.NMITotal == AnyNumber {
		return c.NMIDepth
	}
	return min(c.NMIDepth, c.NMITotal)
}

// An IPI is one interrupt line of a CPU: pending or not. While pending it interrupts the CPU's own
// code in the frames Body and Idle, never in another frame; and it interrupts the handlers of other lines that
// enable interrupts ([Code.LocalIRQEnable]).
type IPI struct {
	Name    string
	CPU     *CPU // the CPU that is interrupted
	Index   int  // among the CPU's IPIs
	Handler *Routine
	Args    []*Node
	Device  bool // it is never pending, and comes by itself: see [CPU.OnIRQ]
	Total   int  // how often at most, of a device's
}

// IPI declares an interrupt line of c whose handler is called with the given constants.
func (c *CPU) IPI(name string, handler *Routine, args ...Value) *IPI {
	i := &IPI{Name: name, CPU: c, Index: len(c.IPIs), Handler: handler}
	for _, a := range args {
		k, why := constantOf(a)
		if why != "" {
			c.bad("the IPI %s: an argument is refused: %s", name, why)
		}
		i.Args = append(i.Args, Int(k).Node())
	}
	c.IPIs = append(c.IPIs, i)
	return i
}

func (i *IPI) name() string {
	if i == nil {
		return "nil"
	}
	return i.Name
}

// Pending reports whether the IPI is sent and not yet delivered.
func (i *IPI) Pending() Expr { return Expr{&Node{Op: OpPending, IPI: i}} }

// Done reports whether the CPU has ended and no handler runs on it.
func (c *CPU) Done() Expr { return Expr{&Node{Op: OpDone, CPU: c}} }

// In reports whether the frame on top of the CPU's stack is in s.
func (c *CPU) In(s FrameSet) Expr {
	if s == 0 || s >= noFrame {
		return Expr{helpers(nil).wrong("In: the set has no frames, or some that do not exist")}
	}
	return Expr{&Node{Op: OpFrame, CPU: c, Frames: s}}
}

// Interrupted reports whether a handler, of an interrupt or an NMI, runs on the CPU.
func (c *CPU) Interrupted() Expr { return Expr{&Node{Op: OpHandler, CPU: c}} }

// A Claim states that something must be reachable, so that no property holds because nothing
// happened: an event for which When is true (nil: any), or a state in which State is.
type Claim struct {
	Name  string
	Event EventKind
	When  func(Event) Value
	State Value
}

// Reached claims that some event of this kind for which when is true (nil: any) can happen.
func (p *Program) Reached(name string, k EventKind, when func(Event) Value) {
	p.Claims = append(p.Claims, Claim{Name: name, Event: k, When: when})
}

// ReachedState claims that some reachable state satisfies cond.
func (p *Program) ReachedState(name string, cond Value) {
	p.Claims = append(p.Claims, Claim{Name: name, State: cond})
}
