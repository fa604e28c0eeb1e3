package axiom

import (
	"fmt"
	"slices"

	"ctcheck/threads"
	"ctcheck/trace"
)

// Picture is an execution to be shown. The reason, if there is one, is why it is forbidden.
func (e *Execution) Picture(p *threads.Program, why *Reason) *trace.Execution {
	out := &trace.Execution{}
	rows := make([]int, len(e.Events)) // of the accesses
	name := func(i int, row trace.ExecutionRow) {
		rows[i] = len(out.Rows)
		row.Name = letter(len(out.Rows) - unnamed(out.Rows))
		out.Rows = append(out.Rows, row)
	}
	show := func(v threads.Value) string {
		switch v.Kind {
		case threads.Addr:
			return "&" + p.Cells[v.N].Name
		case threads.Thin:
			return "?"
		}
		return fmt.Sprint(v.N)
	}
	for i, ev := range e.Events {
		if ev.Thread < 0 {
			name(i, trace.ExecutionRow{Thread: -1, Text: "initially", Does: p.Cells[ev.Cell].Name + " = " +
				show(ev.Value)})
		}
	}
	for t, th := range p.Threads {
		out.Threads = append(out.Threads, th.Name)
		for n := 0; ; n++ {
			for _, f := range e.Fences {
				if f.Thread == t && f.Before == n {
					out.Rows = append(out.Rows, trace.ExecutionRow{Thread: t, Text: f.Instr.Label})
				}
			}
			i := slices.IndexFunc(e.Events, func(ev Event) bool { return ev.Thread == t && ev.Nth == n })
			if i < 0 {
				break
			}
			ev, does := e.Events[i], "writes "
			if ev.Read {
				does = "reads "
			}
			name(i, trace.ExecutionRow{Thread: t, Text: ev.Instr.Label,
				Does: does + p.Cells[ev.Cell].Name + " = " + show(ev.Value)})
		}
	}
	e.edges(out, rows)
	if why != nil {
		out.Broken = why.Axiom.Words()
		e.cycle(out, rows, why)
	}
	return out
}

func unnamed(rows []trace.ExecutionRow) (n int) {
	for _, r := range rows {
		if r.Name == "" {
			n++
		}
	}
	return n
}

// letter is a, b, ... z, a1, b1, ...
func letter(n int) string {
	s := string(rune('a' + n%26))
	if n >= 26 {
		s += fmt.Sprint(n / 26)
	}
	return s
}

// edges is rf, and co and fr to the next write only: the others follow.
func (e *Execution) edges(out *trace.Execution, rows []int) {
	next := func(w int) int {
		for _, j := range e.Events[w].After {
			if len(e.Events[j].After) == len(e.Events[w].After)-1 {
				return j
			}
		}
		return -1
	}
	for i, ev := range e.Events {
		if !ev.Read {
			if j := next(i); j >= 0 {
				out.Edges = append(out.Edges, trace.ExecutionEdge{From: rows[i], To: rows[j], Name: "co"})
			}
			continue
		}
		out.Edges = append(out.Edges, trace.ExecutionEdge{From: rows[ev.From], To: rows[i], Name: "rf"})
		if j := next(ev.From); j >= 0 {
			out.Edges = append(out.Edges, trace.ExecutionEdge{From: rows[i], To: rows[j], Name: "fr"})
		}
	}
}

// cycle marks the edges of a cycle, and has it in words.
func (e *Execution) cycle(out *trace.Execution, rows []int, why *Reason) {
	at := func(i int) string {
		r := out.Rows[rows[i]]
		return r.Name + " " + r.Text
	}
	for _, s := range why.Cycle {
		switch {
		case s.From >= 0 && s.To >= 0:
			out.Steps = append(out.Steps, fmt.Sprintf("%s --%s--> %s", at(s.From), s.Name, at(s.To)))
		case s.From >= 0:
			out.Steps = append(out.Steps, at(s.From)+" comes before "+s.Name)
			continue
		case s.To >= 0:
			out.Steps = append(out.Steps, s.Name+" comes before "+at(s.To))
			continue
		default:
			out.Steps = append(out.Steps, s.Name)
			continue
		}
		edge := trace.ExecutionEdge{From: rows[s.From], To: rows[s.To], Name: s.Name, Cycle: true}
		i := slices.IndexFunc(out.Edges, func(x trace.ExecutionEdge) bool {
			return x.From == edge.From && x.To == edge.To && x.Name == edge.Name
		})
		if i >= 0 {
			out.Edges[i].Cycle = true
		} else {
			out.Edges = append(out.Edges, edge)
		}
	}
}
