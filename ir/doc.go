// Package ir is a program lowered once, for all engines: a flow graph of instructions.
//
// [Lower] takes a [model.Program] and the monitors of the properties to be decided. Calls are inlined, constant
// arguments substituted, constant expressions folded and constant branches taken; the monitors' ghost code is
// woven in where the events happen; claims and the conditions of properties are lowered along. What is left is a
// list of instructions ([Instr]) with jumps, one stretch of it for each level of each CPU's stack, over variables
// ([Var]) of which every call has its own. Nothing is packed: a variable has no place in
// a word, and there is no search. Sets of properties and claims are masks of 64 bits, which bounds their number.
//
// # Steps
//
// An instruction with Step set begins a step: an access, a pause, a wait, a send, a choice. A step is what
// follows from there to the next such instruction, with all the local code in between. Which fences are steps
// depends on the memory model, so [Flow] finds the step boundaries under one, and what lies
// between them.
//
// An access to an element that is chosen by an index or an address becomes one access for each variable that it
// may be to, behind a comparison with each value; an [OpOpen] before these makes them one step, and an [OpFault]
// is where the value chooses none.
//
// # Rules
//
// rules.go says in words, and as functions, what may interrupt what, and what has to happen in the end. Every
// engine keeps to them.
//
// # Runs
//
// run.go has what happens in a run in the words of the program: what a step did ([Record]), what a state is for
// people ([Snapshot]). Engines fill these in, and traces and reports are made of them.
package ir
