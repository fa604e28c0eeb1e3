package trace

import (
	"fmt"
	"slices"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
)

// A Trace is a run from the initial state to a violation, replayed step by step when it was made. What
// violates a claim on whole runs is a run that goes on for ever, or that stops.
type Trace struct {
	Program    *model.Program
	Memory     model.MemoryModel
	Properties []string // those that were decided, [model.NoDeadlock] last
	Property   string   // which of them it violates; empty if it is not meant to
	Shortest   bool     // no violation of the property takes fewer steps
	Fewest     bool     // of those that take as few, none switches between CPUs less often
	Random     bool     // it was found by a random walk, and steps that it does not need were left out
	Start      []ir.Binding
	Steps      []Step
	Loop       int           // index of the first of the steps that repeat for ever, -1 if none do
	End        []ir.Binding  // the values after the last step
	Deadlock   bool          // no CPU can step after the last step, and not all have ended
	Standing   []ir.Standing // where each CPU stands then, and what it waits for; nil where there is no deadlock
	Race       *ir.Race      // the data race that is next, of a trace that leads to one
	Ended      bool          // a claim on whole runs is violated by one in which every CPU ends
	States
}

// States is what is known of the states that a run goes through. The engine that found the run says it; a run that
// was replayed on a machine has what the machine says.
type States interface {
	// Snapshot is the state after the first n steps.
	Snapshot(n int) ir.Snapshot
	// Truths is what that state says of the properties, in the order of the trace's Properties. Claims on whole
	// runs that are violated by what goes on for ever are only ever owed.
	Truths(n int) []Truth
	// Next is the steps that may be taken after the last one, in the order of the program's transitions. The error
	// is a fault of the program in one more of them.
	Next() ([]Step, error)
}

// SameRun reports whether two traces of one machine are the same run.
func (t *Trace) SameRun(u *Trace) bool {
	return t.Loop == u.Loop && slices.EqualFunc(t.Steps, u.Steps, func(a, b Step) bool {
		return a.Transition == b.Transition
	})
}

// A Step is one step of a trace.
type Step struct {
	Transition ir.Transition
	CPU        *model.CPU
	Stack      []model.Frame // of the CPU before the step, outermost first
	// Calls is those that its statement stands in, outermost first; none of an interrupt. Two steps are in the same
	// call where they have the same pointer.
	Calls []*ir.Called
	ir.Record
	Changes []Change // of the program's own variables
}

// Statement is what the step did, in the program's words: the C statement, or the interrupt.
func (t Step) Statement() string {
	switch {
	case t.Transition.Kind == ir.PushIPI:
		return "IPI: " + t.CPU.IPIs[t.Transition.Index].Name
	case t.Transition.Kind == ir.PushIRQ:
		return "IRQ: " + t.CPU.IPIs[t.Transition.Index].Name
	case t.Transition.Kind == ir.PushNMI:
		return "NMI"
	case t.Transition.Kind == ir.Flush:
		return fmt.Sprintf("%s's store to %s becomes visible", t.CPU.Name, t.Stored.Var.Name)
	case t.Stmt == nil:
		return "/* goes on without a step */"
	}
	return t.Stmt.Label
}

// A Change is a variable of the program, shared or ghost, whose value a step changed.
type Change struct {
	Var           *model.Var
	Before, After int64
}

// Frame is the frame in which the step was taken; for an interrupt, the one that it interrupts.
func (t Step) Frame() model.Frame { return t.Stack[len(t.Stack)-1] }

// A Player takes transitions one after the other and writes down what they do.
type Player struct {
	m       *machine.Machine
	State   []uint64        // packed, as the machine has it
	Effects machine.Effects // of the last step
	Trace   *Trace
	run     *replayed
	next    []uint64                   // the successor under construction
	waits   map[*model.CPU][]ir.Access // what stored the entries of its store buffer, the oldest first
	calls   underWay
}

// NewPlayer is a player in the initial state.
func NewPlayer(m *machine.Machine) *Player {
	s, fx := m.Initial()
	p := &Player{m: m, State: slices.Clone(s), next: make([]uint64, len(s)), Effects: fx, run: &replayed{m: m},
		waits: map[*model.CPU][]ir.Access{}, calls: underWay{}}
	for i := range m.Program.CPUs {
		p.calls[place{i, 0}] = into(nil, m.Begun(i))
	}
	p.Trace = &Trace{Program: m.Program, Memory: m.Options().Memory, Start: values(m, s), Loop: -1,
		Properties: append(slices.Clone(m.Properties), model.NoDeadlock), States: p.run}
	p.note()
	return p
}

// note keeps the state for those who look at the trace.
func (p *Player) note() {
	p.run.states = append(p.run.states, slices.Clone(p.State))
	p.run.failed = append(p.run.failed, p.Effects.Failed|p.m.Violated(p.State))
}

// Take takes one transition, which must be enabled. The error says that it is not, or is a fault of the program.
func (p *Player) Take(id int) error {
	step, ok, err := p.Try(id)
	switch {
	case !ok:
		return fmt.Errorf("step %d is not enabled", len(p.Trace.Steps)+1)
	case err != nil:
		return err
	}
	p.store(&step)
	p.calls.take(&step)
	p.Trace.Steps = append(p.Trace.Steps, step)
	p.State, p.next = p.next, p.State
	p.note()
	return nil
}

// store keeps in mind which statement a store that waits is of, for the state has only its variable and value.
func (p *Player) store(step *Step) {
	if q := p.waits[step.CPU]; step.Transition.Kind == ir.Flush && len(q) > 0 {
		step.Stored, p.waits[step.CPU] = &q[0], q[1:]
	}
	if step.Waits == nil {
		return
	}
	for _, a := range step.Accesses {
		if a.Write {
			p.waits[step.CPU] = append(p.waits[step.CPU], a)
		}
	}
}

