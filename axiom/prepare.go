package axiom

import (
	"fmt"

	"ctcheck/threads"
)

// This file looks at the program before the search.

// prepare sizes everything.
func (s *search) prepare() error {
	s.unroll = DefaultUnroll
	if s.o.Unroll > 0 {
		s.unroll = int16(s.o.Unroll)
	}
	most := len(s.p.Cells)
	for _, th := range s.p.Threads {
		most += mostAccesses(th.Code, int(s.unroll))
		if most > maxAccesses {
			return fmt.Errorf("the test may make more than %d accesses, loops unrolled %d times; unroll them "+
				"less often", maxAccesses, s.unroll)
		}
	}
	s.w = max(most+63, 64) / 64
	s.alg = algebra{w: s.w, cap: most * s.w}
	s.none = make([]uint64, s.w)
	s.visiting = make([]bool, most)
	s.findPeers()
	s.zero, s.one = s.constant(threads.Value{}), s.constant(threads.Value{N: 1})
	for _, c := range s.p.Cells {
		s.inits = append(s.inits, s.constant(c.Init))
	}
	return nil
}

// mostAccesses is how many accesses a thread makes at most.
func mostAccesses(code []threads.Instr, unroll int) int {
	sum := 0
	for i := range code {
		n := 0
		switch code[i].Op {
		case threads.Read, threads.Write, threads.Unlock, threads.IsLocked, threads.SrcuLock, threads.SrcuUnlock:
			n = 1
		case threads.Modify, threads.Lock, threads.Trylock:
			n = 2
		}
		for j := i + 1; j < len(code) && n > 0; j++ { // loops around it
			if code[j].Op == threads.Jump && code[j].Target <= i {
				n *= unroll
			}
		}
		if sum += n; sum > maxAccesses {
			return sum
		}
	}
	return sum
}

// from searches from the empty graph.
func (s *search) from() {
	g := &graph{}
	loops := 0
	s.regBase, s.ctrlBase, s.loops, s.live = nil, nil, nil, nil
	s.mayWrite, s.mayPlain = nil, nil
	for _, th := range s.p.Threads {
		s.regBase = append(s.regBase, len(g.regs))
		for _, r := range th.Regs {
			g.regs = append(g.regs, s.constant(r.Init))
		}
		depth := 0
		at := map[int]int{}
		for i, in := range th.Code {
			depth = max(depth, in.Depth)
			if in.Op == threads.Again {
				at[i] = loops
				loops++
			}
		}
		s.loops = append(s.loops, at)
		s.live = append(s.live, s.liveAt(len(s.loops)-1, at))
		s.ctrlBase = append(s.ctrlBase, len(g.ctrl)/s.w)
		g.ctrl = append(g.ctrl, make([]uint64, (depth+1)*s.w)...)
		s.mayWrite = append(s.mayWrite, mayWrite(th.Code, len(s.p.Cells)))
		s.mayPlain = append(s.mayPlain, mayPlain(th.Code))
		g.pc, g.state = append(g.pc, 0), append(g.state, runs)
		if len(th.Code) == 0 {
			g.state[len(g.state)-1] = done
		}
		g.need, g.forced, g.pending = append(g.need, -1), append(g.forced, -1), append(g.pending, -1)
		g.count = append(g.count, 0)
	}
	g.rounds = make([]int16, loops)
	g.last = make([]round, loops)
	g.isNew = true
	s.frames = []*graph{g}
	s.node(0)
}

// mayWrite is for each place in a thread's code the cells that may be written from there on.
func mayWrite(code []threads.Instr, cells int) []set {
	sets := make([]set, len(code)+1)
	for i := range sets {
		sets[i] = make(set, (cells+63)/64)
	}
	for changed := true; changed; {
		changed = false
		for i := len(code) - 1; i >= 0; i-- {
			in := &code[i]
			switch in.Op {
			case threads.Write, threads.Modify, threads.Lock, threads.Trylock, threads.Unlock, threads.SrcuUnlock:
				if e := in.Addr; e.Eval == nil && len(e.Regs) == 0 && e.Const.Kind == threads.Addr {
					sets[i].put(int(e.Const.N))
				} else {
					for k := range cells {
						sets[i].put(k)
					}
				}
			}
			for _, n := range follows(code, i) {
				for k, x := range sets[n] {
					if x&^sets[i][k] != 0 {
						sets[i][k] |= x
						changed = true
					}
				}
			}
		}
	}
	return sets
}
