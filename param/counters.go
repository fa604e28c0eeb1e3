package param

import (
	"context"
	"slices"

	"ctcheck/machine"
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

	splitter
	st    *machine.Stepper
	out   machine.Successors
	nodes []node
	known [][]int32 // nodes by part
	full  bool
}

// A node is a shared part and how many replicas are at what; those beyond the end of counts are none.
type node struct {
	part   uint32
	parent int32 // -1 of the root
	counts []uint8
}

// Counters computes the coverability tree of the system.
func (y *System) Counters(ctx context.Context, limit Limit) *Counters {
	c := &Counters{splitter: y.splitter(), st: y.m.NewStepper()}
	s, fx := y.m.Initial()
	c.judge(fx)
	c.add(node{c.partOf(s), -1, c.put(nil, s, many)})
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

// partOf is the number of the shared part of a state, with a list of nodes.
func (c *Counters) partOf(s []uint64) uint32 {
	id, isNew := c.part(s)
	if isNew {
		c.known = append(c.known, nil)
	}
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
	shared := c.shared(n.part)
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
			if from >= 0 && counts[from] != many {
				counts[from]--
			}
			counts = c.older(s, to, counts)
			if from >= 0 {
				counts = c.put(counts, to, 1)
			}
			c.add(node{c.partOf(to), id, counts})
		}
	}
	any := slices.IndexFunc(n.counts, func(k uint8) bool { return k > 0 })
	s := c.at(shared, uint32(any))
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
		s, obliged = c.at(shared, uint32(local)), others
		failed, _ := c.st.Judge(s)
		c.Failed |= failed
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
	c.fault(c.y.count.Age(before, s))
	if c.y.count.Now(before) == c.y.count.Now(s) {
		return counts
	}
	var aged []uint8
	for local, k := range counts {
		if k == 0 {
			continue
		}
		t := c.at(s, uint32(local))
		c.fault(c.y.count.Age(t, t))
		aged = c.put(aged, t, k)
	}
	return aged
}

// put puts so many tokens at what the replica is at in a state.
func (c *Counters) put(counts []uint8, s []uint64, n uint8) []uint8 {
	to, _ := c.local(s)
	for len(counts) <= int(to) {
		counts = append(counts, 0)
	}
	switch k := counts[to]; {
	case k == many || n == many:
		counts[to] = many
	case int(k)+int(n) > int(mostCounted):
		c.full = true
	default:
		counts[to] += n
	}
	return counts
}
