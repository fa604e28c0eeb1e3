// Package threads has programs as the Linux-kernel memory model speaks of them: threads of accesses to cells of
// memory, with registers between them, and addresses as values. A front end writes a [Program], and package
// axiom decides it.
//
// It differs from package model in what a memory model of axioms needs and one of interleavings does not: which
// accesses are plain, which value flows into which access, which accesses stand in the arms of a branch, and
// RCU and locks as what they are and not as what they are made of.
package threads

import "ctcheck/model"

// Kind tells values apart.
type Kind uint8

// The kinds of values.
const (
	Int  Kind = iota // an integer
	Addr             // the address of the cell with that number
	// Thin is a value out of thin air: it is read from where only itself was written. It compares as different
	// from all others.
	Thin
)

// A Value is what a register or a cell holds.
type Value struct {
	Kind Kind
	N    int64
}

// IsZero reports whether it is the integer 0.
func (v Value) IsZero() bool { return v == Value{} }

// An Expr is what is computed of registers. Whatever depends on its value depends on all of Regs, also where
// the result is the same for all of their values.
type Expr struct {
	Regs []int
	// Eval is the value, given those of Regs in their order; nil: it is that of Regs[0], or Const if there is
	// none. The error says why there is none, as of a division by 0.
	Eval  func(regs []Value) (Value, error)
	Const Value
}

// Op tells the instructions apart.
type Op uint8

// The instructions.
const (
	Assign Op = iota // Dst = Value
	Read             // Dst = *Addr
	Write            // *Addr = Value
	// Modify reads Dst from *Addr, and writes Value to it, which may read Dst, if there is no If or that, which
	// may also, is not 0. Dst is a register of its own.
	Modify
	Fence
	Enter  // a block that a jump leaves, or a loop, begins; its depth is Depth
	Branch // goes on where Cond is not 0, else at Target; begins a block of depth Depth
	Leave  // blocks end but for those of a depth below Depth
	Jump   // goes on at Target
	Again  // begins one more round of a loop

	Lock
	Unlock
	Trylock  // Dst = whether it is taken
	IsLocked // Dst = whether somebody holds it

	ReadLock
	ReadUnlock
	Sync
	SrcuLock   // Dst = the cookie
	SrcuUnlock // Value is the cookie
	SrcuSync
)

// FenceKind tells the barriers apart.
type FenceKind uint8

// The barriers, which are called smp_mb(), smp_rmb(), smp_wmb(), barrier(), smp_mb__before_atomic() and so on.
const (
	Mb FenceKind = iota
	Rmb
	Wmb
	Barrier
	BeforeAtomic
	AfterAtomic
	AfterSpinlock
	AfterUnlockLock
	AfterSrcuUnlock
)

// An Instr is one instruction of a thread.
type Instr struct {
	Op    Op
	Line  int    // in the source
	Label string // the source of the statement it is from
	Dst   int    // a register; -1: none
	Addr  *Expr
	Value *Expr
	If    *Expr // also the condition of a Branch
	Order model.Order
	// Void is set of a Modify that returns nothing, whose read no smp_rmb() orders.
	Void bool
	// MayLoad is set of a Modify that, where its If is 0, is a load on x86 and no locked instruction.
	MayLoad bool
	Fence   FenceKind
	// Target is the instruction at which a Branch or Jump goes on.
	Target int
	Depth  int
	// Escape is the depth of the outermost block that a jump in the arms of a Branch leaves, Depth if there is
	// none: what follows up to its end depends on the branch.
	Escape int
}

// A Reg is a register.
type Reg struct {
	Name string
	Init Value
}

// A Thread is one thread.
type Thread struct {
	Name string
	Regs []Reg
	Code []Instr
}

// A Cell is a word of memory.
type Cell struct {
	Name string
	Init Value
}

// An Observable is what a final state is about: a register of a thread, or a cell if Thread is negative.
type Observable struct{ Thread, N int }

// A Program is threads that share cells.
type Program struct {
	Name     string
	Cells    []Cell
	Threads  []*Thread
	Observed []Observable
}
