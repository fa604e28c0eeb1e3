package plain

import (
	"ctcheck/deferral"
	"ctcheck/model"
)

// This file has the steps of random programs.

// step appends one step.
func (b *body) step(depth int) {
	switch b.roll(14) {
	case 10, 11, 12:
		b.element()
	case 0:
		b.maskAccess(pick(b.gen, b.masks))
	case 1:
		if b.roll(2) == 0 {
			b.farAccess()
			return
		}
		b.maskAccess(pick(b.gen, b.masks))
	case 2, 8, 9:
		b.race()
	case 3, 4:
		b.countAccess(pick(b.gen, b.counts))
	case 5:
		if len(b.ipis) > 0 {
			b.SendIPI("send", pick(b.gen, b.ipis))
			return
		}
		b.Pause("pause")
	case 6:
		b.wait()
	case 7, 13:
		if depth == 0 || b.roll(2) == 0 {
			b.d.RunWork(b.Routine, "run", b.constant(2), deferral.Origin(b.roll(3)))
			return
		}
		b.atomic++
		b.Atomic("atomic", func() {
			if b.roll(2) == 0 {
				b.element()
			}
			b.block(depth-1, 3)
		})
		b.atomic--
	}
}

func (b *body) wait() {
	v := pick(b.gen, b.masks)
	switch b.roll(8) {
	case 0:
		b.Await("local", b.cond())
	case 1:
		b.Await("outlook", b.outlook())
	case 2:
		b.CondLoadAcquire("m = cond load", b.mask, v, b.mask.Has(b.bits()))
	case 3:
		b.CondLoadAcquire("n = cond load", b.count, b.counts[0], b.count.Ne(b.constant(3)))
	default:
		b.Pause("pause")
	}
}

// maskAccess appends an access to a mask, most often one that locks the bus.
func (b *body) maskAccess(v *model.Var) {
	switch x := b.within(v); b.roll(18) {
	case 0:
		b.AtomicSet("set", v, x)
	case 1, 2:
		b.AtomicRead("m = read", b.mask, v)
	case 3:
		b.AtomicOr("or", v, x)
	case 4:
		b.AtomicAnd("and", v, x)
	case 5:
		b.AtomicAndnot("andnot", v, x)
	case 6:
		b.AtomicFetchOr("m = fetch_or", b.mask, v, x)
	case 7:
		b.AtomicFetchAnd("m = fetch_and", b.mask, v, x)
	case 8:
		b.AtomicFetchAndnot("m = fetch_andnot", b.mask, v, x)
	case 9:
		b.Xchg("m = xchg", b.mask, v, x)
	case 10:
		b.Cmpxchg("m = cmpxchg", b.mask, v, b.value(), x)
	case 11:
		b.Cmpxchg("n = cmpxchg", b.count, v, b.mask, x)
	case 12:
		b.TryCmpxchg("ok = try_cmpxchg", b.ok, v, b.mask, x)
	case 13:
		b.ReadPlain("m = plain", b.mask, v)
	case 14:
		b.WritePlain("plain", v, x)
	default:
		b.store(v)
	}
}

// farAccess appends an access to the variable whose range does not begin at 0: most often a store that waits under
// x86-TSO, and a load that sees it there.
func (b *body) farAccess() {
	v := b.far
	x := model.Int(v.Lo + int64(b.roll(int(v.Hi-v.Lo)+1)))
	switch b.roll(8) {
	case 0:
		b.Xchg("away = xchg", b.away, v, x)
	case 1:
		b.Cmpxchg("away = cmpxchg", b.away, v, b.away, x)
	case 2:
		b.SmpStoreMb("store mb", v, x)
	case 3:
		b.ReadOnce("away = load", b.away, v)
	case 4:
		b.CondLoadAcquire("away = cond load", b.away, v, b.away.Ne(x))
	default:
		b.WriteOnce("store", v, x)
		b.ReadOnce("away = load", b.away, v)
		b.Set(b.ghost, b.ghost.Add(b.away))
	}
}

// store appends a store of any order to a mask or to some of its bits, and sometimes what happens when
// others can see it.
func (b *body) store(v *model.Var) {
	switch x := b.within(v); b.roll(8) {
	case 1:
		b.WritePlain("plain store", v, x)
	case 2, 3:
		b.StoreRelease("store release", v, x)
	case 4:
		b.WriteOncePart("store part", v, model.Int(1+b.roll(int(v.Hi))), b.value())
	case 5:
		b.SmpStoreMb("store mb", v, x)
	default:
		b.WriteOnce("store", v, x)
	}
	if b.roll(6) == 5 {
		kind := pick(b.gen, []model.EventKind{deferral.Published, deferral.Flushed, model.Warned})
		b.WhenVisible(func() { b.Event(kind) })
	}
}

