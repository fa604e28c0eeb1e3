package states

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unsafe"
)

// The packed form of a table, which a large one of states of one word takes: seven bytes a slot, the
// distance among them, instead of nine. What bounds it is memory, as the plain form.
//
// A state has a bit that is always set (see package machine), which is not stored. The k bits below it are
// hashed to k bits by a function that can be undone. The slot where it belongs says
// what the first bits of the hash are, so only the rest need be stored (Cleary, Compact hash tables using
// bidirectional linear probing, 1984), with how far from there the state lies. So the set is exact.
//
// The number of slots is steps<<exp with steps from 4 to 7: the table grows by a quarter to a seventh.
// The state with hash h belongs to slot h*steps>>shift, where shift is k-exp. States that belong to the
// same slot differ in bits 2 to shift-1 of h*steps, since that product differs by 4 at least.
//
// The few states that would lie 255 slots or more from where they belong go into a table of their own.
type packed struct {
	data       []byte // packedSlot a slot, and some more, so that eight can be read at the last
	k          uint   // bits of a state, and the place of the one that is always set
	steps, exp uint
	shift      uint
	rest       uint      // bits of the rest of the hash, below the displacement plus one
	one        uint64    // one in the displacement
	over       *Table    // states too far from their slots; nil: none
	free       func()    // gives data back; nil: it is ordinary memory
	mask       uint64    // k bits
	factor     [2]uint64 // of the hash
	undo       [2]uint64 // their inverses modulo 2^k
}

const (
	packedSlot = 7
	keyBits    = 48 // of a slot; the other eight are the distance
	keyMask    = 1<<keyBits - 1
	nearby     = 6 * packedSlot // bytes that a search often looks ahead
	farthest   = 255            // the greatest displacement plus one
	// packedBits is the fewest bits of such states. Where they are fewer the set is small.
	packedBits = 16
)

// packedFrom is the slots from which on a table may be packed. Tests take fewer.
var packedFrom uint64 = 1 << 12

// packedSize is the smallest size of a packed table for states of k bits with so many slots at least.
func packedSize(k uint, slots uint64) (steps, exp uint) {
	exp = uint(bits.Len64(max(slots, packedFrom)-1)) - 3
	if k > exp+keyBits-6 { // the rest, k-exp-2 bits, and eight of displacement do not fit
		exp = k - keyBits + 6
	}
	for steps = 4; uint64(steps)<<exp < slots; {
		if steps++; steps == 8 {
			steps, exp = 4, exp+1
		}
	}
	return steps, exp
}

// newPacked is the form for states of k bits, without slots.
func newPacked(k uint) *packed {
	p := &packed{k: k, mask: 1<<k - 1, factor: [2]uint64{0xff51afd7ed558ccd, 0xc4ceb9fe1a85ec53}}
	for i, f := range p.factor {
		p.undo[i] = inverse(f)
	}
	return p
}

// shape sets the number of slots.
func (p *packed) shape(steps, exp uint) {
	p.steps, p.exp = steps, exp
	p.shift = p.k - exp
	p.rest = p.shift - 2
	p.one = 1 << p.rest
}

// hash is that of a state: a permutation of the numbers of k bits.
func (p *packed) hash(s uint64) uint64 {
	half := p.k/2&63 + 1
	s &= p.mask
	s ^= s >> half
	s = s * p.factor[0] & p.mask
	s ^= s >> half
	s = s * p.factor[1] & p.mask
	return s ^ s>>half
}

// state undoes hash.
func (p *packed) state(h uint64) uint64 {
	half := p.k/2&63 + 1
	h ^= h >> half
	h = h * p.undo[1] & p.mask
	h ^= h >> half
	h = h * p.undo[0] & p.mask
	return h ^ h>>half | (p.mask + 1)
}

// inverse is the inverse of an odd number modulo 2^64.
func inverse(x uint64) uint64 {
	y := x // right in three bits; each step doubles them
	for range 5 {
		y *= 2 - x*y
	}
	return y
}

// place is the slot where a state with this hash belongs, and its key there.
func (p *packed) place(h uint64) (slot, key uint64) {
	hi, lo := bits.Mul64(h, uint64(p.steps))
	sh := p.shift & 63
	return hi<<(64-sh) | lo>>sh, lo&(1<<sh-1)>>2 | p.one
}

