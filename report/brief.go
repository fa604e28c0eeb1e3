package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// This file writes the brief text: the verdict, and one run as the changelog of a patch tells it, a line a
// statement.

// MostBrief is the most lines of a brief text.
const MostBrief = 30

// brief writes the reports in few lines: the verdict of each, and the run to the first violation of all.
func (s Style) brief(w io.Writer, rs []*Report) error {
	var shown *Report // whose run is drawn
	for _, r := range rs {
		if shown == nil && r.Verdict == verdict.Violated {
			shown = r
		}
	}
	var before, after []string
	for _, r := range rs {
		before = append(before, strings.Split(s.paintVerdict(r.Verdict, s.wrap(r.firstLine(), "  ")), "\n")...)
		after = append(after, s.paintVerdict(r.Verdict, oneLine(r.summaryLine())))
	}
	if shown == nil {
		for _, r := range rs {
			before = append(before, strings.Split(s.wrap(r.figures(), "  "), "\n")...)
		}
	} else {
		p := firstViolated(shown)
		before = append(before, "")
		end := strings.Split(s.paint(bad, s.wrap("=> "+Closing(p.Trace.Program, p.Trace), "   ")), "\n")
		after = append(append([]string{""}, end...), append([]string{""}, after...)...)
		before = append(before, s.outline(p.Trace.Program, p.Trace, MostBrief-len(before)-len(after))...)
	}
	_, err := io.WriteString(w, strings.Join(append(before, after...), "\n")+"\n")
	return err
}

func firstViolated(r *Report) verdict.Property {
	for _, p := range r.Properties {
		if p.Trace != nil {
			return p
		}
	}
	return verdict.Property{}
}

// outline is a run with a line for each statement and each outcome, in at most so many lines: the first and the
// last ones.
func (s Style) outline(p *model.Program, t *trace.Trace, most int) []string {
	d := &drawing{Style: s, column: map[*model.CPU]int{}}
	active := stepping(p, t)
	for i, c := range active {
		d.column[c] = i
	}
	d.lanes = d.laneWidth(len(active))
	d.names(active)
	heads := strings.Split(strings.TrimSuffix(d.b.String(), "\n"), "\n")
	var lines []string
	for n, st := range t.Steps {
		if n == t.Loop {
			lines = append(lines, "-- from here for ever --")
		}
		lines = append(lines, d.short(st)...)
	}
	if room := max(most-len(heads), 3); len(lines) > room {
		first := (room - 1) / 3
		last := room - 1 - first
		cut := fmt.Sprintf("... %d lines ...", len(lines)-first-last)
		lines = append(append(lines[:first:first], cut), lines[len(lines)-last:]...)
	}
	return append(heads, lines...)
}

// short is a step in few lines, none of which is broken.
func (d *drawing) short(st trace.Step) []string {
	lane := strings.Repeat(" ", d.column[st.CPU]*d.lanes)
	bars := strings.Repeat("| ", len(st.Stack)-1)
	text := st.Statement()
	switch {
	case st.Transition.Kind.Pushes():
		text = "+-- " + text
	case st.Transition.Kind == ir.Flush:
		text = "~ " + text
	}
	lines := []string{d.fit(lane, bars+text, d.ink(st.CPU))}
	if st.Transition.Kind.Pushes() {
		bars += "| "
	}
	if w := st.Waits; w != nil {
		lines = append(lines, d.fit(lane, bars+"  "+waits(w), plain))
	}
	for _, o := range outcomes(st) {
		lines = append(lines, d.fit(lane, bars+"  "+o, plain))
	}
	return lines
}

// fit is a text in its lane, in one line: what does not fit is left out.
func (d *drawing) fit(lane, text string, i ink) string {
	text = oneLine(text)
	if room := max(d.Width-len(lane), 1); utf8.RuneCountInString(text) > room {
		text = string([]rune(text)[:room-1]) + "…"
	}
	return lane + d.paint(i, text)
}
