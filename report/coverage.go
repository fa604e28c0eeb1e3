package report

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

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
	var n [2][2]int // steps and ways; taken and all
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
	s := fmt.Sprintf("%d of %d steps and %d of %d ways at branches were taken", n[0][0], n[0][1], n[1][0], n[1][1])
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

// text writes the coverage in the columns of a terminal.
func (c *coverage) text(b *strings.Builder, st Style) {
	fmt.Fprintf(b, "\n%s\n\n", st.wrap("coverage: "+c.summary(), "  "))
	p := c.printer(b, st)
	p.head()
	routine, branch := "", ""
	for _, row := range c.Rows {
		if row.Routine != routine {
			routine, branch = row.Routine, ""
			p.line(nil, routine+"():", 2)
		}
		if row.isStep() {
			branch = ""
			p.line([]uint64{row.Taken, row.New, row.Known}, row.Text, 4)
			continue
		}
		if at := row.Text + row.where(); at != branch {
			branch = at
			p.line(nil, row.Text, 4)
		}
		p.line([]uint64{row.Taken}, row.Way, 6)
	}
	for _, row := range c.Outside {
		p.line([]uint64{row.Taken, row.New, row.Known}, row.Text, 2)
	}
	unreached, absent := c.never()
	list := func(head string, rows []string) {
		if len(rows) > 0 {
			fmt.Fprintf(b, "\n  %s\n", head)
		}
		for _, row := range rows {
			fmt.Fprintln(b, st.wrap("    "+row, "      "))
		}
	}
	list(c.neverHead(), texts(unreached, coverRow.neverText))
	list(absentHead, texts(absent, coverRow.neverText))
	list(valuesHead, texts(c.Values, valueRow.of))
}

// A coverPrinter writes counts in columns to the left of what they are of, or, where that leaves too little room,
// below it.
type coverPrinter struct {
	Style
	b      *strings.Builder
	wide   int // columns of a count
	narrow bool
}

// countNames are what the columns are called.
var countNames = []string{"taken", "new", "known"}

func (c *coverage) printer(b *strings.Builder, st Style) *coverPrinter {
	wide := len(countNames[0])
	for _, row := range slices.Concat(c.Rows, c.Outside) {
		wide = max(wide, len(humanize.Comma(int64(row.Taken))))
	}
	wide += 2
	return &coverPrinter{st, b, wide, st.Width-3*wide < 30}
}

func (p *coverPrinter) head() {
	if !p.narrow {
		fmt.Fprintf(p.b, "%*s%*s%*s\n", p.wide, countNames[0], p.wide, countNames[1], p.wide, countNames[2])
	}
}

// line writes a text with its counts.
func (p *coverPrinter) line(counts []uint64, text string, indent int) {
	in := strings.Repeat(" ", indent)
	if p.narrow {
		fmt.Fprintln(p.b, p.wrap(in+text, in+"    "))
		var said []string
		for i, n := range counts {
			said = append(said, humanize.Comma(int64(n))+" "+countNames[i])
		}
		if len(said) > 0 {
			fmt.Fprintln(p.b, p.wrap(in+"      "+strings.Join(said, ", "), in+"      "))
		}
		return
	}
	var numbers strings.Builder
	for _, n := range counts {
		numbers.WriteString(fmt.Sprintf("%*s", p.wide, humanize.Comma(int64(n))))
	}
	blank := strings.Repeat(" ", 3*p.wide)
	fmt.Fprintln(p.b, p.wrap(fmt.Sprintf("%-*s", 3*p.wide, numbers.String())+in+text, blank+in+"    "))
}

// texts is rows in words.
func texts[T any](rows []T, text func(T) string) []string {
	var ts []string
	for _, row := range rows {
		ts = append(ts, text(row))
	}
	return ts
}

