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

// shape is how a primitive is called.
type shape uint8

const (
	none         shape = iota
	lvalue             // READ_ONCE(*x)
	lvalueVal          // WRITE_ONCE(*x, v)
	ptr                // atomic_read(x)
	ptrVal             // xchg(x, v)
	valPtr             // atomic_add(v, x)
	ptrOldNew          // cmpxchg(x, old, new)
	ptrRefNew          // try_cmpxchg(x, &old, new)
	ptrAddUnless       // atomic_add_unless(x, a, u)
	domain             // synchronize_srcu(s)
	domainVal          // srcu_read_unlock(s, cookie)
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
	shape     shape
	by        int64 // the operand of those that have it in their name: 1 of atomic_inc
	idle      Op    // of Unless: nothing is done where "value idle operand" is true
	idleAt    int64
	suffixes  bool
}

// table has the primitives; see [Primitives]. Orders are those of Documentation/atomic_t.txt; a suffix changes
// them.
var table = []Primitive{
	{Name: "READ_ONCE", Class: Load, Order: model.Relaxed, Returns: Old, shape: lvalue},
	{Name: "rcu_dereference", Class: Load, Order: model.Relaxed, Returns: Old, shape: lvalue},
	{Name: "rcu_dereference_raw", Class: Load, Order: model.Relaxed, Returns: Old, shape: lvalue},
	{Name: "rcu_access_pointer", Class: Load, Order: model.Relaxed, Returns: Old, shape: lvalue},
	{Name: "atomic_read", Class: Load, Order: model.Relaxed, Returns: Old, shape: ptr},
	{Name: "atomic_read_acquire", Class: Load, Order: model.Acquire, Returns: Old, shape: ptr},
	{Name: "smp_load_acquire", Class: Load, Order: model.Acquire, Returns: Old, shape: ptr},
	{Name: "WRITE_ONCE", Class: Store, Order: model.Relaxed, shape: lvalueVal},
	{Name: "RCU_INIT_POINTER", Class: Store, Order: model.Relaxed, shape: lvalueVal},
	{Name: "rcu_assign_pointer", Class: Store, Order: model.Release, shape: lvalueVal},
	{Name: "smp_store_mb", Class: Store, Order: model.Full, shape: lvalueVal},
	{Name: "atomic_set", Class: Store, Order: model.Relaxed, shape: ptrVal},
	{Name: "atomic_set_release", Class: Store, Order: model.Release, shape: ptrVal},
	{Name: "smp_store_release", Class: Store, Order: model.Release, shape: ptrVal},

	{Name: "atomic_add", Class: RMW, Combine: OpAdd, Order: model.Relaxed, shape: valPtr},
	{Name: "atomic_sub", Class: RMW, Combine: OpSub, Order: model.Relaxed, shape: valPtr},
	{Name: "atomic_inc", Class: RMW, Combine: OpAdd, by: 1, Order: model.Relaxed, shape: ptr},
	{Name: "atomic_dec", Class: RMW, Combine: OpSub, by: 1, Order: model.Relaxed, shape: ptr},
	{Name: "atomic_and", Class: RMW, Combine: OpAnd, Order: model.Relaxed, shape: valPtr},
	{Name: "atomic_or", Class: RMW, Combine: OpOr, Order: model.Relaxed, shape: valPtr},
	{Name: "atomic_xor", Class: RMW, Combine: OpXor, Order: model.Relaxed, shape: valPtr},
	{Name: "atomic_andnot", Class: RMW, Combine: opAndNot, Order: model.Relaxed, shape: valPtr},

	{Name: "atomic_add_return", Class: RMW, Combine: OpAdd, Returns: New, shape: valPtr, suffixes: true},
	{Name: "atomic_sub_return", Class: RMW, Combine: OpSub, Returns: New, shape: valPtr, suffixes: true},
	{Name: "atomic_inc_return", Class: RMW, Combine: OpAdd, by: 1, Returns: New, shape: ptr, suffixes: true},
	{Name: "atomic_dec_return", Class: RMW, Combine: OpSub, by: 1, Returns: New, shape: ptr, suffixes: true},
	{Name: "atomic_fetch_add", Class: RMW, Combine: OpAdd, Returns: Old, shape: valPtr, suffixes: true},
	{Name: "atomic_fetch_sub", Class: RMW, Combine: OpSub, Returns: Old, shape: valPtr, suffixes: true},
	{Name: "atomic_fetch_inc", Class: RMW, Combine: OpAdd, by: 1, Returns: Old, shape: ptr, suffixes: true},
	{Name: "atomic_fetch_dec", Class: RMW, Combine: OpSub, by: 1, Returns: Old, shape: ptr, suffixes: true},
	{Name: "atomic_fetch_and", Class: RMW, Combine: OpAnd, Returns: Old, shape: valPtr, suffixes: true},
	{Name: "atomic_fetch_or", Class: RMW, Combine: OpOr, Returns: Old, shape: valPtr, suffixes: true},
	{Name: "atomic_fetch_xor", Class: RMW, Combine: OpXor, Returns: Old, shape: valPtr, suffixes: true},
	{Name: "atomic_fetch_andnot", Class: RMW, Combine: opAndNot, Returns: Old, shape: valPtr, suffixes: true},
	{Name: "xchg", Class: RMW, Combine: OpInt, Returns: Old, shape: ptrVal, suffixes: true},
	{Name: "atomic_xchg", Class: RMW, Combine: OpInt, Returns: Old, shape: ptrVal, suffixes: true},
	{Name: "atomic_sub_and_test", Class: RMW, Combine: OpSub, Returns: IsZero, shape: valPtr},
	{Name: "atomic_dec_and_test", Class: RMW, Combine: OpSub, by: 1, Returns: IsZero, shape: ptr},
	{Name: "atomic_inc_and_test", Class: RMW, Combine: OpAdd, by: 1, Returns: IsZero, shape: ptr},
	{Name: "atomic_add_negative", Class: RMW, Combine: OpAdd, Returns: IsNegative, shape: valPtr, suffixes: true},

	{Name: "cmpxchg", Class: Cmpxchg, Returns: Old, shape: ptrOldNew, suffixes: true},
	{Name: "atomic_cmpxchg", Class: Cmpxchg, Returns: Old, shape: ptrOldNew, suffixes: true},
	{Name: "try_cmpxchg", Class: Cmpxchg, Returns: Success, shape: ptrRefNew, suffixes: true},
	{Name: "atomic_try_cmpxchg", Class: Cmpxchg, Returns: Success, shape: ptrRefNew, suffixes: true},

	{Name: "atomic_add_unless", Class: Unless, Combine: OpAdd, Returns: Success, idle: OpEq, shape: ptrAddUnless},
	{Name: "atomic_fetch_add_unless", Class: Unless, Combine: OpAdd, Returns: Old, idle: OpEq,
		shape: ptrAddUnless},
	{Name: "atomic_inc_not_zero", Class: Unless, Combine: OpAdd, by: 1, Returns: Success, idle: OpEq, shape: ptr},
	{Name: "atomic_inc_unless_negative", Class: Unless, Combine: OpAdd, by: 1, Returns: Success, idle: OpLt,
		shape: ptr},
	{Name: "atomic_dec_unless_positive", Class: Unless, Combine: OpSub, by: 1, Returns: Success, idle: opGt,
		shape: ptr},
	{Name: "atomic_dec_if_positive", Class: Unless, Combine: OpSub, by: 1, Returns: New, idle: OpLe, shape: ptr},

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

	{Name: "spin_lock", Class: Lock, Order: model.Acquire, shape: ptr},
	{Name: "spin_unlock", Class: Unlock, Order: model.Release, shape: ptr},
	{Name: "spin_trylock", Class: Trylock, Order: model.Acquire, Returns: Success, shape: ptr},
	{Name: "spin_is_locked", Class: IsLocked, Order: model.Relaxed, Returns: Old, shape: ptr},

	{Name: "rcu_read_lock", Class: ReadLock},
	{Name: "rcu_read_unlock", Class: ReadUnlock},
	{Name: "synchronize_rcu", Class: Sync, Order: model.Full},
	{Name: "synchronize_rcu_expedited", Class: Sync, Order: model.Full},
	{Name: "srcu_read_lock", Class: SrcuLock, Returns: Old, shape: domain},
	{Name: "srcu_read_unlock", Class: SrcuUnlock, shape: domainVal},
	{Name: "srcu_down_read", Class: SrcuLock, Returns: Old, shape: domain},
	{Name: "srcu_up_read", Class: SrcuUnlock, shape: domainVal},
	{Name: "synchronize_srcu", Class: SrcuSync, Order: model.Full, shape: domain},
	{Name: "synchronize_srcu_expedited", Class: SrcuSync, Order: model.Full, shape: domain},
}

// Operators that only the table has.
const (
	opAndNot Op = 100 + iota
	opGt
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

// Primitives is the names of all primitives of C that are known, in order.
func Primitives() []string { return slices.Sorted(maps.Keys(primitives)) }
