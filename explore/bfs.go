package explore

import (
	"math/bits"
	"sync"
	"sync/atomic"

	"ctcheck/machine"
	"ctcheck/states"
	"ctcheck/verdict"
)

// Breadth-first search, layer by layer, by one worker or several.
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
	blockStates  = 64   // states that are expanded before their successors are stored
	packetStates = 2048 // states that are posted at once
	waitingPosts = 16   // packets that wait for a worker, at most
	chunkStates  = 1 << 9
)

// A layer is a queue of states, in chunks that are given back as they are emptied.
type layer struct {
	words  int
	chunks []states.Batch
	n      int
}

// A packet is states on their way to their owner; the last one of a layer has last set.
type packet struct {
	states.Batch
	last bool
}

type worker struct {
	*bfs
	id        int
	step      *machine.Stepper
	table     *states.Table
	now, next layer
	spare     []states.Batch
	out       []states.Batch // by owner
	inbox     chan packet
	last      int // last packets received in this layer
	batch     machine.Successors
	por       pruner
	mine      states.Batch
	trans     uint64
	failed    uint64 // violated by a state or step one deeper than the layer
	stuck     uint64 // violated by a state of the layer: deadlocks
	reached   uint64
	standFor  uint64 // states that the worker's stand for
	err       error
	rim       bool // look, but store nothing
	cut       bool
	left      []uint64 // successors that a bound kept out of the table; for a checkpoint only
	outgrew   uint64   // CPUs whose store buffer was full when it should not have been
	told      tally    // what it has said of that
}

type bfs struct {
	*engine
	judge   func(w *worker, s []uint64) (failed, reached uint64)
	keep    func(s []uint64) bool // whether to go on from a state; nil: from all
	once    bool                  // every state is expanded as it is, so ExpandOnce may leave out steps
	want    uint64                // stop when these are violated; 0: do not
	when    map[int]int           // the number of steps to the first violation of each property
	workers []*worker
	owners  uint64
	stop    atomic.Bool // store nothing more
	pausing atomic.Bool // expand nothing more, but store what was expanded
	midway  bool        // the layer at e.depth is not over
	saver   *saver      // writes checkpoints; nil: none are asked for
	cause   atomic.Pointer[verdict.Bound]
	begun   bool          // the initial state is stored: bounds hold from now on
	held    atomic.Int64  // bytes
	packet  int           // states of a packet
	posts   uint64        // bytes that packets under way may need
	queued  atomic.Int64  // bytes of held that are layers
	memos   uint64        // bytes of what the steppers remember
	stored  atomic.Uint64 // states, kept only for MaxStates
}

func (e *engine) breadthFirst() error {
	e.layers = e.newBFS()
	e.layers.saver = e.newSaver()
	return e.layers.search()
}

func (e *engine) newBFS() *bfs {
	b := &bfs{engine: e, owners: uint64(max(e.o.Workers, 1)), when: map[int]int{},
		judge: func(w *worker, s []uint64) (uint64, uint64) { return w.step.Judge(s) }}
	b.sizePackets()
	for i := range int(b.owners) {
		w := &worker{bfs: b, id: i, step: e.m.NewStepper(), por: e.newPruner(), out: make([]states.Batch, b.owners),
			inbox: make(chan packet, min(4*b.owners, waitingPosts))}
		w.table = states.NewTable(e.m.Words(), e.m.Bits(), b.memory)
		w.now.words, w.next.words = e.m.Words(), e.m.Words()
		b.workers = append(b.workers, w)
	}
	return b
}

// sizePackets has packets as large as is good, but so that all that may be under way need at most a
// sixteenth of the memory; what little a few states need is not asked for.
func (b *bfs) sizePackets() {
	words := uint64(b.m.Words())
	most := b.owners * (b.owners - 1 + min(4*b.owners, waitingPosts))
	states := uint64(packetStates)
	if limit := b.o.MaxMemory; limit > 0 {
		states = min(states, max(blockStates, limit/16/((8*words+1)*most)))
	}
	b.packet = int(states)
	if b.owners > 1 {
		b.posts = (8*words + 1) * states * most
	}
}

