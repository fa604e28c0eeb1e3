package machine

import (
	"fmt"
	"slices"
	"testing"

	"ctcheck/model"
)

// served is members that send an IPI of their own to each of some servers, and go on when it was handled.
func served(t *testing.T, members, servers int) *Machine {
	t.Helper()
	p := model.New("served")
	var cs, ss []*model.CPU
	for i := range members {
		cs = append(cs, p.CPU(fmt.Sprint("member", i)))
	}
	for i := range servers {
		s := p.CPU(fmt.Sprint("server", i))
		s.Run(p.Routine("serve", func(r *model.Routine) { r.Pause(fmt.Sprint("serve ", i)) }))
		ss = append(ss, s)
	}
	for i, c := range cs {
		flag := p.Shared(fmt.Sprint("flag", i), model.UpTo(2), model.Int(0))
		var lines []*model.IPI
		for k, s := range ss {
			lines = append(lines, s.IPI(fmt.Sprint("line", i, k), p.Routine("handler", func(r *model.Routine) {
				r.WriteOnce("flag = 1", flag, model.Int(1))
				r.Pause("handles")
				r.WriteOnce("flag = 2", flag, model.Int(2))
			})))
		}
		c.Run(p.Routine("ask", func(r *model.Routine) {
			for _, line := range lines {
				r.SendIPI("send", line)
			}
		}))
	}
	return compile(t, p)
}

// Every state stands in one class of states that are alike, and a class has as many states as is said of it: the
// canonical forms of all reachable states, with the sizes of their classes, add up to these.
func TestOrbitsAddUp(t *testing.T) {
	machines := map[string]*Machine{"one server": served(t, 3, 1), "two servers": served(t, 2, 2)}
	for _, w := range twinTable[:4] {
		machines[w.name] = w.build(t)
	}
	for name, m := range machines {
		y := m.Symmetry()
		if len(y.Classes()) == 0 {
			t.Errorf("%s: no CPUs are interchangeable: %v", name, y.Apart())
			continue
		}
		states, _ := reach(t, m)
		forms := map[string]uint64{}
		all := map[string]bool{}
		for _, s := range states {
			all[fmt.Sprint(s)] = true
		}
		for _, s := range states {
			c := slices.Clone(s)
			y.Canon(c)
			if !all[fmt.Sprint(c)] {
				t.Fatalf("%s: the canonical form %v of %v is not reachable", name, c, s)
			}
			again := slices.Clone(c)
			if y.Canon(again); !slices.Equal(again, c) || y.Orbit(c) != y.Orbit(s) {
				t.Fatalf("%s: %v and its canonical form %v are not of one class", name, s, c)
			}
			forms[fmt.Sprint(c)] = y.Orbit(c)
		}
		sum := uint64(0)
		for _, n := range forms {
			sum += n
		}
		if sum != uint64(len(states)) || len(forms) == len(states) {
			t.Errorf("%s: %d forms stand for %d states, want %d", name, len(forms), sum, len(states))
		}
	}
}
