package models

import (
	"slices"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/verdict"
)

// An expectation is what is known of one design in each configuration of [Matrix].
type expectation struct {
	design string
	cells  [7]cell
}

// A cell is what a full search over the default properties says in one configuration. The counts
// are exact on purpose: a change that moves one explains itself.
type cell struct {
	violated            string // names with single spaces between them; none: it holds
	states, transitions uint64
	why                 string // checkable on paper
}

func unreached(r *verdict.Result) string {
	var names []string
	for _, c := range r.Claims {
		if !c.Reached {
			names = append(names, c.Name)
		}
	}
	return strings.Join(names, ", ")
}

func verdicts() []expectation { return slices.Concat(maskVerdicts, stateVerdicts) }

// Every design has its row: a design without one would be a claim that nobody has looked at.
func TestVerdictsNameEveryDesign(t *testing.T) {
	var rows, designs []string
	for _, v := range verdicts() {
		rows = append(rows, v.design)
	}
	for _, d := range All() {
		designs = append(designs, d.Name)
	}
	if !slices.Equal(rows, designs) {
		t.Errorf("the table has\n%v\nthe registry has\n%v", rows, designs)
	}
}

func TestVerdicts(t *testing.T) {
	for _, v := range verdicts() {
		for i, c := range Matrix() {
			want := v.cells[i]
			t.Run(v.design+"/"+c.Name, func(t *testing.T) {
				if want.why == "" {
					t.Error("the verdict has no reason")
				}
				_, r := check(t, v.design, c.Config, explore.Options{})
				if !r.Complete {
					t.Errorf("the search was cut by %s", r.Bound)
				}
				if got := violated(r); got != want.violated {
					t.Errorf("violated %q, want %q: %s", got, want.violated, want.why)
				}
				if r.States != want.states || r.Transitions != want.transitions {
					t.Errorf("%d states, %d transitions, want %d, %d",
						r.States, r.Transitions, want.states, want.transitions)
				}
				if u := unreached(r); u != "" {
					t.Errorf("not reached: %s", u)
				}
			})
		}
	}
}
