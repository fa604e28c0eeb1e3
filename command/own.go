package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ctcheck/judge"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/report"
)

// This file is about what has a name: the published designs, and protocols that a program of somebody's own adds.

// Own is what the command knows beside the published designs. Each name must be one word that no other has.
type Own struct {
	// Designs are of deferred work: they have the configurations, properties and tables that the published ones
	// have. Where there are any, matrix and findings are about these unless --designs chooses.
	Designs []models.Design
	// Protocols are of any other kind.
	Protocols []Protocol
}

// A Protocol is one that is no design of deferred work: a lock, a queue. It says itself what its CPUs run, so the
// flags from --setters to --active do not go with it.
type Protocol struct {
	Name    string // what -model calls it
	Summary string // one line
	Source  string // where it is from; may be empty
	// Build makes the program anew, with what is claimed of it. --props default and all are these claims and the
	// named properties that apply to it; --props chooses of both by name.
	Build func() (*model.Program, []*model.Monitor)
	// Family, if it is not nil, makes it with so many replicas, the CPUs that Program.Replicated then names.
	// --setters chooses the number, or any.
	Family func(replicas int) (*model.Program, []*model.Monitor)
}

// valid says what is wrong with the names.
func (o Own) valid() error {
	var seen []string
	for _, d := range published() {
		seen = append(seen, d.Name)
	}
	add := func(name string, hasBuild bool) error {
		switch {
		case name == "":
			return errors.New("a protocol of your own has no name")
		case strings.ContainsAny(name, ", \t\n") || strings.HasPrefix(name, "-") || isC(name) || isTest(name):
			return fmt.Errorf("a protocol of your own is named %q; it must be one word, without commas, that "+
				"does not begin with - or end in %s or %s", name, cEnding, judge.Ending)
		case slices.Contains(seen, name):
			return fmt.Errorf("two protocols are named %q; name yours otherwise", name)
		case !hasBuild:
			return fmt.Errorf("the protocol %s has no Build", name)
		}
		seen = append(seen, name)
		return nil
	}
	for _, d := range o.Designs {
		if err := add(d.Name, d.Build != nil); err != nil {
			return err
		}
	}
	for _, p := range o.Protocols {
		if err := add(p.Name, p.Build != nil); err != nil {
			return err
		}
	}
	return nil
}

// published is the designs and benchmarks that are built in.
func published() []models.Design { return append(models.All(), models.Benchmarks()...) }

// designs is all that a row of a table can be: benchmarks are none.
func (o Own) designs() []models.Design { return append(models.All(), o.Designs...) }

func (o Own) designNames() []string {
	var names []string
	for _, d := range o.designs() {
		names = append(names, d.Name)
	}
	return names
}

// rows is the designs that tables are about where nobody chooses.
func (o Own) rows() []models.Design {
	if len(o.Designs) > 0 {
		return o.Designs
	}
	return models.All()
}

// names is what -model can name, one's own first.
func (o Own) names() []string {
	var names []string
	for _, d := range append(slices.Clone(o.Designs), published()...) {
		names = append(names, d.Name)
	}
	for _, p := range o.Protocols {
		names = append(names, p.Name)
	}
	return names
}

// design is the design of a name.
func (o Own) design(name string) (models.Design, error) {
	if name == "" {
		return models.Design{}, errors.New("no model is named; try -model peterz (ctcheck list has the others)")
	}
	all := append(published(), o.Designs...)
	if i := slices.IndexFunc(all, func(d models.Design) bool { return d.Name == name }); i >= 0 {
		return all[i], nil
	}
	return models.Design{}, unknown("model", name, o.names())
}

// protocol is the protocol of a name that is no design.
func (o Own) protocol(name string) (Protocol, bool) {
	i := slices.IndexFunc(o.Protocols, func(p Protocol) bool { return p.Name == name })
	if i < 0 {
		return Protocol{}, false
	}
	return o.Protocols[i], true
}

// subject is the protocol as what built-in designs are.
func (p Protocol) subject(cmd *cobra.Command, c models.Config, list string) (*subject, error) {
	s := &subject{name: p.Name, summary: p.Summary, source: p.Source}
	build := p.Build
	if cmd.Flags().Changed("setters") {
		s.config = []report.Param{{Name: "setters", Value: any(c.Setters)}}
		build = func() (*model.Program, []*model.Monitor) { return p.Family(c.Setters) }
	}
	if c.Family() {
		if err := noInstance(cmd); err != nil {
			return nil, err
		}
		s.config[0].Value = "any"
		f := judge.Replicas(func(n int) (*model.Program, []*model.Monitor) {
			prog, own := p.Family(n)
			ms, err := ownMonitors(prog, own, list)
			if err != nil {
				return prog, nil // said below
			}
			return prog, ms
		})
		s.family = &f
	}
	s.build = func() (*model.Program, []*model.Monitor, error) {
		prog, own := build()
		if prog == nil {
			return nil, nil, fmt.Errorf("the Build of %s makes no program", p.Name)
		}
		ms, err := ownMonitors(prog, own, list)
		return prog, ms, err
	}
	var err error
	s.program, s.monitors, err = s.build()
	return s, err
}

// ownMonitors is the claims of a protocol and the named properties, of which a list chooses.
func ownMonitors(p *model.Program, own []*model.Monitor, list string) ([]*model.Monitor, error) {
	switch list {
	case "default", "all":
		named, err := monitors(p, list)
		return append(slices.Clone(own), named...), err
	case "none":
		return nil, nil
	}
	names := strings.Split(list, ",")
	for i, name := range names {
		if err := oneOfMany("props", name, names[:i]); err != nil {
			return nil, err
		}
	}
	var chosen []*model.Monitor
	rest := slices.DeleteFunc(names, func(name string) bool {
		i := slices.IndexFunc(own, func(m *model.Monitor) bool { return m != nil && m.Name == name })
		if i >= 0 {
			chosen = append(chosen, own[i])
		}
		return i >= 0
	})
	if len(rest) == 0 {
		return chosen, nil
	}
	names, err := propertyNames(strings.Join(rest, ","))
	if err != nil {
		return nil, err
	}
	named, err := props.Select(p, names...)
	return append(chosen, named...), err
}
