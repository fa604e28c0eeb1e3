package explore_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"ctcheck/deferral"
	"ctcheck/explore"
	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/verdict"
)

// This file compares the search for fair runs with one too plain to be wrong, on random small
// programs: reachability between all pairs of states as a matrix, and every set of IPIs that a run may
// keep from being possible, one after the other.

// mostStates is the size of graph that the plain search can take.
const mostStates = 100

// A plainGraph is all that can happen, as lists.
type plainGraph struct {
	m      *machine.Machine
	states [][]uint64
	edges  [][]plainEdge
}

type plainEdge struct {
	t, to    int
	progress uint64
}

// newPlainGraph is the graph of the machine's states; nil if it has too many.
func newPlainGraph(m *machine.Machine) *plainGraph {
	g := &plainGraph{m: m}
	index := map[string]int{}
	add := func(s []uint64) int {
		key := string(fmt.Append(nil, s))
		if i, ok := index[key]; ok {
			return i
		}
		index[key] = len(g.states)
		g.states = append(g.states, append([]uint64(nil), s...))
		return len(g.states) - 1
	}
	s, _ := m.Initial()
	add(s)
	dst := make([]uint64, m.Words())
	for i := 0; i < len(g.states); i++ {
		var es []plainEdge
		for t := range m.Transitions() {
			var fx machine.Effects
			if m.Fire(g.states[i], t, dst, &fx) {
				es = append(es, plainEdge{t, add(dst), fx.Progress})
			}
		}
		g.edges = append(g.edges, es)
		if len(g.states) > mostStates {
			return nil
		}
	}
	return g
}

// enabled reports whether one of the transitions that match is possible in state i.
func (g *plainGraph) enabled(i int, match func(tr ir.Transition) bool) bool {
	for _, e := range g.edges[i] {
		if match(g.m.Transition(e.t)) {
			return true
		}
	}
	return false
}

// due reports whether nothing but stores that wait keeps an IPI from being delivered in state i.
func (g *plainGraph) due(i int, tr ir.Transition) bool {
	c := g.m.Snapshot(g.states[i]).CPUs[tr.CPU]
	line := g.m.Program.CPUs[tr.CPU].IPIs[tr.Index]
	for _, lv := range c.Levels {
		if len(lv.Calls) > 0 && lv.Calls[0].Routine == line.Handler {
			return false
		}
	}
	return slices.Contains(c.Pending, line) && !c.Levels[len(c.Levels)-1].IRQsOff
}

func ownStep(cpu int) func(tr ir.Transition) bool {
	return func(tr ir.Transition) bool {
		return tr.CPU == cpu && tr.Kind.Obliged() && tr.Kind != ir.Flush
	}
}

func ownFlush(cpu int) func(tr ir.Transition) bool {
	return func(tr ir.Transition) bool { return tr.CPU == cpu && tr.Kind == ir.Flush }
}

// breaks reports whether some fair run breaks the claim.
func (g *plainGraph) breaks(c machine.Live) bool {
	in := make([]bool, len(g.states))
	for i, s := range g.states {
		in[i] = g.m.Stays(c, s)
	}
	if c.Kind == ir.LiveEventually {
		g.keepReached(in)
	}
	for i := range in {
		if in[i] && !g.enabled(i, func(tr ir.Transition) bool { return tr.Kind.Obliged() }) {
			return true
		}
	}
	var lines []int
	for t := range g.m.Transitions() {
		if g.m.Transition(t).Kind == ir.PushIPI {
			lines = append(lines, t)
		}
	}
	for avoided := range 1 << len(lines) {
		part := append([]bool(nil), in...)
		for i := range part {
			for k, t := range lines {
				tr := g.m.Transition(t)
				if avoided>>k&1 != 0 && g.due(i, tr) {
					part[i] = false
				}
			}
		}
		if g.fairPart(c, part, lines, avoided) {
			return true
		}
	}
	return false
}

// keepReached leaves in only what is reached from the initial state through it.
func (g *plainGraph) keepReached(in []bool) {
	reached := make([]bool, len(in))
	reached[0] = in[0]
	for again := true; again; {
		again = false
		for i := range in {
			for _, e := range g.edges[i] {
				if reached[i] && in[e.to] && !reached[e.to] {
					reached[e.to], again = true, true
				}
			}
		}
	}
	copy(in, reached)
}

