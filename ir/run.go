package ir

import "ctcheck/model"

// This file has what happens in a run, in the words of the program.

// A Record is what a transition did, in words: the raw material of a trace.
type Record struct {
	Stmt    *model.Stmt // nil when an IPI or NMI was pushed
	Frame   model.Frame
	Routine string
	Writes  []Write // locals that the step's access assigned
	Events  []Happening
	Wrapped []*model.Var // modular variables that went past the end of their range
	Waits   *Write       // the store that went into the CPU's buffer instead of memory
	// Stored is the store that was in the buffer and now reached memory; its statement is, of several that store
	// to the same variable in the same way, any one, for states do not tell them apart. Traces do.
	Stored *Access
	// Accesses is what the step did to shared memory, in order; a store that waits is a write of its own step.
	Accesses []Access
}

// An Access is one access to shared memory that a step made.
type Access struct {
	Stmt  *model.Stmt
	Var   *model.Var // which the statement need not tell
	Read  bool
	Write bool // of a compare-and-exchange: it succeeded
	// Mask is the bits that a write is of: all, or those of a store to part of a word.
	Mask int64
}

// A Write is a local that took the result of an access, or a shared variable with what is stored to it.
type Write struct {
	Var   *model.Var
	Value int64
}

// A Happening is an event with its argument's value.
type Happening struct {
	model.Event
	Value int64
}

// A Binding is a variable with its value in a state.
type Binding struct {
	Var   *model.Var
	Value int64
}

// A Snapshot is a state as people read it.
type Snapshot struct {
	Globals []Binding // shared variables and ghosts, in order of declaration
	CPUs    []CPUState
}

// A CPUState is what a state says of one CPU.
type CPUState struct {
	CPU      *model.CPU
	Levels   []LevelState // of its stack, outermost first; the last one runs
	Buffer   []Buffered   // its stores that wait, the oldest one first
	Pending  []*model.IPI // sent to it and not yet delivered
	NMIsLeft int          // that may still come
}

// A LevelState is one level of a CPU's stack: its own code, an IPI's handler or an NMI's.
type LevelState struct {
	Context model.Context
	Frame   model.Frame
	Calls   []CallState // under way, outermost first
	Next    *model.Stmt // the step that it takes next; nil if there is none, or for the return of a handler
}

// A CallState is a routine that was called and has not returned.
type CallState struct {
	Routine *model.Routine
	// Locals is its parameters and locals in the order of declaration, without those that have a value
	// only while a step runs.
	Locals []Binding
}

// A Race is a data race: accesses to one variable that two CPUs can make next.
type Race struct {
	Var      *model.Var
	Accesses [2]RacingAccess
}

// A RacingAccess is one side of a race.
type RacingAccess struct {
	CPU   *model.CPU
	Stmt  *model.Stmt
	Write bool
}

// A Passed is a statement that a transition took, or a way that it went at a branch.
type Passed struct {
	Stmt *model.Stmt
	Way  int
}

// Ways. Of a Choose, the way is the number of the alternative.
const (
	Itself   = -1 // the statement itself, which is a step, or a fence that was waited for
	WayFalse = 0  // of an If, While or DoWhile: the condition was false
	WayTrue  = 1
)

// A Coverable is a statement that is a step, or a way at a branch.
type Coverable struct {
	model.Place
	Way int
	// Compiled says that some CPU has code for it. Where it has not, an argument or a parameter of the
	// configuration, constant when the program was compiled, leads elsewhere.
	Compiled bool
}

// A Buffered is a store that waits in a buffer.
type Buffered struct {
	Stmt  *model.Stmt
	Var   *model.Var
	Value int64 // of the variable, or of the bits that are stored
}
