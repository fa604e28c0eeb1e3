package machine

import "math/bits"

// This file chooses, in a state, the persistent set that is taken: what persistent.go prepares.

// A Chooser chooses the CPUs that go first. It belongs to one goroutine.
type Chooser struct {
	sets *Persistent
	cpus []candidate
	// Of some of the places where the CPUs were met to stand: the bits of the state that say so, and the
	// CPUs for which a look at the rest of it is worth while. The table grows as often as it proves small.
	met    []uint64
	leads  []uint64
	size   uint // binary logarithm of how many these are
	missed int
	batch  Successors
	step   *Stepper
	// Room is asked before the table grows by so many bytes. May be nil: it grows.
	Room func(more int64) bool
}

// The least and the greatest size.
const (
	leastMet = 7
	mostMet  = 16
)

// A candidate is a CPU in the state that is looked at.
type candidate struct {
	cpu     *cpu
	futures *futures
	levels  []stepLevel
	frames  []*position // where its levels stand, the running one first
	count   int         // of its transitions
	known   bool        // what they flip is known
	flips   footprint   // in the state, and last in what it shows of its frames
}

// all is every CPU.
const all = ^uint64(0)

// NewChooser makes a chooser.
func (p *Persistent) NewChooser() *Chooser {
	c := &Chooser{sets: p, cpus: make([]candidate, len(p.cpus))}
	c.resize(leastMet)
	for i := range c.cpus {
		c.cpus[i] = p.chosen(i)
	}
	return c
}

func (c *Chooser) resize(size uint) {
	c.size, c.missed = size, 0
	c.met, c.leads = make([]uint64, c.sets.m.words<<size), make([]uint64, 1<<size)
}

// grow makes the table larger, if there is room.
func (c *Chooser) grow() {
	size := c.size + 3
	more := int64(8*(c.sets.m.words+1)) * (1<<size - 1<<c.size)
	if c.missed = 0; c.Room == nil || c.Room(more) {
		c.resize(size)
	}
}

func (p *Persistent) chosen(i int) candidate {
	cpu := &p.m.cpus[i]
	ch := candidate{cpu: cpu, futures: &p.cpus[i], flips: make(footprint, p.m.words+1)}
	for l := range cpu.levels {
		lv := &cpu.levels[l]
		ch.levels = append(ch.levels, stepLevel{word: lv.pc.word, shift: lv.pc.shift, mask: lv.pc.mask,
			base: uint64(lv.bias)})
	}
	return ch
}

// Choose is the CPUs whose transitions in s are to be taken, bit i for CPU i, and how many transitions
// of others can wait.
func (c *Chooser) Choose(s []uint64) (cpus uint64, left int) {
	if c.step == nil {
		c.step = c.sets.m.NewStepper()
	}
	c.batch.Reset()
	c.step.Expand(s, &c.batch)
	cpus = c.choose(s, c.batch.Words, c.batch.Via)
	for _, t := range c.batch.Via {
		if cpus>>c.sets.m.trans[t].CPU&1 == 0 {
			left++
		}
	}
	return cpus, left
}

// Prune takes those of the last n successors in b, which are all that s has, out of it that can wait,
// and returns how many they were.
func (c *Chooser) Prune(s []uint64, b *Successors, n int) int {
	w := c.sets.m.words
	from := len(b.Via) - n
	cpus := c.choose(s, b.Words[from*w:], b.Via[from:])
	if cpus == all {
		return 0
	}
	to, odd := from, len(b.Effects)
	for odd > 0 && b.Effects[odd-1].Index >= from {
		odd--
	}
	kept := odd
	for i := from; i < from+n; i++ {
		stays := cpus>>c.sets.m.trans[b.Via[i]].CPU&1 != 0
		if odd < len(b.Effects) && b.Effects[odd].Index == i {
			if stays {
				b.Effects[kept] = SuccessorEffects{to, b.Effects[odd].Effects}
				kept++
			}
			odd++
		}
		if stays {
			b.Via[to] = b.Via[i]
			copy(b.Words[to*w:(to+1)*w], b.Words[i*w:(i+1)*w])
			to++
		}
	}
	b.Words, b.Via, b.Effects = b.Words[:to*w], b.Via[:to], b.Effects[:kept]
	return from + n - to
}

