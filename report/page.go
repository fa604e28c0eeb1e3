package report

import (
	"crypto/sha256"
	_ "embed" // the page's parts
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/trace"
)

// This file writes a page: HTML that needs no network, with its style, its script and its data inside. What
// is on it is drawn without the script; the script moves the cursor, fills the panel beside the lanes
// and draws the arrows. html/template escapes all text for the place where it stands, and the page's
// policy lets no other script run.

//go:embed page/page.html
var pageHTML string

//go:embed page/page.css
var pageCSS string

//go:embed page/page.js
var pageJS string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"style":  func() template.CSS { return template.CSS(pageCSS) },
	"script": func() template.JS { return template.JS(pageJS) },
	"policy": Policy,
	// lane is the column of the grid that lane i is in.
	"lane":     func(i int) int { return i + 1 },
	"stepLink": stepLink,
	// words are set apart so that lines break between them, and not after the dash of ct->work.
	"words": strings.Fields,
	// parts are where a word is broken if it has to be.
	"parts": func(word string) []string { return inParts.FindAllString(word, -1) },
}).Parse(pageHTML))

// inParts finds what ends after an opening bracket, a comma or a bar.
var inParts = regexp.MustCompile(`[^(,|]*[(,|]|[^(,|]+`)

// Policy is the Content-Security-Policy of a page: its own script, its own style, and nothing else.
func Policy() string {
	sum := sha256.Sum256([]byte(pageJS))
	return "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" +
		base64.StdEncoding.EncodeToString(sum[:]) + "'; img-src data:; base-uri 'none'; form-action 'self'"
}

// stepLink is the fragment that leads to a step of a run.
func stepLink(id string, n int) template.URL {
	return stageLink(id) + template.URL(fmt.Sprintf("/%d", n))
}

