package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"ctcheck/model"
)

// This file writes a protocol as text, as it would stand in a mail: the variables, what each CPU runs, and the
// routines in C.

// A Shown is a protocol with where it is from.
type Shown struct {
	Model, Summary, Source string
	Program                *model.Program
	// Claims says that what the program has for claims only is to be written too: ghosts, and what reaches claims.
	Claims bool
	// Found says that ranges are found by searches, so that they are not to be written yet.
	Found bool
}

// Show writes the protocol. Routines of different CPUs that have the same text are written once. The error is that
// of w.
func (st Style) Show(w io.Writer, s *Shown) error {
	var b strings.Builder
	fmt.Fprintln(&b, st.wrap(s.Model+": "+s.Summary, "  "))
	if s.Source != "" {
		fmt.Fprintln(&b, st.wrap("("+s.Source+")", "  "))
	}
	b.WriteByte('\n')
	for _, v := range s.Program.Vars {
		if v.Kind == model.Shared || s.Claims {
			fmt.Fprintln(&b, st.wrap(declared(v, !s.Found), "    "))
		}
	}
	b.WriteByte('\n')
	for _, c := range s.Program.CPUs {
		for _, l := range roles(c) {
			fmt.Fprintln(&b, st.wrap(l, "    "))
		}
	}
	for _, l := range listings(s.Program) {
		lines := l.lines
		if !s.Claims {
			lines = withoutAsides(lines)
		}
		fmt.Fprintf(&b, "\n%s\n", oneLine(l.head()))
		for _, ln := range lines {
			fmt.Fprintln(&b, strings.Repeat("\t", ln.indent+1)+oneLine(ln.c()))
		}
		fmt.Fprintln(&b, "}")
	}
	for i, a := range s.Program.Assumptions {
		if i == 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintln(&b, st.wrap("/* "+a+" */", "   "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// declared is a variable with its initial value and, if that is wanted, its range.
func declared(v *model.Var, ranges bool) string {
	text := fmt.Sprintf("%s = %s;", v.Name, v.Format(v.Init))
	var notes []string
	if v.Kind == model.Ghost {
		notes = append(notes, "for claims only")
	}
	switch {
	case v.Truth:
		notes = append(notes, "true or false")
	case v.Modular:
		notes = append(notes, fmt.Sprintf("counts modulo %d", v.Hi-v.Lo+1))
	case v.IsAddress():
		notes = append(notes, "an address")
	case ranges:
		notes = append(notes, fmt.Sprintf("%s to %s", v.Format(v.Lo), v.Format(v.Hi)))
	}
	if len(notes) > 0 {
		text += "  /* " + strings.Join(notes, "; ") + " */"
	}
	return text
}

// roles is what a CPU runs, and what interrupts it.
func roles(c *model.CPU) []string {
	lines := []string{fmt.Sprintf("%s runs %s", c.Name, callOf(c.Main))}
	for _, l := range c.IPIs {
		kind := "an IPI"
		if l.Device {
			kind = "an interrupt"
		}
		lines = append(lines, fmt.Sprintf("  %s of it, %s: %s", kind, l.Name, callOf(l.Handler)))
	}
	switch {
	case c.NMI != nil && c.NMITotal == model.AnyNumber:
		lines = append(lines, fmt.Sprintf("  any number of NMIs, %d deep: %s", c.NMIDepth, callOf(c.NMI)))
	case c.NMI != nil && c.NMITotal > 0:
		lines = append(lines, fmt.Sprintf("  up to %d NMIs, %d deep: %s", c.NMITotal, c.NMIDepth, callOf(c.NMI)))
	}
	return lines
}

func callOf(r *model.Routine) string {
	if r == nil {
		return "nothing"
	}
	return r.Name + "()"
}

// listings is the routines of a program, what has the same name and text once, in the order of the program.
func listings(p *model.Program) []listing {
	results := resultsOf(p)
	var all []listing
	seen := map[*model.Routine]bool{}
	texts := map[string]bool{}
	p.Walk(func(pl model.Place) {
		if r := pl.Routine; !seen[r] {
			seen[r] = true
			l := listingOf(r, results[r])
			if text := l.text(); !texts[text] {
				texts[text] = true
				all = append(all, l)
			}
		}
	})
	return all
}

// resultsOf is what takes the result of each routine, the first that does.
func resultsOf(p *model.Program) map[*model.Routine]*model.Var {
	results := map[*model.Routine]*model.Var{}
	p.Walk(func(pl model.Place) {
		if s := pl.Stmt(); s.Kind == model.StmtCall && s.Dst != nil && results[s.Call] == nil {
			results[s.Call] = s.Dst
		}
	})
	return results
}

// head is the line that a routine begins with.
func (l listing) head() string {
	var names []string
	for _, p := range l.routine.Params {
		names = append(names, p.Name)
	}
	return fmt.Sprintf("%s(%s) {", l.routine.Name, strings.Join(names, ", "))
}

// text is all of a listing, to compare.
func (l listing) text() string {
	var b strings.Builder
	b.WriteString(l.head())
	for _, ln := range l.lines {
		fmt.Fprintf(&b, "\n%d %s", ln.indent, ln.text)
	}
	return b.String()
}

// c is a line as C has it.
func (ln line) c() string {
	if last := ln.text[max(len(ln.text)-1, 0):]; last == "{" || last == "}" || last == ";" || last == "/" {
		return ln.text
	}
	return ln.text + ";"
}

// rides reports whether a line assigns what an access has read under no name of C's own, as atomic_read(): the
// statement before it has that in its text.
func (ln line) rides() bool {
	s := ln.stmt
	if s == nil || s.Kind != model.StmtAssign {
		return false
	}
	return strings.Contains(s.Targets()[0].Name, "(") || strings.Contains(s.Arg.String(), "()")
}

// withoutAsides is a listing without what is there for claims only, and without blocks that have nothing else.
func withoutAsides(lines []line) []line {
	lines = slices.DeleteFunc(slices.Clone(lines), func(l line) bool { return l.aside || l.rides() })
	for i := 0; i+1 < len(lines); i++ {
		a, b := lines[i].text, lines[i+1].text
		if strings.HasPrefix(a, "if (") && strings.HasSuffix(a, "{") && b == "}" {
			lines = slices.Delete(lines, i, i+2)
			i = max(i-2, -1)
		}
	}
	return lines
}
