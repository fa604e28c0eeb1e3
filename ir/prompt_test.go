package ir_test

import (
	"fmt"
	"strings"
	"testing"

	"ctcheck/ir"
	"ctcheck/model"
)

// A store needs no buffer exactly if, until the buffer has to be empty, its CPU does nothing that is anything to
// others but more such stores. The test is long for its table.
func TestPrompt(t *testing.T) {
	type env struct {
		r               *model.Routine
		x, y, seen, reg *model.Var
		l               *model.Var
	}
	x1 := func(e env) { e.r.WriteOnce("x = 1", e.x, model.Int(1)) }
	y1 := func(e env) { e.r.WriteOnce("y = 1", e.y, model.Int(1)) }
	loadY := func(e env) { e.r.ReadOnce("l = y", e.l, e.y) }
	for _, row := range []struct {
		want string // of each store that may wait, in their order
		code func(e env)
		why  string
	}{
		{"true", func(e env) { x1(e) }, "the end follows"},
		{"true true", func(e env) { x1(e); y1(e) }, "a store that needs none follows, and the end"},
		{"false", func(e env) { x1(e); loadY(e) }, "a load follows"},
		{"false false", func(e env) { x1(e); y1(e); loadY(e) }, "a load follows, after a store"},
		{"true", func(e env) { x1(e); e.r.SmpMb(); loadY(e) }, "a barrier comes before the load"},
		{"true", func(e env) { x1(e); e.r.AtomicAdd("y++", e.y, model.Int(1)); loadY(e) },
			"so does a locked instruction"},
		{"false", func(e env) { x1(e); e.r.SmpWmb(); loadY(e) }, "that is no barrier on x86"},
		{"true", func(e env) { loadY(e); x1(e); e.r.Set(e.reg, e.l) }, "what follows is the CPU's own"},
		{"false", func(e env) { x1(e); e.r.Set(e.seen, model.True) }, "another CPU looks at what follows"},
		{"false", func(e env) { x1(e); e.r.Set(e.reg, e.seen) }, "what follows looks at what another CPU changes"},
		{"false", func(e env) { loadY(e); x1(e); e.r.If(e.l.Eq(model.Int(1)), func() { loadY(e) }) },
			"a load may follow"},
		{"true true", func(e env) { loadY(e); e.r.If(e.l.Eq(model.Int(1)), func() { x1(e) }); y1(e) },
			"on either way"},
		{"false", func(e env) { x1(e); e.r.Pause("stay") }, "the CPU may stay there"},
		{"false", func(e env) { x1(e); e.r.Await("seen", e.seen.Eq(model.Int(1))) }, "a wait follows"},
		{"false", func(e env) { e.r.WriteOnce("x = seen", e.x, e.seen); e.r.Set(e.seen, model.Int(1)) },
			"its operand"},
		{"false", func(e env) { e.r.Forever(func() { x1(e); loadY(e) }) }, "a load follows in a loop"},
		{"true", func(e env) { e.r.Forever(func() { x1(e) }) }, "nothing but itself follows"},
		{"", func(e env) { e.r.Atomic("both", func() { x1(e); loadY(e) }) }, "inside an Atomic none waits"},
	} {
		for _, hit := range []bool{false, true} {
			p := model.New("prompt")
			e := env{x: p.Shared("x", model.UpTo(1), model.Int(0)), y: p.Shared("y", model.UpTo(1).Mod(),
				model.Int(0)),
				seen: p.Ghost("seen", model.Bool, model.Int(0)), reg: p.Ghost("reg", model.UpTo(1), model.Int(0))}
			c := p.CPU("CPU0")
			c.Run(p.Routine("CPU0", func(r *model.Routine) {
				e.r, e.l = r, r.LocalOf("l", e.y)
				row.code(e)
			}))
			p.CPU("CPU1").Run(p.Routine("CPU1", func(r *model.Routine) {
				l := r.LocalOf("l", e.x)
				r.ReadOnce("l = x", l, e.x)
				r.Set(e.seen, e.seen)
			}))
			if hit { // by NMIs
				c.OnNMI(p.Routine("nmi", func(r *model.Routine) { r.Pause("nmi") }), 1, 1)
			}
			for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
				want := row.want
				if hit {
					want = strings.ReplaceAll(want, "true", "false")
				}
				low, err := ir.Lower(p)
				if err != nil {
					t.Fatal(err)
				}
				before := ir.Flow{Program: low, Memory: mm}
				after := before
				after.FindPrompt()
				if mm == model.SC {
					want = ""
				}
				if got := prompts(before, after); got != want {
					t.Errorf("under %s, NMIs %t: %q, want %q: %s", mm, hit, got, want, row.why)
				}
			}
		}
	}
}

// prompts is, of the stores that may wait before, whether they need no buffer after, where they have to drain it.
func prompts(before, after ir.Flow) (list string) {
	for i := range before.Code {
		in := &before.Code[i]
		if !before.Buffered(in) {
			continue
		}
		if list != "" {
			list += " "
		}
		list += fmt.Sprint(!after.Buffered(in))
		if after.Buffered(in) == after.Drains(in) {
			list += "?"
		}
	}
	return list
}
