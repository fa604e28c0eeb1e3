package machine

import (
	"fmt"
	"strings"
	"testing"

	"ctcheck/deferral"
	"ctcheck/model"
)

// A twin is how the programs of these tests differ from one in which three CPUs are alike.
type twin struct {
	name    string
	classes string // the classes that are found
	why     string // part of the reason for the first pair that is apart
	cause   string
	step    func(r *model.Routine, i int, v *model.Var) // after the CPU's own first step
	ran     func(c *model.Code,
		ghosts []*model.Var) // ghost code of the server's step, for ran the default
	server func(r *model.Routine, p *model.Program, cs []*model.CPU) // after the server's step
	add    func(p *model.Program, m *model.Monitor, cs []*model.CPU)
	rng    func(i int) model.Range // of a CPU's ghost
}

// build makes the program: three CPUs that ask a server, which has an IPI and a ghost of each.
func (w twin) build(t *testing.T) *Machine {
	t.Helper()
	p := model.New("twins")
	v := p.Shared("v", model.UpTo(3).Mod(), model.Int(0))
	d := deferral.New(p, 1)
	m := &model.Monitor{Name: "m"}
	var cs []*model.CPU
	for i := range 3 {
		cs = append(cs, p.CPU(fmt.Sprint("a", i)))
		r := model.UpTo(3)
		if w.rng != nil {
			r = w.rng(i)
		}
		m.Ghosts = append(m.Ghosts, model.NewGhost(fmt.Sprint("g", i), r, model.Int(0)))
	}
	server := p.CPU("server")
	for i, c := range cs {
		ipi := server.IPI(fmt.Sprint("ipi", i), p.Routine("handler", func(r *model.Routine) {
			r.AtomicAdd("handle", v, model.Int(1))
			r.Pause("rest")
		}))
		q := d.Request(c, 0, ipi)
		c.Run(p.Routine("ask", func(r *model.Routine) {
			q.Start(r)
			r.AtomicAdd("ask", v, model.Int(1))
			if w.step != nil {
				w.step(r, i, v)
			}
			r.SendIPI("send", ipi)
		}))
	}
	server.Run(p.Routine("serve", func(r *model.Routine) {
		d.RunWork(r, "work", model.Int(0), deferral.ByFlush)
		if w.server != nil {
			w.server(r, p, cs)
		}
	}))
	m.On = func(ev model.Event) []*model.Stmt {
		return model.Build(func(c *model.Code) {
			switch ev.Kind {
			case deferral.Started:
				c.Set(m.Ghosts[deferral.RequestOf(ev).Index], model.Int(1))
			case deferral.Ran:
				if w.ran != nil {
					w.ran(c, m.Ghosts)
					return
				}
				for _, g := range m.Ghosts {
					c.If(g.Eq(model.Int(1)), func() { c.Set(g, model.Int(2)) }, func() { c.Set(g, model.Int(3)) })
				}
			}
		})
	}
	if w.add != nil {
		w.add(p, m, cs)
	}
	mc, err := Compile(Options{}, p, m)
	if err != nil {
		t.Fatalf("%s: %v", w.name, err)
	}
	return mc
}

func done(cs []*model.CPU) (vs []model.Value) {
	for _, c := range cs {
		vs = append(vs, c.Done())
	}
	return vs
}

