package report

import (
	"fmt"
	"html/template"
	"io"

	"ctcheck/trace"
)

// This file draws execution graphs on a page.

// Measures of the canvas on a page, in pixels.
const (
	rowHeight   = 64
	laneWidth   = 300
	boxWidth    = 230
	boxHeight   = 44
	pageMargins = 30
)

// A drawnEdge is an arrow on a page.
type drawnEdge struct {
	Path, Name, Class string
	X, Y              int // of its name
}

// A drawnRow is a box on a page.
type drawnRow struct {
	X, Y, W, H int
	Lines      []string
	Class      string
}

// A canvas is an execution as it is drawn on a page.
type canvas struct {
	Head   []string
	W, H   int
	Lanes  []drawnRow
	Rows   []drawnRow
	Edges  []drawnEdge
	Steps  []string
	Marker string
}

// canvasOf places what an execution has: a lane for each thread, one on the left for what is so initially.
func canvasOf(k int, x *trace.Execution) canvas {
	d := canvas{Head: headOf(x), Steps: x.Steps, Marker: fmt.Sprintf("m%d", k)}
	next := make([]int, len(x.Threads)+1)
	at := make([][2]int, len(x.Rows))
	for i, r := range x.Rows {
		lane := r.Thread + 1
		y := pageMargins + rowHeight*(next[lane]+1)
		next[lane]++
		left := pageMargins + lane*laneWidth
		at[i] = [2]int{left, y}
		class := "access"
		if r.Name == "" {
			class = "barrier"
		}
		d.Rows = append(d.Rows, drawnRow{left, y, boxWidth, boxHeight, rowLines(r), class})
		d.H = max(d.H, y+boxHeight+pageMargins)
	}
	for t := range next {
		name := "initially"
		if t > 0 {
			name = x.Threads[t-1]
		}
		d.Lanes = append(d.Lanes, drawnRow{X: pageMargins + t*laneWidth, Y: pageMargins, Lines: []string{name}})
	}
	d.W = pageMargins*2 + len(next)*laneWidth
	for _, e := range x.Edges {
		d.Edges = append(d.Edges, arrowBetween(at[e.From], at[e.To], e))
	}
	return d
}

// arrowBetween leads from the side of a box to that of another; within a lane it goes around on the right.
func arrowBetween(from, to [2]int, e trace.ExecutionEdge) drawnEdge {
	x1, y1, x2, y2 := from[0]+boxWidth, from[1]+boxHeight/2, to[0], to[1]+boxHeight/2
	bend := 40
	c1, c2 := x1+bend, x2-bend
	switch {
	case from[0] == to[0]:
		x2 = to[0] + boxWidth
		c2 = x2 + bend
	case from[0] > to[0]:
		x1, x2 = from[0], to[0]+boxWidth
		c1, c2 = x1-bend, x2+bend
	}
	class := e.Name
	if e.Cycle {
		class = "cycle"
	}
	return drawnEdge{Path: fmt.Sprintf("M%d,%d C%d,%d %d,%d %d,%d", x1, y1, c1, y1, c2, y2, x2, y2), Name: e.Name,
		Class: class, X: (x1+x2+c1+c2)/4 + 4, Y: (y1+y2)/2 - 4}
}

// executionsPage is HTML that needs no network and no script.
var executionsPage = template.Must(template.New("executions").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{.Title}}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body { font: 14px/1.4 sans-serif; margin: 2em; background: #fff; color: #111 }
svg { max-width: 100%; height: auto; border: 1px solid #ccc }
text, li { font-family: monospace; font-size: 12px }
rect { fill: #f6f6f6; stroke: #888 }
.barrier rect { fill: none; stroke: none }
path { fill: none; stroke: #888; stroke-width: 1.2 }
.rf path { stroke: #17702b } .rf text { fill: #17702b }
.co path { stroke: #1c4fa0 } .co text { fill: #1c4fa0 }
.fr path { stroke: #a05a00 } .fr text { fill: #a05a00 }
.cycle path { stroke: #c00; stroke-width: 2.4 } .cycle text { fill: #c00; font-weight: bold }
</style></head><body>
<h1>{{.Title}}</h1>
{{range .Drawings}}{{$m := .Marker}}<h2>{{index .Head 0}}</h2>
{{range $i, $h := .Head}}{{if $i}}<p>{{$h}}</p>{{end}}{{end}}
<svg viewBox="0 0 {{.W}} {{.H}}" width="{{.W}}" role="img" aria-label="{{index .Head 0}}">
<defs><marker id="{{$m}}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
<path d="M0,0 L8,4 L0,8" /></marker></defs>
{{range .Lanes}}<text x="{{.X}}" y="{{.Y}}" font-weight="bold">{{index .Lines 0}}</text>
{{end}}{{range .Rows}}<g class="{{.Class}}" transform="translate({{.X}},{{.Y}})">
<rect width="{{.W}}" height="{{.H}}" rx="4"/>
{{range $i, $l := .Lines}}<text x="8" y="17"{{if $i}} dy="18"{{end}}>{{$l}}</text>{{end}}</g>
{{end}}{{range .Edges}}<g class="{{.Class}}"><path d="{{.Path}}" marker-end="url(#{{$m}})"/>
<text x="{{.X}}" y="{{.Y}}">{{.Name}}</text></g>
{{end}}</svg>
{{if .Steps}}<p>The cycle:</p><ol>{{range .Steps}}<li>{{.}}</li>{{end}}</ol>{{end}}
{{end}}</body></html>
`))

// ExecutionsPage writes a page with executions. The error is that of w.
func ExecutionsPage(w io.Writer, title string, xs ...*trace.Execution) error {
	var ds []canvas
	for k, x := range xs {
		ds = append(ds, canvasOf(k, x))
	}
	return executionsPage.Execute(w, map[string]any{"Title": title, "Drawings": ds})
}
