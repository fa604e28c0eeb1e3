package litmus_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/litmus"
	"ctcheck/model"
)

// An op is a random statement, which is written both as C and with the vocabulary.
type op struct {
	kind      string
	loc       int // 0..2: x, y, z
	reg, from int // r0..r2
	k         int64
	yes, no   []op
}

var opKinds = []string{"READ_ONCE", "smp_load_acquire", "*", "WRITE_ONCE", "smp_store_release", "* =", "store_reg",
	"smp_store_mb", "xchg", "xchg_relaxed", "atomic_add", "atomic_fetch_add", "atomic_sub_return", "cmpxchg",
	"smp_mb",
	"smp_wmb", "add", "if", "lock", "twice", "atomic_or", "mod"}

func randomOps(r *rand.Rand, n, depth int) []op {
	var ops []op
	for range n {
		o := op{kind: opKinds[r.IntN(len(opKinds))], loc: r.IntN(3), reg: r.IntN(3), from: r.IntN(3),
			k: int64(r.IntN(3))}
		switch o.kind {
		case "if", "twice", "lock":
			if depth == 0 {
				continue
			}
			o.yes = randomOps(r, 1+r.IntN(2), depth-1)
			if o.kind == "if" {
				o.no = randomOps(r, r.IntN(2), depth-1)
			}
			if o.kind == "lock" { // not inside another one
				o.yes = slices.DeleteFunc(o.yes, func(o op) bool { return o.kind == "lock" || len(o.yes) > 0 })
			}
		}
		ops = append(ops, o)
	}
	return ops
}

// inText is the statements in C.
func inText(b *strings.Builder, ops []op) {
	for _, o := range ops {
		x, r, f := "xyz"[o.loc:o.loc+1], fmt.Sprint("r", o.reg), fmt.Sprint("r", o.from)
		switch o.kind {
		case "READ_ONCE":
			fmt.Fprintf(b, "%s = READ_ONCE(*%s);\n", r, x)
		case "smp_load_acquire":
			fmt.Fprintf(b, "%s = smp_load_acquire(%s);\n", r, x)
		case "*":
			fmt.Fprintf(b, "%s = *%s;\n", r, x)
		case "WRITE_ONCE", "smp_store_mb":
			fmt.Fprintf(b, "%s(*%s, %d);\n", o.kind, x, o.k)
		case "smp_store_release":
			fmt.Fprintf(b, "smp_store_release(%s, %d);\n", x, o.k)
		case "* =":
			fmt.Fprintf(b, "*%s = %d;\n", x, o.k)
		case "store_reg":
			fmt.Fprintf(b, "WRITE_ONCE(*%s, %s & 3);\n", x, f)
		case "xchg", "xchg_relaxed":
			fmt.Fprintf(b, "%s = %s(%s, %d);\n", r, o.kind, x, o.k)
		case "atomic_add", "atomic_or":
			fmt.Fprintf(b, "%s(%d, %s);\n", o.kind, o.k, x)
		case "atomic_fetch_add", "atomic_sub_return":
			fmt.Fprintf(b, "%s = %s(%d, %s);\n", r, o.kind, o.k, x)
		case "cmpxchg":
			fmt.Fprintf(b, "%s = cmpxchg(%s, %s, %d);\n", r, x, f, o.k)
		case "smp_mb", "smp_wmb":
			fmt.Fprintf(b, "%s();\n", o.kind)
		case "add":
			fmt.Fprintf(b, "%s = (%s + %d) & 3;\n", r, f, o.k)
		case "mod":
			fmt.Fprintf(b, "%s = %s %% 2;\n", r, f)
		default:
			head := map[string]string{"if": fmt.Sprintf("if (%s == %d) {\n", f, o.k), "lock": "spin_lock(lk);\n",
				"twice": strings.ReplaceAll("for (int N = 0; N < 2; N++) {\n", "N", fmt.Sprint("n",
					b.Len()))}[o.kind]
			b.WriteString(head)
			inText(b, o.yes)
			switch {
			case o.kind == "lock":
				b.WriteString("spin_unlock(lk);\n")
			case len(o.no) > 0:
				b.WriteString("} else {\n")
				inText(b, o.no)
				fallthrough
			default:
				b.WriteString("}\n")
			}
		}
	}
}

// direct is the statements with the vocabulary.
type direct struct {
	r    *model.Routine
	locs []*model.Var
	lock *model.Var
	regs []*model.Var
}

