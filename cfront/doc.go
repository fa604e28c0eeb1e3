// Package cfront reads protocols in C, as a patch has them, and writes programs of package model.
//
// [Load] parses the files with [modernc.org/cc/v4]; no C compiler is needed. The kernel's headers are stand-ins of
// ours, and <ctcheck.h> says what C cannot: which functions are the roles of a deferral design, or which CPUs run
// what, what may interrupt them and what is claimed. docs/c.md has the language, and [Help] what of C is not
// supported.
//
// # The idea
//
// A function is lowered once for each CPU that runs it, each context (task, interrupt, NMI) and each set of
// constant arguments. So what is constant there, the address of the CPU's own variable say, is folded, and most
// pointers are known. One access to shared memory is one step; locals ride along.
//
// Memory is laid out as a compiler does it, and taken apart into cells: scalars, and words whose parts are accessed
// by themselves, such as unions of integers. Each cell that some code accesses becomes a variable.
//
// # Ranges
//
// A variable begins with the values 0 and 1. Where the lowering sees that a value does not fit it makes room and
// lowers everything again; where a search meets one ([ctcheck/ir.Fault]) it asks [File.Widen] for room, and the
// program is built anew. What is known so far, the facts, only grows, so this ends; errors count only of the
// lowering that found nothing new.
package cfront