// unplace is the hash of the state that lies at slot q with this key.
func (p *packed) unplace(q, key uint64) uint64 {
	sh := p.shift & 63
	q -= key>>(p.rest&63) - 1
	// The least multiple of steps that is at least v.
	v := key & (p.one - 1) << 2
	hi, lo := q>>(64-sh), q<<sh|v
	return ceilDiv(hi, lo, p.steps)
}

// ceilDiv is hi:lo divided by n, rounded up, for n from 4 to 7 and a result below 2^64.
func ceilDiv(hi, lo uint64, n uint) uint64 {
	// 2^64 is whole*n + left.
	var whole, left, a, b uint64
	switch n {
	case 4:
		return hi<<62 | lo>>2 + (lo|lo>>1)&1
	case 5:
		whole, left, a, b = 1<<64/5, 1, lo/5, lo%5
	case 6:
		whole, left, a, b = (1<<64-4)/6, 4, lo/6, lo%6
	default:
		whole, left, a, b = (1<<64-2)/7, 2, lo/7, lo%7
	}
	b += hi * left
	return hi*whole + a + (b+uint64(n)-1)/uint64(n)
}

// load is a slot: its key, zero for an empty one, with the distance above.
func (p *packed) load(q uint64) uint64 {
	return binary.LittleEndian.Uint64(p.data[q*packedSlot:]) & (1<<56 - 1)
}

// save fills a slot.
func (p *packed) save(q, key uint64, depth uint8) {
	at := p.data[q*packedSlot : q*packedSlot+packedSlot]
	binary.LittleEndian.PutUint32(at, uint32(key))
	binary.LittleEndian.PutUint16(at[4:], uint16(key>>32))
	at[6] = depth
}

// remember has a table that is large keep in mind what it met lately.
func (p *packed) remember(t *Table) {
	if t.recent == nil && packedBytes(t.size) >= reserveFrom {
		t.recent = new([recentSize]uint64)
	}
}

func packedBytes(slots uint64) int64 { return int64(slots*packedSlot + 8) }

func (p *packed) bytes(t *Table) int64 { return packedBytes(t.size) }

func (p *packed) release() {
	if p.free != nil {
		p.free()
	}
	if p.over != nil {
		p.over.Release()
	}
}

// room sees to it that there is memory for so many slots.
func (p *packed) room(slots uint64) bool {
	need := int(packedBytes(slots))
	switch {
	case need <= len(p.data):
		return true
	case p.free != nil:
		return false
	case need >= reserveFrom:
		if words, free := reserve(); words != nil {
			data := unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), 8*len(words))
			copy(data, p.data)
			p.data, p.free = data, free
			return need <= len(data)
		}
	}
	p.data = append(p.data, make([]byte, need-len(p.data))...)
	return true
}

// find looks for a state: its slot, or the empty one where it would go and the key it would have
// there. The slot is -1 for a state that is, or would be, in the table of those too far.
func (p *packed) find(t *Table, s uint64) (slot int64, key uint64, found bool) {
	q, key := p.place(p.hash(s))
	for range farthest {
		at := p.load(q) & keyMask
		if at == 0 {
			return int64(q), key, false
		}
		if at == key {
			return int64(q), key, true
		}
		key += p.one
		if q++; q == t.size {
			q = 0
		}
	}
	return -1, 0, p.over != nil && p.over.Has([]uint64{s})
}

func (p *packed) has(t *Table, s []uint64) bool {
	_, _, found := p.find(t, s[0])
	return found
}

// put adds a state that is not there.
func (p *packed) put(t *Table, s uint64, depth uint8) bool {
	q, key, _ := p.find(t, s)
	if q < 0 {
		return p.putOver(t, s, depth)
	}
	p.save(uint64(q), key, depth)
	t.n++
	return true
}

// putOver adds a state that is too far from its slot.
func (p *packed) putOver(t *Table, s uint64, depth uint8) bool {
	if p.over == nil {
		// It is small, and a state must not be lost when the table grows: a bound stops the search instead.
		p.over = NewTable(1, 0, func(delta int64) bool { t.book(delta); return true })
	}
	p.over.Depth = depth
	if !p.over.Add([]uint64{s}, func(int) bool { return true }) {
		return false
	}
	t.n++
	return true
}

