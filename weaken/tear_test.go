package weaken

import (
	"fmt"
	"testing"

	"ctcheck/deferral"
	"ctcheck/machine"
	"ctcheck/model"
)

// What each read-modify-write is torn into. The function is as long as its table.
func TestTear(t *testing.T) {
	rows := []struct {
		why   string
		build func(v, x, y *model.Var, r *model.Routine)
		want  string
	}{
		{"no result", func(v, x, y *model.Var, r *model.Routine) { r.AtomicOr("or", v, x) }, `
tmp = load.relaxed v()
_ = store.relaxed v((tmp 3 x))
tmp := 0
`},
		{"the old value, whose local is the operand, too",
			func(v, x, y *model.Var, r *model.Routine) { r.AtomicFetchAndnot("andnot", x, v, x) }, `
tmp = load.relaxed v()
_ = store.relaxed v((tmp 5 x))
x := tmp
tmp := 0
`},
		{"the new value, as the variable has it",
			func(v, x, y *model.Var, r *model.Routine) { r.AtomicSubReturn("sub", x, v, y, model.Acquire) }, `
tmp = load.relaxed v()
_ = store.relaxed v((tmp 7 y))
tmp := (tmp 7 y)
x := tmp
tmp := 0
`},
		{"a result that nobody wants",
			func(v, x, y *model.Var, r *model.Routine) { r.AtomicAddReturn("add", nil, v, y) }, `
tmp = load.relaxed v()
_ = store.relaxed v((tmp 6 y))
tmp := 0
`},
		{"xchg", func(v, x, y *model.Var, r *model.Routine) { r.Xchg("xchg", x, v, y) }, `
tmp = load.relaxed v()
_ = store.relaxed v(y)
x := tmp
tmp := 0
`},
		{"cmpxchg compares in between",
			func(v, x, y *model.Var, r *model.Routine) { r.Cmpxchg("cmpxchg", x, v, x, y) }, `
tmp = load.relaxed v()
if (tmp 8 x)
  _ = store.relaxed v(y)
x := tmp
tmp := 0
`},
		{"try_cmpxchg refreshes what it expects",
			func(v, x, y *model.Var, r *model.Routine) { r.TryCmpxchg("try", y, v, x, x.Or(model.Int(1))) }, `
tmp = load.relaxed v()
if (tmp 8 x)
  _ = store.relaxed v((x 3 1))
  y := 1
else
  y := 0
  x := tmp
tmp := 0
`},
		{"what happens when others see it, and what rides on it",
			func(v, x, y *model.Var, r *model.Routine) {
				r.AtomicOr("or", v, x)
				r.WhenVisible(func() { r.Event(deferral.Published) })
				r.Event(deferral.LeftUser)
			}, `
tmp = load.relaxed v()
_ = store.relaxed v((tmp 3 x))
  event published
tmp := 0
event left-user
`},
		{"in a branch, twice on one line, which is one site with one local",
			func(v, x, y *model.Var, r *model.Routine) {
				for k := range 2 {
					r.If(x, func() { r.AtomicOr(fmt.Sprint("or ", k), v, model.Int(k)) })
				}
			}, `
if x
  tmp = load.relaxed v()
  _ = store.relaxed v((tmp 3 0))
  tmp := 0
if x
  tmp = load.relaxed v()
  _ = store.relaxed v((tmp 3 1))
  tmp := 0
`},
	}
	for _, row := range rows {
		p := program(func(_ *model.Program, v *model.Var, r *model.Routine) {
			row.build(v, r.LocalOf("x", v), r.LocalOf("y", v), r)
		})
		if got := "\n" + changed(t, Torn, p); got != row.want {
			t.Errorf("%s: got%s\nwant%s", row.why, got, row.want)
		}
		if n := len(p.CPUs[0].Main.Locals); n != 3 {
			t.Errorf("%s: %d locals, want x, y and tmp", row.why, n)
		}
		for _, mm := range both {
			if _, err := machine.Compile(machine.Options{Memory: mm}, p); err != nil {
				t.Errorf("%s: %v", row.why, err)
			}
		}
	}
}

// alone is a program of one CPU that makes one read-modify-write and hands out what it left behind.
type alone struct {
	op       model.AccessOp
	res      model.Result
	rg       model.Range // of the variable, and of what is expected of it
	init     int64
	old      int64 // what is expected
	arg      int64
	given    int64 // the result's local, before
	fromGive bool  // the operand is that local
}

var wide = model.Range{Lo: -64, Hi: 64}

func (a alone) program() *model.Program {
	p := model.New("alone")
	v := p.Shared("v", a.rg, model.Int(a.init))
	result, expected := p.Shared("result", wide, model.Int(0)), p.Shared("expected", wide, model.Int(0))
	p.CPU("A").Run(p.Routine("code", func(r *model.Routine) {
		dst, old := r.Local("dst", wide), r.LocalOf("old", v)
		r.Set(dst, model.Int(a.given))
		r.Set(old, model.Int(a.old))
		var arg model.Value = model.Int(a.arg)
		if a.fromGive {
			arg = dst
		}
		r.AtomicFetchAdd("rmw", dst, v, arg)
		s := r.Body[len(r.Body)-1]
		s.Op, s.Result = a.op, a.res
		switch {
		case a.op == model.RMWTryCmpxchg:
			s.Old, s.OldVar = old.Node(), old
		case a.op == model.RMWCmpxchg:
			s.Old = old.Node()
		case a.res == model.NoResult:
			s.Dst = nil
		}
		r.WriteOnce("result = dst", result, dst)
		r.WriteOnce("expected = old", expected, old)
	}))
	return p
}

