package machine

// This file tells states from other words, for those who read what somebody else may have written. A search goes
// by its states without a look at their values, as every step leaves them in their ranges; words that are no state
// would have it read beyond its tables.

// A bound is the most that a place in the state holds, where that is less than its bits do.
type bound struct {
	word       int
	shift      uint
	mask, most uint64
}

// bound is that of a place for values up to most above the least.
func (l *loc) bound(most int64) bound { return bound{l.word, l.shift, l.mask, uint64(most)} }

// tight adds a bound to others, if it says anything.
func tight(bs []bound, b bound) []bound {
	if b.most >= b.mask {
		return bs
	}
	return append(bs, b)
}

// within reports whether s keeps to the bounds.
func within(s []uint64, bs []bound) bool {
	for i := range bs {
		if b := &bs[i]; s[b.word]>>b.shift&b.mask > b.most {
			return false
		}
	}
	return true
}

// limits finds the bounds of all places, now that these are fixed.
func (k *packer) limits() {
	m := k.m
	local := map[int]*loc{} // a place of each slot of locals
	for i := range m.cpus {
		for j := range m.cpus[i].levels {
			for _, slot := range m.cpus[i].levels[j].locals {
				local[slot] = nil
			}
		}
	}
	m.used = make([]uint64, m.words)
	for _, l := range k.locs {
		if l.word < m.words {
			m.used[l.word] |= l.mask << l.shift
		}
		if _, is := local[l.slot]; is {
			local[l.slot] = l
		} else {
			m.bounds = tight(m.bounds, l.bound(l.hi-l.lo))
		}
	}
	for i := range m.cpus {
		for j := range m.cpus[i].levels {
			lv := &m.cpus[i].levels[j]
			lv.idle = k.localBounds(lv, nil, local)
			for p := range lv.points {
				lv.points[p].bounds = k.localBounds(lv, lv.points[p].calls, local)
			}
		}
	}
}

// localBounds is the bounds of a level's locals while the given calls are under way. Those of other calls are zero.
func (k *packer) localBounds(lv *level, calls []activation, local map[int]*loc) (bs []bound) {
	most := map[int]int64{}
	for _, a := range calls {
		for _, b := range a.names {
			if b.l != nil {
				most[b.l.slot] = b.l.hi - b.l.lo
			}
		}
	}
	for _, slot := range lv.locals {
		if !k.slots[slot].scratch {
			bs = tight(bs, local[slot].bound(most[slot]))
		}
	}
	return bs
}

// Valid reports whether words are a state that the machine may be in, so far as the layout says: every value is in
// its range, every CPU at a place that there is, no local has a value outside its call, store buffers are filled
// from the first entry on, and all other bits are as they always are. It need not be one that any run leads to.
func (m *Machine) Valid(s []uint64) bool {
	if len(s) != m.words || m.mark.get(s) != 1 || !within(s, m.bounds) {
		return false
	}
	for w, used := range m.used {
		if s[w]&^used != 0 {
			return false
		}
	}
	for i := range m.cpus {
		c := &m.cpus[i]
		for j := range c.levels {
			if !c.levels[j].valid(s) || c.gap(s, j) {
				return false
			}
		}
		if c.buf != nil && !c.buf.valid(s) {
			return false
		}
	}
	return true
}

// gap reports whether the level with index j is on the stack, and not the one below it that has to be: handlers of
// interrupts lie on each other without a gap, and so do those of NMIs.
func (c *cpu) gap(s []uint64, j int) bool {
	if j < 2 || c.levels[j].Context != c.levels[j-1].Context {
		return false
	}
	return c.levels[j].pc.get(s) != 0 && c.levels[j-1].pc.get(s) == 0
}

// valid is the part of Valid that is about the locals of a level. Its program counter is in its range.
func (lv *level) valid(s []uint64) bool {
	at := lv.pc.get(s) - lv.bias
	if at < 0 {
		return within(s, lv.idle) && (lv.irqs == nil || lv.irqs.get(s) == 0)
	}
	return at < int64(len(lv.points)) && within(s, lv.points[at].bounds)
}

// valid is the part of Valid that is about the store buffer.
func (b *buffer) valid(s []uint64) bool {
	filled := true
	for _, e := range b.entries {
		k, value := e.site.get(s), e.value.get(s)
		switch {
		case k > int64(len(b.sites)):
			return false
		case k == 0:
			if filled = false; value != 0 {
				return false
			}
			continue
		case !filled:
			return false
		}
		st := &b.sites[k-1]
		if value > st.v.hi-st.v.lo || st.mask != 0 && (value+st.v.lo)&^st.mask != 0 {
			return false
		}
	}
	return true
}
