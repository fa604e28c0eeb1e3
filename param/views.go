package param

import (
	"context"
	"fmt"
	"math/bits"

	"ctcheck/machine"
)

// This file computes views: see the package documentation for what they are and why they suffice.

// A Limit bounds a computation; a field that is 0 bounds nothing.
type Limit struct {
	Bytes uint64 // of memory
	Nodes int    // of a coverability tree
	// Told, if it is not nil, is told every so often how many shared parts were expanded since it was told before.
	Told func(parts uint64)
}

// Alarms is what may go wrong with some number of replicas. What is not among them does not, if no bound cut the
// computation.
type Alarms struct {
	Failed   uint64 // properties, as in [machine.Effects]
	Deadlock bool
	Fault    error  // a fault of the program, such as a value out of its range: the first
	Full     uint64 // CPUs whose store buffer had too little room
}

// Any reports whether there is an alarm.
func (a *Alarms) Any() bool { return a.Failed != 0 || a.Deadlock || a.Fault != nil || a.Full != 0 }

// Views is a set of views that no step leaves.
type Views struct {
	Alarms
	Parts  int    // shared parts
	Views  uint64 // pairs of a shared part and what a replica is at, with it
	Locals int    // what a replica can be at
	Bytes  uint64 // of the shared parts and of the sets of views, without what only the computation needs
	Done   bool   // no bound cut it

	splitter
	rows   []uint64 // a set of locals for each part
	width  int      // words of a row
	queue  []uint32
	queued []uint64
	st     *machine.Stepper
	out    machine.Successors
	next   []step // of the part in hand, by a replica
	row    []uint64
	aged   []uint64
	ages   map[uint64]uint32 // by the count and a local: what it becomes
}

// A step is what a replica's step from the part in hand leads to.
type step struct {
	part  uint32
	local uint32
	aged  bool // the count that does not end went on: so does the age of what others have of it
}

func (y *System) views(ctx context.Context, limit Limit) *Views {
	v := &Views{splitter: y.splitter(), width: 1, st: y.m.NewStepper(), ages: map[uint64]uint32{}}
	s, fx := y.m.Initial()
	v.judge(fx)
	v.join(v.partOf(s), nil, v.localOf(s))
	for n := 0; len(v.queue) > 0 && v.Fault == nil; n++ {
		if n%1024 == 0 && (ctx.Err() != nil || limit.Bytes > 0 && v.size()+v.st.Bytes() > limit.Bytes) {
			break
		}
		if n%1024 == 1023 && limit.Told != nil {
			limit.Told(1024)
		}
		id := v.queue[0]
		v.queue = v.queue[1:]
		v.queued[id/64] &^= 1 << (id % 64)
		v.expand(id)
	}
	v.Done = len(v.queue) == 0
	v.Parts, v.Locals, v.Bytes = v.parts.Len(), v.locals.Len(), v.size()
	for _, w := range v.rows {
		v.Views += uint64(bits.OnesCount64(w))
	}
	return v
}

func (v *Views) size() uint64 {
	return v.parts.Bytes() + v.locals.Bytes() + uint64(cap(v.rows)+cap(v.queued))*8
}

// Has reports whether the view of a state of the instance with one replica is among the views.
func (v *Views) Has(s []uint64) bool {
	shared, own := make([]uint64, len(s)), make([]uint64, len(s))
	for i, w := range s {
		shared[i], own[i] = w&^v.y.mask[i], w&v.y.mask[i]
	}
	id, known := v.parts.Find(shared)
	if !known {
		return false
	}
	local, known := v.locals.Find(own)
	return known && v.rows[int(id)*v.width+int(local/64)]>>(local%64)&1 != 0
}

// partOf is the number of the shared part of a state, with a row.
func (v *Views) partOf(s []uint64) uint32 {
	id, isNew := v.part(s)
	if isNew {
		v.rows = append(v.rows, make([]uint64, v.width)...)
		if int(id/64) == len(v.queued) {
			v.queued = append(v.queued, 0)
		}
	}
	return id
}

// localOf is the number of what the replica is at in a state, for which each row has room.
func (v *Views) localOf(s []uint64) uint32 {
	id, isNew := v.local(s)
	if isNew && int(id) == v.width*64 {
		wide := make([]uint64, len(v.rows)/v.width*(v.width+1))
		for i := range len(v.rows) / v.width {
			copy(wide[i*(v.width+1):], v.rows[i*v.width:(i+1)*v.width])
		}
		v.rows, v.width = wide, v.width+1
	}
	return id
}

// join adds to a part the views of a row, and that of a local.
func (v *Views) join(part uint32, row []uint64, local uint32) {
	to := v.rows[int(part)*v.width : (int(part)+1)*v.width]
	changed := false
	for i, w := range row {
		if w&^to[i] != 0 {
			to[i] |= w
			changed = true
		}
	}
	if to[local/64]>>(local%64)&1 == 0 {
		to[local/64] |= 1 << (local % 64)
		changed = true
	}
	if changed && v.queued[part/64]>>(part%64)&1 == 0 {
		v.queued[part/64] |= 1 << (part % 64)
		v.queue = append(v.queue, part)
	}
}

