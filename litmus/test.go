package litmus

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Arch is the language of a test.
type Arch uint8

// The languages, as the first word of a file names them.
const (
	C   Arch = iota // the C of the Linux-kernel memory model
	X86             // x86 assembly, Intel's or AT&T's; X86_64 too
)

func (a Arch) String() string { return [...]string{"C", "X86"}[a] }

// A Quantifier says what a test asks of its proposition.
type Quantifier uint8

// The quantifiers.
const (
	Exists    Quantifier = iota // some final state satisfies it
	Forall                      // all do
	NotExists                   // none does
)

func (q Quantifier) String() string { return [...]string{"exists", "forall", "~exists"}[q] }

// Validated reports whether what is asked is so, given how many final states satisfy the proposition and how many
// do not.
func (q Quantifier) Validated(positive, negative int) bool {
	switch q {
	case Exists:
		return positive > 0
	case Forall:
		return negative == 0
	}
	return positive == 0
}

// A Test is a litmus test as it was read.
type Test struct {
	File string // as given to Parse
	Name string
	Arch Arch
	// Dialect is the first word of the file: C, X86, X86_64.
	Dialect string
	Init    []Init
	Threads []*Thread
	// Locations is what the file wants to have listed besides what the proposition speaks of.
	Locations  []Loc
	Filter     *Prop // final states that do not satisfy it do not count; nil: all count
	Quantifier Quantifier
	Prop       *Prop
	// Result is the word after "Result:" in a comment: what the author expects under LKMM; empty where there is
	// none.
	Result string
	// Expected is, for a question in the old form final ... with, what the author expects of memory models by
	// name.
	Expected map[string]Quantifier

	src              []byte
	codeFrom, codeTo int // of x86
	cells            []cell
	byName           map[string]int // the first cell of a location
	exact            map[string]int // cells by their whole names
	known            map[Loc]bool   // registers that the code or the init section has
}

// A cell is one word of memory: a location, or an element of an array.
type cell struct {
	name string
	base int // the first cell of the array
	n    int // the number of its elements, 1 for a location that is none
}

// An Init is one line of the init section: what a register or location is before the threads begin.
type Init struct {
	Pos
	Loc   Loc
	Value Value
}

// A Thread is one P<n>.
type Thread struct {
	Pos
	Index  int
	Params []string // the locations that it names
	Body   []*Stmt
}

// A Loc is a register of a thread, or a location in memory.
type Loc struct {
	Thread int // -1 for memory
	Name   string
}

// IsReg reports whether it is a register.
func (l Loc) IsReg() bool { return l.Thread >= 0 }

// String is the location as herd7 spells it: 0:r1, [x], and a[1] of an array, as the readers of its logs take it.
func (l Loc) String() string {
	if l.IsReg() {
		return strconv.Itoa(l.Thread) + ":" + l.Name
	}
	if strings.HasSuffix(l.Name, "]") {
		return l.Name
	}
	return "[" + l.Name + "]"
}

// compare is herd7's order: registers by thread and name, then memory by name.
func (l Loc) compare(m Loc) int {
	if l.IsReg() != m.IsReg() {
		if l.IsReg() {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(l.Thread, m.Thread), cmp.Compare(l.Name, m.Name))
}

// A Value is what a register or location holds: an integer, or the address of a location.
type Value struct {
	Addr string // the location; empty for an integer
	Int  int64
}

// String is the value as herd7 spells it.
func (v Value) String() string {
	if v.Addr != "" {
		return v.Addr
	}
	return strconv.FormatInt(v.Int, 10)
}

// Compare is herd7's order: integers first, then addresses by name.
func (v Value) Compare(w Value) int {
	return cmp.Or(cmp.Compare(v.Addr, w.Addr), cmp.Compare(v.Int, w.Int))
}

// Observed is the registers and locations that a state of the test shows, in herd7's order: those of the
// proposition and of the locations line.
func (t *Test) Observed() []Loc { return sorted(append(t.Prop.locs(), t.Locations...)) }

// asked is those that have to be known of a final state: the observed ones, and those of the filter.
func (t *Test) asked() []Loc {
	locs := t.Observed()
	if t.Filter != nil {
		locs = append(locs, t.Filter.locs()...)
	}
	return sorted(locs)
}

func sorted(locs []Loc) []Loc {
	slices.SortFunc(locs, Loc.compare)
	return slices.Compact(locs)
}

// addCell makes the cells of a location, n of them if it is an array of n.
func (t *Test) addCell(at Pos, name string, n int) {
	if _, known := t.byName[name]; known {
		return
	}
	base := len(t.cells)
	if base+n > maxCells {
		fail(at, "the test has more than %d locations", maxCells)
	}
	t.byName[name] = base
	for i := range n {
		c := cell{name, base, n}
		if n > 1 {
			c.name += "[" + strconv.Itoa(i) + "]"
		}
		t.exact[c.name], t.exact[name+"["+strconv.Itoa(i)+"]"] = base+i, base+i
		t.cells = append(t.cells, c)
	}
}
