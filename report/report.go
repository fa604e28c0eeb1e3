// Package report writes results for people and for programs, from what every engine answers (package verdict) and
// the runs that it shows (package trace): which engine that was makes no difference, but that a search has figures
// of its own ([verdict.Search]).
//
// [Formats] has all formats. For people: [Text] for terminals and mails, [Markdown], and [HTML], a page that needs
// no network. For diagrams: [Mermaid], and for Graphviz [DOT] and [States]. For programs: [JSON], [JUnit] and
// [SARIF]. Each takes several reports of one check, which differ in the memory model. A [Walk] is the page of a run
// that somebody walks along, a [Pair] that of two runs side by side, a [Replayed] the text of a run that somebody
// names, and a [Shown] that of a protocol.
//
// [Closing], [Story], [Steps] and [Wrap] are for those who write reports of their own, as packages survey and
// weaken do.
package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	humanize "github.com/dustin/go-humanize"

	"ctcheck/deferral"
	"ctcheck/model"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// Version is that of the sources, and the latest in CHANGELOG.md.
const Version = "v0.1.0"

// A Param is one parameter of a configuration.
type Param struct {
	Name  string
	Value any // int, bool or string
}

// A Report is a result with what it is a result of.
type Report struct {
	Model   string
	Summary string // one line on the model
	Source  string // where the design was posted
	Config  []Param
	Program *model.Program
	Graph   *trace.Graph // every state, if somebody asks for that and there are few
	Command string       // that makes the report again; empty if nobody says so
	Build   string       // of ctcheck, and when it made the report; empty if nobody says so
	When    time.Time
	// Replay is the call of ctcheck that draws a run again, but for the run and the memory model; empty if there is
	// none.
	Replay string
	// Witness is the claim whose witness is drawn in text, or "all"; pages and JSON have those of all claims.
	Witness string
	*verdict.Result
}

// verdict is what became of one property.
func (r *Report) verdict(p verdict.Property) string {
	switch {
	case p.Violated:
		return "violated"
	case r.Holds(p):
		return "holds"
	}
	return unknown
}

// Verdicts on what did not come up: unknown where the search was cut before it could know.
const (
	unknown    = "unknown"
	notReached = "not reached" // of a claim, where the search knows
)

// reached is what became of one claim.
func (r *Report) reached(c verdict.Claim) string {
	switch {
	case c.Reached:
		return "reached"
	case r.AllVisited:
		return notReached
	}
	return unknown
}

// void is the properties that cannot be asked of the program by what it says itself, with the reasons.
func (r *Report) void() map[string]string {
	if d := deferral.Of(r.Program); d != nil {
		return d.Void
	}
	return nil
}

func (r *Report) config() string {
	var parts []string
	for _, p := range r.Config {
		parts = append(parts, fmt.Sprintf("%s=%v", p.Name, p.Value))
	}
	return strings.Join(parts, " ")
}

// assumptions are the sentences that bound what the verdict means.
func (r *Report) assumptions() []string {
	as := []string{r.memory()}
	if slices.ContainsFunc(r.Properties, func(p verdict.Property) bool { return p.Live }) {
		free := "an NMI"
		if slices.ContainsFunc(r.Program.CPUs, (*model.CPU).HasDevices) {
			free = "an NMI or the interrupt of a device"
		}
		as = append(as, "fair runs: a CPU that can step eventually does, every pause ends, an IPI "+
			"that can be delivered again and again is delivered, "+free+" need not come")
	}
	as = append(as, r.Program.Assumptions...)
	for _, v := range r.Program.Vars {
		switch {
		case v.Endless != 0 && r.Any != nil:
			as = append(as, fmt.Sprintf("the count in %s does not come round while a call of set_work goes on",
				v.Name))
		case v.Modular:
			as = append(as, fmt.Sprintf("%s counts modulo %d", v.Name, v.Hi-v.Lo+1))
		}
	}
	return as
}

// memory is what is assumed of memory.
func (r *Report) memory() string {
	room := "as large as any run needs"
	if r.Bound == verdict.AtBuffer {
		room = fmt.Sprintf("of at most %d entries", slices.Max(r.search().BufferSizes))
	}
	return r.Memory.Assumed(room)
}

// reductions says which were applied, and what they saved; in detail also why others were not.
func (r *Report) reductions(detail Detail) string {
	off := func(d verdict.Reduced) bool { return d.Off != "" }
	all := r.search().Reduced
	switch {
	case len(all) == 0:
		return "no reductions"
	case detail != Verbose && !slices.ContainsFunc(all, func(d verdict.Reduced) bool { return !off(d) }):
		return "no reductions (--verbose says why)"
	}
	var parts []string
	for _, d := range all {
		if off(d) && detail != Verbose {
			continue
		}
		if off(d) {
			parts = append(parts, fmt.Sprintf("no %s (%s)", d.Name, d.Off))
			continue
		}
		if d.Name == "por" {
			parts = append(parts, fmt.Sprintf("por: %s steps left out, in %s states",
				humanize.Comma(int64(d.PrunedSteps)), humanize.Comma(int64(d.PrunedStates))))
			continue
		}
		var classes []string
		for _, names := range classNames(d) {
			classes = append(classes, fmt.Sprintf("%s (%d interchangeable CPUs)",
				strings.Join(names, ", "), len(names)))
		}
		saved := fmt.Sprintf("%s states stand for %s", humanize.Comma(int64(r.States)),
			humanize.Comma(int64(d.StandFor)))
		if d.StandFor > math.MaxInt64 {
			saved = ""
		}
		parts = append(parts, fmt.Sprintf("%s of %s: %s", d.Name, strings.Join(classes, " and of "), saved))
	}
	return strings.Join(parts, ", ")
}

// classNames is the names of the interchangeable CPUs.
func classNames(d verdict.Reduced) [][]string {
	var classes [][]string
	for _, cpus := range d.Classes {
		var names []string
		for _, c := range cpus {
			names = append(names, c.Name)
		}
		classes = append(classes, names)
	}
	return classes
}

// summaryLine is the last line of the text format, for scripts.
func (r *Report) summaryLine() string {
	names := make([]string, len(r.Properties))
	for i, p := range r.Properties {
		names[i] = p.Name
	}
	complete := "no"
	if r.Complete {
		complete = "yes"
	}
	line := fmt.Sprintf("ctcheck: %s model=%s properties=%s states=%d transitions=%d depth=%d "+
		"complete=%s memory=%s seconds=%.2f%s", r.Verdict, r.Model, strings.Join(names, ","),
		r.States, r.Transitions, r.Depth, complete, r.Memory, r.Duration.Seconds(), wrapsField(r.Properties))
	if r.Any != nil {
		line += fmt.Sprintf(" setters=any views=%d", r.Any.Views)
	}
	return line
}
