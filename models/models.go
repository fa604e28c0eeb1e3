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

// Config is the size of a configuration. The zero value is not valid; begin with [DefaultConfig].
type Config struct {
	Setters  int    // remote CPUs that ask for work, 1 to 8
	Works    int    // distinct work bits, handed out to the requests round robin, 1 to 8
	Requests int    // requests of each setter, one after the other, 1 to 8
	Rounds   int    // how often the target comes back from user mode, 1 to 64; 0: for ever
	NMI      int    // NMIs that hit the target, in all, 0 to 8
	NMIDepth int    // how many of them may be on top of each other, 1 to 4
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
}

// DefaultConfig is what the command checks when it is told nothing else.
func DefaultConfig() Config {
	return Config{Setters: 2, Works: 2, Requests: 1, Rounds: 2, NMIDepth: 1, Start: StartUser,
		Context: ContextUser, Active: true, BitsPerRequest: 1}
}

// A Param is one parameter of a configuration, under the name that its flag has.
type Param struct {
	Name  string
	Value any // int, bool or string
}

// Params is all parameters of a configuration, in the order in which reports show them.
func (c Config) Params() []Param {
	return []Param{
		{"setters", c.Setters}, {"works", c.Works}, {"requests", c.Requests}, {"rounds", c.Rounds},
		{"nmi", c.NMI}, {"nmi-depth", c.NMIDepth}, {"bits-per-request", c.BitsPerRequest},
		{"urgent", c.Urgent}, {"self", c.Self}, {"start", c.Start}, {"context", c.Context},
		{"active", c.Active},
	}
}

// Validate says which parameter is out of bounds, or contradicts another.
func (c Config) Validate() error {
	for _, p := range []struct {
		name      string
		v, lo, hi int
	}{
		{"setters", c.Setters, 1, 8}, {"works", c.Works, 1, 8}, {"requests", c.Requests, 1, 8},
		{"rounds", c.Rounds, 0, 64}, {"nmi", c.NMI, 0, 8}, {"nmi-depth", c.NMIDepth, 1, 4},
		{"bits-per-request", c.BitsPerRequest, 1, 2}, {"urgent", c.Urgent, 0, 8},
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
	if c.BitsPerRequest > c.Works {
		return fmt.Errorf("bits-per-request is %d, but there is only %d work bit; raise works",
			c.BitsPerRequest, c.Works)
	}
	if c.Urgent > c.Setters {
		return fmt.Errorf("urgent is %d, but there are only %d setters; raise setters",
			c.Urgent, c.Setters)
	}
	return c.validateContext()
}

func (c Config) validateContext() error {
	names := c.contexts()
	for i, n := range names {
		if !slices.Contains([]string{ContextUser, ContextIdle, ContextGuest}, n) {
			return fmt.Errorf("context %q is not known; it can be user, idle, guest, or several with "+
				"single commas between them", n)
		}
		if slices.Contains(names[:i], n) {
			return fmt.Errorf("context %q is given twice", n)
		}
	}
	return nil
}

func (c Config) contexts() []string { return strings.Split(c.Context, ",") }

func (c Config) visits(context string) bool { return slices.Contains(c.contexts(), context) }

// begins is the context in which the target starts, or "" for the kernel.
func (c Config) begins() string {
	if c.Start == StartBody {
		return ""
	}
	return c.contexts()[0]
}

// calls is how many calls there are in all, the target's own included.
func (c Config) calls() int {
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
	knows    extras // what it can be configured with beyond user mode and requests for one bit
	flat     bool   // it is no design but a yardstick, and knows less
	build    func(p *model.Program, c Config)
}

// extras are parts of a configuration that only some designs have an answer to.
type extras struct {
	contexts bool // idle and guest
	active   bool // ct->active
	masks    bool // several work bits in one call
	urgent   bool // urgent requests
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
	case c.Context != ContextUser && !d.knows.contexts:
		return fmt.Errorf("model %s has no idle or guest of its own; leave context at user", d.Name)
	case !c.Active && !d.knows.active:
		return fmt.Errorf("model %s has no ct->active; leave active at true", d.Name)
	case c.BitsPerRequest > 1 && !d.knows.masks:
		return fmt.Errorf("a request of model %s is not a mask; leave bits-per-request at 1", d.Name)
	case c.Urgent > 0 && !d.knows.urgent:
		return fmt.Errorf("model %s has no urgent requests; leave urgent at 0", d.Name)
	case d.knows.urgent && c.calls() > 16:
		return fmt.Errorf("model %s has room for 16 queued requests; lower setters or requests", d.Name)
	}
	return nil
}

// Accepts says why the design cannot be built in a configuration, or nil if it can.
func (d Design) Accepts(c Config) error {
	if err := c.Validate(); err != nil {
		return err
	}
	return d.refuse(c)
}

// Program builds the design in a configuration.
func (d Design) Program(c Config) (*model.Program, error) {
	if err := d.Accepts(c); err != nil {
		return nil, err
	}
	p := model.New(d.Name)
	if !d.flat {
		deferral.New(p, c.Works)
	}
	d.build(p, c)
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
