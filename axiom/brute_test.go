package axiom_test

import (
	"errors"
	"slices"
	"testing"

	"ctcheck/axiom"
	"ctcheck/axiom/replay"
	"ctcheck/litmus"
	"ctcheck/model"
	"ctcheck/threads"
)

// This file has all candidates for executions of a small program, as herd7 makes them: every read finds any
// value, every read reads from any write of that value, writes are in any order. Those that a replay accepts
// are the executions.

var errNoValue = errors.New("no value")

// runAs runs a thread whose reads find values in turn, or 0 when they have run out; choices are values too. It
// is the accesses, how many values it took, and whether this is no run: other values choose
// the same, or an access is to no address. It is long, as it has all instructions.
func runAs(p *threads.Program, t int, values []threads.Value) (list []axiom.Event, took int, none bool) {
	th := p.Threads[t]
	regs := make([]threads.Value, len(th.Regs))
	for i, r := range th.Regs {
		regs[i] = r.Init
	}
	next := func() (v threads.Value) {
		if took < len(values) {
			v = values[took]
		}
		took++
		return v
	}
	eval := func(e *threads.Expr) threads.Value {
		var args []threads.Value
		for _, r := range e.Regs {
			args = append(args, regs[r])
		}
		switch {
		case e.Eval != nil:
			v, err := e.Eval(args)
			if err != nil {
				panic(errNoValue)
			}
			return v
		case len(args) > 0:
			return args[0]
		}
		return e.Const
	}
	for pc := 0; pc < len(th.Code); pc++ {
		in := &th.Code[pc]
		add := func(read bool, v threads.Value) threads.Value {
			at := eval(in.Addr)
			none = none || at.Kind != threads.Addr // nothing is there
			list = append(list, axiom.Event{Thread: t, Nth: len(list), Read: read, Cell: int(at.N), Value: v,
				Instr: in})
			return v
		}
		var found threads.Value
		one := threads.Value{N: 1}
		switch in.Op {
		case threads.Assign:
			found = eval(in.Value)
		case threads.Jump:
			pc = in.Target - 1
		case threads.Branch:
			if eval(in.If).IsZero() {
				pc = in.Target - 1
			}
		case threads.Read, threads.IsLocked:
			found = add(true, next())
		case threads.Write:
			add(false, eval(in.Value))
		case threads.Modify:
			regs[in.Dst] = add(true, next())
			if in.If == nil || !eval(in.If).IsZero() {
				add(false, eval(in.Value))
			}
			continue
		case threads.Lock:
			add(true, next())
			add(false, one)
		case threads.Unlock:
			add(false, threads.Value{})
		case threads.Trylock:
			if found = next(); found != one { // one choice for each way
				found = threads.Value{}
				none = none || took <= len(values) && !values[took-1].IsZero()
			}
			if found == one { // it is taken, and was free
				add(true, threads.Value{})
				add(false, one)
			} else {
				add(true, one)
			}
		}
		if in.Dst >= 0 && in.Op != threads.Fence {
			switch in.Op {
			case threads.Assign, threads.Read, threads.IsLocked, threads.Trylock:
				regs[in.Dst] = found
			}
		}
	}
	return list, took, none
}

// brute is the number of executions; not ok: there are more candidates than most.
func brute(p *threads.Program, mm model.MemoryModel, most int) (n int, flags []string, ok bool) {
	defer func() {
		if r := recover(); r != nil && r != errNoValue {
			panic(r)
		} else if r != nil {
			n, flags, ok = 0, nil, false // something has no value where any value is read
		}
	}()
	domain := []threads.Value{{}, {N: 1}}
	for _, c := range p.Cells {
		if !slices.Contains(domain, c.Init) {
			domain = append(domain, c.Init)
		}
	}
	var traces [][][]axiom.Event
	for grew := true; grew; {
		grew, traces = false, nil
		for t := range p.Threads {
			var of [][]axiom.Event
			var choose func(values []threads.Value)
			choose = func(values []threads.Value) {
				list, took, none := runAs(p, t, values)
				if took > len(values) {
					for _, v := range domain {
						choose(append(slices.Clone(values), v))
					}
					return
				}
				if !none {
					of = append(of, list)
				}
			}
			choose(nil)
			traces = append(traces, of)
			for _, list := range of {
				for _, ev := range list {
					if !ev.Read && !slices.Contains(domain, ev.Value) {
						domain, grew = append(domain, ev.Value), true
					}
				}
			}
			if len(domain) > 6 || len(of) > most {
				return 0, nil, false
			}
		}
	}
	c := &candidates{p: p, mm: mm, left: most}
	c.threads(traces, nil)
	slices.Sort(c.flags)
	return c.n, c.flags, c.left > 0
}

