package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"ctcheck/explore"
)

// This file holds the results of one check under several memory models against each other.

// Worst is the verdict of several reports taken together: VIOLATED if one is, else INCOMPLETE, else
// UNREACHED.
func Worst(rs []*Report) explore.Verdict {
	for _, v := range []explore.Verdict{explore.Violated, explore.Incomplete, explore.Unreached} {
		if slices.ContainsFunc(rs, func(r *Report) bool { return r.Verdict == v }) {
			return v
		}
	}
	return explore.Holds
}

// compare says in which properties and claims each report differs from the first.
func compare(rs []*Report) []string {
	var lines []string
	first := rs[0]
	for _, r := range rs[1:] {
		for i, p := range r.Properties {
			if a, b := first.verdict(first.Properties[i]), r.verdict(p); a != b {
				lines = append(lines, fmt.Sprintf("%s: %s under %s, %s under %s", p.Name, a, first.Memory.Model, b,
					r.Memory.Model))
			}
		}
		for i, c := range r.Claims {
			if c.Reached != first.Claims[i].Reached {
				lines = append(lines, fmt.Sprintf("reachable: %s: %t under %s, %t under %s", c.Name,
					first.Claims[i].Reached, first.Memory.Model, c.Reached, r.Memory.Model))
			}
		}
	}
	return lines
}

// decides says what the memory model decides, be it nothing.
func decides(rs []*Report) []string {
	if lines := compare(rs); len(lines) > 0 {
		return lines
	}
	var names []string
	for _, r := range rs {
		names = append(names, r.Memory.Model.String())
	}
	return []string{"nothing: every verdict is the same under " + strings.Join(names, " and ")}
}

// Text writes the reports for a terminal or a mail: what was checked under which assumptions, a line a
// property, a trace for each violation, the figures, and a line for scripts. Of several, which differ in
// the memory model, it also says what the memory model decides.
func Text(w io.Writer, rs ...*Report) error {
	var b strings.Builder
	for i, r := range rs {
		if i > 0 {
			b.WriteByte('\n')
		}
		r.text(&b)
	}
	if len(rs) > 1 {
		fmt.Fprintln(&b, "\nwhat the memory model decides:")
		for _, l := range decides(rs) {
			fmt.Fprintln(&b, Wrap("  "+l, traceWidth, "    "))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
