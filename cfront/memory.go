package cfront

import (
	"cmp"
	"fmt"
	"slices"

	"modernc.org/cc/v4"

	"ctcheck/model"
)

// This file lays out memory: objects get addresses, as a compiler gives them, and are taken apart into cells.
//
// A per-CPU object lies in an area of which there is a template, whose addresses are those that the declaration
// has, and behind it an area of the same size for each CPU.

// A memory is the objects of a program.
type memory struct {
	objects []*object // in the order of their addresses
	byName  map[string]*object
	homes   map[string]*object // of locals that are in memory, by their keys
	fns     []*cc.FunctionDefinition
	area    int64 // where the template of per-CPU objects begins
	stride  int64
	cpus    int
}

// An object is a variable in memory, or a local that is taken apart in the same way.
type object struct {
	name   string
	key    string // of facts
	t      cc.Type
	base   int64
	perCPU bool
	marks  marks
	init   *cc.Initializer
	at     cc.Node
	cells  []*cell
	why    string // why it cannot be taken apart
}

// A cell is what an access is to: a scalar, or a word whose parts can be accessed by themselves.
type cell struct {
	off, size int64
	path      string // behind the object's name
	key       string // path without indices
	t         scalar
	of        cc.Type // nil of a word
	marks     marks
	vars      map[int]*model.Var // by instance
}

// mostCells is how many cells an object may have.
const mostCells = 4096

const functionStep = 16

// functionAddress is the address of a function, by its place in the order of definitions.
func functionAddress(i int) int64 { return int64(i+1) * functionStep }

// layout gives addresses to the objects.
func (l *lowering) layout() {
	m := &memory{byName: map[string]*object{}, homes: map[string]*object{}, fns: l.u.order, cpus: l.cpus}
	l.mem = m
	next := functionAddress(len(m.fns) + 1)
	put := func(o *object) {
		align := int64(max(o.t.Align(), 1))
		next = (next + align - 1) / align * align
		o.base = next
		next += max(o.t.Size(), 1)
		m.objects = append(m.objects, o)
	}
	var all []*object
	for _, g := range l.u.globals {
		if g.t == nil || g.t.IsIncomplete() || g.t.Size() < 0 {
			continue // which is an error where it is used
		}
		o := &object{name: g.name, key: g.name, t: g.t, perCPU: g.marks.perCPU, marks: g.marks, init: g.init,
			at: g.at}
		all = append(all, o)
		m.byName[o.name] = o
	}
	for _, h := range l.facts.homes {
		o := &object{name: h.name, key: h.local, t: h.t, marks: h.marks, at: h.at}
		all = append(all, o)
		m.homes[h.key] = o
	}
	for _, o := range all {
		if !o.perCPU {
			put(o)
		}
	}
	next = (next + 63) / 64 * 64
	m.area = next
	for _, o := range all {
		if o.perCPU {
			put(o)
		}
	}
	m.stride = (next - m.area + 63) / 64 * 64
	for _, o := range all {
		o.takeApart(l.fields)
	}
}

// takeApart finds the cells of an object.
func (o *object) takeApart(fields map[*cc.Declarator]marks) {
	a := &apart{o: o, fields: fields}
	a.add(o.t, 0, "", "", o.marks)
	slices.SortStableFunc(o.cells, func(x, y *cell) int { return cmp.Compare(x.off, y.off) })
}

// apart is the work of taking an object apart.
type apart struct {
	o      *object
	fields map[*cc.Declarator]marks
}

