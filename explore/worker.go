package explore

import (
	"ctcheck/machine"
	"ctcheck/states"
	"ctcheck/verdict"
)

// This file is a worker of a breadth-first search (bfs.go): it expands the states that it owns in blocks, and
// stores those that come to it. What a worker has is its own; of the search it reads what does not change within a
// layer, the stop signal and the memory budget.

// A worker is one goroutine's part of the search.
type worker struct {
	search   *parallelBFS
	id       int
	words    int // of a state
	step     *machine.Stepper
	table    *states.Table
	frontier *states.Frontier
	por      pruner
	batch    machine.Successors
	mine     states.Batch   // successors that the worker owns itself
	out      []states.Batch // successors by owner
	inbox    chan packet
	last     int              // last packets received in this layer
	adding   states.Batch     // what is being added to the table
	fresh    func(i int) bool // admit, made once

	counts  counts
	failed  uint64 // violated by a state or step one deeper than the layer
	stuck   uint64 // violated by a state of the layer: deadlocks
	reached uint64
	err     error
	cut     bool
	left    []uint64 // successors that a bound kept out of the table; for a checkpoint only
	outgrew uint64   // CPUs whose store buffer was full when it should not have been
	told    reported // what it has said of that
}

// A packet is states on their way to their owner; the last one of a layer has last set.
type packet struct {
	states.Batch
	last bool
}

func newWorker(b *parallelBFS, id, workers int) *worker {
	m := b.in.m
	w := &worker{search: b, id: id, words: m.Words(), step: m.NewStepper(), por: b.reduce.newPruner(),
		out: make([]states.Batch, workers), inbox: make(chan packet, min(4*workers, waitingPosts))}
	w.fresh = w.admit
	b.budget.chosen.Add(int64(w.por.bytes()))
	w.por.room(func(more int64) bool {
		fits := b.budget.fits(uint64(more))
		if fits {
			b.budget.chosen.Add(more)
		}
		return fits
	})
	w.table = states.NewTable(m.Words(), m.Bits(), b.book)
	w.frontier = states.NewFrontier(m.Words(), true, chunkStates, func(delta int64) bool {
		if !b.book(delta) {
			return false
		}
		b.budget.queued.Add(delta)
		return true
	})
	return w
}

// run is a worker's part of one layer.
func (w *worker) run() {
	brake := &w.search.brake
	block := states.Batch{Words: make([]uint64, 0, blockStates*w.words), Marks: make([]uint8, 0, blockStates)}
	for more := true; more && !brake.stop.Load(); more = !brake.pausing.Load() {
		if now, _ := w.frontier.Waiting(); now == 0 {
			break
		}
		if err := w.search.in.ctx.Err(); err != nil {
			brake.pause(stopCause(err))
			break
		}
		block.Reset()
		w.frontier.Take(&block, blockStates)
		w.expand(&block)
		w.receive(false)
		w.tell()
	}
	for o := range w.out {
		if o != w.id {
			w.post(o, true)
		}
	}
	for w.last < len(w.out)-1 {
		w.receive(true)
	}
	w.tell()
}

// expand fires everything in a block of states and sees to the successors.
func (w *worker) expand(block *states.Batch) {
	w.batch.Reset()
	m := w.search.in.m
	for i, done := range block.Marks {
		s := block.Words[i*w.words : (i+1)*w.words]
		n, obliged := w.successors(s, done)
		w.counts.transitions += uint64(n)
		if m.Deadlock(s, obliged) {
			w.stuck |= w.search.in.deadlock()
		}
	}
	if w.batch.Full != 0 {
		w.outgrew |= w.batch.Full
		if w.batch.Full&w.search.bounds.larger != 0 {
			w.search.brake.halt(verdict.AtBuffer)
		}
	}
	w.search.reduce.canonAll(w.batch.Words)
	if !w.effects() {
		return
	}
	if len(w.out) == 1 {
		w.store(states.Batch{Words: w.batch.Words, Marks: w.batch.Done})
		return
	}
	w.mine.Reset()
	for i, done := range w.batch.Done {
		s := w.batch.Words[i*w.words : (i+1)*w.words]
		o := w.search.owner(s)
		if o == w.id {
			w.mine.Add(s, done)
			continue
		}
		w.out[o].Add(s, done)
		if len(w.out[o].Marks) >= w.search.packet {
			w.post(o, false)
		}
	}
	w.store(w.mine)
}

