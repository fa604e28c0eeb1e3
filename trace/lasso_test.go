package trace_test

import (
	"fmt"
	"strings"
	"testing"

	"ctcheck/deferral"
	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/trace"
)

// A lasso that is not one must not get past the replay, however it came about.
func TestReplayRefusesFalseLassos(t *testing.T) {
	p := model.New("two")
	x := p.Shared("x", model.UpTo(3).Mod(), model.Int(0))
	for _, name := range []string{"a", "b"} {
		c := p.CPU(name)
		c.Run(p.Routine(name, func(r *model.Routine) {
			r.Forever(func() {
				r.Pause("rest")
				r.AtomicAdd("x++", x, model.Int(1))
				r.Event(deferral.Published)
			})
		}))
	}
	m, err := machine.Compile(machine.Options{}, p, &model.Monitor{Name: "progress",
		Progress: func(ev model.Event) bool { return ev.Kind == deferral.Published }},
		&model.Monitor{Name: "leaves", NotForever: []model.Value{x.Le(model.Int(2))}},
		&model.Monitor{Name: "happens", Eventually: x.Eq(model.Int(1))}, &model.Monitor{Name: "true",
			NotForever: []model.Value{model.True}})
	if err != nil {
		t.Fatal(err)
	}
	twice := func(path ...uint16) []uint16 {
		return append(append(append(append([]uint16{}, path...), path...), path...), path...)
	}
	for _, row := range []struct {
		claim int
		steps []uint16
		loop  int
		want  string
	}{
		{3, twice(0, 0, 1, 1), 0, ""},
		{3, twice(0, 0), 0, "not fair"},
		{3, []uint16{0, 0}, 0, "does not come back"},
		{3, nil, 0, "does not come back"},
		{3, []uint16{0}, -1, "need not stop"},
		{0, twice(0, 0, 1, 1), 0, "what it claims to happen"},
		{1, twice(0, 0, 1, 1), 0, "is true after step"},
		{2, append([]uint16{0, 0, 0, 0}, twice(0, 0, 1, 1)...), 4, "is true after step 2"},
	} {
		_, err := trace.ReplayLasso(m, &trace.Lasso{Claim: m.Live()[row.claim], Steps: row.steps, Loop: row.loop})
		got := fmt.Sprint(err)
		if row.want == "" && err != nil || !strings.Contains(got, row.want) {
			t.Errorf("%d %v from %d: %v, want %q", row.claim, row.steps, row.loop, err, row.want)
		}
	}
}

// A store that waits for ever, while others go on or while nothing happens, makes no run.
func TestReplayRefusesAWithheldStore(t *testing.T) {
	for _, reader := range []bool{true, false} {
		p := model.New("withheld")
		x := p.Shared("x", model.Bool, no)
		p.CPU("writer").Run(p.Routine("writer", func(r *model.Routine) { r.WriteOnce("x = 1", x, yes) }))
		p.CPU("reader").Run(p.Routine("reader", func(r *model.Routine) {
			if reader {
				r.Forever(func() { r.ReadOnce("x", nil, x) })
			}
		}))
		m, err := machine.Compile(machine.Options{Memory: model.TSO}, p,
			&model.Monitor{Name: "true", NotForever: []model.Value{model.True}})
		if err != nil {
			t.Fatal(err)
		}
		id := map[ir.Transition]uint16{}
		for i := range m.Transitions() {
			id[m.Transition(i)] = uint16(i)
		}
		store, flush := id[ir.Transition{}], id[ir.Transition{Kind: ir.Flush}]
		for _, row := range []struct {
			steps []uint16
			want  string
		}{
			{[]uint16{store}, map[bool]string{true: "not fair", false: "need not stop"}[reader]},
			{[]uint16{store, flush}, ""},
		} {
			la := &trace.Lasso{Claim: m.Live()[0], Steps: row.steps, Loop: -1}
			if reader {
				la.Loop, la.Steps = len(la.Steps), append(la.Steps, id[ir.Transition{CPU: 1}])
			}
			_, err := trace.ReplayLasso(m, la)
			if row.want == "" && err != nil || !strings.Contains(fmt.Sprint(err), row.want) {
				t.Errorf("reader %t, %d steps: %v, want %q", reader, len(la.Steps), err, row.want)
			}
		}
	}
}
