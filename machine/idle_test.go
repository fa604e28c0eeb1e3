package machine_test

import (
	"testing"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
)

// An IPI's handler interrupts the body and the idle loop; user and guest mode have to be left first.
func TestWhereAnIPIInterrupts(t *testing.T) {
	for frame, want := range map[model.Frame]bool{
		model.Body: true, model.Idle: true, model.User: false, model.Guest: false,
		model.Entry: false, model.Exit: false,
	} {
		p := model.New("frames")
		c := p.CPU("CPUy")
		handler := p.Routine("handler", func(r *model.Routine) { r.Pause("/* handler */") })
		ipi := c.IPI("csd", handler)
		c.Run(p.Routine("task", func(r *model.Routine) {
			r.Frame(frame, func() { r.Pause("/* here */") })
		}))
		p.CPU("CPUx").Run(p.Routine("sender", func(r *model.Routine) { r.SendIPI("send()", ipi) }))
		m, err := machine.Compile(machine.Options{}, p)
		if err != nil {
			t.Fatal(err)
		}
		s, _ := m.Initial()
		sent, dst := make([]uint64, m.Words()), make([]uint64, m.Words())
		var fx machine.Effects
		got := false
		for id := range m.Transitions() {
			if m.Transition(id).CPU == 1 && m.Fire(s, id, sent, &fx) {
				break
			}
		}
		for id := range m.Transitions() {
			got = got || m.Transition(id).Kind == ir.PushIPI && m.Fire(sent, id, dst, &fx)
		}
		if got != want {
			t.Errorf("%s: an IPI interrupts: %t, want %t", frame, got, want)
		}
	}
}

// A field's value can have a name of its own, and prints as a number where it has none.
func TestCase(t *testing.T) {
	v := model.New("case").Shared("state", model.Bits(3), model.Int(0)).
		Case(model.Int(3), model.Int(2), "USER").Case(model.Int(3), model.Int(3), "GUEST").
		Flag(model.Int(4), "WATCHING")
	for x, want := range map[int64]string{0: "0", 1: "1", 2: "USER", 3: "GUEST", 6: "USER|WATCHING",
		5: "WATCHING|1"} {
		if got := v.Format(x); got != want {
			t.Errorf("%d prints as %q, want %q", x, got, want)
		}
	}
}
