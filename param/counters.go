package param

import (
	"context"
	"slices"

	"ctcheck/machine"
	"ctcheck/states"
)

// This file decides what views leave open: the coverability tree of Karp and Miller (Parallel program schemata,
// JCSS 3, 1969), with the replicas as tokens and what a replica can be at as places. A step moves one token at
// most, so the tree is exact: it covers what some number of replicas reaches, and nothing else. That a property
// fails in a step or in a shared part is so decided. A deadlock is not: a node stands for fewer replicas too,
// of which none may be missing for all to be stuck.

// many is a count without a bound.
const many = ^uint8(0)

// mostCounted is the largest count below many; a tree that needs a larger one is given up.
const mostCounted = many - 1

// Counters is a coverability tree.
type Counters struct {
	Alarms
	Nodes int
	Done  bool // no bound cut it

	y      *System
	st     *machine.Stepper
	out    machine.Successors
	parts  *states.Set
	locals *states.Set
	nodes  []node
	known  [][]int32 // nodes by part
	state  []uint64
	full   bool
}

// A node is a shared part and how many replicas are at what; those beyond the end of counts are none.
type node struct {
	part   uint32
	parent int32 // -1 of the root
	counts []uint8
}

// Counters computes the coverability tree of the system.
func (y *System) Counters(ctx context.Context, limit Limit) *Counters {
	words := y.m.Words()
	c := &Counters{y: y, st: y.m.NewStepper(), parts: states.NewSet(words), locals: states.NewSet(words),
		state: make([]uint64, words)}
	s, fx := y.m.Initial()
	c.judge(fx)
	counts := make([]uint8, c.local(s)+1)
	counts[c.local(s)] = many
	c.add(node{c.part(s), -1, counts})
	next := 0
	for ; next < len(c.nodes) && c.Fault == nil && !c.full; next++ {
		if next%256 == 0 && ctx.Err() != nil || limit.Nodes > 0 && len(c.nodes) > limit.Nodes {
			break
		}
		c.expand(int32(next))
	}
	c.Nodes, c.Done = len(c.nodes), next == len(c.nodes) && !c.full
	return c
}

func (c *Counters) judge(fx machine.Effects) {
	c.Failed |= fx.Failed
	if c.Fault == nil {
		c.Fault = fx.Err
	}
}

func (c *Counters) part(s []uint64) uint32 {
	for i, w := range s {
		c.state[i] = w &^ c.y.mask[i]
	}
	id, isNew := c.parts.Add(c.state)
	if isNew {
		c.known = append(c.known, nil)
	}
	return id
}

func (c *Counters) local(s []uint64) uint32 {
	for i, w := range s {
		c.state[i] = w & c.y.mask[i]
	}
	id, _ := c.locals.Add(c.state)
	return id
}

// covers reports whether a has as many tokens as b everywhere.
func covers(a, b []uint8) bool {
	for i, n := range b {
		if n > 0 && (i >= len(a) || a[i] < n) {
			return false
		}
	}
	return true
}

// add adds a node, unless one of the same part has as many tokens everywhere.
func (c *Counters) add(n node) {
	for p := n.parent; p >= 0; p = c.nodes[p].parent {
		above := &c.nodes[p]
		if above.part != n.part || !covers(n.counts, above.counts) {
			continue
		}
		for i := range n.counts { // what grew on the way grows again on the same way
			if i >= len(above.counts) && n.counts[i] > 0 || i < len(above.counts) && n.counts[i] > above.counts[i] {
				n.counts[i] = many
			}
		}
	}
	for _, k := range c.known[n.part] {
		if covers(c.nodes[k].counts, n.counts) {
			return
		}
	}
	c.known[n.part] = append(c.known[n.part], int32(len(c.nodes)))
	c.nodes = append(c.nodes, n)
}

// expand takes all steps from a node.
func (c *Counters) expand(id int32) {
	n := c.nodes[id]
	shared := slices.Clone(c.parts.At(n.part))
	at := func(local int) []uint64 {
		s := slices.Clone(shared)
		for i, w := range c.locals.At(uint32(local)) {
			s[i] |= w
		}
		return s
	}
	cpus := c.y.m.Agents() / 2
	obliged := false
	take := func(s []uint64, agent int, taken func(t int) bool, from int) {
		c.out.Reset()
		c.st.ExpandOf(agent, s, &c.out)
		c.Full |= c.out.Full
		for _, fx := range c.out.Effects {
			if taken(int(c.out.Via[fx.Index])) {
				c.judge(fx.Effects)
			}
		}
		words := len(s)
		for i, via := range c.out.Via {
			if !taken(int(via)) {
				continue
			}
			obliged = obliged || c.y.m.Transition(int(via)).Kind.Obliged()
			to := c.out.Words[i*words : (i+1)*words]
			counts := slices.Clone(n.counts)
			if from >= 0 {
				c.take(&counts, from)
			}
			counts = c.older(s, to, counts)
			if from >= 0 {
				c.put(&counts, int(c.local(to)), 1)
			}
			c.add(node{c.part(to), id, counts})
		}
	}
	any := slices.IndexFunc(n.counts, func(k uint8) bool { return k > 0 })
	s := at(any)
	failed, _ := c.st.Judge(s)
	c.Failed |= failed
	for agent := range 2 * cpus {
		if agent%cpus != c.y.replica {
			take(s, agent, func(t int) bool { return !c.y.lines[t] }, -1)
		}
	}
	others := obliged
	for local := range n.counts {
		if n.counts[local] == 0 {
			continue
		}
		s, obliged = at(local), others
		take(s, c.y.replica, func(int) bool { return true }, local)
		take(s, c.y.replica+cpus, func(int) bool { return true }, local)
		for _, cpu := range c.y.takers {
			take(s, cpu, func(t int) bool { return c.y.lines[t] }, local)
		}
		c.Deadlock = c.Deadlock || c.y.m.Deadlock(s, obliged)
	}
}

// older is the tokens after a step that the count that does not end went on in: what they have of it ages.
func (c *Counters) older(before, s []uint64, counts []uint8) []uint8 {
	if c.y.count == nil {
		return counts
	}
	if err := c.y.count.Age(before, s); err != nil && c.Fault == nil {
		c.Fault = err
	}
	if c.y.count.Now(before) == c.y.count.Now(s) {
		return counts
	}
	var aged []uint8
	for local, k := range counts {
		if k == 0 {
			continue
		}
		t := slices.Clone(s)
		for i, w := range c.locals.At(uint32(local)) {
			t[i] = t[i]&^c.y.mask[i] | w
		}
		if err := c.y.count.Age(t, t); err != nil && c.Fault == nil {
			c.Fault = err
		}
		c.put(&aged, int(c.local(t)), k)
	}
	return aged
}

// take takes a token from a place that has one.
func (c *Counters) take(counts *[]uint8, from int) {
	if k := *counts; k[from] != many {
		k[from]--
	}
}

// put puts so many tokens into a place.
func (c *Counters) put(counts *[]uint8, to int, n uint8) {
	for len(*counts) <= to {
		*counts = append(*counts, 0)
	}
	switch k := *counts; {
	case k[to] == many || n == many:
		k[to] = many
	case int(k[to])+int(n) > int(mostCounted):
		c.full = true
	default:
		k[to] += n
	}
}
