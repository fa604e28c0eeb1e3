package model

import (
	"testing"

	"ctcheck/internal/testkit"
)

// Misuse of the builder is noted with the line where it happens, the routine, the statement and the cure. It is
// as long as its table.
func TestMisuseOfTheBuilder(t *testing.T) {
	for _, row := range []struct {
		name  string
		use   func(p *Program, r *Routine)
		parts []string
		why   string
	}{
		{"load of a local", func(p *Program, r *Routine) {
			r.ReadOnce("l = READ_ONCE(l)", r.Local("l", Bool), r.Locals[0])
		}, []string{"l = READ_ONCE(l)", "shared variable", "Set"}, "locals are not memory"},
		{"store to a ghost", func(p *Program, r *Routine) {
			r.AtomicSet("g = 1", p.Ghost("g", Bool,
				False), True)
		},
			[]string{"g = 1", "shared variable", "Set"}, "the kernel has no such variable"},
		{"no variable", func(p *Program, r *Routine) { r.ReadOnce("READ_ONCE()", nil, nil) },
			[]string{"READ_ONCE()", "shared variable"}, "nothing to access"},
		{"result to a shared variable", func(p *Program, r *Routine) {
			x, y := p.Shared("x", Bool, False), p.Shared("y", Bool, False)
			r.ReadOnce("y = READ_ONCE(x)", y, x)
		}, []string{"y = READ_ONCE(x)", "goes to a local", "y"}, "that would be two accesses"},
		{"Set of a shared variable", func(p *Program, r *Routine) {
			r.Set(p.Shared("x", Bool,
				False), True)
		},
			[]string{"x", "WriteOnce"}, "an access must be a step"},
		{"wrong number of arguments", func(p *Program, r *Routine) {
			r.Call(p.Routine("f", func(*Routine) {}), nil, True)
		}, []string{"f", "1 arguments", "0 parameters"}, "as a C compiler would"},
		{"an address of another type is stored", func(p *Program, r *Routine) {
			a, b := p.Struct("a", 1), p.Struct("b", 1)
			r.WriteOnce("x = l", p.Shared("x", a.Pointer(), Null), r.Local("l", b.Pointer()))
		}, []string{"x = l", "x holds an address of a[0], and l one of b[0]"}, "as a C compiler would"},
		{"an address of another type is loaded", func(p *Program, r *Routine) {
			a, b := p.Struct("a", 1), p.Struct("b", 1)
			r.ReadOnce("l = x", r.Local("l", b.Pointer()), a.Field("next", a.Pointer(), Null).At(Int(0)))
		}, []string{"l = x", "l holds an address of b[0], and a[0].next one of a[0]"}, "as a C compiler would"},
		{"an address of another type is assigned", func(p *Program, r *Routine) {
			a, b := p.Struct("a", 1), p.Struct("b", 1)
			r.Set(r.Local("l", a.Pointer()), r.Local("k", b.Pointer()))
		}, []string{"Set", "l holds an address of a[0], and k one of b[0]"}, "as a C compiler would"},
		{"an address of another type is dereferenced", func(p *Program, r *Routine) {
			a, b := p.Struct("a", 1), p.Struct("b", 1)
			r.ReadOnce("READ_ONCE(l->next)", nil, a.Field("next", Bool, Null).Of(r.Local("l", b.Pointer())))
		}, []string{"READ_ONCE(l->next)", "l->next: l holds an address of b[0]"}, "as a C compiler would"},
		{"a negative index", func(p *Program, r *Routine) {
			r.ReadOnce("READ_ONCE(a[-1])", nil, p.Array("a", 2, Bool, False).At(Int(-1)))
		}, []string{"READ_ONCE(a[-1])", "a[-1]: the index is -1, outside 0..1"}, "it is known"},
		{"an index beyond the end", func(p *Program, r *Routine) {
			r.Set(p.GhostArray("a", 2, Bool, False).At(Int(2)), True)
		}, []string{"Set", "a[2]: the index is 2, outside 0..1"}, "it is known"},
		{"NULL by name", func(p *Program, r *Routine) {
			r.WriteOnce("NULL->f = 1", p.Struct("a", 2).Field("f", Bool, False).Of(Null), True)
		}, []string{"NULL->f = 1", "NULL->f: NULL is dereferenced"}, "it is known"},
		{"no address of that name", func(p *Program, r *Routine) {
			addr := p.Addresses(UpTo(0), "x", "y")
			r.WriteOnce("p = &z", p.Shared("p", addr.Range(), addr.Of("x")), addr.Of("z"))
		}, []string{"p = &z", "the address of z is not among those declared: x, y"}, "it has no value"},
		{"an object that is not there", func(p *Program, r *Routine) {
			a := p.Struct("a", 2)
			r.Set(r.Local("l", a.Pointer()), a.Address(Int(2)))
		}, []string{"Set", "&a[2]: the index is outside 0..1"}, "it has no address"},
		{"an index that may be negative", func(p *Program, r *Routine) {
			a := p.Struct("a", 2)
			r.Set(r.Local("l", a.Pointer()), a.Address(r.Local("i", Bool).Sub(Int(1))))
		}, []string{"Set", "&a[i - 1]: the index may be -1", "from 0"}, "that would be NULL"},
		{"an index that may be anything", func(p *Program, r *Routine) {
			a := p.Struct("a", 2)
			r.Set(r.Local("l", a.Pointer()), a.Address(r.Local("i", Range{Lo: -1, Hi: 5000})))
		}, []string{"Set", "&a[i]: the index may be anything", "smaller range"}, "-1 would be NULL"},
		{"an event about a value with a map inside", func(p *Program, r *Routine) {
			r.EventOf(Warned, struct{ of any }{map[int]int{}}, nil)
		}, []string{"warned", "cannot be compared", "pointer"}, "its type alone does not tell"},
		{"try_cmpxchg with a constant", func(p *Program, r *Routine) {
			r.TryCmpxchg("try", nil, p.Shared("x", Bool, False), nil, True)
		}, []string{"try", "expected value", "local"}, "there must be something to refresh"},
		{"try_cmpxchg with a shared expectation", func(p *Program, r *Routine) {
			x := p.Shared("x", Bool, False)
			r.TryCmpxchg("try", nil, x, x, True)
		}, []string{"try", "expected value", "local"}, "that would be a second access"},
	} {
		p := New("solo")
		p.Routine("main", func(r *Routine) { row.use(p, r) })
		if len(p.Faults()) != 1 {
			t.Errorf("%s: faults %q; it must have one: %s", row.name, p.Faults(), row.why)
			continue
		}
		testkit.Mentions(t, p.Faults()[0], row.why, append(row.parts, "misuse_test.go:", ": main: ")...)
	}
}

// What is wrong with a set of addresses is said once: who uses the set is not to blame.
func TestRefusedAddressesAreUsed(t *testing.T) {
	p := New("solo")
	p.Shared("x", Bool, False)
	addr := p.Addresses(Range{Lo: 1, Hi: 2}, "x")
	p.Routine("main", func(r *Routine) { r.ReadOnce("READ_ONCE(*p)", nil, addr.Deref(addr.Of("x"))) })
	if len(p.Faults()) != 1 {
		t.Errorf("faults %q; want only that of the numbers 1..2", p.Faults())
	}
}
