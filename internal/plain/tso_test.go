package plain

import (
	"fmt"
	"testing"

	"ctcheck/deferral"
	"ctcheck/model"
)

// This file has programs under x86-TSO whose states were counted by hand.

var weakPapers = []paper{
	{
		name: "store buffering", why: `each CPU is before its store, between with the store waiting or in
			memory, or behind its load, likewise. Neither has loaded: 3 * 3 states. One has: it was early,
			2 * 3, or the other's store was in memory, 2; both ways 16. Both have: both early 4, one of them 2 and
			2, none 1. Transitions: 24, 2 * 14, 6.`,
		build: func(p *model.Program) []*model.Monitor {
			x, y := p.Shared("x", model.Bool, model.Int(0)), p.Shared("y", model.Bool, model.Int(0))
			early := p.Ghost("early", model.Bits(2), model.Int(0))
			for i, v := range [][2]*model.Var{{x, y}, {y, x}} {
				add(p, func(r *model.Routine) {
					l := r.Local("l", model.Bool)
					r.WriteOnce("store", v[0], model.Int(1))
					r.ReadOnce("load", l, v[1])
					r.If(l.IsZero(), func() { r.Set(early, early.Or(model.Int(1+i))) })
				})
			}
			return []*model.Monitor{{Name: "one sees the other", Never: early.Eq(model.Int(3))}}
		},
		states: 34, transitions: 58,
		depths: map[string]int{"one sees the other": 4},
	},
	{
		name: "barrier", why: `before the store, at the barrier with the store waiting or not, before the load,
			behind it: 5 places one after the other for each CPU, 25 states. 2 * 5 * 4 transitions.`,
		build: func(p *model.Program) []*model.Monitor {
			x, y := p.Shared("x", model.Bool, model.Int(0)), p.Shared("y", model.Bool, model.Int(0))
			for _, v := range [][2]*model.Var{{x, y}, {y, x}} {
				add(p, func(r *model.Routine) {
					r.WriteOnce("store", v[0], model.Int(1))
					r.SmpMb()
					r.ReadOnce("load", nil, v[1])
				})
			}
			return nil
		},
		states: 25, transitions: 40,
	},
	{
		name: "own store", why: `before; between and behind, each with the store waiting or not. A load and a
			flush in the second, one of them in the third and fourth.`,
		build: func(p *model.Program) []*model.Monitor {
			x, g := p.Shared("x", model.Bool, model.Int(0)), p.Ghost("g", model.Bool, model.Int(0))
			add(p, func(r *model.Routine) {
				l := r.Local("l", model.Bool)
				r.WriteOnce("x = 1", x, model.Int(1))
				r.ReadOnce("l = x", l, x)
				r.Set(g, l)
			})
			return []*model.Monitor{{Name: "not before others", Never: g.Gt(x)}, {Name: "seen", AtEnd: g}}
		},
		states: 5, transitions: 5,
		depths: map[string]int{"not before others": 2},
	},
	{
		name: "parts", why: `0, 1 or 2 stores made, and as many waiting or fewer: 6 states, and 3 behind the load,
			which finds both parts in the buffer, in memory, or one in each. Transitions: 2 and 3 and 6.`,
		build: func(p *model.Program) []*model.Monitor {
			x, g := p.Shared("x", model.Bits(2), model.Int(0)), p.Ghost("g", model.Bits(2), model.Int(3))
			add(p, func(r *model.Routine) {
				l := r.Local("l", model.Bits(2))
				r.WriteOncePart("low = 1", x, model.Int(1), model.Int(3))
				r.WriteOncePart("high = 1", x, model.Int(2), model.Int(3))
				r.ReadOnce("l = x", l, x)
				r.Set(g, l)
			})
			return []*model.Monitor{{Name: "both", Never: g.Ne(model.Int(3))}}
		},
		states: 9, transitions: 11,
	},
	{
		name: "first in, first out", why: "as above without the load; the second is never there before the first",
		build: func(p *model.Program) []*model.Monitor {
			x, y := p.Shared("x", model.Bool, model.Int(0)), p.Shared("y", model.Bool, model.Int(0))
			add(p, func(r *model.Routine) {
				r.WriteOnce("x = 1", x, model.Int(1))
				r.StoreRelease("y = 1", y, model.Int(1))
			})
			return []*model.Monitor{{Name: "in order", Never: y.Gt(x)}}
		},
		states: 6, transitions: 6,
	},
	{
		name: "return of an NMI", why: `no NMI yet; before its store; before its return with the store waiting or
			not; over: 5, with the own step before or behind: 10. Each CPU's place but the last has one
			transition of the NMI, the first and last allow the own step: 2 * 4 + 2.`,
		build: func(p *model.Program) []*model.Monitor {
			x := p.Shared("x", model.Bool, model.Int(0))
			c := add(p, func(r *model.Routine) { r.Pause("own") })
			c.OnNMI(p.Routine("nmi", func(r *model.Routine) { r.WriteOnce("x = 1", x, model.Int(1)) }), 1, 1)
			return nil
		},
		states: 10, transitions: 10,
	},
	{
		name: "visible", why: "before, waiting, in memory; the event is that of the second transition",
		build: func(p *model.Program) []*model.Monitor {
			x := p.Shared("x", model.Bool, model.Int(0))
			add(p, func(r *model.Routine) {
				r.WriteOnce("x = 1", x, model.Int(1))
				r.WhenVisible(func() { r.Event(deferral.Published) })
			})
			return []*model.Monitor{{Name: "not published", On: func(ev model.Event) []*model.Stmt {
				if ev.Kind != deferral.Published {
					return nil
				}
				return model.Build((*model.Code).Fail)
			}}}
		},
		states: 3, transitions: 2,
		depths: map[string]int{"not published": 2},
	},
	{
		name: "nothing waits", why: "stores of order Full and those of an Atomic are in memory at once: 3 states",
		build: func(p *model.Program) []*model.Monitor {
			x := p.Shared("x", model.Bool, model.Int(0))
			add(p, func(r *model.Routine) {
				r.SmpStoreMb("x = 1", x, model.Int(1))
				r.SmpMb()
				r.Atomic("x = 0", func() { r.WriteOnce("x = 0", x, model.Int(0)); r.SmpMb() })
			})
			return nil
		},
		states: 3, transitions: 2,
	},
}

