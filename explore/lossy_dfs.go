package explore

import (
	"ctcheck/machine"
	"ctcheck/states"
	"ctcheck/verdict"
)

// Depth-first search with a lossy store. Beside the store it keeps the states that wait, and those are
// few: the successors of the states on one path. So of all searches it comes the farthest in little
// memory; a breadth-first one needs room for two layers.
//
// A state is expanded once, all at a time, so that the probes of its successors overlap: those that are
// new are a level of the stack, and the last of them is the next to be expanded. The last states of all
// levels are the path. As in any depth-first search, a run found is long; where memory allows, a search
// with the exact store looks for a shortest one afterwards.
//
// What bounds it is memory: the store, the stack, and what the stepper remembers.

// A lossyDepthFirst is the search.
type lossyDepthFirst struct {
	in      *problem
	bounds  *bounds
	reduce  *reductions
	found   *findings
	counts  *counts
	store   states.Store
	account *lossyBudget

	step   *machine.Stepper
	batch  machine.Successors
	words  []uint64         // of the states that wait and those on the path, by level
	via    []uint16         // the transition that led to each
	levels []int            // where in via each level begins
	state  []uint64         // the one that is expanded
	fresh  func(i int) bool // admit, made once
}

func (d *lossyDepthFirst) run() error {
	s, err := d.found.initial(d.in.m)
	if err != nil {
		return err
	}
	d.fresh = d.admit
	d.store.Add(s, func(int) bool { return true })
	d.counts.states, d.counts.standFor = 1, d.reduce.orbit(s)
	d.levels = append(d.levels, 0)
	if d.room(len(s)) {
		d.words, d.via = append(d.words, s...), append(d.via, 0)
	}
	for n := 0; len(d.levels) > 0 && !d.bounds.stopped(); n++ {
		if n%1024 == 0 {
			if err := d.in.ctx.Err(); err != nil {
				d.bounds.stop(stopCause(err))
				break
			}
			d.forget()
			d.counts.bytes = d.account.held
			d.in.o.Progress.counted(d.counts, len(d.via))
		}
		top := len(d.levels) - 1
		if len(d.via) > d.levels[top] {
			d.counts.depth = max(d.counts.depth, top)
			if err := d.expand(); err != nil {
				return err
			}
			continue
		}
		if d.levels = d.levels[:top]; top > 0 { // the state above has nothing more below it
			d.words, d.via = d.words[:len(d.words)-len(s)], d.via[:len(d.via)-1]
		}
	}
	return nil
}

// forget has the stepper begin anew where what it remembers does not fit beside the store and the stack.
// It learns again as fast, so this costs a little time, where an end of the search would cost states.
func (d *lossyDepthFirst) forget() {
	a := d.account
	a.memos = d.step.Bytes() * 3 / 2 // it may grow until the next time
	if limit := d.bounds.maxBytes; !d.bounds.fits(a.held + a.memos) {
		d.step, a.memos = d.in.m.NewStepper(), 0
		states.Sweep(int(limit - min(a.held, limit)))
	}
}

// expand makes the last state's new successors a level.
func (d *lossyDepthFirst) expand() error {
	d.state = append(d.state[:0], d.words[len(d.words)-d.in.m.Words():]...)
	d.batch.Reset()
	d.step.Expand(d.state, &d.batch)
	if d.in.m.Deadlock(d.state, d.in.obliged(d.batch.Via...)) {
		d.found.fail(d.in.deadlock(), d.path)
	}
	d.reduce.canonAll(d.batch.Words)
	d.counts.transitions += uint64(len(d.batch.Via))
	d.bounds.outgrown(d.batch.Full)
	for i := range d.batch.Effects {
		odd := &d.batch.Effects[i]
		if odd.Err != nil {
			d.found.paths[d.in.fault()] = append(d.path(), d.batch.Via[odd.Index])
			return odd.Err
		}
		d.found.reached |= odd.Reached
		d.found.fail(odd.Failed, func() []uint16 { return append(d.path(), d.batch.Via[odd.Index]) })
	}
	d.levels = append(d.levels, len(d.via))
	if !d.bounds.stopped() && !d.store.Add(d.batch.Words, d.fresh) {
		d.bounds.stop(verdict.AtBytes) // unless another bound was met
	}
	return nil
}

// admit puts successor i of the batch, which is new, onto the stack, unless a bound forbids.
func (d *lossyDepthFirst) admit(i int) bool {
	if limit := d.bounds.maxStates; limit > 0 && d.counts.states >= limit {
		d.bounds.stop(verdict.AtStates)
		return false
	}
	words := d.in.m.Words()
	s := d.batch.Words[i*words : (i+1)*words]
	if !d.room(words) {
		return false
	}
	d.words, d.via = append(d.words, s...), append(d.via, d.batch.Via[i])
	d.counts.states++
	d.counts.standFor += d.reduce.orbit(s)
	failed, reached := d.step.Judge(s)
	d.found.reached |= reached
	d.found.fail(failed, func() []uint16 { return append(d.parents(), d.batch.Via[i]) })
	return true
}

// room sees to it that one more state fits onto the stack. It reports whether there is memory, also for
// both copies while the stack moves, and for as many levels as there are states.
func (d *lossyDepthFirst) room(words int) bool {
	if len(d.via) < cap(d.via) {
		return true
	}
	states, bytes := max(2*cap(d.via), 1<<10), 8*words+2+8
	if !d.account.book(int64(states * bytes)) {
		return false
	}
	d.account.book(-int64(cap(d.via) * bytes))
	d.words = append(make([]uint64, 0, states*words), d.words...)
	d.via = append(make([]uint16, 0, states), d.via...)
	return true
}

// path is the transitions to the last state.
func (d *lossyDepthFirst) path() []uint16 {
	if len(d.levels) == 1 {
		return nil
	}
	return append(d.parents(), d.via[len(d.via)-1])
}

// parents is the transitions to the state that the last level follows from.
func (d *lossyDepthFirst) parents() (path []uint16) {
	for _, begin := range d.levels[min(2, len(d.levels)):] {
		path = append(path, d.via[begin-1])
	}
	return path
}
