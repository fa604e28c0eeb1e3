package explore

import (
	"math/bits"
	"slices"
)

// This file finds, for every violated property, a shortest trace, and among the shortest one with the
// fewest switches between CPUs, whatever the order of the search that found the violation.
//
// It is a breadth-first search whose layers are the sets of states at one distance. All shortest
// traces run from layer to layer, so a second tally can be kept beside it by dynamic programming: for
// each state and each CPU that may have taken the last step, the fewest switches of any shortest way
// there. Ties go to what was found first, which makes the trace deterministic. What bounds it is
// memory: 8 bytes a CPU for each state up to the depth of the deepest violation.

// A way is the best known shortest way to a state whose last step is by a given CPU.
type way struct {
	from     uint32 // the state before
	switches uint16 // noWay if there is none
	fromCPU  uint8  // index of the way to that state
	via      uint8  // the transition
}

const noWay = 1<<16 - 1

// A goal is the best violation of one property found in the current layer.
type goal struct {
	switches uint16
	from     uint32
	fromCPU  uint8
	via      int // the violating transition, -1 if the state from is itself the violation
}

type shortest struct {
	*engine
	wide  int   // ways a state: one for each CPU, and one for the initial state
	ways  []way // wide for each state
	bad   map[uint32]uint64
	goals map[int]goal
	want  uint64
	paths map[int][]uint16
	judge func(state []uint64) uint64 // the properties that a state violates
	keep  func(state []uint64) bool   // whether to go on from a state; nil: from all
}

// newShortest prepares a search for the given properties; nil if there is too much of something for
// its tables.
func (e *engine) newShortest(want uint64) *shortest {
	if e.m.Transitions() > 256 || len(e.m.Program.CPUs) > 255 {
		return nil
	}
	o := e.o
	o.MaxDepth, o.First = 0, false
	return &shortest{engine: newEngine(e.ctx, e.m, o), wide: len(e.m.Program.CPUs) + 1,
		bad: map[uint32]uint64{}, goals: map[int]goal{}, want: want, paths: map[int][]uint16{},
		judge: e.m.Violated}
}

// search returns a path for every property, or all=false if a bound keeps it from that.
func (s *shortest) search() (paths map[int][]uint16, all bool, err error) {
	init, fx := s.m.Initial()
	s.set.add(init)
	s.grow()
	s.ways[s.wide-1] = way{}
	if f := (fx.Failed | s.judge(init)) & s.want; f != 0 {
		s.propose(f, goal{via: -1, fromCPU: uint8(s.wide - 1)})
	}
	s.settle(^uint64(0))
	for lo := 0; s.want != 0 && lo < s.set.n; {
		hi := s.set.n
		for ; lo < hi; lo++ {
			if s.tick() || s.expand(uint32(lo), hi) != nil || s.bound != NoBound {
				return nil, false, nil
			}
		}
		// Deadlocks are of the layer just expanded, one step nearer than everything else found.
		s.settle(s.deadlock)
		for i := hi; i < s.set.n; i++ {
			if f := s.bad[uint32(i)] & s.want; f != 0 {
				c, w := s.best(uint32(i), -1)
				s.propose(f, goal{switches: w, from: uint32(i), fromCPU: c, via: -1})
			}
		}
		s.settle(^s.deadlock)
		clear(s.bad)
	}
	return s.paths, s.want == 0, nil
}

// expand fires the transitions of state i; the next layer begins at state next.
func (s *shortest) expand(i uint32, next int) error {
	enabled := false
	for t := range s.m.Transitions() {
		if !s.m.Fire(s.set.at(i), t, s.dst, &s.fx) {
			continue
		}
		if s.fx.Err != nil {
			return s.fx.Err
		}
		enabled = true
		cpu := s.m.Transition(t).CPU
		from, cost := s.best(i, cpu)
		if f := s.fx.Failed & s.want; f != 0 {
			s.propose(f, goal{switches: cost, from: i, fromCPU: from, via: t})
		}
		j, _, known := s.set.find(s.dst)
		if !known && s.keep != nil && !s.keep(s.dst) {
			continue
		}
		if !known {
			if s.full() {
				return nil
			}
			j, _ = s.set.add(s.dst)
			s.grow()
			if f := s.judge(s.dst) & s.want; f != 0 {
				s.bad[j] = f
			}
		}
		if int(j) >= next {
			if w := &s.ways[int(j)*s.wide+cpu]; cost < w.switches {
				*w = way{from: i, switches: cost, fromCPU: from, via: uint8(t)}
			}
		}
	}
	if !enabled && s.want&s.deadlock != 0 && !s.m.Ended(s.set.at(i)) {
		c, w := s.best(i, -1)
		s.propose(s.deadlock, goal{switches: w, from: i, fromCPU: c, via: -1})
	}
	return nil
}

// best is the way to state i with the fewest switches, counting one more if its last step is not by
// the given CPU (-1: whichever).
func (s *shortest) best(i uint32, cpu int) (fromCPU uint8, switches uint16) {
	switches = noWay
	for c, w := range s.ways[int(i)*s.wide : (int(i)+1)*s.wide] {
		if w.switches == noWay {
			continue
		}
		cost := w.switches
		if cpu >= 0 && c != cpu && c != s.wide-1 {
			cost++
		}
		if cost < switches {
			fromCPU, switches = uint8(c), cost
		}
	}
	return fromCPU, switches
}

func (s *shortest) grow() {
	for range s.wide {
		s.ways = append(s.ways, way{switches: noWay})
	}
	s.extra = uint64(8 * cap(s.ways))
}

// propose takes g as the goal of the given properties where it is better than what there is.
func (s *shortest) propose(failed uint64, g goal) {
	for ; failed != 0; failed &= failed - 1 {
		p := bits.TrailingZeros64(failed)
		if old, ok := s.goals[p]; !ok || g.switches < old.switches {
			s.goals[p] = g
		}
	}
}

// settle turns the goals among the given properties into paths.
func (s *shortest) settle(which uint64) {
	for p, g := range s.goals {
		if which>>p&1 == 0 {
			continue
		}
		var path []uint16
		if g.via >= 0 {
			path = append(path, uint16(g.via))
		}
		for i, c := g.from, g.fromCPU; int(c) != s.wide-1; {
			w := s.ways[int(i)*s.wide+int(c)]
			path = append(path, uint16(w.via))
			i, c = w.from, w.fromCPU
		}
		slices.Reverse(path)
		s.paths[p] = path
		s.want &^= 1 << p
		delete(s.goals, p)
	}
}
