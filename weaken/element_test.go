package weaken

import (
	"strings"
	"testing"

	"ctcheck/machine"
	"ctcheck/model"
)

// elements is a program of one CPU whose code works on an array and on objects.
func elements(build func(r *model.Routine, a *model.Array, next *model.Field, i, node *model.Var)) *model.Program {
	return program(func(p *model.Program, v *model.Var, r *model.Routine) {
		s := p.Struct("n", 2)
		next := s.Field("next", s.Pointer(), model.Null)
		build(r, p.Array("a", 2, model.Bits(2), model.Int(0)), next, r.Local("i", model.Bool), r.Local("node",
			s.Pointer()))
	})
}

// A read-modify-write of an element is torn into a load and a store of the element that it was of.
func TestTearElements(t *testing.T) {
	for _, row := range []struct {
		why   string
		build func(r *model.Routine, a *model.Array, next *model.Field, i, node *model.Var)
		want  string
	}{
		{"the index is read by both, and not changed between them", func(r *model.Routine, a *model.Array,
			_ *model.Field,
			i, _ *model.Var) {
			r.AtomicFetchOr("i = fetch_or", i, a.At(i), model.Int(1))
		}, `
tmp = load.relaxed a[i]()
_ = store.relaxed a[i]((tmp 3 1))
i := tmp
tmp := 0
`},
		{"what was loaded is an address", func(r *model.Routine, _ *model.Array, next *model.Field, _,
			node *model.Var) {
			r.Xchg("node = xchg(&node->next, NULL)", node, next.Of(node), model.Null)
		}, `
tmp = load.relaxed node->next()
_ = store.relaxed node->next(0)
node := tmp
tmp := 0
`},
	} {
		p := elements(row.build)
		if got := "\n" + changed(t, Torn, p); got != row.want {
			t.Errorf("%s: got%s\nwant%s", row.why, got, row.want)
		}
		main := p.CPUs[0].Main
		tmp := main.Locals[len(main.Locals)-1]
		if to := main.Body[0].Targets()[1]; tmp.Range != to.Range || tmp.Format(1) != to.Format(1) {
			t.Errorf("%s: what was loaded is in %v, for %v", row.why, tmp.Range, to.Range)
		}
		for _, mm := range both {
			if _, err := machine.Compile(machine.Options{Memory: mm}, p); err != nil {
				t.Errorf("%s: %v", row.why, err)
			}
		}
	}
}

// Accesses to elements are swapped only if they cannot be to one variable, and neither chooses the other's.
func TestSwapElements(t *testing.T) {
	for _, row := range []struct {
		why   string
		swaps int
		build func(r *model.Routine, a *model.Array, next *model.Field, i, node *model.Var)
	}{
		{"they are of different arrays", 1, func(r *model.Routine, a *model.Array, next *model.Field, i,
			node *model.Var) {
			r.WriteOnce("a[i] = 1", a.At(i), model.Int(1))
			r.WriteOnce("node->next = NULL", next.Of(node), model.Null)
		}},
		{"two loads", 1, func(r *model.Routine, a *model.Array, _ *model.Field, i, _ *model.Var) {
			r.ReadOnce("READ_ONCE(a[i])", nil, a.At(i))
			r.ReadOnce("READ_ONCE(a[0])", nil, a.At(model.Int(0)))
		}},
		{"they may be of one element", 0, func(r *model.Routine, a *model.Array, _ *model.Field, i, _ *model.Var) {
			r.WriteOnce("a[i] = 1", a.At(i), model.Int(1))
			r.WriteOnce("a[1] = 1", a.At(model.Int(1)), model.Int(1))
		}},
		{"the first loads the index", 0, func(r *model.Routine, a *model.Array, next *model.Field, i,
			node *model.Var) {
			r.ReadOnce("i = READ_ONCE(a[0])", i, a.At(model.Int(0)))
			r.ReadOnce("READ_ONCE(a[i])", nil, a.At(i))
		}},
		{"the second changes the address", 0, func(r *model.Routine, a *model.Array, next *model.Field, i,
			node *model.Var) {
			r.ReadOnce("READ_ONCE(node->next)", nil, next.Of(node))
			r.ReadOnce("node = READ_ONCE(n[0].next)", node, next.At(model.Int(0)))
		}},
	} {
		found, _ := findings(elements(row.build))
		n := 0
		for _, f := range found {
			if f.kind == Swap {
				n++
			}
		}
		if n != row.swaps {
			t.Errorf("%s: %d swaps, want %d", row.why, n, row.swaps)
		}
	}
}

// A ghost that is chosen is written, whichever it is.
func TestSwapGhostElements(t *testing.T) {
	p := model.New("ghosts")
	held, seen := p.GhostArray("held", 2, model.Bool, model.False), p.GhostArray("seen", 2, model.Bool, model.False)
	var u uses
	p.Routine("r", func(r *model.Routine) {
		i := r.Local("i", model.Bool)
		r.Set(held.At(i), seen.At(i))
		u = usesOf(r.Body...)
		if !u.reads[i] {
			t.Error("the index is read")
		}
	})
	if !u.writes[held.Vars[0]] || !u.writes[held.Vars[1]] || !u.reads[seen.Vars[0]] ||
		!u.reads[seen.Vars[1]] || u.reads[held.Vars[1]] || u.writes[seen.Vars[1]] {
		t.Errorf("it reads %v and writes %v", u.reads, u.writes)
	}
}

// What is loaded by an address is held by a local that can hold what any of the variables does, which is not the
// one for the first of them.
func TestTearByAddress(t *testing.T) {
	p := program(func(p *model.Program, v *model.Var, r *model.Routine) {
		low := p.Shared("low", model.Range{Lo: -2, Hi: 9}, model.Int(0))
		addr := p.Addresses(model.UpTo(0), v.Name, low.Name)
		ptr := r.Local("ptr", addr.Range())
		for _, to := range []model.Location{v, addr.Deref(ptr)} {
			r.AtomicOr("or", to, model.Int(1))
		}
	})
	got := changed(t, Torn, p)
	if n := strings.Count(got, "tmp = load.relaxed"); n != 2 {
		t.Errorf("%d loads in\n%s", n, got)
	}
	v, low := p.Vars[0], p.Vars[1]
	ranges := map[model.Range]bool{}
	for _, l := range p.CPUs[0].Main.Locals[1:] {
		ranges[l.Range] = true
	}
	if all := (model.Range{Lo: -2, Hi: max(v.Hi, low.Hi)}); len(ranges) != 2 || !ranges[v.Range] || !ranges[all] {
		t.Errorf("the locals hold %v, want %v and %v", ranges, v.Range, all)
	}
}
