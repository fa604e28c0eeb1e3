package machine

import (
	"testing"

	"ctcheck/internal/testkit"
	"ctcheck/ir"
	"ctcheck/model"
)

// Every operator is stated once, with its result; that it comes out of Apply, of a compiled program
// that computes with locals, and of the compiler's constant folding is derived from the one row.
var operators = []struct {
	name string
	op   model.ExprOp
	expr func(a model.Expr, b model.Value) model.Expr
	a, b int64
	want int64
	why  string
}{
	{"And", model.OpAnd, model.Expr.And, 6, 3, 2, "bits that are in both"},
	{"And of truth values", model.OpAnd, model.Expr.And, 1, 0, 0, "conjunction"},
	{"Or", model.OpOr, model.Expr.Or, 6, 3, 7, "bits that are in either"},
	{"Xor", model.OpXor, model.Expr.Xor, 6, 3, 5, "bits that are in one"},
	{"AndNot", model.OpAndNot, model.Expr.AndNot, 6, 3, 4, "bits of the first that the second lacks"},
	{"Add", model.OpAdd, model.Expr.Add, 6, 3, 9, "sum"},
	{"Add of a negative", model.OpAdd, model.Expr.Add, -6, 3, -3, "negative locals are values like others"},
	{"Sub", model.OpSub, model.Expr.Sub, 3, 6, -3, "a difference may be below 0 between steps"},
	{"Eq, equal", model.OpEq, model.Expr.Eq, 3, 3, 1, "equality yields 1"},
	{"Eq, unequal", model.OpEq, model.Expr.Eq, 3, 2, 0, "inequality yields 0"},
	{"Ne, equal", model.OpNe, model.Expr.Ne, 3, 3, 0, "the opposite of Eq"},
	{"Ne, unequal", model.OpNe, model.Expr.Ne, 3, 2, 1, "the opposite of Eq"},
	{"Lt, less", model.OpLt, model.Expr.Lt, -1, 0, 1, "the comparison is signed"},
	{"Lt, equal", model.OpLt, model.Expr.Lt, 2, 2, 0, "strict"},
	{"Le, equal", model.OpLe, model.Expr.Le, 2, 2, 1, "not strict"},
	{"Le, more", model.OpLe, model.Expr.Le, 3, 2, 0, "not less"},
	{"Has, one of two bits", model.OpHas, model.Expr.Has, 4, 6, 1, "some bit of the mask is enough"},
	{"Has, none", model.OpHas, model.Expr.Has, 8, 6, 0, "no bit of the mask is set"},
	{"Lacks, none", model.OpLacks, model.Expr.Lacks, 8, 6, 1, "the opposite of Has"},
	{"Lacks, one of two bits", model.OpLacks, model.Expr.Lacks, 4, 6, 0, "one bit is enough to deny it"},
	{"Mul", model.OpMul, model.Expr.Mul, -3, 5, -15, "product"},
	{"Div", model.OpDiv, model.Expr.Div, -7, 2, -3, "towards 0, as in C"},
	{"Div by 0", model.OpDiv, model.Expr.Div, 7, 0, 0, "every pair of values has a result"},
	{"Rem", model.OpRem, model.Expr.Rem, -7, 2, -1, "with the sign of the first, as in C"},
	{"Rem by 0", model.OpRem, model.Expr.Rem, 7, 0, 0, "every pair of values has a result"},
	{"Shl", model.OpShl, model.Expr.Shl, 3, 2, 12, "to the left"},
	{"Shl by a negative", model.OpShl, model.Expr.Shl, 3, -1, 0, "nothing is left"},
	{"Shr", model.OpShr, model.Expr.Shr, 13, 2, 3, "to the right"},
	{"Shr of a negative", model.OpShr, model.Expr.Shr, -8, 1, -4, "keeps the sign"},
	{"Shr by a negative", model.OpShr, model.Expr.Shr, -8, -1, -1, "the sign alone is left"},
}

