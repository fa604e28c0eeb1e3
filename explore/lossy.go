package explore

import (
	"slices"

	"ctcheck/machine"
	"ctcheck/states"
	"ctcheck/verdict"
)

// Breadth-first search with a lossy store, by one worker, so that which states are missed depends on
// nothing but the program, the seed and the memory.
//
// A lossy store has no states to find traces by. So each state that waits to be expanded has a node in
// a tree, which names the node of the state that it was reached from, and the transition. A node is
// dropped when its state has been expanded and nothing that waits descends from it. What is kept is
// the tree above the frontier, which is thin where the runs meet, rather than all states. The trace of
// a violation is the way up. It is the first that was found; where memory allows, a search with the
// exact store looks for a shortest one afterwards.
//
// What bounds it is memory: the store, two layers of states, and the tree. The layers may need as much
// as the exact store would; then a depth-first search (lossy_dfs.go) comes farther.

// A node is a state that waits or that some waiting state descends from.
type node struct {
	parent uint32 // in a node that is not in use, the next such
	kids   uint32
	via    uint16
}

// nodeBytes is the size of a node, and nodeChunk how many are made at once.
const (
	nodeBytes = 12
	nodeChunk = 1 << 10
)

// A tree is nodes by number; number 0 stands above the initial state.
type tree struct {
	chunks [][]node
	unused uint32 // the first node not in use, 0 for none
}

func (t *tree) at(i uint32) *node { return &t.chunks[i/nodeChunk][i%nodeChunk] }

// grow makes more nodes. It reports whether there are numbers for them.
func (t *tree) grow() bool {
	first := uint32(len(t.chunks)) * nodeChunk
	if len(t.chunks) >= 1<<32/nodeChunk-1 {
		return false
	}
	t.chunks = append(t.chunks, make([]node, nodeChunk))
	for i := first + nodeChunk - 1; i > first; i-- {
		t.at(i).parent, t.unused = t.unused, i
	}
	if first > 0 {
		t.at(first).parent, t.unused = t.unused, first
	}
	return true
}

// add makes a node below another; there must be one not in use.
func (t *tree) add(parent uint32, via uint16) uint32 {
	i := t.unused
	n := t.at(i)
	t.unused = n.parent
	*n = node{parent: parent, via: via}
	t.at(parent).kids++
	return i
}

// expanded drops the node of a state that has been expanded, if nothing descends from it, and what is
// above it, if nothing else does.
func (t *tree) expanded(i uint32) {
	for i != 0 && t.at(i).kids == 0 {
		n := t.at(i)
		up := n.parent
		n.parent, t.unused = t.unused, i
		i = up
		t.at(i).kids--
	}
}

// path is the transitions on the way to a node.
func (t *tree) path(i uint32) (path []uint16) {
	for ; i != 0; i = t.at(i).parent {
		path = append(path, t.at(i).via)
	}
	slices.Reverse(path)
	return path
}

// A queue is states that wait, in chunks that are used again when they are empty.
type queue struct {
	words  int // of a state and its node
	chunks [][]uint64
	n      int
}

type lossy struct {
	*engine
	sieve states.Lossy
	step  *machine.Stepper
	tree  tree
	// The queues hold the words of each state and the number of its node.
	now, next  queue
	spare      [][]uint64
	batch      machine.Successors
	from       []uint32 // of each successor: the node that it comes from
	held       uint64
	memos      uint64 // bytes of what the stepper remembers
	rim        bool   // look, but store nothing
	entry      []uint64
	chunkWords int
}

// lossySearch is the whole search.
func (e *engine) lossySearch() error {
	words := e.m.Words()
	l := &lossy{engine: e, step: e.m.NewStepper(), entry: make([]uint64, words+1)}
	l.now.words, l.next.words = words+1, words+1
	l.chunkWords = blockStates * (words + 1)
	search := l.search
	if e.o.Search == DepthFirst {
		search = (&deep{lossy: l}).search
	}
	if e.o.Store == Bitstate {
		bytes := uint64(states.DefaultBitstate)
		if e.o.MaxMemory > 0 {
			bytes = e.o.MaxMemory / 4 * 3 &^ 7
		}
		l.sieve = states.NewBitstate(words, e.o.Seed, bytes)
		l.held = bytes
	} else {
		l.sieve = states.NewHashCompaction(words, e.o.Seed, l.memory)
	}
	defer l.sieve.Release()
	err := search()
	e.estimate, e.bytes = verdict.EstimateOf(l.sieve.Omitted()), l.held
	if e.bound == verdict.NoBound && !e.cut {
		e.bound = verdict.AtStore
	}
	return err
}

// memory books bytes, and refuses more than the bound.
func (l *lossy) memory(delta int64) bool {
	if limit := l.o.MaxMemory; delta > 0 && limit > 0 &&
		l.held+l.memos+uint64(delta) > limit {
		l.stop(verdict.AtMemory)
		return false
	}
	l.held += uint64(delta)
	return true
}

func (l *lossy) stop(bound verdict.Bound) {
	if l.bound == verdict.NoBound {
		l.bound = bound
	}
}

