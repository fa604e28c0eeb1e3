package command

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/survey"
)

// A matrixCall is what the flags of the matrix command say.
type matrixCall struct {
	tableCall
	own     Own
	designs string
}

func newMatrix(own Own, status *int) *cobra.Command {
	c := matrixCall{own: own}
	cmd := &cobra.Command{
		Use:   "matrix [flags]",
		Short: "Hold every design against every configuration, in one table",
		Long: "ctcheck matrix searches each design in each of a list of configurations and says in a\n" +
			"table which properties are violated. It is a survey: the exit status is 0 if the table\n" +
			"is complete, also where designs fail, and 3 if a search was cut (Ctrl-C, --timeout): then the\n" +
			"table has what is known, and says what is open.\n\n" +
			"Configurations, those with a star unless --configs chooses:\n" + configHelp(),
		Example: "  ctcheck matrix\n" +
			"  ctcheck matrix --designs peterz,valentin --configs 2,1+nmi\n" +
			"  ctcheck matrix --memory tso --props all\n" +
			"  ctcheck matrix --props no-late-work-in-nmi --format md",
		Args: noWords("designs are named with --designs"),
	}
	tableCommand(cmd, status, c.run)
	f := cmd.Flags()
	c.designsFlag(cmd, "rows")
	c.configsFlag(cmd, "columns: `KEY,...` of the list above (default those with *)")
	propsFlag(cmd, &c.props, "check")
	f.StringVar(&c.memory, "memory", "sc", "memory model: "+memoryList())
	c.outputFlags(cmd)
	completeFlag(cmd, "memory", model.MemoryModelNames()...)
	return cmd
}

// designsFlag is the flag that chooses designs.
func (c *matrixCall) designsFlag(cmd *cobra.Command, what string) {
	cmd.Flags().StringVar(&c.designs, "designs", "",
		what+": `NAME,...` as ctcheck list has them (default all), or C files")
	cFlags(cmd.Flags())
	completeList(cmd, "designs", c.own.designNames())
}

// rows is the designs that the flags name: built-in ones, and those in C files.
func (c *matrixCall) rows(cmd *cobra.Command) ([]models.Design, error) {
	f := cmd.Flags()
	all, hasC := c.own.designs(), false
	for i, name := range strings.Split(c.designs, ",") {
		if _, ok := c.own.protocol(name); ok {
			return nil, fmt.Errorf("%s is no deferral design, and the configurations are theirs; check it with "+
				"-model", name)
		}
		if !isC(name) {
			continue
		}
		if err := oneOfMany("designs", name, strings.Split(c.designs, ",")[:i]); err != nil {
			return nil, err
		}
		d, err := cDesign(f, name, cmd.InOrStdin())
		if err != nil {
			return nil, err
		}
		d.Name = name
		all, hasC = append(all, d), true
	}
	if !hasC {
		if err := noC(f); err != nil {
			return nil, err
		}
	}
	return choose(f, "designs", "model", c.own.rows(), all, func(d models.Design) string { return d.Name })
}

// configs is the configurations that the matrix command knows.
func configs() []models.NamedConfig {
	return slices.Concat(models.Matrix(), models.AnySetters(), models.Endless())
}

// usual is the configurations of a matrix that nobody chooses.
func usual() []models.NamedConfig { return append(models.Matrix(), models.AnySetters()[:2]...) }

func configHelp() string {
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, c := range configs() {
		mark := " "
		if slices.ContainsFunc(usual(), func(u models.NamedConfig) bool { return u.Key == c.Key }) {
			mark = "*"
		}
		fmt.Fprintf(tw, "%s %s\t%s\t%s\n", mark, c.Key, c.Name, survey.Flags(c.Config))
	}
	tw.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

func (c *matrixCall) run(cmd *cobra.Command) (complete bool, err error) {
	f := cmd.Flags()
	designs, err := c.rows(cmd)
	if err != nil {
		return true, err
	}
	columns, err := choose(f, "configs", "configuration", usual(), configs(),
		func(n models.NamedConfig) string { return n.Key })
	if err != nil {
		return true, err
	}
	names, err := propertyNames(c.props)
	if err != nil {
		return true, err
	}
	mm, ok := model.ParseMemoryModel(c.memory)
	if !ok {
		return true, unknown("memory model", c.memory, model.MemoryModelNames())
	}
	if err := positive(f, c.timeout); err != nil {
		return true, err
	}
	write, err := writerOf(c.format, (*survey.Table).Text, (*survey.Table).Markdown, (*survey.Table).JSON)
	if err != nil {
		return true, err
	}
	var t *survey.Table
	err = c.write(cmd, func(ctx context.Context) (err error) {
		t, err = survey.Run(ctx, mm, designs, columns, names)
		return err
	}, func(w io.Writer) error { return write(t, w) })
	if err != nil {
		return true, err
	}
	return t.Complete(), nil
}

// choose is the members of all that the value of a flag names, a list with commas, in its order; if the flag is not
// given and has no names by default it is the usual ones.
func choose[T any](f *pflag.FlagSet, flag, kind string, usual, all []T, name func(T) string) ([]T, error) {
	list := f.Lookup(flag).Value.String()
	switch {
	case list == "" && f.Changed(flag):
		return nil, fmt.Errorf("--%s is empty; leave it out, or give names with commas between them", flag)
	case list == "":
		return usual, nil
	}
	var names []string
	for _, x := range all {
		names = append(names, name(x))
	}
	var chosen []T
	wanted := strings.Split(list, ",")
	for i, w := range wanted {
		if err := oneOfMany(flag, w, wanted[:i]); err != nil {
			return nil, err
		}
		at := slices.Index(names, w)
		if at < 0 {
			return nil, unknown(kind, w, names)
		}
		chosen = append(chosen, all[at])
	}
	return chosen, nil
}

// oneOfMany says what is wrong with a name of a list before anybody asks what it names.
func oneOfMany(flag, name string, before []string) error {
	switch {
	case name == "":
		return fmt.Errorf("--%s: a name is empty; give names with single commas between them", flag)
	case slices.Contains(before, name):
		return fmt.Errorf("--%s: %q is given twice", flag, name)
	}
	return nil
}

// propertyNames is the properties that --props asks for, vacuous ones included.
func propertyNames(list string) ([]string, error) {
	switch list {
	case "default":
		return survey.DefaultProps(), nil
	case "all":
		return props.Names(), nil
	case "none":
		return nil, nil
	}
	names := strings.Split(list, ",")
	for i, n := range names {
		if slices.Contains([]string{"default", "all", "none"}, n) {
			return nil, fmt.Errorf("--props: %q stands alone, it does not go with other names", n)
		}
		if err := oneOfMany("props", n, names[:i]); err != nil {
			return nil, err
		}
		if _, ok := props.Find(n); !ok && n != model.NoDeadlock {
			return nil, unknown("property", n, append(props.Names(), model.NoDeadlock))
		}
	}
	// That one needs no monitor: it is checked with every set.
	return slices.DeleteFunc(names, func(n string) bool { return n == model.NoDeadlock }), nil
}