func (p *packed) add(t *Table, batch []uint64, from int, fresh func(i int) bool) bool {
	batch = batch[from:]
	t.hashes = slices.Grow(t.hashes[:0], len(batch))[:len(batch)]
	for i, s := range batch {
		t.hashes[i] = p.hash(s)
	}
	kept, hashes, places := t.dropRecent(batch, t.hashes)
	t.sink += p.touch(hashes, t.size)
	data, size := p.data, t.size
	for i, h := range hashes {
		s := kept[i]
		q, key := p.place(h)
		at := binary.LittleEndian.Uint64(data[q*packedSlot:]) & keyMask
		for at != 0 && at != key && key < p.one<<8-p.one {
			key += p.one
			if q++; q == size {
				q = 0
			}
			at = binary.LittleEndian.Uint64(data[q*packedSlot:]) & keyMask
		}
		if at == key {
			continue
		}
		far := at != 0
		if far && p.over != nil && p.over.Has(kept[i:i+1]) {
			continue
		}
		if t.n >= t.limit {
			if !p.grow(t, t.size+1) {
				return false
			}
			data, size = p.data, t.size
			slot, k, _ := p.find(t, s)
			q, key, far = uint64(slot), k, slot < 0
		}
		if !fresh(from + placeIn(places, i)) {
			return false
		}
		if far {
			if !p.putOver(t, s, t.Depth) {
				return false
			}
			continue
		}
		p.save(q, key, t.Depth)
		t.n++
	}
	return true
}

// touch reads all slots early, so that the misses overlap. Most searches end within a line or two. It is a function
// of its own so that its few values stay in registers.
func (p *packed) touch(hashes []uint64, size uint64) (sink uint64) {
	data, last := p.data, (size-1)*packedSlot
	for _, h := range hashes {
		q, _ := p.place(h)
		at := q * packedSlot
		sink += uint64(data[at]) + uint64(data[min(at+nearby, last)])
	}
	return sink
}

// grow takes the next size that has so many slots.
func (p *packed) grow(t *Table, slots uint64) bool {
	old := *p
	steps, exp := packedSize(p.k, slots)
	from, size := t.size, uint64(steps)<<exp
	if !t.book(packedBytes(size) - packedBytes(from)) {
		return false
	}
	if !p.room(size) {
		t.book(packedBytes(from) - packedBytes(size))
		return false
	}
	p.shape(steps, exp)
	t.resize(size)
	p.remember(t)
	aside, depths := p.move(t, &old, from)
	// What was too far in the old size need not be in this one, where there may be gaps on the way.
	if over := p.over; over != nil {
		p.over = nil
		t.n -= over.n
		for s, depth := range over.AllWithDepth {
			aside, depths = append(aside, s[0]), append(depths, depth)
		}
		t.book(-over.form.bytes(over))
		over.Release()
	}
	for i, s := range aside {
		if !p.put(t, s, depths[i]) {
			return false
		}
	}
	return true
}

// move moves the states from where they lay in the old shape, with so many slots: as in the plain form, the last
// slot first. Those that find no place are not in the table any more.
func (p *packed) move(t *Table, old *packed, from uint64) (aside []uint64, depths []uint8) {
	data, size := p.data, t.size
	for q := from; q > 0; {
		q--
		at := binary.LittleEndian.Uint64(data[q*packedSlot:]) & (1<<56 - 1)
		if at == 0 {
			continue
		}
		p.save(q, 0, 0)
		depth := uint8(at >> keyBits)
		home := q
		if away := at&keyMask>>(old.rest&63) - 1; away > home {
			home += from // it lies round the end
		}
		h := old.unplace(home, at&keyMask)
		r, key := p.place(h)
		free := r > q
		for free && binary.LittleEndian.Uint64(data[r*packedSlot:])&keyMask != 0 {
			key += p.one
			r++
			free = r < size && key < p.one<<8
		}
		if !free {
			aside, depths = append(aside, p.state(h)), append(depths, depth)
			t.n--
			continue
		}
		p.save(r, key, depth)
	}
	return aside, depths
}

func (p *packed) each(t *Table, depth int, visit func(s []uint64, depth uint8) bool) {
	state := make([]uint64, 1)
	for q := range t.size {
		at := p.load(q)
		if at == 0 || depth >= 0 && at>>keyBits != uint64(depth) {
			continue
		}
		home := q
		if at&keyMask>>p.rest-1 > home {
			home += t.size
		}
		state[0] = p.state(p.unplace(home, at&keyMask))
		if !visit(state, uint8(at>>keyBits)) {
			return
		}
	}
	if p.over != nil {
		p.over.form.each(p.over, depth, visit)
	}
}
