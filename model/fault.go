package model

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
)

// This file collects what a program's author got wrong. The builder notes it with the line, and goes on; whoever
// lowers the program reports all of it.

// Faults is what is wrong with the program as far as it showed when it was built, a line each: the place in the
// author's code, what is wrong and the cure. A program with faults cannot be lowered.
func (p *Program) Faults() []string { return p.faults }

// Refuse notes a fault that a package that builds for others found, at the line that called its function.
func (p *Program) Refuse(format string, args ...any) {
	p.helpers.mark()
	p.note(format, args...)
}

// note keeps a fault at the line that builds now.
func (p *Program) note(format string, args ...any) {
	p.faults = append(p.faults, p.helpers.place()+fmt.Sprintf(format, args...))
}

// place is the line that builds now, as the beginning of a message.
func (h helpers) place() string {
	file, line := h.caller()
	if file == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d: ", file, line)
}

// bad notes a fault of a statement. In its place stands one that says the same, for code without a program.
func (c *Code) bad(label, format string, args ...any) {
	text := strings.TrimPrefix(fmt.Sprintf(format, args...), c.helpers.place()) // which a part of it may have
	text = fmt.Sprintf("%q: %s", label, text)
	if c.p != nil {
		c.p.note("%s: %s", c.owner, text)
	}
	c.add(&Stmt{Kind: StmtBad, Label: text})
}

// wrong is an expression that has no value, and says why.
func (h helpers) wrong(format string, args ...any) *Node {
	return &Node{Op: OpBad, Why: h.place() + fmt.Sprintf(format, args...)}
}

// NodeOf is the value as an expression tree. Of nil, or of a pointer that is, it is one that says so ([OpBad]).
func NodeOf(v Value) *Node {
	why := "an operand is nil; use model.Int, model.True or an expression"
	if !isNil(v) {
		if n := v.Node(); n != nil {
			return n
		}
		why = "an operand is an empty expression; use model.Int, model.True or an expression"
	}
	return &Node{Op: OpBad, Why: why}
}

// nodeOf is NodeOf with the line that builds now, where it is known.
func nodeOf(v Value) *Node {
	n := NodeOf(v)
	if n.Op == OpBad && (isNil(v) || v.Node() == nil) {
		n.Why = helpers(nil).place() + n.Why
	}
	return n
}

func isNil(v any) bool {
	if v == nil {
		return true
	}
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}

// Wrong is why the expression has no value; it is empty if it has one.
func (n *Node) Wrong() (why string) {
	n.Walk(func(n *Node) {
		if n.Op == OpBad && why == "" {
			why = n.Why
		}
	})
	return why
}

// constantOf is the value of an operand that has to be constant, and why it is none.
func constantOf(v Value) (k int64, why string) {
	n := nodeOf(v)
	switch n.Op {
	case OpBad:
		return 0, "it is nil; use model.Int"
	case OpConst:
		return n.K, ""
	}
	return 0, "it must be a constant"
}

// building runs the author's code that builds statements. Where that follows a nil pointer the author reads the
// line instead of a stack.
func (c *Code) building(f func()) {
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if _, is := r.(runtime.Error); !is {
			panic(r)
		}
		c.bad(c.owner, "the code that builds it fails: %v; look for something that is still nil", r)
	}()
	f()
}
