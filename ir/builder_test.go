package ir_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ctcheck/internal/testkit"
	"ctcheck/ir"
	"ctcheck/model"
)

// nonsense builds a program by calls that data chooses, with operands of every kind, many of which are nil, empty
// or another program's.
type nonsense struct {
	data []byte
	p    *model.Program
	c    *model.Code
	r    *model.Routine
	deep int
	wild int // of 16 operands, how many are anything

	vars  []*model.Var
	rs    []*model.Routine
	ipis  []*model.IPI
	cpus  []*model.CPU
	array []*model.Array
	field []*model.Field
	objs  []*model.Struct
	addrs []*model.Addresses
}

func (x *nonsense) roll(n int) int {
	if len(x.data) == 0 {
		return 0
	}
	k := int(x.data[0]) % n
	x.data = x.data[1:]
	return k
}

func some[T any](x *nonsense, xs []T) T { return xs[x.roll(len(xs))] }

func (x *nonsense) num() int64 {
	return some(x, []int64{0, 1, 2, -1, 3, 64, 1 << 40, -1 << 63, 1<<63 - 1})
}

func (x *nonsense) rng() model.Range {
	switch x.roll(8) {
	case 0:
		return model.Range{Lo: x.num(), Hi: x.num(), Modular: x.roll(2) == 1}
	case 1:
		return model.Bits(int(x.num()))
	case 2:
		return some(x, x.objs).Pointer()
	case 3:
		return some(x, x.addrs).Range()
	}
	return some(x, []model.Range{model.Bool, model.UpTo(2), model.UpTo(3).Mod()})
}

// value is any operand.
func (x *nonsense) value() model.Value {
	if x.roll(16) >= x.wild {
		return some(x, []model.Value{model.Int(0), model.True, x.vars[3].Eq(model.Int(2))})
	}
	switch x.roll(15) {
	case 0:
		return nil
	case 1:
		return (*model.Var)(nil)
	case 2:
		return model.Expr{}
	case 3:
		return (*model.Node)(nil)
	case 4, 5:
		return model.Int(x.num())
	case 6:
		return x.location()
	case 7:
		return model.Of(x.value()).Add(x.value())
	case 8:
		return model.All(x.value(), x.value())
	case 9:
		return some(x, x.objs).Address(x.value())
	case 10:
		return some(x, x.addrs).Of(some(x, []string{"x", "y", "z", ""}))
	case 11:
		return model.Of(x.value()).IsZero()
	case 12:
		return some(x, x.cpus).In(model.Frames(model.Frame(x.num()), model.User))
	case 13:
		if ipi := some(x, x.ipis); ipi != nil {
			return ipi.Pending()
		}
	}
	return some(x, x.vars)
}

func (x *nonsense) location() model.Location {
	if x.roll(16) >= x.wild {
		return some(x, []model.Location{x.vars[2], x.array[0].At(x.vars[3]), x.field[0].Of(model.Int(1))})
	}
	switch x.roll(8) {
	case 0:
		return nil
	case 1:
		return model.Element{}
	case 2, 3:
		return some(x, x.array).At(x.value())
	case 4:
		return some(x, x.field).Of(x.value())
	case 5:
		return some(x, x.addrs).Deref(x.value())
	}
	return some(x, x.vars)
}

