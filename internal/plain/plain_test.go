package plain

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"ctcheck/deferral"
	"ctcheck/machine"
	"ctcheck/model"
)

// maxStates bounds the random programs; of the few that are larger nothing is compared.
const maxStates = 4000

// byMachine is the whole search again over a compiled program, as naive as it can be, and the CPUs whose
// store buffers were too small. It is one long loop, so that it can be read at a sight.
func byMachine(m *machine.Machine, maxStates int) (res Result, full uint64) {
	res = Result{Violated: map[string]bool{}, Reached: map[string]bool{}, MinDepth: map[string]int{},
		Finals: map[string]bool{}}
	violate := func(name string, depth int) {
		if _, known := res.MinDepth[name]; !known {
			res.MinDepth[name] = depth
		}
	}
	record := func(failed, reached uint64, depth int) {
		for i, name := range m.Properties {
			if failed>>i&1 != 0 {
				res.Violated[name] = true
				violate(name, depth)
			}
		}
		for i, claim := range m.Program.Claims {
			if reached>>i&1 != 0 {
				res.Reached[claim.Name] = true
			}
		}
	}
	final := func(s []uint64) {
		if !m.Ended(s) {
			return
		}
		var values []byte
		for _, b := range m.Globals(s) {
			values = fmt.Append(values, b.Value, " ")
		}
		res.Finals[string(values)] = true
	}
	s, fx := m.Initial()
	final(s)
	record(fx.Failed|m.Violated(s), fx.Reached|m.Reached(s), 0)
	if res.Err = fx.Err; res.Err != nil {
		return res, 0
	}
	depth := map[string]int{fmt.Sprint(s): 0}
	dst := make([]uint64, m.Words())
	for queue := [][]uint64{s}; len(queue) > 0; queue = queue[1:] {
		src, enabled := queue[0], false
		at := depth[fmt.Sprint(src)]
		for t := range m.Transitions() {
			fx.Failed, fx.Reached = ^fx.Failed, ^fx.Reached // Fire must overwrite these
			if !m.Fire(src, t, dst, &fx) {
				full |= fx.Full
				continue
			}
			if res.Err = fx.Err; res.Err != nil {
				return res, full
			}
			enabled = enabled || m.Transition(t).Kind.Obliged()
			res.Transitions++
			record(fx.Failed, fx.Reached, at+1)
			if _, seen := depth[fmt.Sprint(dst)]; !seen {
				if res.Truncated = len(depth) >= maxStates; res.Truncated {
					return res, full
				}
				depth[fmt.Sprint(dst)] = at + 1
				final(dst)
				record(m.Violated(dst), m.Reached(dst), at+1)
				queue = append(queue, append([]uint64(nil), dst...))
			}
		}
		if !enabled && !m.Ended(src) {
			res.Deadlock = true
			violate(NoDeadlock, at)
		}
		res.States = len(depth)
	}
	return res, full
}

// byMachines is byMachine with store buffers that are large enough. It does not find how large where the
// first answer is an error, or too many states.
func byMachines(mm model.MemoryModel, p *model.Program, ms []*model.Monitor, maxStates int) (Result, error) {
	mem := machine.Options{Memory: mm, BufferSizes: make([]int, len(p.CPUs))}
	for n := range mem.BufferSizes {
		mem.BufferSizes[n] = 1
	}
	for {
		m, err := machine.Compile(mem, p, ms...)
		if err != nil {
			return Result{}, fmt.Errorf("the program does not compile: %w", err)
		}
		res, full := byMachine(m, maxStates)
		if full == 0 || res.Err != nil || res.Truncated {
			return res, nil
		}
		for i := range mem.BufferSizes {
			mem.BufferSizes[i] <<= full >> i & 1
		}
	}
}

// compare reports how the two explorers differ under a memory model on the program that data stands for.
func compare(mm model.MemoryModel, data []byte) (plain Result, err error) {
	p, monitors := Random(data)
	plain = Explore(mm, p, monitors, maxStates)
	if plain.Truncated && mm.HasBuffers() {
		return plain, nil // the machine may need very large buffers
	}
	fast, err := byMachines(mm, p, monitors, maxStates)
	switch {
	case err != nil:
		return plain, err
	case plain.Truncated && fast.Truncated, plain.Err != nil && (fast.Err != nil || fast.Truncated):
	case (plain.Err != nil) != (fast.Err != nil) || !reflect.DeepEqual(plain, fast):
		return plain, fmt.Errorf("%v: plain: %+v\nmachine: %+v", mm, plain, fast)
	}
	return plain, nil
}

