package param_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/param"
)

// A random family has a target, a CPU that is there once, and replicas, which all act on two shared variables,
// and a replica also on one of its own. Replicas may interrupt the target, each with an IPI of its own.
type family struct {
	*rand.Rand
	p         *model.Program
	x, y, own *model.Var
	line      *model.IPI
}

// randomFamily is the program of a seed with so many replicas.
func randomFamily(seed uint64, replicas int) (*model.Program, []*model.Monitor) {
	code := func(of uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, of)) } // the same for each number
	g := &family{Rand: code(0), p: model.New(fmt.Sprint("family ", seed))}
	g.x, g.y = g.p.Shared("x", model.UpTo(3), model.Int(0)), g.p.Shared("y", model.UpTo(3).Mod(), model.Int(0))
	target, once := g.p.CPU("target"), g.p.CPU("once")
	ipis, nmis := g.IntN(2) == 0, g.IntN(4) == 0
	g.task(target, code(1))
	g.task(once, code(2))
	if nmis {
		target.OnNMI(g.routine("nmi", code(4), 1), model.AnyNumber, 1)
	}
	for i := range replicas {
		c := g.p.CPU(fmt.Sprint("replica", i))
		g.own = g.p.Shared("own of "+c.Name, model.UpTo(3), model.Int(0))
		if ipis {
			g.line = target.IPI("line of "+c.Name, g.routine("handler of "+c.Name, code(5), 1))
		}
		g.task(c, code(3))
		g.p.Replicated = append(g.p.Replicated, c)
	}
	k := g.IntN(4)
	last := g.value()
	return g.p, []*model.Monitor{warns(), {Name: "at end", AtEnd: g.y.Ne(last)},
		{Name: "never", Never: g.x.Eq(model.Int(k)).And(g.y.Eq(g.value()))}}
}

// warns claims that no warning fires.
func warns() *model.Monitor {
	return &model.Monitor{Name: "no-warn", On: func(ev model.Event) []*model.Stmt {
		if ev.Kind != model.Warned {
			return nil
		}
		return model.Build((*model.Code).Fail)
	}}
}

func (g *family) value() model.Int { return model.Int(g.IntN(4)) }

// routine is a handler, which has neither an IPI to send nor a variable of its own.
func (g *family) routine(name string, code *rand.Rand, n int) *model.Routine {
	h := &family{Rand: code, p: g.p, x: g.x, y: g.y}
	return g.p.Routine(name, func(r *model.Routine) {
		l := r.LocalOf("l", g.y)
		for i := range n {
			h.statement(r, l, i)
		}
	})
}

func (g *family) task(c *model.CPU, code *rand.Rand) {
	h := &family{Rand: code, p: g.p, x: g.x, y: g.y, own: g.own, line: g.line}
	c.Run(g.p.Routine(c.Name, func(r *model.Routine) {
		l := r.LocalOf("l", g.y)
		n := 1 + h.IntN(3)
		body := func() {
			for i := range n {
				h.statement(r, l, i)
			}
		}
		if h.IntN(2) == 0 {
			r.Forever(func() {
				r.Pause("again")
				body()
			})
		} else {
			body()
		}
	}))
}

func (g *family) statement(r *model.Routine, l *model.Var, i int) {
	v := g.x
	switch k := g.IntN(5); {
	case k < 2:
		v = g.y
	case k == 2 && g.own != nil:
		v = g.own
	}
	label := func(s string) string { return fmt.Sprint(s, " ", i) }
	switch g.IntN(9) {
	case 0:
		r.WriteOnce(label("store"), v, g.value())
	case 1:
		r.ReadOnce(label("load"), l, v)
	case 2:
		r.WriteOnce(label("store l"), v, l)
	case 3:
		r.AtomicAddReturn(label("add"), l, g.y, g.value())
	case 4:
		r.Cmpxchg(label("cmpxchg"), l, v, l, g.value())
		r.WarnOnOnce("WARN_ON_ONCE", l.Eq(g.value()))
	case 5:
		k := g.value()
		if g.IntN(2) == 0 {
			r.CondLoadAcquire(label("wait"), l, v, l.Ne(k))
		}
		r.AtomicOr(label("or"), v, k)
	case 6:
		a, b := g.value(), g.value()
		r.Choose(
			r.When(model.True, func() { r.WriteOnce(label("choose a"), v, a) }),
			r.When(l.Lt(model.Int(2)), func() { r.ReadOnce(label("choose b"), l, v); r.Set(l, b) }))
	case 7:
		r.Xchg(label("xchg"), l, v, g.value())
	case 8:
		if g.line != nil {
			r.SendIPI(label("send"), g.line)
		} else {
			r.SmpMb()
		}
	}
}

// compiled is an instance of a random family.
func compiled(t *testing.T, seed uint64, replicas int, mm model.MemoryModel) *machine.Machine {
	t.Helper()
	p, ms := randomFamily(seed, replicas)
	o := machine.Options{Memory: mm}
	if mm.HasBuffers() {
		o.BufferSizes = slices.Repeat([]int{1 + int(seed%2)}, len(p.CPUs))
	}
	m, err := machine.Compile(o, p, ms...)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	return m
}

