package litmus

import (
	"maps"
	"slices"
	"strings"

	"ctcheck/model"
)

// Class is the kind of thing that a primitive does.
type Class uint8

// The classes.
const (
	Load Class = iota
	Store
	RMW     // Combine of the old value and the operand
	Cmpxchg // stores the second operand where it finds the first
	Unless  // RMW, but where the value found satisfies Idle: nothing then
	Fence
	Lock
	Unlock
	Trylock
	IsLocked
	ReadLock   // a reader's critical section of RCU begins
	ReadUnlock // it ends
	Sync       // a grace period
	SrcuLock
	SrcuUnlock
	SrcuSync
	Nothing // for the compiler, or for the CPU's comfort
)

// Returns is what a primitive returns.
type Returns uint8

// What primitives return.
const (
	Nought     Returns = iota
	Old                // the value found
	New                // the value left behind
	IsZero             // whether that is 0
	IsNegative         // whether that is below 0
	Success            // whether it stored
)

// Shape is how a primitive is called.
type Shape uint8

// The shapes.
const (
	TakesNothing      Shape = iota
	TakesLvalue             // READ_ONCE(*x)
	TakesLvalueVal          // WRITE_ONCE(*x, v)
	TakesPtr                // atomic_read(x)
	TakesPtrVal             // xchg(x, v)
	TakesValPtr             // atomic_add(v, x)
	TakesPtrOldNew          // cmpxchg(x, old, new)
	TakesPtrRefNew          // try_cmpxchg(x, &old, new)
	TakesPtrAddUnless       // atomic_add_unless(x, a, u)
	TakesDomain             // synchronize_srcu(s)
	TakesDomainVal          // srcu_read_unlock(s, cookie)
)

// A Primitive is a function or macro of the kernel: one row of the table.
type Primitive struct {
	Name    string
	Class   Class
	Combine Op          // of RMW and Unless; of RMW, OpInt is an exchange
	Order   model.Order // also of the successful one
	// OnFailure is the order of a cmpxchg that finds another value, and of a conditional operation that does
	// nothing.
	OnFailure model.Order
	Returns   Returns
	Fence     model.Fence
	Shape     Shape
	By        int64 // the operand of those that have it in their name: 1 of atomic_inc
	Idle      Op    // of Unless: nothing is done where "value Idle operand" is true
	IdleAt    int64 // that operand, where the call has none
	suffixes  bool
}

