package explore

import (
	"math/bits"
	"sync"
	"sync/atomic"

	"ctcheck/states"
	"ctcheck/verdict"
)

// Breadth-first search, layer by layer, by one worker or several (worker.go).
//
// Each worker owns the states whose hash falls to it: it alone stores them, judges them and expands
// them. A worker expands its part of the current layer in blocks; successors that are its own go into
// its table at once, the others are posted to their owners in packets. So no two workers ever touch
// the same table, and there is nothing to lock (Stern and Dill, Parallelizing the Murphi verifier, CAV
// 1997). A layer is over when every worker has expanded its part and received everybody's last packet.
//
// States, transitions, depth and verdicts do not depend on the number of workers, nor on their speed,
// unless a bound cuts the search in the middle of a layer.
//
// What bounds it is memory: the table, and two layers of states waiting to be expanded.

const (
	blockStates  = 64     // states that are expanded before their successors are stored
	packetStates = 2048   // states that are posted at once
	waitingPosts = 16     // packets that wait for a worker, at most
	chunkStates  = 1 << 9 // states of a chunk of the frontier
)

// A goal is what a breadth-first search looks for, if it is not everything.
type goal struct {
	want  uint64                  // properties: stop when they are violated; 0: do not
	judge func(s []uint64) uint64 // what a state violates; nil: as the machine says
	keep  func(s []uint64) bool   // whether to go on from a state; nil: from all
}

// A parallelBFS is the search.
type parallelBFS struct {
	in     *problem
	bounds *bounds // told in the end what stopped the workers
	reduce *reductions
	found  *findings // of the layers before
	counts *counts   // likewise, but for the states
	goal   goal

	workers []*worker
	brake   stopSignal
	budget  memoryBudget
	saver   *saver        // writes checkpoints; nil: none are asked for
	when    map[int]int   // the number of steps to the first violation of each property
	stored  atomic.Uint64 // states, kept only for a bound on them
	packet  int           // states of a packet
	once    bool          // every state is expanded as it is, so ExpandSleep may leave out steps
	atBound bool          // the layer is at the bound on depth: look beyond it, but store nothing
	midway  bool          // the layer at counts.depth is not over
	layers  []uint64      // how many states each layer has
}

// breadthFirst searches breadth first.
func (s *search) breadthFirst() error {
	s.parallel = s.newLayered(goal{})
	s.parallel.saver = newSaver(s.in.o)
	return s.parallel.run()
}

func (s *search) newLayered(g goal) *parallelBFS {
	b := &parallelBFS{in: s.in, bounds: s.bounds, reduce: s.reduce, found: s.found, counts: s.counts, goal: g,
		when: map[int]int{}}
	b.budget.limit = s.in.o.MaxBytes
	workers := max(s.in.o.Workers, 1)
	b.sizePackets(uint64(workers))
	for i := range workers {
		b.workers = append(b.workers, newWorker(b, i, workers))
	}
	return b
}

// sizePackets has packets as large as is good, but so that all that may be under way need at most a
// sixteenth of the memory; what little a few states need is not asked for.
func (b *parallelBFS) sizePackets(workers uint64) {
	words := uint64(b.in.m.Words())
	most := workers * (workers - 1 + min(4*workers, waitingPosts))
	states := uint64(packetStates)
	if limit := b.budget.limit; limit > 0 {
		states = min(states, max(blockStates, limit/16/((8*words+1)*most)))
	}
	b.packet = int(states)
	if workers > 1 {
		b.budget.posts = (8*words + 1) * states * most
	}
}

// run makes the search, from its beginning or from where a checkpoint left it.
func (b *parallelBFS) run() error {
	begin := b.begin
	if b.in.o.Resume != "" {
		begin = b.resume
	}
	if err := begin(); err != nil {
		return err
	}
	b.once = b.goal.keep == nil && b.reduce.symmetry == nil && b.reduce.persistent == nil
	b.saver.every(b)
	for b.brake.cause.Load() == nil && (b.midway || b.waiting() > 0) {
		b.stretch()
	}
	if b.brake.cause.Load() != nil {
		b.saver.save(b, b.counts.depth)
	}
	if b.midway {
		b.tally(b.counts.depth + 1)
		b.counts.depth++
	}
	b.counts.depth = max(b.counts.depth-1, 0)
	return b.finish()
}

// stretch expands the current layer, to its end or to where a bound or a checkpoint is due: each worker
// at least a block, so that it gets on however often that is.
func (b *parallelBFS) stretch() {
	if p := b.in.o.Progress; p != nil {
		p.depth.Store(int64(b.counts.depth))
	}
	b.layer()
	asked := b.brake.pausing.Swap(false) && b.brake.cause.Load() == nil // for a checkpoint only
	if b.midway = b.brake.stop.Load() || b.waiting() > 0; !b.midway {
		b.tally(b.counts.depth + 1)
		b.counts.depth++
		b.turn()
		b.noteLayer()
	}
	if asked && b.brake.cause.Load() == nil {
		b.saver.save(b, b.counts.depth)
	}
}

// begin stores the initial state.
func (b *parallelBFS) begin() error {
	s, fx := b.in.m.Initial()
	if fx.Err != nil {
		return fx.Err
	}
	b.found.reached |= fx.Reached
	first := b.workers[b.owner(s)]
	first.failed |= fx.Failed
	first.add(states.Batch{Words: s, Marks: make([]uint8, 1)})
	b.budget.begun = true
	b.book(1) // the initial state is stored in any case, but it may be the only one
	b.tally(0)
	b.turn()
	b.noteLayer()
	return nil
}

