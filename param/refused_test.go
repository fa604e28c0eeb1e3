package param_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"ctcheck/model"
	"ctcheck/param"
)

// A plan is what a program of TestRefused has that is wrong; each is called where its name says.
type plan struct {
	target  func(p *model.Program, r *model.Routine, replicas []*model.CPU, own []*model.Var, lines []*model.IPI)
	replica func(r *model.Routine, i, n int, own, x *model.Var, lines []*model.IPI)
	claim   func(p *model.Program, replicas []*model.CPU, own []*model.Var) *model.Monitor
	leave   int // how many replicas are not named
	extra   func(p *model.Program, n int)
}

// planned is a target that reads x, and replicas that each add to it and to a variable of their own, and may
// interrupt the target.
func planned(pl plan, n int) (*model.Program, []*model.Monitor) {
	p := model.New("planned")
	x := p.Shared("x", model.UpTo(3).Mod(), model.Int(0))
	target := p.CPU("target")
	var replicas []*model.CPU
	var own []*model.Var
	var lines []*model.IPI
	handler := p.Routine("handler", func(r *model.Routine) { r.Pause("handles") })
	for i := range n {
		replicas = append(replicas, p.CPU(fmt.Sprint("replica", i)))
		own = append(own, p.Shared(fmt.Sprint("own ", i), model.UpTo(3).Mod(), model.Int(0)))
		lines = append(lines, target.IPI(fmt.Sprint("line ", i), handler))
	}
	target.Run(p.Routine("target", func(r *model.Routine) {
		l := r.LocalOf("l", x)
		r.AtomicRead("l = x", l, x)
		r.Set(l, model.Int(0))
		if pl.target != nil {
			pl.target(p, r, replicas, own, lines)
		}
	}))
	for i, c := range replicas {
		c.Run(p.Routine(c.Name, func(r *model.Routine) {
			r.AtomicAdd("x++", x, model.Int(1))
			r.AtomicAdd("own++", own[i], model.Int(1))
			r.SendIPI("send", lines[i])
			if pl.replica != nil {
				pl.replica(r, i, n, own[i], x, lines)
			}
		}))
	}
	p.Replicated = replicas[:n-pl.leave]
	if pl.extra != nil {
		pl.extra(p, n)
	}
	if pl.claim == nil {
		return p, nil
	}
	return p, []*model.Monitor{pl.claim(p, replicas, own)}
}

