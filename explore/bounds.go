package explore

import (
	"context"
	"errors"

	"ctcheck/states"
	"ctcheck/verdict"
)

// This file is what stops a search, for all of them: a bound on states, bytes or depth, the end of a context, the
// first violation, a store buffer that is too small. The first bound that is met is noted and named in the result.
// Nothing is ever dropped without a bound being noted, and a search with one never says HOLDS.

// bounds is what stops a search, and what did. It belongs to one goroutine; workers have a signal of their own.
type bounds struct {
	ctx       context.Context
	maxStates uint64        // 0: no bound
	maxBytes  uint64        // 0: no bound
	larger    uint64        // CPUs whose store buffer can be made larger: stop when it is outgrown
	outgrew   uint64        // CPUs whose store buffer was full when it should not have been
	cut       bool          // there is more beyond the bound on depth
	met       verdict.Bound // the first one that stopped the search
	ticks     uint
	look      func() // tells those who look on where the search stands
}

func newBounds(ctx context.Context, o Options, larger uint64) *bounds {
	return &bounds{ctx: ctx, maxStates: o.MaxStates, maxBytes: o.MaxBytes, larger: larger, look: func() {}}
}

// stop notes a bound, if it is the first.
func (b *bounds) stop(at verdict.Bound) {
	if b.met == verdict.NoBound {
		b.met = at
	}
}

func (b *bounds) stopped() bool { return b.met != verdict.NoBound }

// tick is called for every small piece of work. Every so often it tells those who look on, and sees whether the
// context has ended. It reports whether the search has to stop.
func (b *bounds) tick() bool {
	b.ticks++
	if b.ticks&1023 == 0 {
		b.look()
		if b.ctx.Err() != nil {
			b.stop(stopCause(b.ctx.Err()))
		}
	}
	return b.stopped()
}

// ended is tick before a large piece of work: it sees at once whether the context has ended.
func (b *bounds) ended() bool {
	b.ticks |= 1023
	return b.tick()
}

// stopCause is the bound that the end of a context stands for.
func stopCause(err error) verdict.Bound {
	if errors.Is(err, context.DeadlineExceeded) {
		return verdict.AtTimeout
	}
	return verdict.AtInterrupt
}

// full reports whether one more state in the set, beside which so many bytes are held, would break a bound, and
// notes which. What is held besides the set may have to be copied to grow.
func (b *bounds) full(set *states.Set, extra uint64) bool {
	n := uint64(set.Len())
	switch {
	case b.stopped():
	case b.maxStates > 0 && n >= b.maxStates, n >= states.MaxStates:
		b.stop(verdict.AtStates)
	case b.maxBytes > 0 && collected(set.NextBytes()+9*extra/4) > b.maxBytes:
		b.stop(verdict.AtBytes)
	default:
		return false
	}
	return true
}

// fits reports whether so many bytes may be held.
func (b *bounds) fits(bytes uint64) bool { return b.maxBytes == 0 || bytes <= b.maxBytes }

// collected is so many bytes and what the collector lets lie beside them, a tenth of all.
func collected(bytes uint64) uint64 { return bytes + bytes/8 }

// outgrown notes that a store found no room in the buffers of the given CPUs.
func (b *bounds) outgrown(cpus uint64) {
	b.outgrew |= cpus
	if cpus&b.larger != 0 {
		b.stop(verdict.AtBuffer)
	}
}

// cause is what kept the search from being complete.
func (b *bounds) cause() verdict.Bound {
	switch {
	case b.stopped():
		return b.met
	case b.cut:
		return verdict.AtDepth
	case b.outgrew != 0:
		return verdict.AtBuffer
	}
	return verdict.NoBound
}
