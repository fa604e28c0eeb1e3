package ir

import (
	"iter"
	"slices"

	"ctcheck/model"
)

// This file finds stores that need no store buffer, as far as the ends of runs go. A store may wait there while
// its CPU goes on. If all that the CPU does until the buffer has to be empty, or its code ends, is to make more
// such stores and to work on what is its own, then it might as well have gone on when the store reached memory: a
// run in which each of these stores, with the CPU's own work behind it, is put off until then is one too, and
// ends alike. So it is enough to look at the runs in which such a store waits until the buffer is empty, and then
// takes effect at once.

// FindPrompt notes which stores need no buffer, so that from now on [Flow.Buffered] says that they do not wait, and
// [Flow.Drains] that they wait until it is empty. States in between are fewer; how runs may end and be stuck is the
// same. It is for x86-TSO, whose buffers are first in, first out; under other memory models it notes none.
func (f *Flow) FindPrompt() {
	f.prompt = nil
	if f.Memory != model.TSO {
		return
	}
	prompt := map[*Instr]bool{}
	own := f.private()
	for _, c := range f.CPUs {
		if len(c.Levels) > 1 {
			continue // a handler may come in between
		}
		for ip := range f.codeOf(c) {
			if in := &f.Code[ip]; f.Buffered(in) && f.staysPrivate(ip, own[c]) {
				prompt[in] = true
			}
		}
	}
	f.prompt = prompt
}

// codeOf is the instructions of a CPU, by their numbers.
func (f *Flow) codeOf(c *CPU) iter.Seq[int] {
	end := len(f.Code)
	if c.Index+1 < len(f.CPUs) {
		end = f.CPUs[c.Index+1].Levels[0].Entries[0]
	}
	return func(yield func(int) bool) {
		for ip := c.Levels[0].Entries[0]; ip < end && yield(ip); ip++ {
		}
	}
}

// private is, for each CPU, the variables that no other CPU's code looks at or changes.
func (f *Flow) private() map[*CPU]map[*Var]bool {
	users := map[*Var]map[*CPU]bool{}
	for _, c := range f.CPUs {
		for ip := range f.codeOf(c) {
			for _, vs := range [][]*Var{f.Code[ip].Reads(), f.Code[ip].Writes()} {
				for _, v := range vs {
					if users[v] == nil {
						users[v] = map[*CPU]bool{}
					}
					users[v][c] = true
				}
			}
		}
	}
	own := map[*CPU]map[*Var]bool{}
	for _, c := range f.CPUs {
		own[c] = map[*Var]bool{}
	}
	for v, by := range users {
		for c := range by {
			if len(by) == 1 {
				own[c][v] = true
			}
		}
	}
	return own
}

// staysPrivate reports whether nothing between the store at an instruction and the next one that drains the buffer,
// or the end of the code, is anything to others but a store that may wait.
func (f *Flow) staysPrivate(store int, own map[*Var]bool) bool {
	seen := map[int]bool{}
	var todo []int
	push := func(ip int) {
		if !seen[ip] {
			seen[ip] = true
			todo = append(todo, ip)
		}
	}
	behind := func(ip int) {
		for _, next := range f.next(spot{ip: ip, moved: true}) {
			push(next.ip)
		}
	}
	others := func(vs []*Var) bool {
		return slices.ContainsFunc(vs, func(v *Var) bool { return v.Kind != Local && !own[v] })
	}
	operands := func(in *Instr) bool { // of a store; of one of some bits the variable is among them
		return others(slices.DeleteFunc(in.Reads(), func(v *Var) bool { return v == in.Var }))
	}
	if operands(&f.Code[store]) {
		return false
	}
	behind(store)
	for len(todo) > 0 {
		ip := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		in := &f.Code[ip]
		switch {
		case in.Op == OpHalt, f.Drains(in):
			continue
		case f.Buffered(in):
			if operands(in) {
				return false
			}
		case in.Op == OpFence && !f.Drains(in), in.Op == OpVisible:
		case in.Op.IsStatement(), in.Op == OpChoose, in.Op == OpReturn, in.Frame != f.Code[store].Frame:
			return false
		case others(in.Reads()), others(in.Writes()):
			return false
		}
		behind(ip)
	}
	return true
}
