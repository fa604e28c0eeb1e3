package explore

import (
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/states"
	"ctcheck/trace"
)

// This file says where the steps of stored states lead, for the search for fair runs, which asks that of most
// states several times. The graph is written down once, by all workers, each of which takes some states at a time;
// every later pass reads. It takes 4 bytes a state and 6 a step, if memory allows: steps that are not written
// down, or that were forgotten when memory was needed, are computed when they are asked for. So nothing depends on
// how much is written down, and the outcome does not depend on the number of workers.

// mostChunk is the logarithm of the most states that a worker takes at a time.
const mostChunk = 10

// hasProgress marks, in the via of an arc, a step that is progress of some claim.
const hasProgress = 1 << 15

// A graph is the steps between stored states, as far as they are written down.
type graph struct {
	shift  uint     // logarithm of the states of a chunk
	first  []uint32 // of each state: where its arcs begin in its chunk
	chunks []arcs   // those that are not written down are empty
	bytes  atomic.Int64
}

// arcs are steps, in the order of their transitions and, in a chunk, of the states that they leave.
type arcs struct {
	to  []uint32 // the states that they lead to
	via []uint16 // the transitions, with hasProgress
}

// transition is the transition of an arc.
func transition(via uint16) int { return int(via &^ hasProgress) }

// newGraph is a graph of so many states with nothing written down.
func newGraph(states, workers int) *graph {
	shift := min(bits.Len(uint(states/(8*workers))), mostChunk)
	return &graph{shift: uint(shift), chunks: make([]arcs, (states+1<<shift-1)>>shift)}
}

// known is the arcs of a state, if they are written down.
func (g *graph) known(i uint32) (arcs, bool) {
	c := &g.chunks[i>>g.shift]
	if c.to == nil {
		return arcs{}, false
	}
	from, to := g.first[i], len(c.to)
	if next := i + 1; next&(uint32(1)<<g.shift-1) != 0 && int(next) < len(g.first) {
		to = int(g.first[next])
	}
	return arcs{c.to[from:to], c.via[from:to]}, true
}

// forget gives the memory back, and reports whether there was any.
func (g *graph) forget() bool {
	n := int(g.bytes.Swap(0))
	clear(g.chunks)
	g.first = nil
	states.Sweep(n)
	return n > 0
}

// A walker computes arcs. It is one goroutine's.
type walker struct {
	l     *liveness
	step  **machine.Stepper // of the worker of the search
	memos int64             // bytes that are booked
	batch machine.Successors
	made  arcs   // of the state that was asked for last
	of    uint32 // this state
	has   bool   // there is one
	dst   []uint64
	fx    machine.Effects
	what  []reach  // of each transition
	id    int      // the bounds belong to the goroutine of the first one, 0
	found []uint32 // peel.go
	next  []uint32 // likewise
	err   error
}

// newCrew is a walker for each worker.
func (l *liveness) newCrew(s *search) {
	for i := range max(s.in.o.Workers, 1) {
		w := &walker{l: l, id: i, dst: make([]uint64, s.in.m.Words())}
		w.what = make([]reach, s.in.m.Transitions())
		if s.parallel != nil {
			w.step = &s.parallel.workers[i].step // which has learned most of what there is to know
		} else {
			step := s.in.m.NewStepper()
			w.step = &step
		}
		l.crew = append(l.crew, w)
		w.tally()
	}
}

// tally books what the walker's stepper remembers, and what else it holds.
func (w *walker) tally() {
	b := &w.batch
	lists := 8*cap(b.Words) + 2*cap(b.Via) + 6*cap(w.made.to) + 4*(cap(w.found)+cap(w.next))
	now := int64((*w.step).Bytes()) + int64(lists)
	w.l.memos.Add(now - w.memos)
	w.memos = now
}

// forget has the steppers and the graph forget what can be computed again. It reports whether that gave memory
// back.
func (l *liveness) forget() bool {
	was := l.memos.Load()
	for _, w := range l.crew {
		*w.step = l.in.m.NewStepper()
		w.batch, w.made, w.has = machine.Successors{}, arcs{}, false
		w.found, w.next = nil, nil
		w.tally()
	}
	gave := l.graph.forget()
	return gave || l.memos.Load() < was
}

// arcs is where the steps of state i lead. It is valid until the walker is asked for those of another state.
func (w *walker) arcs(i uint32) (arcs, error) {
	if a, known := w.l.graph.known(i); known {
		return a, nil
	}
	if w.has && w.of == i {
		return w.made, nil
	}
	w.of, w.has = i, true
	w.batch.Reset()
	(*w.step).Expand(w.l.set.At(i), &w.batch)
	err := w.make()
	return w.made, err
}

