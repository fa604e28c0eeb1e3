package model

// EventKind names what happened. The set of names is open: those below are the vocabulary's own, and a package of
// properties has kinds of its own, which a protocol states with [Code.Event] and its kin.
type EventKind string

// The events that any program may have. All but [Warned] arise by themselves.
const (
	FrameEntered EventKind = "frame-entered" // the CPU's own code or a handler entered Frame
	Pushed       EventKind = "pushed"        // a handler, of an interrupt or an NMI, was pushed
	Popped       EventKind = "popped"        // it returned
	Sent         EventKind = "sent"          // an IPI was sent, or raised
	Warned       EventKind = "warned"        // a WARN_ON_ONCE fired
)

// Context says which level of a CPU's stack runs.
type Context uint8

// The levels of a stack: the CPU's own code, handlers of interrupts on it, NMIs on those.
const (
	Task Context = iota
	InIRQ
	InNMI
)

// An Event is one place in a program where something happens that properties speak of. Arg may
// depend on the state; everything else is known when the program is lowered.
type Event struct {
	Kind    EventKind
	CPU     *CPU
	Context Context
	Depth   int // 1 for the outermost NMI, 2 for one inside it
	// Subject is what the event is about, for whoever states it and whoever asks; it may be nil. It is
	// comparable, and nobody else looks into it.
	Subject any
	Arg     *Node // what the kind says; nil where that is nothing
	Frame   Frame
	IPI     *IPI
	Label   string
}

// NoDeadlock is the name of the property that every engine decides of every program; no monitor may have it. No
// state is reachable in which nothing has to happen (the coming of an NMI never has to) although the run has not
// ended: some CPU that is no service has not, an IPI of such a CPU is pending, or a store waits. A CPU that waits
// for ever while another goes on is no deadlock; say what it should do with [Monitor].Eventually.
const NoDeadlock = "no-deadlock"

// A Monitor watches a run on behalf of one property: its ghost code runs with the events, inside the
// step that they belong to. A monitor without a Name only keeps ghosts for others.
type Monitor struct {
	Name   string
	Ghosts []*Var
	// On is asked once for every event of the program, when it is lowered, and returns ghost code:
	// assignments to ghosts, branches, Fail. Nil, and nil results, mean nothing to do.
	On func(Event) []*Stmt
	// Never is violated in any state in which it is true. Nil: no such claim.
	Never Value
	// NoDataRace is violated in any state in which two CPUs can next access the same variable, at least one
	// of them to write it and at least one by a plain access ([Code.ReadPlain], [Code.WritePlain]).
	// Accesses inside two Atomics do not race with each other.
	NoDataRace bool
	// AtEnd is violated when it is false in a state in which the run has ended: every CPU but services has, no IPI
	// of theirs is pending, and no store waits. Nil: no such claim.
	AtEnd Value
	// Progress is asked once for every event of the program, when it is lowered. Claimed is that
	// every fair run, if it does not end with all its CPUs, has infinitely many of the events for
	// which it is true. Which runs are fair is for the engines to say. Nil: no such claim.
	Progress func(Event) bool
	// NotForever claims of each of its values that no fair run has it true from some state on for
	// ever; a run that stops stays in its last state.
	NotForever []Value
	// Eventually claims that every fair run has a state in which it is true. Nil: no such claim.
	Eventually Value
	// Uses are monitors whose ghosts this one reads. Their code runs before this one's; a monitor
	// that several properties use is kept once.
	Uses []*Monitor
}
