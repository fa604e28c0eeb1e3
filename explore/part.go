package explore

import (
	"context"
	"fmt"
	"strings"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/states"
	"ctcheck/verdict"
)

// This file holds two programs against each other: it takes the same steps in both, and looks for
// a shortest schedule after which they do something different.

// A Parting is where two programs part.
type Parting struct {
	Found  bool
	Run    []ir.Transition // a shortest schedule; in its last step they do something different
	Only   string          // "a" or "b" where only that one can take the last step; else empty
	States uint64          // pairs of states that were looked at
	Bound  verdict.Bound   // what cut the search, if it was not complete
}

// Part looks for a shortest schedule on which two programs part: in its last step they do not do
// the same, as observe has it of a step, or only one of them can take it. Before that they do the
// same on every schedule. If there is none, and the search was not cut, no schedule tells them
// apart. Of the options it keeps MaxStates and MaxBytes. The error is that of [SameCPUs], or a fault
// of one of the programs.
func Part(ctx context.Context, a, b *Session, observe func(of *Session, d StepInfo) string, o Options) (Parting,
	error) {
	if err := SameCPUs(a, b); err != nil {
		return Parting{}, err
	}
	in := func(s *Session) func(StepInfo) string {
		return func(d StepInfo) string { return observe(s, d) }
	}
	p := &parter{sides: [2]*side{newSide(a.m, in(a)), newSide(b.m, in(b))},
		bounds: newBounds(ctx, o, 0), pred: newPredecessors()}
	p.match()
	return p.run()
}

// SameCPUs says in an error how the CPUs of two programs differ, so that no schedule is of both.
func SameCPUs(a, b *Session) error {
	x, y := a.m.Program.CPUs, b.m.Program.CPUs
	if len(x) != len(y) {
		return fmt.Errorf("the one has %d CPUs and the other %d, so there are no schedules for both",
			len(x), len(y))
	}
	for i := range x {
		if x[i].Name != y[i].Name {
			return fmt.Errorf("CPU %d is %s in the one and %s in the other, so there are no "+
				"schedules for both", i, x[i].Name, y[i].Name)
		}
	}
	return nil
}

// A side is one of the programs.
type side struct {
	m       *machine.Machine
	observe func(StepInfo) string
	rec     ir.Record
	fx      machine.Effects
	state   []uint64
	next    []uint64
	scratch []uint64
	did     string
}

func newSide(m *machine.Machine, observe func(StepInfo) string) *side {
	return &side{m: m, observe: observe, state: make([]uint64, m.Words()),
		next: make([]uint64, m.Words()), scratch: make([]uint64, m.Words())}
}

// take tries a transition. It reports whether that is enabled; did is then what is observed.
func (s *side) take(id int) (bool, error) {
	if id < 0 {
		return false, nil
	}
	s.rec = ir.Record{Writes: s.rec.Writes[:0], Events: s.rec.Events[:0], Accesses: s.rec.Accesses[:0]}
	s.fx.Record = &s.rec
	if !s.m.Fire(s.state, id, s.next, &s.fx) {
		return false, nil
	}
	if s.fx.Err != nil {
		return true, s.fx.Err
	}
	d := StepInfo{Transition: s.m.Transition(id), Record: &s.rec, Failed: s.fx.Failed | s.m.Violated(s.next),
		Reached: s.fx.Reached | s.m.Reached(s.next), Ended: s.m.Ended(s.next)}
	d.Stuck = s.m.Deadlock(s.next, s.m.HasObliged(s.next, s.scratch, &machine.Effects{}))
	s.did = s.observe(d)
	return true, nil
}

// A parter is the search.
type parter struct {
	sides  [2]*side
	steps  []ir.Transition // of either
	ids    [2][]int        // of each step, in each program; -1 where it has none
	bounds *bounds
	set    *states.Set
	pred   *predecessors
}

// match finds the transitions that both have, and those of one.
func (p *parter) match() {
	seen := map[ir.Transition]bool{}
	for _, s := range p.sides {
		for id := range s.m.Transitions() {
			if t := s.m.Transition(id); !seen[t] {
				seen[t] = true
				p.steps = append(p.steps, t)
			}
		}
	}
	for _, t := range p.steps {
		for i, s := range p.sides {
			p.ids[i] = append(p.ids[i], s.m.Number(t))
		}
	}
}

// run looks at pair after pair.
func (p *parter) run() (Parting, error) {
	a, b := p.sides[0], p.sides[1]
	split := a.m.Words()
	p.set = states.NewSet(split + b.m.Words())
	first, _ := a.m.Initial()
	other, _ := b.m.Initial()
	pair := append(append([]uint64{}, first...), other...)
	p.set.Add(pair)
	for i := 0; i < p.set.Len(); i++ {
		copy(pair, p.set.At(uint32(i)))
		copy(a.state, pair[:split])
		copy(b.state, pair[split:])
		for n := range p.steps {
			if p.bounds.tick() {
				return Parting{States: uint64(p.set.Len()), Bound: p.bounds.cause()}, nil
			}
			who, same, err := p.both(n)
			if err != nil {
				return Parting{}, err
			}
			switch {
			case !same:
				return Parting{Found: true, Run: p.path(uint32(i), n), Only: strings.TrimSuffix(who, "both"),
					States: uint64(p.set.Len())}, nil
			case who == "both":
				p.add(uint32(i), n, pair, split)
			}
		}
	}
	return Parting{States: uint64(p.set.Len()), Bound: p.bounds.cause()}, nil
}

// both takes a step in both programs. It says which can, "both", "a", "b" or neither, and whether
// they do the same.
func (p *parter) both(n int) (who string, same bool, err error) {
	x, err := p.sides[0].take(p.ids[0][n])
	if err != nil {
		return "", false, err
	}
	y, err := p.sides[1].take(p.ids[1][n])
	switch {
	case err != nil:
		return "", false, err
	case x && y:
		return "both", p.sides[0].did == p.sides[1].did, nil
	case x:
		return "a", false, nil
	case y:
		return "b", false, nil
	}
	return "", true, nil
}

// add adds the pair that a step leads to, if there is room.
func (p *parter) add(from uint32, n int, pair []uint64, split int) {
	copy(pair[:split], p.sides[0].next)
	copy(pair[split:], p.sides[1].next)
	if _, known := p.set.Find(pair); known || p.bounds.full(p.set, p.pred.bytes()) {
		return
	}
	p.set.Add(pair)
	p.pred.add(edge{from: from, t: n, to: uint32(p.set.Len() - 1)})
}

// path is the schedule to a pair, and one step more.
func (p *parter) path(i uint32, n int) []ir.Transition {
	var run []ir.Transition
	for _, k := range append(p.pred.path(i), uint16(n)) {
		run = append(run, p.steps[k])
	}
	return run
}