// noteLayer counts the states of the layer that begins. A search that was resumed does not know the earlier ones.
func (b *parallelBFS) noteLayer() {
	if n := b.waiting(); n > 0 && b.in.o.Resume == "" {
		b.layers = append(b.layers, uint64(n))
	}
}

// tally notes which properties were violated first by the layer that ends at this depth, and stops
// where that is enough.
func (b *parallelBFS) tally(depth int) {
	note := func(failed uint64, depth int) {
		for news := failed &^ b.found.failed; news != 0; news &= news - 1 {
			b.when[bits.TrailingZeros64(news)] = depth
		}
		b.found.failed |= failed
	}
	for _, w := range b.workers {
		note(w.stuck, depth-1)
	}
	for _, w := range b.workers {
		note(w.failed, depth)
		w.failed, w.stuck = 0, 0
	}
	if want := b.goal.want; b.in.o.First && b.found.failed != 0 || want != 0 && b.found.failed&want == want {
		b.brake.halt(verdict.AtFirst)
	}
}

// owner is the number of the worker that a state belongs to. The place in a table comes from the high
// bits of the hash, so the owner comes from the low ones.
func (b *parallelBFS) owner(s []uint64) int { return int(states.Hash(s) % uint64(len(b.workers))) }

// turn makes the next layer the current one.
func (b *parallelBFS) turn() {
	for _, w := range b.workers {
		w.frontier.NextLayer()
	}
}

// waiting is how many states of the current layer wait.
func (b *parallelBFS) waiting() (n int) {
	for _, w := range b.workers {
		now, _ := w.frontier.Waiting()
		n += now
	}
	return n
}

// layer expands the current layer.
func (b *parallelBFS) layer() {
	atBound := b.in.o.MaxDepth > 0 && b.counts.depth == b.in.o.MaxDepth
	if atBound && !b.atBound {
		b.saver.save(b, b.counts.depth) // what is looked at beyond the bound is not saved
	}
	b.atBound = atBound
	var wg sync.WaitGroup
	b.budget.memos = 0
	for _, w := range b.workers {
		b.budget.memos += w.step.Bytes() * 3 / 2 // they may grow in this layer
	}
	for _, w := range b.workers {
		w.last, w.table.Depth = 0, uint8(b.counts.depth+1)
		if len(b.workers) == 1 {
			w.run()
			continue
		}
		wg.Go(w.run)
	}
	wg.Wait()
}

// finish adds up what the workers found.
func (b *parallelBFS) finish() error {
	var fault error
	for _, w := range b.workers {
		if w.err != nil && fault == nil {
			fault = w.err
		}
		b.counts.states += w.table.Len()
		b.counts.add(&w.counts)
		b.found.reached |= w.reached
		b.bounds.cut = b.bounds.cut || w.cut
		b.bounds.outgrew |= w.outgrew
	}
	b.counts.bytes = uint64(b.budget.held.Load())
	if fault != nil {
		b.when[b.in.fault()] = b.counts.depth + 1
		return fault
	}
	if cause := b.brake.cause.Load(); cause != nil {
		b.bounds.stop(*cause)
	}
	return nil
}

// release gives the memory of the tables back, and writes no more checkpoints.
func (b *parallelBFS) release() {
	b.saver.stop()
	for _, w := range b.workers {
		w.table.Release()
	}
}

// A stopSignal stops the workers.
type stopSignal struct {
	stop    atomic.Bool // store nothing more
	pausing atomic.Bool // expand no further states; successors that are there are still stored
	cause   atomic.Pointer[verdict.Bound]
}

// pause stops the search at a bound that leaves room for what is under way.
func (b *stopSignal) pause(bound verdict.Bound) {
	b.cause.CompareAndSwap(nil, &bound)
	b.pausing.Store(true)
}

// halt stops the search at a bound.
func (b *stopSignal) halt(bound verdict.Bound) {
	b.cause.CompareAndSwap(nil, &bound)
	b.stop.Store(true)
}

// A memoryBudget has the bytes of a search by workers.
type memoryBudget struct {
	limit  uint64       // 0: there is none
	begun  bool         // the initial state is stored: the limit holds from now on
	held   atomic.Int64 // booked
	queued atomic.Int64 // of them, those of the frontiers
	posts  uint64       // that packets under way may need
	memos  uint64       // of what the steppers remember
	chosen atomic.Int64 // of what the choosers remember
}

// besides is the bytes that count, but are not booked, as they are not of the state set: packets, what
// the steppers and choosers remember, and that the collector lets a tenth of the layers lie.
func (l *memoryBudget) besides() uint64 {
	return l.posts + l.memos + uint64(l.chosen.Load()) + uint64(l.queued.Load())/8
}

// fits reports whether so many bytes may be held beside what is booked.
func (l *memoryBudget) fits(more uint64) bool {
	return l.limit == 0 || more+uint64(l.held.Load())+l.besides() <= l.limit
}

// book books bytes, and refuses more than the bound, at which the search stops.
func (b *parallelBFS) book(delta int64) bool {
	b.budget.held.Add(delta)
	if b.budget.begun && delta > 0 && !b.budget.fits(0) {
		b.budget.held.Add(-delta)
		b.brake.halt(verdict.AtBytes)
		return false
	}
	return true
}