func (b *bfs) search() error {
	e := b.engine
	begin := b.begin
	if e.o.Resume != "" {
		begin = b.resume
	}
	if err := begin(); err != nil {
		return err
	}
	b.once = b.keep == nil && e.sym == nil && e.por == nil
	defer b.saver.every(b)()
	for b.cause.Load() == nil && (b.midway || b.waiting() > 0) {
		b.stretch()
	}
	if b.cause.Load() != nil {
		b.saver.save(b, e.depth)
	}
	if b.midway {
		b.tally(e.depth + 1)
		e.depth++
	}
	e.depth = max(e.depth-1, 0)
	return b.finish()
}

// stretch expands the current layer, to its end or to where a bound or a checkpoint is due: each worker
// at least a block, so that it gets on however often that is.
func (b *bfs) stretch() {
	if p := b.o.Progress; p != nil {
		p.depth.Store(int64(b.depth))
	}
	b.layer()
	asked := b.pausing.Swap(false) && b.cause.Load() == nil // for a checkpoint only
	if b.midway = b.stop.Load() || b.waiting() > 0; !b.midway {
		b.tally(b.depth + 1)
		b.depth++
		b.turn()
	}
	if asked && b.cause.Load() == nil {
		b.saver.save(b, b.depth)
	}
}

// begin stores the initial state.
func (b *bfs) begin() error {
	s, fx := b.m.Initial()
	if fx.Err != nil {
		return fx.Err
	}
	b.engine.reached |= fx.Reached
	first := b.workers[b.owner(states.Hash(s))]
	first.failed |= fx.Failed
	first.table.Add(states.Batch{Words: s, Marks: make([]uint8, 1)}, first.fresh)
	b.begun = true
	b.memory(1) // the initial state is stored in any case, but it may be the only one
	b.tally(0)
	b.turn()
	return nil
}

// tally notes which properties were violated first by the layer that ends at this depth, and stops
// where that is enough.
func (b *bfs) tally(depth int) {
	note := func(failed uint64, depth int) {
		for news := failed &^ b.failed; news != 0; news &= news - 1 {
			b.when[bits.TrailingZeros64(news)] = depth
		}
		b.failed |= failed
	}
	for _, w := range b.workers {
		note(w.stuck, depth-1)
	}
	for _, w := range b.workers {
		note(w.failed, depth)
		w.failed, w.stuck = 0, 0
	}
	if b.o.First && b.failed != 0 || b.want != 0 && b.failed&b.want == b.want {
		b.halt(verdict.AtFirst)
	}
}

// owner is the worker that a state with this hash belongs to. The place in a table comes from the high
// bits of the hash, so the owner comes from the low ones.
func (b *bfs) owner(h uint64) uint64 { return h % b.owners }

// turn makes the next layer the current one.
func (b *bfs) turn() {
	for _, w := range b.workers {
		w.now, w.next = w.next, w.now
	}
}

func (b *bfs) waiting() int {
	n := 0
	for _, w := range b.workers {
		n += w.now.n
	}
	return n
}

// layer expands the current layer.
func (b *bfs) layer() {
	rim := b.o.MaxDepth > 0 && b.depth == b.o.MaxDepth
	if rim && !b.workers[0].rim {
		b.saver.save(b, b.depth) // what is looked at beyond the bound is not saved
	}
	var wg sync.WaitGroup
	b.memos = 0
	for _, w := range b.workers {
		b.memos += w.step.Bytes() * 3 / 2 // they may grow in this layer
	}
	for _, w := range b.workers {
		w.rim, w.last, w.table.Depth = rim, 0, uint8(b.depth+1)
		if len(b.workers) == 1 {
			w.run()
			continue
		}
		wg.Go(w.run)
	}
	wg.Wait()
}

// pause stops the search at a bound that leaves room for what is under way.
func (b *bfs) pause(bound verdict.Bound) {
	b.cause.CompareAndSwap(nil, &bound)
	b.pausing.Store(true)
}

