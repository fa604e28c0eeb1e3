package explore

import (
	"slices"

	"ctcheck/machine"
	"ctcheck/states"
	"ctcheck/verdict"
)

// Breadth-first search with a lossy store, by one worker, so that which states are missed depends on
// nothing but the program, the seed and the memory. A tree (lossy_tree.go) has the ways to the states that wait.
// The trace of a violation is the first that was found; where memory allows, a search with the exact store looks
// for a shortest one afterwards.
//
// What bounds it is memory: the store, two layers of states, and the tree. The layers may need as much
// as the exact store would; then a depth-first search (lossy_dfs.go) comes farther.

// A lossyBreadthFirst is the search.
type lossyBreadthFirst struct {
	in      *problem
	bounds  *bounds
	reduce  *reductions
	found   *findings
	counts  *counts
	store   states.Store
	account *lossyBudget

	step     *machine.Stepper
	tree     tree
	frontier *states.Frontier // of the words of each state and the number of its node
	entry    []uint64         // such an entry
	block    states.Batch     // what is expanded
	batch    machine.Successors
	from     []uint32         // of each successor: the node that it comes from
	fresh    func(i int) bool // admit, made once
	atBound  bool             // the layer is at the bound on depth: look beyond it, but store nothing
}

// lossy searches with a lossy store.
func (s *search) lossy() error {
	a := &lossyBudget{bounds: s.bounds}
	store := s.newLossyStore(a)
	defer func() {
		// Where something is violated, a search for a trace needs the memory first.
		if s.bounds.met == verdict.AtBuffer && s.found.failed == 0 {
			s.shelf.put(store)
		} else {
			store.Release()
		}
	}()
	var err error
	if s.in.o.Search == DepthFirst {
		l := &lossyDepthFirst{in: s.in, bounds: s.bounds, reduce: s.reduce, found: s.found, counts: s.counts,
			store: store, account: a, step: s.in.m.NewStepper()}
		err = l.run()
	} else {
		words := s.in.m.Words()
		l := &lossyBreadthFirst{in: s.in, bounds: s.bounds, reduce: s.reduce, found: s.found, counts: s.counts,
			store: store, account: a, step: s.in.m.NewStepper(), entry: make([]uint64, words+1),
			frontier: states.NewFrontier(words+1, false, blockStates, a.book)}
		err = l.run()
	}
	s.estimate, s.counts.bytes = verdict.EstimateOf(store.Omitted()), a.held
	if !s.bounds.cut {
		s.bounds.stop(verdict.AtStore)
	}
	return err
}

// newLossyStore is the store that the options name, whose bytes are on the account.
func (s *search) newLossyStore(a *lossyBudget) states.Store {
	in, words := s.in, s.in.m.Words()
	if in.o.Store == Hash128 {
		return states.NewHashCompaction(words, in.o.Seed, a.book)
	}
	bytes := uint64(states.DefaultBitstate)
	if in.o.MaxBytes > 0 {
		bytes = in.o.MaxBytes / 4 * 3 &^ 7
	}
	set := s.shelf.bitset(words, in.o.Seed, bytes)
	a.held = set.Bytes()
	return set
}

// A lossyBudget has the bytes of a search by one goroutine.
type lossyBudget struct {
	bounds *bounds
	held   uint64 // booked
	memos  uint64 // of what the stepper remembers
}

// book books bytes, and refuses more than the bound, at which the search stops.
func (a *lossyBudget) book(delta int64) bool {
	if delta > 0 && !a.bounds.fits(a.held+a.memos+uint64(delta)) {
		a.bounds.stop(verdict.AtBytes)
		return false
	}
	a.held += uint64(delta)
	return true
}

func (l *lossyBreadthFirst) run() error {
	s, err := l.found.initial(l.in.m)
	if err != nil {
		return err
	}
	l.fresh = l.admit
	l.tree.grow()
	l.account.book(nodeChunk * nodeBytes)
	l.store.Add(s, func(int) bool { return true })
	l.counts.states, l.counts.standFor = 1, l.reduce.orbit(s)
	l.push(s, 0)
	for _, next := l.frontier.Waiting(); !l.bounds.stopped() && next > 0; _, next = l.frontier.Waiting() {
		l.frontier.NextLayer()
		l.account.memos = l.step.Bytes() * 3 / 2 // it may grow in this layer
		l.atBound = l.in.o.MaxDepth > 0 && l.counts.depth == l.in.o.MaxDepth
		if err := l.layer(); err != nil {
			return err
		}
		l.counts.depth++
	}
	l.counts.depth = max(l.counts.depth-1, 0)
	return nil
}