// A paper is a program whose states were counted by hand.
type paper struct {
	name, why           string
	build               func(p *model.Program) []*model.Monitor
	states, transitions int
	depths              map[string]int // MinDepth
	memory              model.MemoryModel
}

var papers = []paper{
	{
		name: "two stores", why: `done or not, for two CPUs: 4 places; the last store stays, so
			the place where both are done is two states. Each store starts from 2 states.`,
		build: func(p *model.Program) []*model.Monitor {
			x := p.Shared("x", model.UpTo(2), model.Int(0))
			for i := range 2 {
				add(p, func(r *model.Routine) { r.WriteOnce("x = i", x, model.Int(i+1)) })
			}
			return nil
		},
		states: 5, transitions: 4,
	},
	{
		name: "equal stores", why: "as above, but both store 1, so the two ends are one state",
		build: func(p *model.Program) []*model.Monitor {
			x := p.Shared("x", model.Bool, model.Int(0))
			for range 2 {
				add(p, func(r *model.Routine) { r.WriteOnce("x = 1", x, model.Int(1)) })
			}
			never := &model.Monitor{Name: "never x", Never: x}
			zero := &model.Monitor{Name: "x is 0 at the end", AtEnd: x.IsZero()}
			return []*model.Monitor{never, zero}
		},
		states: 4, transitions: 4,
		depths: map[string]int{"never x": 1, "x is 0 at the end": 2},
	},
	{
		name: "dead local", why: `with x = 0 the reader is before, between (l = 0) and behind its two
			loads, with x = 1 it may also be between with l = 1: 3 + 4. The store is possible in 3
			states, a load in 2 + 3. Were l kept to the end, there would be an eighth state.`,
		build: func(p *model.Program) []*model.Monitor {
			x := p.Shared("x", model.Bool, model.Int(0))
			add(p, func(r *model.Routine) { r.WriteOnce("x = 1", x, model.Int(1)) })
			add(p, func(r *model.Routine) {
				l := r.Local("l", model.Bool)
				r.ReadOnce("l = x", l, x)
				r.ReadOnce("l = x", l, x)
			})
			return nil
		},
		states: 7, transitions: 8,
	},
	{
		name: "try_cmpxchg", why: `two CPUs increment x. Nobody has (x = 0): each is before its load or
			holds 0, 4 states with 2 transitions each. One has, either of two (x = 1): the other is
			before its load, holds 0 or holds 1, 2 * 3 states with 1 transition each. Both have: 1.`,
		build: func(p *model.Program) []*model.Monitor {
			x := p.Shared("x", model.UpTo(2), model.Int(0))
			for range 2 {
				add(p, func(r *model.Routine) {
					old, ok := r.Local("old", model.UpTo(2)), r.Local("ok", model.Bool)
					r.ReadOnce("old = x", old, x)
					r.DoWhile(func() {
						r.TryCmpxchg("ok = try_cmpxchg(x, old, old + 1)", ok, x, old, old.Add(model.Int(1)))
					}, ok.IsZero())
				})
			}
			return []*model.Monitor{{Name: "never 2", Never: x.Eq(model.Int(2))}}
		},
		states: 11, transitions: 14,
		depths: map[string]int{"never 2": 4},
	},
	{
		name: "IPI", why: `before the send the other CPU is at its step or behind it: 2 states. After
			it the IPI is pending, in its handler, or over, for both places: 6. Transitions: the send
			2, the push 2, the handler's step 2, the own step 3, as it waits for the handler.`,
		build: func(p *model.Program) []*model.Monitor {
			return ipi(p, func(r *model.Routine) { r.Pause("own") })
		},
		states: 8, transitions: 9,
		depths: map[string]int{"no handler": 2},
	},
	{
		name: "IPI in user mode", why: `as above, but the handler must wait for the own step, so it is
			in the handler and over only behind that: 2 + 2 + 1 + 1 states. Transitions: the send 2, the
			own step 2, the push 1, the handler's step 1.`,
		build: func(p *model.Program) []*model.Monitor {
			return ipi(p, func(r *model.Routine) {
				r.Frame(model.User, func() { r.Pause("own") })
			})
		},
		states: 6, transitions: 6,
		depths: map[string]int{"no handler": 3},
	},
	{
		name: "NMIs in NMIs", why: `pushed/running NMIs: 0/0, 1/1, 1/0, 2/2, 2/1, 2/0, with the own step
			before or behind: 12 states. Of the six, 3 allow a push, 3 a handler's step, 3 the own step:
			2 * 6 + 3. The two ways to 2/1, after and inside the other, end in the same state.`,
		build:  func(p *model.Program) []*model.Monitor { return nmis(p, 2, 2) },
		states: 12, transitions: 15,
		depths: map[string]int{"no nesting": 2},
	},
	{
		name: "NMIs one by one", why: "as above, but without 2/2 and its push and pop: 2 * 4 + 3",
		build:  func(p *model.Program) []*model.Monitor { return nmis(p, 2, 1) },
		states: 10, transitions: 11,
	},
	{
		name: "any number of NMIs", why: `none, one or two run, with the own step before or behind. Of these, 2
			allow a push, 2 a handler's step, and the own step comes where none runs: 2 * 4 + 1.`,
		build:  func(p *model.Program) []*model.Monitor { return nmis(p, model.AnyNumber, 2) },
		states: 6, transitions: 9,
		depths: map[string]int{"no nesting": 2},
	},
	{
		name: "choice", why: "x is 0 or 1 and both alternatives are always there; 3 lead back",
		build: func(p *model.Program) []*model.Monitor {
			x := p.Shared("x", model.Bool, model.Int(0))
			add(p, func(r *model.Routine) {
				r.Forever(func() {
					r.Choose(
						r.When(model.True, func() { r.Pause("stay") }),
						r.When(model.True, func() { r.WriteOnce("x = 1", x, model.Int(1)) }))
				})
			})
			return nil
		},
		states: 2, transitions: 4,
	},
	{
		name: "two calls", why: "the same pause, called twice, is two places: 3 states in a row",
		build: func(p *model.Program) []*model.Monitor {
			f := p.Routine("f", func(r *model.Routine) { r.Pause("pause") })
			add(p, func(r *model.Routine) {
				r.Call(f, nil)
				r.Call(f, nil)
			})
			return nil
		},
		states: 3, transitions: 2,
	},
	{
		name: "started", why: `the event belongs to the step behind it, so that it has not happened in
			the initial state, and the Atomic is one step though it has two accesses`,
		build: func(p *model.Program) []*model.Monitor {
			x := p.Shared("x", model.UpTo(2), model.Int(0))
			add(p, func(r *model.Routine) {
				r.Opening(deferral.Started, nil, nil)
				r.Atomic("both", func() {
					r.AtomicAdd("x += 1", x, model.Int(1))
					r.AtomicAdd("x += 1", x, model.Int(1))
				})
			})
			fail := model.Build(func(c *model.Code) { c.Fail() })
			return []*model.Monitor{
				{Name: "never 1", Never: x.Eq(model.Int(1))},
				{Name: "no start", On: func(ev model.Event) []*model.Stmt {
					if ev.Kind != deferral.Started {
						return nil
					}
					return fail
				}},
			}
		},
		states: 2, transitions: 1,
		depths: map[string]int{"no start": 1},
	},
	{
		name: "deadlock", why: "each waits for the other's end, and nothing can happen",
		build: func(p *model.Program) []*model.Monitor {
			a, b := p.CPU("a"), p.CPU("b")
			a.Run(p.Routine("a", func(r *model.Routine) { r.Await("b", b.Done()) }))
			b.Run(p.Routine("b", func(r *model.Routine) { r.Await("a", a.Done()) }))
			return nil
		},
		states: 1, transitions: 0,
		depths: map[string]int{NoDeadlock: 0},
	},
}

