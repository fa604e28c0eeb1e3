// Package survey holds many designs against many configurations and writes down what it finds:
// [Table] as text, Markdown and JSON, and the page of [Findings], with the smallest configuration
// that breaks each property of each design and a shortest run that shows it.
//
// Every cell is a search of its own, full unless the context ends it. What cannot be asked of a
// design (a property that is vacuous for it) is left out of its cells and said so below the table.
package survey

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"ctcheck/explore"
	"ctcheck/judge"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/verdict"
)

// A Cell is one design in one configuration, and what a search says of the properties asked for.
type Cell struct {
	Design  models.Design
	Config  models.Config
	Memory  model.MemoryModel
	Void    map[string]string // of the properties asked for those that are vacuous here, with reasons
	Program *model.Program    // nil if the cell was not run
	Result  *verdict.Result   // nil if the cell was not run, or nothing but void was asked
	Refused string            // why the design cannot be decided for any number of setters
	Bounded *verdict.Result   // with few rounds, where the verdict rests on a counter: see wraps.go
}

// What became of a cell, besides the verdicts of a search in lower case.
const (
	NotRun   = "not run" // the context ended before its turn came
	Void     = "vacuous" // none of the properties asked for applies
	Refused  = "refused" // for any number of setters there is no answer
	Holds    = "holds"
	Violated = "violated"
	Cut      = "incomplete" // nothing violated in the part that was searched
	Empty    = "unreached"  // nothing violated, but something that must be reachable is not
)

// Outcome is what became of the cell in a word.
func (c *Cell) Outcome() string {
	switch {
	case c.Program == nil:
		return NotRun
	case c.Refused != "":
		return Refused
	case c.Result == nil:
		return Void
	}
	return [...]string{verdict.Holds: Holds, verdict.Violated: Violated, verdict.Incomplete: Cut,
		verdict.Unreached: Empty}[c.Result.Verdict]
}

// Complete reports whether the cell says all that was asked of it.
func (c *Cell) Complete() bool {
	return c.Program != nil && (c.Result == nil || c.Result.Complete) && (c.Bounded == nil || c.Bounded.Complete)
}

// Violations is the violated properties, in their order.
func (c *Cell) Violations() []verdict.Property {
	if c.Result == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(c.Result.Properties),
		func(p verdict.Property) bool { return !p.Violated })
}

// Search runs all cells, several at a time; their order is kept. It is told as searches of that name. The error is
// that of the first cell that has one: its design does not know its configuration, a property is not known, or the
// program is faulty. When ctx ends, running searches are cut and the others are not begun.
func Search(ctx context.Context, of string, cells []*Cell, names []string) error {
	return Each(ctx, of, len(cells), func(i int) error { return cells[i].search(ctx, names) })
}

// watched is the key of a context's progress.
type watched struct{}

// Watched is a context in which p is told how many searches of a survey are done.
func Watched(ctx context.Context, p *explore.Progress) context.Context {
	return context.WithValue(ctx, watched{}, p)
}

// Each does n jobs, several at a time, which are told as searches of that name. The error is that of the first job
// that has one. When ctx ends, jobs that have not begun are left out.
func Each(ctx context.Context, of string, n int, do func(i int) error) error {
	p, _ := ctx.Value(watched{}).(*explore.Progress)
	p.Enter("searches", of, uint64(n))
	errs := make([]error, n)
	jobs := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		workers.Go(func() {
			for i := range jobs {
				errs[i] = do(i)
				p.Advance(1)
			}
		})
	}
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		jobs <- i
	}
	close(jobs)
	workers.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Cell) search(ctx context.Context, names []string) error {
	return explore.Widening(c.Design.Widen, func() error { return c.searchOnce(ctx, names) })
}

func (c *Cell) searchOnce(ctx context.Context, names []string) error {
	if c.Config.Family() {
		return c.decideAny(ctx, names)
	}
	p, err := c.Design.Program(c.Config)
	if err != nil {
		return err
	}
	c.Void = map[string]string{}
	var asked []string
	for _, n := range names {
		if reason := props.Void(p, n); reason != "" {
			c.Void[n] = reason
		} else {
			asked = append(asked, n)
		}
	}
	if len(asked) == 0 && len(names) > 0 {
		c.Program = p
		return nil
	}
	if c.Result, err = decide(ctx, c.Memory, p, asked); err != nil {
		return err
	}
	c.Program = p
	return c.bound(ctx, asked)
}

// decideAny decides the cell for any number of setters.
func (c *Cell) decideAny(ctx context.Context, names []string) error {
	p, err := c.Design.Program(c.Config.Each(2, 0))
	if err != nil {
		return err
	}
	c.Void, c.Refused = map[string]string{}, ""
	var asked []string
	for _, n := range names {
		if reason := props.Void(p, n); reason != "" && props.Stronger(p, n) == nil {
			c.Void[n] = reason
		} else {
			asked = append(asked, n)
		}
	}
	f, err := judge.FamilyOf(c.Design, c.Config, asked)
	if err != nil {
		return err
	}
	r, err := judge.Any(ctx, f, explore.Options{Memory: c.Memory, Search: explore.BreadthFirst,
		Reduce: explore.Symmetry | explore.PartialOrder})
	switch {
	case judge.IsRefused(err):
		c.Refused = err.Error()
	case err != nil:
		return err
	case len(asked) > 0 && len(r.Properties) == 1: // that there is no deadlock
		c.Refused, r = "none of the properties asked for is decided for any number of setters", nil
	}
	c.Program, c.Result = p, r
	return nil
}

// decide searches a program for the properties of those names.
func decide(ctx context.Context, mm model.MemoryModel, p *model.Program, names []string) (*verdict.Result, error) {
	ms, err := props.Select(p, names...)
	if err != nil {
		return nil, err
	}
	return explore.Run(ctx, p, ms, explore.Options{Memory: mm})
}

// A Table is designs held against configurations.
type Table struct {
	Designs []models.Design
	Configs []models.NamedConfig
	Props   []string // the properties asked for, besides that no deadlock is reachable
	Memory  model.MemoryModel
	Cells   [][]*Cell
}

// Run fills a table. When ctx ends it has what is known so far. The error is one of [Search].
func Run(ctx context.Context, mm model.MemoryModel, designs []models.Design, configs []models.NamedConfig,
	names []string) (*Table, error) {
	t := &Table{Designs: designs, Configs: configs, Props: names, Memory: mm}
	var all []*Cell
	for _, d := range designs {
		var row []*Cell
		for _, c := range configs {
			row = append(row, &Cell{Design: d, Config: c.Config, Memory: mm})
		}
		t.Cells = append(t.Cells, row)
		all = append(all, row...)
	}
	return t, Search(ctx, "the table under "+mm.String(), all, names)
}

// Complete reports whether every cell says all that was asked of it.
func (t *Table) Complete() bool {
	return !slices.ContainsFunc(slices.Concat(t.Cells...), func(c *Cell) bool { return !c.Complete() })
}

// DefaultProps is the names of the default set, vacuous ones included.
func DefaultProps() []string {
	var names []string
	for _, p := range props.All() {
		if p.Default {
			names = append(names, p.Name)
		}
	}
	return names
}
