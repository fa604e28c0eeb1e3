// Package plain is the second explorer, too plain to be wrong: what the fast one is tested against.
//
// It reads a program as its author wrote it, statement by statement, and shares nothing with the
// compiler and the packed machine in package machine. A state is Go values: maps of variables and,
// for each CPU, a stack of the statement lists it is in the middle of and, under x86-TSO, a list of the
// stores that wait, as long as it gets. The set of visited states is a Go map with a string for each
// state, the search is breadth first, and nothing is reduced.
//
// It is slow, keeps no traces, and explains errors no better than it must. An error of the program
// ends the search; the other numbers of that result mean nothing.
package plain

import (
	"maps"
	"slices"
	"strconv"

	"ctcheck/model"
)

// NoDeadlock is the name under which [Result.MinDepth] keeps the first deadlock.
const NoDeadlock = "no-deadlock"

// A Result is what a search found.
type Result struct {
	States      int
	Transitions int             // pairs of a state and a transition enabled in it
	Violated    map[string]bool // the properties that some run violates
	Reached     map[string]bool // the claims that some run satisfies
	Deadlock    bool            // some state has no successor though not everything has ended
	Err         error           // a fault of the program
	Truncated   bool            // there are more states than the caller allowed
	// MinDepth is the least number of steps that show the violation, for each violated property and
	// for NoDeadlock: 0 when the initial state does.
	MinDepth map[string]int
	// Finals is what shared variables and ghosts may be when everything has ended: their values, in the
	// order in which they are declared.
	Finals map[string]bool
}

type state struct {
	vars map[*model.Var]int64 // shared variables and ghosts
	cpus []*cpu
}

type cpu struct {
	pending []bool   // for each line
	came    []int    // for each line: how often its device has interrupted
	nmis    int      // pushed so far
	levels  []*level // its own code first, the running handler last
	waiting []store  // not yet in memory, the oldest first; empty under sequential consistency
}

// A level is the CPU's own code or one handler: the statement lists that it is inside of, innermost
// last. Code that has ended is inside of none.
type level struct {
	context model.Context
	ipi     *model.IPI // whose handler it is, nil for others
	masked  bool       // its interrupt flag is off
	blocks  []*block
}

// A block is a statement list with the place reached in it. The list is one of those of owner, and
// arm says which; a call has locals, its parameters among them.
type block struct {
	owner  *model.Stmt
	arm    int
	stmts  []*model.Stmt
	next   int
	locals map[*model.Var]int64
	call   int // which call of all it is; nothing that tells states apart
}

type explorer struct {
	p        *model.Program
	monitors []*model.Monitor
	vars     []*model.Var
	code     map[asked][]*model.Stmt
	tso      bool
	lazy     bool                // interrupts leave waiting stores alone
	stmts    map[*model.Stmt]int // numbers for keys
	calls    int                 // that were made
	tells    bool                // of the calls, and of what is blocked
	result   Result
	first    [][]began // the calls of each CPU that began before its first step
	blocked  []*run    // what cannot be taken in the state that was looked at last
}

// asked is a question that [model.Monitor.On] is asked; the same question gets the same answer.
type asked struct {
	m  *model.Monitor
	ev model.Event
}

// Explore visits every reachable state of p under a memory model, or gives up where there are more than
// maxStates.
func Explore(mm model.MemoryModel, p *model.Program, monitors []*model.Monitor, maxStates int) Result {
	x := newExplorer(mm, p, monitors)
	x.search(maxStates)
	return x.result
}

// watch adds monitors, each once and after those whose ghosts it reads.
func (x *explorer) watch(ms []*model.Monitor) {
	for _, m := range ms {
		if !slices.Contains(x.monitors, m) {
			x.watch(m.Uses)
			x.monitors = append(x.monitors, m)
		}
	}
}

