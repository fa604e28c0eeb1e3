package machine

import (
	"cmp"
	"slices"

	"ctcheck/ir"
	"ctcheck/model"
)

// This file finds persistent sets, of CPUs whose steps go first while those of the others wait
// (Godefroid, Partial-Order Methods for the Verification of Concurrent Systems, LNCS 1032, 1996; Peled,
// Combining partial order reductions with on-the-fly model-checking, CAV 1994). Which one is taken in a
// state, chooser.go says.
//
// # What is independent of what
//
// All that the transitions of a CPU do in a state, and whether they are enabled, depends on the bits of their
// footprint, F; what they flip there, W, is known once they have been taken. What the CPU may look at or change
// from now on, F*, and what it may change, W*, is an upper bound found in the code: over the step boundaries
// that can follow at each level of its stack, with the handlers of its interrupts and NMIs pushed at any of
// them. What CPUs show each other of their frames (done, the frame, in a handler, interrupts off) is not taken
// as the program counters, which change with every step, but as bits of their own: one a frame.
//
// A cluster is CPUs such that for every other CPU j and every member k
//
//	W*(j) and F(k) have nothing in common: nothing that j does changes what k's next steps do;
//	F*(j) and W(k) have nothing in common: nor do k's next steps change anything that j does.
//
// The stores in a CPU's buffer reach memory by transitions of that CPU, at whatever point it positions.
//
// IPIs are in it: a send changes a pending bit, which is in the footprint of a CPU that may take it.
// Then, whatever others do first, the transitions of the members stay the same ones, and either order
// ends in the same state with the same effects. So they are a persistent set.
//
// # Why others can wait
//
// Let s be a state that was visited, w a run from it to something that is to be found, and A the
// cluster that was chosen in s. One member leads it: it can take a step, or an IPI. If a member moves in
// w, the first such move commutes with all before it; taken first, a shorter run is left. If none does,
// the leader can move before w, and all of w is left. So what w shows is found if nothing of it is lost on
// the way, and if leaders do not go first for ever. There are three kinds of things to find.
//
// States in which nothing but NMIs and devices can come, or in which the run has ended: if the leader is no
// service, it has to move before such a state, and so a member does move in w, and no more is needed. Thus
// these states are all visited: deadlocks, and where AtEnd is judged.
//
// Effects of a transition (violations, claims, errors), which depend on its footprint only: a
// transition that others were put before has them still.
//
// States of which Never or a claim is true: some transition of the leader must not flip what these look at
// (be visible), so that going first it changes nothing of it. A shorter run ends in the same state anyway.
//
// That leaders do not go first for ever is seen to without a look at the search, so that the choice is the same
// in every order and for any number of workers (Kurshan, Levin, Minea, Peled and Yenigün, Static partial order
// reduction, TACAS 1998): at some points a CPU never leads. These points cut every cycle of each level's code;
// and those of an IPI's handler that send an IPI are among them. Leaders that move for ever take infinitely many
// steps, since pushes of NMIs and devices are bounded and each push of an IPI needs a send. So one takes
// infinitely many of its own code, which is cut, or of handlers: of one that runs for ever, which is cut, or of
// infinitely many; and then handlers send.
//
// # With symmetry
//
// Where the states are canonical forms (symmetry.go) a run of leaders' moves is one of the program itself
// if each state is renamed back, with leaders of other names. The points at which none leads are chosen
// by their place in the code's graph and by what they are independent of, so renaming interchangeable
// CPUs maps them to each other, and the argument holds.
//
// # What it does not find
//
// The code is followed without regard to values, so a CPU that loops over everything is never
// independent of anything that it may touch later. Claims on whole runs need more than this.

// A Persistent chooses persistent sets. It is read only and safe for concurrent use.
type Persistent struct {
	m    *Machine
	wide int // the words of a set: those of a state, and one for each CPU's frames
	cpus []futures
	n    int       // how many positions there are
	pcs  footprint // what says where CPUs are
	seen footprint // what Never and the claims on states look at
	none bool
}

// Futures is what may come of a CPU, first while NMIs may come and then when none is left.
type futures [2][][]position

// A position is a point at which a CPU may be, with what may come of it.
type position struct {
	id    int
	touch footprint // F of the transitions there
	next  footprint // W of these, at most
	// F* and W*, as far as they are this level's and those above it.
	later, writes footprint
	ends          []int32 // the points of the level that the step leads to
	sends         bool    // the step may send an IPI
	visible       bool    // the transitions may be visible
	leads         bool    // they may go before those of others
	apart         int     // how many points of other CPUs they are independent of
	// The positions, by id, from which on something may change what the next transitions here do; and those
	// where what may come may depend on what these change.
	conflicts, depends []uint64
}

