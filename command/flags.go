package command

import (
	"context"
	"fmt"
	"strings"
	"time"

	humanize "github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ctcheck/models"
)

// This file has the flags that several commands have, with what can be typed after them.

// modelFlag is the flag that names a design; what says what it is to the command.
func (o Own) modelFlag(cmd *cobra.Command, name *string, what string) {
	cmd.Flags().StringVar(name, "model", "", what+"; `NAME` is one of those that ctcheck list prints, a litmus "+
		"test's file, whose name ends in .litmus, or C files, which end in .c and have commas between them (- is "+
		"one on standard input; see ctcheck help c)")
	cFlags(cmd.Flags())
	o.completeModel(cmd, "model")
}

// propsFlag is the flag that names properties; what says what is done with them.
func propsFlag(cmd *cobra.Command, list *string, what string) {
	cmd.Flags().StringVar(list, "props", "default", "properties to "+what+": `NAME,...`, default, all or none")
	completeProps(cmd)
}

// configFlags is the flags that make a configuration.
func configFlags(cmd *cobra.Command, c *models.Config) {
	f := cmd.Flags()
	for _, p := range models.Parameters() {
		switch v := p.Field(c).(type) {
		case *int:
			if p.Parse != nil {
				f.Var(&wordValue{c, p}, p.Name, p.Usage)
				continue
			}
			f.IntVar(v, p.Name, *v, p.Usage)
		case *bool:
			f.BoolVar(v, p.Name, *v, p.Usage)
		case *string:
			f.StringVar(v, p.Name, *v, p.Usage)
		}
		switch {
		case p.List:
			completeList(cmd, p.Name, p.Words)
		case p.Words != nil:
			completeFlag(cmd, p.Name, p.Words...)
		}
	}
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) (err error) {
		*c, err = settled(cmd.Flags(), *c)
		return err
	}
}

// A wordValue is the value of a parameter that is more than a number.
type wordValue struct {
	c *models.Config
	p models.Parameter
}

func (v *wordValue) String() string {
	if v.c == nil { // pflag asks a value that nobody made what nothing is
		return ""
	}
	return v.p.Text(v.c)
}

// Set reads a value. The error says what it can be.
func (v *wordValue) Set(text string) error { return v.p.Parse(v.c, text) }

func (v *wordValue) Type() string { return "int" }

// settled is the configuration that flags make. Where the number of setters is not fixed, the parameters that
// have no meaning then must not be given, and lose their defaults.
func settled(f *pflag.FlagSet, c models.Config) (models.Config, error) {
	if !c.Any {
		return c, nil
	}
	if !f.Changed("rounds") {
		c.Rounds = 0
	}
	return c, c.Validate()
}

// made is the flags of a configuration that were given.
func made(f *pflag.FlagSet, c models.Config) []string {
	var given []string
	for _, p := range c.Params() {
		if f.Changed(p.Name) {
			given = append(given, "--"+p.Name)
		}
	}
	return given
}

// columnsOf is the configurations that flags name: one that they make, or some of the matrix.
func columnsOf(f *pflag.FlagSet, c models.Config) ([]models.NamedConfig, error) {
	switch given := made(f, c); {
	case len(given) > 0 && f.Changed("configs"):
		return nil, fmt.Errorf("--configs names configurations, and %s makes another; give one of them",
			strings.Join(given, " "))
	case len(given) > 0:
		return []models.NamedConfig{{Config: c}}, nil
	}
	return choose(f, "configs", "configuration", models.Matrix(), append(models.Matrix(), models.Endless()...),
		func(n models.NamedConfig) string { return n.Key })
}

// positive says what is wrong with a --timeout that was given.
func positive(f *pflag.FlagSet, timeout time.Duration) error {
	if f.Changed("timeout") && timeout <= 0 {
		return fmt.Errorf("--timeout is %s; it must be more than nothing", timeout)
	}
	return nil
}

// within is a context that ends after a time, if it is more than nothing.
func within(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if timeout > 0 {
		return context.WithTimeout(ctx, timeout)
	}
	return context.WithCancel(ctx)
}

// memorySize reads the value of --max-memory.
func memorySize(f *pflag.FlagSet, text string) (uint64, error) {
	n, err := humanize.ParseBytes(text)
	if err != nil || n < 1<<20 {
		return 0, fmt.Errorf("--max-memory is %q; it must be a size of at least 1MiB, as 512MiB or 4GiB", text)
	}
	most := withinAddresses(n)
	if most < n && f.Changed("max-memory") {
		return 0, fmt.Errorf("--max-memory is %q, but the addresses of the process are limited (ulimit -v): it "+
			"can be %s", text, humanize.IBytes(most))
	}
	return most, nil
}

// addressesToBegin is some parts of the heap of Go's runtime, and stacks for its threads, which the C library makes
// if there is one. With less than that the runtime was seen to end small checks.
const addressesToBegin = 256 << 20

// withinAddresses is a bound on memory, or less where the addresses of the process are limited; 0 is no bound. A
// quarter of what is left is for tables: memory that the heap has given back keeps its addresses, and threads that
// are made later take some.
func withinAddresses(bound uint64) uint64 {
	left, limited := addressesLeft()
	most := max((left-min(left, addressesToBegin))/4, 1<<20)
	if !limited || bound > 0 && bound < most {
		return bound
	}
	return most
}
