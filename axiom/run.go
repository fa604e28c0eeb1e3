package axiom

import (
	"ctcheck/threads"
)

// This file runs threads: they go on, with values that may not be known, until they need one that is not.

// advance runs all threads as far as they get, and reports whether one did something.
func (s *search) advance(g *graph) bool {
	did := false
	for t := range s.p.Threads {
		if g.state[t] == needs && g.forced[t] < 0 {
			if _, st := s.find(g, g.need[t]); st == unknown {
				continue
			}
			g.state[t] = runs
		}
		for g.state[t] == runs {
			did = true
			s.step(g, t, &s.p.Threads[t].Code[g.pc[t]])
			if g.state[t] == runs && int(g.pc[t]) == len(s.p.Threads[t].Code) {
				g.state[t] = done
			}
		}
	}
	return did
}

// step runs one instruction of a thread, if it can.
func (s *search) step(g *graph, t int, in *threads.Instr) {
	base := s.regBase[t]
	switch in.Op {
	case threads.Assign:
		i := s.term(g, t, in.Value)
		if g.regs[base+in.Dst] = i; in.Value.Eval != nil {
			g.worked = append(g.worked, i)
		}
	case threads.Jump:
		g.pc[t] = int32(in.Target)
		return
	case threads.Enter:
		s.enter(g, t, in.Depth, nil)
		if next := int(g.pc[t]) + 1; s.p.Threads[t].Code[next].Op == threads.Again {
			g.rounds[s.loops[t][next]] = 0
		}
	case threads.Leave:
	case threads.Again:
		if g.state[t] = s.again(g, t); g.state[t] != runs {
			return
		}
	case threads.Branch:
		s.branch(g, t, in)
		return
	case threads.Fence, threads.ReadLock, threads.ReadUnlock, threads.Sync:
		s.mark(g, t, in, -1)
	default:
		if !s.access(g, t, in) {
			return
		}
	}
	g.pc[t]++
}

// ctrlRow is what all that a thread does inside a block depends on.
func (s *search) ctrlRow(g *graph, t, depth int) []uint64 {
	i := (s.ctrlBase[t] + depth) * s.w
	return g.ctrl[i : i+s.w]
}

// enter begins a block of a depth.
func (s *search) enter(g *graph, t, depth int, deps []uint64) {
	row := s.ctrlRow(g, t, depth)
	copy(row, s.ctrlRow(g, t, depth-1))
	for k, x := range deps {
		row[k] |= x
	}
}

// decide is how a condition is, that a term is of; not ok: the thread stops or waits.
func (s *search) decide(g *graph, t int, i int32) (yes, ok bool) {
	if f := g.forced[t]; f >= 0 {
		g.forced[t] = -1
		return f == 1, true
	}
	v, st := s.find(g, i)
	if st == known && v.Kind == threads.Thin {
		st = murky
	}
	switch st {
	case unknown:
		g.state[t], g.need[t] = needs, i
	case fault:
		g.state[t] = atFault
	case murky:
		g.state[t] = isMurky
	}
	return !v.IsZero(), st == known
}

func (s *search) branch(g *graph, t int, in *threads.Instr) {
	i := s.term(g, t, in.If)
	yes, ok := s.decide(g, t, i)
	if !ok {
		return
	}
	deps := s.terms[i].deps
	for d := in.Escape; d < in.Depth; d++ {
		for k, x := range deps {
			s.ctrlRow(g, t, d)[k] |= x
		}
	}
	s.enter(g, t, in.Depth, deps)
	if yes {
		g.pc[t]++
	} else {
		g.pc[t] = int32(in.Target)
	}
}

func (s *search) mark(g *graph, t int, in *threads.Instr, cell int32) {
	g.marks = append(g.marks, mark{int16(t), g.count[t], int16(len(g.marks)), cell, in})
	g.isNew = true
}

// add adds an access of a thread.
func (s *search) add(g *graph, t int, in *threads.Instr, f flags, cell int32, addr int32, depth int) int32 {
	i := int32(len(g.events))
	g.events = append(g.events, event{flags: f, thread: int16(t), nth: g.count[t], cell: cell, val: -1, pair: -1,
		instr: in})
	g.count[t]++
	g.rf, g.later = append(g.rf, -1), append(g.later, 0)
	g.value, g.known = append(g.value, threads.Value{}), append(g.known, false)
	g.co = append(g.co, s.none...)
	g.deps = append(g.deps, s.terms[addr].deps...)
	g.deps = append(g.deps, s.none...)
	g.deps = append(g.deps, s.ctrlRow(g, t, depth)...)
	if f&isRead != 0 {
		deps := make([]uint64, s.w)
		set(deps).put(int(i))
		g.events[i].val = s.addTerm(term{read: i, deps: deps})
	}
	g.isNew = true
	return i
}

// writes gives a write its value.
func (s *search) writes(g *graph, i, val int32) {
	g.events[i].val = val
	copy(g.deps[(3*int(i)+1)*s.w:], s.terms[val].deps)
	s.alg.put(g.co, int(s.initial(g, g.events[i].cell)), int(i))
	s.ordered(g, int(g.events[i].thread), i)
}

