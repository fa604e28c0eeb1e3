package report

import (
	"fmt"
	"io"
	"strings"

	"ctcheck/model"
	"ctcheck/trace"
)

// A Replayed is a run that somebody names, with the properties that it violates.
type Replayed struct {
	Model      string
	Program    *model.Program
	Trace      *trace.Trace
	Violations []trace.Violation
}

// Replay writes the run, and what it violates. The error is that of w.
func (st Style) Replay(w io.Writer, r *Replayed) error {
	t := r.Trace
	var b strings.Builder
	names := make([]string, len(r.Violations))
	for i, v := range r.Violations {
		names[i] = v.Property
	}
	what := "violates nothing that was asked"
	if len(names) > 0 {
		what = "VIOLATES " + strings.Join(names, ", ")
	}
	first := st.wrap(fmt.Sprintf("%s: a run of %s under %s %s", r.Model, length(t), t.Memory, what), "  ")
	fmt.Fprintf(&b, "%s\n\n%s", st.paintWord(bad, "VIOLATES", first), st.columns(r.Program, t))
	if t.Property != "" {
		fmt.Fprintf(&b, "\n%s\n", st.paint(bad, st.wrap("=> "+Closing(r.Program, t), "   ")))
	}
	for _, l := range standings(t) {
		fmt.Fprintf(&b, "%s\n", st.wrap("   "+l, "     "))
	}
	for _, v := range r.Violations {
		if v.Property == t.Property {
			continue
		}
		when := "by its " + ordinalStep(v.Steps)
		if v.Steps == len(t.Steps) {
			when = "as a whole"
		}
		fmt.Fprintf(&b, "\n%s\n", st.wrap(fmt.Sprintf("The run violates %s %s.", v.Property, when), "  "))
	}
	for _, note := range WrapNotes(t) {
		fmt.Fprintf(&b, "%s\n", st.wrap("Note: "+note, "   "))
	}
	fmt.Fprintf(&b, "\nctcheck: REPLAYED model=%s steps=%d memory=%s violated=%s\n", oneLine(r.Model), len(t.Steps),
		t.Memory, strings.Join(names, ","))
	_, err := io.WriteString(w, b.String())
	return err
}

// ordinalStep is "first step", or "first 12 steps".
func ordinalStep(n int) string {
	switch n {
	case 0:
		return "start"
	case 1:
		return "first step"
	}
	return fmt.Sprintf("first %d steps", n)
}
