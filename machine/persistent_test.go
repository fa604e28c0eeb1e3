package machine_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"ctcheck/internal/plain"
	"ctcheck/machine"
)

func within(f, g []uint64) bool {
	return !crosses(f, g, true)
}

func meet(f, g []uint64) bool { return crosses(f, g, false) }

// crosses reports whether f has a bit that is, or with out is not, in g.
func crosses(f, g []uint64, out bool) bool {
	for i := range f {
		if h := g[i]; f[i]&h != 0 && !out || f[i]&^h != 0 && out {
			return true
		}
	}
	return false
}

// moves is what a CPU can do in s, and what comes of it.
func moves(m *machine.Machine, p *machine.Persistent, s []uint64, cpu int) (does []string, to [][]uint64) {
	for t := range m.Transitions() {
		dst, fx := make([]uint64, m.Words()), machine.Effects{}
		if m.Transition(t).CPU == cpu && m.Fire(s, t, dst, &fx) && fx.Err == nil {
			does = append(does, fmt.Sprint(t, fx.Failed, fx.Reached, p.Flipped(s, dst)))
			to = append(to, dst)
		}
	}
	return does, to
}

// What persistent sets rest on is true of every state of random programs: what a CPU does stays within
// what it may ever do, which only gets less, and does not depend on what others do outside its footprint.
func TestFootprintsOfTheFuture(t *testing.T) {
	states, steps := 0, 0
	for seed := range uint64(1200) {
		var data []byte
		for i := range uint64(64) {
			data = binary.LittleEndian.AppendUint64(data, (seed+1)*0x9e3779b97f4a7c15^(i+1)*0xd6e8feb86659fd93)
		}
		prog, ms := plain.Random(data)
		m, err := machine.Compile(machine.Options{}, prog, ms...)
		if err != nil {
			continue
		}
		p := m.Persistent()
		first, _ := m.Initial()
		seen := map[string]bool{fmt.Sprint(first): true}
		for queue := [][]uint64{slices.Clone(first)}; len(queue) > 0 && len(seen) < 400; queue = queue[1:] {
			s := queue[0]
			states++
			var does [][]string
			var to [][][]uint64
			for i := range prog.CPUs {
				d, n := moves(m, p, s, i)
				does, to = append(does, d), append(to, n)
			}
			for i := range prog.CPUs {
				touch, later, writes := p.Claimed(s, i)
				if !within(touch, later) || !within(writes, later) {
					t.Fatalf("seed %d: CPU %d may later do less than now", seed, i)
				}
				for j := range prog.CPUs {
					for _, next := range to[j] {
						steps++
						flips := p.Flipped(s, next)
						if j == i {
							_, l, w := p.Claimed(next, i)
							if !within(flips, writes) || !within(l, later) || !within(w, writes) {
								t.Fatalf("seed %d: CPU %d does what it was not to do: %x", seed, i, flips)
							}
							continue
						}
						if after, _ := moves(m, p, next, i); !meet(flips, touch) && !slices.Equal(after, does[i]) {
							t.Fatalf("seed %d: CPU %d depends on CPU %d: %v, %v", seed, i, j, does[i], after)
						}
					}
				}
			}
			for _, next := range slices.Concat(to...) {
				if k := fmt.Sprint(next); !seen[k] {
					seen[k] = true
					queue = append(queue, next)
				}
			}
		}
	}
	if states < 20_000 || steps < 100_000 {
		t.Errorf("only %d states and %d steps were looked at", states, steps)
	}
	t.Log(states, steps)
}
