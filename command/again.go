package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/report"
	"ctcheck/trace"
)

// This file is about calls that are made again: what to type to see a run once more, and the command that draws it.

// again is the call of a subcommand, or of the check if it is empty, on the program that the flags of another one
// name: the model, its configuration, the properties.
func again(verb string, f *pflag.FlagSet) string {
	words := []string{strings.TrimSpace("ctcheck " + verb), "-model", quote(f.Lookup("model").Value.String())}
	names := []string{"props"}
	for _, p := range models.Parameters() {
		names = append(names, p.Name)
	}
	f.Visit(func(fl *pflag.Flag) {
		for _, name := range names {
			switch {
			case fl.Name != name:
			case fl.NoOptDefVal != "":
				words = append(words, "--"+name+"="+fl.Value.String())
			default:
				words = append(words, "--"+name, quote(fl.Value.String()))
			}
		}
	})
	for _, name := range []string{"define", "include"} {
		values, err := f.GetStringArray(name)
		for _, v := range values {
			if err == nil {
				words = append(words, "-"+strings.ToUpper(name[:1]), quote(v))
			}
		}
	}
	return strings.Join(words, " ")
}

// calledAs is the call that makes the same report, without what says how it is written.
func calledAs(cmd *cobra.Command) string {
	f := cmd.Flags()
	verb := ""
	if cmd.HasParent() {
		verb = cmd.Name()
	}
	words := []string{again(verb, f)}
	said := []string{"model", "props", "define", "include", "format", "out", "width", "color", "progress", "brief",
		"verbose", "watch"}
	for _, p := range models.Parameters() {
		said = append(said, p.Name)
	}
	f.Visit(func(fl *pflag.Flag) {
		switch {
		case slices.Contains(said, fl.Name):
		case fl.NoOptDefVal != "":
			words = append(words, "--"+fl.Name+"="+fl.Value.String())
		default:
			words = append(words, "--"+fl.Name, quote(fl.Value.String()))
		}
	})
	return strings.Join(words, " ")
}

// quote is a word as a shell takes it.
func quote(word string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
			strings.ContainsRune("-_./,:=+@%", c)
	}
	if word != "" && strings.IndexFunc(word, func(c rune) bool { return !plain(c) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// A replayCall is what the flags of replay say.
type replayCall struct {
	own    Own
	model  string
	config models.Config
	props  string
	memory string
	run    string
	layout layout
}

func newReplay(own Own, status *int) *cobra.Command {
	c := replayCall{own: own, config: models.DefaultConfig()}
	cmd := &cobra.Command{
		Use:   "replay -model NAME --run RUN [flags]",
		Short: "Draw a run again, from the text that stands below its trace",
		Long: "replay takes the steps of a run, draws them, and says which properties it violates. The run is\n" +
			"checked step by step: one that another version of the design does not have is refused at the\n" +
			"first step that cannot be taken, with those that can. The exit status is 1 if it violates\n" +
			"something, and 0 if not, which says nothing of other runs.\n\n" +
			"A run is a word for each step, with dashes between them. A word is the number of the CPU,\n" +
			"counted from 0, and nothing more for its next step; or .1 and so on behind it for another\n" +
			"alternative of a choice, i0 for the IPI of that number, d0 for a device, n for an NMI, f for the\n" +
			"oldest store in its buffer. x3 behind a word is the step three times; a colon in place of a dash\n" +
			"stands before the steps that repeat for ever.",
		Example: "  ctcheck replay -model valentin --setters 1 --nmi 1 --run 1x2-1n-1x3",
		Args:    noWords("a run is named with --run"),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			*status, err = c.replay(cmd)
			return err
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	own.modelFlag(cmd, &c.model, "the design")
	configFlags(cmd, &c.config)
	propsFlag(cmd, &c.props, "judge the run by")
	f.StringVar(&c.memory, "memory", "sc", "memory model: "+memoryList())
	completeFlag(cmd, "memory", model.MemoryModelNames()...)
	runFlag(cmd, &c.run)
	c.layout.flags(f)
	completeFlag(cmd, "color", colorModes...)
	return cmd
}

// runFlag is the flag that names a run.
func runFlag(cmd *cobra.Command, run *string) {
	cmd.Flags().StringVar(run, "run", "", "the `RUN`, as it stands below a trace")
	completeFlag(cmd, "run")
}

func (c *replayCall) replay(cmd *cobra.Command) (status int, err error) {
	st, err := c.layout.style(cmd)
	if err != nil {
		return 0, err
	}
	if !cmd.Flags().Changed("run") {
		return 0, errors.New("replay needs the run to draw, as in --run 0x2-1; it stands below each trace")
	}
	path, loop, err := trace.ParseAddress(c.run, trace.MostSteps)
	if err != nil {
		return 0, fmt.Errorf("--run: %w", err)
	}
	s, err := c.own.subjectOf(cmd, c.model, c.config, c.props)
	if err != nil {
		return 0, err
	}
	mm, ok := model.ParseMemoryModel(c.memory)
	if !ok {
		return 0, unknown("memory model", c.memory, model.MemoryModelNames())
	}
	var t *trace.Trace
	var vs []trace.Violation
	err = explore.Widening(s.widen, func() error { // the ranges of C only as far as this run needs
		session, err := explore.NewSession(s.program, s.monitors, explore.Options{Memory: mm})
		if err != nil {
			return err
		}
		if t, vs, err = session.Judge(path, loop); err != nil {
			return fmt.Errorf("--run: %w", err)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	r := &report.Replayed{Model: s.name, Program: s.program, Trace: t, Violations: vs}
	if err := st.Replay(cmd.OutOrStdout(), r); err != nil {
		return 0, err
	}
	if len(vs) > 0 {
		return exitViolated, nil
	}
	return exitHolds, nil
}