// reachable is every state of an instance, and what fails on the way; not ok where they are too many.
func reachable(m *machine.Machine, most int) (states [][]uint64, failed uint64, deadlock, ok bool) {
	s, fx := m.Initial()
	failed = fx.Failed
	seen := map[string]bool{fmt.Sprint(s): true}
	states = [][]uint64{slices.Clone(s)}
	dst := make([]uint64, m.Words())
	for i := 0; i < len(states); i++ {
		if len(states) > most {
			return nil, 0, false, false
		}
		failed |= m.Violated(states[i])
		obliged := false
		for t := range m.Transitions() {
			var fx machine.Effects
			if !m.Fire(states[i], t, dst, &fx) {
				continue
			}
			failed |= fx.Failed
			obliged = obliged || m.Transition(t).Kind.Obliged()
			if key := fmt.Sprint(dst); !seen[key] {
				seen[key] = true
				states = append(states, slices.Clone(dst))
			}
		}
		deadlock = deadlock || m.Deadlock(states[i], obliged)
	}
	return states, failed, deadlock, true
}

// view is what a state says of the CPUs that are there once, and of one of the replicas, in words.
func view(m *machine.Machine, s []uint64, replica *model.CPU) string {
	var b strings.Builder
	snap := m.Snapshot(s)
	rename := func(name string) string { return strings.ReplaceAll(name, replica.Name, "replica") }
	other := func(name string) bool { return strings.Contains(rename(name), "replica") && rename(name) == name }
	for _, g := range snap.Globals {
		if !other(g.Var.Name) {
			fmt.Fprintln(&b, rename(g.Var.Name), g.Value)
		}
	}
	for _, c := range snap.CPUs {
		if other(c.CPU.Name) {
			continue
		}
		fmt.Fprint(&b, rename(c.CPU.Name), ":")
		for _, p := range c.Pending {
			if !other(p.Name) {
				fmt.Fprint(&b, " pending ", rename(p.Name))
			}
		}
		for _, w := range c.Buffer {
			fmt.Fprint(&b, " ", rename(w.Var.Name), "<-", w.Value)
		}
		for _, l := range c.Levels {
			next := "-"
			if l.Next != nil {
				next = l.Next.Label
			}
			fmt.Fprint(&b, " / ", l.Context, l.Frame, " ", next)
			for _, call := range l.Calls {
				for _, x := range call.Locals {
					fmt.Fprint(&b, " ", x.Var.Name, "=", x.Value)
				}
			}
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}

// told is what the families of a test come to.
type told struct{ decided, proved, alarms, deadlocks, trees int }

// What replicas can be at, in the words of view, is in the set of views, for each number of them; and what
// fails with some number is what views suspect, and what the coverability tree says that some number of them
// reaches.
func TestRandomFamilies(t *testing.T) {
	seeds := uint64(90)
	if testing.Short() {
		seeds = 40
	}
	var all told
	for seed := range seeds {
		for _, mm := range []model.MemoryModel{model.SC, model.TSO, model.TSOLazy} {
			all.family(t, seed, mm)
		}
	}
	t.Logf("%+v", all)
	if all.decided < int(seeds)/2 || all.proved == 0 || all.deadlocks == 0 || all.trees == 0 {
		t.Error("the families say little")
	}
}

// family holds one family against its instances.
func (all *told) family(t *testing.T, seed uint64, mm model.MemoryModel) {
	t.Helper()
	one := compiled(t, seed, 1, mm)
	y, err := param.New(one, compiled(t, seed, 2, mm))
	if err != nil {
		t.Fatalf("seed %d under %s: %v", seed, mm, err)
	}
	v := y.Views(context.Background(), param.Limit{})
	if !v.Done || v.Fault != nil {
		t.Fatalf("seed %d under %s: %+v", seed, mm, v.Alarms)
	}
	c := y.Counters(context.Background(), param.Limit{Nodes: 3000})
	if c.Failed&^v.Failed != 0 || c.Deadlock && !v.Deadlock {
		t.Errorf("seed %d under %s: the tree says %+v, views %+v", seed, mm, c.Alarms, v.Alarms)
	}
	if c.Done && v.Failed&^c.Failed != 0 {
		all.alarms++
	}
	views := map[string]bool{}
	v.Each(func(s []uint64) { views[view(one, s, one.Program.Replicated[0])] = true })
	for n := 1; n <= 3; n++ {
		m := compiled(t, seed, n, mm)
		states, bad, stuck, ok := reachable(m, 6000)
		if !ok {
			return
		}
		if bad&^v.Failed != 0 || stuck && !v.Deadlock {
			t.Fatalf("seed %d under %s: %d replicas fail %b, deadlock %t; views say %+v", seed, mm, n, bad, stuck,
				v.Alarms)
		}
		if c.Done && (bad&^c.Failed != 0 || stuck && !c.Deadlock) {
			t.Fatalf("seed %d under %s: %d replicas fail %b; the tree says %+v", seed, mm, n, bad, c.Alarms)
		}
		if stuck {
			all.deadlocks++
		}
		for _, s := range states {
			if n == 1 && !v.Has(s) {
				t.Fatalf("seed %d under %s: a state with one replica is no view", seed, mm)
			}
			for _, r := range m.Program.Replicated {
				if w := view(m, s, r); !views[w] {
					t.Fatalf("seed %d under %s, %d replicas: no view is\n%s", seed, mm, n, w)
				}
			}
		}
	}
	all.decided++
	if v.Failed == 0 {
		all.proved++
	}
	if c.Done {
		all.trees++
	}
}
