// Package explore visits every state that a compiled program can reach and says which properties
// hold there.
//
// [Run] is the whole of it: it searches ([DepthFirst] or [BreadthFirst]) over an exact set of packed
// states, decides all properties of the machine in that one search, and for every violated one finds
// a shortest trace, among the shortest one with the fewest switches between CPUs, and replays it
// before handing it out.
//
// Breadth first is the fast way, and the command's default: its workers remember what steps do instead
// of interpreting them ([machine.Stepper]), look up many states at a time, and need no order among the
// states of a layer. Depth first interprets every step and is one worker's; it is there for those who
// want its order, and as the plainer of the two to compare with.
//
// [Options.Reduce] asks for fewer states with the same verdicts and traces: [Symmetry] of CPUs that run
// the same code, and [PartialOrder], which leaves out orders of steps that do not matter. What a search
// was reduced by, or why it was not, is part of its result.
//
// Claims on whole runs (liveness) are decided after a complete search, over the states that it stored.
// They count only fair runs. A run is fair if
//   - every CPU that from some state on can always step, or take an IPI, does so again and again (weak
//     fairness): neither a stay in user mode or in the kernel's body nor any other pause lasts for ever;
//   - every IPI whose delivery is possible again and again is delivered again and again (strong
//     fairness): an interrupt controller holds an IPI until the CPU's interrupts are on, and a CPU that
//     has them on, if only between two stretches with interrupts off, takes it there and then, so that
//     weak fairness, which a window that closes again suffices to excuse, would admit runs that no
//     hardware has;
//   - nothing is asked of NMIs to come; one that has come runs on as its CPU's own steps do.
//
// No fairness is assumed between the alternatives of a choice, nor of a compare-and-exchange that it
// succeeds in the end, nor of a CPU whose wait is over only now and then. A CPU that waits is not one
// that can step. A run may stop where no CPU can step and no IPI can be delivered.
//
// Under x86-TSO the store buffers of the CPUs step too, and [Run] finds how much room they need. A
// store that waits reaches memory in the end (weak fairness). [Finals] is for litmus tests, which ask for
// the set of final states.
//
// What it cannot do: it knows no weaker memory models. A lasso, the trace that
// violates a claim on whole runs, takes a shortest way to a cycle, but neither that cycle nor the sum
// of both need be the shortest.
package explore

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/states"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// Order is an order in which to visit states. The verdict, the states and the transitions do not
// depend on it.
type Order uint8

// The orders.
const (
	DepthFirst Order = iota
	BreadthFirst
)

func (o Order) String() string { return [...]string{"dfs", "bfs"}[o] }

// Options say how to search, and bound it. The zero value is the full search, depth first.
type Options struct {
	Memory model.MemoryModel
	Search Order
	// First stops the search at the first violation of any property.
	First bool
	// MaxStates is the most states that may be stored; 0 means no bound.
	MaxStates uint64
	// MaxDepth is the most steps from the initial state; 0 means no bound.
	MaxDepth int
	// MaxMemory is the most bytes that the search may hold in its tables; 0 means no bound.
	MaxMemory uint64
	// Workers is how many goroutines search breadth first; 0 means 1. A depth-first search has one, and
	// so has one with a lossy store.
	Workers int
	// Reduce is the reductions to apply where they are sound; 0 means none.
	Reduce Reductions
	// Store says how the states visited are remembered.
	Store Store
	// Seed chooses the hash functions of a lossy store.
	Seed uint64
	// Checkpoint names a file to which a breadth-first search with the exact store writes where it
	// stands when a bound cuts it, and every CheckpointEvery, if that is more than nothing. Empty means
	// none.
	Checkpoint      string
	CheckpointEvery time.Duration
	// Resume names the checkpoint to go on from; empty means to begin.
	Resume string
	// Coverage counts what the steps go through. The search then has one worker, which interprets every step, and
	// leaves none out.
	Coverage bool
	// Progress, if it is not nil, is told where the search stands.
	Progress *Progress
	// Settings is what a checkpoint must have been made with to be resumed, besides the program, the
	// search and the store; a mismatch is reported by these names.
	Settings []Setting
}

// searchMachine searches the states of a machine, whose store buffers keep their room.
func searchMachine(ctx context.Context, m *machine.Machine, o Options) (*verdict.Result, error) {
	r, _, err := runWithin(ctx, m, o, 0)
	return r, err
}

