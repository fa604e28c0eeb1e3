package machine_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"ctcheck/internal/plain"
	"ctcheck/machine"
	"ctcheck/model"
)

// firstStates is up to so many states that a machine reaches.
func firstStates(m *machine.Machine, most int) [][]uint64 {
	first, _ := m.Initial()
	all, seen := [][]uint64{slices.Clone(first)}, map[string]bool{fmt.Sprint(first): true}
	for i := 0; i < len(all) && len(all) < most; i++ {
		for t := range m.Transitions() {
			dst, fx := make([]uint64, m.Words()), machine.Effects{}
			if m.Fire(all[i], t, dst, &fx) && fx.Err == nil && !seen[fmt.Sprint(dst)] {
				seen[fmt.Sprint(dst)] = true
				all = append(all, dst)
			}
		}
	}
	return all
}

// A judgment counts what Valid said of forged words.
type judgment struct {
	m              *machine.Machine
	step           *machine.Stepper
	sym            *machine.Symmetry
	valid, invalid int
}

// forge changes a few bits of a state, and has the machine go on from there if Valid takes it for a state.
func (j *judgment) forge(t *testing.T, rnd *rand.Rand, s, other []uint64) {
	t.Helper()
	m := j.m
	s = slices.Clone(s)
	for range 1 + rnd.IntN(3) {
		w, low := rnd.IntN(len(s)), rnd.IntN(64)
		mask := uint64(1)<<low<<rnd.IntN(6) - 1<<low
		if rnd.IntN(2) == 0 {
			s[w] ^= mask & rnd.Uint64()
		} else {
			s[w] = s[w]&^mask | other[w]&mask
		}
	}
	if !m.Valid(s) {
		j.invalid++
		return
	}
	j.valid++
	j.step.Expand(s, &machine.Successors{})
	j.step.Judge(s)
	j.sym.Orbit(s)
	for tr := range m.Transitions() {
		dst, fx := make([]uint64, m.Words()), machine.Effects{}
		if !m.Fire(s, tr, dst, &fx) || fx.Err != nil {
			continue
		}
		if !m.Valid(dst) {
			t.Fatalf("%x is valid, but not %x, where transition %d leads", s, dst, tr)
		}
		j.sym.Canon(dst)
	}
}

// Every state of random programs is valid, under both memory models; and whatever else is taken for a state can
// be gone on from, to states only.
func TestValidStates(t *testing.T) {
	seeds := uint64(400)
	if testing.Short() {
		seeds = 40
	}
	rnd, j := rand.New(rand.NewPCG(5, 6)), judgment{}
	for seed := range seeds {
		var data []byte
		for i := range uint64(64) {
			data = binary.LittleEndian.AppendUint64(data, (seed+1)*0x9e3779b97f4a7c15^(i+1)*0xd6e8feb86659fd93)
		}
		prog, ms := plain.Random(data)
		sizes := []int{int(seed%3) + 1, 2, 1}
		m, err := machine.Compile(machine.Options{Memory: model.MemoryModel(seed % 2), BufferSizes: sizes}, prog,
			ms...)
		if err != nil {
			continue
		}
		all := firstStates(m, 300)
		j.m, j.step, j.sym = m, m.NewStepper(), m.Symmetry()
		for _, s := range all {
			if !m.Valid(s) {
				t.Fatalf("seed %d: %x is not valid, but reached", seed, s)
			}
			j.forge(t, rnd, s, all[rnd.IntN(len(all))])
		}
	}
	if j.valid < 1000 || j.invalid < 1000 {
		t.Errorf("%d forged words were valid, %d were not: too few of one", j.valid, j.invalid)
	}
}

// What is no state is not taken for one.
func TestInvalidStates(t *testing.T) {
	p := model.New("invalid")
	x := p.Shared("x", model.Range{Lo: 3, Hi: 5}, model.Int(3)) // two bits, of which 3 is no value
	p.CPU("CPU").Run(p.Routine("main", func(r *model.Routine) {
		r.WriteOnce("x = 4", x, model.Int(4))
		r.WriteOnce("x = 5", x, model.Int(5))
	}))
	m, err := machine.Compile(machine.Options{Memory: model.TSO, BufferSizes: []int{2}}, p)
	if err != nil {
		t.Fatal(err)
	}
	if m.Valid(nil) || m.Valid([]uint64{0}) {
		t.Error("no words, or zero, are taken for a state")
	}
	reached := map[uint64]bool{}
	for _, s := range firstStates(m, 100) {
		reached[s[0]] = true
	}
	valid := 0
	for s := range uint64(1) << (m.Bits() + 2) {
		if ok := m.Valid([]uint64{s}); ok {
			valid++
		} else if reached[s] {
			t.Errorf("%x is reached, but not valid", s)
		}
	}
	// Three values in memory, three program counters, and in the buffer nothing, one store or two of three values.
	if want := 3 * 3 * (1 + 3 + 9); valid != want {
		t.Errorf("%d states are valid, want %d", valid, want)
	}
	if high := uint64(1) << 63; m.Valid([]uint64{1<<m.Bits() | high}) {
		t.Error("a bit that belongs to nothing is set")
	}
}