// Fail takes a transition that is a fault of the program as the last step of the run. It leads nowhere: what it did
// up to the fault is noted, and the state stays as it is. The error is that fault, or says that there is none.
func (p *Player) Fail(id int) error {
	step, ok, err := p.Try(id)
	if !ok || err == nil {
		return fmt.Errorf("checker fault: step %d is no fault of the program", len(p.Trace.Steps)+1)
	}
	p.Trace.Steps = append(p.Trace.Steps, step)
	p.Effects.Failed = 0 // it was left before its end
	p.note()
	return err
}

// Try is what a transition would do, if it is enabled. It leaves the state that it leads to in Next. The error is a
// fault of the program; the step is what the transition did before it.
func (p *Player) Try(id int) (step Step, ok bool, err error) {
	var rec ir.Record
	p.Effects.Record = &rec
	if !p.m.Fire(p.State, id, p.next, &p.Effects) {
		return step, false, nil
	}
	tr := p.m.Transition(id)
	step = Step{Transition: tr, CPU: p.m.Program.CPUs[tr.CPU], Stack: p.m.Stack(p.State, tr.CPU),
		Record: rec}
	step.Calls = p.calls.of(&step)
	if p.Effects.Err != nil {
		return step, true, p.Effects.Err
	}
	before, after := values(p.m, p.State), values(p.m, p.next)
	for i, b := range before {
		if a := after[i]; a.Value != b.Value {
			step.Changes = append(step.Changes, Change{b.Var, b.Value, a.Value})
		}
	}
	return step, true, nil
}

// enabled reports whether transition id could be taken now.
func (p *Player) enabled(id int) bool {
	p.Effects.Record = nil
	return p.m.Fire(p.State, id, p.next, &p.Effects)
}

// Replay takes the given transitions from the initial state and checks that they are enabled and end
// in a violation of property p, and of it only there. The error says what of that is not so, or is a fault of the
// program.
func Replay(m *machine.Machine, p int, path []uint16) (*Trace, error) {
	pl := NewPlayer(m)
	failed := pl.Effects.Failed | m.Violated(pl.State)
	for n, id := range path {
		if failed>>p&1 != 0 {
			return nil, fmt.Errorf("it is violated before step %d of %d", n+1, len(path))
		}
		if err := pl.Take(int(id)); err != nil {
			return nil, err
		}
		failed = pl.Effects.Failed | m.Violated(pl.State)
	}
	t := pl.Trace
	t.End, t.Deadlock = values(m, pl.State), p == len(m.Properties)
	if t.Deadlock {
		switch goesOn := m.HasObliged(pl.State, pl.next, &machine.Effects{}); {
		case goesOn:
			return nil, fmt.Errorf("its last state is not a deadlock")
		case !m.Deadlock(pl.State, goesOn):
			return nil, fmt.Errorf("its last state is a proper end")
		}
		t.Standing = pl.standing()
		return t, nil
	}
	if failed>>p&1 == 0 {
		return nil, fmt.Errorf("its last step does not violate it")
	}
	t.Race = m.DataRace(p, pl.State)
	return t, nil
}

// ReplayLasso takes the steps of a lasso and checks that the cycle comes back to the state before it,
// does nothing that the claim asks for, and is fair; or that nothing has to happen after the last
// step. The error says what of that is not so, or is a fault of the program.
func ReplayLasso(m *machine.Machine, la *Lasso) (*Trace, error) {
	pl := NewPlayer(m)
	d := NewObligations(m)
	first := la.Loop // the first state that is repeated for ever
	if first < 0 {
		first = len(la.Steps)
	}
	var back []uint64
	for n := 0; ; n++ {
		if n == first {
			back = slices.Clone(pl.State)
		}
		if (n >= first || la.Claim.Kind == ir.LiveEventually) && !m.Stays(la.Claim, pl.State) {
			return nil, fmt.Errorf("what it claims is true after step %d", n)
		}
		if n >= first {
			d.Look(m, pl.State, func(id int) (bool, bool, error) { return pl.enabled(id), false, nil })
		}
		if n == len(la.Steps) {
			break
		}
		id := int(la.Steps[n])
		if err := pl.Take(id); err != nil {
			return nil, err
		}
		if n >= first {
			d.Take(m, id)
			if la.Claim.Kind == ir.LiveProgress && pl.Effects.Progress>>la.Claim.Property&1 != 0 {
				return nil, fmt.Errorf("step %d of the cycle is what it claims to happen", n+1)
			}
		}
	}
	t := pl.Trace
	t.Loop, t.End, t.Ended = la.Loop, values(m, pl.State), m.Ended(pl.State)
	if la.Loop < 0 {
		t.Deadlock = m.Deadlock(pl.State, slices.Contains(d.enabled, true))
		if t.Deadlock {
			t.Standing = pl.standing()
		}
		if slices.Contains(d.enabled, true) {
			return nil, fmt.Errorf("the run need not stop after its last step")
		}
		return t, nil
	}
	switch {
	case first == len(la.Steps) || !slices.Equal(pl.State, back):
		return nil, fmt.Errorf("its cycle does not come back to the state before step %d", first+1)
	case !d.Stepped() || len(d.Withheld()) > 0:
		return nil, fmt.Errorf("its cycle is not fair")
	}
	return t, nil
}

// values is the program's own variables in s, without the ghosts of monitors.
func values(m *machine.Machine, s []uint64) []ir.Binding {
	return m.Globals(s)[:len(m.Program.Vars)]
}
