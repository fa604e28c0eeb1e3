// Package models has the published designs of deferred IPI work, one a file, each a program in the
// vocabulary of package model. A file opens with where the design was posted, what its author claims,
// and what was left out, which bounds what a verdict means.
//
// The designs share their actors ([Config], harness.go): setters that call on_each_cpu_cond(), and a
// target that goes back and forth between user mode and the kernel, interrupted by IPIs and NMIs.
package models

import (
	"fmt"
	"slices"

	"ctcheck/model"
)

// The places where the target may start.
const (
	StartUser = "user"
	StartBody = "body"
)

// Config is the size of a configuration. The zero value is not valid; begin with [DefaultConfig].
type Config struct {
	Setters  int    // remote CPUs that ask for work, 1 to 8
	Works    int    // distinct work bits, handed out to the requests round robin, 1 to 8
	Requests int    // requests of each setter, one after the other, 1 to 8
	Rounds   int    // how often the target comes back from user mode, 1 to 64; 0: for ever
	NMI      int    // NMIs that hit the target, in all, 0 to 8
	NMIDepth int    // how many of them may be on top of each other, 1 to 4
	Self     bool   // the target also calls set_work on itself, once, from its body
	Start    string // where the target starts: "user" or "body"
}

// DefaultConfig is what the command checks when it is told nothing else.
func DefaultConfig() Config {
	return Config{Setters: 2, Works: 2, Requests: 1, Rounds: 2, NMIDepth: 1, Start: StartUser}
}

// Validate says which parameter is out of bounds, or contradicts another.
func (c Config) Validate() error {
	for _, p := range []struct {
		name      string
		v, lo, hi int
	}{
		{"setters", c.Setters, 1, 8}, {"works", c.Works, 1, 8}, {"requests", c.Requests, 1, 8},
		{"rounds", c.Rounds, 0, 64}, {"nmi", c.NMI, 0, 8}, {"nmi-depth", c.NMIDepth, 1, 4},
	} {
		if p.v < p.lo || p.v > p.hi {
			return fmt.Errorf("%s is %d; it can be %d to %d", p.name, p.v, p.lo, p.hi)
		}
	}
	if c.NMIDepth > max(c.NMI, 1) {
		return fmt.Errorf("nmi-depth is %d, but there are only %d NMIs; raise nmi", c.NMIDepth, c.NMI)
	}
	if c.Start != StartUser && c.Start != StartBody {
		return fmt.Errorf("start is %q; it can be %q or %q", c.Start, StartUser, StartBody)
	}
	return nil
}

// A Design is one published (or derived) design.
type Design struct {
	Name    string
	Summary string   // one line
	Source  string   // where it was posted
	LeftOut []string // what the model does not have; bounds what a verdict means
	build   func(p *model.Program, c Config)
}

// Program builds the design in a configuration.
func (d Design) Program(c Config) (*model.Program, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	p := model.New(d.Name)
	d.build(p, c)
	p.Assumptions = append(p.Assumptions, d.LeftOut...)
	return p, nil
}

// All is the registry, in the order of publication.
func All() []Design { return []Design{off, peterz, valentin} }

// Find is the design of that name.
func Find(name string) (Design, bool) {
	i := slices.IndexFunc(All(), func(d Design) bool { return d.Name == name })
	if i < 0 {
		return Design{}, false
	}
	return All()[i], true
}
