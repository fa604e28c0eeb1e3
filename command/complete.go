package command

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/props"
)

// This file completes what is typed in a shell: cobra's scripts ask the hidden command __complete, which
// asks here for the values of flags.

// completions says what can be typed after the flags of the check command.
func completions(cmd *cobra.Command) {
	completeList(cmd, "reduce", []string{"por", "symmetry"}, "default", "none")
	completeList(cmd, "memory", model.MemoryModelNames())
	completeFlag(cmd, "search", "bfs", "dfs")
	completeFlag(cmd, "store", explore.StoreNames()...)
}

func completeProps(cmd *cobra.Command) {
	completeList(cmd, "props", append(props.Names(), model.NoDeadlock), "default", "all", "none")
}

// completeFlag offers the given values for a flag that takes one of them.
func completeFlag(cmd *cobra.Command, flag string, values ...string) {
	must(cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
}

// completeList offers the names that a flag with a comma list may still take, and the words that stand
// alone in it. It marks the flag as a list, so that it adds up where it is repeated.
func completeList(cmd *cobra.Command, flag string, names []string, alone ...string) {
	must(cmd.Flags().SetAnnotation(flag, listMark, []string{}))
	must(cmd.RegisterFlagCompletionFunc(flag,
		func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
			at := strings.LastIndexByte(typed, ',') + 1
			var found []string
			if at == 0 {
				found = slices.Clone(alone)
			}
			given := strings.Split(typed[:at], ",")
			for _, n := range names {
				if !slices.Contains(given, n) {
					found = append(found, typed[:at]+n)
				}
			}
			return found, cobra.ShellCompDirectiveNoFileComp
		}))
}

// must is for what can only fail if a flag of this program is misspelt in it.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// completesShort reports whether the shell asks how a word like -mod goes on. cobra knows only --mod: what
// it offers is given back with the dash that was typed, since shells drop what does not begin so.
func completesShort(args []string) bool {
	if len(args) < 2 || args[0] != cobra.ShellCompRequestCmd && args[0] != cobra.ShellCompNoDescRequestCmd {
		return false
	}
	before, word := args[:len(args)-1], args[len(args)-1]
	return len(word) > 1 && word[0] == '-' && word[1] != '-' && !strings.Contains(word, "=") &&
		!slices.Contains(before, "--")
}

// A shortDashes writes lines that begin with two dashes with one. It is given whole lines.
type shortDashes struct{ w io.Writer }

// Write returns the errors of the writer.
func (s shortDashes) Write(b []byte) (int, error) {
	var out []byte
	for line := range bytes.Lines(b) {
		if bytes.HasPrefix(line, []byte("--")) {
			line = line[1:]
		}
		out = append(out, line...)
	}
	if _, err := s.w.Write(out); err != nil {
		return 0, err
	}
	return len(b), nil
}
