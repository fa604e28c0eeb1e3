package report

import (
	"fmt"
	"path/filepath"
	"slices"

	humanize "github.com/dustin/go-humanize"

	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/verdict"
)

// This file says what a search went through: each step and each way at a branch with how often it was taken,
// those that never were, what made the states many, and how many values each variable had. Routines of one name
// that are the same for several CPUs or requests are taken together.

// A coverage is that of a report.
type coverage struct {
	Rows     []coverRow
	Outside  []coverRow // interrupts, and stores on their way to memory
	Values   []valueRow
	Complete bool // the search was: what was never taken never can be
}

// A coverRow is a step, or a way at a branch, with its counts.
type coverRow struct {
	Routine, Text string
	Way           string // of a branch
	File          string // where the model says so
	Line          int
	Taken         uint64
	New, Known    uint64 // states that it led to; of a way, always 0
	Compiled      bool
}

// A valueRow is a variable with how many of its values were seen.
type valueRow struct {
	Name, Routine string // the latter of a local
	Kind          string
	Seen          int
	Of            int64 // values in its range
}

// isStep reports whether the row is one of a step.
func (c coverRow) isStep() bool { return c.Way == "" }

// where is the place in the model.
func (c coverRow) where() string { return fmt.Sprintf("%s:%d", filepath.Base(c.File), c.Line) }

// coverage is what the search went through, if that was counted.
func (r *Report) coverage() *coverage {
	c := r.Coverage
	if c == nil {
		return nil
	}
	cov := &coverage{Complete: r.AllVisited}
	rows := map[*model.Routine][]coverRow{}
	var order []*model.Routine
	for _, cv := range c.Covered {
		if rows[cv.Routine] == nil {
			order = append(order, cv.Routine)
		}
		rows[cv.Routine] = append(rows[cv.Routine], coverRowOf(cv))
	}
	cov.Rows = merged(order, rows)
	for _, in := range c.Interrupts {
		row := coverRow{Text: in.CPU.Name + ": NMI", Taken: in.New + in.Known, New: in.New, Known: in.Known,
			Compiled: true}
		switch in.Kind {
		case ir.PushIPI:
			row.Text = in.CPU.Name + ": IPI: " + in.IPI.Name
		case ir.PushIRQ:
			row.Text = in.CPU.Name + ": IRQ: " + in.IPI.Name
		case ir.Flush:
			row.Text = in.CPU.Name + ": a store becomes visible"
		}
		cov.Outside = append(cov.Outside, row)
	}
	if n := c.Other; n.New+n.Known > 0 {
		cov.Outside = append(cov.Outside, coverRow{Text: "waits for the store buffer, without a statement",
			Taken: n.New + n.Known, New: n.New, Known: n.Known, Compiled: true})
	}
	for _, v := range c.Values {
		row := valueRow{Name: v.Var.Name, Kind: "shared", Seen: v.Distinct, Of: v.Var.Hi - v.Var.Lo + 1}
		switch v.Var.Kind {
		case model.Ghost:
			row.Kind = "ghost"
		case model.Local:
			row.Kind, row.Routine = "local", v.Routine.Name
		}
		cov.Values = append(cov.Values, row)
	}
	return cov
}

func coverRowOf(cv verdict.Covered) coverRow {
	s := cv.Stmt()
	row := coverRow{Routine: cv.Routine.Name, Text: s.Label, File: s.File, Line: s.Line, Taken: cv.Times,
		New:   cv.New,
		Known: cv.Known, Compiled: cv.Compiled}
	switch {
	case cv.Way == ir.Itself:
	case s.Kind == model.StmtChoose:
		row.Text, row.Way = "either", fmt.Sprintf("alternative %d", cv.Way+1)
		if body := s.Alts[cv.Way].Body; len(body) > 0 && body[0].Label != "" {
			row.Way = body[0].Label
		}
	default:
		word := "while"
		if s.Kind == model.StmtIf {
			word = "if"
		}
		row.Text, row.Way = fmt.Sprintf("%s (%s)", word, s.Cond), fmt.Sprint(cv.Way == ir.WayTrue)
	}
	return row
}

// merged is the rows of all routines; those of routines that read the same are added up.
func merged(order []*model.Routine, rows map[*model.Routine][]coverRow) []coverRow {
	var all [][]coverRow
	for _, r := range order {
		same := slices.IndexFunc(all, func(other []coverRow) bool {
			return slices.EqualFunc(other, rows[r], func(a, b coverRow) bool {
				return a.Routine == b.Routine && a.Text == b.Text && a.Way == b.Way && a.Line == b.Line
			})
		})
		if same < 0 {
			all = append(all, rows[r])
			continue
		}
		for i, row := range rows[r] {
			to := &all[same][i]
			to.Taken, to.New, to.Known = to.Taken+row.Taken, to.New+row.New, to.Known+row.Known
			to.Compiled = to.Compiled || row.Compiled
		}
	}
	return slices.Concat(all...)
}

// never is the rows that were not taken: those that could have been, and those that nothing leads to in this
// configuration.
func (c *coverage) never() (unreached, absent []coverRow) {
	for _, row := range slices.Concat(c.Rows, c.Outside) {
		switch {
		case row.Taken > 0:
		case row.Compiled:
			unreached = append(unreached, row)
		default:
			absent = append(absent, row)
		}
	}
	return unreached, absent
}

// summary says how much was covered.
func (c *coverage) summary() string {
	var n [2][2]int // steps and outcomes of branches; taken and all
	for _, row := range c.Rows {
		if !row.Compiled {
			continue
		}
		kind := 1
		if row.isStep() {
			kind = 0
		}
		n[kind][1]++
		if row.Taken > 0 {
			n[kind][0]++
		}
	}
	s := fmt.Sprintf("%d of %d steps and %d of %d branches were taken", n[0][0], n[0][1], n[1][0], n[1][1])
	if !c.Complete {
		s += " before the search was cut"
	}
	return s
}

// neverText is what a row is called in a list of those that were not taken.
func (c coverRow) neverText() string {
	text := c.Text
	if c.Way != "" {
		text += ": " + c.Way
	}
	if c.Routine == "" {
		return text
	}
	return fmt.Sprintf("%s, in %s (%s)", text, c.Routine, c.where())
}

// neverHead and absentHead stand above these lists.
func (c *coverage) neverHead() string {
	if c.Complete {
		return "never taken:"
	}
	return "not taken so far:"
}

const absentHead = "not there in this configuration, since a constant leads elsewhere:"

// valuesHead stands above the variables.
const valuesHead = "values seen, of those in the range:"

// of is the number of values in words.
func (v valueRow) of() string {
	name := v.Name
	if v.Routine != "" {
		name += ", in " + v.Routine
	}
	return fmt.Sprintf("%s (%s): %d of %s", name, v.Kind, v.Seen, humanize.Comma(v.Of))
}
