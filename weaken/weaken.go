package weaken

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ctcheck/deferral"
	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/survey"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// A Case is the protocol in one configuration, with what is claimed of it there.
type Case struct {
	Key    string // short, for verdicts; empty if it is the only one
	Name   string
	Flags  string // of the command, which make the configuration
	Params []models.Param
	Void   map[string]string // of the properties asked for those that are vacuous here, with reasons
	// Build builds the program anew, with monitors of the properties to be checked. The error of one that [Cases]
	// made is a property that is not known.
	Build func() (*model.Program, []*model.Monitor, error)
	// Widen makes room for a value in the next program that Build builds: see [explore.Widening]. It may be nil.
	Widen func(v *model.Var, value int64) error

	asked []string // the properties that Build's monitors and the program's own are about
}

// Cases is a design in some configurations, with the properties of the given names but for those that
// are vacuous there. The error says why the design does not know a configuration.
func Cases(d models.Design, configs []models.NamedConfig, names []string) ([]*Case, error) {
	var cases []*Case
	for _, n := range configs {
		p, err := d.Program(n.Config)
		if err != nil {
			return nil, err
		}
		c := &Case{Key: n.Key, Name: n.Name, Flags: survey.Flags(n.Config), Params: n.Params(),
			Void: map[string]string{}, Widen: d.Widen}
		var asked []string
		for _, name := range names {
			reason := props.Void(p, name)
			if d := deferral.Of(p); d == nil || d.Target == nil {
				reason = "the program has no target CPU"
			}
			if reason != "" {
				c.Void[name] = reason
			} else {
				asked = append(asked, name)
			}
		}
		c.Build = func() (*model.Program, []*model.Monitor, error) {
			p, err := d.Program(n.Config)
			if err != nil {
				return nil, nil, err
			}
			ms, err := props.Select(p, asked...)
			return p, ms, err
		}
		cases = append(cases, c)
	}
	return cases, nil
}

// A Row is one weakening, and what became of it.
type Row struct {
	Number    int
	Kind      Kind
	Routine   string
	Statement string
	More      bool        // the site has other statements, with other labels
	From, To  model.Order // Order
	Next      string      // Swap: the second of the two
	Part      string      // the step that the statement is a part of, so that it cannot be weakened alone
	Verdicts  []*Verdict  // one a memory model

	change change
	stmt   *model.Stmt
	in     []bool // the cases that have the statement
}

// A Table is the weakenings of a protocol.
type Table struct {
	Model    string // what the protocol is called
	Source   string // where it was posted, if that is known
	Cases    []*Case
	Memories []model.MemoryModel
	Rows     []*Row
	Bare     []Row // statements that have no weaker form of their own

	own   [][]*cell // the protocol itself, by memory model and case
	cells []*cell
}

// New finds the weakenings of a protocol in all cases; [Table.Run] says what they break. The error is one of
// [Case.Build].
func New(cases []*Case, memories []model.MemoryModel) (*Table, error) {
	t := &Table{Cases: cases, Memories: memories}
	for i, c := range cases {
		p, ms, err := c.Build()
		if err != nil {
			return nil, err
		}
		c.asked = nil
		for _, m := range slices.Concat(p.Monitors, ms) {
			if m.Name != "" { // one without a name counts for the program and claims nothing
				c.asked = append(c.asked, m.Name)
			}
		}
		found, bare := findings(p)
		at := 0 // behind the row of the finding before
		for _, f := range found {
			at = 1 + t.row(f, i, at)
		}
		for _, f := range bare {
			if !slices.ContainsFunc(t.Bare, func(r Row) bool { return r.change == f.change }) {
				t.Bare = append(t.Bare, rowOf(f))
			}
		}
	}
	for i, r := range t.Rows {
		r.Number = i + 1
	}
	return t, nil
}

// row is the index of the row of a finding in case i; a new one is put at the given place.
func (t *Table) row(f finding, i, at int) int {
	k := slices.IndexFunc(t.Rows, func(r *Row) bool { return r.change == f.change })
	if k < 0 {
		r := rowOf(f)
		r.in = make([]bool, len(t.Cases))
		t.Rows = slices.Insert(t.Rows, at, &r)
		k = at
	}
	r := t.Rows[k]
	r.in[i] = true
	r.More = r.More || f.more || r.Statement != f.stmt.Label
	if f.whole == nil {
		r.Part = ""
	}
	return k
}

func rowOf(f finding) Row {
	r := Row{Kind: f.kind, Routine: f.at.routine, Statement: f.stmt.Label, More: f.more, From: f.stmt.Order,
		To: f.to, change: f.change, stmt: f.stmt}
	if f.with != nil {
		r.Next = f.with.Label
	}
	if f.whole != nil {
		r.Part = f.whole.Label
	}
	return r
}

// A cell is one search: a row, or the protocol itself, in one case under one memory model.
type cell struct {
	row    *Row // nil: the protocol itself
	own    *cell
	cs     *Case
	memory model.MemoryModel

	program *model.Program
	result  *verdict.Result // nil: not run, or nothing is known for a fault
	alike   *verdict.Result // of the protocol itself: without the properties that it violates
	fault   string          // why it cannot be asked; the result, if any, is what comes before that
	// faultRun leads there; nil if it is a fault that shows before anything runs.
	faultRun *trace.Fault
}

