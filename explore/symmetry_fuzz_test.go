package explore_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"ctcheck/deferral"
	"ctcheck/explore"
	"ctcheck/internal/plain"
	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/verdict"
)

// This file holds searches that are reduced by symmetry against the plain explorer, on random programs
// whose CPUs are alike, or nearly, under all memory models.

// A twinner builds programs of a target and of setters that run the same code with the same
// arguments, each with a ghost and an IPI of its own. A spoiler, in some, makes one of them differ.
type twinner struct {
	data    []byte
	p       *model.Program
	d       *deferral.Deferral
	work    *model.Var
	count   *model.Var
	setters []*model.CPU
	own     []*model.Var // of each setter
	target  *model.CPU
	spoiled int // the setter that is different, or -1
	spoils  int // how
}

func (g *twinner) roll(n int) int {
	if len(g.data) == 0 {
		return 0
	}
	k := int(g.data[0]) % n
	g.data = g.data[1:]
	return k
}

// twins is a random program with CPUs that run the same code. It is long because it lists what may be in that code.
func twins(data []byte) (*model.Program, []*model.Monitor) {
	g := &twinner{data: data, p: model.New("twins"), spoiled: -1}
	g.work = g.p.Shared("work", model.Bits(2), model.Int(0))
	g.count = g.p.Shared("count", model.UpTo(2).Mod(), model.Int(0))
	n := 2 + g.roll(2)
	if g.roll(3) == 0 {
		g.spoiled, g.spoils = g.roll(n), g.roll(6)
	}
	for i := range n {
		g.setters = append(g.setters, g.p.CPU(fmt.Sprint("setter ", i)))
		g.own = append(g.own, model.NewGhost(fmt.Sprint("state ", i), model.UpTo(3), model.Int(0)))
	}
	g.target = g.p.CPU("target")
	g.d = deferral.New(g.p, 2)
	g.d.Target = g.target
	script := make([]int, 2+g.roll(3))
	for i := range script {
		script[i] = g.roll(1 << 8)
	}
	handler, early := []int{g.roll(1 << 8)}, script[0]>>5 == 7
	nests := g.roll(4) == 0
	for i, c := range g.setters {
		h := g.p.Routine("handler", func(r *model.Routine) {
			l := r.LocalOf("l", g.work)
			if nests {
				r.LocalIRQEnable()
			}
			g.code(r, l, nil, handler)
			g.d.RunWork(r, "run", model.Int(i%2&g.roll(2)), deferral.ByIPI)
		})
		ipi := g.target.IPI(fmt.Sprint("ipi ", i), h)
		q := g.d.Request(c, 0, ipi)
		c.Run(g.p.Routine("set", func(r *model.Routine) {
			l := r.LocalOf("l", g.work)
			q.Start(r)
			if early { // so that the ends go to each other, whatever the rest of the code
				r.AtomicRead("early", l, g.work)
				r.If(l.Eq(model.Int(3)), func() { r.Return(nil) })
				r.WriteOnce("store", g.count, model.Int(1))
				r.WhenVisible(func() { r.Event(deferral.Published) })
			}
			if g.spoiled == i && g.spoils == 0 {
				r.Pause("spoilt")
			}
			mine := slices.Clone(script)
			if g.spoiled == i && g.spoils == 1 {
				mine[0] += 8
			}
			if g.spoiled == i && g.spoils == 5 {
				mine[0] ^= plainly
			}
			g.code(r, l, ipi, mine)
			q.Answer(r, l.Has(model.Int(1)))
		}))
	}
	own := []int{g.roll(1 << 8), g.roll(1 << 8)}
	loop := g.roll(3) == 0
	g.target.Run(g.p.Routine("target", func(r *model.Routine) {
		l := r.LocalOf("l", g.work)
		body := func() { g.code(r, l, nil, own) }
		if loop {
			r.Forever(body)
			return
		}
		body()
		var done []model.Value
		for _, c := range g.setters {
			done = append(done, c.Done())
		}
		r.Await("all done", model.All(done...))
	}))
	if g.roll(6) == 0 {
		g.target.OnIRQ("device", g.p.Routine("device", func(r *model.Routine) {
			g.code(r, r.LocalOf("l", g.work), nil, own[1:])
		}), 1)
	}
	if g.roll(3) == 0 {
		g.target.OnNMI(g.p.Routine("nmi", func(r *model.Routine) {
			g.code(r, r.LocalOf("l", g.work), nil, own[:1])
		}), 1, 1)
	}
	if g.spoiled >= 0 && g.spoils == 2 {
		g.p.ReachedState("the spoilt one ends first", g.setters[g.spoiled].Done().And(
			g.setters[(g.spoiled+1)%n].Done().IsZero()))
	}
	return g.p, g.monitors()
}

