package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// longFlags lets every long flag be written with one dash, as Go's own commands have it: pflag would
// read -model as the short flags -m -o -d -e -l. What follows "--" is left alone.
func longFlags(root *cobra.Command, args []string) []string {
	known := map[string]bool{"help": true}
	var learn func(cmd *cobra.Command)
	learn = func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known[f.Name] = true })
		for _, c := range cmd.Commands() {
			learn(c)
		}
	}
	learn(root)
	out := slices.Clone(args)
	if completesShort(args) { // the beginning of a flag's name, which cobra then completes
		out[len(out)-1] = "-" + out[len(out)-1]
	}
	for i, a := range out {
		if a == "--" {
			break
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(a, "-"), "=")
		if strings.HasPrefix(a, "-") && known[name] {
			out[i] = "-" + a
		}
	}
	return out
}

// flagError is pflag's complaint in one line, with the nearest flags where the name is unknown.
func flagError(cmd *cobra.Command, err error) error {
	if r := repeated(err); r != nil {
		return r
	}
	var name string
	switch e := err.(type) {
	case *pflag.NotExistError:
		name = e.GetSpecifiedName()
		if s := e.GetSpecifiedShortnames(); s != "" {
			name = s
		}
	default:
		return err
	}
	if slices.Contains(commandNames(cmd.Root()), name) {
		return fmt.Errorf("there is no flag --%s; did you mean ctcheck %s?", name, name)
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	near := nearest(name, names)
	if len(near) == 0 {
		return fmt.Errorf("there is no flag --%s; see ctcheck --help", name)
	}
	return fmt.Errorf("there is no flag --%s; did you mean --%s?", name, strings.Join(near, " or --"))
}

// unknown is the error for a name that is not in the list, with the nearest ones, or else all.
func unknown(kind, name string, names []string) error {
	if near := nearest(name, names); len(near) > 0 {
		return fmt.Errorf("there is no %s %q; did you mean %s?", kind, name, strings.Join(near, " or "))
	}
	return fmt.Errorf("there is no %s %q; there are: %s", kind, name, strings.Join(names, ", "))
}

// nearest is up to three names that a mistyped one may have meant, nearest first.
func nearest(name string, names []string) []string {
	far := func(n string) int {
		if len(name) > 2 && strings.Contains(n, name) {
			return 0
		}
		return levenshtein.ComputeDistance(name, n)
	}
	var near []string
	for _, n := range names {
		if far(n) <= max(1, (len(n)+1)/3) {
			near = append(near, n)
		}
	}
	slices.SortStableFunc(near, func(a, b string) int { return far(a) - far(b) })
	return near[:min(len(near), 3)]
}

// noWords is for commands that take flags and nothing else; the hint says how what was meant is given.
func noWords(hint string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return nil
		case hint == "":
			return fmt.Errorf("%s takes no such argument: %q", cmd.Name(), args[0])
		}
		return fmt.Errorf("%s takes no such argument: %q; %s", cmd.Name(), args[0], hint)
	}
}

// commandNames is the names of the commands below one.
func commandNames(cmd *cobra.Command) []string {
	var names []string
	for _, c := range cmd.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	return names
}

// strictCommands lets those commands that cobra makes refuse what they do not know, for which they print a help
// that was not asked for.
func strictCommands(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd() // it keeps the writer
	help, _, err := root.Find([]string{"help"})
	must(err)
	help.Args = func(_ *cobra.Command, args []string) error {
		cmd, rest, err := root.Find(args)
		switch {
		case err != nil || len(rest) == 0:
			return err
		case !cmd.HasSubCommands():
			return fmt.Errorf("there is no help on %q; see ctcheck help %s", strings.Join(args, " "), cmd.Name())
		}
		return unknown("command", rest[0], commandNames(cmd))
	}
	completion, _, err := root.Find([]string{"completion"})
	must(err)
	completion.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return unknown("completion for", args[0], commandNames(cmd))
		}
		return nil
	}
	completion.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	for _, shell := range completion.Commands() {
		shell.Args = noWords("")
	}
}

// unknownWord is the error for a word that is neither a command nor a flag.
func unknownWord(root *cobra.Command, word string) error {
	commands := commandNames(root)
	if near := nearest(word, commands); len(near) > 0 {
		return fmt.Errorf("%q is neither a flag nor a command; did you mean %s?", word, strings.Join(near, " or "))
	}
	return fmt.Errorf("%q is neither a flag nor a command; a model is named with -model, and the commands are: %s",
		word, strings.Join(commands, ", "))
}
