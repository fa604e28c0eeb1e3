package command

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

// This file is about what -model names: a design in a configuration, another protocol, a litmus test in a file, or
// C files.

// A subject is what is checked.
type subject struct {
	name, summary, source string
	config                []report.Param // of a design
	program               *model.Program
	monitors              []*model.Monitor
	// build builds the program anew; widen makes room in it for a value ([explore.Widening]), or is nil where
	// ranges are what they are. build is nil of litmus tests.
	build func() (*model.Program, []*model.Monitor, error)
	widen func(v *model.Var, value int64) error
	// ranges is the part of widen that builds nothing.
	ranges func(v *model.Var, value int64) error
	// family is the programs for each number of setters, of which program is one; nil if there is one program.
	family *judge.Family
}

// widenedBy lets the ranges of the subject be found by searches, and builds it for the first time.
func (s *subject) widenedBy(widen func(v *model.Var, value int64) error) (err error) {
	s.ranges = widen
	s.widen = func(v *model.Var, value int64) error {
		if err := widen(v, value); err != nil {
			return err
		}
		var err error
		s.program, s.monitors, err = s.build()
		return err
	}
	s.program, s.monitors, err = s.build()
	return err
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
func (o Own) subjectOf(cmd *cobra.Command, name string, c models.Config, list string) (*subject, error) {
	f := cmd.Flags()
	if isC(name) {
		return cSubject(cmd, name, c, list)
	}
	if err := noC(f); err != nil {
		return nil, err
	}
	if isTest(name) {
		return testOf(f, name, c)
	}
	if p, ok := o.protocol(name); ok {
		var of []string
		if p.Family != nil {
			of = append(of, "setters")
		}
		if err := noConfig(f, c, name, of...); err != nil {
			return nil, err
		}
		return p.subject(cmd, c, list)
	}
	d, err := o.design(name)
	if err != nil {
		return nil, err
	}
	return designSubject(cmd, d, c, list)
}

// designSubject is a design in a configuration.
func designSubject(cmd *cobra.Command, d models.Design, c models.Config, list string) (*subject, error) {
	if c.Family() {
		return familySubject(cmd, d, c, list)
	}
	s := &subject{name: d.Name, summary: d.Summary, source: d.Source, config: params(c)}
	s.build = func() (*model.Program, []*model.Monitor, error) {
		p, err := d.Program(c)
		if err != nil {
			return nil, nil, err
		}
		ms, err := monitors(p, list)
		return p, ms, err
	}
	if d.Widen != nil {
		return s, s.widenedBy(d.Widen)
	}
	var err error
	s.program, s.monitors, err = s.build()
	return s, err
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

// completeModel offers the designs for a flag, and litmus tests and C files where a file is typed.
func (o Own) completeModel(cmd *cobra.Command, flag string) {
	must(cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion,
		cobra.ShellCompDirective) {
		var found []string
		for _, n := range o.names() {
			if strings.HasPrefix(n, typed) {
				found = append(found, n)
			}
		}
		if len(found) > 0 {
			return found, cobra.ShellCompDirectiveNoFileComp
		}
		return []string{strings.TrimPrefix(judge.Ending, "."), strings.TrimPrefix(cEnding, ".")},
			cobra.ShellCompDirectiveFilterFileExt
	}))
}
