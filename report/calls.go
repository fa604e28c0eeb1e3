package report

import (
	"strings"

	"ctcheck/ir"
	"ctcheck/trace"
)

// This file says which calls the steps of a run stand in, and names each once, above its first step.

// callName is a call as C has it, with the names of the parameters, as most of the values say little by themselves.
func callName(c *ir.Called) string {
	args := make([]string, len(c.Args))
	for i, a := range c.Args {
		args[i] = a.Var.Name + "=" + a.Var.Format(a.Value)
	}
	return c.Routine.Name + "(" + strings.Join(args, ", ") + ")"
}

// headings names the calls of a run, going from step to step. The outermost one of a level, such as the code of a
// CPU, is only named if it has a statement of its own: one that is no comment.
type headings struct {
	named map[*ir.Called]bool     // of the outermost ones
	last  map[[2]int][]*ir.Called // those of the last step of each CPU and depth
}

// A heading is what stands above a step.
type heading struct {
	calls []*ir.Called // that begin with the step, outermost first
	outer int          // those around them
	back  *ir.Called   // the one that goes on, where another one was in it before
}

func newHeadings(t *trace.Trace) *headings {
	h := &headings{named: map[*ir.Called]bool{}, last: map[[2]int][]*ir.Called{}}
	for _, s := range t.Steps {
		if len(s.Calls) == 1 && !strings.HasPrefix(s.Statement(), "/*") {
			h.named[s.Calls[0]] = true
		}
	}
	return h
}

// above is what stands above the next step.
func (h *headings) above(s trace.Step) heading {
	if s.Transition.Kind != ir.Step {
		return heading{}
	}
	calls := s.Calls
	if len(calls) > 0 && !h.named[calls[0]] {
		calls = calls[1:]
	}
	key := [2]int{s.CPU.Index, len(s.Stack) - 1}
	last := h.last[key]
	h.last[key] = calls
	hd := heading{}
	for hd.outer < len(calls) && hd.outer < len(last) && calls[hd.outer] == last[hd.outer] {
		hd.outer++
	}
	hd.calls = calls[hd.outer:]
	if n := len(calls); n > 0 && hd.outer == n && len(last) > n {
		hd.back = calls[n-1]
	}
	return hd
}

// within is how many of the calls that are named the step stands in.
func (hd heading) within() int { return hd.outer + len(hd.calls) }

// lines is the heading of a step that stands by itself.
func (hd heading) lines() []string {
	var ls []string
	for _, c := range hd.calls {
		ls = append(ls, callName(c)+":")
	}
	if hd.back != nil {
		ls = append(ls, "back in "+callName(hd.back)+":")
	}
	return ls
}

// A jsonCall is a call that a step stands in.
type jsonCall struct {
	Number    int         `json:"number"` // of the call in the trace, from 1: what has the same is the same call
	Routine   string      `json:"routine"`
	Text      string      `json:"text"`
	Arguments []jsonValue `json:"arguments"`
}

// A jsonValue is a variable with its value.
type jsonValue struct {
	Name  string `json:"name"`
	Value int64  `json:"value"`
	Text  string `json:"text"` // as a trace prints the value
}

func valuesJSON(bs []ir.Binding) []jsonValue {
	js := []jsonValue{}
	for _, b := range bs {
		js = append(js, jsonValue{b.Var.Name, b.Value, b.Var.Format(b.Value)})
	}
	return js
}

// callsJSON is the calls that a step stands in, outermost first; numbers has those of the steps before it.
func callsJSON(calls []*ir.Called, numbers map[*ir.Called]int) []jsonCall {
	js := []jsonCall{}
	for _, c := range calls {
		if numbers[c] == 0 {
			numbers[c] = len(numbers) + 1
		}
		js = append(js, jsonCall{numbers[c], c.Routine.Name, callName(c), valuesJSON(c.Args)})
	}
	return js
}