func (x *explorer) search(maxStates int) {
	seen := map[string]bool{}
	defer func() { x.result.States = len(seen) }()
	first := x.initial()
	x.note(first, 0)
	type visit struct {
		s     *state
		depth int
	}
	queue := []visit{{first, 0}}
	seen[x.key(first)] = true
	for ; len(queue) > 0 && x.result.Err == nil; queue = queue[1:] {
		at := queue[0]
		moves := x.moves(at.s)
		if !slices.ContainsFunc(moves, func(r *run) bool { return !r.optional() }) && !ended(x.p, at.s) {
			x.result.Deadlock = true
			x.violate(NoDeadlock, at.depth)
		}
		for _, r := range moves {
			x.result.Transitions++
			x.record(r, at.depth+1)
			if k := x.key(r.after); !seen[k] {
				if len(seen) >= maxStates {
					x.result.Truncated = true
					return
				}
				seen[k] = true
				x.note(r.after, at.depth+1)
				queue = append(queue, visit{r.after, at.depth + 1})
			}
		}
	}
}

// initial is the state in which every CPU has run its local code up to its first step.
func (x *explorer) initial() *state {
	s := &state{vars: map[*model.Var]int64{}}
	for _, v := range x.vars {
		s.vars[v] = v.Init
	}
	for _, c := range x.p.CPUs {
		s.cpus = append(s.cpus, &cpu{pending: make([]bool, len(c.IPIs)), came: make([]int, len(c.IPIs))})
	}
	for i := range x.p.CPUs {
		r := &run{x: x, before: s, after: s, cpu: i}
		r.begin(model.Task, nil, x.p.CPUs[i].Main, nil)
		x.first = append(x.first, r.began)
	}
	for i := range x.p.CPUs {
		r := x.run(s, i)
		r.moved = true
		r.proceed()
		x.record(r, 0)
		x.first[i] = append(x.first[i], r.began...)
		s = r.after
	}
	return s
}

// moves takes every transition that is enabled in s.
func (x *explorer) moves(s *state) []*run {
	var rs []*run
	x.blocked = nil
	take := func(r *run, k move, nth int) {
		if r.kind, r.nth = k, nth; !r.blocked || r.err != nil {
			rs = append(rs, r)
		} else if x.tells {
			x.blocked = append(x.blocked, r)
		}
	}
	for i, c := range s.cpus {
		if stmt := c.top().statement(); stmt != nil || c.returns() {
			ways := 1
			if stmt != nil && stmt.Kind == model.StmtChoose {
				ways = len(stmt.Alts)
			}
			for way := range ways {
				r := x.run(s, i)
				r.choice, r.here = way, stmt
				r.proceed()
				take(r, takesStep, way)
			}
		}
		x.interrupts(s, i, take)
		if len(c.waiting) > 0 {
			r := x.run(s, i)
			r.flush()
			take(r, storeArrives, 0)
		}
	}
	return rs
}

// record keeps what happened in a transition that ends at the given depth.
func (x *explorer) record(r *run, depth int) {
	if r.err != nil {
		x.result.Err = r.err
	}
	for _, name := range r.failed {
		x.violate(name, depth)
	}
	for _, name := range r.reached {
		x.result.Reached[name] = true
	}
}

// note keeps what properties and claims say of the state s itself.
func (x *explorer) note(s *state, depth int) {
	look := func(v model.Value) bool {
		return (&run{x: x, before: s, after: s, cpu: -1}).eval(v.Node()) != 0
	}
	for _, m := range x.monitors {
		if m.Never != nil && look(m.Never) || m.AtEnd != nil && ended(x.p, s) && !look(m.AtEnd) {
			x.violate(m.Name, depth)
		}
		if m.NoDataRace && x.result.Err == nil && x.races(s) {
			x.violate(m.Name, depth)
		}
	}
	for _, c := range x.p.Claims {
		if c.State != nil && look(c.State) {
			x.result.Reached[c.Name] = true
		}
	}
	if ended(x.p, s) {
		x.result.Finals[string(x.values(s))] = true
	}
}