// runWithin is searchMachine; it stops when the store buffer of one of the CPUs in larger turns out too
// small, and also returns the CPUs of which that is so.
func runWithin(ctx context.Context, m *machine.Machine, o Options, larger uint64) (_ *verdict.Result,
	outgrew uint64, err error) {
	begin := time.Now()
	if err := o.check(); err != nil {
		return nil, 0, err
	}
	e := newEngine(ctx, m, o)
	e.larger = larger
	defer func() { e.release() }()
	o.Progress.Enter("search", searching(m), 0)
	if err := e.search(); err != nil {
		return nil, 0, err
	}
	if why := e.unsettled; why != "" && e.o.Reduce&Symmetry != 0 {
		again := o
		again.Reduce, again.Resume = o.Reduce&^Symmetry, ""
		e.release()
		e = newEngine(ctx, m, again)
		e.unsettled, e.asked, e.larger = why, o.Reduce, larger
		o.Progress.Enter("search without symmetry", searching(m), 0)
		if err := e.search(); err != nil {
			return nil, 0, err
		}
	}
	if e.layers == nil && o.Store == Exact {
		e.bytes = e.set.Bytes() + e.extra
	}
	r := e.result()
	r.Search.Resumed = o.Resume
	e.set = nil
	if e.failed != 0 {
		if r.Search.Bytes > 1<<28 {
			debug.FreeOSMemory() // room for the tables of the traces
		}
		if err := e.traces(r); err != nil {
			return nil, 0, err
		}
	}
	r.Duration = time.Since(begin)
	return r, e.outgrew, nil
}

// check reports what of the options does not go together.
func (o *Options) check() error {
	switch {
	case o.Store != Exact && o.Search != BreadthFirst && o.MaxDepth > 0:
		return errors.New("a depth-first search with a lossy store has no bound on depth: it does not know " +
			"at what depth it met a state")
	case o.Store != Exact && o.Workers > 1:
		return errors.New("a search with a lossy store has one worker")
	case o.Coverage && o.Workers > 1:
		return errors.New("a search that counts what is covered has one worker")
	case o.Coverage && o.Store != Exact:
		return errors.New("coverage is of searches with the exact store, which know what is new")
	case o.Coverage && (o.Checkpoint != "" || o.Resume != ""):
		return errors.New("a search that counts what is covered has no checkpoints")
	case o.Checkpoint == "" && o.Resume == "":
	case o.Search != BreadthFirst:
		return errors.New("checkpoints are of breadth-first searches: where a depth-first one stands is " +
			"a long path, with no point at which little is under way")
	case o.Store != Exact:
		return errors.New("checkpoints are of searches with the exact store")
	case o.Checkpoint != "":
		return probe(o.Checkpoint)
	}
	return nil
}

// search visits the states, in the order and with the store that the options name, and decides every
// property.
func (e *engine) search() error {
	var err error
	switch {
	case e.o.Store != Exact:
		err = e.lossySearch()
	case e.o.Search == BreadthFirst && e.cover != nil:
		err = e.coverBreadthFirst()
		e.states = uint64(e.set.Len())
	case e.o.Search == BreadthFirst:
		err = e.breadthFirst()
	default:
		err = e.depthFirst()
		e.states = uint64(e.set.Len())
	}
	if err != nil {
		return err
	}
	if e.visited = e.bound == verdict.NoBound && !e.cut && e.outgrew == 0; e.visited {
		if err := e.wholeRuns(); err != nil {
			return err
		}
		if e.bound != verdict.NoBound && e.layers != nil {
			e.layers.saver.save(e.layers, e.depth+1)
		}
	}
	return nil
}

