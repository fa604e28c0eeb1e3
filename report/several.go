package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"ctcheck/verdict"
)

// This file holds the results of one check under several memory models against each other.

// Worst is the verdict of several reports taken together: VIOLATED if one is, else INCOMPLETE, else
// UNREACHED.
func Worst(rs []*Report) verdict.Verdict {
	for _, v := range []verdict.Verdict{verdict.Violated, verdict.Incomplete, verdict.Unreached} {
		if slices.ContainsFunc(rs, func(r *Report) bool { return r.Verdict == v }) {
			return v
		}
	}
	return verdict.Holds
}

// compare says in which properties and claims each report differs from the first, and which are open, since
// a search was cut before it knew.
func compare(rs []*Report) (differ, open []string) {
	first := rs[0]
	note := func(what, a, b string, r *Report) {
		says := fmt.Sprintf("%s: %s under %s, %s under %s", what, a, first.Memory, b, r.Memory)
		switch {
		case a == unknown || b == unknown:
			open = append(open, says)
		case a != b:
			differ = append(differ, says)
		}
	}
	for _, r := range rs[1:] {
		for i, p := range r.Properties {
			note(p.Name, first.verdict(first.Properties[i]), r.verdict(p), r)
		}
		for i, c := range r.Claims {
			note("reachable: "+c.Name, first.reached(first.Claims[i]), r.reached(c), r)
		}
	}
	return differ, open
}

// decides says what the memory model decides, be it nothing, and what is open.
func decides(rs []*Report) []string {
	differ, open := compare(rs)
	if len(differ) == 0 {
		var names []string
		for _, r := range rs {
			names = append(names, r.Memory.String())
		}
		what := "nothing: every verdict is the same under "
		if len(open) > 0 {
			what = "nothing that is known under both "
		}
		differ = []string{what + strings.Join(names, " and ")}
	}
	for _, l := range open {
		differ = append(differ, "open: "+l)
	}
	return differ
}

// Text writes the reports for a terminal or a mail: the verdict, a line a property, a trace for each violation,
// what was checked under which assumptions, the figures, and a line for scripts. Of several, which differ in
// the memory model, it also says what the memory model decides. The error is that of w.
func Text(w io.Writer, rs ...*Report) error { return Mail.Text(w, rs...) }

// Text is the function [Text] in another style. The last line, for scripts, is never broken. The
// error is that of w.
func (s Style) Text(w io.Writer, rs ...*Report) error {
	if s.Detail == Brief {
		return s.brief(w, rs)
	}
	var b strings.Builder
	for i, r := range rs {
		if i > 0 {
			b.WriteByte('\n')
		}
		r.text(&b, s)
	}
	if len(rs) > 1 {
		fmt.Fprintln(&b, "\nwhat the memory model decides:")
		for _, l := range decides(rs) {
			fmt.Fprintln(&b, s.wrap("  "+l, "    "))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
