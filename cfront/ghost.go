package cfront

import (
	"fmt"

	"modernc.org/cc/v4"

	"ctcheck/model"
)

// This file lowers what <ctcheck.h> has for protocols: assertions, choices, waits and frames.

// failedAssertion is the event of an assertion that fails.
const failedAssertion model.EventKind = "assertion-failed"

// assertions is the name of the property that no assertion fails.
const assertions = "assertions"

// asserts states that an assertion fails where its condition is false.
func (l *lowering) asserts(c *vocable) value {
	cond := l.cond(c.args[0])
	l.stated[assertions] = true
	l.branch(cond, func() {}, func() {
		l.emit(&model.Stmt{Kind: model.StmtEvent, Event: failedAssertion, Label: l.at.text})
	})
	return value{t: c.e.Type()}
}

// warn states that a WARN_ON fires.
func (l *lowering) warn(c *vocable) value {
	l.emit(&model.Stmt{Kind: model.StmtEvent, Event: model.Warned, Label: l.u.excerpt(c.e)})
	return value{t: c.e.Type()}
}

// mostChoices is how many values ctcheck_choose chooses from.
const mostChoices = 64

// chooses is a step that takes any of some values.
func (l *lowering) chooses(c *vocable) value {
	n, ok := constantOf(c.args[0])
	if !ok || n < 1 || n > mostChoices {
		l.fail(c.args[0], "ctcheck_choose takes a constant, 1 to %d", mostChoices)
	}
	if l.ctx.atomic {
		l.fail(c.e, "choose before ctcheck_atomic, not in it")
	}
	v, direct := l.destination(c.us, bounds{0, n - 1}, model.UpTo(n-1))
	s := &model.Stmt{Kind: model.StmtChoose}
	for i := range n {
		body := l.sub(func() {
			l.emit(&model.Stmt{Kind: model.StmtPause})
			if v != nil {
				l.emit(&model.Stmt{Kind: model.StmtAssign, Dst: v, Arg: num(i)})
			}
		})
		s.Alts = append(s.Alts, model.Alt{Guard: num(1), Body: body})
	}
	l.emit(s)
	return result(v, direct, c.e.Type())
}

// waits is a step that can be taken while a condition is true.
func (l *lowering) waits(c *vocable) value {
	var cond *model.Node
	if list := l.sub(func() { cond = l.cond(c.args[0]) }); len(list) > 0 {
		l.fail(c.args[0], "ctcheck_wait looks at ghosts, locals and ctcheck_done(); to wait for shared memory use "+
			"smp_cond_load_acquire, or write a loop")
	}
	l.emit(&model.Stmt{Kind: model.StmtAwait, Cond: cond})
	return value{t: c.e.Type()}
}

// stepOnly is a step that does nothing.
func (l *lowering) stepOnly(c *vocable) value {
	l.emit(&model.Stmt{Kind: model.StmtPause})
	return value{t: c.e.Type()}
}

// done is whether a CPU has ended.
func (l *lowering) done(c *vocable) value {
	name := l.text(c.args[0])
	for _, cpu := range l.cpuVars {
		if cpu.Name == name {
			return value{t: c.e.Type(), n: cpu.Done().Node()}
		}
	}
	l.fail(c.e, "there is no CPU %s", name)
	return value{}
}

func (l *lowering) misplaced(c *vocable) value {
	l.fail(c.e, "ctcheck_atomic and the frames are statements: ctcheck_atomic { ... }")
	return value{}
}

// framed reports whether a condition is one of the frames of <ctcheck.h>, and which.
func framed(e cc.ExpressionNode) (what string, ok bool) {
	call, ok := unparen(e).(*cc.PostfixExpression)
	if !ok || call.Case != cc.PostfixExpressionCall || call.ArgumentExpressionList == nil {
		return "", false
	}
	id, ok := call.PostfixExpression.(*cc.PrimaryExpression)
	if !ok || id.Token.SrcStr() != "__ct_as" {
		return "", false
	}
	s, ok := call.ArgumentExpressionList.AssignmentExpression.Value().(cc.StringValue)
	return string(s[:max(len(s)-1, 0)]), ok
}

var frames = map[string]model.Frame{"user": model.User, "idle": model.Idle, "guest": model.Guest,
	"entry": model.Entry, "exit": model.Exit, "body": model.Body}

// frameOf lowers a block as one step, or as a frame of the CPU's stack.
func (l *lowering) frameOf(what string, s *cc.SelectionStatement) {
	if what != "atomic" {
		f, ok := frames[what]
		if !ok {
			l.fail(s, "there is no frame %s", what)
		}
		if l.up != nil {
			l.fail(s,
				"only the block of a CPU, an interrupt or an NMI itself changes frames, not what it calls")
		}
		body := l.sub(func() { l.stmt(s.Statement) })
		l.standing(s.Statement, func() {
			l.emit(&model.Stmt{Kind: model.StmtFrame, Frame: f, Body: body})
		})
		return
	}
	before := l.ctx.atomic
	l.frame.ctx.atomic = true
	var body []*model.Stmt
	l.try(func() { body = l.sub(func() { l.stmt(s.Statement) }) })
	l.frame.ctx.atomic = before
	l.standing(s, func() {
		l.emit(&model.Stmt{Kind: model.StmtAtomic, Label: fmt.Sprintf("ctcheck_%s", what), Body: body})
	})
}
