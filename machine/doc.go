// Package machine runs programs: it packs their states into a few words and takes their transitions, one at a
// time ([Machine.Fire]) or many at once ([Stepper]).
//
// # States
//
// [Compile] packs everything that tells states apart into a few words: variables, ghosts, program counters,
// pending IPIs, interrupt flags, NMIs and interrupts of devices left, the locals of calls under way, and, where
// the memory model has any, what waits in store buffers. A local is dead when its call ends, and then no longer
// tells states apart. A value outside its declared range is an error of the program that names the variable and
// the step. One bit of every state is always set, so no state is all zeros.
//
// # Reductions
//
// A [Symmetry] brings states that differ only in the names of interchangeable CPUs into one canonical form. A
// [Chooser] says, of a state, which CPUs need not step there, since the order of their steps and the others'
// does not matter ([Persistent] prepares that). [Stepper.ExpandSleep] leaves out successors that a search by
// layers is led to anyway.
//
// A machine knows nothing of protocols, nor how a search keeps its states.
package machine
