package litmus

import (
	"strconv"

	"modernc.org/cc/v4"
)

// This file converts C's expressions. What is left of one has no access and changes no register: accesses become
// statements before it, in C's order from the left.

// value converts an expression. If it is a call with a result, that goes to the register dst, if there is one.
// Where the value is not wanted there may be none, and the result is nil.
func (c *converter) value(n cc.ExpressionNode, dst string, unwanted bool) *Expr {
	at := pos(n)
	c.deeper(at)
	defer func() { c.depth-- }()
	switch e := n.(type) {
	case *cc.PrimaryExpression:
		return c.primary(e, dst, unwanted)
	case *cc.PostfixExpression:
		return c.postfix(e, dst, unwanted)
	case *cc.UnaryExpression:
		return c.unary(e, unwanted)
	case *cc.CastExpression:
		return c.cast(e, dst, unwanted)
	case *cc.MultiplicativeExpression:
		return c.binary(at, int(e.Case), e.MultiplicativeExpression, e.CastExpression, map[int]Op{
			int(cc.MultiplicativeExpressionMul): OpMul, int(cc.MultiplicativeExpressionDiv): OpDiv,
			int(cc.MultiplicativeExpressionMod): OpMod})
	case *cc.AdditiveExpression:
		return c.binary(at, int(e.Case), e.AdditiveExpression, e.MultiplicativeExpression, map[int]Op{
			int(cc.AdditiveExpressionAdd): OpAdd, int(cc.AdditiveExpressionSub): OpSub})
	case *cc.ShiftExpression:
		return c.binary(at, int(e.Case), e.ShiftExpression, e.AdditiveExpression, map[int]Op{
			int(cc.ShiftExpressionLsh): OpShl, int(cc.ShiftExpressionRsh): OpShr})
	case *cc.RelationalExpression:
		return c.relational(at, e)
	case *cc.EqualityExpression:
		return c.binary(at, int(e.Case), e.EqualityExpression, e.RelationalExpression, map[int]Op{
			int(cc.EqualityExpressionEq): OpEq, int(cc.EqualityExpressionNeq): OpNe})
	case *cc.AndExpression:
		return c.operands(at, OpAnd, e.AndExpression, e.EqualityExpression)
	case *cc.ExclusiveOrExpression:
		return c.operands(at, OpXor, e.ExclusiveOrExpression, e.AndExpression)
	case *cc.InclusiveOrExpression:
		return c.operands(at, OpOr, e.InclusiveOrExpression, e.ExclusiveOrExpression)
	case *cc.LogicalAndExpression:
		return c.logical(at, OpBoth, e.LogicalAndExpression, e.InclusiveOrExpression)
	case *cc.LogicalOrExpression:
		return c.logical(at, OpEither, e.LogicalOrExpression, e.LogicalAndExpression)
	case *cc.ConditionalExpression:
		return c.conditional(at, e)
	case *cc.AssignmentExpression:
		return c.assignment(e, unwanted)
	case *cc.ConstantExpression:
		return c.value(e.ConditionalExpression, dst, unwanted)
	case *cc.ExpressionList:
		for ; e.ExpressionList != nil; e = e.ExpressionList {
			c.value(e.AssignmentExpression, "", true)
		}
		return c.value(e.AssignmentExpression, dst, unwanted)
	}
	unsupported(at, "expression", "found %q, which is not supported", excerpt(n))
	return nil
}

// binary converts an expression with the operator that its case means.
func (c *converter) binary(at Pos, of int, a, b cc.ExpressionNode, ops map[int]Op) *Expr {
	return c.operands(at, ops[of], a, b)
}

// operands converts both sides. A register that the right side changes keeps its value on the left.
func (c *converter) operands(at Pos, op Op, a, b cc.ExpressionNode) *Expr {
	left := c.value(a, "", false)
	var right *Expr
	before := c.sub(func() { right = c.value(b, "", false) })
	left = c.kept(left, before)
	*c.out = append(*c.out, before...)
	return binExpr(at, op, left, right)
}

// kept is the value of e before the statements are run: in a register of its own if they change one that it reads.
func (c *converter) kept(e *Expr, later []*Stmt) *Expr {
	changed := map[string]bool{}
	eachStmt(later, func(s *Stmt) { changed[s.Dst], changed[s.Refresh] = true, true })
	differs := false
	e.each(func(e *Expr) { differs = differs || e.Op == OpReg && changed[e.Name] })
	if !differs {
		return e
	}
	return c.copied(e)
}

