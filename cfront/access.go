package cfront

import (
	"fmt"
	"slices"

	"modernc.org/cc/v4"

	"ctcheck/model"
)

// This file has accesses to memory: which variable an address means, and the steps.

// An lvalue is where something is.
type lvalue struct {
	t     cc.Type
	to    *local // in a local, at off
	off   int64
	addr  *model.Node // or in memory
	cands []int64     // the addresses that it may be, where the code shows them
	field *cc.Field   // a bit-field of what is there
	at    cc.Node
}

// A spot is a variable with the part of it that an access is to.
type spot struct {
	v     *model.Var
	c     *cell
	s     *span
	shift int // of the part
	whole bool
}

// A target is the spots that an access may be to. Where there are several, index says which.
type target struct {
	spots []spot
	index *model.Node
	t     scalar // of the access
	// addr and cands are the address and what it may be, one for each spot, where that is not known.
	addr  *model.Node
	cands []int64
}

// mostTargets is how many variables a pointer may point to.
const mostTargets = model.MostElements

// target finds what an lvalue in memory may be.
func (l *lowering) target(lv *lvalue) *target {
	if l.watching && lv.addr.Op != model.OpConst && len(l.candidates(lv)) == 0 {
		return nil // and nothing is seen there
	}
	t, ok := scalarOf(lv.t)
	if !ok {
		t, ok = l.inner(lv)
	}
	if !ok {
		l.fail(lv.at, "an access is to an integer or a pointer; this is of type %s", lv.t)
	}
	tg := &target{t: t}
	if lv.addr.Op == model.OpConst {
		tg.spots = []spot{l.spotAt(lv, lv.addr.K, t)}
		return tg
	}
	switch cands := l.candidates(lv); {
	case len(cands) == 0 && l.facts.dirty: // more will be known
		panic(bail{})
	case len(cands) == 0:
		l.assert(num(0), fmt.Sprintf("%s is dereferenced, and never points to anything", l.u.excerpt(lv.at)))
		l.faults++
		panic(bail{})
	case len(cands) > mostTargets:
		l.fail(lv.at, "this may point to any of %d variables; a pointer may point to %d", len(cands), mostTargets)
	}
	cands := l.candidates(lv)
	for _, k := range cands {
		tg.spots = append(tg.spots, l.spotAt(lv, k, t))
	}
	for _, sp := range tg.spots[1:] {
		if first := tg.spots[0]; sp.shift != first.shift || sp.c.size != first.c.size || sp.v.Kind != first.v.Kind {
			l.fail(lv.at,
				"this may point to %s and to %s, one of which is part of a word; use pointers of different "+
					"types", first.v.Name, sp.v.Name)
		}
	}
	l.valid(lv, cands)
	tg.addr, tg.cands = lv.addr, cands
	if len(cands) > 1 {
		tg.index = which(lv.addr, cands)
	}
	return tg
}

// candidates is the addresses that an lvalue may have.
func (l *lowering) candidates(lv *lvalue) []int64 {
	cands := lv.cands
	if cands == nil {
		cands = l.spans(lv.t)
	}
	b := boundsOf(lv.addr)
	return slices.DeleteFunc(slices.Clone(cands), func(k int64) bool { return k < b.lo || k > b.hi || k == 0 })
}

// inner is the one integer in a struct, as the counter of an atomic_t.
func (l *lowering) inner(lv *lvalue) (scalar, bool) {
	for {
		s, ok := lv.t.(interface {
			NumFields() int
			FieldByIndex(int) *cc.Field
		})
		if !ok || s.NumFields() != 1 || s.FieldByIndex(0) == nil || s.FieldByIndex(0).IsBitfield() {
			return scalar{}, false
		}
		lv.t = s.FieldByIndex(0).Type()
		if t, ok := scalarOf(lv.t); ok {
			return t, true
		}
	}
}

