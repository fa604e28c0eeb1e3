package cfront

import (
	"modernc.org/cc/v4"

	"ctcheck/model"
)

// This file lowers statements and declarations.

// block lowers a compound statement.
func (l *lowering) block(c *cc.CompoundStatement) {
	l.openBlock()
	l.items(itemsOf(c))
	l.closeBlock()
}

// An item is a statement or declaration in a block, or a label before it.
type item struct {
	label any // the name of a label, or a case; nil of others
	s     *cc.Statement
	d     *cc.Declaration
	other *cc.BlockItem
	goes  func() // the jumps with which a switch begins
}

// itemsOf is the items of a block, with labels taken off statements.
func itemsOf(c *cc.CompoundStatement) (items []item) {
	for list := c.BlockItemList; list != nil; list = list.BlockItemList {
		switch bi := list.BlockItem; bi.Case {
		case cc.BlockItemDecl:
			items = append(items, item{d: bi.Declaration})
		case cc.BlockItemStmt:
			items = append(items, unlabeled(bi.Statement)...)
		case cc.BlockItemLabel:
		default:
			items = append(items, item{other: bi})
		}
	}
	return items
}

// unlabeled is a statement with its labels before it.
func unlabeled(s *cc.Statement) (items []item) {
	for s.Case == cc.StatementLabeled {
		ls := s.LabeledStatement
		if ls.Case == cc.LabeledStatementLabel {
			items = append(items, item{label: ls.Token.SrcStr()})
		} else {
			items = append(items, item{label: ls})
		}
		s = ls.Statement
	}
	return append(items, item{s: s})
}

// item lowers one item.
func (l *lowering) item(it item) {
	switch {
	case it.goes != nil:
		it.goes()
	case it.d != nil:
		l.try(func() { l.declare(it.d) })
	case it.s != nil:
		l.try(func() { l.stmt(it.s) })
	case it.other != nil:
		l.try(func() { l.fail(it.other, "functions inside functions are not supported") })
	}
}

// declare lowers the declaration of locals.
func (l *lowering) declare(d *cc.Declaration) {
	if d.Case == cc.DeclarationAssert {
		return
	}
	if d.Case == cc.DeclarationAuto {
		l.fail(d, "__auto_type is not supported; write the type")
	}
	for list := d.InitDeclaratorList; list != nil; list = list.InitDeclaratorList {
		id := list.InitDeclarator
		dr := id.Declarator
		if dr.IsTypename() || dr.IsStatic() || dr.IsExtern() || dr.Type().Kind() == cc.Function {
			continue
		}
		m := l.u.marksOfSpecifiers(d.DeclarationSpecifiers).with(l.u.marksOf(d.AttributeSpecifierList)).
			with(l.u.marksOfDeclarator(list))
		l.statement(func() {
			l.standing(dr, func() {
				lo := l.newLocal(dr, m)
				if id.Initializer != nil {
					l.initLocal(lo, id.Initializer, dr)
				}
			})
		})
	}
}

// stmt lowers a statement.
func (l *lowering) stmt(s *cc.Statement) {
	l.deeper(s, func() { l.anyStmt(s) })
}

func (l *lowering) anyStmt(s *cc.Statement) {
	switch s.Case {
	case cc.StatementLabeled:
		l.items(unlabeled(s))
	case cc.StatementCompound:
		l.block(s.CompoundStatement)
	case cc.StatementExpr:
		if e := s.ExpressionStatement.ExpressionList; e != nil {
			l.effect(e)
		}
	case cc.StatementSelection:
		if s.SelectionStatement.Case == cc.SelectionStatementSwitch {
			l.switches(s.SelectionStatement)
		} else {
			l.ifs(s.SelectionStatement)
		}
	case cc.StatementIteration:
		l.iterate(s.IterationStatement)
	case cc.StatementJump:
		l.jumps(s.JumpStatement)
	case cc.StatementAsm:
		l.fail(s, "assembly is not supported; write what it does in C")
	}
}

// effect lowers an expression for what it does.
func (l *lowering) effect(e cc.ExpressionNode) {
	l.statement(func() { l.standing(e, func() { l.value(e, use{unused: true}) }) })
}

// tested lowers a condition, and what follows of it where the temporaries of the condition are zero again.
func (l *lowering) tested(e cc.ExpressionNode, then, els func()) {
	outer := l.used
	l.used = nil
	var cond *model.Node
	l.standing(e, func() { cond = l.cond(e) })
	vars := l.used
	l.used = outer
	l.reuse(vars)
	l.branch(cond, func() { l.release(vars); then() }, func() { l.release(vars); els() })
}

