package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"ctcheck/survey"
)

func newFindings(status *int) *cobra.Command {
	var progress string
	cmd := &cobra.Command{
		Use:   "findings",
		Short: "Write the page on what each design gets wrong, docs/findings.md",
		Long: "ctcheck findings searches every design in the configurations of ctcheck matrix and in many\n" +
			"small ones, and writes a page in Markdown: the tables, and for each violated property of\n" +
			"each design the smallest configuration that breaks it, with a shortest run. The exit\n" +
			"status is 0 if the page is complete, also where designs fail; else there is no page.",
		Example: "  ctcheck findings > docs/findings.md",
		Args:    noWords(""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := knownProgress(progress); err != nil {
				return err
			}
			ctx, stop := watched(cmd, progress)
			err := survey.Findings(ctx, cmd.OutOrStdout())
			stop()
			if errors.Is(err, survey.ErrCut) {
				*status = exitIncomplete
				fmt.Fprintf(cmd.ErrOrStderr(), "ctcheck: %v\n", err)
				return nil
			}
			return err
		},
	}
	progressFlag(cmd, &progress)
	return cmd
}