func stageLink(id string) template.URL {
	parts := strings.Split(id, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return template.URL("#" + strings.Join(parts, "/"))
}

// A page is what the template draws.
type page struct {
	Title    string
	Verdict  string // of all reports together; empty for a run that somebody walks along
	Reports  []pageReport
	Decides  []string // what the memory model decides
	Walk     *walkPage
	Data     *pageData
	Policied bool // the policy comes with the page's headers
}

// A pageReport is one report.
type pageReport struct {
	ID, Model, Verdict, Under, Summary string
	Facts                              []fact
	Findings                           []pageFinding
	Stages                             []stage
	Coverage                           *pageCoverage
	Closing                            []string // figures and remarks
	Line                               string   // for scripts
}

// A fact is something to know about a report, with further sentences on the same.
type fact struct {
	Key   string
	Texts []string
}

type pageFinding struct {
	Name, What, Kind string
	Link             template.URL
}

// HTML writes the reports as one page that can be sent as a file. The error is that of w.
func HTML(w io.Writer, rs ...*Report) error {
	p := page{Verdict: Worst(rs).String(), Data: &pageData{}}
	var heads []string
	for _, r := range rs {
		heads = append(heads, r.Model+": "+r.Verdict.String()+" under "+r.Memory.Title())
		p.Reports = append(p.Reports, r.page(p.Data))
	}
	p.Title = strings.Join(heads, "; ")
	if len(rs) > 1 {
		p.Decides = decides(rs)
	}
	return pageTemplate.Execute(w, p)
}

// page is what the report puts on a page. What the script needs goes to data.
func (r *Report) page(data *pageData) pageReport {
	pr := pageReport{ID: r.Memory.String(), Model: r.Model, Verdict: r.Verdict.String(),
		Under: r.Memory.Title(), Summary: r.Summary, Line: r.summaryLine(),
		Closing: append([]string{r.figures()}, r.remarks()...)}
	pr.Coverage = r.coverage().page()
	if r.search().Checkpoint != "" {
		pr.Closing = append(pr.Closing, r.checkpoint())
	}
	for _, f := range r.facts(Verbose) {
		if n := len(pr.Facts); f[0] == "" && n > 0 {
			pr.Facts[n-1].Texts = append(pr.Facts[n-1].Texts, f[1])
			continue
		}
		pr.Facts = append(pr.Facts, fact{f[0], []string{f[1]}})
	}
	links := map[string]template.URL{}
	for _, pt := range r.Properties {
		if pt.Trace != nil && !r.drawnElsewhere(pt) {
			st := newStage(data, r.Program, pt.Trace, pr.ID+"/"+pt.Name, stepping(r.Program, pt.Trace))
			st.Title = traceTitle(pt.Trace)
			st.End = broke(r.Program, pt.Trace)
			pr.Stages = append(pr.Stages, st)
			links[pt.Name] = stepLink(st.ID, 0)
		}
	}
	for _, f := range r.findings() {
		pr.Findings = append(pr.Findings, pageFinding{f[0], f[1], findingKind(f[1]), links[f[0]]})
	}
	return pr
}

// findingKind is the class of a finding: how it is coloured.
func findingKind(what string) string {
	switch {
	case strings.HasPrefix(what, "VIOLATED"):
		return "violated"
	case what == "holds" || what == "reached":
		return "good"
	case strings.HasPrefix(what, "vacuous"):
		return "void"
	}
	return "open"
}

// The most steps of a run that are drawn: the first ones and the last ones.
const (
	firstDrawn = 500
	lastDrawn  = 1000
)

// A stage is a run as it is drawn: a lane for each CPU, time downwards.
type stage struct {
	ID    string // in the fragment of a link to it
	Index int    // among the page's stages
	Title string
	CPUs  []string
	Start string
	Rows  int // of the grid, the head included
	Boxes []box
	Bands []band // what stands behind the boxes
	Marks []mark // what stands between them
	End   []string
	Cut   string // what is not drawn
	Moves []moves
}

// A box is one step.
type box struct {
	N           int // counted from 1
	Row, Column int
	Depth       int
	CPU, Frame  string
	Kind        string   // step, ipi, nmi or flush
	Calls       []string // that are named with it
	What        string
	Notes       []string
	Reads       []read
	Pops        int
	Broken      bool // it violates a property
}

// A read is what a step read, and where it came from.
type read struct {
	Name string
	From []int // steps, counted from 1; none: it is as it was at the start
}

// A band is a stretch of a lane: a handler, a frame of the CPU's own code, or a store that waits.
type band struct {
	Column, From, To int
	Kind, Name       string
	Depth            int
}

// Labelled says that the name stands beside the band: not of stores that wait beside another one, where there is
// no room.
func (b band) Labelled() bool { return b.Kind == "frame" || b.Kind == "store" && b.Depth == 0 }

// A mark is a line across all lanes.
type mark struct {
	Row  int
	Text string
}

// A listed is a listing as the page has it.
type listed struct {
	ID    int
	Name  string
	File  string
	Lines []listedLine
}

type listedLine struct {
	Number int
	Indent int
	Text   string
	Aside  bool
	Where  string
}

// drawn is the steps of a run that are drawn, and what to say of the others.
func drawn(n int) (steps []int, cut string) {
	for i := range n {
		if i < firstDrawn || i >= n-lastDrawn {
			steps = append(steps, i)
		}
	}
	if len(steps) < n {
		cut = fmt.Sprintf("Steps %d to %d, %d in all, are not drawn; --format json has them.", firstDrawn+1,
			n-lastDrawn, n-len(steps))
	}
	return steps, cut
}

// newStage draws a run.
func newStage(data *pageData, p *model.Program, t *trace.Trace, id string, cpus []*model.CPU) stage {
	st := stage{ID: id, Index: len(data.Stages), Start: startText(t)}
	sc := sceneOf(p, t)
	reads := t.ReadsFrom()
	columns := map[*model.CPU]int{}
	for i, c := range cpus {
		columns[c] = i + 1
		st.CPUs = append(st.CPUs, c.Name)
	}
	shown, cut := drawn(len(t.Steps))
	st.Cut = cut
	b := &bands{stage: &st, columns: columns}
	row := 3 // below the heads and the start
	for k, n := range shown {
		switch {
		case n == t.Loop:
			st.Marks = append(st.Marks, mark{row, "from here for ever"})
			row++
		case k > 0 && shown[k-1] != n-1:
			st.Marks = append(st.Marks, mark{row, cut})
			row++
		}
		bx := sc.beats[n].box(n, t.Steps[n])
		bx.Row, bx.Column = row, columns[t.Steps[n].CPU]
		bx.Broken = slices.Contains(t.Truths(n+1), trace.Broken)
		for _, s := range reads[n] {
			rd := read{Name: s.Var.Name}
			for _, f := range s.From {
				rd.From = append(rd.From, f+1)
			}
			bx.Reads = append(bx.Reads, rd)
		}
		b.step(n, row, t.Steps[n], sc.beats[n])
		st.Boxes = append(st.Boxes, bx)
		row++
	}
	if t.Loop >= 0 {
		st.Marks = append(st.Marks, mark{row, fmt.Sprintf("back to the state before step %d", t.Loop+1)})
		row++
	}
	b.end(row)
	st.Rows = row
	data.add(&st, p, t, sc, reads, shown)
	return st
}

// box is a step as it is drawn.
func (b beat) box(n int, s trace.Step) box {
	depth := len(s.Stack) - 1
	if b.pushes() {
		depth++
	}
	return box{N: n + 1, Depth: depth, CPU: s.CPU.Name, Frame: s.Frame().String(), Kind: kindOf(s),
		Calls: b.heads, What: b.what, Notes: b.notes, Pops: b.pops}
}

// kindOf is the class of a step.
func kindOf(s trace.Step) string {
	switch s.Transition.Kind {
	case ir.PushIPI, ir.PushIRQ:
		return "ipi"
	case ir.PushNMI:
		return "nmi"
	case ir.Flush:
		return "flush"
	}
	return "step"
}
