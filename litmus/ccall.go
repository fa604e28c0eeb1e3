package litmus

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"modernc.org/cc/v4"
)

// This file converts calls: of primitives, and of functions that the file has.

// maxCalls is how deep calls of helper functions may be in each other.
const maxCalls = 20

func (c *converter) call(e *cc.PostfixExpression, dst string, unwanted bool) *Expr {
	at := pos(e)
	f, isPrimary := e.PostfixExpression.(*cc.PrimaryExpression)
	if !isPrimary || f.Case != cc.PrimaryExpressionIdent {
		unsupported(at, "call", "found %q; calls of primitives and of functions of the file are supported",
			excerpt(e))
	}
	name := f.Token.SrcStr()
	var args []cc.ExpressionNode
	for l := e.ArgumentExpressionList; l != nil; l = l.ArgumentExpressionList {
		args = append(args, l.AssignmentExpression)
	}
	if h := c.helpers[name]; h != nil {
		return c.helper(at, h, args, unwanted)
	}
	p := primitives[name]
	if p == nil {
		unsupported(at, name, "found %s(), which is neither a primitive that is known nor a function of the "+
			"file%s", name,
			nearest(name))
	}
	return c.primitive(at, p, args, dst, unwanted)
}

// nearest is a hint at the primitive with the most similar name.
func nearest(name string) string {
	best, least := "", len(name)/3+1
	for _, p := range Primitives() {
		if d := levenshtein.ComputeDistance(name, p); d < least {
			best, least = p, d
		}
	}
	if best == "" {
		return ""
	}
	return "; is it " + best + "()?"
}

// operandsOf says, for each shape, what stands where: p the location by its address, l by an lvalue, v values in
// their order, r the address of the register with the expected value.
var operandsOf = map[Shape]string{TakesNothing: "", TakesLvalue: "l", TakesLvalueVal: "lv", TakesPtr: "p",
	TakesPtrVal: "pv", TakesValPtr: "vp", TakesPtrOldNew: "pvv", TakesPtrRefNew: "prv", TakesPtrAddUnless: "pvv",
	TakesDomain: "p", TakesDomainVal: "pv"}

// primitive converts the call of a primitive.
func (c *converter) primitive(at Pos, p *Primitive, nodes []cc.ExpressionNode, dst string, unwanted bool) *Expr {
	kinds := operandsOf[p.Shape]
	if len(nodes) != len(kinds) {
		fail(at, "%s has %d operands here, it takes %d", p.Name, len(nodes), len(kinds))
	}
	s := &Stmt{Kind: Do, Pos: at, Prim: p}
	var values []*Expr // all operands, in order
	add := func(n cc.ExpressionNode, convert func() *Expr) {
		var v *Expr
		list := c.sub(func() { v = convert() })
		for i := range values {
			values[i] = c.kept(values[i], list)
		}
		*c.out = append(*c.out, list...)
		values = append(values, v)
	}
	for i, n := range nodes {
		switch kinds[i] {
		case 'l':
			add(n, func() *Expr {
				_, addr := c.lvalue(n)
				if addr == nil {
					fail(pos(n), "%s has the register %s here; it takes a location such as *x", p.Name,
						excerpt(n))
				}
				return addr
			})
		case 'r':
			add(n, func() *Expr {
				s.Refresh = c.addressed(p, n)
				return regExpr(pos(n), s.Refresh)
			})
		default:
			add(n, func() *Expr { return c.value(n, "", false) })
		}
	}
	for i, v := range values {
		if kinds[i] == 'p' || kinds[i] == 'l' {
			s.Addr = v
		} else {
			s.Args = append(s.Args, v)
		}
	}
	if p.By != 0 {
		s.Args = append(s.Args, intExpr(at, p.By))
	}
	if p.Returns == Nought {
		if !unwanted {
			fail(at, "%s returns nothing, but its result is used", p.Name)
		}
		c.emit(s)
		return nil
	}
	if s.Dst = dst; dst == "" && !(unwanted && p.Class != SrcuLock) {
		s.Dst = c.temp()
	}
	c.emit(s)
	if s.Dst == "" {
		return nil
	}
	return regExpr(at, s.Dst)
}

// addressed is the register whose address an operand is.
func (c *converter) addressed(p *Primitive, n cc.ExpressionNode) string {
	if u, ok := n.(*cc.UnaryExpression); ok && u.Case == cc.UnaryExpressionAddrof {
		if reg, addr := c.lvalue(u.CastExpression); addr == nil {
			return reg
		}
	}
	fail(pos(n), "found %q; %s takes the address of a register here, such as &r0", excerpt(n), p.Name)
	return ""
}

// helper converts a call of a function of the file: its body, with registers of its own.
func (c *converter) helper(at Pos, f *cc.FunctionDefinition, args []cc.ExpressionNode,
	unwanted bool) *Expr {
	name := f.Declarator.Name()
	params := c.params(f, false)
	switch {
	case len(args) != len(params):
		fail(at, "%s is called with %d operands, it has %d parameters", name, len(args), len(params))
	case slices.Contains(c.calls, name):
		unsupported(at, "recursion", "%s calls itself, which is not supported", name)
	case len(c.calls) >= maxCalls:
		fail(at, "calls of functions are nested more than %d deep", maxCalls)
	}
	c.temps++
	prefix := fmt.Sprintf(".%s%d.", name, c.temps)
	for i, a := range args {
		c.assign(prefix+params[i], a)
	}
	outer := *c
	c.prefix, c.result, c.loops, c.calls = prefix, strings.TrimSuffix(prefix, "."), nil, append(c.calls, name)
	for _, p := range params {
		c.types[prefix+p] = declared{"a parameter", at.Line}
	}
	c.body(f)
	temps, stmts, result := c.temps, c.stmts, c.result
	*c = outer
	c.temps, c.stmts = temps, stmts
	if isVoid(f) {
		if !unwanted {
			fail(at, "%s returns nothing, but its result is used", name)
		}
		return nil
	}

	return regExpr(at, result)
}

// isVoid reports whether a function returns nothing.
func isVoid(f *cc.FunctionDefinition) bool {
	if f.Declarator.Pointer != nil {
		return false
	}
	for d := f.DeclarationSpecifiers; d != nil; d = d.DeclarationSpecifiers {
		if d.Case == cc.DeclarationSpecifiersTypeSpec && d.TypeSpecifier.Case == cc.TypeSpecifierVoid {
			return true
		}
	}
	return false
}
