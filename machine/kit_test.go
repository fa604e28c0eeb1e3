package machine

import (
	"fmt"
	"runtime"
	"testing"

	"ctcheck/ir"
	"ctcheck/model"
)

// This file has what the tests share: a walker that drives a machine by hand, one transition at a
// time, and a plain enumeration of all states. Neither is the explorer: model knows no search.

func compile(t *testing.T, p *model.Program, ms ...*model.Monitor) *Machine {
	t.Helper()
	m, err := Compile(Options{}, p, ms...)
	if err != nil {
		t.Fatalf("Compile: %v", err)
	}
	return m
}

// A walker stands in one state of a machine.
type walker struct {
	t *testing.T
	m *Machine
	s []uint64
}

func walk(t *testing.T, p *model.Program, ms ...*model.Monitor) *walker {
	t.Helper()
	m := compile(t, p, ms...)
	s, fx := m.Initial()
	if fx.Err != nil {
		t.Fatalf("initial state: %v", fx.Err)
	}
	return &walker{t, m, append([]uint64(nil), s...)}
}

// try takes a transition if it is enabled.
func (w *walker) try(tr ir.Transition) (ir.Record, Effects, bool) {
	var rec ir.Record
	fx := Effects{Record: &rec}
	for i := range w.m.Transitions() {
		if w.m.Transition(i) != tr {
			continue
		}
		dst := make([]uint64, len(w.s))
		before := fmt.Sprint(w.s)
		ok := w.m.Fire(w.s, i, dst, &fx)
		if fmt.Sprint(w.s) != before {
			w.t.Fatalf("Fire of %v changed the state that it started from", tr)
		}
		if ok {
			w.s = dst
		}
		return rec, fx, ok
	}
	return rec, fx, false
}

// can reports whether a transition is enabled; the walker stays where it is.
func (w *walker) can(tr ir.Transition) bool {
	s := w.s
	defer func() { w.s = s }()
	_, _, ok := w.try(tr)
	return ok
}

func (w *walker) canStep(cpu int) bool { return w.can(ir.Transition{CPU: cpu}) }

func (w *walker) must(tr ir.Transition) ir.Record {
	w.t.Helper()
	rec, fx, ok := w.try(tr)
	if !ok {
		w.t.Fatalf("%v is not enabled; it must be", tr)
	}
	if fx.Err != nil {
		w.t.Fatalf("%v: %v", tr, fx.Err)
	}
	return rec
}

// step takes the next step of a CPU, n times or once.
func (w *walker) step(cpu int, n ...int) (rec ir.Record) {
	w.t.Helper()
	times := 1
	if len(n) > 0 {
		times = n[0]
	}
	for range times {
		rec = w.must(ir.Transition{CPU: cpu})
	}
	return rec
}

func (w *walker) ipi(cpu, index int) ir.Record {
	w.t.Helper()
	return w.must(ir.Transition{CPU: cpu, Kind: ir.PushIPI, Index: index})
}

func (w *walker) nmi(cpu int) ir.Record {
	w.t.Helper()
	return w.must(ir.Transition{CPU: cpu, Kind: ir.PushNMI, Index: 0})
}

// finish steps a CPU until it cannot, and says how many steps it took.
func (w *walker) finish(cpu int) int {
	w.t.Helper()
	for n := 0; ; n++ {
		if !w.canStep(cpu) {
			return n
		}
		if n > 1000 {
			w.t.Fatalf("CPU %d does not end", cpu)
		}
		w.step(cpu)
	}
}

// get is the value of a shared variable or ghost.
func (w *walker) get(name string) int64 {
	w.t.Helper()
	for _, b := range w.m.Globals(w.s) {
		if b.Var.Name == name {
			return b.Value
		}
	}
	w.t.Fatalf("no variable is called %s", name)
	return 0
}

func (w *walker) want(name string, value int64, why string) {
	w.t.Helper()
	if got := w.get(name); got != value {
		w.t.Errorf("%s = %d, want %d: %s", name, got, value, why)
	}
}

func (w *walker) stack(cpu int) string { return fmt.Sprint(w.m.Stack(w.s, cpu)) }

// reach is every reachable state of a machine, in the order in which they are found, and the
// number of enabled transitions.
func reach(t *testing.T, m *Machine) (states [][]uint64, transitions int) {
	t.Helper()
	init, fx := m.Initial()
	if fx.Err != nil {
		t.Fatal(fx.Err)
	}
	states = [][]uint64{append([]uint64(nil), init...)}
	seen := map[string]bool{fmt.Sprint(init): true}
	for i := 0; i < len(states); i++ {
		for tr := range m.Transitions() {
			dst := make([]uint64, m.Words())
			var fx Effects
			if !m.Fire(states[i], tr, dst, &fx) {
				continue
			}
			if fx.Err != nil {
				t.Fatal(fx.Err)
			}
			transitions++
			if k := fmt.Sprint(dst); !seen[k] {
				seen[k] = true
				states = append(states, dst)
			}
		}
	}
	return states, transitions
}

// solo is a program of one CPU with one routine.
func solo(build func(p *model.Program, r *model.Routine)) *model.Program {
	p := model.New("solo")
	c := p.CPU("CPU0")
	c.Run(p.Routine("main", func(r *model.Routine) { build(p, r) }))
	return p
}

// nextLine is the place of the line after the call, as file:line.
func nextLine() string {
	_, file, line, _ := runtime.Caller(1)
	return fmt.Sprintf("%s:%d", file, line+1)
}

// rows checks that every row of a table has a name of its own and a reason.
func rows[R any](t *testing.T, table []R, of func(R) (name, why string)) {
	t.Helper()
	seen := map[string]bool{}
	for _, r := range table {
		name, why := of(r)
		if name == "" || why == "" || seen[name] {
			t.Fatalf("row %q needs a name of its own and a reason", name)
		}
		seen[name] = true
	}
}
