package explore

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"testing"

	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// This file has what the tests share: small programs, and a plain search that knows no packed set,
// no stack and no bound, only a Go map and layers.

const (
	no  = model.False
	yes = model.True
)

func compile(t *testing.T, p *model.Program, ms ...*model.Monitor) *machine.Machine {
	t.Helper()
	m, err := machine.Compile(machine.Options{}, p, ms...)
	if err != nil {
		t.Fatalf("Compile: %v", err)
	}
	return m
}

func run(t *testing.T, m *machine.Machine, o Options) *verdict.Result {
	t.Helper()
	r, err := searchMachine(context.Background(), m, o)
	if err != nil {
		t.Fatalf("Run(%+v): %v", o, err)
	}
	return r
}

// searchOf is a search of a machine that has not begun.
func searchOf(m *machine.Machine, o Options) *search {
	return newSearch(&problem{context.Background(), m, o}, newReductions(m, o), 0)
}

// leastBytes is the least bound on memory with which the search is not cut by it.
func leastBytes(t *testing.T, m *machine.Machine, o Options) uint64 {
	t.Helper()
	o.MaxBytes = 0
	low := run(t, m, o).Search.Bytes
	n := sort.Search(1<<24, func(n int) bool {
		o.MaxBytes = low + uint64(n)
		return run(t, m, o).Bound != verdict.AtBytes
	})
	return low + uint64(n)
}

// never claims that cond is false in every state.
func never(name string, cond model.Value) *model.Monitor {
	return &model.Monitor{Name: name, Never: cond}
}

// noWarn is violated by the step in which a warning fires.
func noWarn() *model.Monitor {
	return &model.Monitor{Name: "no-warn", On: func(ev model.Event) []*model.Stmt {
		if ev.Kind != model.Warned {
			return nil
		}
		return model.Build((*model.Code).Fail)
	}}
}

// grid is a program of some CPUs that take n steps each without touching anything: (n+1)^cpus
// states, the farthest cpus*n steps away, every state at just one distance.
func grid(cpus, n int) *model.Program {
	p := model.New("grid")
	for i := range cpus {
		name := fmt.Sprintf("CPU%d", i)
		p.CPU(name).Run(p.Routine(name, func(r *model.Routine) {
			for range n {
				r.Pause("pause")
			}
		}))
	}
	return p
}

// A plainLayers is what a plain breadth-first search finds: for each distance the states, and how many
// transitions are enabled in them.
type plainLayers struct {
	states      []int
	transitions []int
}

func (l plainLayers) within(depth int) (states, transitions int) {
	for d := 0; d < len(l.states) && d <= depth; d++ {
		states += l.states[d]
		transitions += l.transitions[d]
	}
	return states, transitions
}

// farthest is the greatest distance of any state.
func (l plainLayers) farthest() int { return len(l.states) - 1 }

func layers(t *testing.T, m *machine.Machine) (l plainLayers) {
	t.Helper()
	init, _ := m.Initial()
	layer := [][]uint64{init}
	seen := map[string]bool{fmt.Sprint(init): true}
	for len(layer) > 0 {
		var next [][]uint64
		enabled := 0
		for _, s := range layer {
			for tr := range m.Transitions() {
				dst, fx := make([]uint64, m.Words()), machine.Effects{}
				if !m.Fire(s, tr, dst, &fx) {
					continue
				}
				if fx.Err != nil {
					t.Fatal(fx.Err)
				}
				enabled++
				if k := fmt.Sprint(dst); !seen[k] {
					seen[k] = true
					next = append(next, dst)
				}
			}
		}
		l.states = append(l.states, len(layer))
		l.transitions = append(l.transitions, enabled)
		layer = next
	}
	return l
}

// property is the named one of a result.
func property(t *testing.T, r *verdict.Result, name string) verdict.Property {
	t.Helper()
	for _, p := range r.Properties {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("the result has no property %s", name)
	return verdict.Property{}
}

// told is a trace in words: a line a step, with the CPU, the statement and what changed.
func told(tr *trace.Trace) string {
	var b strings.Builder
	for _, s := range tr.Steps {
		what := [...]string{"", "IPI", "NMI"}[s.Transition.Kind]
		if s.Stmt != nil {
			what = s.Stmt.Label
		}
		fmt.Fprintf(&b, "%s %s: %s", s.CPU.Name, s.Frame(), what)
		for _, c := range s.Changes {
			fmt.Fprintf(&b, " %s:%d->%d", c.Var.Name, c.Before, c.After)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// ids is the transitions of a trace.
func ids(m *machine.Machine, tr *trace.Trace) (path []uint16) {
	for _, s := range tr.Steps {
		for id := range m.Transitions() {
			if m.Transition(id) == s.Transition {
				path = append(path, uint16(id))
			}
		}
	}
	return path
}

// switches counts how often one CPU's step follows another's.
func switches(m *machine.Machine, path []uint16) (n int) {
	for i := 1; i < len(path); i++ {
		if m.Transition(int(path[i])).CPU != m.Transition(int(path[i-1])).CPU {
			n++
		}
	}
	return n
}

// lostUpdate is two CPUs that increment x by a load and a store, and the claim that none is lost.
func lostUpdate() (*model.Program, *model.Monitor) {
	p := model.New("lost update")
	x := p.Shared("x", model.UpTo(2), no)
	for i := range 2 {
		name := fmt.Sprintf("CPU%d", i)
		p.CPU(name).Run(p.Routine(name, func(r *model.Routine) {
			l := r.LocalOf("l", x)
			r.ReadOnce("l = READ_ONCE(x)", l, x)
			r.WriteOnce("WRITE_ONCE(x, l + 1)", x, l.Add(yes))
		}))
	}
	return p, &model.Monitor{Name: "both count", AtEnd: x.Eq(model.Int(2))}
}

// embrace is the deadly one: two CPUs take two locks in opposite orders.
func embrace(opposite bool) *model.Program {
	p := model.New("embrace")
	a, b := p.Shared("a", model.Bool, no), p.Shared("b", model.Bool, no)
	lock := func(r *model.Routine, v *model.Var) {
		l := r.LocalOf("VAL", v)
		r.Atomic("spin_lock(&"+v.Name+")", func() {
			r.CondLoadAcquire("!VAL", l, v, l.IsZero())
			r.WriteOnce(v.Name+" = 1", v, yes)
		})
	}
	for i, order := range [][2]*model.Var{{a, b}, {b, a}} {
		if !opposite {
			order = [2]*model.Var{a, b}
		}
		name := fmt.Sprintf("CPU%d", i)
		p.CPU(name).Run(p.Routine(name, func(r *model.Routine) {
			for _, v := range order {
				lock(r, v)
			}
			for _, v := range order {
				r.StoreRelease("spin_unlock(&"+v.Name+")", v, no)
			}
		}))
	}
	return p
}
