package explore

import (
	"math/bits"
	"slices"
	"strings"
	"unicode"

	"ctcheck/states"
)

// This file holds what a checkpoint says against the program that it is of, before anything goes by it. A checksum
// shows that a file is as it was written, and not that a search wrote it. So every number is held against the
// others, and every state against the layout, the canonical form and the layer that it is said to be of; some are
// expanded again (again.go). That every other one was expanded is left to believe: only a second search could tell.

// printable reports whether the words of a header fit a line.
func (h *header) printable() bool {
	ok := func(text string) bool {
		return len(text) < 1<<12 && strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
	}
	for _, s := range h.Settings {
		if !ok(s.Name) || !ok(s.Value) {
			return false
		}
	}
	return true
}

// fills reports whether the states and queues fill so many bytes.
func (h *header) fills(left uint64) bool {
	state := uint64(8 * h.Words)
	for i, n := range [...]uint64{h.States, h.Queues[0], h.Queues[1], h.Queues[2]} {
		size := state
		if i == 0 {
			size++ // the distance
		}
		if n > left/size {
			return false
		}
		left -= n * size
	}
	return left == 0
}

// farthest is the distance beyond which there are no states.
func (h *header) farthest() int {
	switch {
	case h.Midway:
		return h.Depth + 1
	case h.Queues[0] == 0:
		return h.Depth - 1
	}
	return h.Depth
}

// credible reports whether a header says what a search of the program may say. Its counts are those of the file.
func (h *header) credible(b *parallelBFS) bool {
	claims := uint64(1)<<len(b.in.m.Program.Claims) - 1
	if h.Reached&^claims != 0 || !slices.Equal(h.Room, b.in.m.Options().BufferSizes) {
		return false
	}
	cpus := uint64(0)
	if b.in.m.Options().Memory.HasBuffers() {
		cpus = 1<<len(b.in.m.Program.CPUs) - 1
	}
	return h.Outgrew&^cpus == 0 && h.inLayers() && h.counted(b) && h.violations(b) && h.settled(b)
}

// inLayers reports whether there are states enough for the layers, and none wait that should not.
func (h *header) inLayers() bool {
	waiting := h.Queues[0] + h.Queues[1]
	switch {
	case h.Depth < 0 || uint64(h.Depth) > h.States || h.States == 0:
		return false // each layer before this one has a state
	case !h.Midway:
		return h.Queues[1] == 0 && h.Queues[2] == 0 && h.Queues[0] <= h.States-uint64(h.Depth)
	}
	return waiting <= h.States && uint64(h.Depth) <= h.States-waiting
}

// counted reports whether the tallies go with the number of states that were expanded.
func (h *header) counted(b *parallelBFS) bool {
	expanded := h.States - h.Queues[0] - h.Queues[1]
	over, most := bits.Mul64(expanded, uint64(b.in.m.Transitions()))
	if over != 0 || h.Transitions < h.States-1 || h.Transitions > most {
		return false
	}
	if b.reduce.persistent == nil {
		return h.Pruned == [2]uint64{}
	}
	return h.Pruned[0] <= expanded && h.Pruned[0] <= h.Pruned[1] && h.Pruned[1] <= most
}

// violations reports whether what is violated are properties, each after some steps of the layers before.
func (h *header) violations(b *parallelBFS) bool {
	deadlock := b.in.deadlock()
	if h.Failed&^(2*deadlock-1) != 0 || h.NewFailed&^(deadlock-1) != 0 || h.NewStuck&^deadlock != 0 {
		return false
	}
	if !h.Midway && h.NewFailed|h.NewStuck != 0 || len(h.When) != bits.OnesCount64(h.Failed) {
		return false
	}
	for p, steps := range h.When {
		if p < 0 || h.Failed>>p&1 == 0 || steps < 0 || steps > h.Depth {
			return false
		}
	}
	return true
}

// settled reports whether the reason to leave symmetry out is one that there may be.
func (h *header) settled(b *parallelBFS) bool {
	if h.Unsettled == "" {
		return true
	}
	for _, c := range b.in.m.Live() {
		if b.reduce.symmetry != nil && h.Unsettled == unsettled(b.in.m.Properties[c.Property]) {
			return true
		}
	}
	return false
}

// A screening looks at the states of a checkpoint, one by one, and then at all of them.
type screening struct {
	search *parallelBFS
	h      *header
	canon  []uint64
	far    int         // the distance beyond which there are no states
	at     [256]uint64 // states at each distance, modulo 256
	sum    [256]uint64 // of their hashes
	waits  [3]uint64   // the sum of the hashes of each queue
	orbits uint64      // states that those stored stand for
}

func (b *parallelBFS) newScreening(h *header) *screening {
	return &screening{search: b, h: h, canon: make([]uint64, h.Words), far: h.farthest()}
}

// form reports whether s is a state of the machine, in its canonical form.
func (c *screening) form(s []uint64) bool {
	if !c.search.in.m.Valid(s) {
		return false
	}
	if c.search.reduce.symmetry == nil {
		return true
	}
	copy(c.canon, s)
	c.search.reduce.canon(c.canon)
	return slices.Equal(c.canon, s)
}

// stored reports whether s, at a distance modulo 256, may be a state that the search stored.
func (c *screening) stored(s []uint64, distance uint8) bool {
	if !c.form(s) {
		return false
	}
	c.at[distance]++
	c.sum[distance] += states.Hash(s)
	c.orbits += c.search.reduce.orbit(s)
	return true
}

// told reports whether the header says of properties that they are violated after no more than so many steps. Where
// distances are modulo 256, and there are larger ones, it need only say that they are violated.
func (c *screening) told(failed uint64, steps int) bool {
	if c.far > 255 {
		return failed&^(c.h.Failed|c.h.NewFailed|c.h.NewStuck) == 0
	}
	for ; failed != 0; failed &= failed - 1 {
		p := bits.TrailingZeros64(failed)
		n, known := c.h.When[p]
		switch {
		case known && n <= steps:
		case !known && c.h.NewFailed>>p&1 != 0 && steps == c.h.Depth+1:
		case !known && c.h.NewStuck>>p&1 != 0 && steps == c.h.Depth:
		default:
			return false
		}
	}
	return true
}

// waiting reports whether s may be a state of a queue.
func (c *screening) waiting(s []uint64, queue int) bool {
	c.waits[queue] += states.Hash(s)
	if b := c.search; queue < 2 {
		return b.workers[b.owner(s)].table.Has(s)
	}
	return c.form(s) // it is yet to be stored
}

// whole reports whether the states together are those of a search: each once, the initial one among them, at
// distances without a gap, and all of a layer waiting of which none was expanded.
func (c *screening) whole() bool {
	b, h, n := c.search, c.h, uint64(0)
	for _, w := range b.workers {
		n += w.table.Len()
	}
	initial, _ := b.in.m.Initial()
	if n != h.States || c.orbits != h.StandFor || !b.workers[b.owner(initial)].table.Has(initial) {
		return false
	}
	for d, n := range c.at {
		if n == 0 && d < h.Depth || n > 0 && d > c.far {
			return false
		}
	}
	if c.far > 255 {
		return true
	}
	all := func(queue, distance int) bool {
		return h.Queues[queue] == c.at[distance] && c.waits[queue] == c.sum[distance]
	}
	switch {
	case c.at[0] != 1:
		return false
	case h.Midway:
		return h.Queues[0] <= c.at[h.Depth] && all(1, h.Depth+1)
	}
	return h.Queues[0] == 0 || all(0, h.Depth)
}
