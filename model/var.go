package model

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// A Range is the set of values that a variable may take: Lo to Hi, both included. A value outside is
// an error of the program, never a silent wrap, unless the range is Modular: then arithmetic on the
// variable counts modulo Hi-Lo+1, and every report says so.
type Range struct {
	Lo, Hi  int64
	Modular bool
	// Truth says that the values are false and true, and not the numbers 0 and 1: for whoever prints them.
	Truth bool
	// addresses is the addresses among the values; nil where all are numbers.
	addresses *Addresses
}

// Bool is the range of a truth value. Bits(1) and UpTo(1) have the same values, and print as numbers.
var Bool = Range{Hi: 1, Truth: true}

// Bits is the range of an n-bit mask, n from 1 to 32. Of any other n it is a range that no variable can have.
func Bits(n int) Range {
	if n < 1 || n > 32 {
		return Range{Hi: -1}
	}
	return Range{Hi: 1<<n - 1}
}

// UpTo is the range from 0 to hi.
func UpTo(hi int64) Range { return Range{Hi: hi} }

// Mod is r with arithmetic modulo its size.
func (r Range) Mod() Range { r.Modular = true; return r }

// Contains reports whether v is in r.
func (r Range) Contains(v int64) bool { return r.Lo <= v && v <= r.Hi }

// Wrap is v brought into r by adding or taking away multiples of r's size.
func (r Range) Wrap(v int64) int64 {
	n := r.Hi - r.Lo + 1
	v = (v - r.Lo) % n
	if v < 0 {
		v += n
	}
	return r.Lo + v
}

// IsAddress reports whether some of the values are addresses.
func (r Range) IsAddress() bool { return r.addresses != nil }

// Width is the number of bits that hold any value of r.
func (r Range) Width() int { return bits.Len64(uint64(r.Hi - r.Lo)) }

// VarKind says who may see a variable.
type VarKind uint8

// The kinds of variables.
const (
	Shared VarKind = iota // kernel memory that every CPU sees; touched by access steps only
	Local                 // belongs to one call of a routine
	Ghost                 // exists only for properties; the kernel has no such variable
)

// A Var is a variable with a declared range. It is a [Value] and has the methods of [Expr].
type Var struct {
	Expr
	Name string
	Kind VarKind
	Range
	Init int64
	// Plain says that it was declared by [Program.Plain].
	Plain bool
	// WrapNote, on a modular variable whose wrapping may decide a verdict, is what the reader of a
	// trace that wraps it must know.
	WrapNote string
	// Endless is the upper bits of a modular variable that are a count, which the kernel has so much longer that it
	// does not come round while a call goes on. It is only added to, and copies are only compared with it.
	Endless int64
	like    *Var
	names   []flag
	p       *Program // nil of a ghost of a property
	faults  []string // of such a ghost
}

// A flag names the values of some bits: the field in mask, shifted down, or a single bit, or, where it is
// exact, just the value only of the bits in mask.
type flag struct {
	mask  int64
	shift int
	name  string
	only  int64
	exact bool
}

func newVar(p *Program, kind VarKind, name string, r Range, init Value) *Var {
	v := &Var{Name: name, Kind: kind, Range: r, p: p}
	v.Expr = Expr{&Node{Op: OpVar, Var: v}}
	k, why := constantOf(init)
	switch {
	case r.Hi < r.Lo || r.Hi-r.Lo < 0 || r.Width() > 32:
		v.bad("the range %d..%d is empty or needs more than 32 bits; Bits is for 1 to 32 of them", r.Lo, r.Hi)
		v.Range = Range{Lo: k, Hi: k}
	case why != "":
		v.bad("the initial value is refused: %s", why)
	case !r.Contains(k):
		v.bad("the initial value %d is outside %d..%d", k, r.Lo, r.Hi)
	}
	v.Init = min(max(k, v.Lo), v.Hi)
	return v
}

// NewGhost declares a variable for the use of properties: see [Monitor].
func NewGhost(name string, r Range, init Value) *Var { return newVar(nil, Ghost, name, r, init) }

// bad notes a fault of the variable's declaration.
func (v *Var) bad(format string, args ...any) {
	text := fmt.Sprintf("variable %s: %s", v.Name, fmt.Sprintf(format, args...))
	if v.p != nil {
		v.p.note("%s", text)
		return
	}
	v.faults = append(v.faults, helpers(nil).place()+text)
}

// Faults is what is wrong with the declaration of a property's ghost, as [Program.Faults] has it of others.
func (v *Var) Faults() []string { return v.faults }

// Flag names a bit or a field of bits, for traces: a single bit prints as its name when set, a wider
// field as name*value when not 0. It returns v.
func (v *Var) Flag(mask Value, name string) *Var {
	m, why := constantOf(mask)
	switch {
	case why != "":
		v.bad("the flag %s is refused: %s", name, why)
	case m == 0:
		v.bad("the flag %s has no bits", name)
	default:
		v.names = append(v.names, flag{mask: m, shift: bits.TrailingZeros64(uint64(m)), name: name})
	}
	return v
}

// Case names one value of the bits in mask, for traces. It returns v.
func (v *Var) Case(mask, value Value, name string) *Var {
	m, why := constantOf(mask)
	only, also := constantOf(value)
	if why += also; why != "" {
		v.bad("the case %s is refused: %s", name, why)
		return v
	}
	v.names = append(v.names, flag{mask: m, name: name, only: only, exact: true})
	return v
}

// Like has v print as w does, for a local that holds a copy of w. It returns v.
func (v *Var) Like(w *Var) *Var {
	if w == nil {
		v.bad("Like copies the names of a variable that is nil")
		return v
	}
	v.names, v.Truth, v.like = w.names, w.Truth, w
	return v
}

// Counter is the variable with Endless bits that v is or can hold a copy of, nil if there is none. What can
// hold one is of the same range, and was declared like it.
func (v *Var) Counter() *Var {
	for w := v; w != nil; w = w.like {
		if w.Endless != 0 && w.Range == v.Range {
			return w
		}
	}
	return nil
}

// printsTruth reports whether the variable's values print as true and false.
func (v *Var) printsTruth() bool { return v.Truth && len(v.names) == 0 }

// Format is the value x as the kernel would write it: WORK|USER where bits have names, true or false of a truth
// value, otherwise a number.
func (v *Var) Format(x int64) string {
	switch {
	case v.addresses != nil:
		return v.addresses.text(x)
	case v.printsTruth() && (x == 0 || x == 1):
		return strconv.FormatBool(x != 0)
	case len(v.names) == 0:
		return strconv.FormatInt(x, 10)
	}
	var parts []string
	rest := x
	for _, f := range v.names {
		field := x & f.mask >> f.shift
		switch {
		case f.exact && x&f.mask != f.only:
			continue
		case f.exact:
			parts = append(parts, f.name)
		case field == 0:
		case bits.OnesCount64(uint64(f.mask)) == 1:
			parts = append(parts, f.name)
		default:
			parts = append(parts, f.name+"*"+strconv.FormatInt(field, 10))
		}
		rest &^= f.mask
	}
	if rest != 0 || len(parts) == 0 {
		parts = append(parts, strconv.FormatInt(rest, 10))
	}
	return strings.Join(parts, "|")
}
