package command

import (
	"github.com/spf13/cobra"

	"ctcheck/models"
	"ctcheck/report"
)

func newShow(own Own) *cobra.Command {
	name, config, claims := "", models.DefaultConfig(), false
	var l layout
	cmd := &cobra.Command{
		Use:   "show -model NAME [flags]",
		Short: "Print a design as text, as it would stand in a mail",
		Long: "show prints what is checked: the shared variables with their ranges, what each CPU runs and what\n" +
			"interrupts it, and the routines, a line for each statement. --claims adds what is there for the\n" +
			"properties only. Nothing is searched.",
		Example: "  ctcheck show -model valentin-v7\n" +
			"  ctcheck show -model ct_work.c",
		Args: noWords("a model is named with -model"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			st, err := l.style(cmd)
			if err != nil {
				return err
			}
			s, err := own.subjectOf(cmd, name, config, "none")
			if err != nil {
				return err
			}
			return st.Show(cmd.OutOrStdout(), &report.Shown{Model: s.name, Summary: s.summary, Source: s.source,
				Program: s.program, Claims: claims, Found: s.widen != nil})
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	own.modelFlag(cmd, &name, "the design")
	configFlags(cmd, &config)
	f.BoolVar(&claims, "claims", false, "also what is there for the properties only")
	l.flags(f)
	completeFlag(cmd, "color", colorModes...)
	return cmd
}