// Operators that are built from others have no ExprOp of their own to apply.
var derived = []struct {
	name string
	expr func(a model.Expr, b model.Value) model.Expr
	a, b int64
	want int64
	why  string
}{
	{"Gt, more", model.Expr.Gt, 3, 2, 1, "Lt with its operands exchanged"},
	{"Gt, equal", model.Expr.Gt, 2, 2, 0, "strict"},
	{"Ge, equal", model.Expr.Ge, 2, 2, 1, "not strict"},
	{"Ge, less", model.Expr.Ge, -2, 2, 0, "signed, operands in the right order"},
	{"IsZero of 0", func(a model.Expr, _ model.Value) model.Expr { return a.IsZero() }, 0, 1, 1, "unary"},
	{"IsZero of 2", func(a model.Expr, _ model.Value) model.Expr { return a.IsZero() }, 2, 0, 0, "any bit counts"},
	{"NonZero of -1", func(a model.Expr, _ model.Value) model.Expr { return a.NonZero() }, -1, 0, 1,
		"any value but 0"},
	{"NonZero of 0", func(a model.Expr, _ model.Value) model.Expr { return a.NonZero() }, 0, 0, 0, "only 0"},
	{"All", func(a model.Expr, b model.Value) model.Expr { return model.All(a, b, model.True) }, 1, 1, 1,
		"every one is true"},
	{"All, one false", func(a model.Expr, b model.Value) model.Expr { return model.All(a, b, model.True) }, 1, 0, 0,
		"one is not"},
	{"All of none", func(model.Expr, model.Value) model.Expr { return model.All() }, 0, 0, 1, "nothing denies it"},
	{"Any", func(a model.Expr, b model.Value) model.Expr { return model.Any(a, b) }, 0, 1, 1, "one is enough"},
	{"Any, all false", func(a model.Expr, b model.Value) model.Expr {
		return model.Any(a, b,
			model.False)
	}, 0, 0, 0, "none is"},
	{"Any of none", func(model.Expr, model.Value) model.Expr { return model.Any() }, 1, 1, 0, "nothing states it"},
	{"Of", func(_ model.Expr, b model.Value) model.Expr { return model.Of(model.Int(7)).Sub(b) }, 0, 3, 4,
		"a constant starts a chain"},
	{"precedence", func(a model.Expr, b model.Value) model.Expr { return a.Add(b).And(model.Int(4)) }, 3, 2, 4,
		"a chain binds from the left, whatever C would say"},
}

var wide = model.Range{Lo: -16, Hi: 15}

// computed runs expr in a program whose locals hold a and b, or, folded, whose parameters are the
// constants a and b, and returns the result and the program's machine.
func computed(t *testing.T, expr func(model.Expr, model.Value) model.Expr, a, b int64, folded bool) (int64,
	*Machine) {
	t.Helper()
	p := solo(func(p *model.Program, r *model.Routine) {
		x, y := p.Shared("x", wide, model.Int(a)), p.Shared("y", wide, model.Int(b))
		out := p.Ghost("out", wide, model.Int(0))
		f := p.Routine("f", func(r *model.Routine) {
			pa, pb := r.Param("a", wide), r.Param("b", wide)
			r.Set(out, expr(pa.Expr, pb))
		})
		la, lb := r.LocalOf("a", x), r.LocalOf("b", y)
		r.ReadOnce("a = READ_ONCE(x)", la, x)
		r.ReadOnce("b = READ_ONCE(y)", lb, y)
		if folded {
			r.Call(f, nil, model.Int(a), model.Int(b))
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
			expr func(a model.Expr, b model.Value) model.Expr
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
				if in.op == ir.OpAssign && in.arg.op != model.OpConst {
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
		arg  model.Int
		want string
		why  string
	}{
		{model.True, "then", "the condition is the constant 1"},
		{model.False, "else", "the condition is the constant 0"},
	} {
		p := solo(func(p *model.Program, r *model.Routine) {
			f := p.Routine("f", func(r *model.Routine) {
				c := r.Param("c", model.Bool)
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
	for _, op := range []model.ExprOp{model.OpConst, model.OpVar, model.OpPending, model.OpDone,
		model.OpFrame, model.OpHandler} {
		if text := testkit.Panics(func() { op.Apply(0, 0) }); text == "" {
			t.Errorf("operator %d was applied to values; it looks at the state", op)
		}
	}
}

func TestWalkVisitsEveryNode(t *testing.T) {
	v := model.NewGhost("g", model.Bool, model.Int(0))
	e := v.And(model.Int(1)).Or(v.IsZero())
	var ops []model.ExprOp
	e.Node().Walk(func(n *model.Node) { ops = append(ops, n.Op) })
	want := []model.ExprOp{model.OpOr, model.OpAnd, model.OpVar, model.OpConst, model.OpNot, model.OpVar}
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
	p := model.New("truth")
	x, y, z := p.Shared("x", model.UpTo(3), model.Int(2)), p.Shared("y", model.UpTo(3), model.Int(1)),
		p.Shared("z", model.UpTo(3), model.Int(0))
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) { r.Pause("pause") }))
	for _, row := range []struct {
		name string
		cond model.Expr
		want bool
	}{
		{"2 and 1", model.All(x, y), true},
		{"2 and 1 and 0", model.All(x, y, z), false},
		{"0 or 2", model.Any(z, x), true},
		{"0 or 0", model.Any(z, z), false},
		{"all of one", model.All(x).Eq(model.Int(1)), true},
		{"all of none", model.All(), true},
		{"any of none", model.Any(), false},
	} {
		m := compile(t, p, &model.Monitor{Name: row.name, Never: row.cond})
		if s, _ := m.Initial(); (m.Violated(s) != 0) != row.want {
			t.Errorf("%s is %t, want %t", row.name, !row.want, row.want)
		}
	}
}