// Run searches, several cells at a time, and fills in the verdicts. When ctx ends, running searches are cut
// and the others are not begun: what is not known is open. The error is a fault of the protocol itself, or
// of the checker.
func (t *Table) Run(ctx context.Context) error {
	t.own, t.cells = nil, nil
	var own []*cell
	for _, mm := range t.Memories {
		var row []*cell
		for _, c := range t.Cases {
			row = append(row, &cell{cs: c, memory: mm})
		}
		t.own = append(t.own, row)
		own = append(own, row...)
	}
	if err := searchAll(ctx, "the design itself", own); err != nil {
		return err
	}
	for _, r := range t.Rows {
		for m, mm := range t.Memories {
			for i, c := range t.Cases {
				if r.in[i] && r.Part == "" {
					t.cells = append(t.cells, &cell{row: r, own: t.own[m][i], cs: c, memory: mm})
				}
			}
		}
	}
	if err := searchAll(ctx, "weaker forms", t.cells); err != nil {
		return err
	}
	t.judge()
	return nil
}

// searchAll runs the cells, several at a time; they are told as searches of that name.
func searchAll(ctx context.Context, of string, cells []*cell) error {
	return survey.Each(ctx, of, len(cells), func(i int) error { return cells[i].search(ctx) })
}

func (c *cell) search(ctx context.Context) error {
	if c.row == nil {
		return explore.Widening(c.cs.Widen, func() error { return c.searchOwn(ctx) })
	}
	if c.own.open() != "" {
		return nil // nothing can be judged
	}
	err := explore.Widening(c.cs.Widen, func() error { return c.searchWeaker(ctx) })
	if err == nil || isCheckers(err) || c.program == nil {
		return err
	}
	return c.searchFaulty(ctx, err)
}

// searchWeaker searches the protocol with the change of the row. Without a program the error is one of building it,
// otherwise it is a fault of the weaker form.
func (c *cell) searchWeaker(ctx context.Context) error {
	c.program = nil
	p, ms, err := c.cs.Build()
	if err != nil {
		return err
	}
	if c.row.change.apply(p) == 0 {
		return fmt.Errorf("checker fault: row %d, %s of %q, changes nothing", c.row.Number, c.row.Kind,
			c.row.Statement)
	}
	c.program = p
	c.result, err = explore.Run(ctx, p, c.own.held(ms), c.options(false))
	return err
}

// searchFaulty is for a weaker form that is faulty somewhere. What it violates before that counts all the same.
func (c *cell) searchFaulty(ctx context.Context, fault error) error {
	c.fault = faultText(fault)
	errors.As(fault, &c.faultRun)
	p, ms, err := c.cs.Build()
	if err != nil {
		return err
	}
	c.row.change.apply(p)
	c.program = p
	c.result, err = explore.Run(ctx, p, c.own.held(ms), c.options(true))
	if err != nil && isCheckers(err) {
		return err
	}
	return nil
}

// options are those of a full search, or of one that stops at the first violation.
func (c *cell) options(first bool) explore.Options {
	return explore.Options{Memory: c.memory, Search: explore.BreadthFirst, First: first}
}

// searchOwn searches the protocol itself, once more without the properties that it violates if there are
// any: the figures of that search are those that a weakening which changes nothing must have.
func (c *cell) searchOwn(ctx context.Context) error {
	p, ms, err := c.cs.Build()
	if err != nil {
		return err
	}
	c.program = p
	if c.result, err = explore.Run(ctx, p, ms, c.options(false)); err != nil {
		return err
	}
	c.alike = c.result
	if held := c.held(ms); len(held) < len(ms) && c.result.Complete {
		c.alike, err = explore.Run(ctx, p, held, c.options(false))
	}
	return err
}

// held is the monitors of properties that the protocol itself does not violate.
func (c *cell) held(ms []*model.Monitor) []*model.Monitor {
	return slices.DeleteFunc(slices.Clone(ms), func(m *model.Monitor) bool { return violates(c.result, m.Name) })
}

// isCheckers reports whether an error is the checker's and not the program's.
func isCheckers(err error) bool { return strings.Contains(err.Error(), "checker fault") }

var sourcePath = regexp.MustCompile(`\([^()]*/([^()/]*:\d+)\)`)

// faultText is a fault without the model's name, which stands above, and without folders.
func faultText(err error) string {
	text := err.Error()
	if rest, ok := strings.CutPrefix(text, "model "); ok {
		if _, what, ok := strings.Cut(rest, ": "); ok {
			text = what
		}
	}
	return sourcePath.ReplaceAllString(text, "($1)")
}

// violates reports whether the result says that the property is violated.
func violates(r *verdict.Result, property string) bool {
	return slices.ContainsFunc(r.Properties,
		func(p verdict.Property) bool { return p.Violated && p.Name == property })
}

// Complete reports whether every row has all that was asked of it.
func (t *Table) Complete() bool {
	return !slices.ContainsFunc(slices.Concat(append(t.own, t.cells)...),
		func(c *cell) bool { return c.open() != "" })
}