// markdown writes the coverage as a table and lists.
func (c *coverage) markdown(b *strings.Builder) {
	fmt.Fprintf(b, "\n## Coverage\n\n%s.\n\n", mdText(upper(c.summary())))
	fmt.Fprint(b, "| routine | statement | taken | new | known |\n|---|---|--:|--:|--:|\n")
	for _, row := range slices.Concat(c.Rows, c.Outside) {
		text, led := row.Text, fmt.Sprintf("%d | %d", row.New, row.Known)
		if row.Way != "" {
			text, led = text+": "+row.Way, " | "
		}
		fmt.Fprintf(b, "| %s | %s | %d | %s |\n", mdText(row.Routine), mdText(text), row.Taken, led)
	}
	list := func(head string, rows []string) {
		if len(rows) > 0 {
			fmt.Fprintf(b, "\n%s\n\n", mdText(upper(head)))
		}
		for _, row := range rows {
			fmt.Fprintf(b, "- %s\n", mdText(row))
		}
	}
	unreached, absent := c.never()
	list(c.neverHead(), texts(unreached, coverRow.neverText))
	list(absentHead, texts(absent, coverRow.neverText))
	list(valuesHead, texts(c.Values, valueRow.of))
}

// upper is a sentence with a capital at its beginning.
func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// The coverage in JSON.
type jsonCoverage struct {
	Complete   bool           `json:"complete"` // the search was: what was not taken cannot be
	Steps      []jsonCovered  `json:"steps"`
	Ways       []jsonCovered  `json:"ways"` // at branches
	Interrupts []jsonCovered  `json:"interrupts"`
	Variables  []jsonVariable `json:"variables"`
}

type jsonCovered struct {
	Routine   string  `json:"routine,omitempty"`
	Statement string  `json:"statement"`
	Way       string  `json:"way,omitempty"`
	File      string  `json:"file,omitempty"`
	Line      int     `json:"line,omitempty"`
	Taken     uint64  `json:"taken"`
	New       *uint64 `json:"new,omitempty"`   // states that it led to first
	Known     *uint64 `json:"known,omitempty"` // or again
	Compiled  bool    `json:"compiled"`        // this configuration has it
}

type jsonVariable struct {
	Name    string `json:"name"`
	Routine string `json:"routine,omitempty"`
	Kind    string `json:"kind"`
	Values  int    `json:"values"` // seen
	Range   int64  `json:"range"`  // how many there are
}

func (c *coverage) json() *jsonCoverage {
	if c == nil {
		return nil
	}
	j := &jsonCoverage{Complete: c.Complete, Steps: []jsonCovered{}, Ways: []jsonCovered{},
		Interrupts: []jsonCovered{},
		Variables:  []jsonVariable{}}
	covered := func(row coverRow) jsonCovered {
		x := jsonCovered{Routine: row.Routine, Statement: row.Text, Way: row.Way, Line: row.Line, Taken: row.Taken,
			Compiled: row.Compiled}
		if row.File != "" {
			x.File = sourceAddress(row.File).URI
		}
		if row.isStep() {
			x.New, x.Known = &row.New, &row.Known
		}
		return x
	}
	for _, row := range c.Rows {
		if row.isStep() {
			j.Steps = append(j.Steps, covered(row))
		} else {
			j.Ways = append(j.Ways, covered(row))
		}
	}
	for _, row := range c.Outside {
		j.Interrupts = append(j.Interrupts, covered(row))
	}
	for _, v := range c.Values {
		j.Variables = append(j.Variables, jsonVariable{v.Name, v.Routine, v.Kind, v.Seen, v.Of})
	}
	return j
}

// pageCoverage is the coverage as a page has it.
type pageCoverage struct {
	Summary   string
	Rows      []coverRow
	Lists     []pageList
	Variables []valueRow
}

type pageList struct {
	Head  string
	Items []string
}

func (c *coverage) page() *pageCoverage {
	if c == nil {
		return nil
	}
	p := &pageCoverage{Summary: upper(c.summary()), Rows: slices.Concat(c.Rows, c.Outside), Variables: c.Values}
	unreached, absent := c.never()
	if len(unreached) > 0 {
		p.Lists = append(p.Lists, pageList{upper(c.neverHead()), texts(unreached, coverRow.neverText)})
	}
	if len(absent) > 0 {
		p.Lists = append(p.Lists, pageList{upper(absentHead), texts(absent, coverRow.neverText)})
	}
	return p
}

// Where is the place in the model, for the page.
func (c coverRow) Where() string {
	if c.File == "" {
		return ""
	}
	return c.where()
}