// What does not qualify is refused, with the reason; what is like it and does is not. It is long as a table is.
func TestRefused(t *testing.T) {
	type row struct {
		name string
		pl   plan
		why  string // empty: it qualifies
	}
	rows := []row{
		{name: "nothing is wrong"},
		{"the target looks at what is a replica's own", plan{target: func(p *model.Program, r *model.Routine,
			_ []*model.CPU, own []*model.Var, _ []*model.IPI) {
			l := r.Local("own", model.UpTo(3))
			for _, v := range own {
				r.AtomicRead("reads own", l, v)
			}
		}}, `target uses "own `},
		{"the target writes it", plan{target: func(p *model.Program, r *model.Routine, _ []*model.CPU,
			own []*model.Var, _ []*model.IPI) {
			for _, v := range own {
				r.AtomicSet("writes own", v, model.Int(0))
			}
		}}, `target uses "own `},
		{"the target asks whether an IPI is pending", plan{target: func(p *model.Program, r *model.Routine,
			_ []*model.CPU, _ []*model.Var, lines []*model.IPI) {
			for _, l := range lines {
				r.If(l.Pending(), func() { r.Pause("it is") })
			}
		}}, `target uses "line `},
		{"the target waits for the replicas", plan{target: func(p *model.Program, r *model.Routine,
			replicas []*model.CPU, _ []*model.Var, _ []*model.IPI) {
			var done []model.Value
			for _, c := range replicas {
				done = append(done, c.Done())
			}
			r.Await("all are done", model.All(done...))
		}}, "target asks where replica"},
		{"shared memory knows which replica it was", plan{replica: func(r *model.Routine, i, _ int, _, x *model.Var,
			_ []*model.IPI) {
			r.AtomicOr("x |= bit", x, model.Int(1)<<i)
		}}, "are not alike"},
		{"a replica sends another one's IPI", plan{replica: func(r *model.Routine, i, n int, _, _ *model.Var,
			lines []*model.IPI) {
			r.RaiseIPI("send to the next", lines[(i+1)%n])
		}}, "are not alike"},
		{"a replica behaves by how many there are", plan{replica: func(r *model.Routine, _, n int, _, x *model.Var,
			_ []*model.IPI) {
			r.AtomicAdd("x += n", x, model.Int(n))
		}}, "code of replica0 is another one"},
		{"the target behaves by how many there are", plan{target: func(p *model.Program, r *model.Routine,
			replicas []*model.CPU, _ []*model.Var, _ []*model.IPI) {
			r.AtomicSet("x = n", p.Vars[0], model.Int(len(replicas)))
		}}, "code of target is another one"},
		{"a device interrupts more often with more of them", plan{extra: func(p *model.Program, n int) {
			p.CPUs[0].OnIRQ("device", p.Routine("device", func(r *model.Routine) { r.Pause("device") }), n)
		}}, "code of target is another one"},
		{"more NMIs come with more of them", plan{extra: func(p *model.Program, n int) {
			p.CPUs[0].OnNMI(p.Routine("nmi", func(r *model.Routine) { r.Pause("nmi") }), n, 1)
		}}, "another target"},
		{"a variable is larger with more of them", plan{extra: func(p *model.Program, n int) {
			p.Vars[0].Range = model.UpTo(int64(2 + n)).Mod()
		}}, "other variables"},
		{"one replica is not named", plan{leave: 1}, "not 1 and 2"},
		{"a claim speaks of what is a replica's own", plan{claim: func(_ *model.Program, _ []*model.CPU,
			own []*model.Var) *model.Monitor {
			return &model.Monitor{Name: "c", Never: own[0].Eq(model.Int(2))}
		}}, "a claim over states speaks of replica"},
		{"a claim speaks of where a replica is", plan{claim: func(_ *model.Program, replicas []*model.CPU,
			_ []*model.Var) *model.Monitor {
			return &model.Monitor{Name: "c", Never: replicas[0].Done()}
		}}, "a claim over states speaks of replica"},
		{"a claim speaks of both", plan{claim: func(p *model.Program, replicas []*model.CPU,
			_ []*model.Var) *model.Monitor {
			return &model.Monitor{Name: "c", Never: p.Vars[0].Eq(model.Int(3)).And(replicas[0].Done())}
		}}, "a claim over states speaks of replica"},
		{"what only a claim speaks of begins otherwise", plan{claim: func(p *model.Program, replicas []*model.CPU,
			_ []*model.Var) *model.Monitor {
			seen := p.Shared("seen", model.UpTo(3), model.Int(len(replicas)))
			return &model.Monitor{Name: "c", Never: seen.Eq(model.Int(2))}
		}}, "other variables"},
		{"a claim is on whole runs", plan{claim: func(p *model.Program, _ []*model.CPU,
			_ []*model.Var) *model.Monitor {
			return &model.Monitor{Name: "c", NotForever: []model.Value{p.Vars[0].IsZero()}}
		}}, "a claim on whole runs"},
		{"a claim is on races", plan{claim: func(_ *model.Program, _ []*model.CPU, _ []*model.Var) *model.Monitor {
			return &model.Monitor{Name: "c", NoDataRace: true}
		}}, "no data race"},
		{"a claim is another one with more of them", plan{claim: func(p *model.Program, replicas []*model.CPU,
			_ []*model.Var) *model.Monitor {
			return &model.Monitor{Name: "c", Never: p.Vars[0].Eq(model.Int(len(replicas)))}
		}}, "the claims over states are others"},
		{name: "a claim speaks of what is shared", pl: plan{claim: func(p *model.Program, _ []*model.CPU,
			_ []*model.Var) *model.Monitor {
			return &model.Monitor{Name: "c", Never: p.Vars[0].Eq(model.Int(3))}
		}}},
		{name: "a variable that nobody uses", pl: plan{extra: func(p *model.Program, n int) {
			for i := range n {
				p.Shared(fmt.Sprint("unused ", i), model.Bool, model.Int(0))
			}
		}}},
	}
	for _, r := range rows {
		_, err := param.Load(model.TSO, func(n int) (*model.Program, []*model.Monitor, error) {
			p, ms := planned(r.pl, n)
			return p, ms, nil
		})
		switch {
		case r.why == "" && err != nil:
			t.Errorf("%s: %v", r.name, err)
		case r.why != "" && (!errors.Is(err, param.ErrNoFamily) || !strings.Contains(fmt.Sprint(err), r.why)):
			t.Errorf("%s: %v, want %q", r.name, err, r.why)
		}
	}
}
