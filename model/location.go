package model

import (
	"fmt"
	"slices"
	"strings"
)

// This file has what an access may be to besides a variable: an element of an array, chosen by an index, and what
// an address points to.

// Null is the address of nothing.
const Null Int = 0

// MostElements is how many elements an array may have, and how many addresses there are of a kind: for each
// there is code of its own.
const MostElements = 64

// A Location is what an access is to: a [*Var], or an [Element], which is chosen when the access is made.
type Location interface {
	Value
	// location is the variable if that is known, or else the element that is chosen.
	location() (*Var, *Node)
}

func (v *Var) location() (*Var, *Node) { return v, nil }

// An Element is one variable of a [Table]: as a [Location] what an access is to, and for [Code.Set]; as a
// [Value] what an expression reads, where it may. It is one access, and finds its variable by values that the CPU
// has itself: the index is an expression over locals and parameters. One that chooses no variable is a fault of
// the program, of the run that gets there. As a value, its index must be one that always chooses.
type Element struct{ Expr }

func (e Element) location() (*Var, *Node) {
	n := nodeOf(e)
	switch n.Op {
	case OpVar:
		return n.Var, nil
	case OpElement:
		return nil, n
	}
	return nil, nil
}

// A Table is variables one of which an index or an address chooses. It is read only.
type Table struct {
	First int64     // the value that chooses Vars[0]; the next one chooses Vars[1], and so on
	Vars  []*Var    // nil where a variable is not declared yet
	form  [2]string // an element as C has it: what is before and behind that which chooses
	of    *Addresses
	p     *Program
}

// Chosen is the variable that a value chooses; nil if it chooses none.
func (t *Table) Chosen(x int64) *Var {
	if x < t.First || x-t.First >= int64(len(t.Vars)) {
		return nil
	}
	return t.Vars[x-t.First]
}

// Astray says, of a value that chooses no variable, what is wrong with it: the end of a sentence on the element.
func (t *Table) Astray(x int64) string {
	switch {
	case t.of == nil:
		return fmt.Sprintf("the index is %d, outside 0..%d", x, len(t.Vars)-1)
	case x == 0:
		return "NULL is dereferenced"
	case x >= t.First && x-t.First < int64(len(t.Vars)):
		return fmt.Sprintf("%s is not declared", strings.TrimPrefix(t.of.text(x), "&"))
	}
	return fmt.Sprintf("%s is dereferenced, which is not an address of %s", t.of.text(x), t.of.what())
}

// at is the element that a value chooses. One that is known is a variable like others.
func (t *Table) at(index Value) Element {
	n := nodeOf(index)
	switch {
	case n.Op == OpBad:
		return Element{Expr{n}}
	case n.addresses() != nil && t.of != nil && n.addresses() != t.of:
		return Element{Expr{t.p.helpers.wrong("%s: %s holds an address of %s", t.text(n, 9), n,
			n.addresses().what())}}
	case n.Op != OpConst:
		return Element{Expr{&Node{Op: OpElement, A: n, Table: t}}}
	}
	if v := t.Chosen(n.K); v != nil {
		return Element{v.Expr}
	}
	if t.of != nil && n.K >= t.First && n.K-t.First < int64(len(t.Vars)) { // its variable is yet to be declared
		return Element{Expr{&Node{Op: OpElement, A: n, Table: t}}}
	}
	return Element{Expr{t.p.helpers.wrong("%s: %s", t.text(n, 0), t.Astray(n.K))}}
}

// text is an element as C has it.
func (t *Table) text(index *Node, strength int) string {
	by := index.String()
	if t.of != nil {
		by = index.operand(t.of.like, strength)
	}
	return t.form[0] + by + t.form[1]
}

// An Array is variables of one range under one name: name[0], name[1] and so on.
type Array struct {
	Name    string
	Vars    []*Var // its elements
	byIndex *Table
}

// At is the element with the index, a value over locals and parameters. A constant index is that variable.
func (a *Array) At(index Value) Element { return a.byIndex.at(index) }

// Array declares n shared variables name[0] to name[n-1], with 1 to [MostElements] of them.
func (p *Program) Array(name string, n int, r Range, init Value) *Array {
	return p.array(name, "", n, func(name string) *Var { return p.Shared(name, r, init) })
}