// An engine is what all searches share: the set, the tally, and the bounds.
type engine struct {
	ctx      context.Context
	m        *machine.Machine
	o        Options
	set      *states.Set
	dst      []uint64 // the successor under construction
	fx       machine.Effects
	failed   uint64 // properties violated so far; bit deadlockBit for model.NoDeadlock
	deadlock uint64
	reached  uint64
	trans    uint64
	depth    int
	bound    verdict.Bound
	cut      bool // there is more beyond the depth bound
	visited  bool // every state was visited
	ticks    uint
	queue    int                  // states that wait, for those who look on
	extra    uint64               // bytes held besides the set
	states   uint64               // of a search without a set
	bytes    uint64               // likewise
	larger   uint64               // CPUs whose store buffer can be made larger: stop when it is outgrown
	outgrew  uint64               // CPUs whose store buffer was full when it should not have been
	found    map[int][]uint16     // the first path to a violation of each property
	lassos   map[int]*trace.Lasso // of the properties that are violated by a whole run
	layers   *bfs                 // what a breadth-first search left
	// Of a search that is reduced (symmetry.go):
	sym       *machine.Symmetry // nil: there is none, or it is not used
	standFor  uint64            // how many states the stored ones stand for
	asked     Reductions        // what was asked for, of a search that is made without all the same
	estimate  *verdict.Estimate // of what a lossy store missed
	unsettled string            // why the search had to be made without symmetry
	// Of a search that leaves steps out (por.go):
	por    *machine.Persistent // nil: there is nothing to leave out, or it is not asked for
	porOff string              // why it is not done although it is asked for
	pruned pruner              // what was left out
	cover  *coverer            // counts what is gone through; nil: nothing does
}

func newEngine(ctx context.Context, m *machine.Machine, o Options) *engine {
	e := &engine{ctx: ctx, m: m, o: o, asked: o.Reduce, set: states.NewSet(m.Words()),
		dst: make([]uint64, m.Words()), deadlock: 1 << len(m.Properties), found: map[int][]uint16{},
		lassos: map[int]*trace.Lasso{}}
	e.reduce()
	e.postpone()
	if o.Coverage {
		e.cover = newCoverer(m)
	}
	return e
}

// admit counts a state that was just added to the set, and looks at it.
func (e *engine) admit(s []uint64) (failed uint64) {
	e.cover.met(s)
	e.standFor += e.orbit(s)
	e.reached |= e.m.Reached(s)
	return e.m.Violated(s)
}

// fail notes violations; path, asked only for new ones, is the way to them.
func (e *engine) fail(failed uint64, path func() []uint16) {
	news := failed &^ e.failed
	if news == 0 {
		return
	}
	e.failed |= news
	p := path()
	for i := 0; news != 0; i, news = i+1, news>>1 {
		if news&1 != 0 {
			e.found[i] = p
		}
	}
	if e.o.First && e.bound == verdict.NoBound {
		e.bound = verdict.AtFirst
	}
}

// full reports whether one more state would break a bound, and notes which.
func (e *engine) full() bool {
	switch {
	case e.bound != verdict.NoBound:
	case e.o.MaxStates > 0 && uint64(e.set.Len()) >= e.o.MaxStates, uint64(e.set.Len()) >= states.MaxStates:
		e.bound = verdict.AtStates
	case e.o.MaxMemory > 0 && e.peak() > e.o.MaxMemory:
		e.bound = verdict.AtMemory
	default:
		return false
	}
	return true
}

// peak is the most bytes that one more state may make the process need: what is held besides the set
// may have to be copied to grow.
func (e *engine) peak() uint64 { return collected(e.set.NextBytes() + 9*e.extra/4) }

// collected is so many bytes and what the collector lets lie beside them, a tenth of all.
func collected(bytes uint64) uint64 { return bytes + bytes/8 }

// outgrown notes that a store found no room in the buffers of the given CPUs.
func (e *engine) outgrown(cpus uint64) {
	e.outgrew |= cpus
	if cpus&e.larger != 0 && e.bound == verdict.NoBound {
		e.bound = verdict.AtBuffer
	}
}

// tick reports, every so often, whether the search has been told to stop.
func (e *engine) tick() bool {
	e.ticks++
	if e.ticks&1023 == 0 {
		e.tell()
		if e.ctx.Err() != nil && e.bound == verdict.NoBound {
			e.bound = stopCause(e.ctx.Err())
		}
	}
	return e.bound != verdict.NoBound
}

// stopCause is the bound that the end of a context stands for.
func stopCause(err error) verdict.Bound {
	if errors.Is(err, context.DeadlineExceeded) {
		return verdict.AtTimeout
	}
	return verdict.AtInterrupt
}

// begin adds the initial state.
func (e *engine) begin() error {
	s, fx := e.m.Initial()
	if fx.Err != nil {
		return fx.Err
	}
	e.set.Add(s)
	e.reached |= fx.Reached
	e.fail(fx.Failed|e.admit(s), func() []uint16 { return nil })
	return nil
}

