package explore_test

import (
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/model"
)

// overflow is two CPUs that add to a variable that holds only one addition, after a step each.
func overflow(holds int64) *model.Program {
	p := model.New("overflow")
	v := p.Shared("v", model.UpTo(holds), model.Int(0))
	for _, name := range []string{"CPU0", "CPU1"} {
		p.CPU(name).Run(p.Routine("add", func(r *model.Routine) {
			r.Pause("before")
			r.AtomicAdd("atomic_inc(&v)", v, model.Int(1))
		}))
	}
	return p
}

// The run to a fault is a shortest one, its last step is the fault and changes nothing; where there is none, or a
// bound comes first, there is no trace.
func TestRunsToFaults(t *testing.T) {
	for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
		s, err := explore.NewSession(overflow(1), nil, explore.Options{Memory: mm})
		if err != nil {
			t.Fatal(err)
		}
		run, err := s.Fault(t.Context(), explore.Options{})
		if run == nil || err == nil || !strings.Contains(err.Error(), "v = 2 is outside its range 0..1") {
			t.Fatalf("%s: %v, %v", mm, run, err)
		}
		last := run.Steps[len(run.Steps)-1]
		if len(run.Steps) != 4 || last.Statement() != "atomic_inc(&v)" || len(last.Changes) > 0 ||
			run.End[0].Value != 1 || run.Snapshot(4).Globals[0].Value != 1 {
			t.Errorf("%s: %d steps, the last is %q with %v, at the end v is %d", mm, len(run.Steps),
				last.Statement(), last.Changes, run.End[0].Value)
		}
		if run, err := s.Fault(t.Context(), explore.Options{MaxStates: 3}); run != nil || err != nil {
			t.Errorf("%s: 3 states have %v, %v", mm, run, err)
		}
		good, err := explore.NewSession(overflow(2), nil, explore.Options{Memory: mm})
		if err != nil {
			t.Fatal(err)
		}
		if run, err := good.Fault(t.Context(), explore.Options{}); run != nil || err != nil {
			t.Errorf("%s: without a fault there is %v, %v", mm, run, err)
		}
	}
}