// copied is the value of e in a register of its own.
func (c *converter) copied(e *Expr) *Expr {
	reg := c.temp()
	c.emit(&Stmt{Kind: Assign, Dst: reg, Value: e})
	return regExpr(e.Pos, reg)
}

func (c *converter) relational(at Pos, e *cc.RelationalExpression) *Expr {
	out := c.operands(at, OpLt, e.RelationalExpression, e.ShiftExpression)
	switch e.Case {
	case cc.RelationalExpressionLeq, cc.RelationalExpressionGeq:
		out.Op = OpLe
	}
	if e.Case == cc.RelationalExpressionGt || e.Case == cc.RelationalExpressionGeq {
		out.A, out.B = out.B, out.A
	}
	return out
}

// logical converts && and ||. Where the right side has statements these are run only if the left side says so.
func (c *converter) logical(at Pos, op Op, a, b cc.ExpressionNode) *Expr {
	left := c.value(a, "", false)
	var right *Expr
	label := c.label
	list := c.sub(func() { right = c.value(b, "", false) })
	if len(list) == 0 {
		return binExpr(at, op, left, right)
	}
	reg := c.temp()
	truth := func(e *Expr) *Expr { return binExpr(at, OpNe, e, intExpr(at, 0)) }
	c.emit(&Stmt{Kind: Assign, Dst: reg, Value: truth(left)})
	list = append(list, &Stmt{Kind: Assign, Pos: at, Label: label, Dst: reg, Value: truth(right)})
	cond := regExpr(at, reg)
	if op == OpEither {
		cond = &Expr{Op: OpNot, Pos: at, A: cond}
	}
	c.emit(&Stmt{Kind: If, Cond: cond, Body: list})
	return regExpr(at, reg)
}

func (c *converter) conditional(at Pos, e *cc.ConditionalExpression) *Expr {
	cond := c.value(e.LogicalOrExpression, "", false)
	var yes, no *Expr
	var body []*Stmt
	if e.ExpressionList == nil { // a ?: b is GNU's, and a where that is not 0
		cond = c.copied(cond)
		yes = cond
	} else {
		body = c.sub(func() { yes = c.value(e.ExpressionList, "", false) })
	}
	other := c.sub(func() { no = c.value(e.ConditionalExpression, "", false) })
	if len(body)+len(other) == 0 {
		return &Expr{Op: OpIf, Pos: at, A: cond, B: yes, C: no}
	}
	reg := c.temp()
	set := func(e *Expr) *Stmt { return &Stmt{Kind: Assign, Pos: at, Label: c.label, Dst: reg, Value: e} }
	c.emit(&Stmt{Kind: If, Cond: cond, Body: append(body, set(yes)), Else: append(other, set(no))})
	return regExpr(at, reg)
}

func (c *converter) primary(e *cc.PrimaryExpression, dst string, unwanted bool) *Expr {
	at := pos(e)
	switch e.Case {
	case cc.PrimaryExpressionIdent:
		return c.ident(at, e.Token.SrcStr())
	case cc.PrimaryExpressionInt:
		return intExpr(at, number(at, e.Token.SrcStr()))
	case cc.PrimaryExpressionChar:
		if s, err := strconv.Unquote(e.Token.SrcStr()); err == nil && len(s) == 1 {
			return intExpr(at, int64(s[0]))
		}
	case cc.PrimaryExpressionExpr:
		return c.value(e.ExpressionList, dst, unwanted)
	}
	unsupported(at, "expression", "found %q; integers, names, operators and calls are supported", excerpt(e))
	return nil
}

// ident is a name: a constant, the address of a location that is a parameter, or a register.
func (c *converter) ident(at Pos, name string) *Expr {
	reg := c.register(name)
	_, isReg := c.types[reg]
	switch k, isConst := constants[name]; {
	case isReg:
	case c.isParam[name] && c.prefix == "":
		return addrExpr(at, name)
	case isConst:
		return intExpr(at, k)
	case c.globals[name] && !c.t.known[Loc{c.th.Index, name}]:
		fail(at, "found %s, which is a location and no parameter of P%d; add it to the parameters", name,
			c.th.Index)
	case c.prefix != "":
		fail(at, "found %s, which is not declared in this function", name)
	}
	c.t.known[Loc{c.th.Index, reg}] = true
	return regExpr(at, reg)
}