func add(p *model.Program, build func(r *model.Routine)) *model.CPU {
	name := fmt.Sprint("cpu", len(p.CPUs))
	c := p.CPU(name)
	c.Run(p.Routine(name, build))
	return c
}

// ipi is a CPU with the given code and one that interrupts it once.
func ipi(p *model.Program, own func(r *model.Routine)) []*model.Monitor {
	c := add(p, own)
	line := c.IPI("ipi", p.Routine("handler", func(r *model.Routine) { r.Pause("handler") }))
	add(p, func(r *model.Routine) { r.SendIPI("send", line) })
	return []*model.Monitor{{Name: "no handler", Never: c.Interrupted()}}
}

// nmis is a CPU with one step of its own and so many NMIs of one step each.
func nmis(p *model.Program, total, depth int) []*model.Monitor {
	c := add(p, func(r *model.Routine) { r.Pause("own") })
	c.OnNMI(p.Routine("nmi", func(r *model.Routine) { r.Pause("nmi") }), total, depth)
	fail := model.Build(func(c *model.Code) { c.Fail() })
	return []*model.Monitor{{Name: "no nesting", On: func(ev model.Event) []*model.Stmt {
		if ev.Kind != model.Pushed || ev.Depth != 2 {
			return nil
		}
		return fail
	}}}
}