// initial is the write of the initial value of a cell, which comes into the graph with the first access to it.
func (s *search) initial(g *graph, cell int32) int32 {
	for i := range g.events {
		if g.events[i].cell == cell && g.events[i].is(isInit) {
			return int32(i)
		}
	}
	i := int32(len(g.events))
	g.events = append(g.events, event{flags: isWrite | isInit, thread: -1, cell: cell, val: s.inits[cell],
		pair: -1})
	g.rf, g.later = append(g.rf, -1), append(g.later, 0)
	g.value, g.known = append(g.value, threads.Value{}), append(g.known, false)
	g.co = append(g.co, s.none...)
	for range 3 {
		g.deps = append(g.deps, s.none...)
	}
	g.isNew = true
	return i
}

// address is the cell that an instruction is about; not ok: the thread stops or waits.
func (s *search) address(g *graph, t int, in *threads.Instr) (cell, term int32, ok bool) {
	i := s.term(g, t, in.Addr)
	if f := g.forced[t]; f >= 0 {
		g.forced[t] = -1
		if int(f) == len(s.p.Cells) {
			s.why = errNoAddress
			g.state[t] = atFault
		}
		return int32(f), i, g.state[t] == runs
	}
	switch v, st := s.find(g, i); {
	case st == unknown:
		g.state[t], g.need[t] = needs, i
	case st == murky || v.Kind == threads.Thin:
		g.state[t] = isMurky
	case st == known && v.Kind == threads.Addr:
		return int32(v.N), i, true
	default:
		if st == known {
			s.why = errNoAddress
		}
		g.state[t] = atFault
	}
	return 0, 0, false
}

// access runs an instruction that has an address, and reports whether it is over.
func (s *search) access(g *graph, t int, in *threads.Instr) bool {
	if g.pending[t] >= 0 {
		return s.modified(g, t, in)
	}
	isChoice := in.Op == threads.Trylock || in.Op == threads.IsLocked
	cell, addr, choice := -2-g.pending[t], g.need[t], int16(-1)
	if !isChoice || cell < 0 {
		var ok bool
		if cell, addr, ok = s.address(g, t, in); !ok {
			return false
		}
	}
	if isChoice {
		if choice = g.forced[t]; choice < 0 {
			g.state[t], g.need[t], g.pending[t] = chooses, addr, -2-cell
			return false
		}
		g.forced[t], g.pending[t] = -1, -1
	}
	s.initial(g, cell)
	add := func(f flags) int32 { return s.add(g, t, in, f, cell, addr, in.Depth) }
	dst := new(int32)
	if in.Dst >= 0 {
		dst = &g.regs[s.regBase[t]+in.Dst]
	}
	lock := func() (read int32) {
		r, w := add(isRead|isLockRead), add(isWrite|isLockWrite)
		g.events[r].pair, g.events[w].pair = w, r
		s.writes(g, w, s.one)
		return r
	}
	switch in.Op {
	case threads.Read:
		*dst = g.events[add(flagsOf(in, isRead))].val
	case threads.Write:
		s.writes(g, add(flagsOf(in, isWrite)), s.term(g, t, in.Value))
	case threads.Modify:
		f := flagsOf(in, isRead)
		if in.If != nil { // whether it is ordered is not known before it is done
			f = isRead | isRMW
		}
		r := add(f)
		*dst = g.events[r].val
		g.pending[t] = r
		return s.modified(g, t, in)
	case threads.Lock:
		lock()
	case threads.Unlock:
		s.writes(g, add(isWrite|isUnlock), s.zero)
	case threads.Trylock:
		if choice == 1 {
			*dst = s.dependent(lock(), 1)
		} else {
			*dst = s.dependent(add(isRead|isLocked), 0)
		}
	case threads.IsLocked:
		f := isRead | isUnlocked
		if choice == 1 {
			f = isRead | isLocked
		}
		*dst = g.events[add(f)].val
	case threads.SrcuLock:
		*dst = g.events[add(isRead|isSrcuLock)].val
	case threads.SrcuUnlock:
		s.writes(g, add(isWrite|isSrcuUnlock), s.term(g, t, in.Value))
	case threads.SrcuSync:
		s.mark(g, t, in, cell)
	}
	return true
}

// modified makes the write of a read-modify-write, if there is one.
func (s *search) modified(g *graph, t int, in *threads.Instr) bool {
	r := g.pending[t]
	if in.If != nil {
		yes, ok := s.decide(g, t, s.term(g, t, in.If))
		if !ok {
			return false
		}
		if !yes {
			g.pending[t] = -1
			return true
		}
	}
	g.pending[t] = -1
	g.events[r].flags = flagsOf(in, isRead)
	w := s.add(g, t, in, flagsOf(in, isWrite), g.events[r].cell, s.zero, in.Depth)
	copy(g.deps[3*int(w)*s.w:][:s.w], g.deps[3*int(r)*s.w:])
	g.events[r].pair, g.events[w].pair = w, r
	s.writes(g, w, s.term(g, t, in.Value))
	return true
}

// dependent is a constant that depends on a read.
func (s *search) dependent(read int32, n int64) int32 {
	deps := make([]uint64, s.w)
	set(deps).put(int(read))
	return s.addTerm(term{expr: &threads.Expr{Const: threads.Value{N: n}}, deps: deps})
}