// What a CPU shows of its frames, besides a bit for each frame.
const (
	showsDone    = 1 << 63
	showsHandler = 1 << 62
	showsIRQsOff = 1 << 61
	showsAll     = ^uint64(0)
)

// Persistent prepares the choice of persistent sets.
func (m *Machine) Persistent() *Persistent {
	p := &Persistent{m: m, wide: m.words + len(m.cpus)}
	p.seen, p.pcs = p.set(), make(footprint, m.words)
	p.pcs.add(m.mark) // so that no state has none of it
	for _, cs := range [][]check{m.never, m.reach} {
		for i := range cs {
			p.judged(p.seen, cs[i].e)
		}
	}
	for i := range m.cpus {
		c := &m.cpus[i]
		p.pcs.add(c.nmiLeft)
		for l := range c.levels {
			p.pcs.add(c.levels[l].pc)
		}
		p.cpus = append(p.cpus, futures{p.positions(c, true), p.positions(c, false)})
	}
	p.setLeads()
	p.relate()
	return p
}

// None reports whether no step of the program can ever go before another's.
func (p *Persistent) None() bool { return p.none }

func (p *Persistent) set() footprint { return make(footprint, p.wide) }

// looks adds what an expression looks at.
func (p *Persistent) judged(f footprint, e *expr) {
	if e == nil {
		return
	}
	p.place(f, e.l)
	switch e.op {
	case model.OpDone:
		f[p.m.words+e.cpu.Index] |= showsDone
	case model.OpFrame:
		f[p.m.words+e.cpu.Index] |= uint64(e.frames)
	case model.OpHandler:
		f[p.m.words+e.cpu.Index] |= showsHandler
	case model.OpIRQsOff:
		f[p.m.words+e.cpu.Index] |= showsIRQsOff
	}
	p.judged(f, e.a)
	p.judged(f, e.b)
}

func (p *Persistent) place(f footprint, l *loc) { f[:p.m.words].add(l) }

// positions is the positions of a CPU, by level and point.
func (p *Persistent) positions(c *cpu, nmis bool) [][]position {
	var all [][]position
	follow := map[*position][][2]int{} // levels and points
	for l := range c.levels {
		all = append(all, make([]position, len(c.levels[l].points)))
		for pt := range all[l] {
			s := &all[l][pt]
			follow[s] = p.position(c, s, l, pt, nmis)
		}
	}
	// What may come later is a least fixpoint; code goes forwards, so it is soon found backwards.
	for grown := true; grown; {
		grown = false
		for l := len(all) - 1; l >= 0; l-- {
			for pt := len(all[l]) - 1; pt >= 0; pt-- {
				s := &all[l][pt]
				for _, n := range follow[s] {
					a := s.later.join(all[n[0]][n[1]].later)
					b := s.writes.join(all[n[0]][n[1]].writes)
					grown = grown || a || b
				}
			}
		}
	}
	return all
}

// position fills in what the transitions at a point do, and returns where they may lead.
func (p *Persistent) position(c *cpu, s *position, l, pt int, nmis bool) (follow [][2]int) {
	s.touch, s.later, s.writes = p.set(), p.set(), p.set()
	s.id = p.n
	p.n++
	lv := &c.levels[l]
	frame := lv.points[pt].frame
	shows := &s.writes[p.m.words+c.Index]
	var own path // none from the end
	if l > 0 || int64(pt) != lv.halt {
		own = p.run(s, lv, lv.points[pt].ip, false)
	}
	for _, q := range own.ends {
		if f := lv.points[q].frame; f != frame {
			*shows |= 1<<f | 1<<frame | showsIRQsOff
		}
		if l == 0 && int64(q) == lv.halt {
			*shows |= showsDone
		}
		follow = append(follow, [2]int{l, int(q)})
	}
	if own.pops {
		*shows = showsAll
	}
	s.ends = own.ends
	for _, in := range own.code {
		s.sends = s.sends || in.op == ir.OpSend
		if in.op == ir.OpIRQ {
			*shows |= showsIRQsOff
		}
	}
	push := func(needs *loc, to, handler int) {
		*shows = showsAll
		p.place(s.touch, needs)
		p.place(s.writes, needs)
		up := &c.levels[to]
		for _, q := range p.run(s, up, up.Entries[handler], true).ends {
			follow = append(follow, [2]int{to, int(q)})
		}
	}
	if c.above(l) != nil && lv.mayTake(&lv.points[pt]) {
		p.place(s.touch, lv.irqs)
		for i := range c.IPIs {
			if needs := cmp.Or(c.pending[i], c.left[i]); needs != nil && i != lv.points[pt].line {
				push(needs, l+1, i)
			}
		}
	}
	if to, ok := c.NextNMI(l); ok && nmis {
		push(c.nmiLeft, to, 0)
	}
	if c.buf != nil { // whose stores may reach memory at any time
		s.touch[:p.m.words].join(p.m.flushes(c))
		s.writes[:p.m.words].join(p.m.flushes(c))
		*shows |= showsDone
	}
	s.later.join(s.touch)
	s.later.join(s.writes)
	s.next = slices.Clone(s.writes)
	s.visible = p.seen.meets(s.next)
	return follow
}

