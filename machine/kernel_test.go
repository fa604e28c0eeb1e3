package machine

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ctcheck/internal/testkit"
	"ctcheck/model"
)

// Every primitive of kernel.go, run once: memory holds before, the operand is 6, the expectation
// of a compare-and-exchange is old. after is what memory holds then, dst what the result is. The
// orders are those of Documentation/atomic_t.txt: RMWs that return a value are fully ordered,
// those that do not are relaxed, a suffix says otherwise; plain loads and stores order as their
// names say.
type primitive struct {
	name   string
	call   func(c *model.Code, dst, v, old *model.Var)
	before int64
	old    int64
	after  int64
	dst    int64
	order  model.Order
	op     model.AccessOp
	result model.Result
	why    string
}

const (
	label   = "the statement"
	none    = 99 // dst keeps what it held: there is no result
	operand = model.Int(6)
)

var primitives = []primitive{
	{"AtomicRead", func(c *model.Code, dst, v, _ *model.Var) { c.AtomicRead(label, dst, v) },
		3, 0, 3, 3, model.Relaxed, model.Load, model.NoResult, "a load leaves memory alone"},
	{"ReadOnce", func(c *model.Code, dst, v, _ *model.Var) { c.ReadOnce(label, dst, v) },
		3, 0, 3, 3, model.Relaxed, model.Load, model.NoResult, "READ_ONCE() orders nothing"},
	{"LoadAcquire", func(c *model.Code, dst, v, _ *model.Var) { c.LoadAcquire(label, dst, v) },
		3, 0, 3, 3, model.Acquire, model.Load, model.NoResult, "as its name says"},
	{"CondLoadAcquire", func(c *model.Code, dst, v, _ *model.Var) {
		c.CondLoadAcquire(label, dst, v,
			dst.Eq(model.Int(3)))
	},
		3, 0, 3, 3, model.Acquire, model.Load, model.NoResult, "taken, as the value satisfies the condition"},
	{"ReadPlain", func(c *model.Code, dst, v, _ *model.Var) { c.ReadPlain(label, dst, v) },
		3, 0, 3, 3, model.Plain, model.Load, model.NoResult, "the compiler may tear it"},
	{"AtomicSet", func(c *model.Code, _, v, _ *model.Var) { c.AtomicSet(label, v, operand) },
		3, 0, 6, none, model.Relaxed, model.Store, model.NoResult, "atomic_set() is a plain store, no RMW"},
	{"WriteOnce", func(c *model.Code, _, v, _ *model.Var) { c.WriteOnce(label, v, operand) },
		3, 0, 6, none, model.Relaxed, model.Store, model.NoResult, "WRITE_ONCE() orders nothing"},
	{"StoreRelease", func(c *model.Code, _, v, _ *model.Var) { c.StoreRelease(label, v, operand) },
		3, 0, 6, none, model.Release, model.Store, model.NoResult, "as its name says"},
	{"WritePlain", func(c *model.Code, _, v, _ *model.Var) { c.WritePlain(label, v, operand) },
		3, 0, 6, none, model.Plain, model.Store, model.NoResult, "the compiler may tear it"},
	{"SmpStoreMb", func(c *model.Code, _, v, _ *model.Var) { c.SmpStoreMb(label, v, operand) },
		3, 0, 6, none, model.Full, model.Store, model.NoResult, "a store and smp_mb()"},
	{"WriteSerializing", func(c *model.Code, _, v, _ *model.Var) { c.WriteSerializing(label, v, operand) },
		3, 0, 6, none, model.Full, model.Store, model.NoResult, "the instruction serializes"},
	{"WriteOncePart", func(c *model.Code, _, v, _ *model.Var) { c.WriteOncePart(label, v, model.Int(5), operand) },
		3, 0, 6, none, model.Relaxed, model.StoreBits, model.NoResult, "3 with bits 0 and 2 taken from 6"},
	{"AtomicOr", func(c *model.Code, _, v, _ *model.Var) { c.AtomicOr(label, v, operand) },
		3, 0, 7, none, model.Relaxed, model.RMWOr, model.NoResult, "no return value, no order"},
	{"AtomicAnd", func(c *model.Code, _, v, _ *model.Var) { c.AtomicAnd(label, v, operand) },
		3, 0, 2, none, model.Relaxed, model.RMWAnd, model.NoResult, "no return value, no order"},
	{"AtomicAndnot", func(c *model.Code, _, v, _ *model.Var) { c.AtomicAndnot(label, v, operand) },
		3, 0, 1, none, model.Relaxed, model.RMWAndNot, model.NoResult, "no return value, no order"},
	{"AtomicAdd", func(c *model.Code, _, v, _ *model.Var) { c.AtomicAdd(label, v, operand) },
		3, 0, 9, none, model.Relaxed, model.RMWAdd, model.NoResult, "no return value, no order"},
	{"AtomicSub", func(c *model.Code, _, v, _ *model.Var) { c.AtomicSub(label, v, operand) },
		3, 0, -3, none, model.Relaxed, model.RMWSub, model.NoResult, "no return value, no order"},
	{"AtomicAddReturn", func(c *model.Code, dst, v, _ *model.Var) { c.AtomicAddReturn(label, dst, v, operand) },
		3, 0, 9, 9, model.Full, model.RMWAdd, model.NewValue, "_return is the new value"},
	{"AtomicSubReturn", func(c *model.Code, dst, v, _ *model.Var) { c.AtomicSubReturn(label, dst, v, operand) },
		3, 0, -3, -3, model.Full, model.RMWSub, model.NewValue, "_return is the new value"},
	{"AtomicFetchAdd", func(c *model.Code, dst, v, _ *model.Var) { c.AtomicFetchAdd(label, dst, v, operand) },
		3, 0, 9, 3, model.Full, model.RMWAdd, model.OldValue, "fetch_ is the old value"},
	{"AtomicFetchOr", func(c *model.Code, dst, v, _ *model.Var) { c.AtomicFetchOr(label, dst, v, operand) },
		3, 0, 7, 3, model.Full, model.RMWOr, model.OldValue, "fetch_ is the old value"},
	{"AtomicFetchAnd", func(c *model.Code, dst, v, _ *model.Var) { c.AtomicFetchAnd(label, dst, v, operand) },
		3, 0, 2, 3, model.Full, model.RMWAnd, model.OldValue, "fetch_ is the old value"},
	{"AtomicFetchAndnot", func(c *model.Code, dst, v, _ *model.Var) {
		c.AtomicFetchAndnot(label, dst, v,
			operand)
	},
		3, 0, 1, 3, model.Full, model.RMWAndNot, model.OldValue, "fetch_ is the old value"},
	{"Xchg", func(c *model.Code, dst, v, _ *model.Var) { c.Xchg(label, dst, v, operand) },
		3, 0, 6, 3, model.Full, model.RMWXchg, model.OldValue, "xchg() is unconditional and returns the old value"},
	{"Cmpxchg", func(c *model.Code, dst, v, old *model.Var) { c.Cmpxchg(label, dst, v, old, operand) },
		3, 3, 6, 3, model.Full, model.RMWCmpxchg, model.OldValue, "the value found is the expected one: success"},
	{"TryCmpxchg", func(c *model.Code, dst, v, old *model.Var) { c.TryCmpxchg(label, dst, v, old, operand) },
		3, 3, 6, 1, model.Full, model.RMWTryCmpxchg, model.Success, "success is true, and old stays"},
}

