package axiom

import (
	"slices"

	"ctcheck/model"
	"ctcheck/threads"
)

// This file guesses how threads go on. When nothing else is left to do, each thread that waits does so for
// reads of writes that other threads have still to make, behind what they wait for themselves. A guess lets one
// of them go on, and is checked when its value is known.
//
// A way to go on need not be guessed where a read of the thread that it waits for has no write to read from
// yet, and happens before (hb) whatever the thread writes then. If all threads went on in such ways, each of
// these reads would read from a write behind another of them, and hb would have a cycle. So some thread goes on
// in another way. That is asked anew at each such node: a read that has found a write, whose value is not
// known, says nothing. Under sequential consistency and x86-TSO every read is ordered before later writes, and
// nothing is guessed.

// guessed goes on from a guess. It is false if no thread waits.
func (s *search) guessed(d int, g *graph) bool {
	waits := false
	for t, st := range g.state {
		if st != needs {
			continue
		}
		waits = true
		if s.o.Memory != model.LKMM {
			continue
		}
		in := &s.p.Threads[t].Code[g.pc[t]]
		if in.Op != threads.Branch && g.pending[t] < 0 {
			if s.keeps(g, t, in, true) {
				continue
			}
			s.guessAddress(d, g, t)
			return true
		}
		settled := slices.Contains(g.guess, guess{term: g.need[t], kind: isTrue})
		yes, no := !s.keeps(g, t, in, true), !settled && !s.keeps(g, t, in, false)
		if yes {
			s.try(d, g, t, 1, guess{kind: isTrue})
		}
		if no {
			s.try(d, g, t, 0, guess{kind: isFalse})
		}
		if no && !yes { // the thread waits on, and will go on in the other way
			c := s.child(d)
			c.guess = append(c.guess, guess{term: g.need[t], kind: isTrue})
			s.node(d + 1)
			s.alg.n = len(g.events)
		}
		if yes || no {
			return true
		}
	}
	return waits
}

// try lets a thread go on in a way that is guessed.
func (s *search) try(d int, g *graph, t int, way int16, u guess) {
	c := s.child(d)
	u.term = g.need[t]
	c.guess = append(c.guess, u)
	c.state[t], c.forced[t] = runs, way
	s.node(d + 1)
	s.alg.n = len(g.events)
}

func (s *search) guessAddress(d int, g *graph, t int) {
	for c := range s.p.Cells {
		s.try(d, g, t, int16(c), guess{kind: isCell, cell: int32(c)})
	}
	s.try(d, g, t, int16(len(s.p.Cells)), guess{kind: isNoAddress})
}

// keeps reports whether a read that a thread waits for, at an instruction, happens before all that the thread
// writes when it goes on in a way. If it does where a condition is false, it does where that is true.
func (s *search) keeps(g *graph, t int, in *threads.Instr, way bool) bool {
	pc := int(g.pc[t])
	if s.mayPlain[t][pc] {
		return false
	}
	reads := s.terms[g.need[t]].deps
	for r := range g.events {
		e := &g.events[r]
		if !set(reads).has(r) || int(e.thread) != t || g.rf[r] >= 0 || e.is(isPlain) {
			continue
		}
		if e.is(isAcquire|isLockRead) || s.fenced(g, t, e.nth) {
			return true
		}
		if g.pending[t] == int32(r) {
			if way && (in.Order == model.Acquire || in.Order == model.Full) {
				return true
			}
			continue
		}
		if in.Op == threads.Branch && s.mayWrite[t][s.blockEnd(t, pc)].empty() {
			return true
		}
	}
	return false
}

// fenced reports whether a full barrier of a thread orders the access with a number before all that comes now.
func (s *search) fenced(g *graph, t int, nth int16) bool {
	for _, m := range g.marks {
		if int(m.thread) == t && m.at > nth && (m.instr.Op == threads.Sync || m.instr.Op == threads.SrcuSync ||
			m.instr.Op == threads.Fence && m.instr.Fence == threads.Mb) {
			return true
		}
	}
	for i := range g.events {
		if e := &g.events[i]; int(e.thread) == t && e.is(isMb) && e.is(isWrite) && e.nth > nth {
			return true
		}
	}
	return false
}

// blockEnd is the place where what depends on a branch ends.
func (s *search) blockEnd(t, pc int) int {
	code := s.p.Threads[t].Code
	escape := code[pc].Escape
	for i := pc + 1; i < len(code); i++ {
		if code[i].Op == threads.Leave && code[i].Depth == escape {
			return i
		}
	}
	return len(code)
}

// mayPlain is for each place in a thread's code whether there may be a plain write from there on.
func mayPlain(code []threads.Instr) []bool {
	is := make([]bool, len(code)+1)
	for changed := true; changed; {
		changed = false
		for i := len(code) - 1; i >= 0; i-- {
			now := code[i].Op == threads.Write && code[i].Order == model.Plain
			for _, n := range follows(code, i) {
				now = now || is[n]
			}
			if now && !is[i] {
				is[i], changed = true, true
			}
		}
	}
	return is
}

// follows is the places that may come after one in a thread's code.
func follows(code []threads.Instr, i int) []int {
	switch code[i].Op {
	case threads.Jump:
		return []int{code[i].Target}
	case threads.Branch:
		return []int{i + 1, code[i].Target}
	}
	return []int{i + 1}
}
