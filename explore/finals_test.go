package explore_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/internal/plain"
	"ctcheck/model"
)

// The final states are those of the plain explorer, although steps that can wait are left out.
func TestFinalsAgree(t *testing.T) {
	compared := 0
	for seed := range uint64(100) {
		p, _ := plain.Random(seedBytes(seed))
		for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
			slow := plain.Explore(mm, p, nil, 1000)
			if slow.Truncated || slow.Err != nil {
				continue
			}
			got, err := explore.Finals(context.Background(), mm, p)
			if err != nil {
				t.Errorf("seed %d under %s: %v", seed, mm, err)
				continue
			}
			var want [][]int64
			for f := range slow.Finals {
				var tuple []int64
				for _, s := range strings.Fields(f)[:len(p.Vars)] {
					x, err := strconv.ParseInt(s, 10, 64)
					if err != nil {
						t.Fatal(err)
					}
					tuple = append(tuple, x)
				}
				want = append(want, tuple)
			}
			slices.SortFunc(want, slices.Compare)
			want = slices.CompactFunc(want, slices.Equal)
			if !slices.EqualFunc(got, want, slices.Equal) {
				t.Errorf("seed %d under %s: the final states are %v, by the plain explorer %v", seed, mm, got, want)
			}
			if len(want) > 1 {
				compared++
			}
		}
	}
	if compared < 10 {
		t.Errorf("%d programs with more than one final state were compared", compared)
	}
}
