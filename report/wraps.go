package report

import (
	"fmt"
	"slices"
	"strings"

	"ctcheck/model"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// This file says of a violation that it may be one of the model's only: its run wraps a counter that the kernel has
// longer.

// Wraps is the variables that wrap in the run, and whose wrapping may decide a verdict: those with a WrapNote.
func Wraps(t *trace.Trace) []*model.Var {
	var vs []*model.Var
	for _, s := range t.Steps {
		for _, v := range s.Wrapped {
			if v.WrapNote != "" && !slices.Contains(vs, v) {
				vs = append(vs, v)
			}
		}
	}
	return vs
}

// wrapNames is the names of [Wraps]. There are none of a property that is not violated.
func wrapNames(t *trace.Trace) []string {
	if t == nil {
		return nil
	}
	var names []string
	for _, v := range Wraps(t) {
		names = append(names, v.Name)
	}
	return names
}

// WrapNotes says of each variable of [Wraps] what its wrapping is.
func WrapNotes(t *trace.Trace) []string {
	var notes []string
	for _, v := range Wraps(t) {
		notes = append(notes, fmt.Sprintf("In this run %s wraps modulo %d; %s.", v.Name, v.Hi-v.Lo+1, v.WrapNote))
	}
	return notes
}

// broke is what broke in a run, and what of it rests on counters that wrap: a sentence each.
func broke(p *model.Program, t *trace.Trace) []string {
	return slices.Concat([]string{Closing(p, t)}, standings(t), WrapNotes(t))
}

// length is the length of a run that violates something in words, and the counters that wrap in it.
func length(t *trace.Trace) string {
	names := wrapNames(t)
	switch len(names) {
	case 0:
		return Steps(t)
	case 1:
		return fmt.Sprintf("%s, in which %s wraps", Steps(t), names[0])
	}
	return fmt.Sprintf("%s, in which %s wrap", Steps(t), strings.Join(names, " and "))
}

// wrapsField is the field of the line for scripts: each violated property whose run wraps a counter, with the
// counter. It is empty if there is none.
func wrapsField(ps []verdict.Property) string {
	var parts []string
	for _, p := range ps {
		for _, name := range wrapNames(p.Trace) {
			parts = append(parts, p.Name+":"+name)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " wraps=" + strings.Join(parts, ",")
}