// locked is what waits until the CPU's own stores are in memory.
var locked = map[string]func(r *model.Routine, x *model.Var, ipi *model.IPI){
	"atomic_or": func(r *model.Routine, x *model.Var, _ *model.IPI) { r.AtomicOr("or", x, model.Int(1)) },
	"failing cmpxchg": func(r *model.Routine, x *model.Var, _ *model.IPI) {
		r.Cmpxchg("cmpxchg", nil, x, model.Int(1), model.Int(1))
	},
	"xchg": func(r *model.Routine, x *model.Var, _ *model.IPI) { r.SmpStoreMb("xchg", x, model.Int(1)) },
	"send": func(r *model.Routine, _ *model.Var, ipi *model.IPI) { r.SendIPI("send", ipi) },
	"atomic": func(r *model.Routine, x *model.Var, _ *model.IPI) {
		r.Atomic("load", func() { r.ReadOnce("l = x", nil, x) })
	},
}

func TestPaperUnderTSO(t *testing.T) {
	papers := weakPapers
	for name, build := range locked {
		papers = append(papers, paper{
			name: name, why: "before, waiting, in memory, behind; the other CPU does nothing for ever",
			build: func(p *model.Program) []*model.Monitor {
				x, y := p.Shared("x", model.Bool, model.Int(0)), p.Shared("y", model.Bool, model.Int(0))
				nothing := p.Routine("nothing", func(*model.Routine) {})
				ipi := p.CPU("other").IPI("ipi", nothing)
				ipi.CPU.Run(p.Routine("other", func(r *model.Routine) {
					r.Frame(model.User, func() { r.Await("never", model.False) })
				}))
				add(p, func(r *model.Routine) {
					r.WriteOnce("x = 1", x, model.Int(1))
					build(r, y, ipi)
				})
				return nil
			},
			states: 4, transitions: 3, depths: map[string]int{NoDeadlock: 3},
		})
	}
	for _, test := range papers {
		test.memory = model.TSO
		test.check(t)
	}
}

// Under both memory models the same finals, by hand.
func TestFinals(t *testing.T) {
	for mm, want := range map[model.MemoryModel]string{
		model.SC:  "map[1 1 0 :true 1 1 1 :true 1 1 2 :true]",
		model.TSO: "map[1 1 0 :true 1 1 1 :true 1 1 2 :true 1 1 3 :true]",
	} {
		p := model.New("store buffering")
		ms := weakPapers[0].build(p)
		if got := fmt.Sprint(Explore(mm, p, ms, 100).Finals); got != want {
			t.Errorf("%v: x, y and who was early: %s, want %s", mm, got, want)
		}
	}
}
