package machine_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"ctcheck/internal/plain"
	"ctcheck/machine"
)

// randomPrograms yields machines of random programs.
func randomPrograms(n uint64, o machine.Options, yield func(seed uint64, m *machine.Machine)) {
	for seed := range n {
		var data []byte
		for i := range uint64(64) {
			data = binary.LittleEndian.AppendUint64(data, (seed+1)*0x9e3779b97f4a7c15^(i+1)*0xd6e8feb86659fd93)
		}
		prog, ms := plain.Random(data)
		o.BufferSizes = nil
		if o.Memory.HasBuffers() {
			o.BufferSizes = slices.Repeat([]int{2}, len(prog.CPUs))
		}
		if m, err := machine.Compile(o, prog, ms...); err == nil {
			yield(seed, m)
		}
	}
}

// statesOf is some states of the machine, those nearest to the first one.
func statesOf(m *machine.Machine, most int) [][]uint64 {
	first, _ := m.Initial()
	all := [][]uint64{slices.Clone(first)}
	seen := map[string]bool{fmt.Sprint(first): true}
	var b machine.Successors
	step := m.NewStepper()
	for i := 0; i < len(all) && len(all) < most; i++ {
		b.Reset()
		step.Expand(all[i], &b)
		for s := range slices.Chunk(b.Words, m.Words()) {
			if k := fmt.Sprint(s); !seen[k] {
				seen[k] = true
				all = append(all, slices.Clone(s))
			}
		}
	}
	return all
}

// What a chooser remembers of the places where CPUs stood changes nothing of what it chooses, and what it prunes is
// the steps of the CPUs that it did not choose, with their effects, and nothing that stood in the batch before.
func TestPruneTakesWhatWasNotChosen(t *testing.T) {
	pruned, effects := 0, 0
	randomPrograms(250, machine.Options{}, func(seed uint64, m *machine.Machine) {
		p, w := m.Persistent(), m.Words()
		long, step := p.NewChooser(), m.NewStepper()
		for _, s := range statesOf(m, 120) {
			var before, all, b machine.Successors
			step.Expand(s, &all)
			n := len(all.Via)
			step.Expand(s, &b)
			step.Expand(s, &b) // the first of them are of another state
			chosen, left := p.NewChooser().Choose(s)
			if c, l := long.Choose(s); c != chosen || l != left {
				t.Fatalf("seed %d: %b and %d left of %v, a new chooser says %b and %d", seed, c, l, s, chosen, left)
			}
			before = all
			before.Words, before.Via = slices.Clone(all.Words), slices.Clone(all.Via)
			before.Effects = slices.Clone(all.Effects)
			for i, via := range all.Via {
				if chosen>>m.Transition(int(via)).CPU&1 == 0 {
					continue
				}
				for _, e := range all.Effects {
					if e.Index == i {
						effects++
						before.Effects = append(before.Effects, machine.SuccessorEffects{Index: len(before.Via),
							Effects: e.Effects})
					}
				}
				before.Via = append(before.Via, via)
				before.Words = append(before.Words, all.Words[i*w:(i+1)*w]...)
			}
			took := long.Prune(s, &b, n)
			pruned += took
			same := slices.EqualFunc(b.Effects, before.Effects, func(a, b machine.SuccessorEffects) bool {
				return a.Index == b.Index && a.Failed == b.Failed && a.Reached == b.Reached &&
					a.Progress == b.Progress
			})
			if took != left || !slices.Equal(b.Via, before.Via) || !slices.Equal(b.Words, before.Words) || !same {
				t.Fatalf("seed %d: of %v %d were taken and %v left, want %d and %v; the same effects: %t", seed,
					s, took,
					b.Via, left, before.Via, same)
			}
		}
	})
	if pruned < 100 || effects < 10 {
		t.Errorf("%d steps were pruned and %d left with effects; that shows little", pruned, effects)
	}
}
