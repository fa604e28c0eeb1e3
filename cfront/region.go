package cfront

import (
	"slices"

	"modernc.org/cc/v4"

	"ctcheck/model"
)

// This file lowers jumps. The vocabulary has loops that are left by a Break, and nothing else. So a place to which
// something jumps is the end of a region, which is a loop that goes round once. To leave several regions at once a
// local, which is 0 at every step, says which.

// A region is a loop of the vocabulary that is being lowered, which is left for a reason.
type region struct {
	isBreak    bool // a break of C leaves it
	isContinue bool // a continue does
	label      any  // or a jump to a label or case
	blocks     int  // how many blocks are open around it
	code       int64
	left       bool      // something leaves it
	crossed    []*region // those around it that are left from inside it
}

// innermost is the innermost region of a kind.
func (l *lowering) innermost(s cc.Node, is func(r *region) bool) *region {
	for _, r := range slices.Backward(l.regions) {
		if is(r) {
			return r
		}
	}
	l.fail(s, "this jumps into a block, or into a loop from outside, which is not supported")
	return nil
}

// leave jumps to the end of a region.
func (l *lowering) leave(r *region) {
	l.clear(r.blocks)
	l.release(l.live) // of an expression that a jump inside it leaves
	top := l.regions[len(l.regions)-1]
	r.left = true
	if top != r {
		if r.code == 0 {
			l.codes++
			r.code = l.codes
		}
		l.emit(&model.Stmt{Kind: model.StmtAssign, Dst: l.jumpVar(), Arg: num(r.code)})
		top.cross(r)
	}
	l.emit(&model.Stmt{Kind: model.StmtBreak})
}

func (r *region) cross(to *region) {
	r.left = true
	if !slices.Contains(r.crossed, to) {
		r.crossed = append(r.crossed, to)
	}
}

// mostCodes is how many regions of a function may be left through others.
const mostCodes = 1<<10 - 1

func (l *lowering) jumpVar() *model.Var {
	if l.jump == nil {
		l.jump = l.to.r.Local("jump", model.UpTo(mostCodes))
	}
	if l.codes > mostCodes {
		l.fail(l.at.node, "the function jumps to more than %d places", mostCodes)
	}
	return l.jump
}

// open lowers the inside of a region.
func (l *lowering) open(r *region, body func()) []*model.Stmt {
	r.blocks = len(l.blocks)
	l.regions = append(l.regions, r)
	list := l.sub(body)
	l.regions = l.regions[:len(l.regions)-1]
	return list
}

// loop repeats a body until something leaves the region.
func (l *lowering) loop(r *region, body func()) {
	list := l.open(r, body)
	l.emit(&model.Stmt{Kind: model.StmtWhile, Cond: num(1), Body: list})
	l.arrive(r)
}

// region runs a body once; to leave the region is to go on behind it.
func (l *lowering) region(r *region, body func()) {
	list := l.open(r, body)
	if !r.left {
		l.put(list)
		return
	}
	if n := len(list); n == 0 || !ends(list[n-1]) {
		list = append(list, &model.Stmt{Kind: model.StmtBreak, File: l.at.pos.File, Line: l.at.pos.Line})
	}
	l.emit(&model.Stmt{Kind: model.StmtWhile, Cond: num(1), Body: list})
	l.arrive(r)
}

// arrive goes on with jumps that leave regions around the one that has ended.
func (l *lowering) arrive(r *region) {
	for _, to := range r.crossed {
		l.branch(equal(l.jump.Node(), to.code), func() {
			if top := l.regions[len(l.regions)-1]; top == to {
				l.emit(&model.Stmt{Kind: model.StmtAssign, Dst: l.jump, Arg: num(0)})
			} else {
				top.cross(to)
			}
			l.emit(&model.Stmt{Kind: model.StmtBreak})
		}, nil)
	}
}

// items lowers the items of a block. Jumps to its labels become regions.
func (l *lowering) items(items []item) {
	at := l.split(items)
	if at < 0 {
		for _, it := range items {
			l.item(it)
		}
		return
	}
	label := items[at].label
	before, after := items[:at], items[at+1:]
	l.region(&region{label: label}, func() { l.items(before) })
	if !slices.ContainsFunc(after, func(it item) bool { return it.goesTo(label) }) {
		l.items(after)
		return
	}
	out := &region{}
	l.loop(out, func() {
		l.region(&region{label: label}, func() {
			l.items(after)
			l.leave(out)
		})
	})
}

