package model

// This file says what of a program's code a step went through, for those who count it.

// A Passed is a statement that a transition took, or a way that it went at a branch.
type Passed struct {
	Stmt *Stmt
	Way  int
}

// Ways. Of a Choose, the way is the number of the alternative.
const (
	Itself   = -1 // the statement itself, which is a step, or a fence that was waited for
	WayFalse = 0  // of an If, While or DoWhile: the condition was false
	WayTrue  = 1
)

// A Coverable is a statement that is a step, or a way at a branch.
type Coverable struct {
	Place
	Way int
	// Compiled says that some CPU has code for it. Where it has not, an argument or a parameter of the
	// configuration, constant when the program was compiled, leads elsewhere.
	Compiled bool
}

// Coverables is all that the transitions of the machine may go through, in the order of [Program.Walk]: steps,
// those inside an Atomic too, and the ways at branches. Not among them are ways that a constant condition
// excludes, and the ghost code of monitors.
func (m *Machine) Coverables() []Coverable {
	compiled := map[Passed]bool{}
	for i := range m.code {
		in := &m.code[i]
		switch {
		case in.stmt == nil:
		case in.op <= iSend:
			compiled[Passed{in.stmt, Itself}] = true
		case in.op == iUnless && in.cond.op == OpConst:
			compiled[Passed{in.stmt, int(truth(in.cond.k != 0))}] = true
		case in.op == iUnless:
			compiled[Passed{in.stmt, WayFalse}], compiled[Passed{in.stmt, WayTrue}] = true, true
		case in.op == iChoose:
			for w, a := range in.alts {
				if a.guard.op != OpConst || a.guard.k != 0 {
					compiled[Passed{in.stmt, w}] = true
				}
			}
		}
	}
	var cs []Coverable
	m.Program.Walk(func(pl Place) {
		s := pl.Stmt()
		add := func(way int, always bool) {
			if is := compiled[Passed{s, way}]; is || always {
				cs = append(cs, Coverable{pl, way, is})
			}
		}
		switch s.Kind {
		case StmtChoose:
			for w := range s.Alts {
				add(w, true)
			}
		case StmtIf, StmtWhile, StmtDoWhile:
			add(WayTrue, false)
			add(WayFalse, false)
		default:
			if s.Kind.IsStep() {
				add(Itself, true)
			}
		}
	})
	return cs
}

// pass notes where a transition goes.
func (fx *Effects) pass(s *Stmt, way int) {
	if fx.Trail != nil && s != nil {
		*fx.Trail = append(*fx.Trail, Passed{s, way})
	}
}

// Values calls f for every variable that has a value in s: shared ones, ghosts, and the locals and parameters of
// the calls under way, as in [Machine.Snapshot]. Parameters that stand for constants are not among them.
func (m *Machine) Values(s []uint64, f func(*Var, int64)) {
	for _, l := range m.globals {
		f(l.v, l.get(s))
	}
	for i := range m.cpus {
		c := &m.cpus[i]
		for j := range c.levels {
			lv := &c.levels[j]
			pc := lv.pc.get(s) - lv.bias
			if pc < 0 {
				continue
			}
			for a := lv.points[pc].calls; a != nil; a = a.up {
				for _, vs := range [][]*Var{a.routine.Params, a.routine.Locals} {
					for _, v := range vs {
						if l := a.scope.locs[v]; l != nil && l.word < m.words {
							f(v, l.get(s))
						}
					}
				}
			}
		}
	}
}
