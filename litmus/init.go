package litmus

import "slices"

// This file reads the init section. Types are read and mean nothing but for arrays and what initializes them:
//
//	x = 1;  int y;  int *p = &x;  0:r1 = x;  atomic_t v = ATOMIC_INIT(2);  int a[2] = {1, 2};

// initSection reads from behind the { to the }.
func (t *Test) initSection(r *reader) {
	r.next()
	for !r.tok.is("}") {
		if r.tok.kind == tokEnd {
			fail(r.tok.Pos, "the init section is not closed; } closes it")
		}
		if !r.accept(";") {
			t.initLine(r)
			if !r.tok.is("}") {
				r.want(";", "in the init section")
			}
		}
	}
}

// typeWords is the words that a type may be made of besides a last one of any name.
var typeWords = []string{"const", "volatile", "unsigned", "signed", "struct", "union", "static", "long", "short",
	"int", "char", "extern"}

func (t *Test) initLine(r *reader) {
	for slices.Contains(typeWords, r.tok.text) || r.tok.kind == tokName && r.followsName() {
		r.next()
	}
	for r.accept("*") || r.accept("const") || r.accept("volatile") {
	}
	at := r.tok.Pos
	var l Loc
	n, ok := threadName(r.tok.text)
	switch {
	case r.tok.kind == tokInt:
		n := r.integer()
		r.want(":", "after the number of a thread")
		l = Loc{int(min(max(n, 0), maxThreads)), r.register()}
	case ok && r.peek(":"):
		r.next()
		r.next()
		l = Loc{n, r.register()}
	case r.accept("["):
		l = Loc{-1, r.name("the name of a location")}
		r.want("]", "after "+l.Name)
	default:
		l = Loc{-1, r.name("a location, a register such as 0:r1, or a type")}
		for r.accept(".") {
			l.Name += "." + r.name("the name of a field")
		}
	}
	t.initialize(r, at, l)
}

// followsName reports whether the name that r stands before is a type: another name or a * comes after it, or the
// number of a thread.
func (r *reader) followsName() bool {
	ahead := *r
	ahead.comments = nil
	ahead.next()
	return ahead.tok.kind == tokName || ahead.tok.kind == tokInt || ahead.tok.is("*")
}

// initialize reads what follows the name.
func (t *Test) initialize(r *reader, at Pos, l Loc) {
	size := 0
	if r.accept("[") {
		if l.IsReg() {
			fail(at, "found an array of registers")
		}
		n := int64(-1)
		if !r.tok.is("]") {
			if n = r.integer(); n < 1 || n > maxCells {
				fail(r.before.Pos, "an array has 1 to %d elements", maxCells)
			}
		}
		r.want("]", "after the size of an array")
		size = int(n)
	}
	var values []Value
	if r.accept("=") {
		if isList := r.tok.is("{"); isList && !l.IsReg() {
			values = t.list(r)
			if size <= 0 {
				size = len(values)
			}
		} else {
			values = []Value{t.initValue(r)}
		}
	}
	switch {
	case size < 0:
		fail(at, "the array %s has no size; write it in the brackets", l.Name)
	case len(values) > max(size, 1):
		fail(at, "the array %s has %d elements, and %d values", l.Name, size, len(values))
	}
	t.declareInit(at, l, size, values)
}

func (t *Test) declareInit(at Pos, l Loc, size int, values []Value) {
	if l.IsReg() {
		t.known[l] = true
		if len(values) == 0 {
			values = []Value{{}}
		}
	} else {
		if _, known := t.byName[l.Name]; known {
			fail(at, "found %s a second time in the init section", l.Name)
		}
		t.addCell(at, l.Name, max(size, 1))
	}
	for _, in := range t.Init {
		if in.Loc == l {
			fail(at, "found %s a second time in the init section", l)
		}
	}
	for i, v := range values {
		in := Init{Pos: at, Loc: l, Value: v}
		if !l.IsReg() {
			in.Loc.Name = t.cells[t.byName[l.Name]+i].name
		}
		t.Init = append(t.Init, in)
	}
}

// list reads {1, 2}.
func (t *Test) list(r *reader) []Value {
	at := r.tok.Pos
	r.want("{", "in an array")
	var values []Value
	for !r.accept("}") {
		if values = append(values, t.initValue(r)); len(values) > maxCells {
			fail(at, "an array has 1 to %d elements", maxCells)
		}
		if !r.tok.is("}") && !r.accept(";") {
			r.want(",", "in the values of an array")
		}
	}
	return values
}

// initValue reads a number, an address, or ATOMIC_INIT(...) and its kin.
func (t *Test) initValue(r *reader) Value {
	r.deeper()
	defer r.shallower()
	switch {
	case r.accept("("):
		if r.tok.kind == tokName && r.followsName() || slices.Contains(typeWords, r.tok.text) { // a cast
			for r.tok.kind == tokName || r.tok.is("*") {
				r.next()
			}
			r.want(")", "after a type")
			return t.initValue(r)
		}
		v := t.initValue(r)
		r.want(")", "after a value")
		return v
	case r.accept("&"):
		return Value{Addr: r.location().Name}
	case r.tok.kind == tokName:
		at, name := r.tok.Pos, r.tok.text
		if r.peek("(") {
			return t.initMacro(r, at, name)
		}
		if name == "SPIN_LOCK_UNLOCKED" {
			r.next()
			return Value{}
		}
		return r.constant(r.location().Name)
	}
	return Value{Int: r.integer()}
}

func (t *Test) initMacro(r *reader, at Pos, name string) Value {
	r.next()
	r.next()
	switch name {
	case "ATOMIC_INIT", "ATOMIC64_INIT", "ATOMIC_LONG_INIT", "REFCOUNT_INIT":
		v := t.initValue(r)
		r.want(")", "after a value")
		return v
	case "__SPIN_LOCK_UNLOCKED", "DEFINE_SPINLOCK":
		r.accept(r.tok.text)
		r.want(")", "after the name of a lock")
		return Value{}
	}
	unsupported(at, name, "found %s in the init section; ATOMIC_INIT and its kin and __SPIN_LOCK_UNLOCKED are "+
		"supported",
		name)
	return Value{}
}
