package report

import (
	"fmt"
	"io"
	"strings"

	"ctcheck/ir"
	"ctcheck/model"
)

// DOT writes every trace for Graphviz, all in one graph: a box for each trace, in it one for each CPU
// with its steps in program order. Time goes down; dashed arrows say what came next where the CPU
// changes, and coloured ones lead from where an IPI was sent to where it arrives and from a store into a
// buffer to where it becomes visible. Of a report without traces it writes the state graph, if the report has
// one with few states. The error is that of w.
func DOT(w io.Writer, rs ...*Report) error {
	d := newDot()
	for i, r := range rs {
		d.heads = append(append(d.heads, r.headline()), r.remarks()...)
		scenes := r.scenes()
		for j, sc := range scenes {
			dotScene(&d.b, fmt.Sprintf("r%dt%d", i, j), sc)
		}
		if len(scenes) == 0 && r.Graph != nil && len(r.Graph.States) <= FewStates {
			r.dotGraph(&d.b, fmt.Sprintf("r%d", i))
		}
	}
	return d.write(w, rs)
}

// A dot is a graph that is being written.
type dot struct {
	b     strings.Builder
	heads []string
}

func newDot() *dot {
	d := &dot{}
	d.b.WriteString("digraph ctcheck {\n" +
		"\trankdir=TB; newrank=true; labelloc=t; labeljust=l;\n" +
		"\tfontname=monospace; node [fontname=monospace, shape=box]; edge [fontname=monospace];\n")
	return d
}

// write ends the graph.
func (d *dot) write(w io.Writer, rs []*Report) error {
	if len(rs) > 1 {
		d.heads = append(append(d.heads, "what the memory model decides:"), decides(rs)...)
	}
	fmt.Fprintf(&d.b, "\tlabel=%s;\n}\n", dotText(d.heads...))
	_, err := io.WriteString(w, d.b.String())
	return err
}

// dotScene writes one trace; id begins the names of what is in it.
func dotScene(b *strings.Builder, id string, sc scene) {
	fmt.Fprintf(b, "\tsubgraph cluster_%s {\n\t\tlabel=%s;\n", id, dotText(sc.title, sc.start))
	// The steps of a CPU are a group, which Graphviz draws one below the other, under a head; the heads are in
	// order.
	head := func(c *model.CPU) string { return fmt.Sprintf("%s_cpu%d", id, c.Index) }
	for _, c := range sc.cpus {
		fmt.Fprintf(b, "\t\tsubgraph cluster_%s {\n\t\t\tlabel=\"\";\n", head(c))
		fmt.Fprintf(b, "\t\t\t%s [label=%s, shape=plain, group=%[1]s];\n", head(c), dotText(c.Name))
		for n, bt := range sc.beats {
			if bt.cpu != c {
				continue
			}
			style := dotStyle(bt)
			if n == len(sc.beats)-1 && sc.loop < 0 && sc.broken {
				style += ", color=red, penwidth=3"
			}
			fmt.Fprintf(b, "\t\t\t%s_%d [label=%s, group=%s%s];\n", id, n+1, dotText(bt.lines(n)...), head(c),
				style)
		}
		b.WriteString("\t\t}\n")
	}
	var heads []string
	for _, c := range sc.cpus {
		heads = append(heads, head(c))
	}
	if len(heads) > 1 {
		fmt.Fprintf(b, "\t\t{ rank=same; %s [style=invis]; }\n", strings.Join(heads, " -> "))
	}
	fmt.Fprintf(b, "\t\t%s_end [shape=note, color=red, label=%s];\n", id, dotText(sc.end...))
	edge := func(from, to int, style string) {
		fmt.Fprintf(b, "\t\t%s_%d -> %s_%d%s;\n", id, from+1, id, to+1, style)
	}
	last := map[*model.CPU]int{}
	for n, bt := range sc.beats {
		if before, ok := last[bt.cpu]; ok {
			edge(before, n, "") // program order
		} else {
			fmt.Fprintf(b, "\t\t%s -> %s_%d [style=invis];\n", head(bt.cpu), id, n+1)
		}
		last[bt.cpu] = n
		if n > 0 && sc.beats[n-1].cpu != bt.cpu {
			edge(n-1, n, " [style=dashed, color=gray]")
		}
		switch {
		case bt.cause < 0:
		case bt.kind == ir.Flush:
			edge(bt.cause, n, " [label=visible, color=darkorange, constraint=false]")
		default:
			edge(bt.cause, n, " [label=IPI, color=blue, constraint=false]")
		}
	}
	if n := len(sc.beats); n > 0 {
		fmt.Fprintf(b, "\t\t%s_%d -> %s_end [style=dashed, color=gray];\n", id, n, id)
		if sc.loop >= 0 {
			edge(n-1, sc.loop, " [label=\"for ever\", constraint=false]")
		}
	}
	b.WriteString("\t}\n")
}

// dotStyle tells interrupts and flushes from statements.
func dotStyle(bt beat) string {
	switch {
	case bt.pushes():
		return ", style=filled, fillcolor=lightblue"
	case bt.kind == ir.Flush:
		return ", style=dashed"
	}
	return ""
}

// dotText is a label of lines, set to the left, that Graphviz shows as they are: neither its own escapes
// nor the entities of HTML work in it.
func dotText(lines ...string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, l := range lines {
		if l == "" {
			continue
		}
		for _, c := range l {
			switch {
			case c == '\\' || c == '"':
				b.WriteString("\\" + string(c))
			case c == '&':
				b.WriteString("&amp;")
			case blank(c):
				b.WriteByte(' ')
			default:
				b.WriteRune(c)
			}
		}
		b.WriteString(`\l`)
	}
	b.WriteByte('"')
	return b.String()
}
