package report_test

import (
	"html"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/internal/testkit"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/report"
)

// A listing has what is assigned to an element as C has it.
func TestListingsOfElements(t *testing.T) {
	p := model.New("element")
	seen := p.GhostArray("seen", 2, model.Bool, model.False)
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		i := r.Local("i", model.Bool)
		r.Pause("begin")
		r.Set(i, model.True)
		r.Set(seen.At(i), model.True)
	}))
	r, err := explore.Run(t.Context(), p, []*model.Monitor{props.Never("seen", seen.Vars[1])}, explore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	said := written(t, "html", &report.Report{Model: p.Name, Summary: "an element", Program: p, Result: r})
	said = html.UnescapeString(styleOrScript.ReplaceAllString(said, ""))
	testkit.Mentions(t, strings.Join(strings.Fields(said), " "), "the element by its index",
		`<span class="w">seen[i]</span> <span class="w">=</span> <span class="w">true</span>`)
}
