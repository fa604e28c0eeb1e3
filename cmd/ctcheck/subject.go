package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ctcheck/explore"
	"ctcheck/judge"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/report"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// This file is about what -model names: a design in a configuration, or a litmus test in a file.

// A subject is what is checked.
type subject struct {
	name, summary, source string
	config                []report.Param // of a design
	program               *model.Program
	monitors              []*model.Monitor
}

// report is a result on the subject.
func (s *subject) report(r *verdict.Result) *report.Report {
	return &report.Report{Model: s.name, Summary: s.summary, Source: s.source, Config: s.config, Program: s.program,
		Result: r}
}

// graph is the state graph, if one of the formats of a report has a use for it.
func (s *subject) graph(ctx context.Context, formats []string, r *verdict.Result) (*trace.Graph, error) {
	most := 0
	switch {
	case slices.Contains(formats, "states"):
		most = report.MostStates
	case slices.Contains(formats, "dot"):
		most = report.FewStates
	}
	if most == 0 || r.States > uint64(most) {
		return nil, nil
	}
	return explore.GraphOf(ctx, s.program, s.monitors, explore.Options{Memory: r.Memory}, most)
}

// isTest reports whether the name of a model is that of a litmus test's file.
func isTest(name string) bool { return strings.HasSuffix(name, judge.Ending) }

// subjectOf is what the flags of a command name.
func subjectOf(f *pflag.FlagSet, name string, c models.Config, list string) (*subject, error) {
	if isTest(name) {
		return testOf(f, name, c)
	}
	d, err := findDesign(name)
	if err != nil {
		return nil, err
	}
	p, err := d.Program(c)
	if err != nil {
		return nil, err
	}
	ms, err := monitors(p, list)
	if err != nil {
		return nil, err
	}
	return &subject{d.Name, d.Summary, d.Source, params(c), p, ms}, nil
}

// testOf is a litmus test as what designs are.
func testOf(f *pflag.FlagSet, file string, c models.Config) (*subject, error) {
	if err := noDesign(f, c); err != nil {
		return nil, err
	}
	p, err := loadTest(file)
	if err != nil {
		return nil, err
	}
	return subjectFrom(p), nil
}

func subjectFrom(p *judge.Protocol) *subject {
	return &subject{name: p.Test.Name, summary: p.Summary(), source: p.Test.File, program: p.Program,
		monitors: p.Monitors}
}

// noDesign says which flag is about designs only.
func noDesign(f *pflag.FlagSet, c models.Config) error {
	names := []string{"props", "configs"}
	for _, p := range c.Params() {
		names = append(names, p.Name)
	}
	for _, name := range names {
		if f.Changed(name) {
			return fmt.Errorf("--%s is about designs; a litmus test has one configuration, and one property, "+
				"which its condition makes", name)
		}
	}
	return nil
}

// loadTest reads a litmus test.
func loadTest(file string) (*judge.Protocol, error) {
	src, err := judge.Read(file, strings.NewReader(""))
	if err != nil {
		if path := (&os.PathError{}); errors.As(err, &path) {
			err = fmt.Errorf("the litmus test %s cannot be read: %w", file, path.Err)
		}
		return nil, err
	}
	return judge.Load(file, src)
}

// completeModel offers the designs for a flag, and litmus tests where a file is typed.
func completeModel(cmd *cobra.Command, flag string) {
	must(cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion,
		cobra.ShellCompDirective) {
		var found []string
		for _, n := range modelNames() {
			if strings.HasPrefix(n, typed) {
				found = append(found, n)
			}
		}
		if len(found) > 0 {
			return found, cobra.ShellCompDirectiveNoFileComp
		}
		return []string{strings.TrimPrefix(judge.Ending, ".")}, cobra.ShellCompDirectiveFilterFileExt
	}))
}