// fairPart reports whether a component of this part of the graph is weakly fair and delivers every
// IPI that it does not avoid and that is possible in it.
func (g *plainGraph) fairPart(c machine.Live, in []bool, lines []int, avoided int) bool {
	n := len(in)
	path := make([][]bool, n) // by one step or more
	for i := range path {
		path[i] = make([]bool, n)
		for _, e := range g.edges[i] {
			if in[i] && in[e.to] && !(c.Kind == ir.LiveProgress && e.progress>>c.Property&1 != 0) {
				path[i][e.to] = true
			}
		}
	}
	for k := range n {
		for i := range n {
			if path[i][k] {
				for j := range n {
					path[i][j] = path[i][j] || path[k][j]
				}
			}
		}
	}
	for root := range n {
		if !path[root][root] {
			continue
		}
		same := func(i int) bool { return path[root][i] && path[i][root] }
		if g.fairComponent(c, same, lines, avoided) {
			return true
		}
	}
	return false
}

func (g *plainGraph) fairComponent(c machine.Live, same func(i int) bool, lines []int, avoided int) bool {
	moves := func(match func(tr ir.Transition) bool) bool {
		for i := range g.states {
			for _, e := range g.edges[i] {
				if same(i) && same(e.to) && match(g.m.Transition(e.t)) &&
					!(c.Kind == ir.LiveProgress && e.progress>>c.Property&1 != 0) {
					return true
				}
			}
		}
		return false
	}
	for cpu := range g.m.Program.CPUs {
		for _, own := range []func(tr ir.Transition) bool{ownStep(cpu), ownFlush(cpu)} {
			idle := false
			for i := range g.states {
				idle = idle || same(i) && !g.enabled(i, own)
			}
			if !idle && !moves(own) {
				return false
			}
		}
	}
	for k, t := range lines {
		this := func(tr ir.Transition) bool { return tr == g.m.Transition(t) }
		possible := false
		for i := range g.states {
			possible = possible || same(i) && g.due(i, g.m.Transition(t))
		}
		if possible && (avoided>>k&1 != 0 || !moves(this)) {
			return false
		}
	}
	return true
}

// A dice builds a random program. Its values cannot leave their ranges.
type dice struct {
	*rand.Rand
	p    *model.Program
	vars []*model.Var
	ipis []*model.IPI
}

func randomProgram(r *rand.Rand) (*model.Program, []*model.Monitor) {
	d := &dice{Rand: r, p: model.New("random")}
	for i := range 1 + d.IntN(2) {
		r := model.UpTo(int64(1 + d.IntN(2))).Mod()
		d.vars = append(d.vars, d.p.Shared(fmt.Sprint("v", i), r, model.Int(0)))
	}
	var cpus []*model.CPU
	for i := range 2 + d.IntN(2) {
		cpus = append(cpus, d.p.CPU(fmt.Sprint("cpu", i)))
	}
	for i := range d.IntN(4) {
		h := d.p.Routine(fmt.Sprint("handler", i), d.handler)
		d.ipis = append(d.ipis, cpus[d.IntN(len(cpus))].IPI(fmt.Sprint("ipi", i), h))
	}
	if d.IntN(6) == 0 {
		cpus[0].OnIRQ("device", d.p.Routine("handler of the device", d.handler), 1)
	}
	if d.IntN(4) == 0 {
		cpus[0].OnNMI(d.p.Routine("nmi", d.handler), 1, 1)
	}
	for _, c := range cpus {
		c.Run(d.p.Routine(c.Name+" task", func(r *model.Routine) { d.task(r) }))
	}
	return d.p, []*model.Monitor{
		progress(deferral.Published),
		{Name: "leaves", NotForever: []model.Value{d.cond(), d.cond()}},
		props.InfinitelyOften("recurs", d.cond()),
		props.Eventually("happens", d.cond()),
	}
}

func (d *dice) handler(r *model.Routine) {
	if d.IntN(4) == 0 && r.Name != "nmi" {
		r.LocalIRQEnable()
	}
	d.block(r, r.Local("x", model.UpTo(2)), 1, 2)
}

// task is a short prologue, then often a loop without end, with or without a stretch of interrupts off.
func (d *dice) task(r *model.Routine) {
	x := r.Local("x", model.UpTo(2))
	for range d.IntN(2) {
		d.block(r, x, 0, 1)
	}
	if d.IntN(3) == 0 {
		d.block(r, x, 1, 2)
		return
	}
	r.Forever(func() {
		off := func() { r.Frame(model.Exit, func() { d.block(r, x, 1, 1) }) }
		on := func() { r.Frame(model.Body, func() { d.block(r, x, 1, 2) }) }
		switch d.IntN(3) {
		case 0:
			off()
		case 1:
			off()
			on()
		case 2:
			r.Frame(model.Exit, func() {
				first := func(f func()) func() { return func() { r.Pause("turn"); f() } }
				r.Choose(r.When(model.True, first(off)), r.When(model.True, first(on)))
			})
		}
		if d.IntN(4) == 0 {
			r.If(x.Eq(model.Int(1)), r.Break)
		}
	})
}

func (d *dice) variable() *model.Var { return d.vars[d.IntN(len(d.vars))] }

