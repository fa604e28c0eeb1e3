package ir

import (
	"fmt"

	"ctcheck/model"
)

// This file has what happens in a run, in the words of the program.

// A Record is what a transition did, in words: the raw material of a trace.
type Record struct {
	Stmt    *model.Stmt // nil when an IPI or NMI was pushed
	Frame   model.Frame
	Routine string
	In      *Call     // the innermost call that Stmt stands in; nil for what surrounds a handler
	Before  []*Called // the calls that began in the step before Stmt came, in order
	After   []*Called // and after it: what comes next may stand in them
	Writes  []Write   // locals that the step's access assigned
	Events  []Happening
	Wrapped []*model.Var // modular variables that went past the end of their range
	Waits   *Write       // the store that went into the CPU's buffer instead of memory
	// Stored is the store that was in the buffer and now reached memory; its statement is, of several that store
	// to the same variable in the same way, any one, for states do not tell them apart. Traces do.
	Stored *Access
	// Accesses is what the step did to shared memory, in order; a store that waits is a write of its own step.
	Accesses []Access
	// Wait is, of a transition that is not enabled since something has to become true first, what that is.
	Wait *Wait
}

// A Called is one call of a routine in a run. Each one is another, also where a loop makes it in the same place.
type Called struct {
	*Call
	Args []Binding // its parameters in order, with the values that they had when it began
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
	NMIsLeft int          // that may still come; 1 where there is always one more
	IRQsLeft []int        // of each line: how often the device may still interrupt; 0 for IPIs
	Masks    bool         // some of its code speaks of the interrupt flag
}

// A LevelState is one level of a CPU's stack: its own code, an interrupt's handler or an NMI's.
type LevelState struct {
	Context model.Context
	Frame   model.Frame
	IRQsOff bool        // the level takes no interrupts now
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

// A Wait is a statement that cannot be taken before something is true.
type Wait struct {
	Stmt *model.Stmt // an Await, a load that waits, or a Send; or a Choose of whose alternative the guard is false
	// Until is what has to be true; of a load it speaks of the value found as the result. Nil: that the IPI of the
	// Send is delivered, which was sent before.
	Until  *model.Node
	Values []Binding // of the variables that Until is about; of a load the shared one, instead of the result
}

// A Standing is where a CPU stands in a state in which it cannot step, and what would let it go on. The state of a
// store buffer is none of it: that goes on by itself.
type Standing struct {
	CPU     *model.CPU
	Ended   bool
	Context model.Context // of the level that runs
	Frame   model.Frame
	IRQsOff bool         // it takes no interrupts
	In      *Call        // the innermost call under way
	Calls   []*Called    // all of that level, outermost first; who knows only the state does not know them
	Step    *model.Stmt  // that comes next, where that does not depend on the state; nil for none
	Waits   []*Wait      // for each way on, which is one but for a Choose
	Pending []*model.IPI // sent to it and not delivered
}

// A Fault is a fault of the program that shows in a run: a value outside its range, an assertion that fails, local
// code without an end.
type Fault struct {
	Model string
	CPU   *model.CPU
	Stmt  *model.Stmt // the step that it is part of; nil before the first one
	What  string
	// Var and Value are the variable that would get a value outside its range; nil of other faults.
	Var   *model.Var
	Value int64
}

func (f *Fault) Error() string {
	at := "before its first step"
	switch {
	case f.Stmt == nil:
	case f.Stmt.Label == "":
		at = fmt.Sprintf("at %s:%d", f.Stmt.File, f.Stmt.Line)
	default:
		at = fmt.Sprintf("at %q (%s:%d)", f.Stmt.Label, f.Stmt.File, f.Stmt.Line)
	}
	return fmt.Sprintf("model %s: %s %s: %s", f.Model, f.CPU.Name, at, f.What)
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
