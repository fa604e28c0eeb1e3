package model

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every primitive of kernel.go, run once: memory holds before, the operand is 6, the expectation
// of a compare-and-exchange is old. after is what memory holds then, dst what the result is. The
// orders are those of Documentation/atomic_t.txt: RMWs that return a value are fully ordered,
// those that do not are relaxed, a suffix says otherwise; plain loads and stores order as their
// names say.
type primitive struct {
	name   string
	call   func(c *Code, dst, v, old *Var)
	before int64
	old    int64
	after  int64
	dst    int64
	order  Order
	op     AccessOp
	result Result
	why    string
}

const (
	label   = "the statement"
	none    = 99 // dst keeps what it held: there is no result
	operand = Int(6)
)

var primitives = []primitive{
	{"AtomicRead", func(c *Code, dst, v, _ *Var) { c.AtomicRead(label, dst, v) },
		3, 0, 3, 3, Relaxed, Load, NoResult, "a load leaves memory alone"},
	{"ReadOnce", func(c *Code, dst, v, _ *Var) { c.ReadOnce(label, dst, v) },
		3, 0, 3, 3, Relaxed, Load, NoResult, "READ_ONCE() orders nothing"},
	{"LoadAcquire", func(c *Code, dst, v, _ *Var) { c.LoadAcquire(label, dst, v) },
		3, 0, 3, 3, Acquire, Load, NoResult, "as its name says"},
	{"CondLoadAcquire", func(c *Code, dst, v, _ *Var) {
		c.CondLoadAcquire(label, dst, v,
			dst.Eq(Int(3)))
	},
		3, 0, 3, 3, Acquire, Load, NoResult, "taken, as the value satisfies the condition"},
	{"ReadPlain", func(c *Code, dst, v, _ *Var) { c.ReadPlain(label, dst, v) },
		3, 0, 3, 3, Plain, Load, NoResult, "the compiler may tear it"},
	{"AtomicSet", func(c *Code, _, v, _ *Var) { c.AtomicSet(label, v, operand) },
		3, 0, 6, none, Relaxed, Store, NoResult, "atomic_set() is a plain store, no RMW"},
	{"WriteOnce", func(c *Code, _, v, _ *Var) { c.WriteOnce(label, v, operand) },
		3, 0, 6, none, Relaxed, Store, NoResult, "WRITE_ONCE() orders nothing"},
	{"StoreRelease", func(c *Code, _, v, _ *Var) { c.StoreRelease(label, v, operand) },
		3, 0, 6, none, Release, Store, NoResult, "as its name says"},
	{"WritePlain", func(c *Code, _, v, _ *Var) { c.WritePlain(label, v, operand) },
		3, 0, 6, none, Plain, Store, NoResult, "the compiler may tear it"},
	{"SmpStoreMb", func(c *Code, _, v, _ *Var) { c.SmpStoreMb(label, v, operand) },
		3, 0, 6, none, Full, Store, NoResult, "a store and smp_mb()"},
	{"WriteSerializing", func(c *Code, _, v, _ *Var) { c.WriteSerializing(label, v, operand) },
		3, 0, 6, none, Full, Store, NoResult, "the instruction serializes"},
	{"WriteOncePart", func(c *Code, _, v, _ *Var) { c.WriteOncePart(label, v, Int(5), operand) },
		3, 0, 6, none, Relaxed, StoreBits, NoResult, "3 with bits 0 and 2 taken from 6"},
	{"AtomicOr", func(c *Code, _, v, _ *Var) { c.AtomicOr(label, v, operand) },
		3, 0, 7, none, Relaxed, RMWOr, NoResult, "no return value, no order"},
	{"AtomicAnd", func(c *Code, _, v, _ *Var) { c.AtomicAnd(label, v, operand) },
		3, 0, 2, none, Relaxed, RMWAnd, NoResult, "no return value, no order"},
	{"AtomicAndnot", func(c *Code, _, v, _ *Var) { c.AtomicAndnot(label, v, operand) },
		3, 0, 1, none, Relaxed, RMWAndNot, NoResult, "no return value, no order"},
	{"AtomicAdd", func(c *Code, _, v, _ *Var) { c.AtomicAdd(label, v, operand) },
		3, 0, 9, none, Relaxed, RMWAdd, NoResult, "no return value, no order"},
	{"AtomicSub", func(c *Code, _, v, _ *Var) { c.AtomicSub(label, v, operand) },
		3, 0, -3, none, Relaxed, RMWSub, NoResult, "no return value, no order"},
	{"AtomicAddReturn", func(c *Code, dst, v, _ *Var) { c.AtomicAddReturn(label, dst, v, operand) },
		3, 0, 9, 9, Full, RMWAdd, NewValue, "_return is the new value"},
	{"AtomicSubReturn", func(c *Code, dst, v, _ *Var) { c.AtomicSubReturn(label, dst, v, operand) },
		3, 0, -3, -3, Full, RMWSub, NewValue, "_return is the new value"},
	{"AtomicFetchAdd", func(c *Code, dst, v, _ *Var) { c.AtomicFetchAdd(label, dst, v, operand) },
		3, 0, 9, 3, Full, RMWAdd, OldValue, "fetch_ is the old value"},
	{"AtomicFetchOr", func(c *Code, dst, v, _ *Var) { c.AtomicFetchOr(label, dst, v, operand) },
		3, 0, 7, 3, Full, RMWOr, OldValue, "fetch_ is the old value"},
	{"AtomicFetchAnd", func(c *Code, dst, v, _ *Var) { c.AtomicFetchAnd(label, dst, v, operand) },
		3, 0, 2, 3, Full, RMWAnd, OldValue, "fetch_ is the old value"},
	{"AtomicFetchAndnot", func(c *Code, dst, v, _ *Var) {
		c.AtomicFetchAndnot(label, dst, v,
			operand)
	},
		3, 0, 1, 3, Full, RMWAndNot, OldValue, "fetch_ is the old value"},
	{"Xchg", func(c *Code, dst, v, _ *Var) { c.Xchg(label, dst, v, operand) },
		3, 0, 6, 3, Full, RMWXchg, OldValue, "xchg() is unconditional and returns the old value"},
	{"Cmpxchg", func(c *Code, dst, v, old *Var) { c.Cmpxchg(label, dst, v, old, operand) },
		3, 3, 6, 3, Full, RMWCmpxchg, OldValue, "the value found is the expected one: success"},
	{"TryCmpxchg", func(c *Code, dst, v, old *Var) { c.TryCmpxchg(label, dst, v, old, operand) },
		3, 3, 6, 1, Full, RMWTryCmpxchg, Success, "success is true, and old stays"},
}

