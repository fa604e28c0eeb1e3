package machine

import (
	"testing"

	"ctcheck/internal/testkit"
	"ctcheck/ir"
	"ctcheck/model"
)

// Faults that only a run shows are errors of the run, with the place.
func TestFaultsOfRuns(t *testing.T) {
	for _, row := range []struct {
		name  string
		build func(r *model.Routine)
		parts []string
		why   string
	}{
		{"endless local loop", func(r *model.Routine) {
			l := r.Local("l", model.Bool)
			r.Pause("before the loop")
			r.While(l.IsZero(), func() { r.Set(l, model.False) })
		}, []string{`"before the loop"`, "faults_test.go:", "without a step", "put an access"},
			"it must not hang the checker"},
		{"Choose after Choose", func(r *model.Routine) {
			r.Choose(r.When(model.True, func() { r.Choose(r.When(model.True, func() { r.Pause("p") })) }))
		}, []string{"Choose follows Choose", "step between"}, "one step has one choice"},
		{"Choose after an event that opens a step", func(r *model.Routine) {
			r.Opening("begun", nil, nil)
			r.Choose(r.When(model.True, func() { r.Pause("p") }))
		}, []string{"opening event", "step between"}, "it opens a step, as Choose does"},
		{"an assertion", func(r *model.Routine) {
			l := r.Local("l", model.Bool)
			r.Pause("before it")
			r.Assert(l, "l has to be set")
		}, []string{`"before it"`, "l has to be set", "faults_test.go:"}, "the rest of the run means nothing"},
	} {
		w := walk(t, solo(func(p *model.Program, r *model.Routine) { row.build(r) }))
		_, fx, ok := w.try(ir.Transition{})
		if !ok || fx.Err == nil {
			t.Errorf("%s: enabled %v, error %v; want an error: %s", row.name, ok, fx.Err, row.why)
			continue
		}
		testkit.Mentions(t, fx.Err.Error(), row.why, append(row.parts, "model solo: CPU0")...)
	}
}