// declare calls one of the program's methods.
func (x *nonsense) declare() {
	name := some(x, []string{"x", "y", "%s", "", "x[0]", "\n"})
	switch x.roll(14) {
	case 0:
		x.vars = append(x.vars, x.p.Shared(name, x.rng(), x.value()))
	case 1:
		x.vars = append(x.vars, x.p.Plain(name, x.rng(), x.value()))
	case 2:
		x.vars = append(x.vars, x.p.Ghost(name, x.rng(), x.value()))
	case 3:
		x.array = append(x.array, x.p.Array(name, int(x.num()), x.rng(), x.value()))
	case 4:
		x.array = append(x.array, x.p.PerCPU(name, x.rng(), x.value()))
		x.array = append(x.array, model.NewGhostArray(name, int(x.num()), x.rng(), x.value()))
	case 5:
		x.objs = append(x.objs, x.p.Struct(name, int(x.num())))
	case 6:
		x.field = append(x.field, some(x, x.objs).Field(name, x.rng(), x.value()))
	case 7:
		names := some(x, [][]string{nil, {"x"}, {"x", "y"}, {"x", "x"}})
		x.addrs = append(x.addrs, x.p.Addresses(x.rng(), names...))
	case 8:
		x.cpus = append(x.cpus, x.p.CPU(name))
	case 9:
		some(x, x.cpus).Run(some(x, x.rs))
	case 10:
		some(x, x.cpus).OnNMI(some(x, x.rs), int(x.num()), int(x.num()))
	case 11:
		x.ipis = append(x.ipis, some(x, x.cpus).IPI(name, some(x, x.rs), x.value()))
	case 12:
		if v := some(x, x.vars); v != nil {
			v.Flag(x.value(), name).Case(x.value(), x.value(), name).Like(some(x, x.vars))
		}
	case 13:
		x.p.ReachedState(name, x.value())
		x.p.Reached(name, model.Warned, func(model.Event) model.Value { return x.value() })
	}
}

// statement calls one of the methods of code. It is long, as there are many.
func (x *nonsense) statement() {
	c, dst := x.c, x.vars[3]
	if x.roll(16) < x.wild {
		dst = some(x, x.vars)
	}
	block := func() {
		if x.deep++; x.deep < 4 {
			for range x.roll(3) {
				x.statement()
			}
		}
		x.deep--
	}
	k := x.roll(26)
	if x.wild == 0 && k > 13 { // what is refused for its place, or has operands of other kinds
		c.Call(x.rs[1], nil)
		return
	}
	switch k {
	case 12:
		if x.wild > 0 {
			c.Break()
		}
	case 0:
		c.ReadOnce("read", dst, x.location())
	case 1:
		c.CondLoadAcquire("cond load", dst, x.location(), x.value())
	case 2:
		c.WriteOnce("write", x.location(), x.value())
	case 3:
		c.WriteOncePart("part", x.location(), x.value(), x.value())
	case 4:
		c.AtomicOr("or", x.location(), x.value())
	case 5:
		c.AtomicFetchAdd("fetch add", dst, x.location(), x.value(), model.Order(x.roll(5)))
	case 6:
		c.Cmpxchg("cmpxchg", dst, x.location(), x.value(), x.value())
	case 7:
		c.TryCmpxchg("try", dst, x.location(), some(x, x.vars), x.value())
	case 8:
		c.Set(x.location(), x.value())
	case 9:
		c.If(x.value(), block, block)
	case 10:
		c.While(x.value(), block)
	case 11:
		c.DoWhile(block, x.value())
	case 13:
		c.Return(x.value())
	case 14:
		c.Call(some(x, x.rs), dst, x.value())
	case 15:
		c.Await("await", x.value())
	case 16:
		c.SendIPI("send", some(x, x.ipis))
	case 17:
		c.Atomic("atomic", block)
	case 18:
		c.Choose(c.When(x.value(), block), model.Alt{}, c.When(model.True, nil))
	case 19:
		c.Choose(c.When(x.value(), block), c.When(model.True, nil))
	case 20:
		c.Frame(model.Frame(x.num()), block)
	case 21:
		c.WhenVisible(block)
	case 22:
		c.EventOf("e", some(x, []any{nil, 1, []int{1}}), x.value())
		c.IPIEvent("e", some(x, x.ipis))
	case 23:
		c.WarnOnOnce("warn", x.value())
		c.Assert(x.value(), "assert")
	case 24:
		c.Fail()
	case 25:
		if x.r != nil {
			x.vars = append(x.vars, x.r.Local("l", x.rng()), x.r.Param("p", x.rng()))
			x.vars = append(x.vars, x.r.LocalOf("l", some(x, x.vars)))
		}
	}
}