// plainly, in a script, makes an access a plain one.
const plainly = 1 << 5

// code is the statements of a script, the same for whoever runs it.
func (g *twinner) code(r *model.Routine, l *model.Var, ipi *model.IPI, script []int) {
	for _, b := range script {
		k := model.Int(b >> 3 & 3)
		switch b & 7 {
		case 0:
			r.AtomicFetchOr("fetch_or", l, g.work, k)
		case 1:
			off := b&plainly != 0 && ipi != nil
			if off {
				r.LocalIRQDisable()
			}
			r.TryCmpxchg("try_cmpxchg", nil, g.work, l, k)
			if off {
				r.LocalIRQEnable()
			}
		case 2:
			if b>>5&1 > 0 {
				r.WriteOnce("store", g.work, k)
				r.AtomicRead("read", l, g.work)
				continue
			}
			r.Xchg("xchg", l, g.work, k)
		case 3:
			if b&plainly != 0 {
				r.WritePlain("plain", g.count, k)
				break
			}
			if b>>5 > 1 {
				r.WriteOncePart("store part", g.work, 1+k&1, k)
				if b>>5 > 4 {
					r.WhenVisible(func() { r.Event(deferral.Published) })
				}
				r.ReadOnce("read", nil, g.count)
				continue
			}
			r.AtomicAdd("add", g.count, k)
		case 4:
			r.If(l.Has(k), func() { r.AtomicAndnot("andnot", g.work, k) })
		case 5:
			r.WarnOnOnce("warn", l.Eq(k))
			if b&plainly != 0 {
				r.ReadPlain("plain", l, g.work)
				break
			}
			r.AtomicRead("read", l, g.work)
		case 6:
			r.CondLoadAcquire("wait", l, g.work, l.Has(k|1))
		case 7:
			switch {
			case ipi != nil && b&plainly != 0:
				r.RaiseIPI("raise", ipi)
			case ipi != nil:
				r.SendIPI("send", ipi)
			default:
				g.d.RunWork(r, "run", k&1, deferral.ByFlush)
			}
		}
	}
}

// monitors is a ledger over all requests, kept by every CPU's steps, and claims that may fail.
func (g *twinner) monitors() []*model.Monitor {
	limit, most, ask, chain := g.roll(4), 1+g.roll(3), g.roll(3), g.roll(4) == 3
	m := &model.Monitor{Name: "ledger", Ghosts: g.own}
	m.On = func(ev model.Event) []*model.Stmt {
		return model.Build(func(c *model.Code) {
			q := deferral.RequestOf(ev)
			switch ev.Kind {
			case deferral.Started:
				c.Set(g.own[q.Index], model.Int(1))
			case deferral.Answered:
				c.Set(g.own[q.Index], model.Of(argument{ev.Arg}).And(model.Int(1)).Add(model.Int(1)))
			case deferral.Ran:
				for i, v := range g.own {
					served := model.Int(3)
					if i == g.spoiled && g.spoils == 3 {
						served = 2
					}
					if chain { // what is done to one depends on what was done to the one before
						c.If(g.own[(i+1)%len(g.own)].Eq(model.Int(1)), func() { c.Set(v, served) })
						continue
					}
					c.If(v.Eq(model.Int(2)), func() { c.Set(v, served) },
						func() { c.If(v.Eq(model.Int(limit)), c.Fail) })
				}
			}
		})
	}
	var at []model.Value
	for i, v := range g.own {
		if i == g.spoiled && g.spoils == 4 {
			continue
		}
		at = append(at, v.Eq(model.Int(most)))
	}
	warn := &model.Monitor{Name: "no-warn", On: func(ev model.Event) []*model.Stmt {
		if ev.Kind != model.Warned {
			return nil
		}
		return model.Build((*model.Code).Fail)
	}}
	ms := []*model.Monitor{m, warn,
		{Name: "never all", Never: model.All(at...), Uses: []*model.Monitor{m}},
		{Name: "at end", AtEnd: model.Any(at...), Uses: []*model.Monitor{m}}}
	whole := &model.Monitor{Name: "whole runs", Uses: []*model.Monitor{m}}
	switch ask {
	case 1:
		whole.NotForever = at
	case 2:
		whole.Progress = func(ev model.Event) bool {
			return ev.Kind == deferral.Ran || ev.Kind == deferral.Answered
		}
	}
	if g.roll(2) == 0 {
		ms = append(ms, &model.Monitor{Name: "no-data-race", NoDataRace: true})
	}
	return append(ms, whole)
}