// outcome is what the words of model.AccessOp and model.Result say that the program leaves behind.
func (a alone) outcome() string {
	arg := a.arg
	if a.fromGive {
		arg = a.given
	}
	after := a.op.Update(a.init, arg, a.old)
	if !a.rg.Contains(after) {
		if !a.rg.Modular {
			return "fault"
		}
		after = a.rg.Wrap(after)
	}
	result, expected := a.given, a.old
	switch a.res {
	case model.OldValue:
		result = a.init
	case model.NewValue:
		result = after
	case model.Success:
		result = 0
		if a.init == a.old {
			result = 1
		} else {
			expected = a.init
		}
	}
	return fmt.Sprint(after, result, expected)
}

// end runs a program of one CPU to its end and says what it leaves in its variables.
func end(t *testing.T, p *model.Program, mm model.MemoryModel) string {
	t.Helper()
	m, err := machine.Compile(machine.Options{Memory: mm, BufferSizes: []int{4}}, p)
	if err != nil {
		t.Fatal(err)
	}
	s, fx := m.Initial()
	for next := 0; next < m.Transitions(); next++ {
		dst := make([]uint64, m.Words())
		if !m.Fire(s, next, dst, &fx) {
			continue
		}
		if fx.Err != nil {
			return "fault"
		}
		s, next = dst, -1
	}
	if !m.Ended(s) {
		t.Fatalf("the program does not end:\n%s", dump(p))
	}
	var values []int64
	for _, b := range m.Globals(s) {
		values = append(values, b.Value)
	}
	return fmt.Sprint(values[0], values[1], values[2])
}

// check compares a read-modify-write and its torn form, run alone, with what they are to do.
func (a alone) check(t *testing.T) {
	t.Helper()
	want := a.outcome()
	for _, mm := range both {
		whole, torn := a.program(), a.program()
		changed(t, Torn, torn)
		if got := end(t, whole, mm); got != want {
			t.Errorf("%+v under %s: whole it leaves %s, want %s", a, mm, got, want)
		}
		if got := end(t, torn, mm); got != want {
			t.Errorf("%+v under %s: torn it leaves %s, want %s\n%s", a, mm, got, want, dump(torn))
		}
	}
}

var forms = []struct {
	op  model.AccessOp
	res []model.Result
}{
	{model.RMWOr, []model.Result{model.NoResult, model.OldValue, model.NewValue}},
	{model.RMWAnd, []model.Result{model.NoResult, model.OldValue, model.NewValue}},
	{model.RMWAndNot, []model.Result{model.NoResult, model.OldValue, model.NewValue}},
	{model.RMWAdd, []model.Result{model.NoResult, model.OldValue, model.NewValue}},
	{model.RMWSub, []model.Result{model.NoResult, model.OldValue, model.NewValue}},
	{model.RMWXchg, []model.Result{model.NoResult, model.OldValue}},
	{model.RMWCmpxchg, []model.Result{model.OldValue}},
	{model.RMWTryCmpxchg, []model.Result{model.Success}},
}

// Run alone, a torn read-modify-write leaves what the whole one leaves: all forms, over all values of a
// few small ranges.
func TestTornAlone(t *testing.T) {
	ranges := []model.Range{model.Bits(2), model.Bits(2).Mod(), {Lo: -1, Hi: 1, Modular: true}}
	for _, f := range forms {
		for _, res := range f.res {
			for _, rg := range ranges {
				for init := rg.Lo; init <= rg.Hi; init++ {
					for arg := rg.Lo; arg <= rg.Hi; arg++ {
						for _, old := range []int64{init, rg.Lo} {
							alone{op: f.op, res: res, rg: rg, init: init, arg: arg, old: old, given: 1,
								fromGive: arg == 1}.check(t)
						}
					}
				}
			}
		}
	}
}

// The same over random values and ranges.
func FuzzTornAlone(f *testing.F) {
	f.Add(uint8(7), uint8(0), uint8(3), false, int8(0), int8(1), int8(2), int8(1), false)
	f.Add(uint8(3), uint8(2), uint8(5), true, int8(5), int8(7), int8(2), int8(3), true)
	f.Fuzz(func(t *testing.T, form, res, size uint8, modular bool, init, arg, old, given int8, fromGive bool) {
		k := forms[int(form)%len(forms)]
		rg := model.Range{Hi: int64(size%16) + 1, Modular: modular}
		a := alone{op: k.op, res: k.res[int(res)%len(k.res)], rg: rg, init: rg.Wrap(int64(init)),
			old: rg.Wrap(int64(old)), arg: int64(arg % 20), given: int64(given % 20), fromGive: fromGive}
		a.check(t)
	})
}
