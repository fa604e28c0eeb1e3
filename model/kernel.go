package model

// This file has the kernel's primitives under the kernel's names, each with the memory order that
// Documentation/atomic_t.txt and memory-barriers.txt give it. Every access is one step, and is to a variable or to
// an element that is chosen when it is made ([Location]).

func order(def Order, o []Order) Order {
	if len(o) > 0 {
		return o[0]
	}
	return def
}

// AtomicRead is dst = atomic_read(v): relaxed.
func (c *Code) AtomicRead(label string, dst *Var, v Location) {
	c.access(v, &Stmt{Label: label, Op: Load, Order: Relaxed, Dst: dst})
}

// ReadOnce is dst = READ_ONCE(v): relaxed.
func (c *Code) ReadOnce(label string, dst *Var, v Location) { c.AtomicRead(label, dst, v) }

// LoadAcquire is dst = smp_load_acquire(&v).
func (c *Code) LoadAcquire(label string, dst *Var, v Location) {
	c.access(v, &Stmt{Label: label, Op: Load, Order: Acquire, Dst: dst})
}

// CondLoadAcquire is dst = smp_cond_load_acquire(&v, cond): the CPU spins until cond, which speaks of
// dst, is true of the value loaded. The spinning itself is not a step: the load is taken only when it
// satisfies cond.
func (c *Code) CondLoadAcquire(label string, dst *Var, v Location, cond Value) {
	c.access(v, &Stmt{Label: label, Op: Load, Order: Acquire, Dst: dst, Cond: c.node(label, cond)})
}

// ReadPlain is a plain C read of v.
func (c *Code) ReadPlain(label string, dst *Var, v Location) {
	c.access(v, &Stmt{Label: label, Op: Load, Order: Plain, Dst: dst})
}

// AtomicSet is atomic_set(v, x): relaxed.
func (c *Code) AtomicSet(label string, v Location, x Value) {
	c.access(v, &Stmt{Label: label, Op: Store, Order: Relaxed, Arg: c.node(label, x)})
}

// WriteOnce is WRITE_ONCE(v, x): relaxed.
func (c *Code) WriteOnce(label string, v Location, x Value) { c.AtomicSet(label, v, x) }

// StoreRelease is smp_store_release(&v, x).
func (c *Code) StoreRelease(label string, v Location, x Value) {
	c.access(v, &Stmt{Label: label, Op: Store, Order: Release, Arg: c.node(label, x)})
}

// SmpStoreMb is smp_store_mb(v, x): a store and a full barrier, on x86 an xchg.
func (c *Code) SmpStoreMb(label string, v Location, x Value) {
	c.access(v, &Stmt{Label: label, Op: Store, Order: Full, Arg: c.node(label, x)})
}

// WriteSerializing is a store by an instruction that serializes, such as MOV to CR3: fully ordered.
func (c *Code) WriteSerializing(label string, v Location, x Value) { c.SmpStoreMb(label, v, x) }

// WriteOncePart is a WRITE_ONCE of part of v, such as one half of a word: of the bits in mask, which is
// constant. The others keep their values, so any pattern of bits must be in the range of v. Relaxed.
func (c *Code) WriteOncePart(label string, v Location, mask, x Value) {
	c.access(v, &Stmt{Label: label, Op: StoreBits, Order: Relaxed, Old: c.node(label, mask), Arg: c.node(label, x)})
}

// WritePlain is a plain C write of v.
func (c *Code) WritePlain(label string, v Location, x Value) {
	c.access(v, &Stmt{Label: label, Op: Store, Order: Plain, Arg: c.node(label, x)})
}

func (c *Code) void(label string, op AccessOp, v Location, x Value) {
	c.access(v, &Stmt{Label: label, Op: op, Order: Relaxed, Arg: c.node(label, x)})
}

func (c *Code) fetch(label string, op AccessOp, res Result, dst *Var, v Location, x Value, o []Order) {
	c.access(v, &Stmt{Label: label, Op: op, Order: order(Full, o), Result: res, Dst: dst,
		Arg: c.node(label, x)})
}

// AtomicOr is atomic_or(x, v): relaxed, no result.
func (c *Code) AtomicOr(label string, v Location, x Value) { c.void(label, RMWOr, v, x) }

// AtomicAnd is atomic_and(x, v): relaxed, no result.
func (c *Code) AtomicAnd(label string, v Location, x Value) { c.void(label, RMWAnd, v, x) }

// AtomicAndnot is atomic_andnot(x, v): relaxed, no result.
func (c *Code) AtomicAndnot(label string, v Location, x Value) { c.void(label, RMWAndNot, v, x) }

