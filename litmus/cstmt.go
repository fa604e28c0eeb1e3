package litmus

import (
	"strings"

	"modernc.org/cc/v4"
)

// This file converts C's statements.

// A loop is a while, do, for or switch whose body is converted.
type loop struct {
	isSwitch bool
	// again is set where a continue leaves the body alone: the body is a Once of its own, and a break sets the
	// register brk for the loop to see.
	again bool
	brk   string
}

func (c *converter) block(b *cc.CompoundStatement) {
	c.scopes = append(c.scopes, map[string]bool{})
	for l := b.BlockItemList; l != nil; l = l.BlockItemList {
		switch item := l.BlockItem; item.Case {
		case cc.BlockItemDecl:
			c.declaration(item.Declaration)
		case cc.BlockItemStmt:
			c.stmt(item.Statement)
		default:
			unsupported(pos(item), "block item", "found %q; declarations and statements are supported here",
				excerpt(item))
		}
	}
	c.scopes = c.scopes[:len(c.scopes)-1]
}

// begin makes a statement the one that what follows belongs to.
func (c *converter) begin(from cc.Node, to cc.Node, after string) {
	c.at, c.label = pos(from), c.source(from, to)+after
}

func (c *converter) stmt(s *cc.Statement) {
	c.deeper(pos(s))
	defer func() { c.depth-- }()
	switch s.Case {
	case cc.StatementCompound:
		c.block(s.CompoundStatement)
	case cc.StatementExpr:
		e := s.ExpressionStatement
		if e.ExpressionList != nil {
			c.begin(e.ExpressionList, e.Token, ";")
			c.value(e.ExpressionList, "", true)
		}
	case cc.StatementSelection:
		c.selection(s.SelectionStatement)
	case cc.StatementIteration:
		c.iteration(s.IterationStatement)
	case cc.StatementJump:
		c.jump(s.JumpStatement)
	case cc.StatementLabeled:
		unsupported(pos(s), "label", "found a label; labels stand directly inside a switch only, and goto is "+
			"not supported")
	default:
		unsupported(pos(s), "asm", "found %q; assembly inside C is not supported", excerpt(s))
	}
}

func (c *converter) selection(s *cc.SelectionStatement) {
	if s.Case == cc.SelectionStatementSwitch {
		c.switches(s)
		return
	}
	c.begin(s.Token, s.Token3, ")")
	cond := c.value(s.ExpressionList, "", false)
	out := &Stmt{Kind: If, Pos: c.at, Label: c.label, Cond: cond}
	out.Body = c.sub(func() { c.stmt(s.Statement) })
	if s.Case == cc.SelectionStatementIfElse {
		out.Else = c.sub(func() { c.stmt(s.Statement2) })
	}
	c.emit(out)
}

// iteration makes a Loop of a loop: the condition is a Break at its beginning or end.
func (c *converter) iteration(s *cc.IterationStatement) {
	var cond, step cc.ExpressionNode
	end := s.Token3
	switch s.Case {
	case cc.IterationStatementWhile:
		cond = s.ExpressionList
	case cc.IterationStatementDo:
		cond, end = s.ExpressionList, s.Token4
	case cc.IterationStatementFor:
		if s.ExpressionList != nil {
			c.begin(s.ExpressionList, s.Token3, "")
			c.value(s.ExpressionList, "", true)
		}
		cond, step, end = s.ExpressionList2, s.ExpressionList3, s.Token5
	case cc.IterationStatementForDecl:
		c.scopes = append(c.scopes, map[string]bool{})
		defer func() { c.scopes = c.scopes[:len(c.scopes)-1] }()
		c.declaration(s.Declaration)
		cond, step, end = s.ExpressionList, s.ExpressionList2, s.Token4
	}
	test := func() {
		if cond == nil {
			return
		}
		if s.Case == cc.IterationStatementDo {
			c.begin(s.Token2, end, ")")
		} else {
			c.begin(s.Token, end, ")")
		}
		e := c.value(cond, "", false)
		c.emit(&Stmt{Kind: If, Cond: &Expr{Op: OpNot, Pos: e.Pos, A: e}, Body: []*Stmt{{Kind: Break, Pos: c.at}}})
	}
	at := pos(s)
	body := c.sub(func() {
		if s.Case != cc.IterationStatementDo {
			test()
		}
		c.loopBody(s.Statement)
		if s.Case == cc.IterationStatementDo {
			test()
		} else if step != nil {
			c.begin(step, end, "")
			c.value(step, "", true)
		}
	})
	c.emit(&Stmt{Kind: Loop, Pos: at, Label: c.label, Body: body})
}