// layer expands the current layer.
func (l *lossyBreadthFirst) layer() error {
	for {
		now, next := l.frontier.Waiting()
		if now == 0 || l.bounds.stopped() {
			return nil
		}
		if err := l.in.ctx.Err(); err != nil {
			l.bounds.stop(stopCause(err))
			return nil
		}
		l.counts.bytes = l.account.held
		l.in.o.Progress.counted(l.counts, now+next)
		l.block.Reset()
		l.frontier.Take(&l.block, blockStates)
		if err := l.expand(); err != nil {
			return err
		}
	}
}

// expand fires everything in the block and sees to the successors.
func (l *lossyBreadthFirst) expand() error {
	l.batch.Reset()
	l.from = l.from[:0]
	for e := range slices.Chunk(l.block.Words, len(l.entry)) {
		s, node := e[:len(e)-1], nodeOf(e)
		n := l.step.Expand(s, &l.batch)
		for range n {
			l.from = append(l.from, node)
		}
		if l.in.m.Deadlock(s, l.in.obliged(l.batch.Via[len(l.batch.Via)-n:]...)) {
			l.found.fail(l.in.deadlock(), func() []uint16 { return l.tree.path(node) })
		}
	}
	l.counts.transitions += uint64(len(l.batch.Via))
	l.bounds.outgrown(l.batch.Full)
	l.reduce.canonAll(l.batch.Words)
	for i := range l.batch.Effects {
		odd := &l.batch.Effects[i]
		if odd.Err != nil {
			l.found.paths[l.in.fault()] = l.path(odd.Index)
			return odd.Err
		}
		l.found.reached |= odd.Reached
		if l.atBound {
			l.bounds.cut = l.bounds.cut || odd.Failed != 0
			continue
		}
		l.found.fail(odd.Failed, func() []uint16 { return l.path(odd.Index) })
	}
	if l.atBound {
		for s := range slices.Chunk(l.batch.Words, l.in.m.Words()) {
			l.bounds.cut = l.bounds.cut || !l.store.Has(s)
		}
		return nil
	}
	if !l.bounds.stopped() && !l.store.Add(l.batch.Words, l.fresh) {
		l.bounds.stop(verdict.AtBytes) // unless another bound was met
	}
	for e := range slices.Chunk(l.block.Words, len(l.entry)) {
		l.tree.expanded(nodeOf(e))
	}
	return nil
}

// nodeOf is the number of the node in an entry of the frontier.
func nodeOf(entry []uint64) uint32 { return uint32(entry[len(entry)-1]) }

// path is the run that leads to successor i of the batch.
func (l *lossyBreadthFirst) path(i int) []uint16 {
	return append(l.tree.path(l.from[i]), l.batch.Via[i])
}

// admit takes in successor i of the batch, which is new, unless a bound forbids.
func (l *lossyBreadthFirst) admit(i int) bool {
	if limit := l.bounds.maxStates; limit > 0 && l.counts.states >= limit {
		l.bounds.stop(verdict.AtStates)
		return false
	}
	if l.tree.unused == 0 {
		if !l.account.book(nodeChunk * nodeBytes) {
			return false
		}
		if !l.tree.grow() {
			l.bounds.stop(verdict.AtBytes)
			return false
		}
	}
	words := l.in.m.Words()
	s := l.batch.Words[i*words : (i+1)*words]
	if !l.push(s, l.tree.unused) {
		return false
	}
	l.tree.add(l.from[i], l.batch.Via[i])
	l.counts.states++
	l.counts.standFor += l.reduce.orbit(s)
	failed, reached := l.step.Judge(s)
	l.found.reached |= reached
	l.found.fail(failed, func() []uint16 { return l.path(i) })
	return true
}

// push adds a state with its node to the next layer.
func (l *lossyBreadthFirst) push(s []uint64, node uint32) bool {
	copy(l.entry, s)
	l.entry[len(s)] = uint64(node)
	return l.frontier.Push(l.entry, 0)
}