// AtomicAdd is atomic_add(x, v): relaxed, no result.
func (c *Code) AtomicAdd(label string, v Location, x Value) { c.void(label, RMWAdd, v, x) }

// AtomicSub is atomic_sub(x, v): relaxed, no result.
func (c *Code) AtomicSub(label string, v Location, x Value) { c.void(label, RMWSub, v, x) }

// AtomicAddReturn is dst = atomic_add_return(x, v): the new value. Fully ordered unless o names the
// order of a suffixed form (_relaxed, _acquire, _release), as for all that follow.
func (c *Code) AtomicAddReturn(label string, dst *Var, v Location, x Value, o ...Order) {
	c.fetch(label, RMWAdd, NewValue, dst, v, x, o)
}

// AtomicSubReturn is dst = atomic_sub_return(x, v): the new value.
func (c *Code) AtomicSubReturn(label string, dst *Var, v Location, x Value, o ...Order) {
	c.fetch(label, RMWSub, NewValue, dst, v, x, o)
}

// AtomicFetchAdd is dst = atomic_fetch_add(x, v): the old value.
func (c *Code) AtomicFetchAdd(label string, dst *Var, v Location, x Value, o ...Order) {
	c.fetch(label, RMWAdd, OldValue, dst, v, x, o)
}

// AtomicFetchOr is dst = atomic_fetch_or(x, v): the old value.
func (c *Code) AtomicFetchOr(label string, dst *Var, v Location, x Value, o ...Order) {
	c.fetch(label, RMWOr, OldValue, dst, v, x, o)
}

// AtomicFetchAnd is dst = atomic_fetch_and(x, v): the old value.
func (c *Code) AtomicFetchAnd(label string, dst *Var, v Location, x Value, o ...Order) {
	c.fetch(label, RMWAnd, OldValue, dst, v, x, o)
}

// AtomicFetchAndnot is dst = atomic_fetch_andnot(x, v): the old value.
func (c *Code) AtomicFetchAndnot(label string, dst *Var, v Location, x Value, o ...Order) {
	c.fetch(label, RMWAndNot, OldValue, dst, v, x, o)
}

// Xchg is dst = xchg(&v, x): the old value.
func (c *Code) Xchg(label string, dst *Var, v Location, x Value, o ...Order) {
	c.fetch(label, RMWXchg, OldValue, dst, v, x, o)
}

// Cmpxchg is dst = cmpxchg(&v, old, x): dst takes the value found; it equals old on success. A failing
// one orders nothing.
func (c *Code) Cmpxchg(label string, dst *Var, v Location, old, x Value, o ...Order) {
	c.access(v, &Stmt{Label: label, Op: RMWCmpxchg, Order: order(Full, o), Result: OldValue, Dst: dst,
		Old: c.node(label, old), Arg: c.node(label, x)})
}

// TryCmpxchg is ok = try_cmpxchg(&v, &old, x): ok takes success, and on failure the local old takes
// the value found. A failing one orders nothing.
func (c *Code) TryCmpxchg(label string, ok *Var, v Location, old *Var, x Value, o ...Order) {
	if old == nil || old.Kind != Local {
		c.bad(label, "try_cmpxchg refreshes its expected value, which must be a local")
		return
	}
	c.access(v, &Stmt{Label: label, Op: RMWTryCmpxchg, Order: order(Full, o), Result: Success, Dst: ok,
		Old: old.Node(), OldVar: old, Arg: c.node(label, x)})
}

func (c *Code) fence(label string, f Fence) {
	c.add(&Stmt{Kind: StmtFence, Label: label, Fence: f})
}

// Barriers are statements without a step of their own under sequential consistency.

// SmpMb is smp_mb().
func (c *Code) SmpMb() { c.fence("smp_mb()", FenceMb) }

// SmpRmb is smp_rmb().
func (c *Code) SmpRmb() { c.fence("smp_rmb()", FenceRmb) }

// SmpWmb is smp_wmb().
func (c *Code) SmpWmb() { c.fence("smp_wmb()", FenceWmb) }

// SmpMbBeforeAtomic is smp_mb__before_atomic().
func (c *Code) SmpMbBeforeAtomic() { c.fence("smp_mb__before_atomic()", FenceMbBeforeAtomic) }

// SmpMbAfterAtomic is smp_mb__after_atomic().
func (c *Code) SmpMbAfterAtomic() { c.fence("smp_mb__after_atomic()", FenceMbAfterAtomic) }

// Barrier is barrier(): it binds the compiler only.
func (c *Code) Barrier() { c.fence("barrier()", FenceCompiler) }
