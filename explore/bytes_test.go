package explore

import (
	"testing"

	"ctcheck/model"
	"ctcheck/verdict"
)

// A bound on memory that is met just where a violating state would be stored must neither crash the
// search nor leave a violation without a trace: whatever is tally is told.
func TestMemoryRunsOutAtTheViolation(t *testing.T) {
	p := model.New("fan")
	x := p.Shared("x", model.UpTo(1023), no)
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		var alts []model.Alt
		for i := range 600 {
			alts = append(alts, r.When(yes, func() { r.WriteOnce("x = i", x, model.Int(i+1)) }))
		}
		r.Choose(alts...)
	}))
	for _, bad := range []int64{1, 255, 256, 257, 510, 511, 512, 513, 514, 599} {
		m := compile(t, p, never("bad", x.Eq(model.Int(bad))))
		for limit := uint64(8 << 10); limit < 64<<10; limit += 512 {
			r := run(t, m, Options{Search: BreadthFirst, MaxBytes: limit})
			if pr := r.Properties[0]; pr.Violated != (pr.Trace != nil) || r.Verdict == verdict.Holds {
				t.Errorf("x = %d, %d bytes: %v, violated %t, trace %v", bad, limit, r.Verdict, pr.Violated,
					pr.Trace)
			}
		}
	}
}

// Distances are kept modulo 256; on a longer run, under a tight bound, states far apart must not be
// taken for each other. Where one state a layer is kept, the smallest, that would be the one 256 steps farther,
// which violates the property too and has the smaller words, and no run would lead there in time.
func TestLongRunsInLittleMemory(t *testing.T) {
	const steps = 700
	p := model.New("long")
	x := p.Shared("x", model.UpTo(steps), model.Int(steps))
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		v := r.LocalOf("old", x)
		r.DoWhile(func() { r.AtomicSubReturn("old = atomic_dec_return(x)", v, x, yes) }, v.NonZero())
	}))
	const twice = 100
	m := compile(t, p, never("low", x.Eq(model.Int(3))),
		never("twice", x.Eq(model.Int(steps-twice)).Or(x.Eq(model.Int(steps-twice-256)))))
	least := leastBytes(t, m, Options{Search: BreadthFirst})
	for _, limit := range []uint64{least, least + 100, 2 * least} {
		r := run(t, m, Options{Search: BreadthFirst, MaxBytes: limit})
		if pr := r.Properties[0]; !pr.Violated || len(pr.Trace.Steps) != steps-3 {
			t.Errorf("%d bytes: %v, want a run of %d steps", limit, r.Verdict, steps-3)
		}
		if pr := r.Properties[1]; !pr.Violated || len(pr.Trace.Steps) != twice {
			t.Errorf("%d bytes: %v, want a run of %d steps", limit, r.Verdict, twice)
		}
	}
}

// Runs of the same length that a cut layer hides may switch less often, so none is called the best.
func TestFewestIsNotClaimedAfterACut(t *testing.T) {
	p, claim := lostUpdate()
	m := compile(t, p, claim)
	full := run(t, m, Options{Search: BreadthFirst})
	for n := uint64(1); n < full.States; n++ {
		r := run(t, m, Options{Search: BreadthFirst, MaxStates: n})
		if tr := r.Properties[0].Trace; tr != nil && tr.Fewest {
			t.Errorf("%d states of %d: a run is said to have the fewest switches", n, full.States)
		}
	}
}
