package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/trace"
)

// A Format is one way to write reports. Every format takes several, which differ in the memory model.
type Format struct {
	Name   string
	Ending string // of the files that have it, with its dot
	// Write writes the reports. As with each function of a format, the error is that of w.
	Write func(w io.Writer, rs ...*Report) error
	// Fault writes a fault of the program; nil of a format that has no form for that.
	Fault func(f *Fault, w io.Writer) error
	// Coverage says that the format has what a search counted.
	Coverage bool
}

// Formats is all formats, the one for people first.
func Formats() []Format {
	return []Format{
		{"text", ".txt", Text, (*Fault).Text, true},
		{"json", ".json", JSON, (*Fault).JSON, true},
		{"html", ".html", HTML, (*Fault).HTML, true},
		{"md", ".md", Markdown, (*Fault).Markdown, true},
		{"mmd", ".mmd", Mermaid, nil, false},
		{"dot", ".dot", DOT, nil, false},
		{"states", ".gv", States, nil, false},
		{"junit", ".xml", JUnit, nil, false},
		{"sarif", ".sarif", SARIF, nil, false},
	}
}

// A scene is a trace as diagrams need it.
type scene struct {
	title string
	start string       // the shared variables before the first step, empty if there are none
	cpus  []*model.CPU // those that step
	beats []beat
	loop  int      // index of the first beat that repeats for ever, -1 if none do
	end   []string // what broke, and what variables wrap
	// broken says that the last beat breaks the property.
	broken bool
}

// A beat is one step of a scene.
type beat struct {
	cpu   *model.CPU
	kind  ir.TransitionKind
	heads []string // the calls to be named with it
	what  string
	notes []string // what came of it
	cause int      // index of the beat that sent the IPI or put the store into the buffer; or -1
	pops  int      // handlers that return with it
}

// scenes is the report's traces, each drawn once.
func (r *Report) scenes() []scene {
	var ss []scene
	for _, p := range r.Properties {
		if p.Trace != nil && !r.drawnElsewhere(p) {
			ss = append(ss, r.scene(p.Trace))
		}
	}
	return ss
}

func (r *Report) scene(t *trace.Trace) scene {
	sc := sceneOf(t.Program, t)
	sc.title = traceTitle(t) + ", under " + r.Memory.Title()
	sc.end, sc.broken = broke(t.Program, t), !t.Deadlock && !t.Ended
	return sc
}

// sceneOf is a run, of which nothing is said yet.
func sceneOf(p *model.Program, t *trace.Trace) scene {
	sc := scene{cpus: stepping(p, t), start: startText(t), loop: t.Loop}
	heads := newHeadings(t)
	sent := map[*model.IPI]int{}
	waits := map[*model.CPU][]int{} // the beats whose stores are in the buffer, oldest first
	for n, s := range t.Steps {
		b := beat{cpu: s.CPU, kind: s.Transition.Kind, what: s.Statement(), notes: notes(s), cause: -1}
		b.heads = heads.above(s).lines()
		switch b.kind {
		case ir.PushIPI:
			if from, ok := sent[s.CPU.IPIs[s.Transition.Index]]; ok {
				b.cause = from
			}
		case ir.Flush: // the oldest store first
			if q := waits[s.CPU]; len(q) > 0 {
				b.cause, waits[s.CPU] = q[0], q[1:]
			}
		}
		if s.Waits != nil {
			waits[s.CPU] = append(waits[s.CPU], n)
		}
		for _, ev := range s.Events {
			switch ev.Kind {
			case model.Sent:
				sent[ev.IPI] = n
			case model.Popped:
				b.pops++
			}
		}
		sc.beats = append(sc.beats, b)
	}
	return sc
}

// pushes reports whether a handler begins with the beat.
func (b beat) pushes() bool { return b.kind.Pushes() }

// lines is what a diagram says of beat number n, counted from 0.
func (b beat) lines(n int) []string {
	var ls []string
	ls = append(ls, b.heads...)
	return append(append(ls, fmt.Sprintf("%d. %s", n+1, b.what)), b.notes...)
}

// blank reports whether diagrams show a space for a character: a control character, one that ends a line
// somewhere, or one that XML, and so an SVG, cannot have.
func blank(c rune) bool {
	return unicode.IsControl(c) || c == 0x2028 || c == 0x2029 || c == 0xfffe || c == 0xffff
}

// stepping is the CPUs that take a step in a trace.
func stepping(p *model.Program, t *trace.Trace) []*model.CPU {
	var cpus []*model.CPU
	for _, c := range p.CPUs {
		if slices.ContainsFunc(t.Steps, func(s trace.Step) bool { return s.CPU == c }) {
			cpus = append(cpus, c)
		}
	}
	return cpus
}

// startText is the shared variables as they are before the first step.
func startText(t *trace.Trace) string {
	var parts []string
	for _, b := range t.Start {
		if b.Var.Kind == model.Shared {
			parts = append(parts, fmt.Sprintf("%s = %s", b.Var.Name, b.Var.Format(b.Value)))
		}
	}
	return strings.Join(parts, ", ")
}

// headline says what was checked and what came of it, in a line.
func (r *Report) headline() string {
	line := fmt.Sprintf("%s: %s under %s", r.Model, r.Verdict, r.Memory.Title())
	if c := r.config(); c != "" {
		line += " (" + c + ")"
	}
	return line
}
