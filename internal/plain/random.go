package plain

import (
	"fmt"

	"ctcheck/deferral"
	"ctcheck/model"
)

// This file turns bytes into programs, for the tests that compare explorers. The programs mean
// nothing; they are meant to put every statement next to every other one. They compile, and with
// few exceptions their values stay in range. No code looks at frames before its CPU's first step:
// what a CPU shows of itself that has not begun is left open.

// maskBits is the width of the locals that hold masks; no shared mask is wider.
const maskBits = 3

// A gen builds one program. It reads its decisions from data, and 0 from there on.
type gen struct {
	data    []byte
	p       *model.Program
	d       *deferral.Deferral
	masks   []*model.Var // bit masks from 0: or, and, andnot, and stores of masked values
	counts  []*model.Var // modular: arithmetic with anything
	far     *model.Var   // whose range does not begin at 0; only constants in it are stored
	ghost   *model.Var
	early   *model.Var // a bit for each CPU that loaded too early
	ipis    []*model.IPI
	helpers []helper
	left    int // statements that the routine being built may still have
	elements
}

type helper struct {
	*model.Routine
	simple bool // neither Choose nor loops of unknown length, so it may stand in an Atomic
}

// A body is a routine being built. The locals are declared in every routine; unused ones never
// change, so they tell no states apart.
type body struct {
	*gen
	*model.Routine
	mask, count, turn, ok *model.Var
	away                  *model.Var // holds what far holds
	cursor
	params               []*model.Var
	context              model.Context
	simple, counting     bool
	atomic, loops, calls int
}

// Random turns data into a small valid program and monitors to check it with.
func Random(data []byte) (*model.Program, []*model.Monitor) {
	g := &gen{data: data, p: model.New("random")}
	g.shared()
	cpus := pick(g, []int{2, 3, 1, 2})
	for i := range cpus {
		g.p.CPU(fmt.Sprint("cpu", i))
	}
	g.d = deferral.New(g.p, 2)
	g.d.Target = g.cpu()
	for range g.roll(3) {
		c := g.cpu()
		if len(g.ipis) > 0 && g.roll(2) == 1 {
			c = g.ipis[0].CPU // two lines of one CPU have to wait for each other
		}
		g.ipis = append(g.ipis, c.IPI(fmt.Sprint("ipi", len(g.ipis)), nil))
	}
	for range g.roll(3) {
		g.d.Request(g.cpu(), g.roll(2), nil)
	}
	for i := range 1 + g.roll(3) {
		g.helper(fmt.Sprint("helper", i))
	}
	g.handlers()
	duel := g.roll(4) < 3
	for i, c := range g.p.CPUs {
		if i > 0 && g.roll(4) == 3 {
			c.Run(g.p.CPUs[i-1].Main)
			continue
		}
		g.left = 3 + g.roll(14)/cpus
		c.Run(g.routine(fmt.Sprint("main", i), func(b *body) {
			late := g.roll(4) == 3
			if g.roll(4) == 3 { // it does not begin in the kernel's body
				b.Frame(pick(g, []model.Frame{model.User, model.Guest, model.Idle, model.Entry}), func() {
					b.Pause("begin")
				})
			}
			if duel && !late {
				b.duel(i)
			}
			b.block(3, 5)
			if duel && late {
				b.duel(i)
			}
			b.block(3, 7)
		}))
	}
	monitors := g.monitors()
	g.claims()
	return g.p, monitors
}

// roll is a number from 0 to n-1.
func (g *gen) roll(n int) int {
	if len(g.data) == 0 {
		return 0
	}
	k := int(g.data[0]) % n
	g.data = g.data[1:]
	return k
}

func pick[T any](g *gen, xs []T) T { return xs[g.roll(len(xs))] }

func (g *gen) cpu() *model.CPU { return pick(g, g.p.CPUs) }

func (g *gen) constant(n int) model.Int { return model.Int(g.roll(n)) }

func (g *gen) bits() model.Int { return g.constant(1 << maskBits) }

func (g *gen) counter() model.Range {
	lo := int64(g.roll(4) - 1)
	return model.Range{Lo: lo, Hi: lo + 1 + int64(g.roll(2)), Modular: true}
}

func (g *gen) shared() {
	for i := range 2 - g.roll(3)/2 {
		r := model.Bits(1 + g.roll(maskBits))
		g.masks = append(g.masks, g.p.Shared(fmt.Sprint("mask", i), r, g.constant(int(r.Hi)+1)))
	}
	r := g.counter()
	g.counts = append(g.counts, g.p.Shared("count", r, model.Int(r.Hi)))
	lo := int64(pick(g, []int{3, 1, -6, -2}))
	g.far = g.p.Shared("far", model.Range{Lo: lo, Hi: lo + 2 + int64(g.roll(3))}, model.Int(lo))
	g.ghost = g.p.Ghost("ghost", model.UpTo(2).Mod(), model.Int(0))
	g.early = g.p.Ghost("early", model.Bits(3), model.Int(0))
	g.elementVars()
}