// build is a program, or whatever it is.
func (x *nonsense) build() (*model.Program, []*model.Monitor) {
	other := model.New("other")
	x.wild = some(x, []int{0, 1, 4, 16})
	x.p = model.New("nonsense")
	x.vars = []*model.Var{nil, other.Shared("x", model.Bool, model.False)}
	x.vars = append(x.vars, x.p.Shared("v", model.UpTo(2), model.Int(0)))
	x.p.Routine("first", func(r *model.Routine) { x.vars = append(x.vars, r.Local("l", model.UpTo(2))) })
	leaf := x.p.Routine("leaf", func(r *model.Routine) { r.Pause("leaf") })
	x.rs, x.cpus = []*model.Routine{nil, leaf}, []*model.CPU{x.p.CPU("CPU0"), other.CPU("CPU0")}
	x.ipis = []*model.IPI{nil, x.cpus[0].IPI("ipi", leaf)}
	x.objs = []*model.Struct{x.p.Struct("n", 2)}
	x.addrs = []*model.Addresses{x.p.Addresses(model.UpTo(0), "v", "x")}
	x.field = []*model.Field{x.objs[0].Field("f", model.Bool, model.False)}
	x.array = []*model.Array{x.p.Array("a", 2, model.Bool, model.False)}
	x.array = append(x.array, model.NewGhostArray("g", 2, model.Bool, model.False))
	code := func(c *model.Code) {
		x.c = c
		for range x.roll(6) {
			x.statement()
		}
	}
	for range 2 + x.roll(3) {
		for range min(x.roll(4), x.wild) {
			x.declare()
		}
		x.rs = append(x.rs, x.p.Routine("r", func(r *model.Routine) {
			x.r, x.vars[3] = r, r.Local("l", model.UpTo(2))
			code(&r.Code)
		}))
	}
	x.r = nil
	x.cpus[0].Run(x.rs[2])
	m := &model.Monitor{Name: "m", Ghosts: append(slices.Clone(x.array[1].Vars), some(x, x.vars)), Never: x.value(),
		AtEnd: x.value(), Eventually: x.value(), NotForever: []model.Value{x.value()},
		On: func(model.Event) []*model.Stmt { return model.Build(code) }}
	if x.wild < 2 {
		m = &model.Monitor{Name: "m", Ghosts: x.array[1].Vars, Never: x.vars[2]}
	}
	return x.p, []*model.Monitor{m}[:x.roll(2)]
}

// Whatever is called with whatever, the builder does not panic, nor does the lowering; and what the builder noted
// is in the error, a line each.
func buildNonsense(t *testing.T, data []byte) (faults int, lowered bool) {
	t.Helper()
	var p *model.Program
	var err error
	var deep bool
	text := testkit.Panics(func() {
		var ms []*model.Monitor
		p, ms = (&nonsense{data: data}).build()
		for range p.Statements() {
			deep = true
		}
		p.Walk(func(pl model.Place) { _ = pl.Stmt().Targets() })
		_, err = ir.Lower(p, ms...)
	})
	if text != "" {
		t.Fatalf("panic: %s", text)
	}
	for _, f := range p.Faults() {
		if !strings.Contains(f, "builder_test.go:") {
			t.Errorf("a fault without a place: %s", f)
		}
		if strings.Contains(f, "the code that builds it fails") {
			t.Errorf("the builder panics: %s", f)
		}
		if err == nil || !strings.Contains(err.Error(), strings.ReplaceAll(f, "\n", " ")) {
			t.Errorf("%v does not say %q", err, f)
		}
	}
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			if !strings.HasPrefix(line, "model nonsense: ") {
				t.Errorf("a fault takes more than a line: %q", line)
			}
		}
	}
	return len(p.Faults()), err == nil && deep
}

func TestNonsense(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	faulty, refused, lowered := 0, 0, 0
	for range 3000 {
		data := make([]byte, rng.IntN(150))
		for i := range data {
			data[i] = byte(rng.IntN(256))
		}
		switch n, ok := buildNonsense(t, data); {
		case n > 1:
			faulty++
		case ok:
			lowered++
		default:
			refused++
		}
	}
	t.Logf("%d with several faults, %d refused otherwise, %d lowered", faulty, refused, lowered)
	if faulty < 300 || refused < 300 || lowered < 20 {
		t.Error("the programs are too much of one kind")
	}
}

func FuzzNonsense(f *testing.F) {
	f.Add([]byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, data []byte) { buildNonsense(t, data) })
}
