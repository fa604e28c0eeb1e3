package command

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/weaken"
)

// A weakenCall is what the flags of the weaken command say.
type weakenCall struct {
	tableCall
	own    Own
	model  string
	config models.Config
	trace  int
	traces bool
}

func newWeaken(own Own, status *int) *cobra.Command {
	c := weakenCall{own: own, config: models.DefaultConfig()}
	cmd := &cobra.Command{
		Use:   "weaken -model NAME [flags]",
		Short: "Say which steps of a design carry the load: make each one weaker and check again",
		Long: "ctcheck weaken makes one step of a design weaker at a time: an order (full, acquire or\n" +
			"release, relaxed), a fence gone, a locked read-modify-write torn into a load and a store,\n" +
			"two neighbouring steps swapped, interrupts left on. It checks each form again and says in a\n" +
			"table what breaks.\n" +
			"The properties that the design itself violates in a configuration do not count there.\n\n" +
			"It looks at the configurations of ctcheck matrix with a star, in some of which a step may\n" +
			"be needed that is not in others; --configs chooses from the matrix, and one of the flags\n" +
			"from --setters to --active makes a single configuration instead.\n\n" +
			"It is a survey: the exit status is 0 if the table is complete, also where steps are\n" +
			"needed, and 3 if a search was cut (Ctrl-C, --timeout): then the table says what is open.",
		Example: "  ctcheck weaken -model valentin\n" +
			"  ctcheck weaken -model valentin --trace 8\n" +
			"  ctcheck weaken -model tlb-hansen --setters 1 --memory tso\n" +
			"  ctcheck weaken -model valentin-v7 --configs 1,1+nmi --format md",
		Args: noWords("a model is named with -model"),
	}
	tableCommand(cmd, status, c.run)
	f := cmd.Flags()
	own.modelFlag(cmd, &c.model, "the design")
	c.configsFlag(cmd, "configurations: `KEY,...` as ctcheck matrix has them")
	f.StringVar(&c.memory, "memory", "sc,tso", "memory models: `NAME,...` of "+memoryList())
	completeList(cmd, "memory", model.MemoryModelNames())
	propsFlag(cmd, &c.props, "check")
	f.IntVar(&c.trace, "trace", 0, "print a shortest run that shows what row `N` breaks, for each memory model")
	f.BoolVar(&c.traces, "traces", false, "print one for each row that breaks something")
	c.outputFlags(cmd)
	configFlags(cmd, &c.config)
	return cmd
}

func (c *weakenCall) run(cmd *cobra.Command) (complete bool, err error) {
	f := cmd.Flags()
	write, err := writerOf(c.format, (*weaken.Table).Text, (*weaken.Table).Markdown, (*weaken.Table).JSON)
	if err != nil {
		return true, err
	}
	memories, err := choose(f, "memory", "memory model", nil, model.MemoryModels(),
		model.MemoryModel.String)
	if err != nil {
		return true, err
	}
	if err := positive(f, c.timeout); err != nil {
		return true, err
	}
	if f.Changed("trace") && c.traces {
		return true, errors.New("--trace and --traces: give one of them")
	}
	t, err := c.table(cmd, memories)
	if err != nil {
		return true, err
	}
	switch n := len(t.Rows); {
	case f.Changed("trace") && n == 0:
		return true, fmt.Errorf("--trace is %d; the table has no rows", c.trace)
	case f.Changed("trace") && (c.trace < 1 || c.trace > n):
		return true, fmt.Errorf("--trace is %d; the table has rows 1 to %d", c.trace, n)
	}
	err = c.write(cmd, t.Run, func(w io.Writer) error { return write(t, w, c.runs(t)) })
	if err != nil {
		return true, err
	}
	return t.Complete(), nil
}

// table finds the rows.
func (c *weakenCall) table(cmd *cobra.Command, memories []model.MemoryModel) (*weaken.Table, error) {
	f := cmd.Flags()
	if isC(c.model) {
		file, err := loadC(f, c.model, cmd.InOrStdin())
		if err != nil {
			return nil, err
		}
		if !file.IsDeferral() {
			s, err := protocolOf(f, file, c.config, c.props)
			if err != nil {
				return nil, err
			}
			return c.fixedTable(f, s, memories)
		}
		return c.designTable(f, file.Design(), memories)
	}
	if err := noC(f); err != nil {
		return nil, err
	}
	if isTest(c.model) {
		return c.testTable(f, memories)
	}
	if p, ok := c.own.protocol(c.model); ok {
		s, err := c.own.subjectOf(cmd, p.Name, c.config, c.props)
		if err != nil {
			return nil, err
		}
		return c.fixedTable(f, s, memories)
	}
	d, err := c.own.design(c.model)
	if err != nil {
		return nil, err
	}
	return c.designTable(f, d, memories)
}

// designTable finds the rows of a design.
func (c *weakenCall) designTable(f *pflag.FlagSet, d models.Design, memories []model.MemoryModel) (*weaken.Table,
	error) {
	columns, err := columnsOf(f, c.config)
	if err != nil {
		return nil, err
	}
	names, err := propertyNames(c.props)
	if err != nil {
		return nil, err
	}
	cases, err := weaken.Cases(d, columns, names)
	if err != nil {
		return nil, err
	}
	t, err := weaken.New(cases, memories)
	if err != nil {
		return nil, err
	}
	t.Model, t.Source = d.Name, d.Source
	return t, nil
}

// fixedTable finds the rows of a protocol that is no deferral design.
func (c *weakenCall) fixedTable(f *pflag.FlagSet, s *subject, memories []model.MemoryModel) (*weaken.Table, error) {
	if f.Changed("configs") {
		return nil, fmt.Errorf("--configs is about deferral designs; %s says itself what its CPUs run", c.model)
	}
	t, err := weaken.New([]*weaken.Case{{Name: s.summary, Build: s.build, Widen: s.ranges}}, memories)
	if err != nil {
		return nil, err
	}
	t.Model, t.Source = s.name, s.source
	return t, nil
}

// testTable finds the rows of a litmus test.
func (c *weakenCall) testTable(f *pflag.FlagSet, memories []model.MemoryModel) (*weaken.Table, error) {
	s, err := testOf(f, c.model, c.config)
	if err != nil {
		return nil, err
	}
	cs := &weaken.Case{Name: s.summary, Build: func() (*model.Program, []*model.Monitor, error) {
		s, err := testOf(f, c.model, c.config)
		if err != nil {
			return nil, nil, err
		}
		return s.program, s.monitors, nil
	}}
	t, err := weaken.New([]*weaken.Case{cs}, memories)
	if err != nil {
		return nil, err
	}
	t.Model, t.Source = s.name, s.source+", "+s.summary
	return t, nil
}

// runs is the rows whose runs are to be shown.
func (c *weakenCall) runs(t *weaken.Table) []*weaken.Row {
	switch {
	case c.trace > 0:
		return t.Rows[c.trace-1 : c.trace]
	case c.traces:
		return slices.DeleteFunc(slices.Clone(t.Rows), func(r *weaken.Row) bool { return !r.HasRun() })
	}
	return nil
}
