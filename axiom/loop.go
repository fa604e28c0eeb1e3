package axiom

import (
	"slices"

	"ctcheck/threads"
)

// This file has loops. They are unrolled up to a bound. A round that changes nothing - it writes nothing, and
// no register that is read later - ends the search: without it the execution is one as well, as an axiom that
// holds of a graph holds of what is left when reads and barriers are taken away. So loops that wait need no
// bound.

// A round is how a loop begins one.
type round struct {
	regs     []int32 // those that are read later
	accesses int16   // of the thread so far
	marks    int
}

// again begins a round of a loop, or is why the thread stops.
func (s *search) again(g *graph, t int) uint8 {
	i := s.loops[t][int(g.pc[t])]
	now := round{accesses: g.count[t], marks: len(g.marks)}
	for _, r := range s.live[t][int(g.pc[t])] {
		now.regs = append(now.regs, g.regs[s.regBase[t]+r])
	}
	if g.rounds[i] > 0 && slices.Equal(now.regs, g.last[i].regs) && s.idle(g, t, g.last[i]) {
		return spins
	}
	g.last[i] = now
	if g.rounds[i]++; g.rounds[i] > s.unroll {
		return unrolled
	}
	return runs
}

// idle reports whether a thread has done nothing since a round began that anybody could miss.
func (s *search) idle(g *graph, t int, since round) bool {
	for i := range g.events {
		e := &g.events[i]
		if int(e.thread) == t && e.nth >= since.accesses &&
			(e.is(isWrite|isPlain|isSrcuLock) || e.pair >= 0 || int32(i) == g.pending[t]) {
			return false
		}
	}
	return !slices.ContainsFunc(g.marks[since.marks:], func(m mark) bool {
		return int(m.thread) == t && m.instr.Op != threads.Fence
	})
}

// liveAt is the registers of a thread that are read after the beginning of a round, of each of its loops.
func (s *search) liveAt(t int, loops map[int]int) map[int][]int {
	th := s.p.Threads[t]
	live := make([][]bool, len(th.Code)+1)
	for i := range live {
		live[i] = make([]bool, len(th.Regs))
	}
	for _, o := range s.p.Observed {
		if o.Thread == t {
			live[len(th.Code)][o.N] = true
		}
	}
	for changed := true; changed; {
		changed = false
		for i := len(th.Code) - 1; i >= 0; i-- {
			in := &th.Code[i]
			now := make([]bool, len(th.Regs))
			for _, n := range follows(th.Code, i) {
				for r, is := range live[n] {
					now[r] = now[r] || is
				}
			}
			if writesReg(in) {
				now[in.Dst] = false
			}
			for _, e := range []*threads.Expr{in.Addr, in.Value, in.If} {
				if e != nil {
					for _, r := range e.Regs {
						now[r] = now[r] || in.Op != threads.Modify || r != in.Dst || e == in.Addr
					}
				}
			}
			if !slices.Equal(now, live[i]) {
				live[i], changed = now, true
			}
		}
	}
	out := map[int][]int{}
	for pc := range loops {
		for r, is := range live[pc] {
			if is {
				out[pc] = append(out[pc], r)
			}
		}
	}
	return out
}

// writesReg reports whether an instruction assigns to a register.
func writesReg(in *threads.Instr) bool {
	switch in.Op {
	case threads.Assign, threads.Read, threads.Modify, threads.Trylock, threads.IsLocked, threads.SrcuLock:
		return in.Dst >= 0
	}
	return false
}
