// Package replay checks an execution that package axiom has found, by other means: it runs the program along
// it, and evaluates the axioms of the memory model on it as they are written down, with barriers as events of
// their own.
package replay

import (
	"fmt"

	"ctcheck/axiom"
	"ctcheck/model"
	"ctcheck/threads"
)

// An event is an access, or what a thread does between accesses.
type event struct {
	thread  int // -1 of initial writes
	nth     int // in its thread, barriers counted
	read    bool
	write   bool
	cell    int // -1: none
	value   threads.Value
	op      threads.Op
	fence   threads.FenceKind
	order   model.Order
	half    bool // of a read-modify-write that writes
	rmw     bool // of any read-modify-write
	void    bool
	mayLoad bool
	lock    string // LKR, LKW, UL, LF or RU

	addr, data, ctrl map[int]bool // events that it depends on
}

// An execution is what Check works on.
type execution struct {
	p      *threads.Program
	events []event
	rf, co relation
	rmw    relation
	// index is the event of each access of axiom's.
	index map[[2]int]int
}

// A failure is why an execution is none.
type failure string

func fail(format string, args ...any) { panic(failure(fmt.Sprintf(format, args...))) }

// Check runs a program along an execution, and says what is wrong with it: that the program does not do that,
// or the axiom of the memory model that it breaks; that is the error. The flags are those of the model.
func Check(p *threads.Program, x *axiom.Execution, memory model.MemoryModel) (flags []string, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case failure:
			err = fmt.Errorf("%s", string(r))
		default:
			panic(r)
		}
	}()
	e := &execution{p: p, index: map[[2]int]int{}}
	e.run(x)
	e.order(x)
	return e.check(memory), nil
}

// run makes the events.
func (e *execution) run(x *axiom.Execution) {
	byThread := map[int][]axiom.Event{}
	for _, ev := range x.Events {
		if ev.Thread >= 0 {
			byThread[ev.Thread] = append(byThread[ev.Thread], ev)
			continue
		}
		if ev.Value != e.p.Cells[ev.Cell].Init {
			fail("the initial value of %s is another", e.p.Cells[ev.Cell].Name)
		}
		e.index[[2]int{-1, ev.Cell}] = len(e.events)
		e.events = append(e.events, event{thread: -1, write: true, cell: ev.Cell, value: ev.Value})
	}
	for t := range e.p.Threads {
		list := make([]axiom.Event, len(byThread[t]))
		for _, ev := range byThread[t] {
			list[ev.Nth] = ev
		}
		r := &runner{e: e, t: t, list: list}
		r.run()
	}
}

// A runner runs a thread.
type runner struct {
	e      *execution
	t      int
	list   []axiom.Event // the accesses that are to come
	done   int
	nth    int
	regs   []threads.Value
	taint  []map[int]bool // what each register depends on
	blocks []map[int]bool // what the events in each block depend on
}

func union(ms ...map[int]bool) map[int]bool {
	out := map[int]bool{}
	for _, m := range ms {
		for k := range m {
			out[k] = true
		}
	}
	return out
}

func (r *runner) eval(x *threads.Expr) (threads.Value, map[int]bool) {
	var args []threads.Value
	deps := map[int]bool{}
	for _, reg := range x.Regs {
		args = append(args, r.regs[reg])
		deps = union(deps, r.taint[reg])
	}
	switch {
	case x.Eval == nil && len(args) > 0:
		return args[0], deps
	case x.Eval == nil:
		return x.Const, deps
	}
	v, err := x.Eval(args)
	if err != nil {
		fail("P%d computes what has no value: %v", r.t, err)
	}
	return v, deps
}

// access is the next one of the execution, which has to be this.
func (r *runner) access(ev event, addr map[int]bool) int {
	if r.done == len(r.list) {
		fail("P%d makes more accesses than the execution has", r.t)
	}
	got := r.list[r.done]
	if got.Read != ev.read || got.Cell != ev.cell || ev.write && got.Value != ev.value {
		fail("access %d of P%d is another one", r.done, r.t)
	}
	ev.value = got.Value
	i := r.event(ev)
	r.e.events[i].addr = addr
	r.e.index[[2]int{r.t, r.done}] = i
	r.done++
	return i
}

func (r *runner) event(ev event) int {
	ev.thread, ev.nth = r.t, r.nth
	r.nth++
	ev.ctrl = union(r.blocks...)
	r.e.events = append(r.e.events, ev)
	return len(r.e.events) - 1
}

func (r *runner) set(reg int, v threads.Value, deps map[int]bool) {
	if reg >= 0 {
		r.regs[reg], r.taint[reg] = v, deps
	}
}

func (r *runner) run() {
	th := r.e.p.Threads[r.t]
	for _, reg := range th.Regs {
		r.regs, r.taint = append(r.regs, reg.Init), append(r.taint, nil)
	}
	r.blocks = []map[int]bool{nil}
	steps := 0
	for pc := 0; pc < len(th.Code); {
		if steps++; steps > 1<<16 {
			fail("P%d does not end", r.t)
		}
		pc = r.step(&th.Code[pc], pc)
	}
	if r.done < len(r.list) {
		fail("P%d makes fewer accesses than the execution has", r.t)
	}
}