// effects notes what the steps of the batch did. It reports false if one of them is a fault of the program.
func (w *worker) effects() bool {
	for i := range w.batch.Effects {
		odd := &w.batch.Effects[i]
		if odd.Err != nil {
			w.err = odd.Err
			w.search.brake.halt(verdict.AtInterrupt)
			return false
		}
		if w.search.atBound {
			w.cut = w.cut || odd.Failed != 0
		} else {
			w.failed |= odd.Failed
		}
		w.reached |= odd.Reached
	}
	return true
}

// successors appends the successors of s to the batch, less those that can wait, and without a reduction
// less those of the CPUs that are done. It reports how many there are, with the latter, and whether any
// has to be taken in the end.
func (w *worker) successors(s []uint64, done uint8) (n int, obliged bool) {
	if w.por.chooser == nil {
		return w.step.ExpandSleep(s, done, &w.batch)
	}
	n = w.step.Expand(s, &w.batch)
	obliged = w.search.in.obliged(w.batch.Via[len(w.batch.Via)-n:]...)
	left := w.por.chooser.Prune(s, &w.batch, n)
	if left > 0 {
		w.counts.prunedStates++
		w.counts.prunedSteps += uint64(left)
	}
	for len(w.batch.Done) < len(w.batch.Via) {
		w.batch.Done = append(w.batch.Done, 0)
	}
	return n - left, obliged
}

// store adds states that this worker owns.
func (w *worker) store(batch states.Batch) {
	if !w.search.atBound {
		if !w.search.brake.stop.Load() && w.add(batch) {
			return
		}
		w.search.brake.halt(verdict.AtBytes) // unless another bound was met: what was not stored is never forgotten
		if w.search.saver != nil {
			w.left = append(w.left, batch.Words...)
		}
		return
	}
	for i := 0; i < len(batch.Words) && !w.cut; i += w.words {
		w.cut = !w.table.Has(batch.Words[i : i+w.words])
	}
}

// add adds states to the table. It reports whether there was room for all.
func (w *worker) add(batch states.Batch) bool {
	w.adding = batch
	return w.table.Add(batch.Words, w.fresh)
}

// admit judges a new state and puts it into the next layer, unless a bound forbids.
func (w *worker) admit(i int) bool {
	b := w.search
	if limit := b.bounds.maxStates; limit > 0 && b.stored.Add(1) > limit {
		b.brake.halt(verdict.AtStates)
		return false
	}
	s := w.adding.Words[i*w.words : (i+1)*w.words]
	if b.goal.keep != nil && !b.goal.keep(s) {
		return true
	}
	done := uint8(0)
	if b.once {
		done = w.adding.Marks[i]
	}
	if !w.frontier.Push(s, done) {
		return false // and what it violates is not told, since no trace could end in it
	}
	w.counts.standFor += b.reduce.orbit(s)
	failed, reached := w.judge(s)
	w.failed |= failed
	w.reached |= reached
	return true
}

// judge is what a state violates, and the claims that it satisfies.
func (w *worker) judge(s []uint64) (failed, reached uint64) {
	if judge := w.search.goal.judge; judge != nil {
		return judge(s), 0
	}
	return w.step.Judge(s)
}

// post sends what has been gathered for another worker, receiving while it must wait.
func (w *worker) post(owner int, last bool) {
	p := packet{w.out[owner], last}
	w.out[owner] = states.Batch{}
	if !last {
		w.out[owner] = states.Batch{Words: make([]uint64, 0, w.search.packet*w.words),
			Marks: make([]uint8, 0, w.search.packet)}
	}
	for {
		select {
		case w.search.workers[owner].inbox <- p:
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
	for i := 0; i < len(p.Marks); i += 4 * blockStates {
		to := min(i+4*blockStates, len(p.Marks))
		w.store(states.Batch{Words: p.Words[i*w.words : to*w.words], Marks: p.Marks[i:to]})
	}
	if p.last {
		w.last++
	}
}

// queues is the states that wait: of the current layer, of the next, left over.
func (w *worker) queues() [3][]states.Batch {
	now, next := w.frontier.Layers()
	return [3][]states.Batch{now, next, {{Words: w.left}}}
}
