package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"ctcheck/deferral"
	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// The JSON format. A field that is added does not change Schema; one that is removed or changes its
// meaning does.
type jsonReport struct {
	Schema      int               `json:"schema"`
	Model       string            `json:"model"`
	Config      map[string]any    `json:"config"`
	MemoryModel string            `json:"memory_model"`
	Assumptions []string          `json:"assumptions"`
	Verdict     string            `json:"verdict"`
	Complete    bool              `json:"complete"`
	Bound       verdict.Bound     `json:"bound"`
	Properties  []jsonProperty    `json:"properties"`
	Void        map[string]string `json:"void,omitempty"` // properties that do not apply, with reasons
	Reached     []jsonClaim       `json:"reached"`
	States      uint64            `json:"states"`
	Transitions uint64            `json:"transitions"`
	Depth       int               `json:"depth"`
	Reductions  []jsonReduction   `json:"reductions"`
	Seconds     float64           `json:"seconds"`
	Bytes       uint64            `json:"bytes"`
	Store       string            `json:"store"`
	Estimate    *jsonEstimate     `json:"estimate,omitempty"`   // of a lossy store
	Checkpoint  string            `json:"checkpoint,omitempty"` // the file to resume from
	Resumed     string            `json:"resumed,omitempty"`    // the file that was resumed
	Coverage    *jsonCoverage     `json:"coverage,omitempty"`
	Any         *jsonAny          `json:"any,omitempty"` // where config.setters is "any"
}

type jsonProperty struct {
	Name     string     `json:"name"`
	Verdict  string     `json:"verdict"`
	Trace    []jsonStep `json:"trace"`
	Run      string     `json:"run,omitempty"`  // the trace for ctcheck replay
	Shortest bool       `json:"shortest"`       // no violation takes fewer steps
	Loop     *int       `json:"loop,omitempty"` // from this step of the trace on, it repeats for ever
	Race     *jsonRace  `json:"race,omitempty"` // what can come next, where the trace leads to a data race
	// Wraps is the counters that wrap in the trace and are longer in the kernel: the violation may rest on that.
	Wraps []string `json:"wraps,omitempty"`
	// Waiting is where each CPU stands, and what it waits for, where the trace leads to a deadlock.
	Waiting []jsonStanding `json:"waiting,omitempty"`
	// Setters is the smallest number of setters that violates it, Instance the value of --setters for which Run is,
	// and Open why it is not decided, where config.setters is "any".
	Setters  int    `json:"setters,omitempty"`
	Instance string `json:"instance,omitempty"`
	Open     string `json:"open,omitempty"`
}

type jsonRace struct {
	Variable string       `json:"variable"`
	Accesses []jsonAccess `json:"accesses"`
}

type jsonAccess struct {
	CPU       string `json:"cpu"`
	Statement string `json:"statement"`
	Write     bool   `json:"write"`
	Plain     bool   `json:"plain"`
}

type jsonReduction struct {
	Name     string     `json:"name"`
	Classes  [][]string `json:"classes,omitempty"`   // names of CPUs that are interchangeable
	StandFor uint64     `json:"stand_for,omitempty"` // the states without the reduction
	InStates uint64     `json:"in_states,omitempty"` // in which steps were left out
	LeftOut  uint64     `json:"left_out,omitempty"`  // these steps
	Off      string     `json:"off,omitempty"`       // why it was not applied
}

type jsonClaim struct {
	Name    string       `json:"name"`
	Reached bool         `json:"reached"`
	Witness *jsonWitness `json:"witness,omitempty"` // a shortest run that reaches it, if one was found
}

type jsonWitness struct {
	Run   string     `json:"run"` // for ctcheck replay
	Trace []jsonStep `json:"trace"`
}

func witnessJSON(t *trace.Trace) *jsonWitness {
	if t == nil {
		return nil
	}
	return &jsonWitness{t.Address(), stepsJSON(t, map[*ir.Called]int{})}
}

type jsonStep struct {
	CPU       string              `json:"cpu"`
	Frame     string              `json:"frame"`
	Routine   string              `json:"routine"`
	Statement string              `json:"statement"`
	Locals    map[string]int64    `json:"locals"`
	Changes   map[string][2]int64 `json:"changes"`
	Buffered  map[string]int64    `json:"buffered,omitempty"` // what went into the CPU's store buffer
	Events    []string            `json:"events"`
	Calls     []jsonCall          `json:"calls"` // that the statement stands in, outermost first
}

// JSON writes the report as one object. Several, which differ in the memory model, are one object with
// the list of them and what they differ in. The error is that of w.
func JSON(w io.Writer, rs ...*Report) error {
	var all []jsonReport
	for _, r := range rs {
		all = append(all, r.json())
	}
	differ, open := compare(rs)
	var out any = jsonReports{Schema: 2, Verdict: strings.ToLower(Worst(rs).String()), Reports: all,
		Differences: append([]string{}, differ...), Open: append([]string{}, open...)}
	if len(all) == 1 {
		out = all[0]
	}
	return WriteJSON(w, out)
}

