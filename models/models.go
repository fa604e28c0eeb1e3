// Package models has the published designs of deferred IPI work, one a file, each a program in the
// vocabulary of package model. A file opens with where the design was posted, what its author
// claims, and what was left out, which bounds what a verdict means.
//
// The designs share their actors ([Config], harness.go and target.go): setters that call
// on_each_cpu_cond(), and a target that goes back and forth between user mode, idle or guest and the
// kernel, interrupted by IPIs and NMIs. Those of one series share its routines as well (base.go,
// state_word.go). [Matrix] is the configurations in which every one of them is looked at.
package models

import (
	"fmt"
	"slices"
	"strings"

	"ctcheck/deferral"
	"ctcheck/model"
)

// The places where the target may start.
const (
	StartUser = "user"
	StartBody = "body"
)

// The contexts outside the kernel that the target may visit.
const (
	ContextUser  = "user"
	ContextIdle  = "idle"
	ContextGuest = "guest"
)

// Config is the size of a configuration. The zero value is not valid; begin with [DefaultConfig]. [Parameters] has
// the bounds.
type Config struct {
	Setters  int    // remote CPUs that ask for work
	Works    int    // distinct work bits, handed out to the requests round robin
	Requests int    // requests of each setter, one after the other
	Rounds   int    // how often the target comes back from user mode; 0: for ever
	NMI      int    // NMIs that hit the target, in all
	NMIDepth int    // how many of them may be on top of each other
	Self     bool   // the target also calls set_work on itself, once, from its body
	Start    string // where the target starts: "user" (the first of Context) or "body"

	// Context lists what the target visits, with commas: user, idle, guest.
	Context string
	// Active is ct->active of the target: false for a housekeeping CPU.
	Active bool
	// BitsPerRequest is how many work bits one call asks for, 1 or 2.
	BitsPerRequest int
	// Urgent is how many of the setters, the last ones, make urgent requests.
	Urgent int
	// Any says that there are any number of setters, as any.go has them, and any number of NMIs, if there are any.
	// It is what is built where that is an instance, with so many Setters.
	Any      bool
	instance bool
	each     int  // requests of each setter of an instance, at most; 0 for any number
	once     bool // the first setter of an instance makes the followed request and no other
}

// DefaultConfig is what the command checks when it is told nothing else.
func DefaultConfig() Config {
	return Config{Setters: 2, Works: 2, Requests: 1, Rounds: 2, NMIDepth: 1, Start: StartUser,
		Context: ContextUser, Active: true, BitsPerRequest: 1}
}

func (c Config) contexts() []string { return strings.Split(c.Context, ",") }

// Visits reports whether the target visits a context.
func (c Config) Visits(context string) bool { return slices.Contains(c.contexts(), context) }

// Begins is the context in which the target starts, or "" for the kernel.
func (c Config) Begins() string {
	if c.Start == StartBody {
		return ""
	}
	return c.contexts()[0]
}

// Calls is how many calls there are in all, the target's own included.
func (c Config) Calls() int {
	n := c.Setters * c.Requests
	if c.Self {
		n++
	}
	return n
}

// A Design is one published (or derived) design.
type Design struct {
	Name    string
	Summary string   // one line
	Source  string   // where it was posted
	Claims  []string // what its author says of it and asks for, where this project's sources have it
	LeftOut []string // what the model does not have; bounds what a verdict means
	// Reviewed says of a property what the public review said of its violation, as far as this
	// project's sources record anything; a property that is not here has no record.
	Reviewed map[string]string
	Knows    Knows // what it can be configured with beyond user mode and requests for one bit
	// Build adds the design to a program, which has its [deferral.Deferral] already.
	Build func(p *model.Program, c Config)
	// Widen makes room for a value in what holds it where a design that is built anew can: see
	// [explore.Widening]. Nil: its ranges are what they are.
	Widen func(v *model.Var, value int64) error
	flat  bool // it is no design but a yardstick, and knows less
}

// Knows are parts of a configuration that only some designs have an answer to.
type Knows struct {
	Contexts bool // idle and guest
	Active   bool // ct->active
	Masks    bool // several work bits in one call
	Urgent   bool // urgent requests
}

// A flat program knows rounds, setters and works, and nothing else of a configuration.
func (c Config) flat() bool {
	plain := DefaultConfig()
	plain.Rounds, plain.Setters, plain.Works = c.Rounds, c.Setters, c.Works
	return c == plain && c.Rounds > 0
}

// refuse says what of the configuration has no meaning in the design.
func (d Design) refuse(c Config) error {
	switch {
	case d.flat && !c.flat():
		return fmt.Errorf("model %s has rounds (at least one), setters and works; leave the rest as it is", d.Name)
	case c.Context != ContextUser && !d.Knows.Contexts:
		return fmt.Errorf("model %s has no idle or guest of its own; leave context at user", d.Name)
	case !c.Active && !d.Knows.Active:
		return fmt.Errorf("model %s has no ct->active; leave active at true", d.Name)
	case c.BitsPerRequest > 1 && !d.Knows.Masks:
		return fmt.Errorf("a request of model %s is not a mask; leave bits-per-request at 1", d.Name)
	case c.Urgent > 0 && !d.Knows.Urgent:
		return fmt.Errorf("model %s has no urgent requests; leave urgent at 0", d.Name)
	case d.Knows.Urgent && c.Calls() > 16:
		return fmt.Errorf("model %s has room for 16 queued requests; lower setters or requests", d.Name)
	}
	return nil
}

// Accepts is an error that says why the design cannot be built in a configuration, or nil if it can.
func (d Design) Accepts(c Config) error {
	if err := c.Validate(); err != nil {
		return err
	}
	return d.refuse(c)
}

// Program builds the design in a configuration. The error says why it cannot, as [Design.Accepts] does.
func (d Design) Program(c Config) (*model.Program, error) {
	if err := d.Accepts(c); err != nil {
		return nil, err
	}
	p := model.New(d.Name)
	if !d.flat {
		deferral.New(p, c.Works)
	}
	d.Build(p, c)
	p.Assumptions = append(p.Assumptions, d.LeftOut...)
	return p, nil
}

// All is the registry, in the order of publication.
func All() []Design {
	return []Design{
		off, peterz, peterzRetry, fredericCSD,
		valentin, valentinSwapped, valentinSwappedEnter, valentinSwappedExit,
		frederic, fredericFixed,
		valentinV2, valentinV2Intended, valentinV3, valentinV3Intended,
		valentinV4, valentinV5, valentinV7,
		tlbV6, tlbHansen, valentinV8, valentinV8Restore,
		luto,
	}
}

// Benchmarks are programs to measure with, under names that [Find] knows; they are no designs.
func Benchmarks() []Design { return []Design{benchValentin} }

// Find is the design or benchmark of that name.
func Find(name string) (Design, bool) {
	known := append(All(), Benchmarks()...)
	i := slices.IndexFunc(known, func(d Design) bool { return d.Name == name })
	if i < 0 {
		return Design{}, false
	}
	return known[i], true
}