func (l *lowering) ifs(s *cc.SelectionStatement) {
	if what, ok := framed(s.ExpressionList); ok {
		if s.Case != cc.SelectionStatementIf {
			l.fail(s, "ctcheck_%s has no else", what)
		}
		l.frameOf(what, s)
		return
	}
	l.tested(s.ExpressionList, func() { l.stmt(s.Statement) }, func() {
		if s.Case == cc.SelectionStatementIfElse {
			l.stmt(s.Statement2)
		}
	})
}

// iterate lowers a loop.
func (l *lowering) iterate(s *cc.IterationStatement) {
	out := &region{isBreak: true}
	test := func(e cc.ExpressionNode) {
		if e != nil {
			l.tested(e, func() {}, func() { l.leave(out) })
		}
	}
	body := func() { l.region(&region{isContinue: true}, func() { l.stmt(s.Statement) }) }
	l.openBlock()
	switch s.Case {
	case cc.IterationStatementDo:
		l.loop(out, func() { body(); test(s.ExpressionList) })
	case cc.IterationStatementWhile:
		l.loop(out, func() { test(s.ExpressionList); body() })
	case cc.IterationStatementForDecl, cc.IterationStatementFor:
		cond, post := s.ExpressionList2, s.ExpressionList3
		if s.Case == cc.IterationStatementForDecl {
			l.declare(s.Declaration)
			cond, post = s.ExpressionList, s.ExpressionList2
		} else if s.ExpressionList != nil {
			l.effect(s.ExpressionList)
		}
		l.loop(out, func() {
			test(cond)
			body()
			if post != nil {
				l.effect(post)
			}
		})
	}
	l.closeBlock()
}

// jumps lowers break, continue, goto and return.
func (l *lowering) jumps(s *cc.JumpStatement) {
	switch s.Case {
	case cc.JumpStatementBreak:
		l.leave(l.innermost(s, func(r *region) bool { return r.isBreak }))
	case cc.JumpStatementContinue:
		l.leave(l.innermost(s, func(r *region) bool { return r.isContinue }))
	case cc.JumpStatementGoto:
		name := s.Token2.SrcStr()
		l.leave(l.innermost(s, func(r *region) bool { return r.label == name }))
	case cc.JumpStatementGotoExpr:
		l.fail(s, "goto to a computed label is not supported")
	case cc.JumpStatementReturn:
		l.returned(s)
	}
}

// returned lowers a return.
func (l *lowering) returned(s *cc.JumpStatement) {
	fn := l.to
	if s.ExpressionList == nil {
		l.emit(&model.Stmt{Kind: model.StmtReturn})
		return
	}
	if fn.result == nil {
		if fn.returns.Kind() != cc.Void {
			l.fail(s, "%s returns a struct, which is not supported; pass a pointer to one", fn.f.Declarator.Name())
		}
		l.effect(s.ExpressionList)
		l.emit(&model.Stmt{Kind: model.StmtReturn})
		return
	}
	outer := l.used
	l.used = nil
	defer func() { // the call ends, and with it all of its locals
		l.reuse(l.used)
		l.used = outer
	}()
	l.standing(s.ExpressionList, func() {
		v := l.converted(l.value(s.ExpressionList, use{}), fn.returns, s)
		n := l.numberOf(v, s)
		if !grows(n) || l.fn == l.u.handedOver() {
			b := boundsOf(n)
			l.facts.include(fn.result, b.lo, b.hi)
		}
		known := n
		if n.Op != model.OpConst {
			known = nil
		}
		l.frame.returns = append(l.frame.returns, known)
		l.emit(&model.Stmt{Kind: model.StmtReturn, Arg: n})
	})
}

// statementExpr is ({ ... }): its value is that of the last statement.
func (l *lowering) statementExpr(e *cc.PrimaryExpression, us use) (v value) {
	items := itemsOf(e.CompoundStatement)
	l.openBlock()
	defer l.closeBlock()
	v = value{t: e.Type()}
	n := len(items)
	if n == 0 || items[n-1].s == nil || items[n-1].s.Case != cc.StatementExpr ||
		items[n-1].s.ExpressionStatement.ExpressionList == nil {
		l.items(items)
		return v
	}
	l.items(items[:n-1])
	last := items[n-1].s.ExpressionStatement.ExpressionList
	v = l.value(last, us)
	if us.unused || v.direct || v.n == nil || v.n.Op == model.OpConst {
		return v
	}
	if s, ok := scalarOf(v.t); ok && l.usesBlock(v.n) {
		v.n = l.kept(v.n, s, e)
	}
	return v
}

// usesBlock reports whether an expression reads a local of the innermost block, which is about to end.
func (l *lowering) usesBlock(n *model.Node) bool {
	found := false
	for _, lo := range l.blocks[len(l.blocks)-1] {
		for _, v := range lo.vars {
			found = found || reads(n, v)
		}
	}
	return found
}