// run adds what [Machine.run] may do from ip on.
func (p *Persistent) run(s *position, lv *level, ip int, moved bool) path {
	p.place(s.touch, lv.pc)
	p.place(s.writes, lv.pc)
	way := p.m.path(ip, moved)
	for _, in := range way.code {
		s.touch[:p.m.words].addWrites(in)
		s.writes[:p.m.words].addWrites(in)
		p.place(s.touch, in.v)
		in.exprs(func(e *expr) { p.judged(s.touch, e) })
	}
	return way
}

// relate finds which positions are in conflict.
func (p *Persistent) relate() {
	var all []*position
	for i := range p.cpus {
		for v := range p.cpus[i] {
			for _, positions := range p.cpus[i][v] {
				for pt := range positions {
					all = append(all, &positions[pt])
				}
			}
		}
	}
	for _, s := range all {
		s.conflicts, s.depends = make([]uint64, (p.n+63)/64), make([]uint64, (p.n+63)/64)
		for _, o := range all {
			if o.writes.meets(s.touch) {
				s.conflicts[o.id/64] |= 1 << (o.id % 64)
			}
			if o.later.meets(s.next) {
				s.depends[o.id/64] |= 1 << (o.id % 64)
			}
		}
	}
}

// setLeads decides at which points a CPU may lead: those that are independent of something, less some that
// cut the cycles among them.
func (p *Persistent) setLeads() {
	p.none = true
	for i := range p.cpus {
		for l, positions := range p.cpus[i][1] {
			for pt := range positions {
				s := &positions[pt]
				s.apart = p.apart(i, s)
				inHandler := p.m.cpus[i].levels[l].Context == model.InIRQ
				s.leads = s.apart > 0 && !(s.sends && inHandler)
			}
			cut(positions)
			for pt := range positions {
				p.cpus[i][0][l][pt].leads = positions[pt].leads
				p.none = p.none && !positions[pt].leads
			}
		}
	}
}

// apart counts the points of other CPUs' own code that have steps, and from which on nothing changes what
// those at s, if there are any, do.
func (p *Persistent) apart(i int, s *position) (n int) {
	if !s.touch.meets(s.touch) {
		return 0
	}
	for j := range p.cpus {
		for pt := range p.cpus[j][1][0] {
			o := &p.cpus[j][1][0][pt]
			if j != i && int64(pt) != p.m.cpus[j].levels[0].halt && !o.writes.meets(s.touch) {
				n++
			}
		}
	}
	return n
}

// cut takes points out of the cycles of a level's code: of each cycle those that are independent of the
// least, which lose the least.
func cut(positions []position) {
	for {
		least := map[int]int{} // by component
		comp := components(positions)
		for pt, c := range comp {
			if n, known := least[c]; c > 0 && (!known || positions[pt].apart < n) {
				least[c] = positions[pt].apart
			}
		}
		if len(least) == 0 {
			return
		}
		for pt, c := range comp {
			if c > 0 && positions[pt].apart == least[c] {
				positions[pt].leads = false
			}
		}
	}
}

// components numbers, from 1 on, the strongly connected parts with a cycle of the points at which a CPU
// may lead; 0 is for the others.
func components(positions []position) []int {
	n := len(positions)
	reach := make([][]bool, n) // by one step or more
	for from := range positions {
		reach[from] = make([]bool, n)
		todo := []int{from}
		for len(todo) > 0 {
			at := &positions[todo[len(todo)-1]]
			todo = todo[:len(todo)-1]
			if !at.leads {
				continue
			}
			for _, q := range at.ends {
				if positions[q].leads && !reach[from][q] {
					reach[from][q] = true
					todo = append(todo, int(q))
				}
			}
		}
	}
	comp, last := make([]int, n), 0
	for a := range positions {
		if comp[a] > 0 || !reach[a][a] {
			continue
		}
		last++
		for b := range positions {
			if reach[a][b] && reach[b][a] {
				comp[b] = last
			}
		}
	}
	return comp
}
