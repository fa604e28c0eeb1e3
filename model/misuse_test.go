package model

import (
	"testing"

	"ctcheck/internal/testkit"
)

// Misuse of the builder is noted with the line where it happens, the routine, the statement and the cure.
func TestMisuseOfTheBuilder(t *testing.T) {
	for _, row := range []struct {
		name  string
		use   func(p *Program, r *Routine)
		parts []string
		why   string
	}{
		{"load of a local", func(p *Program, r *Routine) {
			r.ReadOnce("l = READ_ONCE(l)", r.Local("l", Bool), r.Locals[0])
		}, []string{"l = READ_ONCE(l)", "shared variable", "Set"}, "locals are not memory"},
		{"store to a ghost", func(p *Program, r *Routine) {
			r.AtomicSet("g = 1", p.Ghost("g", Bool,
				False), True)
		},
			[]string{"g = 1", "shared variable", "Set"}, "the kernel has no such variable"},
		{"no variable", func(p *Program, r *Routine) { r.ReadOnce("READ_ONCE()", nil, nil) },
			[]string{"READ_ONCE()", "shared variable"}, "nothing to access"},
		{"result to a shared variable", func(p *Program, r *Routine) {
			x, y := p.Shared("x", Bool, False), p.Shared("y", Bool, False)
			r.ReadOnce("y = READ_ONCE(x)", y, x)
		}, []string{"y = READ_ONCE(x)", "goes to a local", "y"}, "that would be two accesses"},
		{"Set of a shared variable", func(p *Program, r *Routine) {
			r.Set(p.Shared("x", Bool,
				False), True)
		},
			[]string{"x", "WriteOnce"}, "an access must be a step"},
		{"wrong number of arguments", func(p *Program, r *Routine) {
			r.Call(p.Routine("f", func(*Routine) {}), nil, True)
		}, []string{"f", "1 arguments", "0 parameters"}, "as a C compiler would"},
		{"try_cmpxchg with a constant", func(p *Program, r *Routine) {
			r.TryCmpxchg("try", nil, p.Shared("x", Bool, False), nil, True)
		}, []string{"try", "expected value", "local"}, "there must be something to refresh"},
		{"try_cmpxchg with a shared expectation", func(p *Program, r *Routine) {
			x := p.Shared("x", Bool, False)
			r.TryCmpxchg("try", nil, x, x, True)
		}, []string{"try", "expected value", "local"}, "that would be a second access"},
	} {
		p := New("solo")
		p.Routine("main", func(r *Routine) { row.use(p, r) })
		if len(p.Faults()) != 1 {
			t.Errorf("%s: faults %q; it must have one: %s", row.name, p.Faults(), row.why)
			continue
		}
		testkit.Mentions(t, p.Faults()[0], row.why, append(row.parts, "misuse_test.go:", ": main: ")...)
	}
}