// TestPaper holds both explorers against numbers that were found without either.
func TestPaper(t *testing.T) {
	for _, test := range papers {
		test.check(t)
	}
}

func (test paper) check(t *testing.T) {
	p := model.New(test.name)
	monitors := test.build(p)
	if test.depths == nil {
		test.depths = map[string]int{}
	}
	fast, err := byMachines(test.memory, p, monitors, 100)
	if err != nil {
		t.Fatal(err)
	}
	for who, got := range map[string]Result{
		"plain": Explore(test.memory, p, monitors, 100), "machine": fast,
	} {
		if got.Err != nil || got.States != test.states || got.Transitions != test.transitions ||
			!maps.Equal(got.MinDepth, test.depths) {
			t.Errorf("%s: %s: got %+v, want %d states, %d transitions, depths %v: %s",
				test.name, who, got, test.states, test.transitions, test.depths, test.why)
		}
	}
}

// TestCut pins what a search says that did not go to its end.
func TestCut(t *testing.T) {
	p := model.New("cut")
	x := p.Shared("x", model.UpTo(2), model.Int(0))
	add(p, func(r *model.Routine) {
		for range 3 {
			r.AtomicAdd("x += 1", x, model.Int(1))
		}
	})
	if r := Explore(model.SC, p, nil, 2); !r.Truncated || r.Err != nil || r.States != 2 {
		t.Errorf("with room for 2 of 3 states: %+v", r)
	}
	if r := Explore(model.SC, p, nil, 100); r.Truncated || r.Err == nil {
		t.Errorf("where x leaves its range: %+v", r)
	}
}

func seed(i int) []byte {
	rng := rand.New(rand.NewPCG(uint64(i), 0))
	data := make([]byte, 100+rng.IntN(300))
	for j := range data {
		data[j] = byte(rng.IntN(256))
	}
	return data
}

// TestRandomPrograms compares the explorers on random programs, and sees to it that these are not
// trivial.
func TestRandomPrograms(t *testing.T) {
	for _, mm := range model.MemoryModels() {
		t.Run(mm.String(), func(t *testing.T) { randomPrograms(t, mm) })
	}
}

// kinds is how many programs have what few programs of the real world lack.
type kinds map[string]int

// count adds what a program has.
func (k kinds) count(p *model.Program) {
	has := map[string]bool{}
	for _, c := range p.CPUs {
		has["two IPIs"] = has["two IPIs"] || len(c.IPIs) > 1
		first := c.Main.Body
		if len(first) > 0 && first[0].Kind == model.StmtFrame && first[0].Frame != model.Body {
			has["begins outside the body"] = true
		}
	}
	for _, c := range p.CPUs {
		lines := len(c.IPIs) > 1
		has["a flag in own code"] = has["a flag in own code"] || c.Main.MasksIRQs()
		for _, l := range c.IPIs {
			has["a device"] = has["a device"] || l.Device
			has["a flag in a handler"] = has["a flag in a handler"] || l.Handler.MasksIRQs()
			has["nested lines"] = has["nested lines"] || lines && l.Handler.EnablesIRQs()
		}
	}
	p.Walk(func(pl model.Place) {
		s := pl.Stmt()
		has["a raise"] = has["a raise"] || s.Kind == model.StmtSend && s.Raise
		if s.Kind != model.StmtAccess {
			return
		}
		if v := s.Targets()[0]; !v.Modular && v.Lo != 0 {
			has["a range that does not begin at 0"] = true
		}
		has["a range that wraps"] = has["a range that wraps"] || s.Targets()[0].Modular && s.Op != model.Load
		for _, c := range p.CPUs {
			if pl.Routine == c.NMI && c.NMITotal > 0 && s.Op != model.Load {
				has["an NMI that stores"] = true
			}
		}
	})
	countElements(p, has)
	for what := range has {
		if has[what] {
			k[what]++
		}
	}
}