func (c *converter) cast(e *cc.CastExpression, dst string, unwanted bool) *Expr {
	s := e.TypeName.SpecifierQualifierList
	for ; s != nil; s = s.SpecifierQualifierList {
		if s.Case != cc.SpecifierQualifierListTypeSpec {
			continue
		}
		switch s.TypeSpecifier.Case {
		case cc.TypeSpecifierVoid:
			unwanted = unwanted || e.TypeName.AbstractDeclarator == nil
		case cc.TypeSpecifierChar, cc.TypeSpecifierShort, cc.TypeSpecifierFloat, cc.TypeSpecifierDouble,
			cc.TypeSpecifierBool:
			unsupported(pos(e), "cast", "found a cast to a type that may change the value; casts to int, long, "+
				"void and pointers are supported")
		}
	}
	return c.value(e.CastExpression, dst, unwanted)
}

func (c *converter) unary(e *cc.UnaryExpression, unwanted bool) *Expr {
	at := pos(e)
	operand := func() *Expr { return c.value(e.CastExpression, "", false) }
	switch e.Case {
	case cc.UnaryExpressionInc, cc.UnaryExpressionDec:
		op := OpAdd
		if e.Case == cc.UnaryExpressionDec {
			op = OpSub
		}
		return c.update(at, op, e.UnaryExpression, func() *Expr { return intExpr(at, 1) }, true)
	case cc.UnaryExpressionDeref:
		return c.load(at, operand())
	case cc.UnaryExpressionAddrof:
		_, addr := c.lvalue(e.CastExpression)
		if addr == nil {
			unsupported(at, "address of a register", "found the address of a register; a thread's parameters "+
				"are the addresses of locations, so write x and not &x")
		}
		return addr
	case cc.UnaryExpressionPlus:
		return operand()
	case cc.UnaryExpressionMinus:
		return &Expr{Op: OpNeg, Pos: at, A: operand()}
	case cc.UnaryExpressionCpl:
		return &Expr{Op: OpCompl, Pos: at, A: operand()}
	case cc.UnaryExpressionNot:
		return &Expr{Op: OpNot, Pos: at, A: operand()}
	}
	unsupported(at, "operator", "found %q, which is not supported", excerpt(e))
	return nil
}

func (c *converter) postfix(e *cc.PostfixExpression, dst string, unwanted bool) *Expr {
	at := pos(e)
	one := func() *Expr { return intExpr(at, 1) }
	switch e.Case {
	case cc.PostfixExpressionCall:
		return c.call(e, dst, unwanted)
	case cc.PostfixExpressionInc:
		return c.update(at, OpAdd, e.PostfixExpression, one, unwanted)
	case cc.PostfixExpressionDec:
		return c.update(at, OpSub, e.PostfixExpression, one, unwanted)
	case cc.PostfixExpressionIndex, cc.PostfixExpressionSelect, cc.PostfixExpressionPSelect:
		_, addr := c.lvalue(e)
		return c.load(at, addr)
	}
	unsupported(at, "expression", "found %q, which is not supported", excerpt(e))
	return nil
}

// Plain accesses of C.
var (
	plainLoad  = &Primitive{Name: "*", Class: Load, Returns: Old}
	plainStore = &Primitive{Name: "* =", Class: Store}
)

// load is a plain read.
func (c *converter) load(at Pos, addr *Expr) *Expr {
	reg := c.temp()
	c.emit(&Stmt{Kind: Do, Pos: at, Dst: reg, Prim: plainLoad, Addr: addr})
	return regExpr(at, reg)
}

// store is a plain write.
func (c *converter) store(at Pos, addr, v *Expr) {
	c.emit(&Stmt{Kind: Do, Pos: at, Prim: plainStore, Addr: addr, Args: []*Expr{v}})
}