type argument struct{ n *model.Node }

func (e argument) Node() *model.Node { return e.n }

var reducedModes = []explore.Options{
	{Reduce: explore.Symmetry},
	{Reduce: explore.Symmetry, Search: explore.BreadthFirst},
	{Reduce: explore.Symmetry, Search: explore.BreadthFirst, Workers: 2},
	{Reduce: explore.Symmetry, Search: explore.BreadthFirst, Workers: 2, Checkpoint: "cut"},
}

// A tally counts what the programs of a test had.
type tally struct{ reduced, spoilt, dropped, violated, held, lassos, races, waits int }

// reducedDisagreement compares reduced searches with the plain explorer, and with the unreduced search
// where that knows more: claims on whole runs, and the traces. It is empty where all agree.
func reducedDisagreement(mm model.MemoryModel, data []byte, n *tally) string {
	p, ms := twins(data)
	want := plain.Explore(mm, p, ms, maxPlain/2/(1+int(mm)))
	if want.Truncated || want.Err != nil {
		return ""
	}
	full, err := explore.Run(context.Background(), p, ms, explore.Options{Memory: mm, Search: explore.BreadthFirst})
	if err != nil {
		return fmt.Sprintf("unreduced: %v", err)
	}
	mem := memoryOf(full)
	m, err := machine.Compile(mem, p, ms...)
	if err != nil {
		return fmt.Sprintf("Compile: %v", err)
	}
	for _, o := range reducedModes {
		if skipped(o, data) {
			continue
		}
		r, err := runMode(mm, &mem, p, ms, o)
		if err != nil {
			return fmt.Sprintf("%+v: %v", o, err)
		}
		if !slices.Equal(r.Search.BufferSizes, full.Search.BufferSizes) {
			return fmt.Sprintf("%+v: room for %v, unreduced %v", o, r.Search.BufferSizes, full.Search.BufferSizes)
		}
		if d := differ(full, r, want); d != "" {
			return fmt.Sprintf("%+v: %s", o, d)
		}
		if len(r.Search.Reduced) != 1 {
			return fmt.Sprintf("%+v: %d reductions", o, len(r.Search.Reduced))
		}
		red := r.Search.Reduced[0]
		states := r.States
		if red.Off == "" {
			states = red.StandFor
			n.reduced++
		} else if len(m.Symmetry().Classes()) > 0 {
			n.dropped++
		} else {
			n.spoilt++
		}
		if states != uint64(want.States) {
			return fmt.Sprintf("%+v: %d states stand for %d, plain %d", o, r.States, states, want.States)
		}
	}
	if full.Verdict == verdict.Violated {
		n.violated++
	} else {
		n.held++
	}
	if cs := m.Symmetry().Classes(); len(cs) > 0 && flushes(m, cs[0][0]) {
		n.waits++
	}
	for _, pr := range full.Properties {
		if pr.Violated && pr.Trace.Loop >= 0 {
			n.lassos++
		}
		if pr.Violated && pr.Trace.Race != nil {
			n.races++
		}
	}
	return orbits(m)
}

// flushes reports whether stores of a CPU may wait.
func flushes(m *machine.Machine, c *model.CPU) bool {
	for t := range m.Transitions() {
		if tr := m.Transition(t); tr.CPU == c.Index && tr.Kind == ir.Flush {
			return true
		}
	}
	return false
}

// differ compares verdicts and traces.
func differ(full, r *verdict.Result, want plain.Result) string {
	if r.Verdict != full.Verdict || !r.Complete {
		return fmt.Sprintf("%v, complete %t; unreduced %v", r.Verdict, r.Complete, full.Verdict)
	}
	for i, pr := range r.Properties {
		f := full.Properties[i]
		safety := want.Violated[pr.Name] || pr.Name == model.NoDeadlock && want.Deadlock
		if pr.Violated != f.Violated || safety && !pr.Violated {
			return fmt.Sprintf("%s violated: %t; unreduced %t, plain %t", pr.Name, pr.Violated, f.Violated, safety)
		}
		if pr.Violated && !pr.Trace.SameRun(f.Trace) {
			return fmt.Sprintf("%s: another trace", pr.Name)
		}
		if safety && len(pr.Trace.Steps) != want.MinDepth[pr.Name] {
			return fmt.Sprintf("%s in %d steps, plain %d", pr.Name, len(pr.Trace.Steps), want.MinDepth[pr.Name])
		}
	}
	for i, c := range r.Claims {
		if c.Reached != want.Reached[c.Name] || c.Reached != full.Claims[i].Reached {
			return fmt.Sprintf("%s reached: %t, plain: %t", c.Name, c.Reached, want.Reached[c.Name])
		}
	}
	return ""
}

