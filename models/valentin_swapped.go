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
		knows:   valentin.knows,
		build: func(p *model.Program, c Config) {
			v := valentinPatch(p, c)
			for _, bend := range bends {
				bend(v)
			}
			v.assemble(p, c)
		},
	}
}

// swapEntry has the entry move ct->state, and leave user mode, before it fetches the work.
func (v *valentinWork) swapEntry() {
	body := v.enter.Body // fetch, state, the event of that, ...
	v.enter.Body = slices.Concat(body[1:3], body[:1], body[3:])
}

// swapExit has the exit clear ct->work before it moves ct->state.
func (v *valentinWork) swapExit() {
	body := v.exitState.Body // state, the event of that, clear
	v.exitState.Body = slices.Concat(body[2:], body[:2])
}
