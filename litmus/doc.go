// Package litmus reads litmus tests: small programs of a few threads with a question about their final states, in
// the file format of herd7. It reads the C of the Linux-kernel memory model (LKMM) and the two assembly dialects
// of the x86 suites, and writes a [model.Program] with what is asked about it; it searches nothing and prints no
// results.
//
// [Parse] reads a file. The result is a [Test]: its threads as lists of statements ([Stmt]), all of them accesses,
// barriers, assignments to registers and branches, and its question, a [Prop] over final values. [Test.Program]
// lowers the threads for the memory models of package model.
//
// # What a test means
//
// Threads run as x86 code that a compiler made without reordering: the primitives are those of the kernel on x86
// (see [Primitives]). Every read-modify-write is LOCKed, one that fails too, but for spin_trylock and the
// conditional forms (atomic_add_unless and its kin), which may find by a load that there is nothing to do, and
// then order nothing. spin_lock waits until the lock is free. smp_rmb, smp_wmb, barrier and the smp_mb__ barriers
// beside atomics and locks bind the compiler only. RCU is what it promises and no implementation: see rcu.go.
//
// A register that is read before it is written is 0. Values are integers as wide as C's long, and addresses of
// locations; arithmetic on addresses is known inside arrays only. What has no meaning is refused with its place
// and never guessed: by Parse where it can be seen, and else as a fault of the run that gets there.
//
// # Ranges
//
// A model's variables have ranges. They come from the values that can flow into a variable: constants, and what
// operators make of them (values.go). A loop that counts without a bound is refused.
package litmus
