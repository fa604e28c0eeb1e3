package litmus

import "maps"

// This file finds the values that registers and locations may have: a fixpoint over the statements of all
// threads, in which a register has at each place the values that may have flowed there, and a location all that
// are ever stored to it. A branch narrows the registers that it tests.
//
// A location that is incremented would have no greatest value. But a run takes each statement outside a loop
// once, so no value comes of more operations than there are statements that operate on what the location,
// directly or through others, depends on (see flows.go). Each value has the least number of operations that lead
// to it, and ends the flow where that is more. In a loop only the tests bound a value.

// values is a set of values, each with the least number of operations that lead to it.
type values map[absval]int

// add adds a value, and reports whether that changed the set.
func (vs values) add(v absval, depth int) bool {
	if before, known := vs[v]; known && before <= depth {
		return false
	}
	vs[v] = depth
	return true
}

// An env is what the registers of a thread may be at a place; nil: the place is never reached. A register that is
// not in it is 0.
type env map[string]values

func (e env) of(reg string) values {
	if vs, ok := e[reg]; ok {
		return vs
	}
	return values{absval{}: 0}
}

// join is what registers may be where two ways meet.
func join(a, b env) env {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	out := env{}
	for _, e := range []env{a, b} {
		for reg := range e {
			if out[reg] != nil {
				continue
			}
			vs := values{}
			for _, from := range []env{a, b} {
				for v, d := range from.of(reg) {
					vs.add(v, d)
				}
			}
			out[reg] = vs
		}
	}
	return out
}

func (e env) with(reg string, vs values) env {
	out := make(env, len(e)+1)
	maps.Copy(out, e)
	out[reg] = vs
	return out
}

// An analysis is the work in progress, and its result.
type analysis struct {
	t        *Test
	flows    *flows
	cells    []values
	regs     []env            // of each thread: all values that a register has anywhere
	reached  map[*Stmt]bool   // the statements that some run may reach
	found    map[*Stmt]values // what the address of an access may be
	sections map[*Stmt]int    // of SRCU, by the statement that begins one
	changed  bool
	work     int
	trips    map[*Stmt]int // how often a Loop goes round at most; -1 without a bound

	thread int
	breaks []*env // of each Loop and Once around: what registers may be where one is left
}

// analyze runs until nothing changes.
func (t *Test) analyze() *analysis {
	a := &analysis{t: t, cells: make([]values, len(t.cells)), reached: map[*Stmt]bool{}, found: map[*Stmt]values{},
		sections: map[*Stmt]int{}, trips: map[*Stmt]int{}}
	a.flows = t.flow()
	for i := range a.cells {
		a.cells[i] = values{}
	}
	start := make([]env, len(t.Threads))
	for i := range start {
		start[i] = env{}
		a.regs = append(a.regs, env{})
	}
	given := map[int]bool{}
	for _, in := range t.Init {
		if v := t.absOf(in.Value); in.Loc.IsReg() {
			if in.Loc.Thread < len(start) {
				start[in.Loc.Thread][in.Loc.Name] = values{v: 0}
				a.note(in.Loc.Thread, in.Loc.Name, start[in.Loc.Thread][in.Loc.Name], in.Pos)
			}
		} else {
			i := t.exact[in.Loc.Name]
			given[i] = true
			a.cells[i].add(v, 0)
		}
	}
	for i := range a.cells {
		if !given[i] {
			a.cells[i].add(absval{}, 0)
		}
	}
	for a.changed = true; a.changed; {
		a.changed = false
		a.flows.countAll(a.trips)
		for i, th := range t.Threads {
			a.thread = i
			a.list(th.Body, start[i])
		}
	}
	a.checkAddresses()
	return a
}

// absOf is a value of the init section or of the question.
func (t *Test) absOf(v Value) absval {
	if v.Addr != "" {
		return absval{anAddr, int64(t.exact[v.Addr])}
	}
	return absval{anInt, v.Int}
}

// note keeps that a register may have values.
func (a *analysis) note(thread int, reg string, vs values, at Pos) {
	all := a.regs[thread][reg]
	if all == nil {
		all = values{absval{}: 0} // as it is before it is written
		a.regs[thread][reg] = all
	}
	for v, d := range vs {
		all.add(v, d)
	}
	if len(all) > maxValues {
		fail(at, "%s may have more than %d values; a loop that changes it needs a test that bounds it", reg,
			maxValues)
	}
}

// list runs statements, and is what registers may be behind them.
func (a *analysis) list(list []*Stmt, e env) env {
	for _, s := range list {
		if e == nil {
			return nil
		}
		a.reached[s] = true
		if a.work++; a.work > maxWork {
			fail(s.Pos, "loops go round so often, or values are so many, that the ranges of variables are not "+
				"found")
		}
		e = a.stmt(s, e)
	}
	return e
}

