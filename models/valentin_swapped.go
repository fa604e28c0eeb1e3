package models

import (
	"slices"

	"ctcheck/model"
)

// Forms of valentin, derived here: what the patch makes is bent afterwards, so valentin_work.go has the posted
// design alone.

// As valentin, but RCU watches for longer than DISABLED is set: the entry moves the state first and
// then fetches the work, the exit opens ct->work first and then moves the state. An NMI that finds
// RCU not watching is then never inside the entry or the exit.
var valentinSwapped = swapped("valentin-swapped", "in both routines", (*valentinWork).swapEntry,
	(*valentinWork).swapExit)

// As above, but only the entry is swapped.
var valentinSwappedEnter = swapped("valentin-swapped-enter", "in the entry only", (*valentinWork).swapEntry)

// As above, but only the exit is swapped.
var valentinSwappedExit = swapped("valentin-swapped-exit", "in the exit only", (*valentinWork).swapExit)

func swapped(name, where string, bends ...func(*valentinWork)) Design {
	return Design{
		Name:    name,
		Summary: "valentin, with the steps on ct->state and ct->work swapped " + where,
		Source:  "derived here from valentin",
		LeftOut: valentin.LeftOut,
		Knows:   valentin.Knows,
		Build: func(p *model.Program, c Config) {
			v := valentinPatch(p, c)
			for _, bend := range bends {
				bend(v)
			}
			v.Assemble(p, c)
		},
	}
}

// swapEntry has the entry move ct->state, and leave user mode, before it fetches the work.
func (v *valentinWork) swapEntry() { v.enter.Body = v.swap(v.enter.Body) }

// swapExit has the exit clear ct->work before it moves ct->state.
func (v *valentinWork) swapExit() { v.exitState.Body = v.swap(v.exitState.Body) }

// swap has the step on ct->state, with the event that rides on it, and the step on ct->work change places. It
// panics where they are not neighbours.
func (v *valentinWork) swap(body []*model.Stmt) []*model.Stmt {
	on := func(x *model.Var) int {
		return slices.IndexFunc(body, func(s *model.Stmt) bool { return s.Kind == model.StmtAccess && s.Var == x })
	}
	state, work := on(v.state), on(v.work)
	first := min(state, work)
	if first < 0 || work != state+2 && work != state-1 || body[state+1].Kind != model.StmtEvent {
		panic("models: valentin: the steps on ct->state and ct->work are not neighbours; bend the new form by hand")
	}
	moved, cleared := body[state:state+2], body[work:work+1]
	if state < work {
		return slices.Concat(body[:first], cleared, moved, body[first+3:])
	}
	return slices.Concat(body[:first], moved, cleared, body[first+3:])
}
