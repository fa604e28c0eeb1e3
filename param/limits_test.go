package param_test

import (
	"context"
	"errors"
	"testing"

	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/param"
)

// loaded is a system of replicas that run the given code on one variable.
func loaded(t *testing.T, mm model.MemoryModel, hi int64, code func(r *model.Routine, x *model.Var)) *param.System {
	t.Helper()
	y, err := param.Load(mm, func(n int) (*model.Program, []*model.Monitor, error) {
		p := model.New("p")
		x := p.Shared("x", model.UpTo(hi), model.Int(0))
		for i := range n {
			c := p.CPU("replica" + string(rune('0'+i)))
			c.Run(p.Routine(c.Name, func(r *model.Routine) { code(r, x) }))
			p.Replicated = append(p.Replicated, c)
		}
		return p, []*model.Monitor{warns()}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return y
}

// What a program does before its first step counts, a value outside its range is a fault, and stores without end
// need more room than there is: views and the tree say so.
func TestAlarms(t *testing.T) {
	ctx := context.Background()
	for _, row := range []struct {
		name string
		mm   model.MemoryModel
		code func(r *model.Routine, x *model.Var)
		is   func(a param.Alarms) bool
	}{
		{"nothing", model.SC, func(r *model.Routine, x *model.Var) { r.AtomicSet("x = 1", x, model.Int(1)) },
			func(a param.Alarms) bool { return !a.Any() }},
		{"warns before its first step", model.SC, func(r *model.Routine, x *model.Var) {
			r.WarnOnOnce("at once", model.True)
			r.AtomicSet("x = 1", x, model.Int(1))
		}, func(a param.Alarms) bool { return a.Failed == 1 }},
		{"leaves its range", model.SC, func(r *model.Routine, x *model.Var) { r.AtomicAdd("x++", x, model.Int(1)) },
			func(a param.Alarms) bool { return a.Fault != nil }},
		{"waits for ever", model.SC, func(r *model.Routine, x *model.Var) {
			l := r.LocalOf("l", x)
			r.CondLoadAcquire("x == 1", l, x, l.Eq(model.Int(1)))
		}, func(a param.Alarms) bool { return a.Deadlock }},
		{"stores without end", model.TSO, func(r *model.Routine, x *model.Var) {
			r.Forever(func() { r.WriteOnce("x = 1", x, model.Int(1)) })
		}, func(a param.Alarms) bool { return a.Full == 1 }},
	} {
		y := loaded(t, row.mm, 1, row.code)
		if v := y.Views(ctx, param.Limit{}); !row.is(v.Alarms) {
			t.Errorf("%s: views say %+v", row.name, v.Alarms)
		}
		if c := y.Counters(ctx, param.Limit{Nodes: 1000}); !row.is(c.Alarms) {
			t.Errorf("%s: the tree says %+v", row.name, c.Alarms)
		}
	}
}

// What was cut says so.
func TestCut(t *testing.T) {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	y := loaded(t, model.SC, 1, func(r *model.Routine, x *model.Var) {
		l := r.LocalOf("l", x)
		r.Forever(func() { r.Xchg("xchg", l, x, model.Int(1)) })
	})
	for i, limit := range []param.Limit{{}, {Bytes: 1}} {
		ctx := over
		if i > 0 {
			ctx = context.Background()
		}
		if v := y.Views(ctx, limit); v.Done {
			t.Errorf("views with %+v: %+v", limit, v)
		}
	}
	if c := y.Counters(over, param.Limit{}); c.Done {
		t.Errorf("a tree of %d nodes", c.Nodes)
	}
	whole := y.Counters(context.Background(), param.Limit{})
	if !whole.Done || whole.Nodes < 3 {
		t.Fatalf("%+v", whole)
	}
	for limit := 1; limit <= whole.Nodes+1; limit++ {
		c := y.Counters(context.Background(), param.Limit{Nodes: limit})
		if c.Done != (limit >= whole.Nodes) {
			t.Errorf("a tree of %d nodes with a limit of %d: done %t", c.Nodes, limit, c.Done)
		}
	}
	told := uint64(0)
	v := loaded(t, model.SC, 4095, func(r *model.Routine, x *model.Var) {
		r.AtomicAdd("x++", x, model.Int(1))
	}).Views(context.Background(), param.Limit{Told: func(n uint64) { told += n }})
	if told < 3*1024 || told > 4096 || v.Fault == nil {
		t.Errorf("told of %d parts of 4,096; fault %v", told, v.Fault)
	}
}

// The instances have to be of one and of two replicas, under one memory model.
func TestInstances(t *testing.T) {
	m := func(n int, mm model.MemoryModel) *machine.Machine {
		p, ms := planned(plan{}, n)
		m, err := machine.Compile(machine.Options{Memory: mm}, p, ms...)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, row := range []struct {
		one, two *machine.Machine
		fine     bool
	}{
		{m(1, model.SC), m(2, model.SC), true}, {m(1, model.SC), m(1, model.SC), false},
		{m(2, model.SC), m(2, model.SC), false}, {m(2, model.SC), m(1, model.SC), false},
		{m(1, model.SC), m(3, model.SC), false}, {m(1, model.TSO), m(2, model.SC), false},
	} {
		if _, err := param.New(row.one, row.two); (err == nil) != row.fine || err != nil &&
			!errors.Is(err, param.ErrNoFamily) {
			t.Errorf("%d and %d replicas: %v", len(row.one.Program.Replicated),
				len(row.two.Program.Replicated), err)
		}
	}
}
