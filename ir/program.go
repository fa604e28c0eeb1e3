package ir

import "ctcheck/model"

// A Program is a lowered program. It is read only.
type Program struct {
	Source     *model.Program
	Properties []string // names; bit i of a set of properties stands for Properties[i]
	Globals    []*Var   // shared variables and ghosts, the program's own first, in order of declaration
	CPUs       []*CPU
	Code       []Instr // of all levels, one after the other
	Never      []Check // properties that a state violates in which the condition is true
	AtEnd      []Check // those that a state violates in which every CPU has ended and the condition is false
	Reach      []Check // claims that a state satisfies in which the condition is true; bit i for Source.Claims[i]
	Live       []Live  // claims on whole runs, in the order of the properties
	Races      uint64  // properties that claim that there is no data race
}

// A Check is a condition on states, with the set of the properties or claims that it decides.
type Check struct {
	Cond *Expr
	Bits uint64
}

// LiveKind tells the claims on whole runs apart.
type LiveKind uint8

// The kinds, after the fields of [model.Monitor].
const (
	LiveProgress   LiveKind = iota // Progress: the run must have such events again and again
	LiveNotForever                 // NotForever: the run must leave the states that satisfy it
	LiveEventually                 // Eventually: the run must meet a state that satisfies it
)

// A Live is one claim on whole runs. A property may make several.
type Live struct {
	Property int // index in [Program.Properties]
	Kind     LiveKind
	Cond     *Expr // nil for LiveProgress
}

// A CPU has a stack of levels: its own code, on top of that handlers of interrupts, on top of these NMIs.
type CPU struct {
	*model.CPU
	Levels   []*Level
	Pending  []*Var // of each line: 1 while its IPI is sent and not yet delivered; nil for that of a device
	IRQsLeft []*Var // of each line: how often the device may still interrupt; nil if it never can, and for IPIs
	NMIsLeft *Var   // how many may still come, always 1 where there is no bound; nil if none ever can
}

// A Level is what may run at one level of a CPU's stack.
type Level struct {
	CPU     *CPU
	Context model.Context
	Depth   int         // of an NMI: 1 for the outermost
	Frame   model.Frame // in which its code begins
	Entries []int       // where its code begins: for lines one each, else one
	// IRQs is the interrupt flag: 1 while the level takes interrupts where its frame lets them in. Nil if no code
	// of the level speaks of it: then it is always 1 for the CPU's own code, and 0 for handlers.
	IRQs   *Var
	Locals [][]*Var      // by slot: locals whose calls never overlap share one
	Calls  []*model.Stmt // of the handlers, with their arguments; nil for the CPU's own code
}

// VarKind says what a variable of a lowered program is.
type VarKind uint8

// The kinds of variables.
const (
	Global  VarKind = iota // a shared variable or a ghost
	Local                  // of one call of a routine
	Pending                // of an IPI
	Budget                 // of NMIs, or of a device's interrupts
	Flag                   // the interrupt flag of a level
)

// A Var is something that has a value. A local belongs to one call: it is Init when the call begins, and dead when
// that ends.
type Var struct {
	Kind VarKind
	Name string
	model.Range
	Source *model.Var // nil of Pending, Budget and Flag
	Level  *Level     // of a local
	Slot   int        // of a local, among the level's
}

// A Call is a routine that was called and has not returned, with what its names stand for.
type Call struct {
	Up      *Call // the call that it was made in; nil for the outermost
	Routine *model.Routine
	Consts  map[*model.Var]int64 // parameters whose argument is constant
	Vars    map[*model.Var]*Var  // the other parameters, and the locals
}

// Inside reports whether the call is another one, or was made, at first or second hand, by that.
func (c *Call) Inside(of *Call) bool {
	for ; c != nil; c = c.Up {
		if c == of {
			return true
		}
	}
	return false
}
