package model

// Order is the memory order of an access (Documentation/atomic_t.txt in the kernel tree).
type Order uint8

// The memory orders, weakest first.
const (
	Plain   Order = iota // a C access that the compiler may tear or repeat
	Relaxed              // READ_ONCE, WRITE_ONCE, atomic_read, atomic_set, RMWs without result
	Acquire
	Release
	Full // RMWs that return a value; cmpxchg only where it succeeds
)

// AccessOp is what an access does to its variable.
type AccessOp uint8

// The accesses: a load, a store, and the read-modify-writes.
const (
	Load AccessOp = iota
	Store
	RMWOr
	RMWAnd
	RMWAndNot
	RMWAdd
	RMWSub
	RMWXchg
	RMWCmpxchg    // stores Arg if the old value equals Old; Dst takes the old value
	RMWTryCmpxchg // as above, but Dst takes success, and the local OldVar the old value on failure
	StoreBits     // stores just the bits of Arg that are in Old, which is constant: part of a word
)

// Result says which value a read-modify-write hands to Dst.
type Result uint8

// What a read-modify-write returns.
const (
	NoResult Result = iota
	OldValue        // the fetch_ forms, xchg, cmpxchg
	NewValue        // the _return forms
	Success         // try_cmpxchg
)

// Fence is a memory barrier that is a statement of its own.
type Fence uint8

// The barriers.
const (
	FenceCompiler Fence = iota // barrier()
	FenceMb
	FenceRmb
	FenceWmb
	FenceMbBeforeAtomic
	FenceMbAfterAtomic
)

// StmtKind tells the statements apart.
type StmtKind uint8

// The statements. A statement marked "step" ends the step before it and is one atomic step of its
// own; the others are local and ride on the step before them.
const (
	StmtAccess StmtKind = iota // step: one access to a shared variable
	StmtPause                  // step: nothing in memory; the CPU stays here for any time
	StmtAwait                  // step: enabled while Cond is true
	StmtSend                   // step: sends IPI; waits while the previous one is undelivered
	StmtChoose                 // step: any alternative whose guard is true
	StmtAtomic                 // step: Body as one step
	StmtFence
	StmtAssign // Dst = Arg, a local or a ghost
	StmtIf
	StmtWhile   // Cond before Body
	StmtDoWhile // Body before Cond
	StmtBreak
	StmtReturn
	StmtCall
	StmtEvent  // something for properties to speak of
	StmtAssert // the program is at fault where Cond is false; Label says why
	StmtFrame  // Body runs as the frame Frame
	StmtFail   // the property of the monitor that contains it is violated
	StmtBad    // a mistake of the author's, which Label names: the program cannot be lowered
)

// IsStep reports whether statements of this kind are steps.
func (k StmtKind) IsStep() bool { return k <= StmtAtomic }

// A Stmt is one statement of a routine: data, for every reader of a program. Which fields count
// depends on Kind.
type Stmt struct {
	Kind  StmtKind
	Label string // the C statement that it stands for
	File  string // where the model says so, for reports
	Line  int

	Op     AccessOp
	Order  Order
	Result Result
	Fence  Fence
	Var    *Var  // the shared variable of an access; nil where At is not
	At     *Node // of an access or an Assign: instead of Var or Dst, the element ([OpElement]) that is chosen
	Dst    *Var  // the local that takes the result, may be nil; of Assign, a local or ghost
	OldVar *Var  // RMWTryCmpxchg
	Old    *Node // expected value; of StoreBits the mask
	Arg    *Node // operand of an access, value of Assign, Return and Event
	Cond   *Node // of If, loops, Await and Assert; of a Load: enabled only when true of the value loaded

	// Body is what a loop, a frame or an Atomic is about; of an access, events that happen when it takes
	// effect, which is when others can see it.
	Body, Else []*Stmt
	Alts       []Alt
	Call       *Routine
	Args       []*Node
	IPI        *IPI
	Event      EventKind
	Subject    any  // of an Event, comparable; see there
	Opens      bool // of an Event: the step before it has ended, and it is part of the step that follows
	Frame      Frame
}

// An Alt is one alternative of a Choose.
type Alt struct {
	Guard *Node
	Body  []*Stmt
}

// Targets is the variables that an access may be to, or an Assign may assign to: one, or those of which an index
// or an address chooses one.
func (s *Stmt) Targets() []*Var {
	switch {
	case s.At != nil:
		return s.At.Table.Vars
	case s.Kind == StmtAssign:
		return []*Var{s.Dst}
	}
	return []*Var{s.Var}
}

// IsRMW reports whether the access reads and writes in one step.
func (op AccessOp) IsRMW() bool { return op > Store && op != StoreBits }

// Compares reports whether the access writes only where it finds the expected value.
func (op AccessOp) Compares() bool { return op == RMWCmpxchg || op == RMWTryCmpxchg }

// Update is the value that a read-modify-write or store leaves in memory, given the value before, the
// operand and, for the compare-and-exchange forms, the expected value, for StoreBits the mask.
func (op AccessOp) Update(before, arg, expected int64) int64 {
	switch op {
	case Load:
		return before
	case Store, RMWXchg:
		return arg
	case RMWOr:
		return before | arg
	case RMWAnd:
		return before & arg
	case RMWAndNot:
		return before &^ arg
	case RMWAdd:
		return before + arg
	case RMWSub:
		return before - arg
	case RMWCmpxchg, RMWTryCmpxchg:
		if before == expected {
			return arg
		}
		return before
	}
	if op == StoreBits {
		return before&^expected | arg&expected
	}
	panic("model: unknown access")
}
