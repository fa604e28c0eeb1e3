package report

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/trace"
)

// This file says of a deadlock who waits, where and for what.

// standings is a sentence for each CPU, and one for each IPI that is not delivered.
func standings(t *trace.Trace) []string {
	var ls []string
	for i := range t.Standing {
		st := &t.Standing[i]
		ls = append(ls, standing(st))
		for _, ipi := range st.Pending {
			ls = append(ls, fmt.Sprintf("The IPI %s is pending: %s.", ipi.Name, undelivered(st)))
		}
	}
	return ls
}

// standing is where a CPU stands.
func standing(st *ir.Standing) string {
	if st.Ended {
		return st.CPU.Name + " has ended."
	}
	who := st.CPU.Name
	if st.CPU.IsService {
		who += ", which need not end,"
	}
	who += " waits"
	if n := len(st.Calls); n > 0 {
		who += " in " + callName(st.Calls[n-1])
	}
	switch st.Context {
	case model.InIRQ:
		who += ", in the handler of an interrupt,"
	case model.InNMI:
		who += ", in an NMI,"
	}
	var whats []string
	for _, w := range st.Waits {
		at := ""
		if len(whats) == 0 && st.Step != nil && st.Step.Kind == model.StmtAtomic {
			at = fmt.Sprintf("at %s, inside it ", placed(st.Step))
		}
		whats = append(whats, at+waiting(st.Step, w))
	}
	return who + " " + strings.Join(whats, ", or ") + "."
}

// waiting is what is waited for, and where; step is that with which the CPU would go on.
func waiting(step *model.Stmt, w *ir.Wait) string {
	text := fmt.Sprintf("at %s until %s", placed(w.Stmt), until(w))
	if w.Stmt.Kind == model.StmtChoose {
		text = fmt.Sprintf("at the choice in %s until %s", where(w.Stmt), until(w))
	}
	var values []string
	for _, b := range w.Values {
		values = append(values, b.Var.Name+" is "+b.Var.Format(b.Value))
	}
	if len(values) > 0 {
		text += "; " + strings.Join(values, ", ")
	}
	return text
}

// until is what has to become true.
func until(w *ir.Wait) string {
	if w.Until == nil {
		return fmt.Sprintf("the IPI %s, sent before, is delivered to %s", w.Stmt.IPI.Name, w.Stmt.IPI.CPU.Name)
	}
	found := w.Stmt.Var
	if w.Stmt.At != nil && len(w.Values) > 0 {
		found = w.Values[0].Var // the element that was chosen
	}
	if w.Until.Op == model.OpConst {
		return strconv.FormatBool(w.Until.K != 0)
	}
	return renamed(w.Until, w.Stmt.Dst, found).String()
}

// renamed is an expression that speaks of a variable instead of another one.
func renamed(n *model.Node, from, to *model.Var) *model.Node {
	switch {
	case n == nil:
		return nil
	case n.Op == model.OpVar && n.Var == from && to != nil:
		return to.Node()
	}
	c := *n
	c.A, c.B = renamed(n.A, from, to), renamed(n.B, from, to)
	return &c
}

// undelivered is why an IPI of the CPU is not delivered.
func undelivered(st *ir.Standing) string {
	name := st.CPU.Name
	switch {
	case st.Context == model.InNMI:
		return name + " runs an NMI"
	case st.Context == model.InIRQ && st.IRQsOff:
		return name + " runs the handler of an interrupt, with interrupts off"
	case st.Context == model.InIRQ:
		return name + " runs a handler of the same line"
	case st.Frame == model.User || st.Frame == model.Guest:
		return fmt.Sprintf("%s is in the frame %s, where an IPI waits for the entry", name, st.Frame)
	}
	if ir.TakesIRQs(st.Context, st.Frame) {
		return name + " has disabled interrupts"
	}
	return fmt.Sprintf("%s is in the frame %s, with interrupts off", name, st.Frame)
}

// placed is a statement, and where the model has it.
func placed(s *model.Stmt) string {
	if s.Label == "" {
		return where(s)
	}
	return fmt.Sprintf("%q (%s)", s.Label, where(s))
}

func where(s *model.Stmt) string { return fmt.Sprintf("%s:%d", filepath.Base(s.File), s.Line) }

// A jsonStanding is where a CPU stands in a deadlock.
type jsonStanding struct {
	CPU     string        `json:"cpu"`
	Text    string        `json:"text"`
	Ended   bool          `json:"ended"`
	Service bool          `json:"service"` // it need not end
	Context string        `json:"context"` // task, irq or nmi
	Frame   string        `json:"frame"`
	Calls   []jsonCall    `json:"calls"` // under way, outermost first; numbered as in the trace
	Waits   []jsonWait    `json:"waits"` // for each way on
	Pending []jsonPending `json:"pending"`
}

type jsonWait struct {
	Statement string      `json:"statement"`
	File      string      `json:"file"`
	Line      int         `json:"line"`
	Inside    string      `json:"inside,omitempty"` // the one step that the statement is a part of
	Until     string      `json:"until"`
	Values    []jsonValue `json:"values"`
}

type jsonPending struct {
	IPI string `json:"ipi"`
	Why string `json:"why"`
}

// standingJSON is where each CPU stands at the end of a trace that leads to a deadlock.
func standingJSON(t *trace.Trace, numbers map[*ir.Called]int) []jsonStanding {
	var js []jsonStanding
	for i := range t.Standing {
		st := &t.Standing[i]
		j := jsonStanding{CPU: st.CPU.Name, Text: standing(st), Ended: st.Ended, Service: st.CPU.IsService,
			Context: [...]string{"task", "irq", "nmi"}[st.Context], Frame: st.Frame.String(),
			Calls: callsJSON(st.Calls, numbers), Waits: []jsonWait{}, Pending: []jsonPending{}}
		for _, w := range st.Waits {
			jw := jsonWait{Statement: w.Stmt.Label, File: filepath.Base(w.Stmt.File), Line: w.Stmt.Line,
				Until: until(w), Values: valuesJSON(w.Values)}
			if st.Step != nil && st.Step.Kind == model.StmtAtomic {
				jw.Inside = st.Step.Label
			}
			j.Waits = append(j.Waits, jw)
		}
		for _, ipi := range st.Pending {
			j.Pending = append(j.Pending, jsonPending{ipi.Name, undelivered(st)})
		}
		js = append(js, j)
	}
	return js
}
