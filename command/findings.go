package command

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"ctcheck/survey"
)

func newFindings(own Own, status *int) *cobra.Command {
	c := matrixCall{own: own}
	cmd := &cobra.Command{
		Use:   "findings [flags]",
		Short: "Write the page on what each design gets wrong, docs/findings.md",
		Long: "ctcheck findings searches designs, all of them unless --designs chooses, in the configurations\n" +
			"of ctcheck matrix and in many small ones, and writes a page in Markdown: the tables, and for\n" +
			"each violated property of each design the smallest configuration that breaks it, with a\n" +
			"shortest run. The exit status is 0 if the page is complete, also where designs fail; else there\n" +
			"is no page.",
		Example: "  ctcheck findings > docs/findings.md\n" +
			"  ctcheck findings --designs valentin-v7,luto",
		Args: noWords("designs are named with --designs"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			designs, err := c.rows(cmd)
			if err != nil {
				return err
			}
			if err := knownProgress(c.progress); err != nil {
				return err
			}
			ctx, stop := watched(cmd, c.progress)
			err = survey.Findings(ctx, designs, cmd.OutOrStdout())
			stop()
			if errors.Is(err, survey.ErrCut) {
				*status = exitIncomplete
				fmt.Fprintf(cmd.ErrOrStderr(), "ctcheck: %v\n", err)
				return nil
			}
			return err
		},
	}
	c.designsFlag(cmd, "designs to write about")
	progressFlag(cmd, &c.progress)
	return cmd
}
