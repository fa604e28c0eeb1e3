package explore

import (
	"fmt"

	"ctcheck/model"
)

// A Trace is a run from the initial state to a violation, replayed step by step when it was made.
type Trace struct {
	Property string
	Shortest bool // no violation of the property takes fewer steps
	Start    []model.Binding
	Steps    []TraceStep
	End      []model.Binding // the values after the last step
	Deadlock bool
}

// A TraceStep is one step of a trace.
type TraceStep struct {
	Transition model.Transition
	CPU        *model.CPU
	Stack      []model.Frame // of the CPU before the step, outermost first
	model.Record
	Changes []Change // of the program's own variables
}

// A Change is a variable of the program, shared or ghost, whose value a step changed.
type Change struct {
	Var           *model.Var
	Before, After int64
}

// Frame is the frame in which the step was taken; for an interrupt, the one that it interrupts.
func (t TraceStep) Frame() model.Frame { return t.Stack[len(t.Stack)-1] }

// replay takes the given transitions from the initial state and checks that they are enabled and end
// in a violation of property p, and of it only there.
func replay(m *model.Machine, p int, path []uint16) (*Trace, error) {
	s, fx := m.Initial()
	s = append([]uint64(nil), s...)
	t := &Trace{Start: values(m, s), Deadlock: p == len(m.Properties)}
	failed := fx.Failed | m.Violated(s)
	dst := make([]uint64, len(s))
	for n, id := range path {
		if failed>>p&1 != 0 {
			return nil, fmt.Errorf("it is violated before step %d of %d", n+1, len(path))
		}
		var rec model.Record
		fx.Record = &rec
		if !m.Fire(s, int(id), dst, &fx) {
			return nil, fmt.Errorf("step %d is not enabled", n+1)
		}
		if fx.Err != nil {
			return nil, fx.Err
		}
		tr := m.Transition(int(id))
		step := TraceStep{Transition: tr, CPU: m.Program.CPUs[tr.CPU], Stack: m.Stack(s, tr.CPU), Record: rec}
		before, after := values(m, s), values(m, dst)
		for i, b := range before {
			if a := after[i]; a.Value != b.Value {
				step.Changes = append(step.Changes, Change{b.Var, b.Value, a.Value})
			}
		}
		t.Steps = append(t.Steps, step)
		s, dst = dst, s
		failed = fx.Failed | m.Violated(s)
	}
	t.End = values(m, s)
	if t.Deadlock {
		for id := range m.Transitions() {
			if m.Fire(s, id, dst, &fx) {
				return nil, fmt.Errorf("its last state is not a deadlock")
			}
		}
		if m.Ended(s) {
			return nil, fmt.Errorf("its last state is a proper end")
		}
	} else if failed>>p&1 == 0 {
		return nil, fmt.Errorf("its last step does not violate it")
	}
	return t, nil
}

// values is the program's own variables in s, without the ghosts of monitors.
func values(m *model.Machine, s []uint64) []model.Binding {
	return m.Globals(s)[:len(m.Program.Vars)]
}
