package command

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ctcheck/judge"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
)

// This file is about checks with any number of setters.

// familySubject is a design with any number of setters. Its program is the instance with two.
func familySubject(cmd *cobra.Command, d models.Design, c models.Config, list string) (*subject, error) {
	if err := noInstance(cmd); err != nil {
		return nil, err
	}
	names, err := propertyNames(list)
	if err != nil {
		return nil, err
	}
	s := &subject{name: d.Name, summary: d.Summary, source: d.Source, config: params(c)}
	s.build = func() (*model.Program, []*model.Monitor, error) {
		p, err := d.Program(c.Each(2, 0))
		if err != nil {
			return nil, nil, err
		}
		asked, err := askable(p, list, names)
		if err != nil {
			return nil, nil, err
		}
		f, err := judge.FamilyOf(d, c, asked)
		if err != nil {
			return nil, nil, err
		}
		if list != "default" && list != "all" {
			if err := f.Undecided(names); err != nil {
				return nil, nil, fmt.Errorf("--props: %w", err)
			}
		}
		s.family = &f
		return f.Instance(2)
	}
	if d.Widen != nil {
		return s, s.widenedBy(d.Widen)
	}
	s.program, s.monitors, err = s.build()
	return s, err
}

// noInstance refuses any number of setters where a command looks at one program.
func noInstance(cmd *cobra.Command) error {
	if !cmd.HasParent() {
		return nil
	}
	return fmt.Errorf("--setters any is for the check and for tables; %s looks at one program: give the number of "+
		"setters, or an instance such as --setters any:2", cmd.Name())
}

// askable is the named properties that apply to the program, with any number of setters. Of those named one by one,
// each has to.
func askable(p *model.Program, list string, names []string) ([]string, error) {
	void := func(n string) bool { return props.Void(p, n) != "" && props.Stronger(p, n) == nil }
	if list == "default" || list == "all" {
		return slices.DeleteFunc(slices.Clone(names), void), nil
	}
	if i := slices.IndexFunc(names, void); i >= 0 {
		_, err := props.Select(p, names[i])
		return nil, err
	}
	return names, nil
}

// noFamily says which flag is of a search, and has no meaning where any number of setters are decided.
func (c *call) noFamily(f *pflag.FlagSet, pl plan) error {
	if pl.subject.family == nil {
		return nil
	}
	for _, name := range []string{"search", "first", "coverage", "max-states", "max-depth", "store",
		"checkpoint", "checkpoint-every", "resume", "witness"} {
		if fl := f.Lookup(name); fl != nil && fl.Changed {
			return fmt.Errorf("--%s is of one search; with --setters any there are several, and proofs; give an "+
				"instance such as --setters any:2", name)
		}
	}
	if slices.Contains(c.formats(pl.outs), "states") {
		return errors.New("a state graph is of one program; give an instance such as --setters any:2")
	}
	return nil
}