// As above, but seen from another side: failing compare-and-exchanges, weaker orders, no result.
var variants = []primitive{
	{"CondLoadAcquire, 0", func(c *model.Code, dst, v, _ *model.Var) {
		c.CondLoadAcquire(label, dst, v,
			model.True)
	},
		0, 0, 0, 0, model.Acquire, model.Load, model.NoResult, "a zero is a value like others"},
	{"Cmpxchg, failing", func(c *model.Code, dst, v, old *model.Var) { c.Cmpxchg(label, dst, v, old, operand) },
		3, 2, 3, 3, model.Full, model.RMWCmpxchg, model.OldValue, "memory stays; what was found differs from old"},
	{"Cmpxchg of what is there", func(c *model.Code, dst, v, old *model.Var) {
		c.Cmpxchg(label, dst, v, old,
			model.Int(3))
	},
		3, 3, 3, 3, model.Full, model.RMWCmpxchg, model.OldValue, "success need not change anything"},
	{"Cmpxchg, acquire", func(c *model.Code, dst, v, old *model.Var) {
		c.Cmpxchg(label, dst, v, old, operand,
			model.Acquire)
	},
		3, 3, 6, 3, model.Acquire, model.RMWCmpxchg, model.OldValue, "cmpxchg_acquire()"},
	{"TryCmpxchg, failing", func(c *model.Code, dst, v, old *model.Var) {
		c.TryCmpxchg(label, dst, v, old,
			operand)
	},
		3, 2, 3, 0, model.Full, model.RMWTryCmpxchg, model.Success,
		"success is false; see also the test of old below"},
	{"TryCmpxchg, release", func(c *model.Code, dst, v, old *model.Var) {
		c.TryCmpxchg(label, dst, v, old, operand, model.Release)
	}, 3, 3, 6, 1, model.Release, model.RMWTryCmpxchg, model.Success, "try_cmpxchg_release()"},
	{"Xchg, relaxed", func(c *model.Code, dst, v, _ *model.Var) { c.Xchg(label, dst, v, operand, model.Relaxed) },
		3, 0, 6, 3, model.Relaxed, model.RMWXchg, model.OldValue, "xchg_relaxed()"},
	{"AtomicFetchOr, acquire", func(c *model.Code, dst, v, _ *model.Var) {
		c.AtomicFetchOr(label, dst, v,
			operand, model.Acquire)
	},
		3, 0, 7, 3, model.Acquire, model.RMWOr, model.OldValue, "atomic_fetch_or_acquire()"},
	{"AtomicAddReturn, release", func(c *model.Code, dst, v, _ *model.Var) {
		c.AtomicAddReturn(label, dst, v, operand, model.Release)
	}, 3, 0, 9, 9, model.Release, model.RMWAdd, model.NewValue, "atomic_add_return_release()"},
	{"AtomicAddReturn, no result wanted", func(c *model.Code, _, v, _ *model.Var) {
		c.AtomicAddReturn(label, nil, v, operand)
	}, 3, 0, 9, none, model.Full, model.RMWAdd, model.NewValue,
		"the order does not depend on who looks at the result"},
	{"AtomicRead, no result wanted", func(c *model.Code, _, v, _ *model.Var) { c.AtomicRead(label, nil, v) },
		3, 0, 3, none, model.Relaxed, model.Load, model.NoResult, "a load for its own sake"},
}