// handlers gives IPIs and NMIs their code, sometimes the same one twice.
func (g *gen) handlers() {
	var last *model.Routine
	for i, ipi := range g.ipis {
		if last == nil || g.roll(3) > 0 {
			g.left = 1 + g.roll(3)
			last = g.routine(fmt.Sprint("handler", i), func(b *body) {
				b.context = model.InIRQ
				b.params = append(b.params, b.Param("arg", model.Bits(maskBits)))
				b.block(1, 3)
			})
		}
		ipi.Handler, ipi.Args = last, []*model.Node{g.bits().Node()}
	}
	for i, c := range g.p.CPUs {
		if g.roll(3) == 2 {
			g.left = 1 + g.roll(2)
			nmi := g.routine(fmt.Sprint("nmi", i), func(b *body) {
				b.context = model.InNMI
				if g.roll(3) == 2 {
					b.peek(i)
				}
				b.block(1, 2)
			})
			c.OnNMI(nmi, g.roll(3), 1+g.roll(2))
		}
	}
}

func (g *gen) routine(name string, build func(b *body)) *model.Routine {
	return g.p.Routine(name, func(r *model.Routine) {
		b := &body{gen: g, Routine: r}
		locals := []func(){
			func() { b.mask = r.Local("m", model.Bits(maskBits)) },
			func() { b.count = r.Local("n", g.counter()) },
			func() { b.turn = r.Local("turn", model.UpTo(2)) },
			func() { b.ok = r.Local("ok", model.Bool) },
			func() { b.away = r.LocalOf("away", g.far) },
			func() { b.at = r.Local("at", model.Bits(2)) },
			func() { b.node = r.Local("node", g.nodes.Pointer()) },
			func() { b.ptr = r.Local("ptr", g.addrs.Range()) },
		}
		// The order decides which of them share bits of the packed state with those of other calls.
		for i, first := 0, g.roll(len(locals)); i < len(locals); i++ {
			locals[(first+i)%len(locals)]()
		}
		build(b)
	})
}

// helper adds a routine that others may call, with up to two parameters and a mask as its result.
func (g *gen) helper(name string) {
	g.left = 1 + g.roll(4)
	simple := g.roll(2) == 0
	r := g.routine(name, func(b *body) {
		b.simple, b.calls = simple, 1
		for i := range g.roll(3) {
			b.params = append(b.params, b.Param(fmt.Sprint("p", i), model.Bits(maskBits)))
		}
		if g.roll(3) == 2 {
			b.element()
		}
		b.block(1, 3)
		b.Return(b.value())
	})
	g.helpers = append(g.helpers, helper{r, simple})
}

// value is an expression in the range of a mask local.
func (b *body) value() model.Value {
	of := append([]*model.Var{b.mask, b.ok}, b.params...)
	v := pick(b.gen, of)
	switch b.roll(7) {
	case 0:
		return b.bits()
	case 1:
		return v
	case 2:
		return v.Or(b.bits())
	case 3:
		return v.And(b.bits())
	case 4:
		return v.AndNot(b.bits())
	case 5:
		return v.Xor(pick(b.gen, of))
	}
	return v.Add(b.count).And(model.Int(1<<maskBits - 1))
}

// within is a value in the range of the shared mask v. A few may not be, for the error's sake.
func (b *body) within(v *model.Var) model.Value {
	if b.roll(16) == 15 {
		return b.value()
	}
	return model.Of(b.value()).And(model.Int(v.Hi))
}

// amount is any small number, negative ones included.
func (b *body) amount() model.Value {
	switch b.roll(4) {
	case 0:
		return model.Int(b.roll(5) - 2)
	case 1:
		return b.count
	case 2:
		return b.count.Sub(b.value())
	}
	return b.count.Add(model.Int(1))
}

// cond is a condition on locals and parameters.
func (b *body) cond() model.Expr {
	v, k := model.Of(b.value()), b.bits()
	tests := []func() model.Expr{
		func() model.Expr { return b.ok.NonZero() },
		func() model.Expr { return b.ok.IsZero() },
		func() model.Expr { return v.Has(k) },
		func() model.Expr { return v.Lacks(k) },
		func() model.Expr { return v.Eq(k) },
		func() model.Expr { return v.Ne(b.mask) },
		func() model.Expr { return v.Lt(k) },
		func() model.Expr { return v.Ge(b.count) },
		func() model.Expr { return b.count.Le(b.amount()) },
		func() model.Expr { return b.count.Gt(b.amount()) },
		func() model.Expr { return model.All(v.Has(k), b.ok) },
		func() model.Expr { return model.Any(v.IsZero(), b.ok, b.count.Eq(k)) },
		func() model.Expr { return b.away.Gt(model.Int(b.far.Lo)) },
		func() model.Expr { return b.held.At(b.at.And(model.Int(1))).Lt(b.node) },
		func() model.Expr { return b.ptr.Eq(b.address()) },
	}
	return pick(b.gen, tests)()
}

// outlook is a condition on the CPUs and their interrupts.
func (g *gen) outlook() model.Expr {
	c := g.cpu()
	switch g.roll(5) {
	case 0:
		return c.Done()
	case 1:
		return c.Interrupted().IsZero()
	case 2:
		if len(g.ipis) > 0 {
			return pick(g, g.ipis).Pending()
		}
	case 3:
		return c.In(model.Frames(model.User, model.IRQ, model.NMIEntry))
	}
	return c.In(model.Frames(model.Body, model.Exit, model.NMIBody))
}

// block appends up to n statements that nest at most to the given depth.
func (b *body) block(depth, n int) {
	for range 1 + b.roll(n) {
		if b.left--; b.left < 0 {
			return
		}
		switch k := b.roll(10); {
		case k < 4:
			b.step(depth)
		case k < 6 || depth == 0:
			b.local()
		default:
			b.compound(depth - 1)
		}
	}
}