// choose is the cluster with the fewest transitions, the first one of these, given all successors.
func (c *Chooser) choose(s []uint64, words []uint64, via []uint16) uint64 {
	leads, looked := c.place(s)
	if leads == 0 {
		return all
	}
	for i := range c.cpus {
		if !looked {
			c.cpus[i].look(s)
		}
		c.cpus[i].count, c.cpus[i].known = 0, false
	}
	able, obliged := uint64(0), uint64(0)
	for _, t := range via {
		tr := &c.sets.m.trans[t]
		ch := &c.cpus[tr.CPU]
		able |= 1 << tr.CPU
		ch.count++
		if tr.Kind.Obliged() && !ch.cpu.IsService {
			obliged |= 1 << tr.CPU
		}
	}
	if leads &= obliged; leads == 0 || able&(able-1) == 0 {
		return all
	}
	best, fewest := uint64(all), len(via)
	for ; leads != 0 && fewest > 1; leads &= leads - 1 {
		i := bits.TrailingZeros64(leads)
		if !c.unseen(i, s, words, via) {
			continue
		}
		if set, n := c.cluster(i, fewest, s, words, via); n < fewest {
			best, fewest = set, n
		}
	}
	return best
}

// place is the CPUs that may lead where all CPUs stand in s, and leave some other out. It reports whether
// it had to look at them.
func (c *Chooser) place(s []uint64) (leads uint64, looked bool) {
	if c.size < mostMet && c.missed>>c.size > 3 {
		c.grow()
	}
	h, w := uint64(0), len(s)
	for x, mask := range c.sets.pcs {
		h = mixWord(h^h>>29, s[x]&mask)
	}
	slot := int(h >> (64 - c.size))
	met := c.met[slot*w : (slot+1)*w]
	same := true
	for x, mask := range c.sets.pcs {
		same = same && met[x] == s[x]&mask
	}
	if same {
		return c.leads[slot], false
	}
	c.missed++
	for i := range c.cpus {
		c.cpus[i].look(s)
	}
	for i := range c.cpus {
		if c.cpus[i].frames[0].leads && c.spares(i) {
			leads |= 1 << i
		}
	}
	for x, mask := range c.sets.pcs {
		met[x] = s[x] & mask
	}
	c.leads[slot] = leads
	return leads, true
}

// spares reports whether a cluster that CPU i leads may leave out a CPU that may have a transition.
func (c *Chooser) spares(i int) bool {
	set := uint64(1) << i
	for grown := set; grown != 0; {
		at := c.cpus[bits.TrailingZeros64(grown)].frames[0]
		grown &= grown - 1
		for j := range c.cpus {
			if set>>j&1 == 0 && c.cpus[j].in(at.conflicts) {
				set |= 1 << j
				grown |= 1 << j
			}
		}
	}
	for j := range c.cpus {
		if touch := c.cpus[j].frames[0].touch; set>>j&1 == 0 && touch.meets(touch) {
			return true
		}
	}
	return false
}

// in reports whether one of the CPU's positions is in a set of them.
func (ch *candidate) in(set []uint64) bool {
	if f := ch.frames[0]; len(ch.frames) == 1 {
		return set[f.id/64]>>(f.id%64)&1 != 0
	}
	for _, f := range ch.frames {
		if set[f.id/64]>>(f.id%64)&1 != 0 {
			return true
		}
	}
	return false
}