// halt stops the search at a bound.
func (b *bfs) halt(bound verdict.Bound) {
	b.cause.CompareAndSwap(nil, &bound)
	b.stop.Store(true)
}

// memory books bytes, and refuses more than the bound.
func (b *bfs) memory(delta int64) bool {
	held := b.held.Add(delta)
	if limit := b.o.MaxMemory; limit > 0 && b.begun && delta > 0 &&
		uint64(held)+b.besides() > limit {
		b.held.Add(-delta)
		b.halt(verdict.AtMemory)
		return false
	}
	return true
}

// besides is the bytes that count, but are not booked, as they are not of the state set: packets, what
// the steppers remember, and that the collector lets a tenth of the layers lie.
func (b *bfs) besides() uint64 { return b.posts + b.memos + uint64(b.queued.Load())/8 }

// finish adds up what the workers found.
func (b *bfs) finish() error {
	e := b.engine
	for _, w := range b.workers {
		if w.err != nil {
			return w.err
		}
		e.states += w.table.Len()
		e.trans, w.trans = e.trans+w.trans, 0
		e.reached |= w.reached
		e.standFor, w.standFor = e.standFor+w.standFor, 0
		e.pruned.states, w.por.states = e.pruned.states+w.por.states, 0
		e.pruned.steps, w.por.steps = e.pruned.steps+w.por.steps, 0
		e.cut = e.cut || w.cut
		e.outgrew |= w.outgrew
	}
	e.bytes = uint64(b.held.Load())
	if cause := b.cause.Load(); cause != nil {
		e.bound = *cause
	}
	return nil
}

// release gives the memory of the tables back.
func (b *bfs) release() {
	for _, w := range b.workers {
		w.table.Release()
	}
}

// run is a worker's part of one layer.
func (w *worker) run() {
	block := states.Batch{Words: make([]uint64, 0, blockStates*w.now.words), Marks: make([]uint8, 0, blockStates)}
	for more := true; more && !w.stop.Load(); more = !w.pausing.Load() {
		if w.now.n == 0 {
			break
		}
		if err := w.ctx.Err(); err != nil {
			w.pause(stopCause(err))
			break
		}
		w.take(&block)
		w.expand(&block)
		w.receive(false)
		w.tell()
	}
	for o := range w.out {
		if o != w.id {
			w.post(o, true)
		}
	}
	for w.last < len(w.workers)-1 {
		w.receive(true)
	}
	w.tell()
}

// take moves the next block of states out of the current layer.
func (w *worker) take(block *states.Batch) {
	block.Reset()
	if len(w.now.chunks) == 0 {
		return
	}
	top := len(w.now.chunks) - 1
	c := &w.now.chunks[top]
	from := max(len(c.Marks)-blockStates, 0)
	block.Words = append(block.Words, c.Words[from*w.now.words:]...)
	block.Marks = append(block.Marks, c.Marks[from:]...)
	c.Words, c.Marks = c.Words[:from*w.now.words], c.Marks[:from]
	if from == 0 {
		w.spare = append(w.spare, *c)
		w.now.chunks = w.now.chunks[:top]
	}
	w.now.n -= len(block.Marks)
}

// push adds a state to the next layer.
func (w *worker) push(s []uint64, done uint8) bool {
	l := &w.next
	top := len(l.chunks) - 1
	if top < 0 || len(l.chunks[top].Marks) == chunkStates {
		var c states.Batch
		if n := len(w.spare); n > 0 {
			c, w.spare = w.spare[n-1], w.spare[:n-1]
		} else {
			if !w.memory(int64(chunkStates * (8*len(s) + 1))) {
				return false
			}
			w.queued.Add(int64(chunkStates * (8*len(s) + 1)))
			c = states.Batch{Words: make([]uint64, 0, chunkStates*len(s)), Marks: make([]uint8, 0, chunkStates)}
		}
		l.chunks = append(l.chunks, c)
		top++
	}
	if !w.once {
		done = 0
	}
	l.chunks[top].Add(s, done)
	l.n++
	return true
}

