package machine

import (
	"fmt"
	"slices"
	"testing"

	"ctcheck/model"
)

// sleepers is CPUs some of whose steps depend on each other, with events that reach and violate something, and so
// many steps that states have one word or several.
func sleepers(t *testing.T, cpus, wide int) *Machine {
	t.Helper()
	p := model.New("sleepers")
	x := p.Shared("x", model.UpTo(3).Mod(), model.Int(0))
	for i := range wide {
		p.Shared(fmt.Sprint("wide", i), model.UpTo(1<<31), model.Int(5))
	}
	for i := range cpus {
		own := p.Shared(fmt.Sprint("own", i), model.UpTo(3), model.Int(0))
		p.CPU(fmt.Sprint("CPU", i)).Run(p.Routine("main", func(r *model.Routine) {
			r.WriteOnce("own = 1", own, model.Int(1))
			r.Event("told")
			r.AtomicAdd("x++", x, model.Int(1))
			r.WriteOnce("own = 2", own, model.Int(2))
			r.Choose(r.When(model.True, func() { r.Pause("a") }), r.When(model.True, func() {
				r.WriteOnce("own = 3", own, model.Int(3))
			}))
		}))
	}
	p.Reached("is told", "told", nil)
	return compile(t, p, &model.Monitor{Name: "never told", On: func(ev model.Event) []*model.Stmt {
		if ev.Kind != "told" || ev.CPU.Index == 0 {
			return nil
		}
		return model.Build((*model.Code).Fail)
	}})
}

func effectsOf(all []SuccessorEffects) []string {
	var list []string
	for _, e := range all {
		list = append(list, fmt.Sprint(e.Failed, e.Reached))
	}
	slices.Sort(list)
	return list
}

// A search by layers that leaves out what was done in another order meets every state, at its distance, and is told
// of every effect, also of the steps that are left out; and it leaves out some.
func TestSleepersMeetAllStates(t *testing.T) {
	for _, row := range []struct{ cpus, wide int }{{2, 0}, {3, 0}, {2, 3}, {3, 3}, {9, 0}} {
		m := sleepers(t, row.cpus, row.wide)
		st, all := m.NewStepper(), m.NewStepper()
		first, _ := m.Initial()
		layer := map[string]uint8{fmt.Sprint(first): 0}
		words := map[string][]uint64{fmt.Sprint(first): slices.Clone(first)}
		seen := map[string]int{fmt.Sprint(first): 0}
		left := 0
		for depth := 1; len(layer) > 0 && depth <= 6; depth++ {
			next := map[string]uint8{}
			for key, done := range layer {
				s := words[key]
				var out, want Successors
				n, owed := st.ExpandSleep(s, done, &out)
				if n != all.Expand(s, &want) || owed != (n > 0) {
					t.Fatalf("%+v: %d successors of %v, owed %t, want %d", row, n, s, owed, len(want.Via))
				}
				if got := effectsOf(out.Effects); !slices.Equal(got, effectsOf(want.Effects)) {
					t.Fatalf("%+v: effects %v of %v, want %v", row, got, s, effectsOf(want.Effects))
				}
				for _, e := range out.Effects {
					if e.Index >= len(out.Done) {
						t.Fatalf("%+v: effects of successor %d of %d", row, e.Index, len(out.Done))
					}
				}
				left += n - len(out.Done)
				kept := 0
				for i := 0; i < len(want.Words); i += m.words {
					to, cpu := want.Words[i:i+m.words], m.trans[want.Via[i/m.words]].CPU
					if cpu < maxDone && done>>cpu&1 != 0 {
						continue
					}
					if !slices.Equal(out.Words[kept*m.words:(kept+1)*m.words], to) {
						t.Fatalf("%+v: successor %d of %v is another one", row, kept, s)
					}
					if k := fmt.Sprint(to); seen[k] == 0 && k != fmt.Sprint(first) {
						seen[k], next[k], words[k] = depth, out.Done[kept], slices.Clone(to)
					}
					kept++
				}
				if kept != len(out.Done) {
					t.Fatalf("%+v: %d successors of %v, want %d", row, len(out.Done), s, kept)
				}
			}
			layer = next
		}
		want := layers(t, m, 6)
		if len(seen) != len(want) || left == 0 {
			t.Errorf("%+v: %d states within 6 steps, want %d; %d successors left out", row, len(seen),
				len(want), left)
		}
		for k, d := range want {
			if seen[k] != d {
				t.Fatalf("%+v: %s is at %d, want %d", row, k, seen[k], d)
			}
		}
	}
}

// layers is the states within so many steps, with their distances.
func layers(t *testing.T, m *Machine, most int) map[string]int {
	t.Helper()
	first, _ := m.Initial()
	at := map[string]int{fmt.Sprint(first): 0}
	now := [][]uint64{slices.Clone(first)}
	for depth := 1; depth <= most; depth++ {
		var next [][]uint64
		for _, s := range now {
			for tr := range m.Transitions() {
				dst := make([]uint64, m.Words())
				var fx Effects
				if !m.Fire(s, tr, dst, &fx) {
					continue
				}
				if _, known := at[fmt.Sprint(dst)]; !known {
					at[fmt.Sprint(dst)] = depth
					next = append(next, dst)
				}
			}
		}
		now = next
	}
	return at
}