// step runs an instruction and is where the thread goes on.
func (r *runner) step(in *threads.Instr, pc int) int {
	for len(r.blocks) <= in.Depth {
		r.blocks = append(r.blocks, nil)
	}
	if in.Op != threads.Enter && in.Op != threads.Branch {
		r.blocks = r.blocks[:in.Depth+1]
	}
	switch in.Op {
	case threads.Assign:
		v, deps := r.eval(in.Value)
		r.set(in.Dst, v, deps)
	case threads.Jump:
		return in.Target
	case threads.Leave:
		r.blocks = r.blocks[:in.Depth]
	case threads.Enter:
		r.blocks = append(r.blocks[:in.Depth], nil)
	case threads.Again:
	case threads.Branch:
		v, deps := r.eval(in.If)
		r.blocks = append(r.blocks[:in.Depth], deps)
		if in.Escape < in.Depth {
			r.blocks[in.Escape] = union(r.blocks[in.Escape], deps)
		}
		if v.IsZero() {
			return in.Target
		}
	case threads.Fence, threads.ReadLock, threads.ReadUnlock, threads.Sync:
		r.event(event{op: in.Op, fence: in.Fence, cell: -1})
	default:
		r.memory(in)
	}
	return pc + 1
}

// memory runs an instruction that accesses memory.
func (r *runner) memory(in *threads.Instr) {
	a, addr := r.eval(in.Addr)
	if a.Kind != threads.Addr {
		fail("P%d accesses what is no address", r.t)
	}
	ev := event{cell: int(a.N), op: in.Op, order: in.Order, void: in.Void, mayLoad: in.MayLoad,
		rmw: in.Op == threads.Modify}
	read := func(lock string) int {
		x := ev
		x.read, x.lock = true, lock
		return r.access(x, addr)
	}
	write := func(lock string, v threads.Value, data map[int]bool) int {
		x := ev
		x.write, x.value, x.lock = true, v, lock
		i := r.access(x, addr)
		r.e.events[i].data = data
		return i
	}
	one := threads.Value{N: 1}
	finds := func(i int) { r.set(in.Dst, r.e.events[i].value, map[int]bool{i: true}) }
	take := func() int {
		i := read("LKR")
		r.pair(i, write("LKW", one, nil))
		return i
	}
	next := func() (writes bool) { // what the execution does after this read
		return r.done+1 < len(r.list) && !r.list[r.done+1].Read && r.list[r.done+1].Cell == int(a.N) &&
			r.list[r.done+1].Instr == in
	}
	switch in.Op {
	case threads.Read, threads.SrcuLock:
		finds(read(""))
	case threads.Write, threads.SrcuUnlock:
		v, data := r.eval(in.Value)
		write("", v, data)
	case threads.SrcuSync:
		r.event(ev)
	case threads.Modify:
		i := read("")
		finds(i)
		if in.If != nil {
			if ok, _ := r.eval(in.If); ok.IsZero() {
				return
			}
		}
		v, data := r.eval(in.Value)
		r.pair(i, write("", v, data))
	case threads.Lock:
		take()
	case threads.Unlock:
		write("UL", threads.Value{}, nil)
	case threads.Trylock:
		if next() {
			r.set(in.Dst, one, map[int]bool{take(): true})
		} else {
			r.set(in.Dst, threads.Value{}, map[int]bool{read("LF"): true})
		}
	case threads.IsLocked:
		if r.done < len(r.list) && !r.list[r.done].Value.IsZero() {
			finds(read("LF"))
		} else {
			finds(read("RU"))
		}
	}
}

// pair makes two events the halves of a read-modify-write.
func (r *runner) pair(read, write int) {
	r.e.events[read].half, r.e.events[write].half = true, true
}

// order reads rf and co off the execution, and says whether they are what they have to be.
func (e *execution) order(x *axiom.Execution) {
	e.rf, e.co, e.rmw = e.empty(), e.empty(), e.empty()
	at := func(ev axiom.Event) int {
		if ev.Thread < 0 {
			return e.index[[2]int{-1, ev.Cell}]
		}
		return e.index[[2]int{ev.Thread, ev.Nth}]
	}
	for _, ev := range x.Events {
		i := at(ev)
		if ev.Read {
			w := at(x.Events[ev.From])
			if f := e.events[w]; !f.write || f.cell != ev.Cell || f.value != ev.Value {
				fail("access %d of P%d finds what nobody wrote", ev.Nth, ev.Thread)
			}
			e.rf[w][i] = true
			continue
		}
		for _, j := range ev.After {
			e.co[i][at(x.Events[j])] = true
		}
	}
	for i, a := range e.events {
		for j, b := range e.events {
			if !a.write || !b.write || a.cell != b.cell || i == j {
				if e.co[i][j] {
					fail("the order of writes has what are none of one location")
				}
				continue
			}
			if e.co[i][j] == e.co[j][i] || b.thread < 0 && e.co[i][j] {
				fail("the order of the writes to %s is none", e.p.Cells[a.cell].Name)
			}
		}
		if a.half && a.read {
			e.rmw[i][i+1] = true
		}
	}
	if !isEmpty(e.minus(e.seq(e.co, e.co), e.co)) {
		fail("the order of writes is not transitive")
	}
}