func (a *analysis) stmt(s *Stmt, e env) env {
	switch s.Kind {
	case Assign:
		return a.assign(s, e, s.Dst, a.eval(s.Value, e, a.flows.reg(a.thread, s.Dst)))
	case Do:
		return a.do(s, e)
	case If:
		yes, no := a.narrow(s.Cond, e)
		return join(a.list(s.Body, yes), a.list(s.Else, no))
	case Loop, Once:
		var left env
		a.breaks = append(a.breaks, &left)
		defer func() { a.breaks = a.breaks[:len(a.breaks)-1] }()
		if s.Kind == Once {
			return join(a.list(s.Body, e), left)
		}
		a.loop(s, e)
		return left
	}
	last := a.breaks[len(a.breaks)-1]
	*last = join(*last, e)
	return nil
}

// maxWork is how many statements are looked at.
const maxWork = 1 << 17

// maxTrips is how often a loop goes round at most, if it is not for ever.
const maxTrips = 64

// loop goes round, each time with what registers may be then, until the loop is left or nothing is new. One that
// does not come to an end so may go round for ever, with anything that registers may be.
func (a *analysis) loop(s *Stmt, e env) {
	trips := 0
	for ; e != nil && trips < maxTrips; trips++ {
		next := a.list(s.Body, e)
		if e.equal(next) {
			trips = maxTrips
		}
		e = next
	}
	if trips >= maxTrips {
		trips = -1
		for next := join(e, a.list(s.Body, e)); !e.equal(next); next = join(e, a.list(s.Body, e)) {
			e = next
		}
	}
	if before := a.trips[s]; before >= 0 && (trips < 0 || trips > before) {
		a.trips[s], a.changed = trips, true
	}
}

// equal reports whether registers may be the same.
func (e env) equal(o env) bool {
	return (e == nil) == (o == nil) && maps.EqualFunc(e, o, func(a, b values) bool { return maps.Equal(a, b) })
}

func (a *analysis) assign(s *Stmt, e env, reg string, vs values) env {
	if reg == "" {
		return e
	}
	if len(vs) == 0 { // of memory that nothing has been found about yet
		return nil
	}
	a.note(a.thread, reg, vs, s.Pos)
	return e.with(reg, vs)
}

// eval is the values of an expression that flow into a node.
func (a *analysis) eval(x *Expr, e env, to node) values {
	out := values{}
	a.each(x, e, func(reg func(string) absval, from func(string) int) {
		depth := 0
		if a.flows.cyclic(to) {
			x.each(func(y *Expr) {
				if y.Op == OpReg && a.flows.together(a.flows.reg(a.thread, y.Name), to) {
					depth = max(depth, from(y.Name))
				}
			})
			depth += b2i(operates(x))
		}
		if depth <= a.flows.bound(to) {
			out.add(a.compute(x, reg), depth)
		}
	})
	return out
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// compute is the value of an expression, and an error of the test where there is none.
func (a *analysis) compute(x *Expr, reg func(string) absval) absval {
	defer func() {
		if r := recover(); r != nil {
			why, ok := r.(noValue)
			if !ok {
				panic(r)
			}
			unsupported(x.Pos, "arithmetic", "this may be %s", string(why))
		}
	}()
	return a.t.compute(x, reg)
}

// each calls f for every combination of values of the registers of an expression.
func (a *analysis) each(x *Expr, e env, f func(reg func(string) absval, depth func(string) int)) {
	var names []string
	seen := map[string]bool{}
	combinations := 1
	x.each(func(y *Expr) {
		if y.Op == OpReg && !seen[y.Name] {
			seen[y.Name] = true
			names = append(names, y.Name)
			combinations *= max(len(e.of(y.Name)), 1)
			if combinations > maxValues*maxValues {
				fail(x.Pos, "the registers of this expression may have too many values")
			}
		}
	})
	value, depth := map[string]absval{}, map[string]int{}
	var choose func(i int)
	choose = func(i int) {
		if i == len(names) {
			f(func(r string) absval { return value[r] }, func(r string) int { return depth[r] })
			return
		}
		for v, d := range e.of(names[i]) {
			value[names[i]], depth[names[i]] = v, d
			choose(i + 1)
		}
	}
	choose(0)
}

// narrow is what registers may be where a condition is true, and where it is false.
func (a *analysis) narrow(cond *Expr, e env) (yes, no env) {
	ways := [2]map[string]values{}
	a.each(cond, e, func(reg func(string) absval, depth func(string) int) {
		way := b2i(a.truth(cond, reg))
		if ways[way] == nil {
			ways[way] = map[string]values{}
		}
		cond.each(func(y *Expr) {
			if y.Op == OpReg {
				if ways[way][y.Name] == nil {
					ways[way][y.Name] = values{}
				}
				ways[way][y.Name].add(reg(y.Name), depth(y.Name))
			}
		})
	})
	var envs [2]env
	for way, regs := range ways {
		if regs != nil {
			envs[way] = e
			for reg, vs := range regs {
				envs[way] = envs[way].with(reg, vs)
			}
		}
	}
	return envs[1], envs[0]
}

// truth is compute for a condition.
func (a *analysis) truth(cond *Expr, reg func(string) absval) bool {
	return a.compute(binExpr(cond.Pos, OpNe, cond, intExpr(cond.Pos, 0)), reg) == truth(true)
}
