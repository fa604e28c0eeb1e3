package explore

import (
	"math/bits"
	"math/rand/v2"
	"slices"

	"ctcheck/machine"
	"ctcheck/states"
)

// This file expands states of a checkpoint again that it says were expanded: all of them where there are few, and
// otherwise some that chance chooses, as to expand all would be to make the search once more. Every successor must
// be there, and what the steps do must have been told. Of all states together the tallies are compared too.

// mostAgain is the states that are expanded again. That takes less than a second.
const mostAgain = 1 << 16

// A secondLook is what is expanded again, and what comes of it.
type secondLook struct {
	*screening
	w     *worker     // which counts what it does as if it searched
	waits *states.Set // states of the layer at hand that wait; of all states only
	left  *states.Set // successors that are yet to be stored
	soon  *states.Set // successors of the states that wait
	all   bool        // of all states, whose distances are known

	found, reached, outgrew uint64
	first                   map[int]int // the number of steps to the first violation of each property
	led                     *states.Set // successors, of all states only
	steps                   []int       // to each of these
}

// newSecondLook is of the states that are stored by now.
func (c *screening) newSecondLook(left []uint64) *secondLook {
	l := &secondLook{screening: c, w: c.search.workers[0], waits: states.NewSet(c.h.Words),
		left: states.NewSet(c.h.Words), soon: states.NewSet(c.h.Words),
		led: states.NewSet(c.h.Words), all: c.far <= 255 && c.h.States <= mostAgain, first: map[int]int{}}
	for s := range slices.Chunk(left, c.h.Words) {
		l.left.Add(s)
	}
	if !l.all {
		return l
	}
	for _, w := range c.search.workers {
		for _, q := range w.queues()[0] {
			for s := range slices.Chunk(q.Words, c.h.Words) {
				l.waits.Add(s)
				l.w.batch.Reset()
				l.w.step.Expand(s, &l.w.batch)
				for t := range slices.Chunk(l.w.batch.Words, c.h.Words) {
					l.soon.Add(t)
				}
			}
		}
	}
	return l
}

// run reports whether all that it looked at is as the checkpoint says.
func (l *secondLook) run() bool {
	defer func() { l.w.counts = counts{} }()
	gap, next := max(l.h.States/mostAgain, 1), uint64(0)
	ok := true
	for _, w := range l.search.workers {
		for s, distance := range w.table.AllWithDepth {
			if next > 0 && !l.all {
				next--
				continue
			}
			next = rand.Uint64N(2*gap - 1)
			if ok = l.look(s, distance); !ok {
				return false
			}
		}
	}
	return !l.all || l.origins() && l.tallies()
}

// look expands a state, if it was expanded.
func (l *secondLook) look(s []uint64, distance uint8) bool {
	failed, reached := l.w.judge(s)
	if l.reached |= reached; !l.note(failed, int(distance)) {
		return false
	}
	switch distance {
	case uint8(l.h.Depth + 1):
		return true
	case uint8(l.h.Depth):
		if _, waits := l.waits.Find(s); waits || !l.all {
			return true
		}
	}
	batch := &l.w.batch
	batch.Reset()
	n, obliged := l.w.successors(s, 0)
	l.w.counts.transitions += uint64(n)
	if l.search.in.m.Deadlock(s, obliged) && !l.note(l.search.in.deadlock(), int(distance)) {
		return false
	}
	for i := range batch.Effects {
		odd := &batch.Effects[i]
		if l.reached |= odd.Reached; odd.Err != nil || !l.note(odd.Failed, int(distance)+1) {
			return false
		}
	}
	l.outgrew |= batch.Full
	return l.outgrew&^l.h.Outgrew == 0 && l.reached&^l.h.Reached == 0 && l.known(batch, int(distance))
}

// known reports whether all successors of a state at a distance, modulo 256, are stored or left over. Without
// reductions a step may also wait for another state of its layer, from which another order leads to the same.
func (l *secondLook) known(batch *machine.Successors, distance int) bool {
	reduce := l.search.reduce
	reduce.canonAll(batch.Words)
	late := distance == l.h.Depth%256 && reduce.symmetry == nil && reduce.persistent == nil
	for s := range slices.Chunk(batch.Words, l.h.Words) {
		_, left := l.left.Find(s)
		_, soon := l.soon.Find(s)
		if !left && !(late && soon) && !l.table(s).Has(s) {
			return false
		}
		if !l.all {
			continue
		}
		if i, isNew := l.led.Add(s); isNew {
			l.steps = append(l.steps, distance+1)
		} else {
			l.steps[i] = min(l.steps[i], distance+1)
		}
	}
	return true
}

// table is the one that s belongs to.
func (l *secondLook) table(s []uint64) *states.Table {
	return l.search.workers[l.search.owner(s)].table
}

// reaches reports whether a state is the initial one or a successor, and as far away as is said.
func (l *secondLook) reaches(s []uint64, distance uint8) bool {
	if initial, _ := l.search.in.m.Initial(); slices.Equal(s, initial) {
		return distance == 0
	}
	i, led := l.led.Find(s)
	return led && l.steps[i] == int(distance)
}

// origins reports whether all states, and all that are left over, come from others.
func (l *secondLook) origins() bool {
	for _, w := range l.search.workers {
		for s, distance := range w.table.AllWithDepth {
			if !l.reaches(s, distance) {
				return false
			}
		}
	}
	for i := range l.left.Len() {
		if _, led := l.led.Find(l.left.At(uint32(i))); !led {
			return false
		}
	}
	return true
}

// note reports whether it is told that properties are violated after so many steps (modulo 256, where there are
// more).
func (l *secondLook) note(failed uint64, steps int) bool {
	l.found |= failed
	told := l.told(failed, steps)
	for ; failed != 0; failed &= failed - 1 {
		p := bits.TrailingZeros64(failed)
		if n, known := l.first[p]; !known || steps < n {
			l.first[p] = steps
		}
	}
	return told
}

// tallies compares what all states together come to.
func (l *secondLook) tallies() bool {
	h, c := l.h, &l.w.counts
	_, fx := l.search.in.m.Initial()
	if !l.note(fx.Failed, 0) {
		return false
	}
	for p, steps := range h.When {
		if n, known := l.first[p]; !known || n != steps {
			return false
		}
	}
	return uint64(l.waits.Len()) == h.Queues[0] && c.transitions == h.Transitions &&
		[2]uint64{c.prunedStates, c.prunedSteps} == h.Pruned && l.outgrew == h.Outgrew &&
		l.reached|fx.Reached == h.Reached && l.found == h.Failed|h.NewFailed|h.NewStuck
}