// violate notes a violation. The search is breadth first, so the first one is the least deep.
func (x *explorer) violate(name string, depth int) {
	if _, known := x.result.MinDepth[name]; !known {
		x.result.MinDepth[name] = depth
	}
	if name != NoDeadlock {
		x.result.Violated[name] = true
	}
}

// ended reports whether a run may end in s: no code is left, no IPI is on its way and no store waits.
func ended(p *model.Program, s *state) bool {
	for i, c := range s.cpus {
		if len(c.waiting) > 0 {
			return false
		}
		if p.CPUs[i].IsService {
			continue
		}
		if !c.through() || slices.Contains(c.pending, true) {
			return false
		}
	}
	return true
}

func (c *cpu) top() *level { return c.levels[len(c.levels)-1] }

// through reports whether no code is left; stores may still wait.
func (c *cpu) through() bool { return len(c.levels) == 1 && len(c.levels[0].blocks) == 0 }

// returns reports whether the CPU stands before the return of a handler.
func (c *cpu) returns() bool { return len(c.levels) > 1 && len(c.top().blocks) == 0 }

func (c *cpu) nmiDepth() int {
	n := 0
	for _, l := range c.levels {
		if l.context == model.InNMI {
			n++
		}
	}
	return n
}

// statement is the one that the level stands before, nil when its code has ended.
func (l *level) statement() *model.Stmt {
	if len(l.blocks) == 0 {
		return nil
	}
	b := l.blocks[len(l.blocks)-1]
	return b.stmts[b.next]
}

// frame is that of the innermost Frame statement, or else what the context begins with.
func (l *level) frame() model.Frame {
	for _, b := range slices.Backward(l.blocks) {
		if b.owner.Kind == model.StmtFrame {
			return b.owner.Frame
		}
	}
	switch l.context {
	case model.InIRQ:
		return model.IRQ
	case model.InNMI:
		return model.NMIBody
	}
	return model.Body
}

func (s *state) clone() *state {
	t := &state{vars: maps.Clone(s.vars)}
	for _, c := range s.cpus {
		d := &cpu{pending: slices.Clone(c.pending), came: slices.Clone(c.came), nmis: c.nmis,
			waiting: slices.Clone(c.waiting)}
		for _, l := range c.levels {
			m := &level{context: l.context, ipi: l.ipi, masked: l.masked}
			for _, b := range l.blocks {
				copied := *b
				copied.locals = maps.Clone(b.locals)
				m.blocks = append(m.blocks, &copied)
			}
			d.levels = append(d.levels, m)
		}
		t.cpus = append(t.cpus, d)
	}
	return t
}

// key tells states apart: every variable, and for each level the way through the statement lists to
// the place reached. The way also says which call is which when a routine is called in two places.
func (x *explorer) key(s *state) string {
	k := x.values(s)
	for i, c := range s.cpus {
		k = put(append(k, "\ncpu"...), int64(c.nmis))
		for j, p := range c.pending {
			k = put(k, truth(p), int64(c.came[j]))
		}
		for _, l := range c.levels {
			k = put(append(k, "level"...), int64(l.context), int64(slices.Index(x.p.CPUs[i].IPIs, l.ipi)),
				truth(l.masked))
			for _, b := range l.blocks {
				k = put(append(k, "block"...), int64(b.arm), int64(b.next))
				if f := b.owner.Call; f != nil {
					for _, v := range slices.Concat(f.Params, f.Locals) {
						k = put(k, b.locals[v])
					}
				}
			}
		}
		for _, st := range c.waiting {
			k = put(append(k, "waiting"...), int64(slices.Index(x.vars, st.v)), st.part, st.value)
			k = put(k, x.later(st)...)
		}
	}
	return string(k)
}

// values is those of the variables.
func (x *explorer) values(s *state) []byte {
	var k []byte
	for _, v := range x.vars {
		k = put(k, s.vars[v])
	}
	return k
}

// put writes numbers.
func put(k []byte, ns ...int64) []byte {
	for _, n := range ns {
		k = append(strconv.AppendInt(k, n, 10), ' ')
	}
	return k
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