// loopBody converts the body of a loop; where it has a continue of its own it is a Once, which that leaves.
func (c *converter) loopBody(s *cc.Statement) {
	l := loop{again: c.hasContinue(s)}
	if l.again {
		l.brk = c.temp()
		c.emit(&Stmt{Kind: Assign, Dst: l.brk, Value: intExpr(c.at, 0)})
	}
	c.loops = append(c.loops, l)
	body := c.sub(func() { c.stmt(s) })
	c.loops = c.loops[:len(c.loops)-1]
	if !l.again {
		*c.out = append(*c.out, body...)
		return
	}
	c.emit(&Stmt{Kind: Once, Body: body})
	c.emit(&Stmt{Kind: If, Cond: regExpr(c.at, l.brk), Body: []*Stmt{{Kind: Break, Pos: c.at}}})
}

// hasContinue reports whether a statement is, or has in it, a continue of its own loop.
func (c *converter) hasContinue(s *cc.Statement) bool {
	switch s.Case {
	case cc.StatementJump:
		return s.JumpStatement.Case == cc.JumpStatementContinue
	case cc.StatementCompound:
		for l := s.CompoundStatement.BlockItemList; l != nil; l = l.BlockItemList {
			if l.BlockItem.Case == cc.BlockItemStmt && c.hasContinue(l.BlockItem.Statement) {
				return true
			}
		}
	case cc.StatementSelection:
		sel := s.SelectionStatement
		return c.hasContinue(sel.Statement) || sel.Statement2 != nil && c.hasContinue(sel.Statement2)
	case cc.StatementLabeled:
		return c.hasContinue(s.LabeledStatement.Statement)
	}
	return false
}

func (c *converter) jump(s *cc.JumpStatement) {
	c.begin(s, s, "")
	switch s.Case {
	case cc.JumpStatementBreak:
		if len(c.loops) == 0 {
			fail(c.at, "found break outside a loop and a switch")
		}
		if l := c.loops[len(c.loops)-1]; l.again {
			c.emit(&Stmt{Kind: Assign, Dst: l.brk, Value: intExpr(c.at, 1)})
		}
		c.emit(&Stmt{Kind: Break})
	case cc.JumpStatementContinue:
		switch n := len(c.loops); {
		case n == 0:
			fail(c.at, "found continue outside a loop")
		case c.loops[n-1].isSwitch:
			unsupported(c.at, "continue in a switch", "found continue inside a switch, which is not supported")
		}
		c.emit(&Stmt{Kind: Break})
	case cc.JumpStatementReturn:
		if len(c.loops) > 0 {
			unsupported(c.at, "return in a loop", "found return inside a loop or switch, which is not supported")
		}
		switch {
		case s.ExpressionList == nil:
		case c.result == "":
			fail(c.at, "found return with a value, but a thread returns nothing")
		default:
			c.assign(c.result, s.ExpressionList)
		}
		c.emit(&Stmt{Kind: Break, Label: returnLabel})
	default:
		unsupported(c.at, "goto", "found goto; if, switch, while, do, for, break, continue and return are "+
			"supported")
	}
}

// switches makes a Once of a switch: a register is set from the label that matches on, and each part between
// labels runs where it is.
func (c *converter) switches(s *cc.SelectionStatement) {
	c.begin(s.Token, s.Token3, ")")
	at, label := c.at, c.label
	value, on := c.temp(), c.temp()
	c.assignTo(value, c.value(s.ExpressionList, value, false))
	c.emit(&Stmt{Kind: Assign, Dst: on, Value: intExpr(at, 0)})
	if s.Statement.Case != cc.StatementCompound {
		unsupported(at, "switch", "found a switch without a block")
	}
	items := s.Statement.CompoundStatement.BlockItemList
	keys := c.cases(items, value)
	c.loops = append(c.loops, loop{isSwitch: true})
	body := c.sub(func() {
		for l, i := items, 0; l != nil; l = l.BlockItemList {
			if l.BlockItem.Case != cc.BlockItemStmt {
				unsupported(pos(l.BlockItem), "declaration in a switch",
					"found %q directly inside a switch; write declarations before it", excerpt(l.BlockItem))
			}
			st := l.BlockItem.Statement
			for ; st.Case == cc.StatementLabeled; st = st.LabeledStatement.Statement {
				c.emit(&Stmt{Kind: If, Pos: at, Label: label, Cond: keys[i],
					Body: []*Stmt{{Kind: Assign, Pos: at, Label: label, Dst: on, Value: intExpr(at, 1)}}})
				i++
			}
			c.emit(&Stmt{Kind: If, Pos: at, Label: label, Cond: regExpr(at, on),
				Body: c.sub(func() { c.stmt(st) })})
		}
	})
	c.loops = c.loops[:len(c.loops)-1]
	c.emit(&Stmt{Kind: Once, Pos: at, Label: label, Body: body})
}

