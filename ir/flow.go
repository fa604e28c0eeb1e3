package ir

import (
	"maps"
	"slices"

	"ctcheck/model"
)

// A Flow is the flow graph of a program's steps under a memory model: where a CPU can be between two steps, and
// what lies between these boundaries. Code that follows a choice directly is taken together with it, and the
// end of code that loops for ever is never reached, so not every instruction that may begin a step is one.
type Flow struct {
	*Program
	Memory model.MemoryModel

	prompt map[*Instr]bool // stores that need no buffer: see FindPrompt
}

// Buffered reports whether the instruction is a store that may wait in the CPU's store buffer.
func (f Flow) Buffered(in *Instr) bool {
	return in.Op == OpAccess && !in.Inside && f.Memory.Waits(in.Stmt) && !f.prompt[in]
}

// Drains reports whether the instruction waits until the CPU's store buffer is empty. Inside an Atomic nothing
// has to: the Atomic waited for that.
func (f Flow) Drains(in *Instr) bool {
	return in.Op.IsStatement() && !in.Inside && f.Memory.Drains(in.Stmt) || f.prompt[in]
}

// Begins reports whether a step begins with the instruction where it is not reached by a choice.
func (f Flow) Begins(in *Instr) bool { return in.Step && (in.Op != OpFence || f.Drains(in)) }

// A spot is where a run may be: before an instruction, with the step taken or not.
type spot struct {
	ip    int
	moved bool
	rests bool // the CPU was there when the step began
}

// next is where a run may go on.
func (f Flow) next(at spot) []spot {
	in, moved := &f.Code[at.ip], at.moved
	switch in.Op {
	case OpAccess:
		if f.Buffered(in) && in.Effect > 0 {
			return []spot{{ip: in.Effect, moved: true}}
		}
		moved = true
	case OpPause, OpAwait, OpSend, OpIRQ:
		moved = true
	case OpFence:
		moved = moved || at.rests && f.Drains(in)
	case OpHalt, OpReturn, OpFault:
		return nil
	case OpVisible:
		if f.Buffered(&f.Code[in.To]) {
			return nil // what reaches memory is no step of the code
		}
	case OpJump:
		return []spot{{ip: in.To, moved: moved}}
	case OpUnless:
		return []spot{{ip: in.To, moved: moved}, {ip: at.ip + 1, moved: moved}}
	case OpChoose:
		var all []spot
		for _, a := range in.Alts {
			all = append(all, spot{ip: a.To, moved: moved})
		}
		return all
	}
	return []spot{{ip: at.ip + 1, moved: moved}}
}

// Boundaries is the instructions of a level before which the CPU can be between two steps, in order.
func (f Flow) Boundaries(lv *Level) []int {
	seen, found := map[spot]bool{}, map[int]bool{}
	var todo []spot
	push := func(at spot) {
		in := &f.Code[at.ip]
		if at.moved && f.Begins(in) || in.Op == OpHalt {
			if found[at.ip] {
				return
			}
			found[at.ip] = true
			at = spot{ip: at.ip, rests: true} // the next step begins here
		}
		if !seen[at] {
			seen[at] = true
			todo = append(todo, at)
		}
	}
	for _, ip := range lv.Entries {
		push(spot{ip: ip, moved: true})
	}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, next := range f.next(at) {
			push(next)
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// A Stretch is all that may be executed in one step.
type Stretch struct {
	Code    []int // instructions
	Ends    []int // the boundaries before which it may end
	Returns bool  // or it leaves the level
}

// Stretch follows every way from an instruction to the next boundaries. With moved set the step was the transition
// that led there: the push of a handler, or a store that reached memory.
func (f Flow) Stretch(ip int, moved bool) Stretch {
	var st Stretch
	seen := map[spot]bool{}
	todo := []spot{{ip: ip, moved: moved, rests: !moved}}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		in := &f.Code[at.ip]
		switch {
		case in.Op == OpReturn:
			st.Returns = true
			continue
		case in.Op == OpFence && at.moved && f.Begins(in): // it may rest there, or go on at once
			st.Ends = append(st.Ends, at.ip)
		case at.moved && f.Begins(in), in.Op == OpHalt:
			st.Ends = append(st.Ends, at.ip)
			continue
		}
		st.Code = append(st.Code, at.ip)
		for _, next := range f.next(at) {
			if !seen[next] {
				seen[next] = true
				todo = append(todo, next)
			}
		}
	}
	return st
}

// Touches is what the instructions of a stretch may read and write, each variable once, in the order of the code.
func (f Flow) Touches(st Stretch) (reads, writes []*Var) {
	for _, ip := range st.Code {
		reads = append(reads, f.Code[ip].Reads()...)
		writes = append(writes, f.Code[ip].Writes()...)
	}
	return once(reads), once(writes)
}

func once(vs []*Var) []*Var {
	seen := map[*Var]bool{}
	return slices.DeleteFunc(vs, func(v *Var) bool {
		known := seen[v]
		seen[v] = true
		return known
	})
}
