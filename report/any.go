package report

import (
	"fmt"

	humanize "github.com/dustin/go-humanize"

	"ctcheck/verdict"
)

// This file says what a verdict on any number of setters rests on.

// number is a number of CPUs of the kind in words.
func (r *Report) number(n int) string {
	if n == 1 {
		return "1 " + r.Any.Kind
	}
	return fmt.Sprintf("%d %ss", n, r.Any.Kind)
}

// decided is what became of a property.
func (r *Report) decided(p verdict.Property) string {
	switch {
	case p.Violated:
		return fmt.Sprintf("VIOLATED with %s, in %s", r.number(p.Setters), length(p.Trace))
	case p.Open != "":
		return "not decided: " + p.Open
	}
	for _, l := range r.Any.Left {
		if l.Name == p.Name {
			return "holds on states; " + l.Why
		}
	}
	return "holds"
}

// open is the properties that are not decided.
func (r *Report) open() (names []string) {
	for _, p := range r.Properties {
		if p.Open != "" {
			names = append(names, p.Name)
		}
	}
	return names
}

// left is the properties that were left out, or a part of which was, as findings are written.
func (r *Report) left() (rows [][2]string) {
	if r.Any == nil {
		return nil
	}
	for _, l := range r.Any.Left {
		if r.Decides(l.Name) {
			continue
		}
		rows = append(rows, [2]string{l.Name, "not decided: " + l.Why})
	}
	return rows
}

// method is how any number of setters was decided.
func (r *Report) method() string {
	a := r.Any
	text := fmt.Sprintf("%s views of %d bits: %s shared parts, each with what one of any number of %ss "+
		"(%s) can be at, of %s", humanize.Comma(int64(a.Views)), a.Bits, humanize.Comma(int64(a.Parts)), a.Kind,
		a.Replicas, humanize.Comma(int64(a.Locals)))
	if a.Nodes > 0 {
		text += fmt.Sprintf("; a coverability tree of %s nodes", humanize.Comma(int64(a.Nodes)))
	}
	if a.Exact > 0 {
		text += fmt.Sprintf("; every state with up to %s", r.number(a.Exact))
	}
	return text
}

// cost is how much was looked at.
func (r *Report) cost() string {
	return fmt.Sprintf("%s views in %s, %s states of instances, %.2f s", humanize.Comma(int64(r.Any.Views)),
		humanize.IBytes(r.Any.Bytes), humanize.Comma(int64(r.States)), r.Duration.Seconds())
}

// jsonAny is the part of the JSON for any number of setters.
type jsonAny struct {
	Views    uint64            `json:"views"`
	Parts    uint64            `json:"parts"` // shared parts that the views are of
	Locals   int               `json:"locals"`
	Bits     int               `json:"bits"` // of a packed view
	Bytes    uint64            `json:"bytes"`
	Nodes    int               `json:"nodes,omitempty"` // of a coverability tree, where views did not decide
	Exact    int               `json:"exact"`           // every state was visited with up to so many setters
	Left     map[string]string `json:"left"`            // properties not decided, or not wholly, with the reasons
	Replicas string            `json:"replicas"`
}

func (r *Report) anyJSON() *jsonAny {
	a := r.Any
	if a == nil {
		return nil
	}
	j := &jsonAny{Views: a.Views, Parts: a.Parts, Locals: a.Locals, Bits: a.Bits, Bytes: a.Bytes, Nodes: a.Nodes,
		Exact: a.Exact, Left: map[string]string{}, Replicas: a.Replicas}
	for _, l := range a.Left {
		j.Left[l.Name] = l.Why
	}
	return j
}
