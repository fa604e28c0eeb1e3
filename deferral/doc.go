// Package deferral is the domain of this project's designs, for protocols and properties to share: a CPU, the
// target, for which others have work, and which does it when it next enters the kernel instead of being
// interrupted.
//
// A [Deferral] says of a program which CPU the target is, how many work bits there are, and which calls ask for
// work. [New] keeps it with the program, [Of] finds it again. A protocol says with the methods of [Request] how
// far a call got, with [Deferral.RunWork] that the callback of a work bit runs, and with the other kinds of events
// where the target is on its way between user mode and the kernel. The named properties of package props judge
// those events.
//
// # Limits
//
// There is one target. Work is a bit: requests for the same bit may share one run of its callback, and what the
// callback does is not said. Package model, in which the steps are written, knows nothing of any of this.
package deferral
