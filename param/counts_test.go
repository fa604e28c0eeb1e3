package param_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/param"
)

// counted is a family whose target adds to a count of so many bits above a flag, and whose replicas compare
// copies of it. With rounds the target adds so often, without it goes on for ever. It is long, as one
// program is.
func counted(seed uint64, replicas, bits, rounds int) (*model.Program, []*model.Monitor) {
	code := func(of uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, of)) }
	p := model.New(fmt.Sprint("counted ", seed))
	word := p.Shared("word", model.Bits(1+bits).Mod(), model.Int(0)).Flag(model.Int(1), "FLAG")
	word.Endless = word.Hi &^ 1
	x := p.Shared("x", model.UpTo(3).Mod(), model.Int(0))
	target := p.CPU("target")
	target.Run(p.Routine("target", func(r *model.Routine) {
		g := code(1)
		l := r.LocalOf("l", word)
		n := 1 + g.IntN(3)
		body := func() {
			r.AtomicAddReturn("word += 2", l, word, model.Int(2))
			for i := range n {
				switch g.IntN(4) {
				case 0:
					r.AtomicAndnot(fmt.Sprint("word &= ~1, ", i), word, model.Int(1))
				case 1:
					r.If(l.Has(model.Int(1)), func() { r.AtomicAdd(fmt.Sprint("x++ ", i), x, model.Int(1)) })
				case 2:
					r.AtomicSet(fmt.Sprint("x = 0, ", i), x, model.Int(0))
				case 3:
					r.AtomicAddReturn(fmt.Sprint("word += 2, ", i), l, word, model.Int(2))
				}
			}
		}
		if rounds == 0 {
			r.Forever(body)
			return
		}
		left := r.Local("left", model.UpTo(int64(rounds)))
		r.Set(left, model.Int(rounds))
		r.While(left.NonZero(), func() {
			r.Set(left, left.Sub(model.Int(1)))
			body()
		})
	}))
	for i := range replicas {
		c := p.CPU(fmt.Sprint("replica", i))
		c.Run(p.Routine(c.Name, func(r *model.Routine) {
			g := code(2)
			q, found, y := r.LocalOf("q", word), r.LocalOf("found", word), r.Local("y", model.UpTo(3))
			k := model.Int(g.IntN(4))
			r.Forever(func() {
				r.AtomicRead("q = word", q, word)
				if g.IntN(2) == 0 {
					r.Pause("waits")
				}
				if g.IntN(2) == 0 {
					r.AtomicAdd("x++", x, model.Int(1))
				}
				if g.IntN(2) == 0 {
					r.AtomicRead("y = x", y, x)
				}
				r.Cmpxchg("found = cmpxchg(word, q, q | 1)", found, word, q, q.Or(model.Int(1)))
				r.If(found.Eq(q), func() {
					if g.IntN(2) == 0 {
						r.AtomicRead("y = x, again", y, x)
					}
					r.WarnOnOnce("WARN_ON_ONCE", y.Eq(k))
				})
				r.Set(q, model.Int(0))
				r.Set(found, model.Int(0))
				r.Set(y, model.Int(0))
			})
		}))
		p.Replicated = append(p.Replicated, c)
	}
	flagged := x.Eq(model.Int(code(3).IntN(4))).And(word.Has(model.Int(1)))
	return p, []*model.Monitor{warns(), {Name: "never", Never: flagged}}
}

// Copies of a count that does not end may be forgotten once they are old: what fails is the same for a count of two
// bits and for one of four, and has in it what fails where the count is so long that it does not come round.
func TestAgeing(t *testing.T) {
	seeds := uint64(150)
	if testing.Short() {
		seeds = 40
	}
	fails, holds, longer, trees := 0, 0, 0, 0
	for seed := range seeds {
		var failed [2]uint64
		var tree *param.Counters
		for i, bits := range []int{2, 4} {
			y, err := param.Load(model.SC, func(n int) (*model.Program, []*model.Monitor, error) {
				p, ms := counted(seed, n, bits, 0)
				return p, ms, nil
			})
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			v := y.Views(context.Background(), param.Limit{})
			if !v.Done || v.Fault != nil {
				t.Fatalf("seed %d: %+v", seed, v.Alarms)
			}
			failed[i] = v.Failed
			c := y.Counters(context.Background(), param.Limit{Nodes: 2000})
			if c.Failed&^v.Failed != 0 || c.Fault != nil {
				t.Errorf("seed %d: the tree says %+v, views %+v", seed, c.Alarms, v.Alarms)
			}
			if tree == nil || !tree.Done {
				tree = c
			}
		}
		if failed[0] != failed[1] {
			t.Errorf("seed %d: %b fail with two bits, %b with four", seed, failed[0], failed[1])
		}
		for n := 1; n <= 2; n++ {
			p, ms := counted(seed, n, 6, 3)
			m, err := machine.Compile(machine.Options{}, p, ms...)
			if err != nil {
				t.Fatal(err)
			}
			_, bad, _, ok := reachable(m, 20000)
			if ok {
				longer++
			}
			if ok && (bad&^failed[0] != 0 || tree.Done && bad&^tree.Failed != 0) {
				t.Errorf("seed %d: %d replicas fail %b, views say %b, the tree %+v", seed, n, bad, failed[0],
					tree.Alarms)
			}
			if ok && tree.Done {
				trees++
			}
		}
		if failed[0] == 0 {
			holds++
		} else {
			fails++
		}
	}
	t.Logf("%d fail, %d hold, %d with a long count", fails, holds, longer)
	if fails == 0 || holds == 0 || longer == 0 || trees == 0 {
		t.Error("the families say little")
	}
}
