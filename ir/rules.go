package ir

import "ctcheck/model"

// This file states the rules of frames, IPIs and NMIs that every engine keeps to.
//
// # What may interrupt what
//
// A CPU is a stack of levels, of which only the top one runs: its own code at the bottom, on it at most one
// handler of an IPI, on these at most so many NMIs as the program says.
//
//   - A pending IPI interrupts the CPU's own code where that is at a step boundary in a frame with interrupts on
//     ([TakesIPIs]): the kernel's body, and the idle loop. It never interrupts a handler, and so no two
//     handlers of IPIs are on one stack. When the handler is pushed the IPI is no longer pending, and may be
//     sent again.
//   - In user mode and in a guest a pending IPI does not run. It forces the entry, which is the CPU's own next
//     step, and then runs in the body. The entry and exit routines have interrupts off.
//   - An NMI interrupts whatever runs, at every step boundary, also when the CPU's own code has ended: handlers
//     of IPIs and other NMIs too, while the nesting allows ([CPU.NextNMI]) and some are left.
//   - A handler runs to its end before what it interrupted goes on. Other CPUs go on meanwhile.
//   - Nothing interrupts a CPU within a step, so not within an Atomic.
//
// # Store buffers
//
// Where the memory model has them each CPU has one, which its own code and all its handlers share. The oldest
// store in it may reach memory at any time, in a transition of its own ([Flush]) that no CPU takes part in. The
// return of a handler (IRET, the [OpFence] before its [OpReturn]) waits until it is empty. What else waits for
// that, and which stores wait there, the memory model says ([model.MemoryModel.Drains],
// [model.MemoryModel.Waits]).
//
// Where interrupts drain the buffer ([model.MemoryModel.InterruptsDrain]) a handler begins only when that of its
// CPU is empty. The CPU may go on until then: a run in which it does is one in which the interrupt came later, and
// one in which it does not is one in which the interrupt emptied the buffer. An IPI forces the entry from user mode
// or a guest without that, as any other entry.
//
// # Fairness
//
// A fair run goes on as it must: a CPU that can take an obliged transition everywhere from some state on takes one,
// and so does a store buffer (weak fairness). An IPI that could be taken again and again is (strong fairness); that
// stores still wait, where interrupts drain the buffer, does not count, for they would not put it off.
//
// # Ends and deadlocks
//
// A CPU has ended (Done) when its own code has, no handler runs on it, and none of its stores waits. A run has
// ended when every CPU but services has, no IPI of theirs is pending, and no store of any CPU waits. A state is a
// deadlock ([model.NoDeadlock]) if the run has not ended there and no transition is enabled that is obliged
// ([TransitionKind.Obliged]).

// TransitionKind tells what may happen next on a CPU.
type TransitionKind uint8

// The kinds of transitions.
const (
	Step    TransitionKind = iota // the running level takes its next step; Index is the alternative
	PushIPI                       // the pending IPI Index interrupts the CPU's own code
	PushNMI                       // an NMI interrupts whatever runs
	Flush                         // the oldest store in the CPU's buffer reaches memory
)

// Obliged reports whether a transition of this kind has to be taken in the end where it can be: every one but the
// coming of an NMI, which need never come.
func (k TransitionKind) Obliged() bool { return k != PushNMI }

// Pushes reports whether a transition of this kind begins a handler.
func (k TransitionKind) Pushes() bool { return k == PushIPI || k == PushNMI }

// A Transition is one thing that can happen, enabled or not.
type Transition struct {
	CPU   int
	Kind  TransitionKind
	Index int
}

// TakesIPIs reports whether a pending IPI interrupts a CPU's own code in this frame.
func TakesIPIs(f model.Frame) bool { return f == model.Body || f == model.Idle }

// NextNMI is the level, as an index into Levels, at which an NMI would run while the one with index top does. It
// is not ok if no NMI can come there: there are none, or as many are on top of each other as can be.
func (c *CPU) NextNMI(top int) (level int, ok bool) {
	if c.NMIsLeft == nil {
		return 0, false
	}
	level = max(top+1, len(c.Levels)-min(c.NMIDepth, c.NMITotal))
	return level, level < len(c.Levels)
}