var twinTable = []twin{
	{name: "alike", classes: "[a0 a1 a2]", cause: "the same code throughout"},
	{name: "await", classes: "[a0 a1 a2]", cause: "a conjunction of all",
		server: func(r *model.Routine, _ *model.Program, cs []*model.CPU) {
			r.Await("all",
				model.All(done(cs)...))
		}},
	{name: "never", classes: "[a0 a1 a2]", cause: "a disjunction of all, with another order inside",
		add: func(_ *model.Program, m *model.Monitor, cs []*model.CPU) {
			m.Never = model.Any(m.Ghosts[2].Eq(model.Int(3)).And(cs[2].Done()),
				cs[0].Done().And(m.Ghosts[0].Eq(model.Int(3))),
				m.Ghosts[1].Eq(model.Int(3)).And(cs[1].Done()))
		}},
	{name: "whole runs", classes: "[a0 a1 a2]", cause: "a claim for each",
		add: func(_ *model.Program, m *model.Monitor, _ []*model.CPU) {
			for _, g := range m.Ghosts {
				m.NotForever = append(m.NotForever, g.Eq(model.Int(1)))
			}
		}},
	{name: "constant", classes: "[a1 a2]", why: `a0 differs from a1 at "more"`, cause: "another operand",
		step: func(r *model.Routine, i int, v *model.Var) {
			k := model.Int(1)
			if i == 0 {
				k = 2
			}
			r.AtomicAdd("more", v, k)
		}},
	{name: "raises", classes: "[a1 a2]", why: `a0 differs from a1 at "send"`, cause: "one does not wait",
		add: func(_ *model.Program, _ *model.Monitor, cs []*model.CPU) {
			cs[0].Main.Body[len(cs[0].Main.Body)-1].Raise = true
		}},
	{name: "masks", classes: "[a0 a2]", why: "a0 and a1 have", cause: "a flag of one",
		step: func(r *model.Routine, i int, _ *model.Var) {
			if i == 1 {
				r.LocalIRQDisable()
			} else {
				r.Pause("as many steps")
			}
		}},
	{name: "disable or enable", classes: "[a0 a2]", why: "a0 differs from a1 at", cause: "the flag's value",
		step: func(r *model.Routine, i int, _ *model.Var) {
			if i == 1 {
				r.LocalIRQDisable()
			} else {
				r.LocalIRQEnable()
			}
		}},
	{name: "devices", classes: "[a0 a1 a2]", cause: "each has one",
		add: func(p *model.Program, _ *model.Monitor, cs []*model.CPU) {
			h := p.Routine("handler", func(r *model.Routine) { r.Pause("handler") })
			for _, c := range cs {
				c.OnIRQ("disk of "+c.Name, h, 1)
			}
		}},
	{name: "devices that come more often", classes: "[a0 a1]", why: "a0 and a2 have", cause: "another budget",
		add: func(p *model.Program, _ *model.Monitor, cs []*model.CPU) {
			h := p.Routine("handler", func(r *model.Routine) { r.Pause("handler") })
			for i, c := range cs {
				c.OnIRQ("disk", h, 1+i/2)
			}
		}},
	{name: "step", classes: "[a0 a1]", why: "a0 and a2: ", cause: "one step more",
		step: func(r *model.Routine, i int, _ *model.Var) {
			if i == 2 {
				r.Pause("more")
			}
		}},
	{name: "local code", classes: "[a0 a2]", why: "a0 differs from a1", cause: "another assignment",
		step: func(r *model.Routine, i int, v *model.Var) {
			l := r.LocalOf("l", v)
			r.Set(l, model.Int(int64(i&1)))
			r.Pause("keep")
			r.AtomicAdd("add l", v, l)
		}},
	{name: "names one", classes: "[a1 a2]", why: "a property or claim", cause: "an invariant of a0",
		add: func(_ *model.Program, m *model.Monitor, _ []*model.CPU) { m.Never = m.Ghosts[0].Eq(model.Int(3)) }},
	{name: "claims one", classes: "[a0 a2]", why: "a property or claim", cause: "reachability of a1",
		add: func(p *model.Program, _ *model.Monitor, cs []*model.CPU) { p.ReachedState("ends", cs[1].Done()) }},
	{name: "end of one", classes: "[a1 a2]", why: "a property or claim tells them apart", cause: "at the end",
		add: func(_ *model.Program, m *model.Monitor, _ []*model.CPU) {
			m.AtEnd = m.Ghosts[0].Le(m.Ghosts[1].Or(m.Ghosts[2]))
		}},
	{name: "for ever of one", classes: "[a1 a2]", why: "m tells them apart", cause: "a claim on whole runs",
		add: func(_ *model.Program, m *model.Monitor, _ []*model.CPU) {
			m.NotForever = []model.Value{m.Ghosts[0].Eq(model.Int(1))}
		}},
	{name: "waits for one", classes: "[a0 a1]", why: `server tells them apart at "one"`, cause: "await",
		server: func(r *model.Routine, _ *model.Program, cs []*model.CPU) { r.Await("one", cs[2].Done()) }},
	{name: "two after one", classes: "[a0 a1]", why: "a0 and a2: server tells them apart",
		cause: "steps that look at them one after the other; a0 and a1 stand together",
		server: func(r *model.Routine, _ *model.Program, cs []*model.CPU) {
			r.Await("01", model.All(done(cs[:2])...))
			r.Await("2", cs[2].Done())
		}},
	{name: "order", classes: "", why: "server tells them apart in what comes before",
		cause: "ghost code in which what is done to one depends on what was done to the one before",
		ran: func(c *model.Code, gs []*model.Var) {
			for i, g := range gs {
				c.If(gs[(i+1)%3].Eq(model.Int(1)), func() { c.Set(g, model.Int(2)) })
			}
		}},
	{name: "pairs", classes: "", why: "server tells them apart in what comes before",
		cause: "the same for every pair, but one pair after the other",
		ran: func(c *model.Code, gs []*model.Var) {
			for i, g := range gs {
				for j, h := range gs {
					if i != j {
						c.If(g.Eq(model.Int(1)), func() { c.Set(h, model.Int(2)) })
					}
				}
			}
		}},
	{name: "shift", classes: "", why: "server tells them apart in what comes before", cause: "a chain",
		ran: func(c *model.Code, gs []*model.Var) {
			c.Set(gs[0], gs[1])
			c.Set(gs[1], gs[2])
		}},
	{name: "one failing", classes: "[a0 a2]", why: "a0 and a1: server tells them apart", cause: "Fail for a1 only",
		ran: func(c *model.Code, gs []*model.Var) {
			for i, g := range gs {
				c.If(g.Eq(model.Int(2)), func() {
					if i == 1 {
						c.Fail()
					}
				})
			}
		}},
	{name: "claims for each", classes: "", why: `a0 differs from a1 in what comes before its end`,
		cause: "each satisfies another claim",
		add: func(p *model.Program, _ *model.Monitor, cs []*model.CPU) {
			for _, cpu := range cs {
				p.Reached(cpu.Name+" sends", model.Sent,
					func(ev model.Event) model.Value { return model.Int(model.Truth(ev.CPU == cpu)) })
			}
		}},
	{name: "range", classes: "[a1 a2]", why: "a0 and a1: a0 differs from a1", cause: "a ghost of another range",
		rng: func(i int) model.Range { return model.Range{Lo: 0, Hi: 3, Modular: i == 0} }},
	{name: "start", classes: "[a0 a1]", why: "they start with different values", cause: "another initial value",
		add: func(_ *model.Program, m *model.Monitor, _ []*model.CPU) { m.Ghosts[2].Init = 1 }},
	{name: "service", classes: "[a0 a2]", why: "not CPUs of one kind", cause: "it need not end",
		add: func(_ *model.Program, _ *model.Monitor, cs []*model.CPU) { cs[1].Service() }},
	{name: "NMIs", classes: "[a0 a1]", why: "not CPUs of one kind", cause: "only one has NMIs",
		add: func(p *model.Program, _ *model.Monitor, cs []*model.CPU) {
			cs[2].OnNMI(p.Routine("nmi", func(r *model.Routine) { r.Pause("nmi") }), 1, 1)
		}},
}

// A class is found where, and only where, its CPUs are alike.
func TestSymmetry(t *testing.T) {
	for _, w := range twinTable {
		y := w.build(t).Symmetry()
		var found []string
		for _, c := range y.Classes() {
			var names []string
			for _, cpu := range c {
				names = append(names, cpu.Name)
			}
			found = append(found, fmt.Sprint(names))
		}
		if got := strings.Join(found, " "); got != w.classes {
			t.Errorf("%s: classes %q, want %q (%s)", w.name, got, w.classes, w.cause)
		}
		apart := strings.Join(y.Apart(), "\n")
		if !strings.Contains(apart, w.why) {
			t.Errorf("%s: apart %q, want %q (%s)", w.name, apart, w.why, w.cause)
		}
	}
}
