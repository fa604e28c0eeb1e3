package model

import "testing"

// Every operator is stated once, with its result; that it comes out of Apply, of a compiled program
// that computes with locals, and of the compiler's constant folding is derived from the one row.
var operators = []struct {
	name string
	op   ExprOp
	expr func(a Expr, b Value) Expr
	a, b int64
	want int64
	why  string
}{
	{"And", OpAnd, Expr.And, 6, 3, 2, "bits that are in both"},
	{"And of truth values", OpAnd, Expr.And, 1, 0, 0, "conjunction"},
	{"Or", OpOr, Expr.Or, 6, 3, 7, "bits that are in either"},
	{"Xor", OpXor, Expr.Xor, 6, 3, 5, "bits that are in one"},
	{"AndNot", OpAndNot, Expr.AndNot, 6, 3, 4, "bits of the first that the second lacks"},
	{"Add", OpAdd, Expr.Add, 6, 3, 9, "sum"},
	{"Add of a negative", OpAdd, Expr.Add, -6, 3, -3, "negative locals are values like others"},
	{"Sub", OpSub, Expr.Sub, 3, 6, -3, "a difference may be below 0 between steps"},
	{"Eq, equal", OpEq, Expr.Eq, 3, 3, 1, "equality yields 1"},
	{"Eq, unequal", OpEq, Expr.Eq, 3, 2, 0, "inequality yields 0"},
	{"Ne, equal", OpNe, Expr.Ne, 3, 3, 0, "the opposite of Eq"},
	{"Ne, unequal", OpNe, Expr.Ne, 3, 2, 1, "the opposite of Eq"},
	{"Lt, less", OpLt, Expr.Lt, -1, 0, 1, "the comparison is signed"},
	{"Lt, equal", OpLt, Expr.Lt, 2, 2, 0, "strict"},
	{"Le, equal", OpLe, Expr.Le, 2, 2, 1, "not strict"},
	{"Le, more", OpLe, Expr.Le, 3, 2, 0, "not less"},
	{"Has, one of two bits", OpHas, Expr.Has, 4, 6, 1, "some bit of the mask is enough"},
	{"Has, none", OpHas, Expr.Has, 8, 6, 0, "no bit of the mask is set"},
	{"Lacks, none", OpLacks, Expr.Lacks, 8, 6, 1, "the opposite of Has"},
	{"Lacks, one of two bits", OpLacks, Expr.Lacks, 4, 6, 0, "one bit is enough to deny it"},
}

// Operators that are built from others have no ExprOp of their own to apply.
var derived = []struct {
	name string
	expr func(a Expr, b Value) Expr
	a, b int64
	want int64
	why  string
}{
	{"Gt, more", Expr.Gt, 3, 2, 1, "Lt with its operands exchanged"},
	{"Gt, equal", Expr.Gt, 2, 2, 0, "strict"},
	{"Ge, equal", Expr.Ge, 2, 2, 1, "not strict"},
	{"Ge, less", Expr.Ge, -2, 2, 0, "signed, operands in the right order"},
	{"IsZero of 0", func(a Expr, _ Value) Expr { return a.IsZero() }, 0, 1, 1, "unary"},
	{"IsZero of 2", func(a Expr, _ Value) Expr { return a.IsZero() }, 2, 0, 0, "any bit counts"},
	{"NonZero of -1", func(a Expr, _ Value) Expr { return a.NonZero() }, -1, 0, 1,
		"any value but 0"},
	{"NonZero of 0", func(a Expr, _ Value) Expr { return a.NonZero() }, 0, 0, 0, "only 0"},
	{"All", func(a Expr, b Value) Expr { return All(a, b, True) }, 1, 1, 1, "every one is true"},
	{"All, one false", func(a Expr, b Value) Expr { return All(a, b, True) }, 1, 0, 0,
		"one is not"},
	{"All of none", func(Expr, Value) Expr { return All() }, 0, 0, 1, "nothing denies it"},
	{"Any", func(a Expr, b Value) Expr { return Any(a, b) }, 0, 1, 1, "one is enough"},
	{"Any, all false", func(a Expr, b Value) Expr { return Any(a, b, False) }, 0, 0, 0, "none is"},
	{"Any of none", func(Expr, Value) Expr { return Any() }, 1, 1, 0, "nothing states it"},
	{"Of", func(_ Expr, b Value) Expr { return Of(Int(7)).Sub(b) }, 0, 3, 4,
		"a constant starts a chain"},
	{"precedence", func(a Expr, b Value) Expr { return a.Add(b).And(Int(4)) }, 3, 2, 4,
		"a chain binds from the left, whatever C would say"},
}

var wide = Range{Lo: -16, Hi: 15}