// expand takes all steps from the views of a part.
func (v *Views) expand(part uint32) {
	shared := v.shared(part)
	v.next = v.next[:0]
	obliged := v.others(part, shared)
	// The row grows while replicas step without changing what is shared; every local of it takes its steps once.
	done := make([]uint64, 0, 4)
	for again := true; again; {
		again = false
		for i := 0; i < v.width; i++ {
			for len(done) < v.width {
				done = append(done, 0)
			}
			for w := v.rows[int(part)*v.width+i] &^ done[i]; w != 0; w &= w - 1 {
				bit := bits.TrailingZeros64(w)
				done[i] |= 1 << bit
				v.replica(part, shared, uint32(i*64+bit), obliged)
				again = true
			}
		}
	}
	v.row = append(v.row[:0], v.rows[int(part)*v.width:(int(part)+1)*v.width]...)
	for _, n := range v.next {
		row := v.row
		if n.aged {
			row = v.older(n.part)
		}
		v.join(n.part, row, n.local)
	}
}

// older is the row of the part in hand, after a step that the count went on in, to another part.
func (v *Views) older(part uint32) []uint64 {
	shared := v.shared(part)
	now := v.y.count.Now(shared)
	v.aged = v.aged[:0]
	for i, w := range v.row {
		for ; w != 0; w &= w - 1 {
			local := uint32(i*64 + bits.TrailingZeros64(w))
			key := now<<32 | uint64(local)
			to, known := v.ages[key]
			if !known {
				s := v.at(shared, local)
				v.age(s, s)
				to = v.localOf(s)
				v.ages[key] = to
			}
			for len(v.aged) < v.width {
				v.aged = append(v.aged, 0)
			}
			v.aged[to/64] |= 1 << (to % 64)
		}
	}
	return v.aged
}

// age ages the copies in s of the count that does not end.
func (v *Views) age(before, s []uint64) (on bool) {
	if v.y.count == nil {
		return false
	}
	v.fault(v.y.count.Age(before, s))
	return v.y.count.Now(before) != v.y.count.Now(s)
}

// others takes the steps of the CPUs that are there once, which do not look at what replicas are at. It reports
// whether one of them has to step.
func (v *Views) others(part uint32, shared []uint64) (obliged bool) {
	row := v.rows[int(part)*v.width : (int(part)+1)*v.width]
	any := uint32(0)
	for i, w := range row {
		if w != 0 {
			any = uint32(i*64 + bits.TrailingZeros64(w))
			break
		}
	}
	s := v.at(shared, any)
	cpus := v.y.m.Agents() / 2
	for agent := range 2 * cpus {
		if agent%cpus == v.y.replica {
			continue
		}
		for i, via := range v.steps(agent, s) {
			t := int(via)
			if v.y.lines[t] {
				continue
			}
			obliged = obliged || v.y.m.Transition(t).Kind.Obliged()
			to := v.successor(i)
			for k, w := range to {
				if (w^s[k])&v.y.mask[k] != 0 {
					v.fault(fmt.Errorf("checker fault: transition %d changes what is a replica's own", t))
				}
			}
			on := v.age(s, to)
			v.next = append(v.next, step{v.partOf(to), v.localOf(to), on})
		}
	}
	return obliged
}

// replica takes the steps of a replica, and those in which a CPU takes one of its IPIs.
func (v *Views) replica(part uint32, shared []uint64, local uint32, obliged bool) {
	s := v.at(shared, local)
	failed, _ := v.st.Judge(s) // whether it is an end depends on the replica, too
	v.Failed |= failed
	cpus := v.y.m.Agents() / 2
	take := func(agent int, mine bool) {
		for i, via := range v.steps(agent, s) {
			t := int(via)
			if !mine && !v.y.lines[t] {
				continue
			}
			obliged = obliged || v.y.m.Transition(t).Kind.Obliged()
			to := v.successor(i)
			on := v.age(s, to)
			n := step{v.partOf(to), v.localOf(to), on}
			if n.part == part {
				v.rows[int(part)*v.width+int(n.local/64)] |= 1 << (n.local % 64)
			} else {
				v.next = append(v.next, n)
			}
		}
	}
	take(v.y.replica, true)
	take(v.y.replica+cpus, true)
	if v.y.isRaised(s) {
		for _, c := range v.y.takers {
			take(c, false)
		}
	}
	if v.y.m.Deadlock(s, obliged) {
		v.Deadlock = true
	}
}

// isRaised reports whether an IPI of the replica's is pending.
func (y *System) isRaised(s []uint64) bool {
	for i, w := range y.raised {
		if s[i]&w != 0 {
			return true
		}
	}
	return false
}

// steps is the transitions that an agent can take in s; [Views.successor] is where they lead. What they do besides
// is judged.
func (v *Views) steps(agent int, s []uint64) []uint16 {
	v.out.Reset()
	v.st.ExpandOf(agent, s, &v.out)
	v.Full |= v.out.Full
	for _, fx := range v.out.Effects {
		v.judge(fx.Effects)
	}
	return v.out.Via
}

// successor is where transition i of the last steps leads.
func (v *Views) successor(i int) []uint64 {
	words := v.y.m.Words()
	return v.out.Words[i*words : (i+1)*words]
}

// Each calls f for the state of each view.
func (v *Views) Each(f func(s []uint64)) {
	for part := range v.parts.Len() {
		shared := v.shared(uint32(part))
		for i, w := range v.rows[part*v.width : (part+1)*v.width] {
			for ; w != 0; w &= w - 1 {
				f(v.at(shared, uint32(i*64+bits.TrailingZeros64(w))))
			}
		}
	}
}
