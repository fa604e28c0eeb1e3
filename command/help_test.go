package command

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ctcheck/cfront"
)

// examples is the calls in the help of a command and those below it.
func examples(cmd *cobra.Command) []string {
	var calls []string
	for l := range strings.Lines(cmd.Example) {
		if l = strings.TrimSpace(l); l != "" {
			calls = append(calls, l)
		}
	}
	for _, c := range cmd.Commands() {
		calls = append(calls, examples(c)...)
	}
	return calls
}

// Help that was asked for is given, by every command and on every command.
func TestHelpIsGiven(t *testing.T) {
	for _, row := range []goodCall{
		{"help", 0, []string{"Available Commands:", "ctcheck -model NAME"}, "on the whole"},
		{"help matrix", 0, []string{"ctcheck matrix searches each design"}, "on a command"},
		{"help help", 0, []string{"Help provides help"}, "on itself"},
		{"help completion", 0, []string{"fish"}, "on the shells"},
		{"help completion bash", 0, []string{"ctcheck completion bash > /etc"}, "on one of them"},
		{"completion", 0, []string{"powershell"}, "without a shell"},
	} {
		row.check(t)
	}
}

// No line of any command's help is wider than what it is for, every flag is in it once, and where there are many
// each is in a group.
func TestHelpIsLaidOut(t *testing.T) {
	grouped := map[string]bool{}
	var look func(cmd *cobra.Command)
	look = func(cmd *cobra.Command) {
		cmd.InitDefaultHelpFlag() // which cobra makes when the command is called
		for _, width := range []int{80, 132} {
			text := usage(cmd, width) + reflow(cmd.Long, width)
			for line := range strings.Lines(text) {
				if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
					t.Errorf("%s: %d columns, want %d: %s", cmd.CommandPath(), n, width, line)
				}
			}
			cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
				n := len(regexp.MustCompile(`(?m)^ +(-.,)? +--`+f.Name+`[ \[]`).FindAllString(text, -1))
				if n != 1 && !f.Hidden {
					t.Errorf("%s: --%s is in the help %d times", cmd.CommandPath(), f.Name, n)
				}
				grouped[f.Name] = true
			})
			many := strings.Contains(text, "\nOutput:\n")
			if strings.Contains(text, "\nFlags:\n") == many || cmd.Name() == "matrix" && !many {
				t.Errorf("%s has flags in no group, or no groups:\n%s", cmd.CommandPath(), text)
			}
		}
		for _, c := range cmd.Commands() {
			look(c)
		}
	}
	var status int
	root := newRoot(Own{}, &status)
	strictCommands(root)
	look(root)
	for _, g := range flagGroups() {
		for _, name := range g.names {
			if !grouped[name] {
				t.Errorf("group %s has --%s, which is no flag", g.title, name)
			}
		}
	}
	_, out, _ := callMain("--help")
	if !strings.Contains(out, "\nLimits:\n") || !strings.Contains(out, "\nand prints, for each property") {
		t.Errorf("the command prints another help:\n%s", out)
	}
	// The lists and tables of a topic stay as they are, and it has no usage.
	if _, out, _ := callMain("help", "c"); out != cfront.Help() {
		t.Errorf("help c prints\n%s", out)
	}
}

// Every example of the help works: it is no bad call.
func TestExamplesOfTheHelp(t *testing.T) {
	if testing.Short() {
		t.Skip("findings and matrix are among them")
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "tests"), os.DirFS("../testdata/litmus")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"SB.litmus", "SB+mbs.litmus", "MP+wmb+rmb.litmus"} {
		if err := os.Link(filepath.Join(dir, "tests", name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for file, as := range map[string]string{"peterz.c": "ct_work.c", "ct_seq.h": "ct_seq.h"} {
		text, err := os.ReadFile(filepath.Join("../testdata/c", file))
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, as, string(text))
	}
	write(t, dir, "verdicts.tsv", "file\ttso\nSB.litmus\tSometimes\n")
	t.Chdir(dir)
	var status int
	calls := examples(newRoot(Own{}, &status))
	if len(calls) < 15 {
		t.Errorf("%d examples", len(calls))
	}
	for _, call := range calls {
		args := strings.Fields(regexp.MustCompile(`>.*`).ReplaceAllString(call, ""))
		if args[0] != "ctcheck" {
			t.Errorf("%q", call)
			continue
		}
		ctx, cancel := context.WithCancel(t.Context())
		if args[1] == "findings" || args[1] == "explore" { // minutes, and for ever
			ctx, cancel = context.WithTimeout(t.Context(), 200*time.Millisecond)
		}
		var errs strings.Builder
		for i, a := range args {
			if a == "127.0.0.1:8080" {
				args[i] = "127.0.0.1:0" // that one may be taken
			}
		}
		if status := Run(ctx, Own{}, args[1:], io.Discard, &errs); status == exitBadCall {
			t.Errorf("%q: %s", call, errs.String())
		}
		cancel()
	}
}
