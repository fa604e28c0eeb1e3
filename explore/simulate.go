package explore

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/states"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// This file walks through the states at random, for configurations that no search finishes. What a walk meets it
// judges as every search does; what no walk has met stays open, so the verdict is never that something holds.
// Claims on whole runs are not looked at.

// WalkOptions says how to walk.
type WalkOptions struct {
	Memory   model.MemoryModel
	Seed     uint64    // of what is chosen: the same walks for the same seed
	Walks    uint64    // the most walks; 0 means until the context ends
	MaxSteps int       // of one walk; more than 0
	First    bool      // stop at the first violation
	MaxBytes uint64    // for the states that were seen; 0 means no bound. Beyond it new states are not counted.
	Progress *Progress // is told where the walks stand, if it is not nil
}

// Simulate takes random walks from the initial state until the context ends, or there were as many as asked for, or
// everything that a walk can violate is violated. In a walk the next step is any that can be taken, with a liking,
// as strong as chance has it for that walk, for the CPU that took the last one: so there are runs with few switches
// between CPUs and with many. A run to a violation is shortened by leaving out steps, as far as that goes, and then
// replayed; it need not be a shortest one. The error is a fault of the program.
func Simulate(ctx context.Context, p *model.Program, ms []*model.Monitor, o WalkOptions) (*verdict.Result, error) {
	s, err := NewSession(p, ms, Options{Memory: o.Memory})
	if err != nil {
		return nil, err
	}
	w := &simulation{m: s.m, o: o, ctx: ctx, rng: rand.New(rand.NewPCG(o.Seed, 0)), cover: newCoverer(s.m),
		set: states.NewSet(s.m.Words()), effort: mostEffort, found: newFindings(func() {}),
		next: make([]uint64, s.m.Words()), scratch: make([]uint64, s.m.Words()),
		order: make([]int, s.m.Transitions())}
	for i := range w.order {
		w.order[i] = i
	}
	begin := time.Now()
	o.Progress.Enter("random walks", "", o.Walks)
	if err := w.run(); err != nil {
		return nil, err
	}
	r, err := w.result()
	if err == nil {
		r.Duration = time.Since(begin)
	}
	return r, err
}

// A simulation is the walks.
type simulation struct {
	m       *machine.Machine
	o       WalkOptions
	ctx     context.Context
	rng     *rand.Rand
	cover   *coverer
	set     *states.Set
	full    bool // no more states are counted
	found   *findings
	counts  counts
	walks   uint64
	fx      machine.Effects
	state   []uint64
	next    []uint64
	scratch []uint64
	order   []int // of the transitions, as they are tried
	path    []uint16
	bound   verdict.Bound
	effort  int // steps that may still be taken to shorten runs
}

// run takes walk after walk.
func (w *simulation) run() error {
	initial, err := w.found.initial(w.m)
	if err != nil {
		return err
	}
	w.see(initial)
	if w.stuck(initial) {
		w.found.fail(1<<len(w.m.Properties), func() []uint16 { return nil })
	}
	for !w.over() {
		if err := w.walk(initial); err != nil {
			return err
		}
		w.walks++
		w.o.Progress.Advance(1)
	}
	return nil
}

// over reports whether the walks are at an end, and notes what ends them.
func (w *simulation) over() bool {
	switch all := uint64(1)<<(len(w.m.Properties)+1) - 1; {
	case w.found.failed != 0 && w.o.First:
		w.bound = verdict.AtFirst
	case w.found.failed|w.whole() == all:
		w.bound = verdict.AtWalks
	case w.ctx.Err() != nil:
		if w.bound = stopCause(w.ctx.Err()); w.bound == verdict.AtTimeout {
			w.bound = verdict.AtWalks
		}
	case w.o.Walks > 0 && w.walks >= w.o.Walks:
		w.bound = verdict.AtWalks
	default:
		return false
	}
	return true
}

// whole is the properties that are claims on whole runs, and nothing else.
func (w *simulation) whole() (set uint64) {
	for _, l := range w.m.Live() {
		set |= 1 << l.Property
	}
	return set
}

// walk takes one walk.
func (w *simulation) walk(initial []uint64) error {
	w.state = append(w.state[:0], initial...)
	w.path = w.path[:0]
	liking := w.rng.IntN(6) // 0: none; else the chance to leave the CPU is 1 in 2, 4, 8, 16 or 32
	cpu := -1
	for len(w.path) < w.o.MaxSteps {
		if len(w.path)&255 == 255 && w.ctx.Err() != nil {
			break
		}
		stay := cpu >= 0 && liking > 0 && w.rng.IntN(1<<liking) > 0
		id, err := w.step(cpu, stay)
		if err != nil {
			return err
		}
		if id < 0 {
			break
		}
		cpu = w.m.Transition(id).CPU
	}
	w.counts.depth = max(w.counts.depth, len(w.path))
	return nil
}