func (d direct) ops(ops []op) {
	three := model.Int(3)
	for _, o := range ops {
		x, r, f, k := d.locs[o.loc], d.regs[o.reg], d.regs[o.from], model.Int(o.k)
		switch o.kind {
		case "READ_ONCE":
			d.r.ReadOnce("", r, x)
		case "smp_load_acquire":
			d.r.LoadAcquire("", r, x)
		case "*":
			d.r.ReadPlain("", r, x)
		case "WRITE_ONCE":
			d.r.WriteOnce("", x, k)
		case "smp_store_mb":
			d.r.SmpStoreMb("", x, k)
		case "smp_store_release":
			d.r.StoreRelease("", x, k)
		case "* =":
			d.r.WritePlain("", x, k)
		case "store_reg":
			d.r.WriteOnce("", x, f.And(three))
		case "xchg":
			d.r.Xchg("", r, x, k)
		case "xchg_relaxed":
			d.r.Xchg("", r, x, k, model.Relaxed)
		case "atomic_add":
			d.r.AtomicAdd("", x, k)
		case "atomic_or":
			d.r.AtomicOr("", x, k)
		case "atomic_fetch_add":
			d.r.AtomicFetchAdd("", r, x, k)
		case "atomic_sub_return":
			d.r.AtomicSubReturn("", r, x, k)
		case "cmpxchg":
			d.r.Cmpxchg("", r, x, f, k)
		case "smp_mb":
			d.r.SmpMb()
		case "smp_wmb":
			d.r.SmpWmb()
		case "add":
			d.r.Set(r, f.Add(k).And(three))
		case "mod": // C's remainder has the sign of what is divided
			d.r.If(f.Lt(model.Int(0)), func() { d.r.Set(r, model.Of(model.Int(0)).Sub(f.And(model.Int(1)))) },
				func() { d.r.Set(r, f.And(model.Int(1))) })
		case "if":
			d.r.If(f.Eq(k), func() { d.ops(o.yes) }, func() { d.ops(o.no) })
		case "twice":
			d.ops(o.yes)
			d.ops(o.yes)
		case "lock":
			d.r.Atomic("", func() {
				found := d.r.Local("found", model.Bool)
				d.r.CondLoadAcquire("", found, d.lock, found.Eq(model.Int(0)))
				d.r.WriteOnce("", d.lock, model.Int(1))
			})
			d.ops(o.yes)
			d.r.StoreRelease("", d.lock, model.Int(0))
		}
	}
}

// A random program printed as a litmus test and read back has the same final states as the program itself.
func roundTrip(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 7))
	p := model.New("random")
	wide := model.Range{Lo: -64, Hi: 255}
	var d direct
	for _, name := range []string{"x", "y", "z"} {
		d.locs = append(d.locs, p.Shared(name, wide, model.Int(0)))
	}
	d.lock = p.Shared("lk", model.Bool, model.Int(0))
	var src strings.Builder
	src.WriteString("C random\n{}\n")
	vars := slices.Clone(d.locs)
	var observed []string
	for i := range 2 + r.IntN(2) {
		ops := randomOps(r, 1+r.IntN(4), 2)
		fmt.Fprintf(&src, "P%d(int *x, int *y, int *z, spinlock_t *lk)\n{\nint r0 = 0; int r1 = 0; int r2 = "+
			"0;\n", i)
		inText(&src, ops)
		src.WriteString("}\n")
		cpu := p.CPU(fmt.Sprint("P", i))
		cpu.Run(p.Routine(cpu.Name, func(r *model.Routine) {
			e := d
			e.r = r
			for k := range 3 {
				e.regs = append(e.regs, r.Local(fmt.Sprint("r", k), wide))
			}
			e.ops(ops)
			for k, reg := range e.regs {
				ghost := p.Ghost(fmt.Sprintf("%d:r%d", i, k), wide, model.Int(0))
				r.Set(ghost, reg)
				vars = append(vars, ghost)
			}
		}))
		observed = append(observed, fmt.Sprintf("%d:r0; %d:r1; %d:r2; ", i, i, i))
	}
	fmt.Fprintf(&src, "locations [x; y; z; %s]\nexists (true)\n", strings.Join(observed, ""))
	test, err := litmus.Parse("random", []byte(src.String()))
	if err != nil {
		t.Fatalf("%v, of\n%s", err, src.String())
	}
	q := program(t, test)
	for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
		want, err := explore.Finals(context.Background(), mm, p, vars...)
		if err != nil {
			t.Fatalf("%v, of\n%s", err, src.String())
		}
		var qvars []*model.Var
		for _, v := range vars {
			name := v.Name
			if v.Kind == model.Shared {
				name = "[" + name + "]"
			}
			i := slices.IndexFunc(q.Observed, func(l litmus.Loc) bool { return l.String() == name })
			qvars = append(qvars, q.Vars[i])
		}
		got, err := explore.Finals(context.Background(), mm, q.Model, qvars...)
		if err != nil {
			t.Fatalf("%v, of\n%s", err, src.String())
		}
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Fatalf("under %s the final states are\n%v\nwant\n%v, of\n%s", mm, got, want, src.String())
		}
	}
}

func TestRoundTrip(t *testing.T) {
	for seed := range uint64(400) {
		roundTrip(t, seed)
	}
}

func FuzzRoundTrip(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(roundTrip)
}
