package explore

import (
	"context"
	"slices"

	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/verdict"
)

// This file finds how much room the store buffers need, where the memory model has any.

// MostRoom is the most stores that wait in one buffer. A CPU that fills that does so in a loop without
// anything to drain it.
const MostRoom = 16

// Run compiles the program with the monitors of the properties to be decided, and searches its states. Where the
// memory model has store buffers it makes them larger until no store of any run waits for room, so that nothing
// is left out; if one needs more than 16 entries the result is incomplete, with the bound [verdict.AtBuffer].
//
// The error is a fault of the program or a monitor (what cannot be compiled, a value outside its range), of the
// options (some do not go together, a file cannot be read or written), or of the checker (a trace that does not
// replay); it is never a verdict. When ctx ends, the search stops and the result says what is known so far.
func Run(ctx context.Context, p *model.Program, ms []*model.Monitor, o Options) (*verdict.Result, error) {
	var r *verdict.Result
	err := inRoom(o.Memory, p, ms, roomIn(o.Resume), func(m *machine.Machine, larger uint64) (uint64, error) {
		var outgrew uint64
		var err error
		if r, outgrew, err = runWithin(ctx, m, o, larger); err != nil || r.Bound != verdict.AtBuffer {
			return 0, err
		}
		o.Resume = "" // other buffers, other states
		return outgrew, nil
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// inRoom compiles the program and has it searched, with more and more room in the store buffers that
// search says were outgrown. It begins with the room given, if there is any. larger is the CPUs whose
// buffer can be made larger still.
func inRoom(mm model.MemoryModel, p *model.Program, ms []*model.Monitor, room []int,
	search func(m *machine.Machine, larger uint64) (outgrew uint64, err error)) error {
	if mm.HasBuffers() && len(room) != len(p.CPUs) {
		room = slices.Repeat([]int{1}, len(p.CPUs))
	}
	for {
		m, err := machine.Compile(machine.Options{Memory: mm, Room: room}, p, ms...)
		if err != nil {
			return err
		}
		larger := uint64(0)
		for i, n := range room {
			if n < MostRoom {
				larger |= 1 << i
			}
		}
		outgrew, err := search(m, larger)
		if err != nil || outgrew&larger == 0 {
			return err
		}
		room = slices.Clone(room)
		for i := range room {
			if outgrew>>i&1 != 0 {
				room[i] = min(2*room[i], MostRoom)
			}
		}
	}
}
