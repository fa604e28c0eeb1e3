package axiom

import "ctcheck/threads"

// An Execution is an execution graph that is whole.
type Execution struct {
	Events []Event
	Fences []Fence
}

// An Event is an access of an execution.
type Event struct {
	Thread int // -1 of the write of an initial value
	Nth    int // among the accesses of its thread
	Read   bool
	Cell   int
	Value  threads.Value
	From   int // of a read, the write that it reads from
	After  []int
	Instr  *threads.Instr
}

// A Fence is what a thread does between accesses.
type Fence struct {
	Thread, Before int // before the access of the thread with that number
	Instr          *threads.Instr
}

// execution is a graph that is whole, for others.
func (s *search) execution(g *graph) *Execution {
	x := &Execution{}
	for i := range g.events {
		e := &g.events[i]
		v, _ := s.find(g, e.val)
		out := Event{Thread: int(e.thread), Nth: int(e.nth), Read: e.is(isRead), Cell: int(e.cell), Value: v,
			From: int(g.rf[i]), Instr: e.instr}
		set(s.alg.row(g.co, i)).each(func(j int) { out.After = append(out.After, j) })
		x.Events = append(x.Events, out)
	}
	for _, m := range g.marks {
		x.Fences = append(x.Fences, Fence{int(m.thread), int(m.at), m.instr})
	}
	return x
}
