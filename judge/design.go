package judge

import (
	"fmt"

	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/verdict"
)

// This file makes a family of a design of deferred work.

// Why a property is not decided for any number of setters, or not all of it.
const (
	leftLive = "a claim on whole runs"
	leftHalf = "its claims on whole runs are not decided"
	leftRace = "a claim over two CPUs at once"
)

// FamilyOf is the design with any number of setters ([models.Config.Any]). Of the named properties those are
// left out that cannot be decided; the family says which. The error is that of [models.Design.Program].
func FamilyOf(d models.Design, c models.Config, names []string) (Family, error) {
	c.Any = true
	p, err := d.Program(c.Rest(2))
	if err != nil {
		return Family{}, err
	}
	f := Family{Kind: "setter", Fixed: 1}
	var asked []string
	for _, name := range names {
		pr, _ := props.Find(name)
		switch why := left(p, pr); {
		case why == "":
			asked = append(asked, name)
		case name == "no-lost-work":
			asked = append(asked, name)
			f.Left = append(f.Left, verdict.Left{Name: name, Why: why})
		default:
			f.Left = append(f.Left, verdict.Left{Name: name, Why: why})
		}
		if props.Stronger(p, name) != nil {
			f.Stronger = append(f.Stronger, name)
		}
	}
	build := func(c models.Config, stronger bool) (*model.Program, []*model.Monitor, error) {
		p, err := d.Program(c)
		if err != nil {
			return nil, nil, err
		}
		var ms []*model.Monitor
		var plain []string
		for _, name := range asked {
			if m := props.Stronger(p, name); m != nil && stronger {
				ms = append(ms, m)
			} else if props.Void(p, name) == "" {
				plain = append(plain, name)
			}
		}
		named, err := props.Select(p, plain...)
		return p, append(ms, named...), err
	}
	f.Rest = func(n int) (*model.Program, []*model.Monitor, error) { return build(c.Rest(n), true) }
	f.Instance = func(n int) (*model.Program, []*model.Monitor, error) { return build(c.Each(n, 0), true) }
	f.Bounded = func(n, requests int) (*model.Program, []*model.Monitor, error) {
		return build(c.Each(n, requests), false)
	}
	f.Name = func(n, requests int) string {
		for _, p := range c.Each(n, requests).Params() {
			if p.Name == "setters" {
				return fmt.Sprint(p.Value)
			}
		}
		return ""
	}
	f.Widens = d.Widen != nil
	return f, nil
}

// left says why a property is not decided, or not wholly; it is empty if it is.
func left(p *model.Program, pr props.Property) string {
	ms, err := props.Select(p, pr.Name)
	if err != nil || len(ms) == 0 {
		return "" // a stronger one is asked
	}
	return leftOf(ms[0])
}