// expand fires everything in a block of states and sees to the successors.
func (w *worker) expand(block *states.Batch) {
	words := w.now.words
	w.batch.Reset()
	for i, done := range block.Marks {
		s := block.Words[i*words : (i+1)*words]
		n, owed := w.successors(s, done)
		w.trans += uint64(n)
		if !owed && !w.m.Ended(s) {
			w.stuck |= w.deadlock
		}
	}
	if w.batch.Full != 0 {
		w.outgrew |= w.batch.Full
		if w.batch.Full&w.larger != 0 {
			w.halt(verdict.AtBuffer)
		}
	}
	w.canonAll(w.batch.Words)
	for i := range w.batch.Odd {
		odd := &w.batch.Odd[i]
		if odd.Err != nil {
			w.err = odd.Err
			w.halt(verdict.AtInterrupt)
			return
		}
		if w.rim {
			w.cut = w.cut || odd.Failed != 0
		} else {
			w.failed |= odd.Failed
		}
		w.reached |= odd.Reached
	}
	if len(w.workers) == 1 {
		w.store(states.Batch{Words: w.batch.Words, Marks: w.batch.Done})
		return
	}
	w.mine.Reset()
	for i, done := range w.batch.Done {
		s := w.batch.Words[i*words : (i+1)*words]
		o := int(w.owner(states.Hash(s)))
		if o == w.id {
			w.mine.Add(s, done)
			continue
		}
		w.out[o].Add(s, done)
		if len(w.out[o].Marks) >= w.bfs.packet {
			w.post(o, false)
		}
	}
	w.store(w.mine)
}

// idle reports whether transitions are nothing but the coming of NMIs.
func (e *engine) idle(via []uint16) bool {
	for _, t := range via {
		if e.obliged(int(t)) {
			return false
		}
	}
	return true
}

// store adds states that this worker owns.
func (w *worker) store(states states.Batch) {
	if !w.rim {
		if !w.stop.Load() && w.table.Add(states, w.fresh) {
			return
		}
		w.halt(verdict.AtMemory) // unless another bound was met: what was not stored is never forgotten
		if w.saver != nil {
			w.left = append(w.left, states.Words...)
		}
		return
	}
	for i := 0; i < len(states.Words) && !w.cut; i += w.now.words {
		w.cut = !w.table.Has(states.Words[i : i+w.now.words])
	}
}

// fresh judges a new state and puts it into the next layer, unless a bound forbids.
func (w *worker) fresh(s []uint64, done uint8) bool {
	if limit := w.o.MaxStates; limit > 0 && w.stored.Add(1) > limit {
		w.halt(verdict.AtStates)
		return false
	}
	if w.keep != nil && !w.keep(s) {
		return true
	}
	if !w.push(s, done) {
		return false // and what it violates is not told, since no trace could end in it
	}
	w.standFor += w.orbit(s)
	failed, reached := w.judge(w, s)
	w.failed |= failed
	w.reached |= reached
	return true
}

// post sends what has been gathered for another worker, receiving while it must wait.
func (w *worker) post(owner int, last bool) {
	p := packet{w.out[owner], last}
	w.out[owner] = states.Batch{}
	if !last {
		w.out[owner] = states.Batch{Words: make([]uint64, 0, w.bfs.packet*w.now.words),
			Marks: make([]uint8, 0, w.bfs.packet)}
	}
	for {
		select {
		case w.workers[owner].inbox <- p:
			return
		case in := <-w.inbox:
			w.accept(in)
		}
	}
}

// receive takes in what others posted: all that is there, or at least one packet.
func (w *worker) receive(wait bool) {
	if wait {
		w.accept(<-w.inbox)
		return
	}
	for {
		select {
		case in := <-w.inbox:
			w.accept(in)
		default:
			return
		}
	}
}

func (w *worker) accept(p packet) {
	words := w.now.words
	for i := 0; i < len(p.Marks); i += 4 * blockStates {
		to := min(i+4*blockStates, len(p.Marks))
		w.store(states.Batch{Words: p.Words[i*words : to*words], Marks: p.Marks[i:to]})
	}
	if p.last {
		w.last++
	}
}