// split is the label to begin with, by its index: the first one to which something behind a later label goes back,
// so that the loop around it has these inside; otherwise the last one, so that all before it may jump there.
// Without a label it is -1.
func (l *lowering) split(items []item) int {
	last := -1
	for i, it := range items {
		if it.label == nil {
			continue
		}
		last = i
		later := slices.IndexFunc(items[i+1:], func(o item) bool { return o.label != nil })
		if later >= 0 && slices.ContainsFunc(items[i+1+later:], func(o item) bool { return o.goesTo(it.label) }) {
			return i
		}
	}
	return last
}

// goesTo reports whether some goto in the item is to a label.
func (it item) goesTo(label any) bool {
	name, ok := label.(string)
	if !ok || it.s == nil {
		return false
	}
	found := false
	visit(it.s, func(n cc.Node) bool {
		if j, ok := n.(*cc.JumpStatement); ok && j.Case == cc.JumpStatementGoto {
			found = found || j.Token2.SrcStr() == name
		}
		return !found
	})
	return found
}

// switches lowers a switch: jumps to its cases.
func (l *lowering) switches(s *cc.SelectionStatement) {
	if s.Statement.Case != cc.StatementCompound {
		l.fail(s, "a switch without a block is not supported")
	}
	items := itemsOf(s.Statement.CompoundStatement)
	cases := 0
	for _, it := range items {
		if _, ok := it.label.(*cc.LabeledStatement); ok {
			cases++
		}
	}
	for _, ls := range s.LabeledStatements() {
		if ls.Case != cc.LabeledStatementLabel {
			cases--
		}
	}
	if cases != 0 {
		l.fail(s, "a case inside a block within the switch is not supported")
	}
	out := &region{isBreak: true}
	l.statement(func() {
		var n *model.Node
		var t scalar
		l.standing(s.ExpressionList, func() { n, t, _ = l.number(s.ExpressionList, use{}) })
		n = convert(n, t.promoted())
		vars := l.used
		l.used = nil
		l.region(out, func() {
			l.openBlock()
			l.items(append([]item{{goes: func() { l.dispatch(n, vars, items, out) }}}, items...))
			l.closeBlock()
		})
		l.reuse(vars)
	})
}

// dispatch jumps to the case of a value; vars is zeroed on the way.
func (l *lowering) dispatch(n *model.Node, vars []*model.Var, items []item, out *region) {
	other := func() {
		l.release(vars)
		l.leave(out)
	}
	var next func(items []item)
	next = func(items []item) {
		if len(items) == 0 {
			other()
			return
		}
		ls, ok := items[0].label.(*cc.LabeledStatement)
		if !ok || ls.Case == cc.LabeledStatementDefault {
			next(items[1:])
			return
		}
		l.branch(l.isCase(n, ls), func() {
			l.release(vars)
			l.leave(l.innermost(ls, func(r *region) bool { return r.label == any(ls) }))
		}, func() { next(items[1:]) })
	}
	for _, it := range items {
		if ls, ok := it.label.(*cc.LabeledStatement); ok && ls.Case == cc.LabeledStatementDefault {
			other = func() {
				l.release(vars)
				l.leave(l.innermost(ls, func(r *region) bool { return r.label == any(ls) }))
			}
		}
	}
	next(items)
}

// isCase is whether a value is that of a case, or in its range.
func (l *lowering) isCase(n *model.Node, ls *cc.LabeledStatement) *model.Node {
	k, ok := constantOf(ls.ConstantExpression)
	if !ok {
		l.fail(ls, "the value of a case is not constant")
	}
	if ls.Case != cc.LabeledStatementRange {
		return equal(n, k)
	}
	to, ok := constantOf(ls.ConstantExpression2)
	if !ok {
		l.fail(ls, "the value of a case is not constant")
	}
	return both(bin(model.OpLe, num(k), n), bin(model.OpLe, n, num(to)))
}
