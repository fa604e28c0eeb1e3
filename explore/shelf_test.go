package explore

import (
	"context"
	"testing"

	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/states"
	"ctcheck/verdict"
)

// burst is a CPU that stores so often without a barrier, beside one that pauses; claim says that it never stores
// the last value.
func burst(n int, bad int64) (*model.Program, *model.Monitor) {
	p := model.New("burst")
	x := p.Shared("x", model.Bits(5), model.Int(0))
	p.CPU("busy").Run(p.Routine("busy", func(r *model.Routine) {
		for i := range n {
			r.WriteOnce("x = i", x, model.Int(i+1))
		}
	}))
	p.CPU("idle").Run(p.Routine("idle", func(r *model.Routine) {
		for range 9 {
			r.Pause("pause")
		}
	}))
	return p, never("never", x.Eq(model.Int(bad)))
}

// The array of a bitstate store is made once for all sizes of the store buffers, and each search with it is as one
// with an array of its own. Where something is violated it makes room for the search for a trace.
func TestBitstateKeepsItsArray(t *testing.T) {
	for _, order := range []Order{DepthFirst, BreadthFirst} {
		for _, bad := range []int64{31, 9, 1} { // never, with room for all only, and at once
			o := Options{Memory: model.TSO, Search: order, Store: Bitstate, Seed: 3, MaxBytes: 1 << 20}
			p, claim := burst(9, bad)
			h, arrays, searches := &shelf{}, map[*states.Bitset]bool{}, 0
			err := withBuffers(o.Memory, p, []*model.Monitor{claim}, nil, func(m *machine.Machine, larger uint64) (
				uint64, error) {
				before := h.bits
				r, outgrew, err := runWithin(context.Background(), m, o, larger, h)
				if err != nil {
					return 0, err
				}
				own, _, err := runWithin(context.Background(), m, o, larger, &shelf{})
				if err != nil {
					return 0, err
				}
				if r.States != own.States || r.Transitions != own.Transitions || *r.Search.Estimate !=
					*own.Search.Estimate || r.Search.Bytes != own.Search.Bytes || r.Verdict != own.Verdict {
					t.Errorf("%v, %d: %+v; with an array of its own %+v", order, bad, r, own)
				}
				again := r.Bound == verdict.AtBuffer
				if kept := h.bits != nil; kept != (again && r.Verdict != verdict.Violated) {
					t.Errorf("%v, %d: the array is kept: %t; cut by %q, %v", order, bad, kept, r.Bound, r.Verdict)
				}
				if again {
					searches++
					arrays[h.bits] = true
				} else if bad == 31 && before == nil {
					t.Errorf("%v: the last search made an array", order)
				}
				return outgrew, nil
			})
			if err != nil || searches < 4 || bad == 31 && len(arrays) != 1 {
				t.Errorf("%v, %d: error %v, %d searches, %d arrays", order, bad, err, searches, len(arrays))
			}
			h.release()
		}
	}
}
