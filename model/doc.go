// Package model is the vocabulary in which a kernel protocol is written down: shared variables with
// declared ranges, routines made of the kernel's primitives under their kernel names, CPUs as stacks of
// frames, interrupts and NMIs.
//
// A protocol is data. Its Go code runs once, to build a [Program]: a tree of statements ([Stmt]) in
// which every step says which primitive acts on which variable, with which operands ([Node]) and memory
// order, and which C statement it stands for. So one description serves every
// engine and every report.
//
// # Steps
//
// One access to shared memory is one step; so are a stay of any length ([Code.Pause]), a wait, sending an IPI, a
// change of the interrupt flag ([Code.LocalIRQDisable] and its kin), and what [Code.Atomic] makes one.
// Everything local rides on the step before it: assignments, branches, calls and returns, ghosts, events,
// assertions. An event that is stated with [Code.Opening] alone opens the step that follows it, so that what it
// speaks of begins with its first access and not before.
//
// # Frames
//
// A [CPU] runs its own code, and on top of it handlers of interrupts, and on top of those NMIs. A pending IPI,
// or a device ([CPU.OnIRQ]), may interrupt the CPU's own code in the frames [Body] and [Idle] while its
// interrupt flag is on; in [User] and [Guest] an IPI forces the entry instead, which is the code's own next
// step. A handler has interrupts off, until it enables them for the other lines. An NMI may be pushed at any
// step boundary, also after the CPU has ended, while the budget and the nesting bound allow. A handler runs to
// its end before what it interrupted goes on; other CPUs go on meanwhile.
//
// # Properties
//
// A [Monitor] keeps ghosts, watches the events, and claims things of states and of whole runs; its
// ghost code is woven into the steps when the program is lowered. While a step runs, expressions about
// frames see them as they were before it.
//
// An [Event] has a kind, and may have a subject and an argument. What they mean is between the protocol
// that states the event and the monitors that look for it; the vocabulary has a few kinds of its own and
// knows no others. A package that has more, and routines that state them for protocols, marks these with
// [Code.Helper], and keeps what it has to know of a program in [Program].Domain.
//
// # Faults
//
// A program that cannot be meant is a bug of its author: what shows when it is built panics, with the place
// and a cure. What shows later, such as a value outside its range or an assertion ([Code.Assert]), is an error
// of whoever lowers or runs the program.
//
// # Limits
//
// Variables are scalars: no arrays with a computed index, no pointers. Calls cannot recurse. What a memory
// order means, and what a fence does, depends on the memory model, which is not part of a program.
package model
