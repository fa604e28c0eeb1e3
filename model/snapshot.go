package model

// This file takes a packed state apart for people: variables, and of each CPU its stack of contexts, the calls
// under way with their locals, what it does next, its store buffer and the interrupts that may strike.

// A Snapshot is a state as people read it.
type Snapshot struct {
	Globals []Binding // shared variables and ghosts, in order of declaration
	CPUs    []CPUState
}

// A CPUState is what a state says of one CPU.
type CPUState struct {
	CPU      *CPU
	Levels   []LevelState // of its stack, outermost first; the last one runs
	Buffer   []Buffered   // its stores that wait, the oldest one first
	Pending  []*IPI       // sent to it and not yet delivered
	NMIsLeft int          // that may still come
}

// A LevelState is one level of a CPU's stack: its own code, an IPI's handler or an NMI's.
type LevelState struct {
	Context Context
	Frame   Frame
	Calls   []CallState // under way, outermost first
	Next    *Stmt       // the step that it takes next; nil if there is none, or for the return of a handler
}

// A CallState is a routine that was called and has not returned.
type CallState struct {
	Routine *Routine
	// Locals is its parameters and locals in the order of declaration, without those that have a value
	// only while a step runs.
	Locals []Binding
}

// An activation is a call that is being compiled, with what its names stand for.
type activation struct {
	up      *activation
	routine *Routine
	scope   *scope
}

// Snapshot takes s apart.
func (m *Machine) Snapshot(s []uint64) Snapshot {
	snap := Snapshot{Globals: m.Globals(s)}
	for i := range m.cpus {
		c := &m.cpus[i]
		st := CPUState{CPU: c.CPU, Buffer: m.Buffer(s, i)}
		for j := range c.levels {
			lv := &c.levels[j]
			if pc := lv.pc.get(s) - lv.bias; pc >= 0 {
				st.Levels = append(st.Levels, m.level(s, lv, &lv.points[pc]))
			}
		}
		for j, l := range c.pending {
			if l.get(s) != 0 {
				st.Pending = append(st.Pending, c.IPIs[j])
			}
		}
		if c.nmiLeft != nil {
			st.NMIsLeft = int(c.nmiLeft.get(s))
		}
		snap.CPUs = append(snap.CPUs, st)
	}
	return snap
}

// Happenings is every event that the program's code has, once, with each value that its argument may have.
func (m *Machine) Happenings() []Happening {
	var hs []Happening
	seen := map[Happening]bool{}
	for i := range m.code {
		in := &m.code[i]
		if in.op != iEvent {
			continue
		}
		var values []int64
		switch {
		case in.arg == nil:
			values = []int64{0}
		case in.arg.op == OpConst:
			values = []int64{in.arg.k}
		case in.ev.Kind == Ran:
			for w := range m.Program.Works {
				values = append(values, int64(w))
			}
		default:
			values = []int64{0, 1}
		}
		for _, x := range values {
			h := Happening{*in.ev, x}
			h.Arg = nil
			if !seen[h] {
				seen[h] = true
				hs = append(hs, h)
			}
		}
	}
	return hs
}

// level is what a state says of a level that is at the given point.
func (m *Machine) level(s []uint64, lv *level, pt *point) LevelState {
	st := LevelState{Context: lv.context, Frame: pt.frame, Next: m.upcoming(pt.ip)}
	for a := pt.calls; a != nil; a = a.up {
		call := CallState{Routine: a.routine}
		for _, vs := range [][]*Var{a.routine.Params, a.routine.Locals} {
			for _, v := range vs {
				if k, ok := a.scope.consts[v]; ok {
					call.Locals = append(call.Locals, Binding{v, k})
				} else if l := a.scope.locs[v]; l.word < m.words {
					call.Locals = append(call.Locals, Binding{v, l.get(s)})
				}
			}
		}
		st.Calls = append([]CallState{call}, st.Calls...)
	}
	return st
}

// upcoming is the statement of the step that begins at ip, where it does not depend on the state.
func (m *Machine) upcoming(ip int) *Stmt {
	for n := 0; n < len(m.code); n++ {
		switch in := &m.code[ip]; in.op {
		case iHalt, iPop, iStored, iUnless:
			return nil
		case iAccess, iPause, iAwait, iDrain, iSend, iChoose:
			return in.stmt
		case iJump:
			ip = in.to
		default:
			ip++
		}
	}
	return nil
}