// obliged reports whether t must happen in the end where it can: everything but the coming of an NMI.
func (e *engine) obliged(t int) bool { return e.m.Transition(t).Kind.Obliged() }

// stuck reports whether nothing but an NMI can happen in state i although some CPU has not ended.
func (e *engine) stuck(i uint32) bool {
	for t := range e.m.Transitions() {
		if e.obliged(t) && e.m.Fire(e.set.At(i), t, e.dst, &e.fx) {
			return false
		}
	}
	return !e.m.Ended(e.set.At(i))
}

// lookPast fires the transitions of a state at the depth bound without going where they lead. The
// search was cut if one of them leads to a state that is not in the set, or violates something.
func (e *engine) lookPast(i uint32) error {
	for t := range e.m.Transitions() {
		if !e.m.Fire(e.set.At(i), t, e.dst, &e.fx) {
			e.outgrown(e.fx.Full)
			continue
		}
		if e.fx.Err != nil {
			return e.fx.Err
		}
		e.trans++
		e.reached |= e.fx.Reached
		e.canon(e.dst)
		_, known := e.set.Find(e.dst)
		e.cut = e.cut || !known || e.fx.Failed&^e.failed != 0
	}
	return nil
}

func (e *engine) result() *verdict.Result {
	switch {
	case e.bound != verdict.NoBound:
	case e.cut:
		e.bound = verdict.AtDepth
	case e.outgrew != 0:
		e.bound = verdict.AtBuffer
	}
	r := &verdict.Result{Bound: e.bound, Complete: e.bound == verdict.NoBound, AllVisited: e.visited,
		Memory: e.m.Options().Memory, States: e.states, Transitions: e.trans, Depth: e.depth,
		Coverage: e.cover.result()}
	r.Search = &verdict.Search{Order: e.o.Search.String(), Store: e.o.Store.String(), Seed: e.o.Seed,
		Estimate: e.estimate,
		Bytes:    e.bytes, StateBits: e.m.Bits(), Room: e.m.Options().Room, Reduced: e.reduced()}
	if e.layers != nil {
		e.layers.saver.report(r)
	}
	for i, name := range append(e.m.Properties[:len(e.m.Properties):len(e.m.Properties)], model.NoDeadlock) {
		r.Properties = append(r.Properties, verdict.Property{Name: name, Violated: e.failed>>i&1 != 0})
	}
	for _, c := range e.m.Live() {
		r.Properties[c.Property].Live = true
	}
	missing := false
	for i, c := range e.m.Program.Claims {
		reached := e.reached>>i&1 != 0
		r.Claims = append(r.Claims, verdict.Claim{Name: c.Name, Reached: reached})
		missing = missing || !reached
	}
	switch {
	case e.failed != 0:
		r.Verdict = verdict.Violated
	case !r.Complete:
		r.Verdict = verdict.Incomplete
	case missing:
		r.Verdict = verdict.Unreached
	}
	return r
}

// traces finds, replays and attaches a trace for every violated property.
func (e *engine) traces(r *verdict.Result) error {
	want := e.failed
	for p := range e.lassos {
		want &^= 1 << p
	}
	paths, shortest, fewest := e.concrete(e.found), false, false
	if e.layers != nil {
		paths, fewest = e.layers.runs(want)
		if shortest = e.pruned.steps == 0; !shortest {
			fewest = false
			for p := range paths {
				paths[p] = e.until(p, paths[p])
			}
		}
	}
	if !shortest && r.Bound != verdict.AtInterrupt && r.Bound != verdict.AtTimeout {
		e.release()
		better, few, all, err := e.shortest(quest{want: want}, 0)
		if err != nil {
			return err
		}
		if all {
			paths, shortest, fewest = better, true, few
		}
	}
	for i := range r.Properties {
		p := &r.Properties[i]
		if !p.Violated {
			continue
		}
		var t *trace.Trace
		var err error
		if la := e.lassos[i]; la != nil {
			t, err = trace.ReplayLasso(e.m, la)
		} else {
			t, err = trace.Replay(e.m, i, paths[i])
		}
		if err != nil {
			return fmt.Errorf("checker fault: the trace of %s: %w", p.Name, err)
		}
		// With larger buffers there might be a shorter one.
		t.Property, t.Shortest = p.Name, shortest && e.lassos[i] == nil && e.outgrew == 0
		t.Fewest = t.Shortest && fewest
		p.Trace = t
	}
	return nil
}