// load appends a load of any order from a mask.
func (b *body) load(v *model.Var) {
	switch b.roll(4) {
	case 0:
		b.ReadPlain("m = plain load", b.mask, v)
	case 1:
		b.LoadAcquire("m = load acquire", b.mask, v)
	default:
		b.AtomicRead("m = load", b.mask, v)
	}
}

// race appends a store and a load that may come before it under x86-TSO, perhaps with a barrier between,
// and leaves a note of what was loaded.
func (b *body) race() {
	b.left--
	b.store(pick(b.gen, b.masks))
	if b.roll(4) == 3 {
		b.fence()
	}
	b.load(pick(b.gen, b.masks))
	if b.roll(3) > 0 {
		b.Set(b.ghost, b.ghost.Add(b.mask))
	}
}

// duel appends CPU i's part of the shape that tells x86-TSO from sequential consistency: a store to one
// variable, and a load from another to which another CPU stores.
func (b *body) duel(i int) {
	v := b.masks[i%len(b.masks)]
	x := model.Int(v.Hi - v.Init)
	switch b.roll(16) {
	case 1:
		b.SmpStoreMb("store mb", v, x)
	case 2:
		b.Xchg("xchg", nil, v, x)
	case 3:
		b.WriteOnce("store", v, x)
		b.SmpMb()
	case 4:
		b.StoreRelease("store release", v, x)
		b.Pause("pause")
	case 5:
		b.WriteOncePart("store part", v, model.Int(1), x)
		b.SmpWmb()
	default:
		b.WriteOnce("store", v, x)
	}
	b.peek(i)
}

// peek appends a load from a variable to which another CPU than i may store, and a note of whether that
// was before.
func (b *body) peek(i int) {
	v := b.masks[(i+1)%len(b.masks)]
	b.load(v)
	b.If(b.mask.Eq(model.Int(v.Init)), func() { b.Set(b.early, b.early.Or(model.Int(1<<i))) })
}

func (b *body) fence() {
	barriers := []func(){b.SmpMb, b.SmpMb, b.SmpRmb, b.SmpWmb, b.SmpMbBeforeAtomic, b.SmpMbAfterAtomic, b.Barrier}
	pick(b.gen, barriers)()
}

func (b *body) countAccess(v *model.Var) {
	switch x := b.amount(); b.roll(10) {
	case 0:
		b.AtomicAdd("add", v, x)
	case 1:
		b.AtomicSub("sub", v, x)
	case 2:
		b.AtomicAddReturn("n = add_return", b.count, v, x)
	case 3:
		b.AtomicSubReturn("n = sub_return", b.count, v, x)
	case 4:
		b.AtomicFetchAdd("n = fetch_add", b.count, v, x)
	case 5:
		b.ReadOnce("n = READ_ONCE", b.count, v)
	case 6:
		b.WriteOnce("WRITE_ONCE", v, x)
	case 7:
		b.Cmpxchg("n = cmpxchg", b.count, v, x, b.amount())
	case 8:
		b.ReadPlain("n = plain", b.count, v)
	case 9:
		b.WritePlain("plain", v, x)
	}
}

// local appends one statement that rides on the step before it.
func (b *body) local() {
	switch b.roll(9) {
	case 0:
		b.Set(b.mask, b.value())
	case 1:
		b.Set(b.count, b.amount())
	case 2:
		b.Set(b.ok, b.cond())
	case 3:
		b.Set(b.ghost, b.ghost.Add(b.value()))
	case 4:
		b.fence()
	case 5:
		b.WarnOnOnce("warn", b.cond())
	case 6:
		b.Event(pick(b.gen, []model.EventKind{deferral.Published, deferral.Flushed}))
	case 7:
		if len(b.d.Requests) > 0 {
			kind := pick(b.gen, []model.EventKind{deferral.Answered, deferral.Completed})
			b.EventOf(kind, pick(b.gen, b.d.Requests), b.cond())
		}
	case 8:
		if len(b.ipis) > 0 {
			b.IPIEvent(deferral.IPIInUser, pick(b.gen, b.ipis))
		}
	}
}
