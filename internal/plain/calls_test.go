package plain

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/trace"
)

// This file holds what traces say of calls, and of who waits for what in a deadlock, against the plain explorer,
// along random runs of random programs.

// A rambler walks along one run with both explorers.
type rambler struct {
	x       *explorer
	at      *state
	m       *machine.Machine
	run     []ir.Transition
	same    map[int]*ir.Called // which call of the trace is which of the plain explorer's
	counted map[string]int
}

// transition is what a plain transition is called in a trace.
func (r *run) transition() ir.Transition {
	return ir.Transition{CPU: r.cpu, Kind: [...]ir.TransitionKind{ir.Step, ir.PushIPI, ir.PushIRQ, ir.PushNMI,
		ir.Flush}[r.kind], Index: r.nth}
}

// alike reports how two lists of calls that began differ, and keeps which is which. A trace does not know of calls
// in which nothing is left to do once they are lowered; that no step stands in one of these is seen later.
func (w *rambler) alike(plain []began, calls []*ir.Called) error {
	for _, b := range plain {
		if len(calls) == 0 {
			return nil
		}
		var args []int64
		for _, a := range calls[0].Args {
			args = append(args, a.Value)
		}
		if calls[0].Routine != b.routine || !slices.Equal(args, b.args) {
			w.counted["empty calls"]++
			continue
		}
		w.same[b.call], calls = calls[0], calls[1:]
		w.counted["calls"]++
		w.counted["calls with arguments"] += int(truth(len(args) > 0))
	}
	if len(calls) > 0 {
		return fmt.Errorf("%v begin, in the trace %d more", plain, len(calls))
	}
	return nil
}

// step holds the last step of the run against that of the plain explorer.
func (w *rambler) step(r *run, s *trace.Step) error {
	if err := w.alike(r.began, slices.Concat(s.Before, s.After)); err != nil {
		return err
	}
	if s.Stmt == nil || s.Stmt.Kind == model.StmtFence || s.Transition.Kind != ir.Step {
		return nil
	}
	var want []*ir.Called
	for _, c := range r.stands {
		want = append(want, w.same[c])
	}
	w.counted["steps"]++
	w.counted["steps in a call of a call"] += int(truth(len(want) > 1))
	if !slices.Equal(want, s.Calls) {
		return fmt.Errorf("%q stands in %d calls, in the trace in %d, or in others", s.Stmt.Label, len(want),
			len(s.Calls))
	}
	return nil
}

// deadlock holds what is said of a deadlock against what kept the plain explorer from its steps.
func (w *rambler) deadlock(standing []ir.Standing) error {
	w.counted["deadlocks"]++
	for i, st := range standing {
		var want, got []*model.Stmt
		for _, r := range w.x.blocked {
			if r.cpu == i {
				want = append(want, r.culprit)
			}
		}
		for _, wait := range st.Waits {
			got = append(got, wait.Stmt)
			if n := wait.Until; n != nil && len(wait.Values) > 0 {
				w.counted["conditions"]++
			}
		}
		w.counted["waits"] += len(got)
		if st.Ended != w.at.cpus[i].through() || !slices.Equal(want, got) {
			return fmt.Errorf("CPU %d waits at %d statements, in the trace at %d, or at others", i, len(want),
				len(got))
		}
		for j, pending := range w.at.cpus[i].pending {
			if pending != slices.Contains(st.Pending, w.x.p.CPUs[i].IPIs[j]) {
				return fmt.Errorf("IPI %d of CPU %d: pending: %t", j, i, pending)
			}
		}
	}
	return nil
}

// ramble takes up to so many random steps.
func (w *rambler) ramble(rng *rand.Rand, most int) error {
	pl := trace.NewPlayer(w.m)
	for i, first := range w.x.first {
		if err := w.alike(first, w.m.Begun(i)); err != nil {
			return fmt.Errorf("before the first step of CPU %d: %w", i, err)
		}
	}
	for n := range most {
		moves := w.x.moves(w.at)
		if !slices.ContainsFunc(moves, func(r *run) bool { return !r.optional() }) && !ended(w.x.p, w.at) {
			t, err := trace.Play(w.m, w.run)
			if err != nil || !t.Deadlock {
				return fmt.Errorf("a deadlock after %d steps is none of the trace: %v", n, err)
			}
			if err := w.deadlock(t.Standing); err != nil {
				return err
			}
		}
		if len(moves) == 0 {
			return nil
		}
		r := moves[rng.IntN(len(moves))]
		tr := r.transition()
		err := pl.Take(w.m.Number(tr))
		if r.err != nil && err != nil {
			return nil
		}
		if err != nil {
			return nil // a store that has no room
		}
		w.run, w.at = append(w.run, tr), r.after
		if err := w.step(r, &pl.Trace.Steps[n]); err != nil {
			return fmt.Errorf("step %d of %v: %w", n+1, w.run, err)
		}
	}
	return nil
}

// Traces know which call each step stands in, with the values of its arguments, and a deadlock which statements
// wait.
func TestCallsAndWaitsOfRandomRuns(t *testing.T) {
	counted := map[string]int{}
	programs := 400
	if testing.Short() {
		programs = 40
	}
	for i := range programs {
		mm := []model.MemoryModel{model.SC, model.TSO}[i%2]
		p, monitors := Random(seed(i))
		m, err := machine.Compile(machine.Options{Memory: mm, BufferSizes: []int{4, 4, 4, 4, 4, 4}}, p, monitors...)
		if err != nil {
			continue
		}
		if _, fx := m.Initial(); fx.Err != nil {
			continue
		}
		rng := rand.New(rand.NewPCG(uint64(i), 7))
		for range 5 {
			x := newExplorer(mm, p, monitors)
			x.tells = true
			w := &rambler{x: x, at: x.initial(), m: m, same: map[int]*ir.Called{}, counted: counted}
			if err := w.ramble(rng, 60); err != nil {
				t.Fatalf("seed(%d) under %s: %v", i, mm, err)
			}
		}
	}
	t.Logf("counted: %v", counted)
	if testing.Short() {
		return
	}
	for _, what := range []string{"calls", "calls with arguments", "steps in a call of a call", "deadlocks",
		"conditions"} {
		if counted[what] < 100 {
			t.Errorf("only %d %s were compared", counted[what], what)
		}
	}
}