// candidates is those that are looked at.
type candidates struct {
	p     *threads.Program
	mm    model.MemoryModel
	n     int
	left  int
	flags []string
}

// threads takes one run of each thread.
func (c *candidates) threads(traces [][][]axiom.Event, events []axiom.Event) {
	if len(traces) == 0 {
		x := slices.Clone(events)
		for cell := range c.p.Cells {
			if slices.ContainsFunc(events, func(ev axiom.Event) bool { return ev.Cell == cell }) {
				x = append(x, axiom.Event{Thread: -1, Cell: cell, Value: c.p.Cells[cell].Init})
			}
		}
		c.reads(x, 0)
		return
	}
	for _, list := range traces[0] {
		if c.left < 0 {
			return
		}
		c.threads(traces[1:], append(slices.Clone(events), list...))
	}
}

// reads takes a write for each read from i on.
func (c *candidates) reads(x []axiom.Event, i int) {
	if i == len(x) {
		c.writes(x, 0)
		return
	}
	if !x[i].Read {
		c.reads(x, i+1)
		return
	}
	for w := range x {
		if !x[w].Read && x[w].Cell == x[i].Cell && x[w].Value == x[i].Value {
			x[i].From = w
			c.reads(x, i+1)
		}
	}
}

// writes takes an order of the writes to each cell from one on.
func (c *candidates) writes(x []axiom.Event, cell int) {
	if c.left--; c.left < 0 {
		return
	}
	if cell == len(c.p.Cells) {
		fs, err := replay.Check(c.p, &axiom.Execution{Events: x}, c.mm)
		if err == nil {
			c.n++
			for _, f := range fs {
				if !slices.Contains(c.flags, f) {
					c.flags = append(c.flags, f)
				}
			}
		}
		return
	}
	var of []int
	first := -1
	for i, ev := range x {
		switch {
		case ev.Read || ev.Cell != cell:
		case ev.Thread < 0:
			first = i
		default:
			of = append(of, i)
		}
	}
	if first < 0 {
		c.writes(x, cell+1)
		return
	}
	permutations(of, func(order []int) {
		for k, w := range append([]int{first}, order...) {
			x[w].After = slices.Clone(order[k:])
		}
		c.writes(x, cell+1)
	})
}

func permutations(of []int, f func([]int)) {
	var take func(done, left []int)
	take = func(done, left []int) {
		if len(left) == 0 {
			f(done)
		}
		for i := range left {
			take(append(slices.Clone(done), left[i]), slices.Delete(slices.Clone(left), i, i+1))
		}
	}
	take(nil, of)
}

// As many executions are found as there are among all candidates, with the same flags.
func TestAllExecutions(t *testing.T) {
	compared, executions := 0, 0
	used := map[string]int{}
	rounds := uint64(200)
	if testing.Short() {
		rounds = 40
	}
	for seed := range rounds {
		w := randomTest(100_000+seed, seed%2 == 0, seed%3 == 0, used)
		test := parsed(t, w)
		p, err := test.AsThreads()
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Threads) > 2 && seed%4 > 0 {
			continue
		}
		for _, mm := range []model.MemoryModel{model.LKMM, model.SC, model.TSO} {
			n, flags, ok := brute(p, mm, 20_000)
			if !ok {
				continue
			}
			_, r := finalsByAxioms(t, test, mm)
			if r.Murky || r.Thin {
				continue
			}
			compared++
			executions += n
			if int(r.Positive+r.Negative) != n {
				t.Fatalf("seed %d under %s: %d executions, of all candidates %d\n%s", seed, mm,
					r.Positive+r.Negative, n, w)
			}
			if mm == model.LKMM && !slices.Equal(r.Flags, flags) {
				t.Fatalf("seed %d: flags %v, of all candidates %v\n%s", seed, r.Flags, flags, w)
			}
		}
	}
	if compared < 2*int(rounds)/5 {
		t.Errorf("%d compared, %d executions", compared, executions)
	}
}

// sameAsCandidates compares the executions of a test under lkmm with all candidates, if these are no more than most
// and it has none that are not decided.
func sameAsCandidates(t *testing.T, src string, most int) (test *litmus.Test, all *axiom.Result, compared bool) {
	t.Helper()
	test = parsed(t, src)
	p, err := test.AsThreads()
	if err != nil {
		t.Fatal(err)
	}
	n, flags, ok := brute(p, model.LKMM, most)
	_, all = finalsByAxioms(t, test, model.LKMM)
	if !ok || all.Thin || all.Murky || all.Fault != nil || all.Bound != "" {
		return test, all, false
	}
	if int(all.Positive+all.Negative) != n || !slices.Equal(flags, all.Flags) {
		t.Fatalf("%d executions, %v, of all candidates %d, %v\n%s", all.Positive+all.Negative, all.Flags, n,
			flags, src)
	}
	return test, all, true
}
