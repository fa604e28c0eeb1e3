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
	"strings"
	"time"
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
	"mails": linkMails,
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
	Overall  *overall // of several reports
	Reports  []pageReport
	Decides  []string // what the memory model decides
	Walk     *walkPage
	Wrong    *wrongPage
	Pair     *pairPage
	Data     *pageData
	Made     string // by which build, and when
	Policied bool   // the policy comes with the page's headers
}

// An overall is the verdict over several reports, and where each of them is.
type overall struct {
	Model, Verdict string
	Each           []pageFinding
}

// A pageReport is one report.
type pageReport struct {
	ID, Model, Verdict, Under, Summary string
	Command                            string // that makes the report again
	Tally                              string // of the findings
	Facts                              []fact
	Findings                           []pageFinding
	Tabs                               []tab
	Stages                             []stage
	Plot                               *plot
	Coverage                           *pageCoverage
	Closing                            []string // figures and remarks
	Line                               string   // for scripts
}

// A tab leads to a stage.
type tab struct {
	Name, Length, Kind string
	Link               template.URL
}

// A fact is something to know about a report, with further sentences on the same.
type fact struct {
	Key   string
	Texts []string
}

// A piece is a part of a text, which may be a link.
type piece struct {
	Text string
	Link template.URL
}

// messageID finds the Message-ID of a mail.
var messageID = regexp.MustCompile(`<[^<>@\s]+@[^<>\s]+>`)

// linkMails is a text with its Message-IDs as links to the archive of the kernel's lists.
func linkMails(text string) []piece {
	var ps []piece
	at := 0
	for _, m := range messageID.FindAllStringIndex(text, -1) {
		id := text[m[0]+1 : m[1]-1]
		ps = append(ps, piece{Text: text[at : m[0]+1]},
			piece{id, template.URL("https://lore.kernel.org/all/" + url.PathEscape(id) + "/")})
		at = m[1] - 1
	}
	return append(ps, piece{Text: text[at:]})
}

type pageFinding struct {
	Name, What, Kind string
	Link             template.URL
}

// HTML writes the reports as one page that can be sent as a file. The error is that of w.
func HTML(w io.Writer, rs ...*Report) error {
	p := page{Data: &pageData{}}
	var heads []string
	over := &overall{Model: rs[0].Model, Verdict: Worst(rs).String()}
	for _, r := range rs {
		heads = append(heads, r.Model+": "+r.Verdict.String()+" under "+r.Memory.Title())
		over.Each = append(over.Each, pageFinding{r.Verdict.String(), "under " + r.Memory.Title(), "",
			stageLink(r.Memory.String())})
		p.Made = r.made()
		p.Reports = append(p.Reports, r.page(p.Data))
	}
	p.Title = strings.Join(heads, "; ")
	if len(rs) > 1 {
		p.Decides, p.Overall = decides(rs), over
	}
	return pageTemplate.Execute(w, p)
}

// page is what the report puts on a page. What the script needs goes to data.
func (r *Report) page(data *pageData) pageReport {
	pr := pageReport{ID: r.Memory.String(), Model: r.Model, Verdict: r.Verdict.String(),
		Under: r.Memory.Title(), Summary: r.Summary, Line: r.summaryLine(), Command: r.Command,
		Plot:    plotOf(r.search().Layers),
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
			p := pt.Trace.Program
			st := newStage(data, p, pt.Trace, pr.ID+"/"+pt.Name, stepping(p, pt.Trace))
			st.Title = traceTitle(pt.Trace)
			st.End = broke(pt.Trace.Program, pt.Trace)
			pr.Stages = append(pr.Stages, st)
			links[pt.Name] = stepLink(st.ID, 0)
			pr.Tabs = append(pr.Tabs, tab{pt.Name, Steps(pt.Trace), "violated", links[pt.Name]})
		}
	}
	for _, c := range r.Claims {
		if c.Witness == nil {
			continue
		}
		name := "reachable: " + c.Name
		st := newStage(data, c.Witness.Program, c.Witness, pr.ID+"/"+name, stepping(c.Witness.Program, c.Witness))
		st.Title = witnessTitle(c)
		pr.Stages = append(pr.Stages, st)
		links[name] = stepLink(st.ID, 0)
		pr.Tabs = append(pr.Tabs, tab{c.Name, Steps(c.Witness), "good", links[name]})
	}
	counts := map[string]int{}
	for _, f := range r.findings() {
		kind := findingKind(f[1])
		pr.Findings = append(pr.Findings, pageFinding{f[0], f[1], kind, links[f[0]]})
		if kind == "good" {
			kind = f[1]
		}
		counts[kind]++
	}
	pr.Tally = tally(counts)
	return pr
}

// tally says how many properties are violated, hold, and so on.
func tally(counts map[string]int) string {
	var parts []string
	for _, k := range [][2]string{{"violated", "violated"}, {"holds", "hold"}, {"open", "open"}, {"reached",
		"reached"},
		{"never", "never reached"}, {"vacuous", "vacuous"}} {
		if n := counts[k[0]]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, k[1]))
		}
	}
	return strings.Join(parts, ", ")
}

// made says which build made the page, and when, if that is known.
func (r *Report) made() string {
	if r.Build == "" {
		return ""
	}
	return "ctcheck " + r.Build + ", " + r.When.Format(time.DateOnly)
}

// findingKind is the class of a finding: how it is coloured.
func findingKind(what string) string {
	switch {
	case strings.HasPrefix(what, "VIOLATED"):
		return "violated"
	case what == "holds" || what == "reached":
		return "good"
	case strings.HasPrefix(what, "vacuous"):
		return "vacuous"
	case what == "NOT REACHED":
		return "never"
	}
	return "open"
}