// look finds where a CPU's levels stand.
func (ch *candidate) look(s []uint64) {
	spent := 1 // no NMI is left
	if l := ch.cpu.nmiLeft; l != nil && l.get(s) != 0 {
		spent = 0
	}
	ch.frames = ch.frames[:0]
	for l := len(ch.levels) - 1; l >= 0; l-- {
		lv := &ch.levels[l]
		if pc := lv.pc(s); pc >= lv.base {
			ch.frames = append(ch.frames, &ch.futures[spent][l][pc-lv.base])
		}
	}
}

// unseen reports whether a transition of CPU i is not visible.
func (c *Chooser) unseen(i int, s, words []uint64, via []uint16) bool {
	ch, w := &c.cpus[i], len(s)
	if !ch.frames[0].visible {
		return true
	}
	for k, t := range via {
		if c.sets.m.trans[t].CPU == i {
			clear(ch.flips)
			ch.known = false
			ch.add(s, words[k*w:(k+1)*w])
			if !c.flipped(c.sets.seen, i) {
				return true
			}
		}
	}
	return false
}

// cluster is the smallest cluster that CPU i leads, and how many transitions it has: at least most if it
// is of no use.
func (c *Chooser) cluster(i, most int, s, words []uint64, via []uint16) (set uint64, n int) {
	set, n = 1<<i, c.cpus[i].count
	for grown := set; grown != 0 && n < most; {
		k := bits.TrailingZeros64(grown)
		grown &= grown - 1
		for j := range c.cpus {
			if set>>j&1 == 0 && c.conflict(j, k, s, words, via) {
				set |= 1 << j
				grown |= 1 << j
				if n += c.cpus[j].count; n >= most {
					return set, n
				}
			}
		}
	}
	return set, n
}

// conflict reports whether what CPU j may ever do depends on the next transitions of CPU k, or the
// other way round.
func (c *Chooser) conflict(j, k int, s, words []uint64, via []uint16) bool {
	at := c.cpus[k].frames[0]
	if c.cpus[j].in(at.conflicts) {
		return true
	}
	if c.cpus[k].count == 0 || !c.cpus[j].in(at.depends) {
		return false
	}
	for _, f := range c.cpus[j].frames {
		if c.meets(f.later, k, s, words, via) {
			return true
		}
	}
	return false
}

// meets reports whether CPU k's next transitions flip something of f.
func (c *Chooser) meets(f footprint, k int, s, words []uint64, via []uint16) bool {
	if !c.cpus[k].known {
		c.flip(k, s, words, via)
	}
	return c.flipped(f, k)
}

// flipped reports whether something of f is among what CPU k is known to flip.
func (c *Chooser) flipped(f footprint, k int) bool {
	flips, w := c.cpus[k].flips, c.sets.m.words
	for x, bits := range flips[:w] {
		if f[x]&bits != 0 {
			return true
		}
	}
	return f[w+k]&flips[w] != 0
}

// flip finds what the transitions of CPU k flip.
func (c *Chooser) flip(k int, s, words []uint64, via []uint16) {
	ch, w := &c.cpus[k], len(s)
	clear(ch.flips)
	ch.known = true
	for i, t := range via {
		if c.sets.m.trans[t].CPU == k {
			ch.add(s, words[i*w:(i+1)*w])
		}
	}
}

// add adds what a transition flips.
func (ch *candidate) add(s, to []uint64) {
	for x := range s {
		ch.flips[x] |= s[x] ^ to[x]
	}
	ch.flips[len(s)] |= ch.cpu.shows(s) ^ ch.cpu.shows(to)
}

// shows is what a CPU shows of its frames.
func (c *cpu) shows(s []uint64) uint64 {
	top := c.top(s)
	lv := &c.levels[top]
	pc := lv.pc.get(s)
	w := uint64(1) << lv.points[pc-lv.bias].frame
	if top != 0 {
		w |= showsHandler
	} else if pc == lv.halt && c.buf.empty(s) {
		w |= showsDone
	}
	if !lv.open(s) {
		w |= showsIRQsOff
	}
	return w
}