// valid makes it a fault of the run that the address is none of the candidates.
func (l *lowering) valid(lv *lvalue, cands []int64) {
	xs := lv.addr.Values(1 << 8)
	stray := xs == nil || slices.ContainsFunc(xs, func(x int64) bool { return !slices.Contains(cands, x) })
	if !stray || l.watching {
		return
	}
	why := fmt.Sprintf("%s accesses what its pointer does not point to: it is NULL, or outside of what it may be",
		l.at.text)
	if step := stepOf(cands); step > 0 && len(cands) > 4 {
		from, to := cands[0], cands[len(cands)-1]
		cond := both(bin(model.OpLe, num(from), lv.addr), bin(model.OpLe, lv.addr, num(to)))
		l.assert(both(cond, equal(bin(model.OpRem, bin(model.OpSub, lv.addr, num(from)), num(step)), 0)), why)
		return
	}
	l.assert(anyOf(lv.addr, cands), why)
}

// stepOf is how far apart numbers are, if that is always the same; 0 otherwise.
func stepOf(ks []int64) int64 {
	if len(ks) < 2 {
		return 0
	}
	step := ks[1] - ks[0]
	for i := range ks[1:] {
		if ks[i+1]-ks[i] != step {
			return 0
		}
	}
	return step
}

// which is the index among the candidates of an address that is one of them.
func which(addr *model.Node, cands []int64) *model.Node {
	if step := stepOf(cands); step > 0 {
		return bin(model.OpDiv, bin(model.OpSub, addr, num(cands[0])), num(step))
	}
	sum := num(0)
	for i, k := range cands {
		if i > 0 {
			sum = bin(model.OpAdd, sum, bin(model.OpMul, equal(addr, k), num(int64(i))))
		}
	}
	return sum
}

// spotAt is the variable at an address.
func (l *lowering) spotAt(lv *lvalue, addr int64, t scalar) spot {
	size := int64(t.bits) / 8
	if lv.field != nil {
		size = lv.field.AccessBytes()
	}
	in, ok := l.mem.find(addr)
	switch {
	case addr == 0:
		l.fail(lv.at, "NULL is dereferenced")
	case !ok:
		l.fail(lv.at, "this accesses memory that is no variable (address %d)", addr)
	case in.o.perCPU && in.copy == 0:
		l.fail(lv.at, "%s is per CPU, and this is of no CPU; use this_cpu_ptr(&%s) or per_cpu_ptr(&%s, cpu)",
			in.o.name,
			in.o.name, in.o.name)
	case in.o.why != "":
		l.fail(lv.at, "%s: %s, which is not supported", in.o.name, in.o.why)
	}
	c := in.o.cellAt(in.off, size)
	if c == nil {
		l.fail(lv.at,
			"this accesses %d bytes of %s that are several variables; declare a union of integers of that size",
			size, in.o.name)
	}
	sp := spot{c: c, shift: int(in.off-c.off) * 8, whole: c.size == size && lv.field == nil}
	sp.s = l.facts.span(in.o.key+c.key, c.t, c.marks)
	sp.v = l.varOf(in, c, sp.s)
	return sp
}

// varOf is the variable of a cell, which is declared when it is first accessed.
func (l *lowering) varOf(in instance, c *cell, s *span) *model.Var {
	if v := c.vars[in.copy]; v != nil {
		return v
	}
	init := l.initial(in, c)
	l.facts.include(s, init, init)
	name := in.o.name + c.path
	if in.o.perCPU {
		name = fmt.Sprintf("%s[%s]%s", in.o.name, l.cpuName(in.copy-1), c.path)
	}
	r := l.rangeOf(s, in.o.at)
	if !r.Contains(init) {
		if s.fixed {
			l.fail(in.o.at, "%s is initialized with %d, which its range %d..%d does not have", name, init, r.Lo,
				r.Hi)
		}
		init = r.Lo // the facts are dirty
	}
	declare := l.p.Shared
	if c.marks.ghost {
		declare = l.p.Ghost
	}
	v := l.variable(declare(name, r, model.Int(init)), in.o.key+c.key, c.of)
	c.vars[in.copy] = v
	if s.wraps {
		v.WrapNote = "__ct_wraps says so in the file"
	}
	return v
}

// to makes a statement one that accesses the target.
func (tg *target) to(s *model.Stmt) *model.Stmt {
	s.Kind = model.StmtAccess
	if tg.index == nil {
		s.Var = tg.spots[0].v
		return s
	}
	t := &model.Table{}
	for _, sp := range tg.spots {
		t.Vars = append(t.Vars, sp.v)
	}
	s.At = &model.Node{Op: model.OpElement, A: tg.index, Table: t}
	return s
}