// step takes one step, of the given CPU if that is wanted and can be. It is -1 where no step can be taken.
func (w *simulation) step(cpu int, stay bool) (int, error) {
	first := func(id int) bool { return stay && w.m.Transition(id).CPU == cpu }
	for _, own := range []bool{true, false} {
		if own && !stay {
			continue
		}
		for n := range w.order {
			k := n + w.rng.IntN(len(w.order)-n)
			w.order[n], w.order[k] = w.order[k], w.order[n]
			id := w.order[n]
			if first(id) != own {
				continue
			}
			w.cover.begin(&w.fx)
			if !w.m.Fire(w.state, id, w.next, &w.fx) {
				continue
			}
			w.path = append(w.path, uint16(id))
			if w.fx.Err != nil {
				return 0, replayFault(w.m, w.path, false)
			}
			w.take(id)
			return id, nil
		}
	}
	return -1, nil
}

// take goes on to the next state.
func (w *simulation) take(id int) {
	w.counts.transitions++
	w.state, w.next = w.next, w.state
	failed := w.fx.Failed | w.m.Violated(w.state)
	w.found.reached |= w.fx.Reached | w.m.Reached(w.state)
	w.cover.took(id, !w.see(w.state))
	if w.stuck(w.state) {
		failed |= 1 << len(w.m.Properties)
	}
	w.found.fail(failed, func() []uint16 { return slices.Clone(w.path) })
}

// stuck reports whether a state is a deadlock.
func (w *simulation) stuck(s []uint64) bool {
	return w.m.Deadlock(s, w.m.HasObliged(s, w.scratch, &machine.Effects{}))
}

// see counts a state, and reports whether it is new.
func (w *simulation) see(s []uint64) bool {
	if w.full = w.full || w.o.MaxBytes > 0 && collected(w.set.NextBytes()) > w.o.MaxBytes ||
		uint64(w.set.Len()) >= states.MaxStates; w.full {
		return false
	}
	before := w.set.Len()
	w.set.Add(s)
	if w.set.Len() == before {
		return false
	}
	w.cover.met(s)
	return true
}

// result is what the walks have met.
func (w *simulation) result() (*verdict.Result, error) {
	r := &verdict.Result{Verdict: verdict.Incomplete, Bound: w.bound, Memory: w.m.Options().Memory,
		States: uint64(w.set.Len()), Transitions: w.counts.transitions, Depth: w.counts.depth,
		Coverage: w.cover.result()}
	r.Search = &verdict.Search{Order: verdict.RandomWalks, Store: verdict.ExactStore, Seed: w.o.Seed,
		Walks: w.walks, Uncounted: w.full, Bytes: w.set.Bytes(), StateBits: w.m.Bits()}
	in := &problem{ctx: w.ctx, m: w.m, o: Options{Memory: w.o.Memory}}
	for i, name := range in.properties() {
		p := verdict.Property{Name: name, Violated: w.found.failed>>i&1 != 0, Live: w.whole()>>i&1 != 0}
		if p.Violated {
			t, err := trace.Replay(w.m, i, w.shorten(i, w.found.paths[i]))
			if err != nil {
				return nil, err
			}
			t.Property, t.Random = name, true
			p.Trace, r.Verdict = t, verdict.Violated
		}
		r.Properties = append(r.Properties, p)
	}
	for i, c := range w.m.Program.Claims {
		r.Claims = append(r.Claims, verdict.Claim{Name: c.Name, Reached: w.found.reached>>i&1 != 0})
	}
	return r, nil
}

// shorten leaves out steps of a run to a violation of a property, blocks of them first and in the end one by one,
// as long as what is left is such a run (delta debugging: Zeller and Hildebrandt, IEEE TSE 28(2), 2002).
func (w *simulation) shorten(p int, path []uint16) []uint16 {
	for block := max(len(path)/2, 1); ; block = max(block/2, 1) {
		shorter := false
		for at := 0; at+block <= len(path); {
			left := slices.Concat(path[:at], path[at+block:])
			if n := w.violates(p, left); n >= 0 {
				path, shorter = left[:n], true
			} else {
				at += block
			}
		}
		if block == 1 && !shorter {
			return path
		}
	}
}

// mostEffort is how many steps are taken to shorten runs: some seconds.
const mostEffort = 20_000_000

// violates is after how many steps a run violates a property for the first time; -1 if it does not, or cannot be
// taken.
func (w *simulation) violates(p int, path []uint16) int {
	if w.effort < 0 {
		return -1
	}
	initial, fx := w.m.Initial()
	w.state = append(w.state[:0], initial...)
	failed := fx.Failed | w.m.Violated(w.state)
	w.fx.Trail = nil
	for n, id := range path {
		if failed>>p&1 != 0 {
			return n
		}
		w.effort--
		if !w.m.Fire(w.state, int(id), w.next, &w.fx) || w.fx.Err != nil {
			return -1
		}
		w.state, w.next = w.next, w.state
		failed = w.fx.Failed | w.m.Violated(w.state)
		if p == len(w.m.Properties) && w.stuck(w.state) {
			failed |= 1 << p
		}
	}
	if failed>>p&1 != 0 {
		return len(path)
	}
	return -1
}
