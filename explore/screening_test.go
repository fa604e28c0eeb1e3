package explore

import (
	"slices"
	"testing"

	"ctcheck/machine"
	"ctcheck/states"
)

// A checkpoint of a search reduced by symmetry has states in their canonical form, and no others.
func TestScreeningAsksForCanonicalForms(t *testing.T) {
	m := compile(t, grid(3, 9))
	o := Options{Search: BreadthFirst, Reduce: Symmetry}
	b := &parallelBFS{in: &problem{t.Context(), m, o}, reduce: newReductions(m, o)}
	c := &screening{search: b, canon: make([]uint64, m.Words())}
	first, _ := m.Initial()
	var out machine.Successors
	m.NewStepper().Expand(first, &out)
	yes, no := 0, 0
	for s := range slices.Chunk(out.Words, m.Words()) {
		canon := slices.Clone(s)
		b.reduce.canon(canon)
		want := slices.Equal(canon, s)
		if want {
			yes++
		} else {
			no++
		}
		if c.form(s) != want {
			t.Errorf("%x may be of the search: %t", s, !want)
		}
	}
	if yes == 0 || no == 0 {
		t.Errorf("%d states in canonical form, %d not", yes, no)
	}
}

// A header's violations are of properties, each after steps that the search has made; and a state that violates
// something was told of in time.
func TestHeadersTellOfViolations(t *testing.T) {
	m := compile(t, grid(2, 3), noWarn())
	b := &parallelBFS{in: &problem{t.Context(), m, Options{}}}
	for _, row := range []struct {
		h    header
		want bool
	}{
		{header{Depth: 3}, true},
		{header{Depth: 3, Failed: 1, When: map[int]int{0: 3}}, true},
		{header{Depth: 3, Failed: 1, When: map[int]int{0: 0}}, true},
		{header{Depth: 3, Failed: 1, When: map[int]int{0: 4}}, false},
		{header{Depth: 3, Failed: 1, When: map[int]int{0: -1}}, false},
		{header{Depth: 3, Failed: 1, When: map[int]int{1: 2}}, false},
		{header{Depth: 3, Failed: 1, When: map[int]int{-1: 2}}, false},
		{header{Depth: 3, Failed: 1}, false},
		{header{Depth: 3, Failed: 1 << 9, When: map[int]int{9: 2}}, false},
		{header{Depth: 3, NewFailed: 1}, false},
		{header{Depth: 3, NewFailed: 1, Midway: true}, true},
	} {
		if got := row.h.violations(b); got != row.want {
			t.Errorf("%+v: %t, want %t", row.h, got, row.want)
		}
	}
	c := &screening{h: &header{Depth: 3, Failed: 1, NewFailed: 2, NewStuck: 4, When: map[int]int{0: 2}}}
	for _, row := range []struct {
		failed uint64
		steps  int
		want   bool
	}{
		{0, 1, true}, {1, 2, true}, {1, 3, true}, {1, 1, false}, {2, 4, true}, {2, 3, false}, {4, 3, true}, {4,
			4, false},
		{8, 4, false}, {3, 4, true},
	} {
		if got := c.told(row.failed, row.steps); got != row.want {
			t.Errorf("%b after %d steps: %t, want %t", row.failed, row.steps, got, row.want)
		}
	}
}

// What the decision on whole runs holds is all counted.
func TestLivenessCountsWhatItHolds(t *testing.T) {
	l := &liveness{bounds: newBounds(t.Context(), Options{}, 0), counts: &counts{}, set: states.NewSet(1),
		marks: make([]mark, 10), open: make([]uint32, 40), listed: 5, graph: &graph{}}
	l.graph.bytes.Add(7)
	l.memos.Add(9)
	if l.book(); l.extra != 8*10+4*40+5+7+9 {
		t.Errorf("%d bytes are counted, want %d", l.extra, 8*10+4*40+5+7+9)
	}
}