// PlainArray is as Array, of plain variables: see [Program.Plain].
func (p *Program) PlainArray(name string, n int, r Range, init Value) *Array {
	return p.array(name, "", n, func(name string) *Var { return p.Plain(name, r, init) })
}

// GhostArray is as Array, of ghosts.
func (p *Program) GhostArray(name string, n int, r Range, init Value) *Array {
	return p.array(name, "", n, func(name string) *Var { return p.Ghost(name, r, init) })
}

// PerCPU is an array with an element for each CPU that is declared so far, to be indexed by [CPU.Index].
func (p *Program) PerCPU(name string, r Range, init Value) *Array {
	if len(p.CPUs) == 0 {
		p.note("%s is per CPU, and there are no CPUs yet; declare these first", name)
		return p.Array(name, 1, r, init)
	}
	return p.Array(name, len(p.CPUs), r, init)
}

// NewGhostArray is n ghosts for the use of properties: see [Monitor], among whose ghosts its Vars must be.
func NewGhostArray(name string, n int, r Range, init Value) *Array {
	p := New(name)
	a := p.array(name, "", n, func(name string) *Var { return NewGhost(name, r, init) })
	a.Vars[0].faults = append(a.Vars[0].faults, p.faults...)
	return a
}

// array declares the variables of an array, or of a field of objects, which each has behind its index.
func (p *Program) array(name, field string, n int, declare func(name string) *Var) *Array {
	if n < 1 || n > MostElements {
		p.note("%s has %d elements; an array has 1 to %d", name, n, MostElements)
		n = min(max(n, 1), MostElements)
	}
	a := &Array{Name: name}
	for i := range n {
		a.Vars = append(a.Vars, declare(fmt.Sprintf("%s[%d]%s", name, i, field)))
	}
	a.byIndex = &Table{Vars: a.Vars, form: [2]string{name + "[", "]" + field}, p: p}
	return a
}

// Addresses is a set of things that have addresses, and of what variables hold that hold one of them: an address,
// or NULL, which is 0, or another number that is no address. Traces print an address as &x, and 0 as NULL where no
// other numbers are among the values. Addresses with flags in their low bits are not to be had: keep the flags in a
// variable of their own.
type Addresses struct {
	names []string
	other Range // what is no address, NULL among it
	like  *Var  // prints like the variables that hold an address
	p     *Program
	deref *Table // by address, the variables of these names
}

// Addresses declares the addresses of shared variables, by the names that they have or will have. A variable that
// holds an address has [Addresses.Range]; so it may also hold numbers of the other range, which has NULL, that is
// 0, in it: UpTo(0) where there is only NULL.
func (p *Program) Addresses(other Range, names ...string) *Addresses {
	a := p.addresses(other, names)
	a.deref = &Table{First: a.other.Hi + 1, Vars: make([]*Var, len(a.names)), form: [2]string{"*"}, of: a, p: p}
	for _, v := range p.Vars {
		a.declared(v)
	}
	p.pointers = append(p.pointers, a)
	return a
}

func (p *Program) addresses(other Range, names []string) *Addresses {
	if !other.Contains(0) || other.Modular || other.Width() > 31 {
		p.note("the numbers %d..%d beside addresses must have NULL, which is 0, in them, and not wrap; "+
			"use UpTo(0)", other.Lo, other.Hi)
		other = UpTo(0)
	}
	if len(names) < 1 || len(names) > MostElements {
		p.note("there are %d addresses; a set has 1 to %d", len(names), MostElements)
		names = append(slices.Clone(names), "nothing")[:1]
	}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			p.note("the address of %s is declared twice in one set; leave one out", name)
		}
	}
	a := &Addresses{names: names, other: other, p: p}
	a.like = &Var{Range: a.Range()}
	return a
}

// declared lets a variable that has its address among these be found by it.
func (a *Addresses) declared(v *Var) {
	for i, name := range a.names {
		if v.Name == name && v.Kind != Local {
			a.deref.Vars[i] = v
		}
	}
}

// Range is what a variable may hold that holds one of the addresses.
func (a *Addresses) Range() Range {
	return Range{Lo: a.other.Lo, Hi: a.other.Hi + int64(len(a.names)), addresses: a}
}

// Of is the address of the variable of that name.
func (a *Addresses) Of(name string) Value {
	if i := slices.Index(a.names, name); i >= 0 {
		return Int(a.other.Hi + 1 + int64(i))
	}
	return Expr{a.p.helpers.wrong("the address of %s is not among those declared: %s", name, a.what())}
}

