package axiom

import (
	"ctcheck/threads"
)

// A term is a value that may not be known yet: a constant, what a read finds, or what is computed of other
// terms. It depends on reads, in the sense of the model.
type term struct {
	expr *threads.Expr // nil: it is what the access read finds
	read int32
	args []int32 // the terms of the registers of expr
	deps []uint64
}

// Whether a value is known.
type status uint8

const (
	unknown status = iota
	known
	fault // it has none, as of a division by 0
	murky // it depends, by more than copies, on a value out of thin air
)

// The states of a thread.
const (
	runs     uint8 = iota
	needs          // it waits for a value
	chooses        // it may go on in two ways, which no value decides
	done           // it has ended
	atFault        // it has stopped where the test is wrong
	isMurky        // it has stopped since something out of thin air decides how it goes on
	unrolled       // it has stopped before one more round of a loop
	spins          // it has stopped since a round of a loop changed nothing
)

// A graph is a node of the search: an execution graph that may not be whole.
type graph struct {
	events []event
	deps   []uint64 // three rows for each access: of its address, of what it writes, of branches around it
	marks  []mark

	pc      []int32
	state   []uint8
	need    []int32 // the term that a thread waits for
	forced  []int16 // how a thread goes on where it needs a value or chooses: -1 as it comes, 0 or 1, or by cell
	pending []int32 // the read of a conditional read-modify-write that is not decided yet; -1
	count   []int16 // accesses of each thread
	regs    []int32 // of all threads, terms
	ctrl    []uint64
	rounds  []int16 // of all loops of all threads
	last    []round // how each loop began its round

	rf     []int32 // of each read the write; -1: not known
	later  []int32 // of a read: it reads from none of the accesses before this one
	value  []threads.Value
	known  []bool // whether value is that of the read
	co     rel
	guess  []guess
	worked []int32 // what registers were assigned that may have no value
	static *static // what follows from the program's order alone
	isNew  bool    // there are accesses or marks that static does not have
}

// A guess is an assumption about a term, to be confirmed when its value is known.
type guess struct {
	term int32
	kind guessKind
	cell int32
}

type guessKind uint8

const (
	isTrue guessKind = iota
	isFalse
	isCell
	isNoAddress
)

// copyFrom makes a graph the same as another.
func (g *graph) copyFrom(o *graph) {
	g.events = append(g.events[:0], o.events...)
	g.deps = append(g.deps[:0], o.deps...)
	g.marks = append(g.marks[:0], o.marks...)
	g.pc = append(g.pc[:0], o.pc...)
	g.state = append(g.state[:0], o.state...)
	g.need = append(g.need[:0], o.need...)
	g.forced = append(g.forced[:0], o.forced...)
	g.pending = append(g.pending[:0], o.pending...)
	g.count = append(g.count[:0], o.count...)
	g.regs = append(g.regs[:0], o.regs...)
	g.ctrl = append(g.ctrl[:0], o.ctrl...)
	g.rounds = append(g.rounds[:0], o.rounds...)
	g.last = append(g.last[:0], o.last...)
	g.rf = append(g.rf[:0], o.rf...)
	g.later = append(g.later[:0], o.later...)
	g.value = append(g.value[:0], o.value...)
	g.known = append(g.known[:0], o.known...)
	g.co = append(g.co[:0], o.co...)
	g.guess = append(g.guess[:0], o.guess...)
	g.worked = append(g.worked[:0], o.worked...)
	g.static, g.isNew = o.static, o.isNew
}

// constant is a term that is known.
func (s *search) constant(v threads.Value) int32 {
	return s.addTerm(term{expr: &threads.Expr{Const: v}, deps: s.none})
}

func (s *search) addTerm(t term) int32 {
	s.terms = append(s.terms, t)
	return int32(len(s.terms) - 1)
}

// term is the value of an expression in the registers of a thread.
func (s *search) term(g *graph, thread int, e *threads.Expr) int32 {
	if e.Eval == nil && len(e.Regs) > 0 {
		return g.regs[s.regBase[thread]+e.Regs[0]]
	}
	t := term{expr: e, deps: s.none}
	if len(e.Regs) > 0 {
		t.args, t.deps = make([]int32, len(e.Regs)), make([]uint64, s.w)
		for i, r := range e.Regs {
			t.args[i] = g.regs[s.regBase[thread]+r]
			for k, x := range s.terms[t.args[i]].deps {
				t.deps[k] |= x
			}
		}
	}
	return s.addTerm(t)
}

// find is the value of a term in a graph.
func (s *search) find(g *graph, i int32) (threads.Value, status) {
	t := &s.terms[i]
	if t.expr == nil {
		return s.finds(g, t.read)
	}
	if t.expr.Eval == nil {
		return t.expr.Const, known
	}
	args := make([]threads.Value, len(t.args))
	worst := known
	for k, a := range t.args {
		v, st := s.find(g, a)
		switch {
		case st == unknown:
			return v, unknown
		case st == fault, st == murky:
			worst = st
		case v.Kind == threads.Thin:
			worst = murky
		}
		args[k] = v
	}
	if worst != known {
		return threads.Value{}, worst
	}
	v, err := t.expr.Eval(args)
	if err != nil {
		s.why = err
		return threads.Value{}, fault
	}
	return v, known
}

// finds is what a read finds. One that, through copies alone, reads what itself has found has a value out of
// thin air.
func (s *search) finds(g *graph, read int32) (threads.Value, status) {
	if g.known[read] {
		return g.value[read], known
	}
	if s.visiting[read] {
		return threads.Value{Kind: threads.Thin, N: int64(read)}, known
	}
	w := g.rf[read]
	if w < 0 {
		return threads.Value{}, unknown
	}
	s.visiting[read] = true
	v, st := s.find(g, g.events[w].val)
	s.visiting[read] = false
	if st == known && (v.Kind != threads.Thin || v.N == int64(read) || g.known[v.N]) {
		g.value[read], g.known[read] = v, true
	}
	return v, st
}