// As above, but seen from another side: failing compare-and-exchanges, weaker orders, no result.
var variants = []primitive{
	{"CondLoadAcquire, 0", func(c *Code, dst, v, _ *Var) { c.CondLoadAcquire(label, dst, v, True) },
		0, 0, 0, 0, Acquire, Load, NoResult, "a zero is a value like others"},
	{"Cmpxchg, failing", func(c *Code, dst, v, old *Var) { c.Cmpxchg(label, dst, v, old, operand) },
		3, 2, 3, 3, Full, RMWCmpxchg, OldValue, "memory stays; what was found differs from old"},
	{"Cmpxchg of what is there", func(c *Code, dst, v, old *Var) {
		c.Cmpxchg(label, dst, v, old,
			Int(3))
	},
		3, 3, 3, 3, Full, RMWCmpxchg, OldValue, "success need not change anything"},
	{"Cmpxchg, acquire", func(c *Code, dst, v, old *Var) {
		c.Cmpxchg(label, dst, v, old, operand,
			Acquire)
	},
		3, 3, 6, 3, Acquire, RMWCmpxchg, OldValue, "cmpxchg_acquire()"},
	{"TryCmpxchg, failing", func(c *Code, dst, v, old *Var) {
		c.TryCmpxchg(label, dst, v, old,
			operand)
	},
		3, 2, 3, 0, Full, RMWTryCmpxchg, Success,
		"success is false; see also the test of old below"},
	{"TryCmpxchg, release", func(c *Code, dst, v, old *Var) {
		c.TryCmpxchg(label, dst, v, old, operand, Release)
	}, 3, 3, 6, 1, Release, RMWTryCmpxchg, Success, "try_cmpxchg_release()"},
	{"Xchg, relaxed", func(c *Code, dst, v, _ *Var) { c.Xchg(label, dst, v, operand, Relaxed) },
		3, 0, 6, 3, Relaxed, RMWXchg, OldValue, "xchg_relaxed()"},
	{"AtomicFetchOr, acquire", func(c *Code, dst, v, _ *Var) {
		c.AtomicFetchOr(label, dst, v,
			operand, Acquire)
	},
		3, 0, 7, 3, Acquire, RMWOr, OldValue, "atomic_fetch_or_acquire()"},
	{"AtomicAddReturn, release", func(c *Code, dst, v, _ *Var) {
		c.AtomicAddReturn(label, dst, v, operand, Release)
	}, 3, 0, 9, 9, Release, RMWAdd, NewValue, "atomic_add_return_release()"},
	{"AtomicAddReturn, no result wanted", func(c *Code, _, v, _ *Var) {
		c.AtomicAddReturn(label, nil, v, operand)
	}, 3, 0, 9, none, Full, RMWAdd, NewValue,
		"the order does not depend on who looks at the result"},
	{"AtomicRead, no result wanted", func(c *Code, _, v, _ *Var) { c.AtomicRead(label, nil, v) },
		3, 0, 3, none, Relaxed, Load, NoResult, "a load for its own sake"},
}

