package litmus

import (
	"fmt"
	"slices"
	"strings"

	"modernc.org/cc/v4"
)

// This file converts C functions: their heads, and what their statements have in common.

// A converter makes statements of C functions.
type converter struct {
	t       *Test
	text    []byte
	helpers map[string]*cc.FunctionDefinition
	globals map[string]bool // all locations that the test names

	// Of the thread.
	th      *Thread
	isParam map[string]bool
	types   map[string]declared // of registers
	temps   int
	stmts   int
	depth   int // of the statement or expression at hand
	out     *[]*Stmt
	label   string
	at      Pos

	// Of the function whose body is converted, the thread's own or one that it calls.
	prefix string // of its registers
	result string // the register of the result; empty in a thread
	scopes []map[string]bool
	loops  []loop
	calls  []string
}

type declared struct {
	kind string
	line int
}

// function keeps a helper function, and returns a thread's.
func (c *converter) function(d *cc.ExternalDeclaration) *cc.FunctionDefinition {
	at := pos(d)
	switch d.Case {
	case cc.ExternalDeclarationFuncDef:
		f := d.FunctionDefinition
		name := f.Declarator.Name()
		if _, ok := threadName(name); ok {
			return f
		}
		if _, ok := primitives[name]; ok {
			fail(at, "found a function %s, which is the name of a primitive", name)
		}
		if c.helpers[name] != nil {
			fail(at, "found a second function %s", name)
		}
		c.helpers[name] = f
	case cc.ExternalDeclarationEmpty:
	case cc.ExternalDeclarationDecl:
		if d.Declaration.InitDeclaratorList != nil && !isTypedef(d.Declaration) {
			unsupported(at, "global declaration", "found a declaration between the threads; locations are "+
				"declared in the init section")
		}
	default:
		unsupported(at, "declaration", "found a declaration that is neither a function nor a struct")
	}
	return nil
}

func isTypedef(d *cc.Declaration) bool {
	for s := d.DeclarationSpecifiers; s != nil; s = s.DeclarationSpecifiers {
		if s.Case == cc.DeclarationSpecifiersStorage &&
			s.StorageClassSpecifier.Case == cc.StorageClassSpecifierTypedef {
			return true
		}
	}
	return false
}

// params is the names of a function's parameters; those of a thread are pointers to locations.
func (c *converter) params(f *cc.FunctionDefinition, isThread bool) []string {
	d := f.Declarator.DirectDeclarator
	if d.Case != cc.DirectDeclaratorFuncParam || d.ParameterTypeList == nil {
		return nil
	}
	if d.ParameterTypeList.Case == cc.ParameterTypeListVar {
		fail(pos(d), "found ... in the parameters of %s", f.Declarator.Name())
	}
	var names []string
	for l := d.ParameterTypeList.ParameterList; l != nil; l = l.ParameterList {
		p := l.ParameterDeclaration
		if p.Declarator == nil {
			if p.AbstractDeclarator == nil && l.ParameterList == nil && names == nil { // (void)
				return nil
			}
			fail(pos(d), "found a parameter without a name")
		}
		name, isArray := p.Declarator.Name(), false
		for q := p.Declarator.DirectDeclarator; q != nil; q = q.DirectDeclarator {
			isArray = isArray || q.Case == cc.DirectDeclaratorArr
		}
		if isThread && p.Declarator.Pointer == nil && !isArray {
			fail(pos(p), "the parameter %s is no pointer; the parameters of a thread are the addresses of "+
				"locations", name)
		}
		if slices.Contains(names, name) {
			fail(pos(p), "found a second parameter %s", name)
		}
		names = append(names, name)
	}
	return names
}

// thread converts a P<n>.
func (c *converter) thread(f *cc.FunctionDefinition) {
	n, _ := threadName(f.Declarator.Name())
	at := pos(f)
	if n >= maxThreads {
		fail(at, "found P%d; a test has at most %d threads", n, maxThreads)
	}
	for _, th := range c.t.Threads {
		if th.Index == n {
			fail(at, "found a second P%d; the first begins in line %d", n, th.Line)
		}
	}
	th := &Thread{Pos: at, Index: n, Params: c.params(f, true)}
	c.t.Threads = append(c.t.Threads, th)
	c.th, c.isParam, c.types, c.temps = th, map[string]bool{}, map[string]declared{}, 0
	for _, p := range th.Params {
		if c.t.known[Loc{n, p}] {
			fail(at, "found a parameter %s, which the init section has as a register of P%d", p, n)
		}
		c.isParam[p] = true
		c.t.addCell(at, p, 1)
	}
	c.prefix, c.result, c.loops, c.calls = "", "", nil, nil
	th.Body = c.sub(func() { c.body(f) })
}

// body converts the statements of a function. A return leaves the Once around them.
func (c *converter) body(f *cc.FunctionDefinition) {
	c.scopes = []map[string]bool{{}}
	list := c.sub(func() { c.block(f.CompoundStatement) })
	returns := false
	eachStmt(list, func(s *Stmt) { returns = returns || s.Kind == Break && s.Label == returnLabel })
	if returns {
		c.emit(&Stmt{Kind: Once, Body: list})
	} else {
		*c.out = append(*c.out, list...)
	}
}

const returnLabel = "return"

// sub is the statements that f emits.
func (c *converter) sub(f func()) []*Stmt {
	var list []*Stmt
	outer := c.out
	c.out = &list
	f()
	c.out = outer
	return list
}

func (c *converter) emit(s *Stmt) {
	if c.stmts++; c.stmts > maxStmts {
		fail(c.at, "the test has more than %d statements", maxStmts)
	}
	if s.Pos == (Pos{}) {
		s.Pos = c.at
	}
	if s.Label == "" {
		s.Label = c.label
	}
	*c.out = append(*c.out, s)
}

// deeper bounds how deep statements and operators are in each other.
func (c *converter) deeper(at Pos) {
	if c.depth++; c.depth > 2*maxNesting {
		fail(at, "statements and operators are nested more than %d deep", 2*maxNesting)
	}
}

// temp is a new register for what is in between.
func (c *converter) temp() string {
	c.temps++
	return fmt.Sprintf(".%d", c.temps)
}

// pos is where a node begins.
func pos(n cc.Node) Pos {
	p := n.Position()
	return Pos{p.Line, p.Column}
}

// source is the text between the beginnings of two nodes, with single blanks.
func (c *converter) source(from, to cc.Node) string {
	a, b := from.Position().Offset, to.Position().Offset
	if a < 0 || b < a || b > len(c.text) {
		return ""
	}
	return strings.Join(strings.Fields(string(c.text[a:b])), " ")
}

// text is the source of a node, shortened, for messages.
func excerpt(n cc.Node) string {
	words := strings.Join(strings.Fields(cc.NodeSource(n)), " ")
	if len(words) > 40 {
		words = words[:40] + "..."
	}
	return words
}
