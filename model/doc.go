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
// One access to shared memory is one step; so are a stay of any length ([Code.Pause]), a wait, sending
// an IPI, and what [Code.Atomic] makes one. Everything local rides on the step before it: assignments,
// branches, calls and returns, ghosts, events, assertions. An event that is stated with [Code.Opening]
// alone opens the step that follows it, so that what it speaks of begins with its first access and not
// before.
//
// # Arrays and addresses
//
// An access is to a variable, or to an [Element] that is chosen when the access is made: of an [Array] by an
// index ([Array.At]), of the objects of a [Struct] by the address of one ([Field.Of], ptr->field), of variables
// by an address ([Addresses.Deref], *ptr). The index, or the address, is what the CPU has in its locals and
// parameters; so p->next->prev is two accesses, as it is for the machine. An element is chosen within the step:
// nothing comes between. Every element is a variable of its own, with its range, and is shown under its name.
//
// The value of an address is a number like others; the range of the variable that holds it says which address it is
// ([Struct.Pointer], [Addresses.Range]), so that it prints as &node[1], &x or NULL. Values are compared, copied and
// stored as they are. Addresses of two sets are not to be mixed, which is noted where the variables show it.
//
// An index that chooses nothing, and an address of nothing, NULL for one, are faults of the run that gets there.
// In an expression (of ghosts, or of what properties say of states) no index may be wrong: the ranges of what it
// is made of have to show it when the program is lowered.
//
// # Frames
//
// A [CPU] runs its own code, and on top of it at most one IPI handler, and on top of those NMIs. A
// pending IPI may interrupt the CPU's own code in the frames [Body] and [Idle]; in [User] and [Guest] it forces
// the entry instead, which is the code's own next step. An NMI may be pushed at any step boundary, also
// after the CPU has ended, while the budget and the nesting bound allow. A handler runs to its end
// before what it interrupted goes on; other CPUs go on meanwhile.
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
// A program that cannot be meant is a bug of its author. The builder notes what is wrong, with the author's line
// and a cure, leaves it out, and goes on ([Program.Faults]); whoever lowers the program gets all of it as one
// error. Nothing panics: an operand that is nil is noted, too, and so is code in a routine that follows a nil
// pointer. Ghost code, which belongs to no program, has its faults inside ([StmtBad]). What shows later, such as
// a value outside its range or an assertion ([Code.Assert]), is an error of the run.
//
// # Limits
//
// An index ranges over at most 64 elements ([MostElements]), and so do addresses. They have no low bits to spare
// for flags. Locals have no addresses, and there are no arrays of them. Calls cannot recurse. What a memory order
// means, and what a fence does, depends on the memory model, which is not part of a program.
package model
