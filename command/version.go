package command

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"ctcheck/report"
)

func newVersion() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Say which build this is",
		Example: "  ctcheck version",
		Args:    noWords(""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			info, _ := debug.ReadBuildInfo()
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "ctcheck %s\n", describe(info))
			return err
		},
	}
	return cmd
}

// describe is a build in a line: its version, the commit of its sources, if the go command stamped it (go run does
// not), and what compiled it for what.
func describe(info *debug.BuildInfo) string {
	commit, modified := "not stamped", ""
	if info != nil {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				commit = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				modified = " (modified)"
			}
		}
	}
	return strings.Join([]string{report.Version, "commit " + commit + modified, runtime.Version(),
		runtime.GOOS + "/" + runtime.GOARCH}, ", ")
}
