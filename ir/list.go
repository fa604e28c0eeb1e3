package ir

import "ctcheck/model"

// This file lists what there is to meet in the runs of a program: events, steps, outcomes of branches.

// mostValues is how many values an event's argument may have so that each is something to look for.
const mostValues = 64

// Happenings is every event that the program's code has, once, with each value that its argument may have, as far
// as its expression tells; events whose arguments may have very many are left out.
func (p *Program) Happenings() []Happening {
	var hs []Happening
	seen := map[Happening]bool{}
	for i := range p.Code {
		in := &p.Code[i]
		if in.Op != OpEvent {
			continue
		}
		values := []int64{0}
		if in.Arg != nil && in.Arg.IsConst() {
			values[0] = in.Arg.K
		} else if in.Arg != nil {
			values = in.Event.Arg.Values(mostValues)
		}
		for _, x := range values {
			h := Happening{Event: *in.Event, Value: x}
			h.Arg = nil
			if !seen[h] {
				seen[h] = true
				hs = append(hs, h)
			}
		}
	}
	return hs
}

// Coverables is all that runs may go through, in the order of [model.Program.Walk]: steps,
// those inside an Atomic too, and the outcomes of branches. Not among them are outcomes that a constant condition
// excludes, and the ghost code of monitors.
func (p *Program) Coverables() []Coverable {
	compiled := map[Passed]bool{}
	for i := range p.Code {
		in := &p.Code[i]
		switch {
		case in.Stmt == nil:
		case in.Op.IsStatement():
			compiled[Passed{Stmt: in.Stmt, Way: Itself}] = true
		case in.Op == OpUnless && in.Cond.IsConst():
			compiled[Passed{Stmt: in.Stmt, Way: int(model.Truth(in.Cond.K != 0))}] = true
		case in.Op == OpUnless:
			compiled[Passed{Stmt: in.Stmt, Way: WayFalse}], compiled[Passed{Stmt: in.Stmt,
				Way: WayTrue}] = true, true
		case in.Op == OpChoose:
			for w, a := range in.Alts {
				if !a.Guard.IsConst() || a.Guard.K != 0 {
					compiled[Passed{Stmt: in.Stmt, Way: w}] = true
				}
			}
		}
	}
	var cs []Coverable
	p.Source.Walk(func(pl model.Place) {
		s := pl.Stmt()
		add := func(way int, always bool) {
			if is := compiled[Passed{Stmt: s, Way: way}]; is || always {
				cs = append(cs, Coverable{Place: pl, Way: way, Compiled: is})
			}
		}
		switch s.Kind {
		case model.StmtChoose:
			for w := range s.Alts {
				add(w, true)
			}
		case model.StmtIf, model.StmtWhile, model.StmtDoWhile:
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
