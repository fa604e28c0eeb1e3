package explore

import (
	"slices"

	"ctcheck/machine"
	"ctcheck/model"
)

// This file finds how much room the store buffers need, where the memory model has any.

// MostRoom is the most stores that wait in one buffer. A CPU that fills that does so in a loop without
// anything to drain it.
const MostRoom = 16

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
