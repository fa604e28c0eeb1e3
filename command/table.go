package command

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"
)

// This file has what the commands that write a table share, matrix and weaken: flags, what may stand in them, and
// how a table is filled in and written.

// A tableCall is what the flags that both have say.
type tableCall struct {
	configs, props string
	memory         string
	format         string
	timeout        time.Duration
	progress       string
}

var tableFormats = []string{"text", "md", "json"}

// tableCommand lets a command do what fills in and writes a table. The exit status says whether the table is
// complete, and nothing else.
func tableCommand(cmd *cobra.Command, status *int, run func(*cobra.Command) (complete bool, err error)) {
	cmd.Flags().SortFlags = false
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		complete, err := run(cmd)
		if !complete {
			*status = exitIncomplete
		}
		return err
	}
}

// configsFlag is the flag that chooses configurations.
func (c *tableCall) configsFlag(cmd *cobra.Command, usage string) {
	cmd.Flags().StringVar(&c.configs, "configs", "", usage)
	var keys []string
	for _, n := range configs() {
		keys = append(keys, n.Key)
	}
	completeList(cmd, "configs", keys)
}

// outputFlags is the flags that say how the table is written, and when at the latest.
func (c *tableCall) outputFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.format, "format", "text", "format of the table, "+orList(tableFormats))
	f.DurationVar(&c.timeout, "timeout", 0, "stop after this `TIME`, as 30s or 10m")
	completeFlag(cmd, "format", tableFormats...)
	progressFlag(cmd, &c.progress)
}

// writerOf is the one of the ways to write a table that its format names. The error says what it can be.
func writerOf[T any](format string, text, md, json T) (write T, err error) {
	i := slices.Index(tableFormats, format)
	if i < 0 {
		return write, fmt.Errorf("--format is %q; it can be %s", format, orList(tableFormats))
	}
	return []T{text, md, json}[i], nil
}

// write fills in a table, within the time that there is, and then writes it. The error is that of either, or of the
// flags.
func (c *tableCall) write(cmd *cobra.Command, fill func(context.Context) error, write func(io.Writer) error) error {
	if err := knownProgress(c.progress); err != nil {
		return err
	}
	ctx, stop := watched(cmd, c.progress)
	defer stop()
	ctx, cancel := within(ctx, c.timeout)
	defer cancel()
	err := fill(ctx)
	stop() // so that no line on the progress stands in the table
	if err != nil {
		return err
	}
	if err := write(cmd.OutOrStdout()); err != nil {
		return fmt.Errorf("the table could not be written: %w", err)
	}
	return nil
}
