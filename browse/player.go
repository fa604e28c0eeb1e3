package browse

import (
	"context"
	"slices"

	"ctcheck/explore"
	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/trace"
)

// This file is the one place of the package that knows the machine. One is kept because a page plays a run that
// is in its address, and a search goes on from the end of that run, neither of which [explore.Run] does.

// A player plays runs of one program, and knows what there is to meet on them.
type player struct {
	m           *machine.Machine
	program     *model.Program
	transitions []ir.Transition // all that the program has
	properties  []string        // without [model.NoDeadlock]
	live        map[int]bool    // the properties that make a claim on whole runs, by index
	events      []ir.Happening  // that may happen, without their values
}

// newPlayer is the explorer's player. The error is a fault of the program.
func newPlayer(e *Explorer) (*player, error) {
	m, err := machine.Compile(e.options(), e.Program, e.Monitors...)
	if err != nil {
		return nil, err
	}
	if _, err := trace.Play(m, nil); err != nil {
		return nil, err
	}
	p := &player{m: m, program: e.Program, properties: m.Properties, live: map[int]bool{}, events: m.Happenings()}
	for i := range m.Transitions() {
		p.transitions = append(p.transitions, m.Transition(i))
	}
	for _, l := range m.Live() {
		p.live[l.Property] = true
	}
	return p, nil
}

// options are the memory model with all the room that a search by itself would ever make.
func (e *Explorer) options() machine.Options {
	o := machine.Options{Memory: e.Memory}
	if e.Memory.HasBuffers() {
		o.Room = slices.Repeat([]int{explore.MostRoom}, len(e.Program.CPUs))
	}
	return o
}

// play takes the steps of a run. The error says which of them cannot be taken.
func (p *player) play(run []ir.Transition) (*trace.Trace, error) { return trace.Play(p.m, run) }

// nearest looks for a shortest way on from the end of a run. The error is a fault of the program.
func (p *player) nearest(ctx context.Context, run []ir.Transition, wanted func(explore.Did) bool,
	o explore.Options) (explore.Way, error) {
	return explore.Nearest(ctx, p.m, run, wanted, o)
}
