package plain

import "ctcheck/model"

// This file has the part of random programs that is about elements: arrays with a computed index, objects with
// pointers to each other, and variables that hold addresses of variables.

// elements is the variables of a program one of which is chosen by an index or an address.
type elements struct {
	slots     *model.Array     // small masks
	held      *model.Array     // ghosts that count
	nodes     *model.Struct    // two objects
	next      *model.Field     // of these, an address of one
	nodeValue *model.Field     // a small mask
	tail      *model.Var       // an address of an object
	addrs     *model.Addresses // of variables of several ranges
	link      *model.Var       // one of these
}

// A cursor is the locals of a routine that choose elements.
type cursor struct {
	at   *model.Var // an index, which may be too large
	node *model.Var // an address of an object
	ptr  *model.Var // an address of a variable
}

func (g *gen) elementVars() {
	e := &g.elements
	e.slots = g.p.Array("slot", 2+g.roll(2), model.Bits(1+g.roll(2)), model.Int(0))
	e.held = g.p.GhostArray("held", 3, model.UpTo(2).Mod(), model.Int(0))
	e.nodes = g.p.Struct("node", 2)
	e.next = e.nodes.Field("next", e.nodes.Pointer(), model.Null)
	e.nodeValue = e.nodes.Field("value", model.Bits(2), model.Int(1))
	e.tail = g.p.Shared("tail", e.nodes.Pointer(), e.nodes.Address(g.constant(2)))
	e.addrs = g.p.Addresses(model.UpTo(int64(g.roll(2))), "mask0", "slot[0]", "link", "count")
	e.link = g.p.Shared("link", e.addrs.Range(), pick(g, []model.Value{model.Null, g.address()}))
}

func (g *gen) address() model.Value {
	return g.addrs.Of(pick(g, []string{"mask0", "slot[0]", "link", "count"}))
}

// index is one of slot most of the time.
func (b *body) index() model.Value {
	switch b.roll(8) {
	case 0:
		return b.constant(2)
	case 1, 2:
		return b.at
	case 3:
		return model.Of(b.value()).And(model.Int(1))
	case 4, 5:
		if len(b.params) > 0 {
			return pick(b.gen, b.params).And(model.Int(1))
		}
	}
	return b.at.And(model.Int(1))
}

// element appends a step, or several, with accesses to elements, and now and then local code with such.
func (b *body) element() {
	switch b.roll(8) {
	case 0:
		b.Set(b.at, model.Of(b.value()).And(model.Int(3)))
		b.slotAccess(b.slots.At(pick(b.gen, []model.Value{b.at, b.at.And(model.Int(1))})))
	case 1, 2:
		b.slotAccess(b.slots.At(b.index()))
	case 3:
		b.queue()
	case 4:
		b.ReadOnce("node = load", b.node, b.tail)
		b.pointed()
	case 5:
		b.WriteOnce("link = &x", b.link, b.address())
		b.ReadOnce("ptr = load", b.ptr, b.link)
		b.deref()
	case 6:
		b.ReadOnce("ptr = load", b.ptr, b.link)
		b.deref()
	case 7:
		i := b.at.And(model.Int(1))
		b.slotAccess(b.slots.At(b.index()))
		b.Set(b.held.At(b.index()), b.held.At(i).Add(b.value()))
	}
}

// slotAccess appends an access to a small mask.
func (b *body) slotAccess(to model.Location) {
	switch x := model.Of(b.value()).And(model.Int(1)); b.roll(14) {
	case 0:
		b.ReadPlain("m = plain", b.mask, to)
	case 1:
		b.WritePlain("plain", to, x)
	case 2:
		b.Xchg("m = xchg", b.mask, to, x)
	case 3:
		b.AtomicFetchOr("m = fetch_or", b.mask, to, x)
	case 4:
		b.Cmpxchg("m = cmpxchg", b.mask, to, b.value(), x)
	case 5:
		b.TryCmpxchg("ok = try_cmpxchg", b.ok, to, b.mask, x)
	case 6, 12:
		b.CondLoadAcquire("m = cond load", b.mask, to, b.mask.Lacks(b.bits()))
	case 7:
		b.WriteOncePart("store part", to, model.Int(1), b.value())
	case 8:
		b.WriteOnce("store", to, x)
		b.WhenVisible(func() { b.Event(model.Warned) })
	case 9, 10:
		b.WriteOnce("store", to, x)
		b.ReadOnce("m = load", b.mask, b.slots.At(b.index()))
		b.Set(b.ghost, b.ghost.Add(b.mask))
	case 11:
		b.ReadOnce("at = load", b.at, to)
	default:
		b.StoreRelease("store release", to, x)
	}
}

// queue appends what a lock with a queue begins with.
func (b *body) queue() {
	i := b.at.And(model.Int(1))
	b.WriteOnce("next = NULL", b.next.At(i), model.Null)
	b.Xchg("node = xchg(&tail)", b.node, b.tail, b.nodes.Address(i))
	b.If(b.node, func() { b.WriteOnce("node->next = &node[i]", b.next.Of(b.node), b.nodes.Address(i)) })
}

// pointed appends accesses to the object that node points to, and most often a look first whether it does.
func (b *body) pointed() {
	use := func() {
		switch b.roll(4) {
		case 0:
			b.ReadOnce("node = node->next", b.node, b.next.Of(b.node))
		case 1:
			b.slotAccess(b.nodeValue.Of(b.node))
		case 2:
			b.Cmpxchg("node = cmpxchg(&node->next)", b.node, b.next.Of(b.node), b.node, model.Null)
		default:
			b.WriteOnce("node->next = node", b.next.Of(b.node), b.node)
			b.ReadOnce("m = node->value", b.mask, b.nodeValue.Of(b.node))
		}
	}
	if b.roll(4) == 3 {
		use()
		return
	}
	b.If(b.node, use)
}

// deref appends an access to the variable that ptr points to, and most often a look first whether it does.
func (b *body) deref() {
	use := func() {
		to := b.addrs.Deref(b.ptr)
		switch b.roll(4) {
		case 0:
			b.ReadOnce("ptr = load", b.ptr, b.link)
		case 1:
			b.WriteOnce("*ptr = 1", to, model.Int(1))
		case 2:
			b.Xchg("m = xchg(ptr, 1)", nil, to, model.Int(1))
		default:
			b.WriteOnce("*ptr = 0", to, model.Int(0))
			b.ReadOnce("ok = link", nil, b.link)
		}
	}
	if b.roll(4) == 3 {
		use()
		return
	}
	b.If(b.ptr.Gt(model.Int(1)), use)
}
