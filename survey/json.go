package survey

import (
	"io"

	"ctcheck/report"
)

// The JSON format. A field that is added does not change Schema; one that is removed or changes its
// meaning does.
type jsonTable struct {
	Schema      int       `json:"schema"`
	MemoryModel string    `json:"memory_model"`
	Properties  []string  `json:"properties"` // asked for, in their order
	Complete    bool      `json:"complete"`
	Rows        []jsonRow `json:"rows"`
}

// A jsonRow is a cell: a row of a data set, not of the table that people read.
type jsonRow struct {
	Model      string         `json:"model"`
	ConfigKey  string         `json:"config_key"`
	ConfigName string         `json:"config_name"`
	Config     map[string]any `json:"config"`
	Verdict    string         `json:"verdict"`
	Violated   []string       `json:"violated"`
	// Wraps is, of those, the ones that hold with a dozen of rounds, with the counters that wrap.
	Wraps map[string][]string `json:"wraps,omitempty"`
	Void  map[string]string   `json:"void,omitempty"` // properties that do not apply, with reasons
	// Where config.setters is "any": of violated properties the fewest setters, why the design is refused, and how
	// many views there are.
	Setters     map[string]int `json:"setters,omitempty"`
	Refused     string         `json:"refused,omitempty"`
	Views       uint64         `json:"views,omitempty"`
	States      uint64         `json:"states"`
	Transitions uint64         `json:"transitions"`
	Complete    bool           `json:"complete"`
}

// JSON writes the table as one object with a row for each cell. The error is that of w.
func (t *Table) JSON(w io.Writer) error {
	j := jsonTable{Schema: 3, MemoryModel: t.Memory.String(), Properties: t.asked(),
		Complete: t.Complete(), Rows: []jsonRow{}}
	for _, row := range t.Cells {
		for i, c := range row {
			r := jsonRow{Model: c.Design.Name, ConfigKey: t.Configs[i].Key, ConfigName: t.Configs[i].Name,
				Config: map[string]any{}, Verdict: c.Outcome(), Violated: []string{}, Void: c.Void,
				Wraps: c.wraps(), Complete: c.Complete(), Refused: c.Refused}
			for _, p := range c.Config.Params() {
				r.Config[p.Name] = p.Value
			}
			for _, p := range c.Violations() {
				r.Violated = append(r.Violated, p.Name)
				if p.Setters > 0 {
					if r.Setters == nil {
						r.Setters = map[string]int{}
					}
					r.Setters[p.Name] = p.Setters
				}
			}
			if c.Result != nil {
				r.States, r.Transitions = c.Result.States, c.Result.Transitions
				if a := c.Result.Any; a != nil {
					r.Views = a.Views
				}
			}
			j.Rows = append(j.Rows, r)
		}
	}
	return report.WriteJSON(w, j)
}
