package report_test

import (
	"bytes"
	"encoding/json"
	"html"
	"path/filepath"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/internal/testkit"
	"ctcheck/model"
	"ctcheck/report"
)

// stuck is a deadlock in which every CPU waits for something else.
func stuck() *model.Program {
	p := model.New("stuck")
	lock := p.Shared("lock", model.Bool, model.False)
	state := p.Shared("state", model.Bits(2), model.Int(0)).Flag(model.Int(1), "BUSY").Flag(model.Int(2), "WORK")
	never := p.Shared("never", model.Bool, model.False)
	take := p.Routine("take", func(r *model.Routine) {
		want := r.Param("want", state.Range).Like(state)
		v := r.LocalOf("v", state)
		r.CondLoadAcquire("smp_cond_load_acquire(&state, VAL == want)", v, state, v.Eq(want))
	})
	run := func(name string, body func(r *model.Routine)) *model.CPU {
		c := p.CPU(name)
		c.Run(p.Routine(name+" task", body))
		return c
	}
	locks := run("locks", func(r *model.Routine) { r.Call(take, nil, model.Int(3)) })
	run("done", func(r *model.Routine) { r.AtomicOr("atomic_or(BUSY, &state)", state, model.Int(1)) })
	target := run("target", func(r *model.Routine) {
		r.Frame(model.Entry, func() { r.Await("wait for locks", locks.Done()) })
	})
	handler := p.Routine("handler", func(r *model.Routine) {
		work := r.Param("work", state.Range).Like(state)
		v := r.LocalOf("v", state)
		r.CondLoadAcquire("smp_cond_load_acquire(&state, VAL & work)", v, state, v.Has(work))
	})
	first := target.IPI("first", handler, model.Int(2))
	run("sends", func(r *model.Routine) {
		r.SendIPI("send", first)
		r.SendIPI("send again", first)
	})
	run("together", func(r *model.Routine) {
		old := r.Local("old", model.Bool)
		r.Atomic("spin_lock(&lock)", func() {
			r.ReadOnce("lock", old, lock)
			r.CondLoadAcquire("lock is never free", old, never, old)
			r.WriteOnce("lock = 1", lock, model.True)
		})
	})
	run("chooses", func(r *model.Routine) {
		v := r.Local("v", model.UpTo(3))
		open := r.Local("open", model.Bool)
		r.Choose(r.When(open, func() { r.Pause("the door") }),
			r.When(model.True, func() { r.CondLoadAcquire("the window", v, state, v.Eq(model.Int(2))) }))
	})
	service := run("service", func(r *model.Routine) { r.Await("first is here", first.Pending().IsZero()) })
	service.Service()
	busy := run("busy", func(r *model.Routine) { r.Pause("/* computes */") })
	second := busy.IPI("second", handler, model.Int(2))
	third := busy.IPI("third", handler, model.Int(2))
	run("interrupts", func(r *model.Routine) {
		r.SendIPI("send second", second)
		r.SendIPI("send third", third)
	})
	run("patient", func(r *model.Routine) {
		r.Await("busy is free", busy.Interrupted().IsZero().And(busy.Done()))
	})
	return p
}

// A deadlock says of each CPU where it waits and for what, and of each IPI why it is not delivered.
func TestDeadlockSaysWhoWaits(t *testing.T) {
	p := stuck()
	r, err := explore.Run(t.Context(), p, nil, explore.Options{Search: explore.BreadthFirst,
		Reduce: explore.PartialOrder})
	if err != nil {
		t.Fatal(err)
	}
	r.Duration, r.Search.Bytes = 0, 0
	rep := &report.Report{Model: p.Name, Summary: "a made-up deadlock", Program: p, Result: r}
	var text, js bytes.Buffer
	if err := report.Text(&text, rep); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("reports", "deadlock.txt"), text.Bytes())
	if err := report.WriteJSON(&js, waiting(t, rep)); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("reports", "deadlock.json"), js.Bytes())
	for _, f := range report.Formats() {
		if f.Name != "states" {
			said := html.UnescapeString(written(t, f.Name, rep))
			said = strings.Join(strings.Fields(said), " ")
			testkit.Mentions(t, said, "every format says who waits", "lock is never free")
		}
	}
}

// waiting is what the JSON has of who waits.
func waiting(t *testing.T, r *report.Report) any {
	t.Helper()
	var got struct {
		Properties []struct{ Waiting any }
	}
	if err := json.Unmarshal([]byte(written(t, "json", r)), &got); err != nil {
		t.Fatal(err)
	}
	return got.Properties[len(got.Properties)-1].Waiting
}

// A wait for an element speaks of the one that the CPU looks at, and one for ever of a truth value.
func TestDeadlockNamesTheElement(t *testing.T) {
	p := model.New("element")
	flag := p.Array("flag", 2, model.Bool, model.False)
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		i, v := r.Local("i", model.Bool), r.Local("VAL", model.Bool)
		r.Pause("begin")
		r.Set(i, model.True)
		r.CondLoadAcquire("smp_cond_load_acquire(&flag[i], VAL)", v, flag.At(i), v)
	}))
	p.CPU("CPU1").Run(p.Routine("halt", func(r *model.Routine) { r.Await("stop", model.False) }))
	r, err := explore.Run(t.Context(), p, nil, explore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	rep := &report.Report{Model: p.Name, Summary: "a made-up deadlock", Program: p, Result: r}
	if err := report.Text(&text, rep); err != nil {
		t.Fatal(err)
	}
	said := strings.Join(strings.Fields(text.String()), " ")
	testkit.Mentions(t, said, "which element", "until flag[1]; flag[1] is false", "until false.")
}