// Deref is *ptr: the variable whose address it is.
func (a *Addresses) Deref(ptr Value) Element { return a.deref.at(ptr) }

// addresses is the set of which a value is, as far as the variable that it is in says it; nil where that is not
// known.
func (n *Node) addresses() *Addresses {
	switch {
	case n == nil:
		return nil
	case n.Op == OpVar:
		return n.Var.addresses
	case n.Op == OpElement && n.Table.Vars[0] != nil:
		return n.Table.Vars[0].addresses
	}
	return nil
}

// mixes says of which sets two values are, where they are of two.
func mixes(a, b *Node) string {
	x, y := a.addresses(), b.addresses()
	if x == nil || y == nil || x == y {
		return ""
	}
	return fmt.Sprintf("%s holds an address of %s, and %s one of %s", a, x.what(), b, y.what())
}

// what is what has the addresses.
func (a *Addresses) what() string { return strings.Join(a.names, ", ") }

// text is a value that may be an address.
func (a *Addresses) text(x int64) string {
	switch i := x - a.other.Hi - 1; {
	case x == 0 && a.other == UpTo(0):
		return "NULL"
	case i >= 0 && i < int64(len(a.names)):
		return "&" + a.names[i]
	}
	return fmt.Sprint(x)
}

// A Struct is objects of one type, name[0], name[1] and so on, each with the same fields: what lists and queues are
// made of. A variable that holds the address of one has [Struct.Pointer] as its range.
type Struct struct {
	Name      string
	N         int // how many objects there are
	addresses *Addresses
}

// Struct declares n objects, 1 to [MostElements] of them; give them their fields with [Struct.Field].
func (p *Program) Struct(name string, n int) *Struct {
	if n < 1 || n > MostElements {
		p.note("%s has %d objects; there may be 1 to %d", name, n, MostElements)
		n = 1
	}
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("%s[%d]", name, i))
	}
	return &Struct{Name: name, N: n, addresses: p.addresses(UpTo(0), names)}
}

// Pointer is the range of what holds the address of one of the objects, or NULL.
func (s *Struct) Pointer() Range { return s.addresses.Range() }

// Address is &name[index]. An index beyond the last object makes a value that no variable for addresses holds;
// one that could be negative is refused, since -1 would make NULL, and so is one of more values than can be looked
// at.
func (s *Struct) Address(index Value) Expr {
	n, wrong := nodeOf(index), s.addresses.p.helpers.wrong
	if n.Op == OpConst {
		if n.K < 0 || n.K >= int64(s.N) {
			return Expr{wrong("&%s[%d]: the index is outside 0..%d", s.Name, n.K, s.N-1)}
		}
		return Of(Int(n.K + 1))
	}
	xs := n.Values(1 << 12)
	switch {
	case n.Wrong() != "": // which whoever uses it reports
	case len(xs) == 0:
		return Expr{wrong("&%s[%s]: the index may be anything; give it a smaller range", s.Name, n)}
	case xs[0] < 0:
		return Expr{wrong("&%s[%s]: the index may be %d; give it a range from 0 on", s.Name, n, xs[0])}
	}
	return Expr{n}.Add(Int(1))
}

// A Field is one field of all objects of a [Struct], an array of variables: name[0].field and so on.
type Field struct {
	*Array
	byAddress *Table
}

// Field declares a shared variable for each object: name[0].field and so on.
func (s *Struct) Field(field string, r Range, init Value) *Field {
	return s.field(field, func(name string) *Var { return s.addresses.p.Shared(name, r, init) })
}

// PlainField is as Field, of plain variables: see [Program.Plain].
func (s *Struct) PlainField(field string, r Range, init Value) *Field {
	return s.field(field, func(name string) *Var { return s.addresses.p.Plain(name, r, init) })
}

func (s *Struct) field(field string, declare func(name string) *Var) *Field {
	p := s.addresses.p
	a := p.array(s.Name, "."+field, s.N, declare)
	return &Field{a, &Table{First: 1, Vars: a.Vars, form: [2]string{1: "->" + field}, of: s.addresses, p: p}}
}

// Of is ptr->field.
func (f *Field) Of(ptr Value) Element { return f.byAddress.at(ptr) }