func (a *apart) add(t cc.Type, off int64, path, key string, m marks) {
	if a.o.why != "" {
		return
	}
	if len(a.o.cells) >= mostCells {
		a.o.why = fmt.Sprintf("it has more than %d parts", mostCells)
		return
	}
	switch x := t.(type) {
	case *cc.ArrayType:
		size := x.Elem().Size()
		if x.Len() > mostCells || size <= 0 || x.Len() < 0 {
			a.o.why = fmt.Sprintf("an array may have up to %d elements", mostCells)
			return
		}
		for i := range x.Len() {
			a.add(x.Elem(), off+i*size, fmt.Sprintf("%s[%d]", path, i), key+"[]", m)
		}
		return
	case *cc.StructType:
		a.structure(x, off, path, key, m)
		return
	case *cc.UnionType:
		a.union(x, off, path, key, m)
		return
	}
	s, ok := scalarOf(t)
	if !ok {
		a.o.why = fmt.Sprintf("it has a part of the type %s", t)
		return
	}
	a.cell(&cell{off: off, size: t.Size(), path: path, key: key, t: s, of: t, marks: m})
}

func (a *apart) cell(c *cell) {
	c.vars = map[int]*model.Var{}
	a.o.cells = append(a.o.cells, c)
}

// structure adds the fields of a struct. Bit-fields become words: those of units that overlap, with whatever else
// is in there, become one.
func (a *apart) structure(t *cc.StructType, off int64, path, key string, m marks) {
	var words []*cell // of bit-fields
	for i := range t.NumFields() {
		f := t.FieldByIndex(i)
		if f == nil || f.IsFlexibleArrayMember() {
			continue
		}
		fm := m.with(a.fields[f.Declarator()])
		if f.IsBitfield() {
			if f.ValueBits() > 0 {
				words = a.word(words, f, off, path, key, fm)
			}
			continue
		}
		p, k := path, key
		if name := f.Name(); name != "" && !(name == "counter" && t.NumFields() == 1) { // of atomic_t
			p, k = p+"."+name, k+"."+name
		}
		a.add(f.Type(), off+f.Offset(), p, k, fm)
	}
	for _, w := range words {
		for i := 0; i < len(a.o.cells); i++ { // a field that is in the unit of a bit-field is part of its word
			c := a.o.cells[i]
			if c.off < w.off+w.size && w.off < c.off+c.size {
				from := min(c.off, w.off)
				w.size = max(c.off+c.size, w.off+w.size) - from
				w.off = from
				a.o.cells = slices.Delete(a.o.cells, i, i+1)
				i--
			}
		}
		w.t = scalar{bits: int(w.size) * 8}
		if w.size > 8 {
			a.o.why = "bit-fields share bytes with more than 64 bits"
		}
		a.cell(w)
	}
}

// word adds the unit of a bit-field to the words of a struct.
func (a *apart) word(words []*cell, f *cc.Field, off int64, path, key string, m marks) []*cell {
	lo, hi := off+f.Offset(), off+f.Offset()+f.AccessBytes()
	for i := 0; i < len(words); i++ {
		if w := words[i]; w.off < hi && lo < w.off+w.size {
			lo, hi = min(lo, w.off), max(hi, w.off+w.size)
			words = slices.Delete(words, i, i+1)
			i--
		}
	}
	name := f.Name()
	return append(words, &cell{off: lo, size: hi - lo, path: path + "." + name, key: key + "." + name,
		marks: marks{ghost: m.ghost, perCPU: m.perCPU}})
}

// union adds a union of integers as one word, and any other one as its first field if all have the same parts.
func (a *apart) union(t *cc.UnionType, off int64, path, key string, m marks) {
	if t.NumFields() == 0 {
		return
	}
	if size := t.Size(); size == 1 || size == 2 || size == 4 || size == 8 {
		if !hasPointer(t) {
			for i := range t.NumFields() {
				m = m.with(a.fields[t.FieldByIndex(i).Declarator()])
			}
			a.cell(&cell{off: off, size: size, path: path, key: key, t: scalar{bits: int(size) * 8}, marks: m})
			return
		}
	}
	if t.NumFields() > 1 {
		a.o.why = "it has a union that is no word of 1, 2, 4 or 8 bytes of integers"
		return
	}
	a.add(t.FieldByIndex(0).Type(), off, path, key, m)
}

