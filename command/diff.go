package command

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ctcheck/diff"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/survey"
)

// A diffCall is what the flags of diff say.
type diffCall struct {
	tableCall
	own    Own
	config models.Config
	layout layout
}

func newDiff(own Own, status *int) *cobra.Command {
	c := diffCall{own: own, config: models.DefaultConfig()}
	cmd := &cobra.Command{
		Use:   "diff A B [flags]",
		Short: "Hold two designs, or two versions of one, against each other",
		Long: "diff checks two designs in the configurations of ctcheck matrix with a star, and says which\n" +
			"properties the second breaks and which it mends, with a run for each. It also looks for the\n" +
			"shortest schedule on which the two do something different: another answer to a request, other\n" +
			"work that runs, an IPI, a warning, or a step that only one of them can take. A and B are what\n" +
			"-model can name; what is no deferral design has one configuration.\n\n" +
			"It is a survey: the exit status is 0 if it is complete, whatever it finds, and 3 if it was cut.",
		Example: "  ctcheck diff valentin valentin-v4\n" +
			"  ctcheck diff valentin-v5 valentin-v7 --configs 1,1+nmi --format md\n" +
			"  ctcheck diff valentin-v7 ct_work.c --setters 1 --nmi 1",
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion,
			cobra.ShellCompDirective) {
			if len(args) < 2 {
				return own.names(), cobra.ShellCompDirectiveDefault
			}
			return nil, cobra.ShellCompDirectiveNoFileComp
		},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("diff takes two names, as in ctcheck diff valentin valentin-v4, and here are %d",
					len(args))
			}
			return nil
		},
	}
	tableCommand(cmd, status, c.run)
	f := cmd.Flags()
	c.configsFlag(cmd, "configurations: `KEY,...` as ctcheck matrix has them")
	propsFlag(cmd, &c.props, "check")
	f.StringVar(&c.memory, "memory", "sc", "memory model: "+memoryList())
	completeFlag(cmd, "memory", model.MemoryModelNames()...)
	cFlags(f)
	c.outputFlags(cmd)
	f.Lookup("format").Usage += "; or html, where the two part, side by side"
	c.layout.flags(f)
	configFlags(cmd, &c.config)
	return cmd
}

func (c *diffCall) run(cmd *cobra.Command) (complete bool, err error) {
	f := cmd.Flags()
	st, err := c.layout.style(cmd)
	if err != nil {
		return true, err
	}
	write := (*diff.Diff).HTML
	if c.format != "html" {
		if write, err = writerOf(c.format, func(d *diff.Diff, w io.Writer) error { return d.Text(w, st) },
			(*diff.Diff).Markdown, (*diff.Diff).JSON); err != nil {
			return true, fmt.Errorf("%w, or html", err)
		}
	}
	mm, ok := model.ParseMemoryModel(c.memory)
	if !ok {
		return true, unknown("memory model", c.memory, model.MemoryModelNames())
	}
	if err := positive(f, c.timeout); err != nil {
		return true, err
	}
	d := &diff.Diff{Memory: mm, MaxBytes: withinAddresses(availableMemory("") / 4)}
	args := f.Args()
	if d.Pairs, err = c.pairs(cmd, d, args[0], args[1]); err != nil {
		return true, err
	}
	if err := c.write(cmd, d.Run, func(w io.Writer) error { return write(d, w) }); err != nil {
		return true, err
	}
	return d.Complete(), nil
}

// pairs builds both protocols in every configuration that was asked for.
func (c *diffCall) pairs(cmd *cobra.Command, d *diff.Diff, a, b string) ([]*diff.Pair, error) {
	f := cmd.Flags()
	columns, err := c.columns(cmd, a, b)
	if err != nil {
		return nil, err
	}
	var pairs []*diff.Pair
	for _, n := range columns {
		p := &diff.Pair{Key: n.Key}
		if n.Key != "" || len(made(f, c.config)) > 0 {
			p.Flags = survey.Flags(n.Config)
		}
		for i, name := range []string{a, b} {
			s, err := c.own.subjectOf(cmd, name, n.Config, c.props)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			d.Names[i], d.Sources[i] = name, s.source
			p.Sides[i] = &diff.Side{Build: s.builder(), Widen: s.ranges}
		}
		pairs = append(pairs, p)
	}
	return pairs, nil
}

// columns is the configurations: some of the matrix, one that flags make, or, where one of the two is no deferral
// design, the one that it has.
func (c *diffCall) columns(cmd *cobra.Command, names ...string) ([]models.NamedConfig, error) {
	f := cmd.Flags()
	for _, name := range names {
		fixed, err := c.fixed(f, name)
		switch {
		case err != nil:
			return nil, err
		case fixed && f.Changed("configs"):
			return nil, fmt.Errorf("--configs is about deferral designs; %s says itself what its CPUs run", name)
		case fixed:
			return []models.NamedConfig{{Config: c.config}}, nil
		}
	}
	return columnsOf(f, c.config)
}

// fixed reports whether what a name stands for has one configuration.
func (c *diffCall) fixed(f *pflag.FlagSet, name string) (bool, error) {
	if name == "-" {
		return false, errors.New("diff reads files, and not standard input (-), which is there once")
	}
	if isC(name) {
		file, err := loadC(f, name, nil)
		return err == nil && !file.IsDeferral(), err
	}
	_, err := c.own.design(name)
	_, own := c.own.protocol(name)
	if own || isTest(name) {
		return true, nil
	}
	return false, err
}

// builder builds the subject anew, as often as it is called.
func (s *subject) builder() func() (*model.Program, []*model.Monitor, error) {
	if s.build != nil {
		return s.build
	}
	return func() (*model.Program, []*model.Monitor, error) { return s.program, s.monitors, nil }
}
