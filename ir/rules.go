package ir

import "ctcheck/model"

// This file states the rules of frames, interrupts and NMIs that every engine keeps to.
//
// # What may interrupt what
//
// A CPU is a stack of levels, of which only the top one runs: its own code at the bottom, on it handlers of
// interrupts, on these at most so many NMIs as the program says. An interrupt has a line: that of an IPI, or of a
// device.
//
//   - Each level has an interrupt flag. It is on when the CPU's own code begins, and off when a handler does; code
//     may change it ([model.Code.LocalIRQDisable] and its kin), and the return of a handler brings back that of the
//     level below. An NMI's is off, and to change it has no effect.
//   - A pending IPI interrupts the running level at a step boundary where its flag is on and its frame takes
//     interrupts ([TakesIRQs]): of the CPU's own code the kernel's body and the idle loop, and the handler of an
//     interrupt; never an NMI. A handler of the same line is never pushed on itself: the CPU says that it has
//     handled an interrupt (EOI) at the end. When the handler is pushed the IPI is no longer pending, and may be
//     sent again. Sending waits while it is pending ([model.Code.SendIPI]), or changes nothing then
//     ([model.Code.RaiseIPI]).
//   - A device interrupts where an IPI would, by itself, so many times at most as the program says. It need not.
//   - In user mode and in a guest a pending IPI does not run. It forces the entry, which is the CPU's own next
//     step, and then runs in the body. The entry and exit routines have interrupts off.
//   - An NMI interrupts whatever runs, at every step boundary, also when the CPU's own code has ended: handlers
//     of interrupts and other NMIs too, while the nesting allows ([CPU.NextNMI]) and some are left.
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
// CPU is empty. The CPU may go on until then: a run in which it does is one in which the interrupt came later,
// and one in which it does not is one in which the interrupt emptied the buffer. An IPI forces the entry from
// user mode or a guest without that, as any other entry.
//
// # Fairness
//
// A fair run goes on as it must: a CPU that can take an obliged transition everywhere from some state on takes
// one, and so does a store buffer (weak fairness). An IPI that could be taken again and again is (strong
// fairness); that stores still wait, where interrupts drain the buffer, does not count, for they would not put
// it off.
//
// # Ends and deadlocks
//
// A CPU has ended (Done) when its own code has, no handler runs on it, and none of its stores waits. A run has
// ended when every CPU but services has, no IPI of theirs is pending, and no store of any CPU waits. A state is
// a deadlock ([model.NoDeadlock]) if the run has not ended there and no transition is enabled that is obliged
// ([TransitionKind.Obliged]). So an IPI that is pending for a CPU which has ended with interrupts off, or which
// waits for something with interrupts off for ever, is a deadlock, once nobody else can go on.

// TransitionKind tells what may happen next on a CPU.
type TransitionKind uint8

// The kinds of transitions.
const (
	Step    TransitionKind = iota // the running level takes its next step; Index is the alternative
	PushIPI                       // the pending IPI Index interrupts the CPU
	PushNMI                       // an NMI interrupts whatever runs
	Flush                         // the oldest store in the CPU's buffer reaches memory
	PushIRQ                       // the device whose line is Index interrupts the CPU
)

// Obliged reports whether a transition of this kind has to be taken in the end where it can be: every one but the
// coming of an NMI or of a device's interrupt, which need never come.
func (k TransitionKind) Obliged() bool { return k != PushNMI && k != PushIRQ }

// Pushes reports whether a transition of this kind begins a handler.
func (k TransitionKind) Pushes() bool { return k == PushIPI || k == PushNMI || k == PushIRQ }

// A Transition is one thing that can happen, enabled or not.
type Transition struct {
	CPU   int
	Kind  TransitionKind
	Index int
}

// TakesIRQs reports whether a level of this context takes interrupts in this frame while its flag is on.
func TakesIRQs(ctx model.Context, f model.Frame) bool {
	return ctx != model.InNMI && (f == model.Body || f == model.Idle || f == model.IRQ && ctx == model.InIRQ)
}

// NextNMI is the level, as an index into Levels, at which an NMI would run while the one with index top does. It
// is not ok if no NMI can come there: there are none, or as many are on top of each other as can be.
func (c *CPU) NextNMI(top int) (level int, ok bool) {
	if c.NMIsLeft == nil {
		return 0, false
	}
	level = max(top+1, len(c.Levels)-c.NMILevels())
	return level, level < len(c.Levels)
}
