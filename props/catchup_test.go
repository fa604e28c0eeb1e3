package props_test

import (
	"testing"

	"ctcheck/deferral"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/props"
)

// asking is a setter that starts its call one step before it publishes its change and is told true,
// and a target that catches up once, whenever it likes, and then runs its body.
func asking(catchUp bool) *model.Program {
	p := model.New("asking")
	d := deferral.New(p, 1)
	d.CatchUp = catchUp
	change := p.Shared("pte", model.Bool, model.Int(0))
	s, t := p.CPU("CPUx"), p.CPU("CPUy")
	d.Target = t
	q := d.Request(s, 0, nil)
	s.Run(p.Routine("setter", func(r *model.Routine) {
		q.Start(r)
		r.Pause("/* the call begins */")
		r.WriteOnce("WRITE_ONCE(*ptep, pte)", change, model.Int(1))
		q.Publish(r)
		q.Answer(r, model.True)
		q.Complete(r)
	}))
	t.Run(p.Routine("target", func(r *model.Routine) {
		r.Frame(model.Entry, func() {
			r.Pause("/* enters the kernel */")
			d.RunWork(r, "__flush_tlb_all()", model.Int(0), deferral.ByFlush)
		})
		r.Frame(model.Body, func() { r.Pause("/* body */") })
	}))
	return p
}

// A flush that comes after the call began and before the change was published serves the request
// where a callback is run on its behalf, and does not where the flush only catches up.
func TestCatchUpServesWhatIsPublished(t *testing.T) {
	late := func(catchUp bool) int {
		p := asking(catchUp)
		ms, err := props.Select(p, "no-late-work")
		if err != nil {
			t.Fatal(err)
		}
		m, err := machine.Compile(machine.Options{}, p, ms...)
		if err != nil {
			t.Fatal(err)
		}
		s, _ := m.Initial()
		n := 0
		// The order of the steps is the point: begin, flush, publish.
		for _, cpu := range []int{1, 0, 1, 0} {
			dst := make([]uint64, m.Words())
			var fx machine.Effects
			fired := false
			for id := range m.Transitions() {
				if m.Transition(id).CPU == cpu && !fired && m.Fire(s, id, dst, &fx) {
					s, fired = dst, true
				}
			}
			if !fired {
				t.Fatalf("CPU %d can do nothing", cpu)
			}
			if m.Violated(s) != 0 {
				n++
			}
		}
		return n
	}
	if late(false) != 0 {
		t.Error("a callback that begins after the request started serves it")
	}
	if late(true) == 0 {
		t.Error("a catch-up before the change was published does not serve the request")
	}
}