// cases is the condition of each label of a switch, in order.
func (c *converter) cases(items *cc.BlockItemList, value string) []*Expr {
	var keys []*Expr
	other := -1
	for l := items; l != nil; l = l.BlockItemList {
		if l.BlockItem.Case != cc.BlockItemStmt {
			continue
		}
		for st := l.BlockItem.Statement; st.Case == cc.StatementLabeled; st = st.LabeledStatement.Statement {
			at := pos(st)
			switch st.LabeledStatement.Case {
			case cc.LabeledStatementCaseLabel:
				k := c.value(st.LabeledStatement.ConstantExpression, "", false)
				keys = append(keys, binExpr(at, OpEq, regExpr(at, value), k))
			case cc.LabeledStatementDefault:
				if other >= 0 {
					fail(at, "found a second default")
				}
				other = len(keys)
				keys = append(keys, nil)
			default:
				unsupported(at, "label", "found a label that is neither case nor default")
			}
		}
	}
	if other >= 0 {
		none := intExpr(c.at, 1)
		for i, k := range keys {
			if i != other {
				none = binExpr(c.at, OpBoth, none, &Expr{Op: OpNot, Pos: c.at, A: k})
			}
		}
		keys[other] = none
	}
	return keys
}

// declaration declares registers; what initializes them is an assignment.
func (c *converter) declaration(d *cc.Declaration) {
	if d.Case != cc.DeclarationDecl {
		unsupported(pos(d), "declaration", "found %q; declarations of registers are supported", excerpt(d))
	}
	for l := d.InitDeclaratorList; l != nil; l = l.InitDeclaratorList {
		dl := l.InitDeclarator.Declarator
		name := dl.Name()
		if name == "__func__" { // the parser's own
			return
		}
		c.begin(d, d.Token, ";")
		stars, at := 0, pos(dl)
		for p := dl.Pointer; p != nil; p = p.Pointer {
			stars++
		}
		if dl.DirectDeclarator.Case != cc.DirectDeclaratorIdent {
			unsupported(at, "declaration", "found the declaration of %s; a register is an integer or a pointer",
				name)
		}
		c.declare(at, name, c.typeName(d.DeclarationSpecifiers)+strings.Repeat("*", stars))
		if init := l.InitDeclarator.Initializer; init != nil {
			if init.Case != cc.InitializerExpr {
				unsupported(at, "initializer", "found a list of values for the register %s", name)
			}
			c.assign(c.register(name), init.AssignmentExpression)
		}
	}
}

// typeName is a type without its storage class, for comparison only.
func (c *converter) typeName(d *cc.DeclarationSpecifiers) string {
	var words []string
	for ; d != nil; d = d.DeclarationSpecifiers {
		if d.Case == cc.DeclarationSpecifiersTypeSpec {
			if sp := d.TypeSpecifier; sp.Case == cc.TypeSpecifierStructOrUnion {
				words = append(words, "struct "+sp.StructOrUnionSpecifier.Token.SrcStr())
			} else {
				words = append(words, sp.Token.SrcStr())
			}
		}
	}
	return strings.Join(words, " ")
}

func (c *converter) declare(at Pos, name, kind string) {
	if c.isParam[name] && c.prefix == "" {
		fail(at, "found a register %s, but %s is a parameter of P%d", name, name, c.th.Index)
	}
	for _, outer := range c.scopes[:len(c.scopes)-1] {
		if outer[name] {
			unsupported(at, "shadowing", "found a second %s inside the block of the first; rename one", name)
		}
	}
	reg := c.register(name)
	if before, known := c.types[reg]; known && before.kind != kind {
		fail(at, "the register %s is %s here, and %s in line %d; a register has one type", name, kind, before.kind,
			before.line)
	}
	c.types[reg] = declared{kind, at.Line}
	c.scopes[len(c.scopes)-1][name] = true
	if c.prefix == "" {
		c.t.known[Loc{c.th.Index, name}] = true
	}
}

// register is the name of a register of the function at hand.
func (c *converter) register(name string) string { return c.prefix + name }