func TestPrimitives(t *testing.T) {
	all := append(primitives[:len(primitives):len(primitives)], variants...)
	rows(t, all, func(r primitive) (string, string) { return r.name, r.why })
	for _, row := range all {
		t.Run(row.name, func(t *testing.T) {
			var stmt *Stmt
			w := walk(t, solo(func(p *Program, r *Routine) {
				big := Range{Lo: -20, Hi: 100}
				of := big
				if row.op == StoreBits {
					of = Bits(7)
				}
				v := p.Shared("v", of, Int(row.before))
				dst, old := r.Local("dst", big), r.Local("old", big)
				gd, gold := p.Ghost("dst", big, Int(0)), p.Ghost("old", big, Int(0))
				r.Set(dst, Int(none))
				r.Set(old, Int(row.old))
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
			if row.op == RMWTryCmpxchg && row.dst == 0 {
				refreshed = row.before
			}
			w.want("old", refreshed, "only a failing try_cmpxchg() refreshes it")
			if stmt.Order != row.order || stmt.Op != row.op || stmt.Result != row.result {
				t.Errorf("order %d, op %d, result %d; want %d, %d, %d: %s",
					stmt.Order, stmt.Op, stmt.Result, row.order, row.op, row.result, row.why)
			}
			if stmt.Kind != StmtAccess || !stmt.Kind.IsStep() || stmt.Label != label {
				t.Errorf("kind %d, label %q; an access is a step with its label", stmt.Kind,
					stmt.Label)
			}
			if rmw := row.op != Load && row.op != Store && row.op != StoreBits; row.op.IsRMW() != rmw {
				t.Errorf("IsRMW() = %v, want %v", !rmw, rmw)
			}
		})
	}
}

// A barrier is a statement that every reader of the program sees, and no step of its own.
var barriers = []struct {
	name  string
	call  func(c *Code)
	fence Fence
	label string
}{
	{"SmpMb", (*Code).SmpMb, FenceMb, "smp_mb()"},
	{"SmpRmb", (*Code).SmpRmb, FenceRmb, "smp_rmb()"},
	{"SmpWmb", (*Code).SmpWmb, FenceWmb, "smp_wmb()"},
	{"SmpMbBeforeAtomic", (*Code).SmpMbBeforeAtomic, FenceMbBeforeAtomic,
		"smp_mb__before_atomic()"},
	{"SmpMbAfterAtomic", (*Code).SmpMbAfterAtomic, FenceMbAfterAtomic, "smp_mb__after_atomic()"},
	{"Barrier", (*Code).Barrier, FenceCompiler, "barrier()"},
}

func TestBarriers(t *testing.T) {
	for _, row := range barriers {
		var stmt *Stmt
		w := walk(t, solo(func(p *Program, r *Routine) {
			r.Pause("before")
			row.call(&r.Code)
			r.Pause("after")
			stmt = r.Body[1]
		}))
		if stmt.Kind != StmtFence || stmt.Kind.IsStep() ||
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
	file, err := parser.ParseFile(token.NewFileSet(), "kernel.go", nil, 0)
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
	if text := panics(func() { AccessOp(200).Update(0, 0, 0) }); text == "" {
		t.Error("an unknown access was computed")
	}
	if got := Load.Update(3, 4, 5); got != 3 {
		t.Errorf("Load.Update = %d; a load leaves memory alone", got)
	}
}

// smp_cond_load_acquire() spins: it is not enabled until the condition holds, and then takes the
// value.
func TestCondLoadWaits(t *testing.T) {
	p := New("cond-load")
	x := p.Shared("x", UpTo(3), Int(0))
	seen := p.Ghost("seen", UpTo(3), Int(0))
	p.CPU("writer").Run(p.Routine("writer", func(r *Routine) {
		r.AtomicAdd("x++", x, Int(1))
		r.AtomicAdd("x++", x, Int(1))
	}))
	p.CPU("reader").Run(p.Routine("reader", func(r *Routine) {
		l := r.LocalOf("VAL", x)
		r.CondLoadAcquire("smp_cond_load_acquire(&x, VAL >= 2)", l, x, l.Ge(Int(2)))
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
