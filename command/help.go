package command

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ctcheck/models"
	"ctcheck/report"
)

// This file lays out what --help prints: flags in groups, and no line wider than the terminal, or than a mail.

// A flagGroup is flags that are about the same thing, by their names.
type flagGroup struct {
	title string
	names []string
}

// flagGroups is in the order of the help.
func flagGroups() []flagGroup {
	what := []string{"model", "run", "designs", "configs", "define", "include"}
	for _, p := range models.Parameters() {
		what = append(what, p.Name)
	}
	return []flagGroup{
		{"Configuration", what},
		{"Properties", []string{"props"}},
		{"Search", []string{"memory", "engine", "mode", "search", "reduce", "workers", "store", "seed",
			"first", "coverage",
			"checkpoint", "checkpoint-every", "resume", "watch"}},
		{"Limits", []string{"timeout", "walks", "max-states", "max-depth", "unroll", "max-memory"}},
		{"Output", []string{"format", "out", "brief", "verbose", "claims", "witness", "trace", "traces",
			"why", "expect",
			"width", "color", "progress", "addr", "help"}},
	}
}

// fewFlags is how many flags need no groups.
const fewFlags = 4

// layOutHelp has the commands' help laid out for what it is written to.
func layOutHelp(root *cobra.Command, out io.Writer) {
	width := func() int {
		if t := terminalOf(out); t != nil {
			return max(t.width(), report.NarrowestText)
		}
		return report.Mail.Width
	}
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		what := cmd.Long
		if what == "" {
			what = cmd.Short
		}
		fmt.Fprintln(cmd.OutOrStdout(), reflow(strings.TrimSpace(what), width()))
		if cmd.Runnable() || cmd.HasSubCommands() { // else it is a topic
			fmt.Fprintf(cmd.OutOrStdout(), "\n%s", usage(cmd, width()))
		}
	})
	root.SetUsageFunc(func(cmd *cobra.Command) error {
		_, err := io.WriteString(cmd.OutOrStderr(), usage(cmd, width()))
		return err
	})
}

// usage is how the command is called.
func usage(cmd *cobra.Command, width int) string {
	var b strings.Builder
	fmt.Fprintln(&b, "Usage:")
	if cmd.Runnable() {
		fmt.Fprintln(&b, report.Wrap("  "+cmd.UseLine(), width, "      "))
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s [command]\n", cmd.CommandPath())
	}
	if cmd.HasExample() {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", strings.TrimRight(cmd.Example, "\n"))
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprint(&b, "\nAvailable Commands:\n")
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() || c.Name() == "help" {
				name := fmt.Sprintf("  %-*s ", c.NamePadding(), c.Name())
				fmt.Fprintln(&b, report.Wrap(name+c.Short, width, strings.Repeat(" ", len(name))))
			}
		}
	}
	flags(&b, cmd, width)
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\nUse %q for more about a command.\n", cmd.CommandPath()+" [command] --help")
	}
	return b.String()
}

// flags writes a command's flags, in groups if there are many. What is in no group comes last.
func flags(b *strings.Builder, cmd *cobra.Command, width int) {
	all := map[string]*pflag.Flag{}
	rest := cmd.LocalFlags()
	rest.VisitAll(func(f *pflag.Flag) { all[f.Name] = f })
	groups := []flagGroup{}
	if len(all) > fewFlags {
		groups = flagGroups()
	}
	write := func(title string, fs *pflag.FlagSet) {
		if fs.HasAvailableFlags() {
			fmt.Fprintf(b, "\n%s:\n%s", title, fs.FlagUsagesWrapped(width))
		}
	}
	for _, g := range groups {
		fs := sortless(g.title)
		for _, name := range g.names {
			if f := all[name]; f != nil {
				fs.AddFlag(f)
				delete(all, name)
			}
		}
		write(g.title, fs)
	}
	fs := sortless("flags")
	rest.VisitAll(func(f *pflag.Flag) {
		if all[f.Name] != nil {
			fs.AddFlag(f)
		}
	})
	write("Flags", fs)
}

// sortless is an empty set of flags that keeps their order.
func sortless(name string) *pflag.FlagSet {
	fs := pflag.NewFlagSet(name, pflag.ContinueOnError)
	fs.SortFlags = false
	return fs
}

// reflow breaks the lines of paragraphs anew. Where a line is indented the paragraph's lines stay lines.
func reflow(text string, width int) string {
	paragraphs := strings.Split(text, "\n\n")
	for i, p := range paragraphs {
		lines := strings.Split(p, "\n")
		if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, " ") }) {
			paragraphs[i] = report.Wrap(strings.Join(lines, " "), width, "")
			continue
		}
		for n, l := range lines {
			lines[n] = report.Wrap(l, width, "      ")
		}
		paragraphs[i] = strings.Join(lines, "\n")
	}
	return strings.Join(paragraphs, "\n\n")
}
