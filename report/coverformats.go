package report

import (
	"fmt"
	"slices"
	"strings"

	humanize "github.com/dustin/go-humanize"
)

// This file writes what a search went through in each of the formats that have it.

// text writes the coverage in the columns of a terminal. Few says that only what was never taken is wanted.
func (c *coverage) text(b *strings.Builder, st Style, few bool) {
	fmt.Fprintf(b, "\n%s\n", st.wrap("coverage: "+c.summary(), "  "))
	if !few {
		b.WriteByte('\n')
		c.columns(b, st)
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
	if !few {
		list(valuesHead, texts(c.Values, valueRow.of))
	}
}

// columns writes the counts of every step and branch.
func (c *coverage) columns(b *strings.Builder, st Style) {
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
