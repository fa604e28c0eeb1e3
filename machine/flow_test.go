package machine

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"ctcheck/internal/plain"
	"ctcheck/ir"
	"ctcheck/model"
)

// What a step does lies within what the flow graph says of it: on random programs every step ends before one of the
// boundaries of its stretch, or leaves the level where that returns, and changes nothing that the stretch does
// not write. That the graph says no more than it has to, TestFlow in package ir shows.
func TestStepsLieWithinTheirStretches(t *testing.T) {
	programs := 400
	if testing.Short() {
		programs = 40
	}
	steps, returns := 0, 0
	for seed := range uint64(programs) {
		r := rand.New(rand.NewPCG(seed, 1))
		data := make([]byte, 400)
		for i := 0; i < len(data); i += 8 {
			binary.LittleEndian.PutUint64(data[i:], r.Uint64())
		}
		p, ms := plain.Random(data)
		for _, mm := range model.MemoryModels() {
			m, err := Compile(Options{Memory: mm}, p, ms...)
			if err != nil {
				continue // faults of programs are other tests' business
			}
			n, left := followSteps(t, m, seed)
			steps, returns = steps+n, returns+left
		}
	}
	t.Logf("%d steps, %d of which left their level", steps, returns)
	if steps < 20*programs || returns < programs {
		t.Errorf("only %d steps, %d of which left their level", steps, returns)
	}
}

// followSteps looks at the steps from the first states of a machine.
func followSteps(t *testing.T, m *Machine, seed uint64) (steps, returns int) {
	t.Helper()
	first, fx := m.Initial()
	if fx.Err != nil {
		return 0, 0
	}
	queue := [][]uint64{first}
	for at := 0; at < len(queue) && at < 60; at++ {
		s := queue[at]
		for id, tr := range m.trans {
			dst := make([]uint64, m.words)
			var fx Effects
			if !m.Fire(s, id, dst, &fx) || fx.Err != nil {
				continue
			}
			if !slices.ContainsFunc(queue, func(q []uint64) bool { return slices.Equal(q, dst) }) {
				queue = append(queue, dst)
			}
			if tr.Kind != ir.Step {
				continue
			}
			steps++
			c := &m.cpus[tr.CPU]
			lv := &c.levels[c.top(s)]
			st := m.flow.Stretch(lv.points[lv.pc.get(s)-lv.bias].ip, false)
			if pc := lv.pc.get(dst) - lv.bias; pc < 0 {
				returns++
				if !st.Returns {
					t.Errorf("seed %d: %v leaves its level, which the flow graph says it cannot", seed, tr)
				}
			} else if !slices.Contains(st.Ends, lv.points[pc].ip) {
				t.Errorf("seed %d: %v ends before an instruction that is not among %v", seed, tr, st.Ends)
			}
			checkWrites(t, m, lv, st, s, dst, seed)
		}
	}
	return steps, returns
}

// checkWrites compares what a step changed with what its stretch writes.
func checkWrites(t *testing.T, m *Machine, lv *level, st ir.Stretch, s, dst []uint64, seed uint64) {
	t.Helper()
	_, writes := m.flow.Touches(st)
	written := make(footprint, m.words)
	for _, ip := range st.Code {
		written.addWrites(&m.code[ip])
	}
	written.add(lv.pc)
	for _, e := range m.cpus[lv.cpu].buffered() {
		written.add(e)
	}
	for i := range s {
		if (s[i]^dst[i])&^written[i] != 0 {
			t.Errorf("seed %d: a step changes what it does not write: it writes %d variables", seed, len(writes))
		}
	}
}

// buffered is the places of a CPU's store buffer.
func (c *cpu) buffered() (ls []*loc) {
	if c.buf == nil {
		return nil
	}
	for _, e := range c.buf.entries {
		ls = append(ls, e.site, e.value)
	}
	return ls
}