// WriteJSON writes a value as all JSON of the tool is written: indented, with <, > and & as they are, as C has many
// of them. The error is that of w.
func WriteJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

type jsonReports struct {
	Schema      int          `json:"schema"`
	Verdict     string       `json:"verdict"`
	Reports     []jsonReport `json:"reports"`
	Differences []string     `json:"differences"` // what the memory model decides
	Open        []string     `json:"open"`        // what a search was cut before it knew
}

func (r *Report) json() jsonReport {
	j := jsonReport{Schema: 2, Model: r.Model, Config: map[string]any{}, MemoryModel: r.Memory.String(),
		Assumptions: r.assumptions(), Verdict: strings.ToLower(r.Verdict.String()),
		Complete: r.Complete, Bound: r.Bound, Properties: []jsonProperty{}, Void: r.void(),
		Reached: []jsonClaim{}, Reductions: []jsonReduction{},
		States: r.States, Transitions: r.Transitions, Depth: r.Depth,
		Seconds: r.Duration.Seconds(), Bytes: r.search().Bytes, Store: r.search().Store,
		Estimate: r.estimateJSON(), Checkpoint: r.search().Checkpoint, Resumed: r.search().Resumed,
		Coverage: r.coverage().json(), Any: r.anyJSON()}
	for _, p := range r.Config {
		j.Config[p.Name] = p.Value
	}
	for _, p := range r.Properties {
		jp := jsonProperty{Name: p.Name, Verdict: r.verdict(p), Setters: p.Setters, Instance: p.Instance,
			Open: p.Open}
		if p.Trace != nil {
			jp.Run, jp.Shortest = p.Trace.Address(), p.Trace.Shortest
			numbers := map[*ir.Called]int{}
			jp.Trace, jp.Waiting = stepsJSON(p.Trace, numbers), standingJSON(p.Trace, numbers)
			if p.Trace.Loop >= 0 {
				jp.Loop = &p.Trace.Loop
			}
			jp.Race = raceJSON(p.Trace.Race)
			jp.Wraps = wrapNames(p.Trace)
		}
		j.Properties = append(j.Properties, jp)
	}
	for _, c := range r.Claims {
		j.Reached = append(j.Reached, jsonClaim{c.Name, c.Reached, witnessJSON(c.Witness)})
	}
	for _, d := range r.search().Reduced {
		j.Reductions = append(j.Reductions, jsonReduction{d.Name, classNames(d), d.StandFor, d.PrunedStates,
			d.PrunedSteps, d.Off})
	}
	return j
}

func raceJSON(r *ir.Race) *jsonRace {
	if r == nil {
		return nil
	}
	j := &jsonRace{Variable: r.Var.Name}
	for _, a := range r.Accesses {
		j.Accesses = append(j.Accesses, jsonAccess{a.CPU.Name, a.Stmt.Label, a.Write, a.Stmt.Order == model.Plain})
	}
	return j
}

// TraceJSON is the steps of a trace as [JSON] has them, for a report that has others around it.
func TraceJSON(t *trace.Trace) any { return stepsJSON(t, map[*ir.Called]int{}) }

func stepsJSON(t *trace.Trace, numbers map[*ir.Called]int) []jsonStep {
	steps := []jsonStep{}
	for _, s := range t.Steps {
		j := stepJSON(s)
		j.Calls = callsJSON(s.Calls, numbers)
		steps = append(steps, j)
	}
	return steps
}

func stepJSON(s trace.Step) jsonStep {
	j := jsonStep{CPU: s.CPU.Name, Frame: s.Frame().String(), Routine: s.Routine,
		Statement: s.Statement(),
		Locals:    map[string]int64{}, Changes: map[string][2]int64{}, Events: []string{}}
	switch s.Transition.Kind {
	case ir.PushIPI, ir.PushIRQ:
		j.Routine = s.CPU.IPIs[s.Transition.Index].Handler.Name
	case ir.PushNMI:
		j.Routine = s.CPU.NMI.Name
	}
	for _, w := range s.Writes {
		j.Locals[localName(w.Var, s)] = w.Value
	}
	for _, c := range s.Changes {
		j.Changes[c.Var.Name] = [2]int64{c.Before, c.After}
	}
	if w := s.Waits; w != nil {
		j.Buffered = map[string]int64{w.Var.Name: w.Value}
	}
	for _, ev := range s.Events {
		j.Events = append(j.Events, EventText(ev))
	}
	return j
}

// EventText is an event in a few words, stable for scripts.
func EventText(ev ir.Happening) string {
	if text := deferral.Text(ev.Event, ev.Value); text != "" {
		return text
	}
	switch {
	case ev.Kind == model.FrameEntered:
		return fmt.Sprintf("%s frame=%s", ev.Kind, ev.Frame)
	case ev.IPI != nil:
		return fmt.Sprintf("%s ipi=%s", ev.Kind, strings.ReplaceAll(ev.IPI.Name, " ", "-"))
	case ev.Kind == model.Pushed || ev.Kind == model.Popped:
		return string(ev.Kind) + " nmi"
	}
	return string(ev.Kind)
}