func (l *lossy) search() error {
	s, fx := l.m.Initial()
	if fx.Err != nil {
		return fx.Err
	}
	l.tree.grow()
	l.memory(nodeChunk * nodeBytes)
	l.reached |= fx.Reached | l.m.Reached(s)
	l.fail(fx.Failed|l.m.Violated(s), func() []uint16 { return nil })
	l.sieve.Add(s, func(int) bool { return true })
	l.states, l.standFor = 1, l.orbit(s)
	l.push(s, 0)
	for ; l.bound == verdict.NoBound && l.next.n > 0; l.depth++ {
		l.now, l.next = l.next, l.now
		l.memos = l.step.Bytes() * 3 / 2 // it may grow in this layer
		l.rim = l.o.MaxDepth > 0 && l.depth == l.o.MaxDepth
		for l.bound == verdict.NoBound && l.now.n > 0 {
			if err := l.ctx.Err(); err != nil {
				l.stop(stopCause(err))
				break
			}
			l.bytes, l.queue = l.held, l.now.n+l.next.n
			l.tell()
			if err := l.block(); err != nil {
				return err
			}
		}
	}
	l.depth = max(l.depth-1, 0)
	return nil
}

// block expands the last chunk of the layer.
func (l *lossy) block() error {
	last := len(l.now.chunks) - 1
	c := l.now.chunks[last]
	l.now.chunks = l.now.chunks[:last]
	l.spare = append(l.spare, c[:0])
	l.now.n -= len(c) / l.now.words
	l.batch.Reset()
	l.from = l.from[:0]
	for e := range slices.Chunk(c, l.now.words) {
		s, node := e[:len(e)-1], uint32(e[len(e)-1])
		n := l.step.Expand(s, &l.batch)
		for range n {
			l.from = append(l.from, node)
		}
		if l.idle(l.batch.Via[len(l.batch.Via)-n:]) && !l.m.Ended(s) {
			l.fail(l.deadlock, func() []uint16 { return l.tree.path(node) })
		}
	}
	l.trans += uint64(len(l.batch.Via))
	l.outgrown(l.batch.Full)
	l.canonAll(l.batch.Words)
	for i := range l.batch.Odd {
		odd := &l.batch.Odd[i]
		if odd.Err != nil {
			return odd.Err
		}
		l.reached |= odd.Reached
		if l.rim {
			l.cut = l.cut || odd.Failed != 0
			continue
		}
		l.fail(odd.Failed, func() []uint16 { return l.way(odd.Index) })
	}
	if l.rim {
		l.look()
		return nil
	}
	// The chunk is in use again from here on, but for the numbers of the nodes, which are needed once more.
	nodes := make([]uint32, 0, blockStates)
	for e := range slices.Chunk(c, l.now.words) {
		nodes = append(nodes, uint32(e[len(e)-1]))
	}
	if l.bound == verdict.NoBound && !l.sieve.Add(l.batch.Words, l.fresh) {
		l.stop(verdict.AtMemory) // unless another bound was met
	}
	for _, n := range nodes {
		l.tree.expanded(n)
	}
	return nil
}

// way is the run that leads to successor i of the batch.
func (l *lossy) way(i int) []uint16 { return append(l.tree.path(l.from[i]), l.batch.Via[i]) }

// look sees whether the search is cut at the depth bound.
func (l *lossy) look() {
	for s := range slices.Chunk(l.batch.Words, l.m.Words()) {
		l.cut = l.cut || !l.sieve.Has(s)
	}
}

// fresh takes in successor i of the batch, which is new, unless a bound forbids.
func (l *lossy) fresh(i int) bool {
	if limit := l.o.MaxStates; limit > 0 && l.states >= limit {
		l.stop(verdict.AtStates)
		return false
	}
	if l.tree.unused == 0 {
		if !l.memory(nodeChunk * nodeBytes) {
			return false
		}
		if !l.tree.grow() {
			l.stop(verdict.AtMemory)
			return false
		}
	}
	s := l.batch.Words[i*l.m.Words() : (i+1)*l.m.Words()]
	if !l.push(s, l.tree.unused) {
		return false
	}
	l.tree.add(l.from[i], l.batch.Via[i])
	l.states++
	l.standFor += l.orbit(s)
	failed, reached := l.step.Judge(s)
	l.reached |= reached
	l.fail(failed, func() []uint16 { return l.way(i) })
	return true
}

// push adds a state with its node to the next layer.
func (l *lossy) push(s []uint64, node uint32) bool {
	q := &l.next
	last := len(q.chunks) - 1
	if last < 0 || len(q.chunks[last]) == l.chunkWords {
		var c []uint64
		if n := len(l.spare); n > 0 {
			c, l.spare = l.spare[n-1], l.spare[:n-1]
		} else {
			if !l.memory(int64(8 * l.chunkWords)) {
				return false
			}
			c = make([]uint64, 0, l.chunkWords)
		}
		q.chunks = append(q.chunks, c)
		last++
	}
	l.entry = append(append(l.entry[:0], s...), uint64(node))
	q.chunks[last] = append(q.chunks[last], l.entry...)
	q.n++
	return true
}
