package ir

import "ctcheck/model"

// Op is what an instruction does.
type Op uint8

// The instructions. The first ones are those of statements that are steps, or may be under some memory model.
const (
	OpAccess   Op = iota // access to a shared variable; AccessOp of the statement says which
	OpPause              // nothing: the CPU may stay before it for any time
	OpAwait              // enabled while Cond is true
	OpFence              // a barrier; a step where it waits until the store buffer is empty
	OpSend               // makes the IPI pending whose variable is Var; enabled while it is not
	OpHalt               // the end of a CPU's own code
	OpReturn             // the end of a handler: the level is left
	OpVisible            // the end of what happens when an access takes effect
	OpChoose             // goes on at any of Alts whose guard is true
	OpOpen               // a step begins here, together with the access that follows
	OpAssign             // Dst = Arg, a local or a ghost
	OpDead               // the local Dst has no value from here on
	OpUnless             // goes on at To unless Cond is true
	OpJump               // goes on at To
	OpEvent              // Event happens
	OpReach              // the claims in Bits are satisfied
	OpProgress           // an event for which the properties in Bits have Progress true
	OpFail               // the properties in Bits are violated
	OpFault              // the program is at fault where this is reached; Why says how
)

// IsStatement reports whether an instruction is one of a fence, or of a statement that is a step but no choice.
func (op Op) IsStatement() bool { return op <= OpSend }

// An Instr is one instruction. Where nothing else is said, the next one follows.
type Instr struct {
	Op      Op
	Step    bool // a step begins here
	Inside  bool // it is part of an Atomic
	Frame   model.Frame
	Routine string      // that it stands in
	Call    *Call       // the innermost call under way
	Stmt    *model.Stmt // that it is of; nil for some local code
	To      int         // target of OpUnless and OpJump; of OpVisible the access
	// Effect is, of an access, where its effect ends: the instructions from the next one up to that, the last of
	// which is an OpVisible, are of events that happen when others can see the access. 0: there are none.
	Effect   int
	Var      *Var  // of an access or OpSend
	Dst      *Var  // that takes the result
	Old      *Var  // of a try_cmpxchg: what takes the value found if it fails
	Arg      *Expr // operand of an access, value of OpAssign and OpEvent
	Expected *Expr // of a compare-and-exchange; of a StoreBits the mask
	Cond     *Expr // of OpUnless, OpAwait, and a load that waits
	Alts     []Alt
	Bits     uint64
	Event    *model.Event
	// Why says what is wrong at an OpFault. With a Table, the value of Arg chooses none of its variables, and the
	// table says the rest.
	Why   string
	Table *model.Table
}

// An Alt is one alternative of an OpChoose.
type Alt struct {
	Guard *Expr
	To    int
}

// Exprs calls visit for each expression that the instruction evaluates. What an event's argument is, only
// traces ask.
func (in *Instr) Exprs(visit func(*Expr)) {
	if in.Op == OpEvent {
		return
	}
	for _, e := range []*Expr{in.Arg, in.Expected, in.Cond} {
		if e != nil {
			visit(e)
		}
	}
	for _, a := range in.Alts {
		visit(a.Guard)
	}
}

// Reads is the variables that the instruction looks at. Beside these, expressions look at the stacks of CPUs
// (OpDone, OpFrame, OpHandler), which [Instr.Exprs] shows. A store to part of a word reads it, since
// the other bits stay.
func (in *Instr) Reads() (vs []*Var) {
	in.Exprs(func(e *Expr) {
		e.walk(func(x *Expr) {
			if x.Var != nil {
				vs = append(vs, x.Var)
			}
		})
	})
	if in.Op == OpSend || in.Op == OpAccess && in.Stmt.Op != model.Store {
		vs = append(vs, in.Var)
	}
	return vs
}

// Writes is the variables that the instruction may change, be it later, where a store waits in a buffer.
func (in *Instr) Writes() (vs []*Var) {
	if in.Op == OpSend || in.Op == OpAccess && in.Stmt.Op != model.Load {
		vs = append(vs, in.Var)
	}
	for _, v := range []*Var{in.Dst, in.Old} {
		if v != nil {
			vs = append(vs, v)
		}
	}
	return vs
}