// orbits checks, over all states, that canonical forms are what they are meant to be: as many states
// have the same one as it says, and a state and its canonical form have the same steps, up to
// canonical form, and are judged alike.
func orbits(m *machine.Machine) string {
	y := m.Symmetry()
	if len(y.Classes()) == 0 {
		return ""
	}
	canon := func(s []uint64) []uint64 {
		s = slices.Clone(s)
		y.Canon(s)
		return s
	}
	moves := func(s []uint64) (steps []string, next [][]uint64) {
		for t := range m.Transitions() {
			dst, fx := make([]uint64, m.Words()), machine.Effects{}
			if m.Fire(s, t, dst, &fx) {
				kind := m.Transition(t).Kind
				steps = append(steps, fmt.Sprint(kind, fx.Failed, fx.Reached, fx.Progress, canon(dst)))
				next = append(next, dst)
			}
		}
		slices.Sort(steps)
		return append(steps, fmt.Sprint(m.Violated(s), m.Reached(s), m.Ended(s))), next
	}
	first, _ := m.Initial()
	seen, size, says := map[string]bool{fmt.Sprint(first): true}, map[string]uint64{}, map[string]uint64{}
	for queue := [][]uint64{slices.Clone(first)}; len(queue) > 0; queue = queue[1:] {
		s := queue[0]
		c := canon(s)
		k := fmt.Sprint(c)
		size[k]++
		says[k] = y.Orbit(c)
		if !slices.Equal(canon(c), c) || y.Orbit(s) != says[k] {
			return fmt.Sprintf("the canonical form of %x is not canonical", s)
		}
		steps, next := moves(s)
		if other, _ := moves(c); !slices.Equal(steps, other) {
			return fmt.Sprintf("state %x and its canonical form %x differ: %v, %v", s, c, steps, other)
		}
		for _, d := range next {
			if k := fmt.Sprint(d); !seen[k] {
				seen[k] = true
				queue = append(queue, d)
			}
		}
	}
	for k, n := range size {
		if says[k] != n {
			return fmt.Sprintf("%d states have the canonical form %s, which says %d", n, k, says[k])
		}
	}
	return ""
}

func TestReducedAgrees(t *testing.T) {
	for _, mm := range memories {
		var n tally
		for seed := range some(fewer(mm, 120-40*(int(mm)%2))) {
			if d := reducedDisagreement(mm, seedBytes(seed), &n); d != "" {
				t.Errorf("%v: seed %d: %s", mm, seed, d)
			}
		}
		t.Logf("%v: %+v", mm, n)
		if testing.Short() || mm == model.TSOLazy {
			continue
		}
		if min(n.reduced, n.spoilt, n.dropped, n.violated, n.held, n.lassos, n.races) < 2 ||
			mm.HasBuffers() && n.waits < 10 {
			t.Errorf("%v: %+v: the programs are too much alike", mm, n)
		}
	}
}

func FuzzReducedAgrees(f *testing.F) {
	for seed := range uint64(4) {
		f.Add(seedBytes(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, mm := range memories {
			if d := reducedDisagreement(mm, slices.Clone(data), &tally{}); d != "" {
				t.Errorf("%v: %s", mm, d)
			}
		}
	})
}

// Programs that mean nothing have few interchangeable CPUs, and their properties tell those apart; where
// they have some, it is true of all their states.
func TestSymmetryOfRandomPrograms(t *testing.T) {
	classes := 0
	for seed := range uint64(3000) {
		p, _ := plain.Random(seedBytes(seed))
		p.Claims = nil
		m, err := machine.Compile(machine.Options{}, p)
		if err != nil || len(m.Symmetry().Classes()) == 0 {
			continue
		}
		if want := plain.Explore(model.SC, p, nil, 500); want.Truncated || want.Err != nil {
			continue
		}
		classes++
		if d := orbits(m); d != "" {
			t.Errorf("seed %d: %s", seed, d)
		}
	}
	if classes < 10 {
		t.Errorf("only %d programs have interchangeable CPUs", classes)
	}
}
