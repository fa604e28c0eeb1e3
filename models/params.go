package models

import (
	"fmt"
	"slices"
	"strings"
)

// This file has the parameters of a configuration in one table, from which bounds, flags, completions and reports
// are made.

// A Parameter is one parameter of a configuration, which a number, a yes or no, or a word is given for.
type Parameter struct {
	Name     string   // of its flag, and in reports
	Usage    string   // of its flag; what is in backquotes is what a value is called
	Min, Max int      // of a number
	Words    []string // what a word can be
	List     bool     // it can be several of the words, with commas between them
	// Field is where a configuration has it: an *int, a *bool or a *string.
	Field func(c *Config) any
	// Parse and Text are of a number that may be more than that.
	Parse func(c *Config, text string) error
	Text  func(c *Config) string
}

// The words that parameters can be.
var (
	starts   = []string{StartUser, StartBody}
	contexts = []string{ContextUser, ContextIdle, ContextGuest}
)

// Parameters is all parameters of a configuration, in the order in which flags and reports show them.
func Parameters() []Parameter {
	return []Parameter{
		{Name: "setters", Usage: "remote CPUs that ask for work, `N` of them; any for any number, any:N for an " +
			"instance of that", Min: 1, Max: 8,
			Field: func(c *Config) any { return &c.Setters }, Parse: parseSetters, Text: settersText},
		{Name: "works", Usage: "distinct work bits, handed out round robin", Min: 1, Max: 8,
			Field: func(c *Config) any { return &c.Works }},
		{Name: "requests", Usage: "requests of each setter", Min: 1, Max: 8,
			Field: func(c *Config) any { return &c.Requests }},
		{Name: "rounds", Usage: "how often the target comes back from user mode; 0 means for ever", Max: 64,
			Field: func(c *Config) any { return &c.Rounds }},
		{Name: "nmi", Usage: "NMIs that hit the target, in all", Max: 8,
			Field: func(c *Config) any { return &c.NMI }},
		{Name: "nmi-depth", Usage: "how many NMIs may be on top of each other", Min: 1, Max: 4,
			Field: func(c *Config) any { return &c.NMIDepth }},
		{Name: "bits-per-request", Usage: "work bits that one request asks for, 1 or 2", Min: 1, Max: 2,
			Field: func(c *Config) any { return &c.BitsPerRequest }},
		{Name: "urgent", Usage: "how many setters, the last ones, make urgent requests (frederic-csd)", Max: 8,
			Field: func(c *Config) any { return &c.Urgent }},
		{Name: "self", Usage: "the target also calls set_work on itself, from its body",
			Field: func(c *Config) any { return &c.Self }},
		{Name: "start", Usage: "where the target starts, user or body", Words: starts,
			Field: func(c *Config) any { return &c.Start }},
		{Name: "context", Words: contexts, List: true,
			Usage: "what the target visits, `LIST` of user, idle and guest with commas between them",
			Field: func(c *Config) any { return &c.Context }},
		{Name: "active", Usage: "ct->active of the target; false for a housekeeping CPU",
			Field: func(c *Config) any { return &c.Active }},
	}
}

// A Param is one parameter of a configuration with its value.
type Param struct {
	Name  string
	Value any // int, bool or string
}

// Params is all parameters of a configuration, in the order of [Parameters].
func (c Config) Params() []Param {
	var ps []Param
	for _, p := range Parameters() {
		switch v := p.Field(&c).(type) {
		case *int:
			if c.Any && (p.Name == "requests" || p.Name == "rounds") {
				continue // each setter makes any number, and the target comes and goes for ever
			}
			if p.Text != nil && p.Text(&c) != fmt.Sprint(*v) {
				ps = append(ps, Param{p.Name, p.Text(&c)})
				continue
			}
			ps = append(ps, Param{p.Name, *v})
		case *bool:
			ps = append(ps, Param{p.Name, *v})
		case *string:
			ps = append(ps, Param{p.Name, *v})
		}
	}
	return ps
}

// Validate is an error that says which parameter is out of bounds, or contradicts another.
func (c Config) Validate() error {
	for _, p := range Parameters() {
		if v, ok := p.Field(&c).(*int); ok && (*v < p.Min || *v > p.Max) {
			return fmt.Errorf("%s is %d; it can be %d to %d", p.Name, *v, p.Min, p.Max)
		}
	}
	if c.Any {
		if err := c.validateAny(); err != nil {
			return err
		}
	}
	if c.NMIDepth > max(c.NMI, 1) && !(c.Any && c.NMI > 0) {
		return fmt.Errorf("nmi-depth is %d, but there are only %d NMIs; raise nmi", c.NMIDepth, c.NMI)
	}
	if !slices.Contains(starts, c.Start) {
		return fmt.Errorf("start is %q; it can be %q or %q", c.Start, starts[0], starts[1])
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
		if !slices.Contains(contexts, n) {
			return fmt.Errorf("context %q is not known; it can be %s, or several with "+
				"single commas between them", n, strings.Join(contexts, ", "))
		}
		if slices.Contains(names[:i], n) {
			return fmt.Errorf("context %q is given twice", n)
		}
	}
	return nil
}
