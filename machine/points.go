package machine

// This file finds the step boundaries at which a CPU can in fact rest, and numbers only those: the
// first step of an alternative is taken together with the choice, and the end of code that loops for
// ever is never reached.

// A next is where a run may go on after an instruction, and whether its step has been taken.
type next struct {
	ip    int
	moved bool
	rests bool // the CPU was there when the step began
}

// rests keeps, of the level's points, those at which some step can end.
func (m *Machine) rests(lv *level) {
	seen := map[next]bool{}
	resting := map[int]bool{} // by instruction
	var todo []next
	push := func(ip int, moved bool) {
		in := &m.code[ip]
		p := next{ip: ip, moved: moved}
		if in.point >= 0 && moved || in.op == iHalt {
			if resting[ip] {
				return
			}
			resting[ip] = true
			if in.op == iHalt {
				return
			}
			p = next{ip: ip, rests: true} // the next step begins here
		}
		if !seen[p] {
			seen[p] = true
			todo = append(todo, p)
		}
	}
	for _, ip := range lv.starts {
		push(ip, true)
	}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, q := range m.successors(p) {
			push(q.ip, q.moved)
		}
	}
	kept := lv.points[:0]
	for _, pt := range lv.points {
		in := &m.code[pt.ip]
		in.point = -1
		if resting[pt.ip] {
			in.point = int32(len(kept))
			kept = append(kept, pt)
		}
	}
	lv.points = kept
}

// successors is where a run may go on after an instruction.
func (m *Machine) successors(p next) []next {
	ip, moved := p.ip, p.moved
	in := &m.code[ip]
	switch in.op {
	case iAccess, iPause, iAwait, iSend:
		moved = true
	case iDrain:
		moved = moved || p.rests
	case iHalt, iPop, iStored:
		return nil
	case iJump:
		return []next{{ip: in.to, moved: moved}}
	case iUnless:
		return []next{{ip: in.to, moved: moved}, {ip: ip + 1, moved: moved}}
	case iChoose:
		var ns []next
		for _, a := range in.alts {
			ns = append(ns, next{ip: a.to, moved: moved})
		}
		return ns
	}
	return []next{{ip: ip + 1, moved: moved}}
}
