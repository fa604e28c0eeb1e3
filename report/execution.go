package report

import (
	"fmt"
	"io"
	"strings"

	"ctcheck/trace"
)

// This file shows execution graphs: as text, for Graphviz, and as a page.

// ExecutionText writes an execution for people: what each thread does, then the cycle that forbids it.
func ExecutionText(b *strings.Builder, st Style, x *trace.Execution) {
	width := 0
	for _, r := range x.Rows {
		width = max(width, len(r.Text))
	}
	from := map[int]string{}
	for _, e := range x.Edges {
		if e.Name == "rf" {
			from[e.To] = " from " + x.Rows[e.From].Name
		}
	}
	thread := -2
	for i, r := range x.Rows {
		if r.Thread != thread {
			if thread = r.Thread; thread >= 0 {
				fmt.Fprintf(b, "  %s\n", x.Threads[thread])
			}
		}
		indent := "    "
		if r.Thread < 0 {
			indent = "  "
		}
		line := fmt.Sprintf("%s%-3s %-*s  %s%s", indent, r.Name, width, oneLine(r.Text), r.Does, from[i])
		fmt.Fprintln(b, strings.TrimRight(line, " "))
	}
	if x.Broken == "" {
		return
	}
	fmt.Fprintf(b, "\n%s\n", Wrap("  A cycle forbids it, of "+x.Broken+":", st.Width, "  "))
	for _, s := range x.Steps {
		fmt.Fprintf(b, "    %s\n", oneLine(s))
	}
}

// ExecutionsDOT writes executions for Graphviz: a box for each, in it one for each thread with its accesses in
// program order. The error is that of w.
func ExecutionsDOT(w io.Writer, title string, xs ...*trace.Execution) error {
	d := newDot()
	d.heads = append(d.heads, title)
	for k, x := range xs {
		id := fmt.Sprintf("e%d", k)
		fmt.Fprintf(&d.b, "\tsubgraph cluster_%s {\n\t\tlabel=%s;\n", id, dotText(headOf(x)...))
		node := func(i int) string { return fmt.Sprintf("%s_%d", id, i) }
		for t := -1; t < len(x.Threads); t++ {
			label := "initially"
			if t >= 0 {
				label = x.Threads[t]
			}
			fmt.Fprintf(&d.b, "\t\tsubgraph cluster_%s_t%d {\n\t\t\tlabel=%s;\n", id, t+1, dotText(label))
			last := -1
			for i, r := range x.Rows {
				if r.Thread != t {
					continue
				}
				shape := ""
				if r.Name == "" {
					shape = ", shape=plain"
				}
				fmt.Fprintf(&d.b, "\t\t\t%s [label=%s%s];\n", node(i), dotText(rowLines(r)...), shape)
				if last >= 0 && t >= 0 {
					fmt.Fprintf(&d.b, "\t\t\t%s -> %s [color=gray];\n", node(last), node(i))
				}
				last = i
			}
			d.b.WriteString("\t\t}\n")
		}
		for _, e := range x.Edges {
			style := map[string]string{"rf": ", color=darkgreen, fontcolor=darkgreen",
				"co": ", color=blue, fontcolor=blue",
				"fr": ", color=orange, fontcolor=orange"}[e.Name]
			if e.Cycle {
				style = ", color=red, fontcolor=red, penwidth=2"
			}
			fmt.Fprintf(&d.b, "\t\t%s -> %s [label=%s, constraint=false%s];\n", node(e.From), node(e.To),
				dotText(e.Name), style)
		}
		d.b.WriteString("\t}\n")
	}
	return d.write(w, nil)
}

// headOf is what stands above an execution.
func headOf(x *trace.Execution) []string {
	lines := []string{x.Title}
	if x.Broken != "" {
		lines = append(lines, "forbidden by a cycle of "+x.Broken)
	}
	return lines
}

func rowLines(r trace.ExecutionRow) []string {
	if r.Name == "" {
		return []string{r.Text}
	}
	return []string{r.Name + ": " + r.Text, r.Does}
}
