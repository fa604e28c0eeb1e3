package diff

import (
	"io"

	"ctcheck/report"
	"ctcheck/trace"
)

// The JSON format. A field that is added does not change Schema; one that is removed or changes its
// meaning does.
type jsonDiff struct {
	Schema      int          `json:"schema"`
	Models      [2]string    `json:"models"`
	MemoryModel string       `json:"memory_model"`
	Complete    bool         `json:"complete"`
	Changes     []jsonChange `json:"changes"`
	Parting     *jsonParting `json:"parting"` // null where it was not looked for
	Searches    []jsonSearch `json:"searches"`
}

// A jsonChange is what became of a property in a configuration.
type jsonChange struct {
	Property string     `json:"property"`
	Config   string     `json:"config"` // the configuration's key; empty where there is one only
	Flags    string     `json:"flags"`
	Became   string     `json:"became"` // hold, mended, broke, violated, open or absent
	Runs     [2]*string `json:"runs"`   // for ctcheck replay, of those that violate it
}

type jsonParting struct {
	Config   string `json:"config"`
	Found    bool   `json:"found"`
	Run      string `json:"run"`      // the schedule
	Only     string `json:"only"`     // a or b, where only that one can take the last step
	Complete bool   `json:"complete"` // if none was found, there is none
	Pairs    uint64 `json:"pairs"`    // of states that were looked at
	Apart    string `json:"apart"`    // why there are no schedules for both
	Traces   [2]any `json:"traces"`
}

type jsonSearch struct {
	Config string    `json:"config"`
	States [2]uint64 `json:"states"`
}

// JSON writes the diff as one object. The error is that of w.
func (d *Diff) JSON(w io.Writer) error {
	j := jsonDiff{Schema: 1, Models: d.Names, MemoryModel: d.Memory.String(), Complete: d.Complete(),
		Changes: []jsonChange{}, Searches: []jsonSearch{}}
	for _, name := range d.Properties() {
		for _, p := range d.Pairs {
			c := jsonChange{Property: name, Config: p.Key, Flags: p.Flags, Became: p.What(name)}
			for i, s := range p.Sides {
				if s.says(name) == Both && s.property(name) != nil {
					run := s.property(name).Trace.Address()
					c.Runs[i] = &run
				}
			}
			j.Changes = append(j.Changes, c)
		}
	}
	for _, p := range d.Pairs {
		s := jsonSearch{Config: p.Key}
		for i, side := range p.Sides {
			if side.Result != nil {
				s.States[i] = side.Result.States
			}
		}
		j.Searches = append(j.Searches, s)
	}
	if pt := d.Parting; pt != nil {
		j.Parting = &jsonParting{Config: pt.Pair.Key, Found: pt.Found, Run: trace.Address(pt.Run, -1),
			Only: pt.Only, Complete: pt.Bound == "", Pairs: pt.States}
		if pt.Apart != nil {
			j.Parting.Apart = pt.Apart.Error()
		}
		for i, t := range pt.Runs {
			if t != nil {
				j.Parting.Traces[i] = report.TraceJSON(t)
			}
		}
	}
	return report.WriteJSON(w, j)
}