// hasPointer reports whether a pointer is in a type.
func hasPointer(t cc.Type) bool {
	switch x := t.(type) {
	case *cc.ArrayType:
		return hasPointer(x.Elem())
	case interface {
		NumFields() int
		FieldByIndex(int) *cc.Field
	}:
		for i := range x.NumFields() {
			if f := x.FieldByIndex(i); f != nil && hasPointer(f.Type()) {
				return true
			}
		}
		return false
	}
	return t.Kind() == cc.Ptr
}

// cellAt is the cell that has the bytes from off on.
func (o *object) cellAt(off, size int64) *cell {
	for _, c := range o.cells {
		if c.off <= off && off+size <= c.off+c.size {
			return c
		}
	}
	return nil
}

// instance is which of the copies of an object an address is in: 0 is the template or the object itself.
type instance struct {
	o    *object
	copy int
	off  int64
}

// find is the object at an address.
func (m *memory) find(addr int64) (in instance, ok bool) {
	at := addr
	if m.stride > 0 && addr >= m.area {
		in.copy = int((addr - m.area) / m.stride)
		at = m.area + (addr-m.area)%m.stride
	}
	i, found := slices.BinarySearchFunc(m.objects, at, func(o *object, at int64) int {
		return cmp.Compare(o.base,
			at)
	})
	if !found {
		i--
	}
	if i < 0 || in.copy > m.cpus {
		return in, false
	}
	in.o = m.objects[i]
	in.off = at - in.o.base
	return in, in.off < max(in.o.t.Size(), 1)
}

// percpu is the address of a CPU's own copy of what is at an address of the template.
func (m *memory) percpu(addr int64, cpu int) int64 { return addr + int64(cpu+1)*m.stride }

// isTemplate reports whether an address is one of a per-CPU declaration, of no CPU's copy.
func (m *memory) isTemplate(addr int64) bool {
	return m.stride > 0 && addr >= m.area && addr < m.area+m.stride
}

// spans is the addresses of all objects, and parts of objects, of a type.
func (l *lowering) spans(t cc.Type) []int64 {
	want := t
	var found []int64
	for _, o := range l.mem.objects {
		if o.why != "" {
			continue
		}
		var offs []int64
		within(o.t, 0, want, &offs)
		for _, off := range offs {
			if !o.perCPU {
				found = append(found, o.base+off)
				continue
			}
			for cpu := range l.mem.cpus {
				found = append(found, l.mem.percpu(o.base+off, cpu))
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// within finds where in a type another one is.
func within(t cc.Type, off int64, want cc.Type, offs *[]int64) {
	if len(*offs) > mostCells {
		return
	}
	if sameType(t, want) {
		*offs = append(*offs, off)
	}
	switch x := t.(type) {
	case *cc.ArrayType:
		for i := range min(max(x.Len(), 0), mostCells) {
			within(x.Elem(), off+i*x.Elem().Size(), want, offs)
		}
	case interface {
		NumFields() int
		FieldByIndex(int) *cc.Field
	}:
		for i := range x.NumFields() {
			if f := x.FieldByIndex(i); f != nil && !f.IsBitfield() {
				within(f.Type(), off+f.Offset(), want, offs)
			}
		}
	}
}

// sameType reports whether a pointer to one may point to the other: they are the same but for qualifiers, and
// integers of one size are.
func sameType(a, b cc.Type) bool {
	x, is := scalarOf(a)
	y, also := scalarOf(b)
	if is && also {
		return x.bits == y.bits && x.isPtr == y.isPtr && x.isBool == y.isBool
	}
	if is != also || a.Kind() != b.Kind() {
		return false
	}
	if x, ok := a.(*cc.ArrayType); ok {
		return x.Len() == b.(*cc.ArrayType).Len() && sameType(x.Elem(), b.(*cc.ArrayType).Elem())
	}
	return a.IsCompatible(b)
}