func TestPrimitives(t *testing.T) {
	all := append(primitives[:len(primitives):len(primitives)], variants...)
	rows(t, all, func(r primitive) (string, string) { return r.name, r.why })
	for _, row := range all {
		t.Run(row.name, func(t *testing.T) {
			var stmt *model.Stmt
			w := walk(t, solo(func(p *model.Program, r *model.Routine) {
				big := model.Range{Lo: -20, Hi: 100}
				of := big
				if row.op == model.StoreBits {
					of = model.Bits(7)
				}
				v := p.Shared("v", of, model.Int(row.before))
				dst, old := r.Local("dst", big), r.Local("old", big)
				gd, gold := p.Ghost("dst", big, model.Int(0)), p.Ghost("old", big, model.Int(0))
				r.Set(dst, model.Int(none))
				r.Set(old, model.Int(row.old))
				row.call(&r.Code, dst, v, old)
				r.Set(gd, dst)
				r.Set(gold, old)
				stmt = r.Body[2]
			}))
			if n := len(w.m.cpus[0].levels[0].points); n != 2 {
				t.Errorf("%d points, want 2 (the access and the end): an access is one step", n)
			}
			w.step(0)
			w.want("v", row.after, row.why)
			w.want("dst", row.dst, row.why)
			refreshed := row.old
			if row.op == model.RMWTryCmpxchg && row.dst == 0 {
				refreshed = row.before
			}
			w.want("old", refreshed, "only a failing try_cmpxchg() refreshes it")
			if stmt.Order != row.order || stmt.Op != row.op || stmt.Result != row.result {
				t.Errorf("order %d, op %d, result %d; want %d, %d, %d: %s",
					stmt.Order, stmt.Op, stmt.Result, row.order, row.op, row.result, row.why)
			}
			if stmt.Kind != model.StmtAccess || !stmt.Kind.IsStep() || stmt.Label != label {
				t.Errorf("kind %d, label %q; an access is a step with its label", stmt.Kind,
					stmt.Label)
			}
			if rmw := row.op != model.Load && row.op != model.Store && row.op !=
				model.StoreBits; row.op.IsRMW() != rmw {
				t.Errorf("IsRMW() = %v, want %v", !rmw, rmw)
			}
		})
	}
}