func randomPrograms(t *testing.T, mm model.MemoryModel) {
	has := kinds{}
	var faulty, astray, cut, deadlocks, violated, races, large, counts, differ int
	reached := map[string]int{}
	n := map[model.MemoryModel]int{model.SC: 400, model.TSO: 150, model.TSOLazy: 100}[mm]
	if testing.Short() {
		n /= 10
	}
	for i := range n {
		program, _ := Random(seed(i))
		has.count(program)
		r, err := compare(mm, seed(i))
		if err != nil {
			t.Errorf("seed(%d): %v", i, err)
			continue
		}
		faulty += int(truth(r.Err != nil))
		astray += int(truth(r.Err != nil && strings.Contains(r.Err.Error(), "has no variable")))
		cut += int(truth(r.Truncated))
		deadlocks += int(truth(r.Deadlock))
		large += int(truth(r.States >= 100))
		violated += len(r.Violated)
		races += int(truth(r.Violated["no-data-race"]))
		for name := range r.Reached {
			reached[name]++
		}
		if mm == model.SC || r.Err != nil || r.Truncated {
			continue
		}
		p, ms := Random(seed(i))
		sc := Explore(model.SC, p, ms, maxStates)
		counts += int(truth(sc.States != r.States || sc.Transitions != r.Transitions))
		sc.States, sc.Transitions, sc.MinDepth = r.States, r.Transitions, r.MinDepth
		differ += int(truth(!reflect.DeepEqual(sc, r)))
	}
	t.Logf("of %d programs %d faulty (%d by an index or address), %d cut, %d with deadlocks, %d with 100 states "+
		"or more, %d violations, %d data races, reached %v; %d with other counts than sc, %d with other verdicts "+
		"or ends", n, faulty, astray, cut, deadlocks, large, violated, races, reached, counts, differ)
	t.Logf("of them have: %v", has)
	if testing.Short() {
		return
	}
	for _, what := range append([]string{"two IPIs", "begins outside the body", "a range that does not begin at 0",
		"a range that wraps", "an NMI that stores", "a flag in own code", "a flag in a handler", "a device",
		"nested lines", "a raise"}, ofElements...) {
		if has[what] < n/50 {
			t.Errorf("only %d of %d programs have %s", has[what], n, what)
		}
	}
	if faulty == 0 || astray < n/100 || deadlocks == 0 || violated == 0 || races < n/25 || large < 50 ||
		cut > n/4 || len(reached) != 9 || mm.HasBuffers() && differ < n/15 {
		t.Error("the random programs have become too small, too large or too tame")
	}
}

// FuzzPlainAgreesWithMachine is best run with -fuzzminimizetime=0: otherwise Go spends up to a
// minute on shortening each input that reaches something new, and hardly comes to try others.
func FuzzPlainAgreesWithMachine(f *testing.F) {
	for i := range 20 {
		f.Add(seed(i))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, mm := range model.MemoryModels() {
			if _, err := compare(mm, data); err != nil {
				t.Error(err)
			}
		}
	})
}

// An assertion is a fault of the run that finds it false, in both explorers, and nothing at all where it is true.
func TestAssert(t *testing.T) {
	for limit, fails := range map[model.Int]bool{1: true, 2: false} {
		p := model.New("assert")
		x := p.Shared("x", model.UpTo(2), model.Int(0))
		for range 2 {
			add(p, func(r *model.Routine) {
				n := r.LocalOf("n", x)
				r.AtomicAddReturn("n = atomic_add_return(1, &x)", n, x, model.Int(1))
				r.Assert(n.Le(limit), "n is too large")
			})
		}
		slow := Explore(model.SC, p, nil, maxStates)
		m, err := machine.Compile(machine.Options{}, p)
		if err != nil {
			t.Fatal(err)
		}
		fast, _ := byMachine(m, maxStates)
		for _, err := range []error{slow.Err, fast.Err} {
			if (err != nil) != fails || fails && !strings.Contains(err.Error(), "n is too large (") {
				t.Errorf("n up to %d: %v", limit, err)
			}
		}
		if !fails && !reflect.DeepEqual(slow, fast) {
			t.Errorf("n up to %d: %+v and %+v", limit, slow, fast)
		}
	}
}
