package explore

import (
	"context"

	"ctcheck/model"
)

// mostRoom is the most stores that wait in one buffer. A CPU that fills that does so in a loop without
// anything to drain it.
const mostRoom = 16

// RunUnder compiles the program under a memory model and searches as [Run] does. It makes the store
// buffers larger until no store of any run waits for room, so that nothing is left out; if one needs more
// than 16 entries the result is incomplete, with the bound [AtBuffer].
func RunUnder(ctx context.Context, mm model.MemoryModel, p *model.Program, ms []*model.Monitor,
	o Options) (*Result, error) {
	mem := model.Memory{Model: mm}
	if mm == model.TSO {
		mem.Room = make([]int, len(p.CPUs))
		for i := range mem.Room {
			mem.Room[i] = 1
		}
		if was := roomIn(o.Resume); len(was) == len(mem.Room) {
			mem.Room = was
		}
	}
	for {
		m, err := model.CompileUnder(mem, p, ms...)
		if err != nil {
			return nil, err
		}
		larger := uint64(0)
		for i, n := range mem.Room {
			if n < mostRoom {
				larger |= 1 << i
			}
		}
		r, err := runWithin(ctx, m, o, larger)
		if err != nil || r.Bound != AtBuffer || r.outgrew&larger == 0 {
			return r, err
		}
		o.Resume = "" // other buffers, other states
		for i := range mem.Room {
			if r.outgrew>>i&1 != 0 {
				mem.Room[i] = min(2*mem.Room[i], mostRoom)
			}
		}
	}
}
