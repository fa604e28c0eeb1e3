package report

import (
	"fmt"
	"io"
	"strings"

	"ctcheck/model"
	"ctcheck/trace"
)

// This file draws the state graph of small models for Graphviz: a box for each state with what its variables
// are and what each CPU does next, an arrow for each step.

// The most states of a graph that is drawn: beside traces, where there is none, and where it is asked for.
const (
	FewStates  = 500
	MostStates = 5000
)

// States writes the state graph of each report for Graphviz, all in one graph. One that a report does not
// have, as it has too many states, is said to be missing. The error is that of w.
func States(w io.Writer, rs ...*Report) error {
	d := newDot()
	for i, r := range rs {
		d.heads = append(append(d.heads, r.headline()), r.remarks()...)
		if r.Graph == nil {
			d.heads = append(d.heads, fmt.Sprintf("The state graph is not drawn: it has more than %d states.",
				MostStates))
			continue
		}
		r.dotGraph(&d.b, fmt.Sprintf("r%d", i))
	}
	return d.write(w, rs)
}

// dotGraph writes the report's state graph; id begins the names of what is in it.
func (r *Report) dotGraph(b *strings.Builder, id string) {
	fmt.Fprintf(b, "\tsubgraph cluster_%s_states {\n\t\tlabel=%s;\n", id,
		dotText(fmt.Sprintf("%s, every state under %s", r.Model, r.Memory.Title())))
	for i, n := range r.Graph.States {
		lines := append([]string{fmt.Sprintf("state %d", i)}, nodeLines(n)...)
		style := ""
		note := func(what, with string) {
			lines = append(lines, what)
			style += ", " + with
		}
		if i == 0 {
			note("the initial state", "penwidth=3")
		}
		if n.Ended {
			note("every CPU has ended", "peripheries=2")
		}
		if n.Stuck {
			note("DEADLOCK", "style=filled, fillcolor=lightpink")
		}
		for _, f := range n.Failed {
			note("violates "+f, "color=red")
		}
		fmt.Fprintf(b, "\t\t%s_s%d [label=%s%s];\n", id, i, dotText(lines...), style)
	}
	on := r.tracedSteps()
	for k, e := range r.Graph.Steps {
		lines := []string{e.Step.CPU.Name + ": " + e.Step.Statement()}
		color := map[string]string{"ipi": "blue", "nmi": "darkorange", "flush": "darkgreen"}[kindOf(e.Step)]
		if color == "" {
			color = "black"
		}
		width := 1
		for _, f := range e.Failed {
			lines, color = append(lines, "violates "+f), "red"
		}
		if name := on[k]; name != "" {
			lines, width = append(lines, "on the run to "+name), 3
		}
		fmt.Fprintf(b, "\t\t%s_s%d -> %s_s%d [label=%s, color=%s, fontcolor=%s, penwidth=%d];\n", id, e.From, id,
			e.To,
			dotText(lines...), color, color, width)
	}
	b.WriteString("\t}\n")
}

// tracedSteps is, of each step of the graph that is on a trace, the property that the trace violates.
func (r *Report) tracedSteps() map[int]string {
	on := map[int]string{}
	for _, p := range r.Properties {
		if p.Trace == nil {
			continue
		}
		path := r.Graph.Path(p.Trace)
		for n := 0; n+1 < len(path); n++ {
			for k, e := range r.Graph.Steps {
				if e.From == path[n] && e.To == path[n+1] && e.Step.Transition == p.Trace.Steps[n].Transition {
					on[k] = p.Name
				}
			}
		}
	}
	return on
}

// nodeLines is what a state's box says: the shared variables, and of each CPU where it is.
func nodeLines(n trace.Node) []string {
	var lines []string
	for _, g := range n.Snapshot.Globals {
		if g.Var.Kind == model.Shared {
			lines = append(lines, g.Var.Name+" = "+g.Var.Format(g.Value))
		}
	}
	for _, c := range n.Snapshot.CPUs {
		lv := c.Levels[len(c.Levels)-1]
		var text strings.Builder
		text.WriteString(c.CPU.Name + ", " + lv.Frame.String() + ": " + nextText(lv))
		for _, s := range c.Buffer {
			text.WriteString("; " + s.Var.Name + " = " + s.Var.Format(s.Value) + " waits")
		}
		if c.Masks && lv.IRQsOff {
			text.WriteString("; interrupts are off")
		}
		for _, ipi := range c.Pending {
			text.WriteString("; " + ipi.Name + " is pending")
		}
		lines = append(lines, text.String())
	}
	return lines
}
