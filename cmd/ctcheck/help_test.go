package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
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

// Every example of the help works: it is no bad call.
func TestExamplesOfTheHelp(t *testing.T) {
	if testing.Short() {
		t.Skip("findings and matrix are among them")
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "tests"), os.DirFS("../../testdata/litmus")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"SB.litmus", "SB+mbs.litmus", "MP+wmb+rmb.litmus"} {
		if err := os.Link(filepath.Join(dir, "tests", name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for file, as := range map[string]string{"peterz.c": "ct_work.c", "ct_seq.h": "ct_seq.h"} {
		text, err := os.ReadFile(filepath.Join("../../testdata/c", file))
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, as, string(text))
	}
	write(t, dir, "verdicts.tsv", "file\ttso\nSB.litmus\tSometimes\n")
	t.Chdir(dir)
	var status int
	calls := examples(newRoot(&status))
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
		if status := run(ctx, args[1:], io.Discard, &errs); status == exitBadCall {
			t.Errorf("%q: %s", call, errs.String())
		}
		cancel()
	}
}