// lvalue converts what can be assigned to: a register, or a location, whose address is not nil then.
func (c *converter) lvalue(n cc.ExpressionNode) (reg string, addr *Expr) {
	at := pos(n)
	switch e := n.(type) {
	case *cc.PrimaryExpression:
		if e.Case == cc.PrimaryExpressionExpr {
			return c.lvalue(e.ExpressionList)
		}
		if e.Case == cc.PrimaryExpressionIdent {
			name := e.Token.SrcStr()
			switch v := c.ident(at, name); v.Op {
			case OpReg:
				return v.Name, nil
			case OpAddr:
				fail(at, "found %s, which is the address of a location; the location is *%s", name, name)
			}
		}
	case *cc.UnaryExpression:
		if e.Case == cc.UnaryExpressionDeref {
			return "", c.value(e.CastExpression, "", false)
		}
	case *cc.PostfixExpression:
		switch e.Case {
		case cc.PostfixExpressionIndex:
			return "", c.operands(at, OpAdd, e.PostfixExpression, e.ExpressionList)
		case cc.PostfixExpressionPSelect:
			return "", c.field(at, c.value(e.PostfixExpression, "", false), e.Token2.SrcStr())
		case cc.PostfixExpressionSelect:
			_, addr := c.lvalue(e.PostfixExpression)
			return "", c.field(at, addr, e.Token2.SrcStr())
		}
	}
	fail(at, "found %q, where a register or a location such as *x should be", excerpt(n))
	return "", nil
}

// field is the address of a member: a location x.f of its own.
func (c *converter) field(at Pos, base *Expr, name string) *Expr {
	if base == nil || base.Op != OpAddr {
		unsupported(at, "member by pointer", "found the member %s of something that is no parameter; x->%s is "+
			"supported where x is a parameter of the thread", name, name)
	}
	full := base.Name + "." + name
	c.t.addCell(at, full, 1)
	return addrExpr(at, full)
}

func (c *converter) assignTo(reg string, v *Expr) {
	if v.Op != OpReg || v.Name != reg {
		c.emit(&Stmt{Kind: Assign, Dst: reg, Value: v})
	}
}

// assign converts reg = n.
func (c *converter) assign(reg string, n cc.ExpressionNode) { c.assignTo(reg, c.value(n, reg, false)) }

var compound = map[cc.AssignmentExpressionCase]Op{cc.AssignmentExpressionMul: OpMul,
	cc.AssignmentExpressionDiv: OpDiv,
	cc.AssignmentExpressionMod: OpMod, cc.AssignmentExpressionAdd: OpAdd, cc.AssignmentExpressionSub: OpSub,
	cc.AssignmentExpressionLsh: OpShl, cc.AssignmentExpressionRsh: OpShr, cc.AssignmentExpressionAnd: OpAnd,
	cc.AssignmentExpressionXor: OpXor, cc.AssignmentExpressionOr: OpOr}

func (c *converter) assignment(e *cc.AssignmentExpression, unwanted bool) *Expr {
	at := pos(e)
	if e.Case != cc.AssignmentExpressionAssign {
		return c.update(at, compound[e.Case], e.UnaryExpression,
			func() *Expr { return c.value(e.AssignmentExpression, "", false) }, true)
	}
	reg, addr := c.lvalue(e.UnaryExpression)
	if addr == nil {
		c.assign(reg, e.AssignmentExpression)
		return regExpr(at, reg)
	}
	var v *Expr
	before := c.sub(func() { v = c.value(e.AssignmentExpression, "", false) })
	addr = c.kept(addr, before)
	*c.out = append(*c.out, before...)
	if !unwanted && v.Op != OpReg && v.Op != OpInt {
		v = c.copied(v)
	}
	c.store(at, addr, v)
	return v
}

// update converts a compound assignment, ++ and --: a read and a write, where it is about a location. The result
// is the new value, or the old one.
func (c *converter) update(at Pos, op Op, n cc.ExpressionNode, operand func() *Expr, isNew bool) *Expr {
	reg, addr := c.lvalue(n)
	v := operand()
	var old *Expr
	if addr != nil {
		old = c.load(at, addr)
	} else {
		old = regExpr(at, reg)
		if !isNew {
			old = c.copied(old)
		}
	}
	sum := binExpr(at, op, old, v)
	if addr == nil {
		c.emit(&Stmt{Kind: Assign, Dst: reg, Value: sum})
		sum = regExpr(at, reg)
	} else {
		sum = c.copied(sum)
		c.store(at, addr, sum)
	}
	if isNew {
		return sum
	}
	return old
}