// make makes arcs of the successors in the batch.
func (w *walker) make() error {
	w.l.reduce.canonAll(w.batch.Words)
	n := len(w.batch.Via)
	w.made.to, w.made.via = slices.Grow(w.made.to[:0], n)[:n], append(w.made.via[:0], w.batch.Via...)
	for k := range w.batch.Effects {
		odd := &w.batch.Effects[k]
		if odd.Err != nil {
			return odd.Err
		}
		if odd.Progress != 0 {
			w.made.via[odd.Index] |= hasProgress
		}
	}
	if !w.l.set.FindAll(w.batch.Words, w.made.to) {
		return errUnknownState
	}
	return nil
}

// reach says whether the arc k of state i stays in the region.
func (w *walker) reach(i uint32, a arcs, k int, region uint32) reach {
	progress := uint64(0)
	if c := w.l.claim; c != nil && c.Kind == ir.LiveProgress && a.via[k]&hasProgress != 0 &&
		w.l.in.m.Fire(w.l.set.At(i), transition(a.via[k]), w.dst, &w.fx) {
		progress = w.fx.Progress
	}
	return w.l.classify(a.to[k], region, progress)
}

// halted is asked for every small piece of work whether to stop.
func (w *walker) halted() bool {
	if w.id == 0 && w.l.bounds.tick() {
		w.l.halt.Store(true)
	}
	return w.l.halt.Load()
}

// look takes state i of a region into the obligations.
func (w *walker) look(d *trace.Obligations, i uint32) error {
	a, err := w.arcs(i)
	if err != nil {
		return err
	}
	clear(w.what)
	for k, via := range a.via {
		w.what[transition(via)] = w.reach(i, a, k, w.l.marks[i].region)
	}
	return d.Look(w.l.in.m, w.l.set.At(i), func(t int) (bool, bool, error) {
		return w.what[t] != disabled, w.what[t] == inside, nil
	})
}

// share has the crew do a job of n parts, each of which one of them takes when it has nothing else to do. The
// caller is the first of them.
func (l *liveness) share(n int, part func(w *walker, k int) error) error {
	var next atomic.Int64
	work := func(w *walker) {
		w.err = nil
		for w.err == nil && !l.halt.Load() {
			k := int(next.Add(1)) - 1
			if k >= n {
				break
			}
			w.err = part(w, k)
		}
		if n > 1 {
			w.tally()
		}
	}
	var wg sync.WaitGroup
	for _, w := range l.crew[1:max(1, min(len(l.crew), n))] {
		wg.Go(func() { work(w) })
	}
	work(l.crew[0])
	wg.Wait()
	for _, w := range l.crew {
		if w.err != nil {
			return w.err
		}
	}
	return nil
}

// write writes the graph down, as far as there is room beside what the passes over it need, and finds the states in
// which a run may stop.
func (l *liveness) write() error {
	n, g := l.set.Len(), l.graph
	stops := make([][]uint32, len(g.chunks))
	besides := l.extra + uint64(n)*graphPasses
	fits := func() bool {
		return l.bounds.fits(l.counts.bytes + collected(l.set.Bytes()+besides+l.again()))
	}
	g.bytes.Store(int64(4*n) + int64(len(g.chunks))*int64(unsafe.Sizeof(arcs{})))
	if fits() {
		g.first = make([]uint32, n)
	} else {
		g.bytes.Store(0)
	}
	err := l.share(len(g.chunks), func(w *walker, k int) error {
		from := k << g.shift
		to := min(from+1<<g.shift, n)
		w.has = false
		w.batch.Reset()
		for i := from; i < to; i++ {
			if w.halted() {
				return nil
			}
			if g.first != nil {
				g.first[i] = uint32(len(w.batch.Via))
			}
			have := (*w.step).Expand(l.set.At(uint32(i)), &w.batch)
			if !l.in.obliged(w.batch.Via[len(w.batch.Via)-have:]...) {
				stops[k] = append(stops[k], uint32(i))
			}
		}
		w.tally()
		l.in.o.Progress.Advance(uint64(to - from))
		if g.first == nil || !fits() {
			return nil
		}
		if err := w.make(); err != nil {
			return err
		}
		g.bytes.Add(int64(6 * len(w.made.to)))
		g.chunks[k] = arcs{append(make([]uint32, 0, len(w.made.to)), w.made.to...), slices.Clone(w.made.via)}
		return nil
	})
	l.stops = slices.Concat(stops...)
	return err
}

// graphPasses is the bytes a state that the passes over the graph may need.
const graphPasses = 24