// computed runs expr in a program whose locals hold a and b, or, folded, whose parameters are the
// constants a and b, and returns the result and the program's machine.
func computed(t *testing.T, expr func(Expr, Value) Expr, a, b int64, folded bool) (int64,
	*Machine) {
	t.Helper()
	p := solo(func(p *Program, r *Routine) {
		x, y := p.Shared("x", wide, Int(a)), p.Shared("y", wide, Int(b))
		out := p.Ghost("out", wide, Int(0))
		f := p.Routine("f", func(r *Routine) {
			pa, pb := r.Param("a", wide), r.Param("b", wide)
			r.Set(out, expr(pa.Expr, pb))
		})
		la, lb := r.LocalOf("a", x), r.LocalOf("b", y)
		r.ReadOnce("a = READ_ONCE(x)", la, x)
		r.ReadOnce("b = READ_ONCE(y)", lb, y)
		if folded {
			r.Call(f, nil, Int(a), Int(b))
		} else {
			r.Call(f, nil, la, lb)
		}
	})
	w := walk(t, p)
	w.step(0, 2)
	return w.get("out"), w.m
}

func TestOperators(t *testing.T) {
	all := derived[:len(derived):len(derived)]
	for _, row := range operators {
		if got := row.op.Apply(row.a, row.b); got != row.want {
			t.Errorf("%s: Apply(%d, %d) = %d, want %d: %s", row.name, row.a, row.b, got, row.want,
				row.why)
		}
		all = append(all, struct {
			name string
			expr func(a Expr, b Value) Expr
			a, b int64
			want int64
			why  string
		}{row.name, row.expr, row.a, row.b, row.want, row.why})
	}
	for _, row := range all {
		t.Run(row.name, func(t *testing.T) {
			if got, _ := computed(t, row.expr, row.a, row.b, false); got != row.want {
				t.Errorf("of locals %d, %d: %d, want %d: %s", row.a, row.b, got, row.want, row.why)
			}
			got, m := computed(t, row.expr, row.a, row.b, true)
			if got != row.want {
				t.Errorf("of constants %d, %d: %d, want %d: %s", row.a, row.b, got, row.want,
					row.why)
			}
			for _, in := range m.code {
				if in.op == iAssign && in.arg.op != OpConst {
					t.Errorf("constants %d, %d are computed at every step; want them folded", row.a,
						row.b)
				}
			}
		})
	}
}

// A branch on a constant costs nothing: the arm not taken is not in the machine, so a step in it is
// no place where a CPU can be.
func TestConstantBranchesAreTakenAtCompileTime(t *testing.T) {
	for _, row := range []struct {
		arg  Int
		want string
		why  string
	}{
		{True, "then", "the condition is the constant 1"},
		{False, "else", "the condition is the constant 0"},
	} {
		p := solo(func(p *Program, r *Routine) {
			f := p.Routine("f", func(r *Routine) {
				c := r.Param("c", Bool)
				r.If(c, func() { r.Pause("then") }, func() { r.Pause("else") })
			})
			r.Call(f, nil, row.arg)
		})
		w := walk(t, p)
		if got := w.step(0).Stmt.Label; got != row.want {
			t.Errorf("the step is %q, want %q: %s", got, row.want, row.why)
		}
		if n := len(w.m.cpus[0].levels[0].points); n != 2 {
			t.Errorf("%d points, want 2 (the arm taken and the end): %s", n, row.why)
		}
	}
}

func TestApplyRefusesOperatorsOfState(t *testing.T) {
	for _, op := range []ExprOp{OpConst, OpVar, OpPending, OpDone, OpFrame, OpHandler} {
		if text := panics(func() { op.Apply(0, 0) }); text == "" {
			t.Errorf("operator %d was applied to values; it looks at the state", op)
		}
	}
}

func TestWalkVisitsEveryNode(t *testing.T) {
	v := NewGhost("g", Bool, Int(0))
	e := v.And(Int(1)).Or(v.IsZero())
	var ops []ExprOp
	e.Node().Walk(func(n *Node) { ops = append(ops, n.Op) })
	want := []ExprOp{OpOr, OpAnd, OpVar, OpConst, OpNot, OpVar}
	if len(ops) != len(want) {
		t.Fatalf("visited %v, want %v", ops, want)
	}
	for i := range want {
		if ops[i] != want[i] {
			t.Fatalf("visited %v, want %v (a node, then its left, then its right)", ops, want)
		}
	}
}

// All and Any speak of truth: and-ing the bits of 2 and 1 would make two true things false.
func TestAllAndAnyAreOfTruthValues(t *testing.T) {
	p := New("truth")
	x, y, z := p.Shared("x", UpTo(3), Int(2)), p.Shared("y", UpTo(3), Int(1)), p.Shared("z", UpTo(3), Int(0))
	p.CPU("CPU0").Run(p.Routine("main", func(r *Routine) { r.Pause("pause") }))
	for _, row := range []struct {
		name string
		cond Expr
		want bool
	}{
		{"2 and 1", All(x, y), true},
		{"2 and 1 and 0", All(x, y, z), false},
		{"0 or 2", Any(z, x), true},
		{"0 or 0", Any(z, z), false},
		{"all of one", All(x).Eq(Int(1)), true},
		{"all of none", All(), true},
		{"any of none", Any(), false},
	} {
		m := compile(t, p, &Monitor{Name: row.name, Never: row.cond})
		if s, _ := m.Initial(); (m.Violated(s) != 0) != row.want {
			t.Errorf("%s is %t, want %t", row.name, !row.want, row.want)
		}
	}
}
