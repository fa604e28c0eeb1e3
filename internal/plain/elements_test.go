package plain

import (
	"slices"
	"strings"
	"testing"

	"ctcheck/model"
)

// ofElements is what random programs must have of accesses to elements.
var ofElements = []string{"a computed index", "an address", "an object's field", "an element in an Atomic",
	"an element after Choose", "an element in a loop", "a load that waits for an element", "a store to an element",
	"a ghost by index", "an index that is constant once the call is known"}

// countElements says what of that a program has.
func countElements(p *model.Program, has map[string]bool) {
	isElement := func(s *model.Stmt) bool { return s.Kind == model.StmtAccess && s.At != nil }
	p.Walk(func(pl model.Place) {
		s := pl.Stmt()
		has["a ghost by index"] = has["a ghost by index"] || s.Kind == model.StmtAssign && s.At != nil
		switch s.Kind {
		case model.StmtWhile, model.StmtDoWhile:
			has["an element in a loop"] = has["an element in a loop"] || slices.ContainsFunc(s.Body, isElement)
		case model.StmtChoose:
			for _, a := range s.Alts {
				if len(a.Body) > 0 && isElement(a.Body[0]) {
					has["an element after Choose"] = true
				}
			}
		}
		if !isElement(s) {
			return
		}
		for what, is := range map[string]bool{
			"a computed index":                 s.At.Table.First == 0,
			"an address":                       len(s.At.Table.Vars) == 4,
			"an object's field":                s.At.Table.First == 1 && len(s.At.Table.Vars) == 2,
			"an element in an Atomic":          pl.Atomic != nil,
			"a load that waits for an element": s.Cond != nil,
			"a store to an element":            s.Op == model.Store,
		} {
			has[what] = has[what] || is
		}
		s.At.A.Walk(func(n *model.Node) {
			if n.Op == model.OpVar && slices.Contains(pl.Routine.Params, n.Var) {
				has["an index that is constant once the call is known"] = true
			}
		})
	})
}

// indexed is a CPU that loads an index and stores by it, and one that stores the index.
func indexed(p *model.Program) []*model.Monitor {
	i := p.Shared("i", model.Bool, model.Int(0))
	a := p.Array("a", 2, model.Bool, model.Int(0))
	add(p, func(r *model.Routine) {
		l := r.Local("l", model.Bool)
		r.ReadOnce("l = i", l, i)
		r.WriteOnce("a[l] = 1", a.At(l), model.Int(1))
	})
	add(p, func(r *model.Routine) { r.WriteOnce("i = 1", i, model.Int(1)) })
	return []*model.Monitor{{Name: "never a[1]", Never: a.At(model.Int(1))}, {Name: "never a[i]", Never: a.At(i)}}
}

var elementPapers = []paper{
	{
		name: "index", why: `before its load, with 0 loaded and with a[0] stored the first CPU may be with i
			= 0 and 1, with 1 loaded and a[1] stored only with i = 1: 3 * 2 + 2 states. i is stored in 3
			of them, loaded in 2, and a stored in 2 + 1.`,
		build: indexed, states: 8, transitions: 8,
		depths: map[string]int{"never a[1]": 3, "never a[i]": 2},
	},
	{
		name: "index", why: `the store to i is not made, waits or is in memory: the first CPU is with each of
			these before its load, has loaded 0, has a[0] waiting or in memory, 12 states; and with the
			last one has loaded 1, has a[1] waiting or in memory, 3. Transitions: of the store
			to i 2 * 4; of the first CPU 3 * 3 + 2.`,
		build: indexed, states: 15, transitions: 19, memory: model.TSO,
		depths: map[string]int{"never a[1]": 5, "never a[i]": 3},
	},
	{
		name: "chosen after a choice", why: `the choice is one step with the store that follows: a[0] or a[1],
			or, once one was chosen, both`,
		build: func(p *model.Program) []*model.Monitor {
			a := p.Array("a", 2, model.Bool, model.Int(0))
			add(p, func(r *model.Routine) {
				i := r.Local("i", model.Bool)
				store := func(k model.Int) func() {
					return func() { r.Set(i, k); r.WriteOnce("a[i] = 1", a.At(i), model.True) }
				}
				for range 2 {
					r.Choose(r.When(model.True, store(0)), r.When(model.True, store(1)))
				}
			})
			return nil
		},
		states: 6, transitions: 6,
	},
}

func TestPaperOnElements(t *testing.T) {
	for _, test := range elementPapers {
		test.check(t)
	}
}

// An astray program is one whose code after a load from x is to be built.
type astray struct {
	*model.Routine
	p    *model.Program
	seen *model.Var // what was loaded, 0 or 1
}

// What chooses nothing is a fault of the run that gets there, in both explorers, and in that run only.
func TestAstray(t *testing.T) {
	for _, row := range []struct {
		name, want string
		build      func(b astray)
	}{
		{"an index", `at "a[seen] = 1" (`, func(b astray) {
			b.WriteOnce("a[seen] = 1", b.p.Array("a", 1, model.Bool, model.Int(0)).At(b.seen), model.True)
		}},
		{"in an Atomic", "a[seen]: the index is 1, outside 0..0", func(b astray) {
			a := b.p.Array("a", 1, model.Bool, model.Int(0))
			b.Atomic("both", func() { b.Pause("a"); b.WriteOnce("a[seen] = 1", a.At(b.seen), model.True) })
		}},
		{"a ghost", "g[seen]: the index is 1, outside 0..0", func(b astray) {
			b.Set(b.p.GhostArray("g", 1, model.Bool, model.Int(0)).At(b.seen), model.True)
		}},
		{"NULL", "node->next: NULL is dereferenced", func(b astray) {
			s := b.p.Struct("n", 1)
			node := b.Local("node", s.Pointer())
			next := s.Field("next", s.Pointer(), model.Null)
			b.Set(node, s.Address(model.Int(0)))
			b.If(b.seen, func() { b.Set(node, model.Null) })
			b.Pause("between")
			b.ReadOnce("node = node->next", node, next.Of(node))
		}},
		{"a number", "*ptr: 1 is dereferenced, which is not an address of x, y", func(b astray) {
			addr := b.p.Addresses(model.UpTo(1), "x", "y")
			ptr := b.Local("ptr", addr.Range())
			b.p.Shared("y", model.Bool, model.False)
			b.Set(ptr, addr.Of("y"))
			b.If(b.seen, func() { b.Set(ptr, model.Int(1)) })
			b.Xchg("xchg(ptr, 1)", nil, addr.Deref(ptr), model.True)
		}},
	} {
		for _, mm := range model.MemoryModels() {
			for _, stored := range []bool{false, true} {
				p := model.New("astray")
				x := p.Shared("x", model.Bool, model.False)
				add(p, func(r *model.Routine) {
					seen := r.Local("seen", model.Bool)
					r.ReadOnce("seen = x", seen, x)
					row.build(astray{r, p, seen})
				})
				if stored {
					add(p, func(r *model.Routine) { r.WriteOnce("x = 1", x, model.True) })
				}
				slow := Explore(mm, p, nil, maxStates)
				fast, err := byMachines(mm, p, nil, maxStates)
				if err != nil {
					t.Fatal(err)
				}
				if (slow.Err != nil) != stored || (fast.Err != nil) != stored {
					t.Errorf("%s under %v, stored: %v: plain: %v, machine: %v", row.name, mm, stored, slow.Err,
						fast.Err)
				} else if stored && !strings.Contains(fast.Err.Error(), row.want) {
					t.Errorf("%s under %v: %v, want %q", row.name, mm, fast.Err, row.want)
				}
			}
		}
	}
}