// A barrier is a statement that every reader of the program sees, and no step of its own.
var barriers = []struct {
	name  string
	call  func(c *model.Code)
	fence model.Fence
	label string
}{
	{"SmpMb", (*model.Code).SmpMb, model.FenceMb, "smp_mb()"},
	{"SmpRmb", (*model.Code).SmpRmb, model.FenceRmb, "smp_rmb()"},
	{"SmpWmb", (*model.Code).SmpWmb, model.FenceWmb, "smp_wmb()"},
	{"SmpMbBeforeAtomic", (*model.Code).SmpMbBeforeAtomic, model.FenceMbBeforeAtomic,
		"smp_mb__before_atomic()"},
	{"SmpMbAfterAtomic", (*model.Code).SmpMbAfterAtomic, model.FenceMbAfterAtomic, "smp_mb__after_atomic()"},
	{"Barrier", (*model.Code).Barrier, model.FenceCompiler, "barrier()"},
}

func TestBarriers(t *testing.T) {
	for _, row := range barriers {
		var stmt *model.Stmt
		w := walk(t, solo(func(p *model.Program, r *model.Routine) {
			r.Pause("before")
			row.call(&r.Code)
			r.Pause("after")
			stmt = r.Body[1]
		}))
		if stmt.Kind != model.StmtFence || stmt.Kind.IsStep() ||
			stmt.Fence != row.fence || stmt.Label != row.label {
			t.Errorf("%s: kind %d, fence %d, label %q; want a fence, %d, %q",
				row.name, stmt.Kind, stmt.Fence, stmt.Label, row.fence, row.label)
		}
		if n := w.finish(0); n != 2 {
			t.Errorf("%s: %d steps, want the two pauses", row.name, n)
		}
	}
}

// The tables above name every exported method of kernel.go, so that none is forgotten.
func TestNoPrimitiveIsForgotten(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../model/kernel.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	want, got := map[string]bool{}, map[string]bool{}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.IsExported() {
			want[f.Name.Name] = true
		}
	}
	for _, row := range primitives {
		got[row.name] = true
	}
	for _, row := range barriers {
		got[row.name] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("methods of kernel.go and rows of the tables (-want +got):\n%s", diff)
	}
}

func TestUpdateOfUnknownAccess(t *testing.T) {
	if text := testkit.Panics(func() { model.AccessOp(200).Update(0, 0, 0) }); text == "" {
		t.Error("an unknown access was computed")
	}
	if got := model.Load.Update(3, 4, 5); got != 3 {
		t.Errorf("Load.Update = %d; a load leaves memory alone", got)
	}
}

// smp_cond_load_acquire() spins: it is not enabled until the condition holds, and then takes the
// value.
func TestCondLoadWaits(t *testing.T) {
	p := model.New("cond-load")
	x := p.Shared("x", model.UpTo(3), model.Int(0))
	seen := p.Ghost("seen", model.UpTo(3), model.Int(0))
	p.CPU("writer").Run(p.Routine("writer", func(r *model.Routine) {
		r.AtomicAdd("x++", x, model.Int(1))
		r.AtomicAdd("x++", x, model.Int(1))
	}))
	p.CPU("reader").Run(p.Routine("reader", func(r *model.Routine) {
		l := r.LocalOf("VAL", x)
		r.CondLoadAcquire("smp_cond_load_acquire(&x, VAL >= 2)", l, x, l.Ge(model.Int(2)))
		r.Set(seen, l)
	}))
	w := walk(t, p)
	for n, want := range []bool{false, false, true} {
		if got := w.canStep(1); got != want {
			t.Errorf("after %d increments: enabled = %v, want %v", n, got, want)
		}
		if n < 2 {
			w.step(0)
		}
	}
	w.step(1)
	w.want("seen", 2, "the local takes the value that satisfied the condition")
}
