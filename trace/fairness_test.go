package trace

import "testing"

// What several tally of one run is, joined, what one would.
func TestObligationsJoin(t *testing.T) {
	for bits := range 1 << 8 {
		var all, more Obligations
		for i, d := range []*Obligations{&all, &more} {
			for k, list := range []*[]bool{&d.Moved, &d.idle, &d.Possible, &d.Delivered} {
				*list = []bool{bits>>(4*i+k)&1 != 0}
			}
		}
		all.Join(&more)
		for k, got := range []bool{all.Moved[0], all.idle[0], all.Possible[0], all.Delivered[0]} {
			if want := (bits|bits>>4)>>k&1 != 0; got != want {
				t.Errorf("%08b: number %d is %t", bits, k, got)
			}
		}
	}
}
