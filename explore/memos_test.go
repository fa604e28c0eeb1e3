package explore

import (
	"testing"

	"ctcheck/machine"
)

// What the stepper remembers counts, with what it may grow by; where that does not fit it begins anew.
func TestLossySearchForgetsWhatDoesNotFit(t *testing.T) {
	m := compile(t, grid(3, 9))
	first, _ := m.Initial()
	for _, limit := range []uint64{0, 1 << 24, 1 << 8} {
		o := Options{MaxBytes: limit}
		d := &lossyDepthFirst{in: &problem{t.Context(), m, o}, bounds: newBounds(t.Context(), o, 0),
			step: m.NewStepper()}
		d.account = &lossyBudget{bounds: d.bounds}
		var b machine.Successors
		d.step.Expand(first, &b)
		step, want := d.step, d.step.Bytes()*3/2
		if d.forget(); limit == 1<<8 {
			want = 0
		}
		if d.account.memos != want || (d.step == step) != (want > 0) {
			t.Errorf("limit %d: %d bytes count, want %d; begun anew: %t", limit, d.account.memos, want,
				d.step != step)
		}
	}
}