// isGhost reports whether the target is no memory.
func (tg *target) isGhost() bool { return tg.spots[0].v.Kind == model.Ghost }

// raw is the bounds of what is in the variables.
func (tg *target) raw() bounds {
	b := bounds{tg.spots[0].v.Lo, tg.spots[0].v.Hi}
	for _, sp := range tg.spots[1:] {
		b = b.join(bounds{sp.v.Lo, sp.v.Hi})
	}
	return b
}

// rng is the range of a temporary that holds what is in the variables.
func (tg *target) rng() model.Range {
	b := tg.raw()
	r := model.Range{Lo: b.lo, Hi: b.hi}
	if tg.spots[0].v.Truth {
		r = model.Bool
	}
	return r
}

// include makes room in all variables of the target for a value.
func (l *lowering) include(tg *target, b bounds) {
	for _, sp := range tg.spots {
		l.facts.include(sp.s, b.lo, b.hi)
	}
}

// read is a ghost's value, or what a property sees: no step.
func (tg *target) read() *model.Node {
	if tg.addr == nil {
		return tg.spots[0].v.Node()
	}
	sum := num(0) // which it is where the address is none of them
	for i, sp := range tg.spots {
		sum = bin(model.OpAdd, sum, bin(model.OpMul, equal(tg.addr, tg.cands[i]), sp.v.Node()))
	}
	return sum
}

// exact reports whether the access is to all of variables that have its type.
func (tg *target) exact() bool {
	return !slices.ContainsFunc(tg.spots, func(sp spot) bool {
		return !sp.whole || sp.c.t.signed != tg.t.signed || sp.c.t.isBool != tg.t.isBool
	})
}

// rawOf is a value of the access's type as the variables hold it, which may be of another sign.
func (tg *target) rawOf(n *model.Node) *model.Node {
	unsigned := num(0) // where the variable is that, and the value may not be
	for i, sp := range tg.spots {
		if sp.whole && !sp.c.t.signed && sp.c.t.bits < 64 && boundsOf(n).lo < 0 {
			if tg.index == nil {
				return convert(n, sp.c.t)
			}
			unsigned = either(unsigned, equal(tg.index, int64(i)))
		}
	}
	for i, sp := range tg.spots {
		if _, most, bounded := sp.c.t.limits(); bounded && sp.whole && sp.c.t.signed && boundsOf(n).hi > most {
			if tg.index == nil {
				return convert(n, sp.c.t)
			}
			above := both(bin(model.OpLt, num(most), n), equal(tg.index, int64(i)))
			n = bin(model.OpSub, n, bin(model.OpMul, above, num(1<<sp.c.t.bits)))
		}
	}
	below := both(unsigned, bin(model.OpLt, n, num(0)))
	return bin(model.OpAdd, n, bin(model.OpMul, below, num(1<<tg.t.bits)))
}

// part is the part of the raw value that the access is to.
func (tg *target) part(raw *model.Node, lv *lvalue) *model.Node {
	sp := tg.spots[0]
	if sp.whole {
		if tg.exact() {
			return raw
		}
		return convert(raw, tg.t)
	}
	if f := lv.field; f != nil {
		low := bin(model.OpShr, raw, num(int64(sp.shift+f.OffsetBits())))
		return convert(bin(model.OpAnd, low, num(ones(int(f.ValueBits())))), scalar{bits: int(f.ValueBits()),
			signed: tg.t.signed, isBool: tg.t.isBool})
	}
	return convert(bin(model.OpAnd, bin(model.OpShr, raw, num(int64(sp.shift))), num(ones(tg.t.bits))), tg.t)
}

// ones is a mask of n bits.
func ones(n int) int64 {
	if n >= 64 {
		return -1
	}
	return 1<<n - 1
}

// mask is the bits of the raw value that the access is to.
func (tg *target) mask(lv *lvalue) (mask int64, shift int) {
	sp := tg.spots[0]
	if f := lv.field; f != nil {
		shift = sp.shift + f.OffsetBits()
		return ones(int(f.ValueBits())) << shift, shift
	}
	return ones(tg.t.bits) << sp.shift, sp.shift
}
