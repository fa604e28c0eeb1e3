package explore

import (
	"errors"
	"slices"
	"testing"

	"ctcheck/machine"
	"ctcheck/states"
)

// A walk meets every state once, the nearer ones first, and the way back to each is a run that leads there. A
// second walk among these states meets them in the same order, wherever it was told that they all are; where one of
// them is missing it says so.
func TestWalk(t *testing.T) {
	programs := 0
	for seed := range uint64(40) {
		p, ms := randomProgram(seed, false)
		m, err := machine.Compile(machine.Options{}, p, ms...)
		if err != nil {
			t.Fatal(err)
		}
		initial, fx := m.Initial()
		if fx.Err != nil {
			continue
		}
		set, pred := states.NewSet(m.Words()), newPredecessors()
		set.Add(initial)
		w := walk{m: m, set: set, pred: pred, stop: func() bool { return false }}
		if w.run() != nil {
			continue // a fault of the program
		}
		programs++
		far, want := 0, layers(t, m)
		count := make([]int, len(want.states))
		for i := range uint32(set.Len()) {
			path := pred.path(i)
			if len(path) < far || len(path) >= len(count) {
				t.Fatalf("seed %d: state %d is %d steps away, after one of %d", seed, i, len(path), far)
			}
			far = len(path)
			count[far]++
			s, dst := slices.Clone(initial), make([]uint64, m.Words())
			for _, id := range path {
				if !m.Fire(s, int(id), dst, &fx) {
					t.Fatalf("seed %d: the way to state %d is none", seed, i)
				}
				copy(s, dst)
			}
			if !slices.Equal(s, set.At(i)) {
				t.Fatalf("seed %d: the way to state %d leads elsewhere", seed, i)
			}
		}
		if !slices.Equal(count, want.states) {
			t.Errorf("seed %d: %v states by distance, want %v", seed, count, want.states)
		}
		met := map[uint32]bool{0: true}
		again := walk{m: m, set: set, stop: func() bool { return false }, among: &among{queue: []uint32{0},
			met: func(i uint32) bool { return met[i] }}}
		again.met = func(i uint32) { met[i] = true }
		err = again.run()
		if q := again.among.queue; err != nil || len(q) != set.Len() || !slices.IsSorted(q) {
			t.Errorf("seed %d: %v, and %v are met", seed, err, q)
		}
		if set.Len() == 1 {
			continue
		}
		again.set, again.among.queue = states.NewSet(m.Words()), []uint32{0}
		again.set.Add(initial)
		if err := again.run(); !errors.Is(err, errUnknownState) {
			t.Errorf("seed %d: %v, and states are missing", seed, err)
		}
	}
	if programs < 10 {
		t.Errorf("only %d programs had no fault", programs)
	}
}
