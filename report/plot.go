package report

import "fmt"

// This file plots how many states are so many steps away.

// A plot is bars of an SVG, one for each depth.
type plot struct {
	Width, Height int
	Label         string
	Bars          []plotBar
}

// A plotBar is the states of one depth, or of several, where there are too many for a bar each.
type plotBar struct {
	X, Y, Width, Height int
	Text                string
}

// The size of a plot, and the most bars in it.
const (
	plotWidth  = 480
	plotHeight = 70
	mostBars   = 160
)

// plotOf is the plot of the layers of a search; nil if there are none.
func plotOf(layers []uint64) *plot {
	if len(layers) < 2 {
		return nil
	}
	each := (len(layers) + mostBars - 1) / mostBars // depths of a bar
	var sums []uint64
	most, widest := uint64(0), 0
	for i, n := range layers {
		if i%each == 0 {
			sums = append(sums, 0)
		}
		sums[i/each] += n
		if n > layers[widest] {
			widest = i
		}
		most = max(most, sums[i/each])
	}
	p := &plot{Width: plotWidth, Height: plotHeight, Label: fmt.Sprintf("states by their distance from the "+
		"start, 0 to "+
		"%d steps; most of them, %d, at %d", len(layers)-1, layers[widest], widest)}
	wide := plotWidth / len(sums)
	for i, n := range sums {
		h := int(max(n*plotHeight/most, 1))
		text := fmt.Sprintf("%d steps: %d states", i*each, n)
		if last := min((i+1)*each, len(layers)) - 1; last > i*each {
			text = fmt.Sprintf("%d to %d steps: %d states", i*each, last, n)
		}
		p.Bars = append(p.Bars, plotBar{i * wide, plotHeight - h, max(wide-1, 1), h, text})
	}
	p.Width = wide * len(sums)
	return p
}
