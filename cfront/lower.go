package cfront

import (
	"fmt"
	"maps"
	"slices"

	"modernc.org/cc/v4"

	"ctcheck/deferral"
	"ctcheck/model"
	"ctcheck/models"
)

// This file has the lowering of a protocol to a program, and what it knows while it goes.

// A lowering writes one program. It assumes the facts.
type lowering struct {
	u      *unit
	facts  *facts
	p      *model.Program
	fields map[*cc.Declarator]marks
	mem    *memory
	cpus   int // how many there are

	functions map[string]*function // that are lowered, by their keys
	holders   map[*model.Var]holder
	inits     map[*model.Var]bool // variables whose initial value is that of their declaration
	nothing   map[string]bool     // functions that were taken as nothing
	lines     map[string]*line    // of interrupts that are sent
	queue     []func()            // handlers that are yet to be lowered

	cpuVars  []*model.CPU
	deferral *deferral.Deferral
	requests []*deferral.Request // of the set_work that is being lowered
	config   models.Config       // of a deferral design
	works    int                 // work bits
	visible  map[*cell]bool      // the words in which work becomes visible
	stated   map[string]bool     // the events that the code states

	*frame
	out      *[]*model.Stmt
	at       place
	watching bool // what a property says: memory is read without a step
	steps    int  // that were written so far
	nested   bool // NMIs may interrupt NMIs
	faults   int  // of runs that always happen where they are reached, so that nothing follows
	depth    int  // of expressions and statements in each other
}

// A place is the statement that is being lowered.
type place struct {
	node cc.Node // with which a step begins that has no place of its own
	text string  // of steps
	pos  Pos
}

func newLowering(u *unit, fa *facts, p *model.Program) *lowering {
	u.errors = nil
	return &lowering{u: u, facts: fa.of(u), p: p, functions: map[string]*function{},
		holders: map[*model.Var]holder{}, inits: map[*model.Var]bool{}, nothing: map[string]bool{},
		lines: map[string]*line{}, visible: map[*cell]bool{}, stated: map[string]bool{}}
}

// err is what is wrong.
func (l *lowering) err() error { return l.u.err() }

func (l *lowering) fail(n cc.Node, format string, args ...any) { l.u.fail(n, format, args...) }

// run lowers with f, and then what f left in the queue.
func (l *lowering) run(f func(l *lowering)) {
	if l.u.fields == nil {
		l.u.fields = l.u.marksOfFields()
	}
	l.fields = l.u.fields
	l.try(func() { f(l) })
	for len(l.queue) > 0 {
		next := l.queue[0]
		l.queue = l.queue[1:]
		l.try(next)
	}
	l.name()
	for _, name := range slices.Sorted(maps.Keys(l.nothing)) {
		l.p.Assumptions = append(l.p.Assumptions, fmt.Sprintf("%s() is taken as nothing", name))
	}
}

// try lowers something, and goes on behind it, where it stood before, if that cannot be lowered.
func (l *lowering) try(f func()) {
	fr, at, out, depth, watching := l.frame, l.at, l.out, l.depth, l.watching
	var inside frame
	if fr != nil {
		inside = *fr
	}
	done, told, faults := false, len(l.u.errors), l.faults
	try(func() { f(); done = true })
	if done {
		return
	}
	if len(l.u.errors) == told && l.faults == faults && !l.facts.dirty { // nothing may be left out in silence
		l.u.note(at.pos, "checker fault: a statement here is not lowered")
	}
	l.frame, l.at, l.out, l.depth, l.watching = fr, at, out, depth, watching
	if fr != nil {
		fr.ctx, fr.used, fr.live = inside.ctx, inside.used, inside.live
		fr.blocks, fr.regions = fr.blocks[:len(inside.blocks)], fr.regions[:len(inside.regions)]
	}
}

// emit adds a statement at the place where the lowering stands. What follows a statement that ends its list is
// never reached, and left out.
func (l *lowering) emit(s *model.Stmt) *model.Stmt {
	if n := len(*l.out); n > 0 && ends((*l.out)[n-1]) {
		return s
	}
	if s.File == "" {
		s.File, s.Line = l.at.pos.File, l.at.pos.Line
	}
	if s.Kind.IsStep() {
		l.steps++
		if s.Label == "" {
			s.Label = l.at.text
		}
	}
	*l.out = append(*l.out, s)
	return s
}

// sub is the statements that f emits.
func (l *lowering) sub(f func()) []*model.Stmt {
	var list []*model.Stmt
	outer := l.out
	l.out = &list
	defer func() { l.out = outer }()
	f()
	return list
}

// ends reports whether what follows a statement is never reached.
func ends(s *model.Stmt) bool {
	last := func(list []*model.Stmt) bool { return len(list) > 0 && ends(list[len(list)-1]) }
	switch s.Kind {
	case model.StmtBreak, model.StmtReturn:
		return true
	case model.StmtIf:
		return last(s.Body) && last(s.Else)
	case model.StmtWhile:
		return isNum(s.Cond, 1) && !leaves(s.Body)
	case model.StmtFrame, model.StmtAtomic:
		return last(s.Body)
	}
	return false
}

// leaves reports whether some Break in the list is of the loop around it.
func leaves(list []*model.Stmt) bool {
	return slices.ContainsFunc(list, func(s *model.Stmt) bool {
		switch s.Kind {
		case model.StmtBreak:
			return true
		case model.StmtIf, model.StmtFrame, model.StmtAtomic:
			return leaves(s.Body) || leaves(s.Else)
		}
		return false
	})
}

// branch is an If; one whose condition is known is what it comes to.
func (l *lowering) branch(cond *model.Node, then, els func()) {
	if els == nil {
		els = func() {}
	}
	if cond.Op == model.OpConst {
		if cond.K != 0 {
			then()
		} else {
			els()
		}
		return
	}
	body, other := l.sub(then), l.sub(els)
	switch {
	case len(body) > 0:
		l.emit(&model.Stmt{Kind: model.StmtIf, Cond: cond, Body: body, Else: other})
	case len(other) > 0:
		l.emit(&model.Stmt{Kind: model.StmtIf, Cond: not(cond), Body: other})
	}
}

// standing lowers with the place of a node, if that has one of its own.
func (l *lowering) standing(n cc.Node, f func()) {
	before := l.at
	defer func() { l.at = before }()
	l.at = place{node: n, text: l.u.excerpt(n), pos: posOf(n)}
	f()
}

// assert makes it a fault of the run that cond is false.
func (l *lowering) assert(cond *model.Node, why string) {
	if isNum(cond, 1) {
		return
	}
	if cond.Op == model.OpConst { // always: still only where a run gets there
		v := l.temp(model.Bool)
		cond = v.Node()
	}
	l.emit(&model.Stmt{Kind: model.StmtAssert, Cond: cond, Label: why})
}
