package explore

import (
	"context"

	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/verdict"
)

// MostRoom is the most stores that wait in one buffer. A CPU that fills that does so in a loop without
// anything to drain it.
const MostRoom = 16

// RunUnder compiles the program under a memory model and searches as [Run] does. It makes the store
// buffers larger until no store of any run waits for room, so that nothing is left out; if one needs more
// than 16 entries the result is incomplete, with the bound [AtBuffer].
func RunUnder(ctx context.Context, mm model.MemoryModel, p *model.Program, ms []*model.Monitor,
	o Options) (*verdict.Result, error) {
	var r *verdict.Result
	err := inRoom(mm, p, ms, roomIn(o.Resume), func(m *machine.Machine, larger uint64) (uint64, error) {
		var err error
		var outgrew uint64
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
	mem := machine.Memory{Model: mm}
	if mm == model.TSO {
		mem.Room = make([]int, len(p.CPUs))
		for i := range mem.Room {
			mem.Room[i] = 1
		}
		if len(room) == len(mem.Room) {
			mem.Room = room
		}
	}
	for {
		m, err := machine.CompileUnder(mem, p, ms...)
		if err != nil {
			return err
		}
		larger := uint64(0)
		for i, n := range mem.Room {
			if n < MostRoom {
				larger |= 1 << i
			}
		}
		outgrew, err := search(m, larger)
		if err != nil || outgrew&larger == 0 {
			return err
		}
		for i := range mem.Room {
			if outgrew>>i&1 != 0 {
				mem.Room[i] = min(2*mem.Room[i], MostRoom)
			}
		}
	}
}
