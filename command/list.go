package command

import (
	"fmt"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ctcheck/model"
	"ctcheck/props"
)

func newList(own Own) *cobra.Command {
	var properties bool
	cmd := &cobra.Command{
		Use:   "list [--props]",
		Short: "List the designs with their sources, or the properties",
		Args:  noWords(""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			tw := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			if properties {
				for _, p := range props.All() {
					mark := " "
					if p.Default {
						mark = "*"
					}
					fmt.Fprintf(tw, "%s %s\t%s\n", mark, p.Name, p.Doc)
				}
				fmt.Fprintf(tw, "* %s\tno state is reachable in which nothing can happen before every CPU has "+
					"ended (always checked)\n", model.NoDeadlock)
			} else {
				for _, d := range append(slices.Clone(own.Designs), published()...) {
					fmt.Fprintf(tw, "%s\t%s\n\t%s\n", d.Name, d.Summary, d.Source)
				}
				for _, p := range own.Protocols {
					fmt.Fprintf(tw, "%s\t%s\n\t%s\n", p.Name, p.Summary, p.Source)
				}
			}
			if err := tw.Flush(); err != nil {
				return fmt.Errorf("the list could not be written: %w", err)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&properties, "props", false, "list the properties; * marks the default set")
	return cmd
}
