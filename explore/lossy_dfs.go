package explore

import (
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

// A deep is such a search.
type deep struct {
	*lossy
	words  []uint64 // of the states that wait and those on the path, by level
	via    []uint16 // the transition that led to each
	levels []int    // where in via each level begins
	state  []uint64 // the one that is expanded
}

func (d *deep) search() error {
	s, fx := d.m.Initial()
	if fx.Err != nil {
		return fx.Err
	}
	d.reached |= fx.Reached | d.m.Reached(s)
	d.fail(fx.Failed|d.m.Violated(s), func() []uint16 { return nil })
	d.sieve.Add(s, func(int) bool { return true })
	d.states, d.standFor = 1, d.orbit(s)
	d.levels = append(d.levels, 0)
	if d.room(len(s)) {
		d.words, d.via = append(d.words, s...), append(d.via, 0)
	}
	for n := 0; len(d.levels) > 0 && d.bound == verdict.NoBound; n++ {
		if n%1024 == 0 {
			if err := d.ctx.Err(); err != nil {
				d.stop(stopCause(err))
				break
			}
			d.forget()
			d.bytes, d.queue = d.held, len(d.via)
			d.tell()
		}
		top := len(d.levels) - 1
		if len(d.via) > d.levels[top] {
			d.depth = max(d.depth, top)
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
func (d *deep) forget() {
	d.memos = d.step.Bytes() * 3 / 2 // it may grow until the next time
	if limit := d.o.MaxMemory; limit > 0 && d.held+d.memos > limit {
		d.step, d.memos = d.m.NewStepper(), 0
		states.Sweep(int(limit - min(d.held, limit)))
	}
}

// expand makes the last state's new successors a level.
func (d *deep) expand() error {
	d.state = append(d.state[:0], d.words[len(d.words)-d.m.Words():]...)
	d.batch.Reset()
	if n := d.step.Expand(d.state, &d.batch); d.idle(d.batch.Via[:n]) && !d.m.Ended(d.state) {
		d.fail(d.deadlock, d.path)
	}
	d.canonAll(d.batch.Words)
	d.trans += uint64(len(d.batch.Via))
	d.outgrown(d.batch.Full)
	for i := range d.batch.Odd {
		odd := &d.batch.Odd[i]
		if odd.Err != nil {
			return odd.Err
		}
		d.reached |= odd.Reached
		d.fail(odd.Failed, func() []uint16 { return append(d.path(), d.batch.Via[odd.Index]) })
	}
	d.levels = append(d.levels, len(d.via))
	if d.bound == verdict.NoBound && !d.sieve.Add(d.batch.Words, d.fresh) {
		d.stop(verdict.AtMemory) // unless another bound was met
	}
	return nil
}

// fresh puts successor i of the batch, which is new, onto the stack, unless a bound forbids.
func (d *deep) fresh(i int) bool {
	if limit := d.o.MaxStates; limit > 0 && d.states >= limit {
		d.stop(verdict.AtStates)
		return false
	}
	s := d.batch.Words[i*d.m.Words() : (i+1)*d.m.Words()]
	if !d.room(len(s)) {
		return false
	}
	d.words, d.via = append(d.words, s...), append(d.via, d.batch.Via[i])
	d.states++
	d.standFor += d.orbit(s)
	failed, reached := d.step.Judge(s)
	d.reached |= reached
	d.fail(failed, func() []uint16 { return append(d.parents(), d.batch.Via[i]) })
	return true
}

// room sees to it that one more state fits onto the stack. It reports whether there is memory, also for
// both copies while the stack moves, and for as many levels as there are states.
func (d *deep) room(words int) bool {
	if len(d.via) < cap(d.via) {
		return true
	}
	states, bytes := max(2*cap(d.via), 1<<10), 8*words+2+8
	if !d.memory(int64(states * bytes)) {
		return false
	}
	d.memory(-int64(cap(d.via) * bytes))
	d.words = append(make([]uint64, 0, states*words), d.words...)
	d.via = append(make([]uint16, 0, states), d.via...)
	return true
}

// path is the transitions to the last state.
func (d *deep) path() []uint16 {
	if len(d.levels) == 1 {
		return nil
	}
	return append(d.parents(), d.via[len(d.via)-1])
}

// parents is the transitions to the state that the last level follows from.
func (d *deep) parents() (path []uint16) {
	for _, begin := range d.levels[min(2, len(d.levels)):] {
		path = append(path, d.via[begin-1])
	}
	return path
}