func (d *dice) cond() model.Value { return d.variable().Eq(model.Int(d.IntN(3))) }

// block appends n statements, each of which begins with a step.
func (d *dice) block(r *model.Routine, x *model.Var, nest, n int) {
	for range n {
		v := d.variable()
		switch k := d.IntN(10); {
		case k == 0:
			r.Pause("pause")
		case k == 1:
			r.WriteOnce("v = 0", v, model.Int(d.IntN(2)))
		case k == 2:
			r.AtomicAdd("v++", v, model.Int(1))
		case k == 3:
			r.ReadOnce("x = v", x, v)
			if nest > 0 {
				r.While(x.Eq(model.Int(d.IntN(2))), func() { r.ReadOnce("x = v", x, v) })
			}
		case k == 4:
			r.CondLoadAcquire("x = v == k", x, v, x.Eq(model.Int(d.IntN(2))))
		case k == 5 && nest > 0:
			r.Choose(
				r.When(x.Eq(model.Int(0)), func() { d.block(r, x, 0, 1) }),
				r.When(model.True, func() { d.block(r, x, 0, 1) }))
		case k == 6:
			r.Await("await", d.p.CPUs[d.IntN(len(d.p.CPUs))].Interrupted().IsZero())
		case k == 7 && nest == 0 && d.IntN(2) == 0:
			r.LocalIRQDisable()
		case k == 8 && nest == 0 && d.IntN(2) == 0:
			r.LocalIRQRestore(x)
		case k == 9 && len(d.ipis) > 0 && d.IntN(2) == 0:
			r.RaiseIPI("raise", d.ipis[d.IntN(len(d.ipis))])
		case k >= 7 && len(d.ipis) > 0:
			r.SendIPI("send", d.ipis[d.IntN(len(d.ipis))])
		default:
			r.AtomicAdd("v++", v, model.Int(1))
			r.Event(deferral.Published)
		}
		if d.IntN(3) == 0 {
			r.Event(deferral.Published)
		}
	}
}

// compareLive checks one program, and reports how many claims were broken by lassos, by runs that
// stop, and not at all.
func compareLive(t *testing.T, mm model.MemoryModel, seed uint64) (loops, stops, holds int) {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	p, ms := randomProgram(rand.New(rand.NewChaCha8(key)))
	m, err := machine.Compile(machine.Options{Memory: mm, BufferSizes: []int{2, 2, 2}}, p, ms...)
	if err != nil {
		t.Fatal(err)
	}
	g := newPlainGraph(m)
	if g == nil {
		return 0, 0, 0
	}
	alike := "" // what all breadth-first searches come to
	want := map[string]bool{}
	for _, c := range m.Live() {
		name := m.Properties[c.Property]
		want[name] = want[name] || g.breaks(c)
	}
	for _, o := range []explore.Options{{}, {Search: bfs}, {Search: bfs, Workers: 2}, {Search: bfs, Workers: 3}} {
		r, err := explore.RunMachine(context.Background(), m, o)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if r.Bound == verdict.AtBuffer {
			return 0, 0, 0
		}
		if int(r.States) != len(g.states) || !r.Complete {
			t.Fatalf("seed %d: %d states, want %d", seed, r.States, len(g.states))
		}
		if o.Workers == 0 {
			alike = outcome(r)
		} else if got := outcome(r); got != alike {
			t.Errorf("seed %d: %d workers\n%sone\n%s", seed, o.Workers, got, alike)
		}
		for _, pr := range r.Properties[:len(ms)] {
			if pr.Violated != want[pr.Name] {
				t.Errorf("seed %d: %s violated %t, want %t", seed, pr.Name, pr.Violated, want[pr.Name])
			}
			switch {
			case !pr.Violated:
				holds++
			case pr.Trace.Loop >= 0:
				loops++
			default:
				stops++
			}
		}
	}
	if seed%8 == 0 {
		cutInFairRuns(t, m, fmt.Sprint("seed ", seed), alike)
	}
	return loops, stops, holds
}

func TestWholeRunsOfRandomPrograms(t *testing.T) {
	for _, mm := range memories {
		loops, stops, holds := 0, 0, 0
		n := some(800 - 150*int(mm))
		for seed := range n {
			a, b, c := compareLive(t, mm, seed)
			loops, stops, holds = loops+a, stops+b, holds+c
		}
		told := fmt.Sprintf("%v: %d lassos, %d runs that stop, %d claims that hold", mm, loops, stops, holds)
		// Or the comparison would compare nothing.
		if min(loops, stops, holds) < int(n)/5 {
			t.Errorf("%s: too few of one", told)
		}
		t.Log(told)
	}
}

func FuzzWholeRuns(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		for _, mm := range memories {
			compareLive(t, mm, seed)
		}
	})
}
