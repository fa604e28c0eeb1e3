package weaken

import (
	"io"
	"slices"

	"ctcheck/report"
)

// The JSON format. A field that is added does not change Schema; one that is removed or changes its
// meaning does.
type jsonTable struct {
	Schema       int          `json:"schema"`
	Model        string       `json:"model"`
	MemoryModels []string     `json:"memory_models"`
	Properties   []string     `json:"properties"` // asked for, in their order
	Configs      []jsonConfig `json:"configs"`
	Itself       []jsonItself `json:"itself"` // what the protocol itself says, a row for each search
	Rows         []jsonRow    `json:"rows"`
	Bare         []jsonBare   `json:"bare"` // accesses that have no weaker form
	Complete     bool         `json:"complete"`
	Caveat       string       `json:"caveat"`
}

type jsonConfig struct {
	Key    string            `json:"key"` // empty if it is the only one
	Name   string            `json:"name"`
	Flags  string            `json:"flags"`
	Config map[string]any    `json:"config"`
	Void   map[string]string `json:"void,omitempty"` // properties that do not apply, with reasons
}

type jsonItself struct {
	Config      string   `json:"config"`
	MemoryModel string   `json:"memory_model"`
	Lacks       []string `json:"lacks"` // violated or not reached: no row is judged by it
	States      uint64   `json:"states"`
	Transitions uint64   `json:"transitions"`
	Complete    bool     `json:"complete"`
}

type jsonBare struct {
	Routine   string `json:"routine"`
	Statement string `json:"statement"`
}

type jsonRow struct {
	Number    int           `json:"number"`
	Routine   string        `json:"routine"`
	Statement string        `json:"statement"`
	More      bool          `json:"more,omitempty"` // it stands for others, with other labels
	Weakening string        `json:"weakening"`      // order, fence, torn or swap
	From      string        `json:"from,omitempty"`
	To        string        `json:"to,omitempty"`
	With      string        `json:"with,omitempty"` // the second statement of a swap
	Configs   []string      `json:"configs"`        // those that have the statement
	Verdicts  []jsonVerdict `json:"verdicts"`
}

type jsonVerdict struct {
	MemoryModel string      `json:"memory_model"`
	Verdict     string      `json:"verdict"`
	Breaks      []jsonBreak `json:"breaks"`
	Unreached   []jsonBreak `json:"unreached"`
	Reason      string      `json:"reason,omitempty"` // why it changes nothing
	Faults      []jsonNote  `json:"faults,omitempty"`
	Open        []jsonNote  `json:"open,omitempty"`
}

type jsonBreak struct {
	Name   string `json:"name"`
	Config string `json:"config"`
	Steps  int    `json:"steps,omitempty"`
	Loop   *int   `json:"loop,omitempty"` // from this step of the trace on, it repeats for ever
	Trace  any    `json:"trace,omitempty"`
}

type jsonNote struct {
	Config string `json:"config"`
	Text   string `json:"text"`
	Trace  any    `json:"trace,omitempty"` // that leads to a fault, its last step
}

// JSON writes the table as one object; the given rows have the steps of their runs. The error is that
// of w.
func (t *Table) JSON(w io.Writer, runs []*Row) error {
	j := jsonTable{Schema: 1, Model: t.Model, MemoryModels: []string{}, Properties: t.asked(),
		Configs: []jsonConfig{}, Itself: []jsonItself{}, Rows: []jsonRow{}, Bare: []jsonBare{},
		Complete: t.Complete(), Caveat: caveat}
	for _, mm := range t.Memories {
		j.MemoryModels = append(j.MemoryModels, mm.String())
	}
	for _, c := range t.Cases {
		jc := jsonConfig{Key: c.Key, Name: c.Name, Flags: c.Flags, Config: map[string]any{}, Void: c.Void}
		for _, p := range c.Params {
			jc.Config[p.Name] = p.Value
		}
		j.Configs = append(j.Configs, jc)
	}
	for _, c := range slices.Concat(t.own...) {
		ji := jsonItself{Config: c.cs.Key, MemoryModel: c.memory.String(), Lacks: []string{},
			Complete: c.open() == ""}
		if c.result != nil {
			ji.Lacks = append(ji.Lacks, c.violations()...)
			ji.States, ji.Transitions = c.result.States, c.result.Transitions
		}
		j.Itself = append(j.Itself, ji)
	}
	for _, r := range t.Rows {
		j.Rows = append(j.Rows, r.json(t.Cases, slices.Contains(runs, r)))
	}
	for _, r := range t.Bare {
		j.Bare = append(j.Bare, jsonBare{r.Routine, r.Statement})
	}
	return report.WriteJSON(w, j)
}

func (r *Row) json(cases []*Case, run bool) jsonRow {
	jr := jsonRow{Number: r.Number, Routine: r.Routine, Statement: r.Statement, More: r.More,
		Weakening: r.Kind.String(), With: r.Next, Configs: []string{}, Verdicts: []jsonVerdict{}}
	for i, c := range cases {
		if r.in[i] {
			jr.Configs = append(jr.Configs, c.Key)
		}
	}
	if r.Kind == Order {
		jr.From, jr.To = orderNames[r.From], orderNames[r.To]
	}
	for _, v := range r.Verdicts {
		jr.Verdicts = append(jr.Verdicts, v.json(run))
	}
	return jr
}

func (v *Verdict) json(run bool) jsonVerdict {
	jv := jsonVerdict{MemoryModel: v.Memory.String(), Verdict: v.Outcome(), Breaks: []jsonBreak{},
		Unreached: []jsonBreak{}, Faults: jsonNotes(v.Faults, run), Open: jsonNotes(v.Open, run)}
	if jv.Verdict == Inert {
		jv.Reason = v.Inert
	}
	for i := range v.Breaks {
		b := &v.Breaks[i]
		jb := jsonBreak{Name: b.Name, Config: b.Case.Key}
		if b.Claim {
			jv.Unreached = append(jv.Unreached, jb)
			continue
		}
		jb.Steps = len(b.Trace.Steps)
		if b.Trace.Loop >= 0 {
			jb.Loop = &b.Trace.Loop
		}
		if run && b == v.Shortest() {
			jb.Trace = report.TraceJSON(b.Trace)
		}
		jv.Breaks = append(jv.Breaks, jb)
	}
	return jv
}

func jsonNotes(notes []Note, run bool) []jsonNote {
	var js []jsonNote
	for _, n := range notes {
		key := ""
		if n.Case != nil {
			key = n.Case.Key
		}
		j := jsonNote{Config: key, Text: n.Text}
		if run && n.Run != nil && n.Run.Trace != nil {
			j.Trace = report.TraceJSON(n.Run.Trace)
		}
		js = append(js, j)
	}
	return js
}