// table has the primitives; see [Primitives]. Orders are those of Documentation/atomic_t.txt; a suffix changes
// them.
var table = []Primitive{
	{Name: "READ_ONCE", Class: Load, Order: model.Relaxed, Returns: Old, Shape: TakesLvalue},
	{Name: "rcu_dereference", Class: Load, Order: model.Relaxed, Returns: Old, Shape: TakesLvalue},
	{Name: "rcu_dereference_raw", Class: Load, Order: model.Relaxed, Returns: Old, Shape: TakesLvalue},
	{Name: "rcu_access_pointer", Class: Load, Order: model.Relaxed, Returns: Old, Shape: TakesLvalue},
	{Name: "atomic_read", Class: Load, Order: model.Relaxed, Returns: Old, Shape: TakesPtr},
	{Name: "atomic_read_acquire", Class: Load, Order: model.Acquire, Returns: Old, Shape: TakesPtr},
	{Name: "smp_load_acquire", Class: Load, Order: model.Acquire, Returns: Old, Shape: TakesPtr},
	{Name: "WRITE_ONCE", Class: Store, Order: model.Relaxed, Shape: TakesLvalueVal},
	{Name: "RCU_INIT_POINTER", Class: Store, Order: model.Relaxed, Shape: TakesLvalueVal},
	{Name: "rcu_assign_pointer", Class: Store, Order: model.Release, Shape: TakesLvalueVal},
	{Name: "smp_store_mb", Class: Store, Order: model.Full, Shape: TakesLvalueVal},
	{Name: "atomic_set", Class: Store, Order: model.Relaxed, Shape: TakesPtrVal},
	{Name: "atomic_set_release", Class: Store, Order: model.Release, Shape: TakesPtrVal},
	{Name: "smp_store_release", Class: Store, Order: model.Release, Shape: TakesPtrVal},

	{Name: "atomic_add", Class: RMW, Combine: OpAdd, Order: model.Relaxed, Shape: TakesValPtr},
	{Name: "atomic_sub", Class: RMW, Combine: OpSub, Order: model.Relaxed, Shape: TakesValPtr},
	{Name: "atomic_inc", Class: RMW, Combine: OpAdd, By: 1, Order: model.Relaxed, Shape: TakesPtr},
	{Name: "atomic_dec", Class: RMW, Combine: OpSub, By: 1, Order: model.Relaxed, Shape: TakesPtr},
	{Name: "atomic_and", Class: RMW, Combine: OpAnd, Order: model.Relaxed, Shape: TakesValPtr},
	{Name: "atomic_or", Class: RMW, Combine: OpOr, Order: model.Relaxed, Shape: TakesValPtr},
	{Name: "atomic_xor", Class: RMW, Combine: OpXor, Order: model.Relaxed, Shape: TakesValPtr},
	{Name: "atomic_andnot", Class: RMW, Combine: OpAndNot, Order: model.Relaxed, Shape: TakesValPtr},

	{Name: "atomic_add_return", Class: RMW, Combine: OpAdd, Returns: New, Shape: TakesValPtr, suffixes: true},
	{Name: "atomic_sub_return", Class: RMW, Combine: OpSub, Returns: New, Shape: TakesValPtr, suffixes: true},
	{Name: "atomic_inc_return", Class: RMW, Combine: OpAdd, By: 1, Returns: New, Shape: TakesPtr, suffixes: true},
	{Name: "atomic_dec_return", Class: RMW, Combine: OpSub, By: 1, Returns: New, Shape: TakesPtr, suffixes: true},
	{Name: "atomic_fetch_add", Class: RMW, Combine: OpAdd, Returns: Old, Shape: TakesValPtr, suffixes: true},
	{Name: "atomic_fetch_sub", Class: RMW, Combine: OpSub, Returns: Old, Shape: TakesValPtr, suffixes: true},
	{Name: "atomic_fetch_inc", Class: RMW, Combine: OpAdd, By: 1, Returns: Old, Shape: TakesPtr, suffixes: true},
	{Name: "atomic_fetch_dec", Class: RMW, Combine: OpSub, By: 1, Returns: Old, Shape: TakesPtr, suffixes: true},
	{Name: "atomic_fetch_and", Class: RMW, Combine: OpAnd, Returns: Old, Shape: TakesValPtr, suffixes: true},
	{Name: "atomic_fetch_or", Class: RMW, Combine: OpOr, Returns: Old, Shape: TakesValPtr, suffixes: true},
	{Name: "atomic_fetch_xor", Class: RMW, Combine: OpXor, Returns: Old, Shape: TakesValPtr, suffixes: true},
	{Name: "atomic_fetch_andnot", Class: RMW, Combine: OpAndNot, Returns: Old, Shape: TakesValPtr, suffixes: true},
	{Name: "xchg", Class: RMW, Combine: OpInt, Returns: Old, Shape: TakesPtrVal, suffixes: true},
	{Name: "atomic_xchg", Class: RMW, Combine: OpInt, Returns: Old, Shape: TakesPtrVal, suffixes: true},
	{Name: "atomic_sub_and_test", Class: RMW, Combine: OpSub, Returns: IsZero, Shape: TakesValPtr},
	{Name: "atomic_dec_and_test", Class: RMW, Combine: OpSub, By: 1, Returns: IsZero, Shape: TakesPtr},
	{Name: "atomic_inc_and_test", Class: RMW, Combine: OpAdd, By: 1, Returns: IsZero, Shape: TakesPtr},
	{Name: "atomic_add_negative", Class: RMW, Combine: OpAdd, Returns: IsNegative, Shape: TakesValPtr,
		suffixes: true},

	{Name: "cmpxchg", Class: Cmpxchg, Returns: Old, Shape: TakesPtrOldNew, suffixes: true},
	{Name: "atomic_cmpxchg", Class: Cmpxchg, Returns: Old, Shape: TakesPtrOldNew, suffixes: true},
	{Name: "try_cmpxchg", Class: Cmpxchg, Returns: Success, Shape: TakesPtrRefNew, suffixes: true},
	{Name: "atomic_try_cmpxchg", Class: Cmpxchg, Returns: Success, Shape: TakesPtrRefNew, suffixes: true},

	{Name: "atomic_add_unless", Class: Unless, Combine: OpAdd, Returns: Success, Idle: OpEq,
		Shape: TakesPtrAddUnless},
	{Name: "atomic_fetch_add_unless", Class: Unless, Combine: OpAdd, Returns: Old, Idle: OpEq,
		Shape: TakesPtrAddUnless},
	{Name: "atomic_inc_not_zero", Class: Unless, Combine: OpAdd, By: 1, Returns: Success, Idle: OpEq,
		Shape: TakesPtr},
	{Name: "atomic_inc_unless_negative", Class: Unless, Combine: OpAdd, By: 1, Returns: Success, Idle: OpLt,
		Shape: TakesPtr},
	{Name: "atomic_dec_unless_positive", Class: Unless, Combine: OpSub, By: 1, Returns: Success, Idle: OpGt,
		Shape: TakesPtr},
	{Name: "atomic_dec_if_positive", Class: Unless, Combine: OpSub, By: 1, Returns: New, Idle: OpLe,
		Shape: TakesPtr},

	{Name: "smp_mb", Class: Fence, Fence: model.FenceMb},
	{Name: "smp_rmb", Class: Fence, Fence: model.FenceRmb},
	{Name: "smp_wmb", Class: Fence, Fence: model.FenceWmb},
	{Name: "barrier", Class: Fence, Fence: model.FenceCompiler},
	{Name: "smp_mb__before_atomic", Class: Fence, Fence: model.FenceMbBeforeAtomic},
	{Name: "smp_mb__after_atomic", Class: Fence, Fence: model.FenceMbAfterAtomic},
	{Name: "smp_mb__after_spinlock", Class: Fence, Fence: model.FenceCompiler},
	{Name: "smp_mb__after_unlock_lock", Class: Fence, Fence: model.FenceCompiler},
	{Name: "smp_mb__after_srcu_read_unlock", Class: Fence, Fence: model.FenceMb},
	{Name: "cpu_relax", Class: Nothing},

	{Name: "spin_lock", Class: Lock, Order: model.Acquire, Shape: TakesPtr},
	{Name: "spin_unlock", Class: Unlock, Order: model.Release, Shape: TakesPtr},
	{Name: "spin_trylock", Class: Trylock, Order: model.Acquire, Returns: Success, Shape: TakesPtr},
	{Name: "spin_is_locked", Class: IsLocked, Order: model.Relaxed, Returns: Old, Shape: TakesPtr},

	{Name: "rcu_read_lock", Class: ReadLock},
	{Name: "rcu_read_unlock", Class: ReadUnlock},
	{Name: "synchronize_rcu", Class: Sync, Order: model.Full},
	{Name: "synchronize_rcu_expedited", Class: Sync, Order: model.Full},
	{Name: "srcu_read_lock", Class: SrcuLock, Returns: Old, Shape: TakesDomain},
	{Name: "srcu_read_unlock", Class: SrcuUnlock, Shape: TakesDomainVal},
	{Name: "srcu_down_read", Class: SrcuLock, Returns: Old, Shape: TakesDomain},
	{Name: "srcu_up_read", Class: SrcuUnlock, Shape: TakesDomainVal},
	{Name: "synchronize_srcu", Class: SrcuSync, Order: model.Full, Shape: TakesDomain},
	{Name: "synchronize_srcu_expedited", Class: SrcuSync, Order: model.Full, Shape: TakesDomain},
}

// Operators that only the table has.
const (
	OpAndNot Op = 100 + iota
	OpGt
)

// orderSuffixes is the suffixes that change an order.
var orderSuffixes = map[string]model.Order{"": model.Full, "_relaxed": model.Relaxed, "_acquire": model.Acquire,
	"_release": model.Release}

// primitives is the table by name, with the suffixes, and atomic64_ and atomic_long_ beside atomic_, raw_spin_
// beside spin_.
var primitives = func() map[string]*Primitive {
	all := map[string]*Primitive{}
	add := func(p Primitive) {
		names := []string{p.Name}
		if rest, ok := strings.CutPrefix(p.Name, "atomic_"); ok {
			names = append(names, "atomic64_"+rest, "atomic_long_"+rest)
		} else if strings.HasPrefix(p.Name, "spin_") {
			names = append(names, "raw_"+p.Name)
		}
		for _, name := range names {
			q := p
			q.Name = name
			all[name] = &q
		}
	}
	for _, p := range table {
		if p.Class == Cmpxchg || p.Class == Unless || p.Class == Trylock {
			p.OnFailure = model.Relaxed
		}
		switch {
		case p.Class == Unless, strings.HasSuffix(p.Name, "_and_test"):
			p.Order = model.Full
		case p.suffixes:
			name := p.Name
			for suffix, order := range orderSuffixes {
				p.Name, p.Order = name+suffix, order
				add(p)
			}
			continue
		}
		add(p)
	}
	return all
}()

// PrimitiveOf is the primitive of that name; nil if there is none.
func PrimitiveOf(name string) *Primitive { return primitives[name] }

// Primitives is the names of all primitives of C that are known, in order.
func Primitives() []string { return slices.Sorted(maps.Keys(primitives)) }
