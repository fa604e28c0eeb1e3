package models

import (
	"context"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/verdict"
)

// with is the default configuration with one thing changed.
func with(change func(c *Config)) Config {
	c := DefaultConfig()
	if change != nil {
		change(&c)
	}
	return c
}

// check searches a design in a configuration.
func check(t *testing.T, name string, c Config, o explore.Options, names ...string) (
	*model.Program, *verdict.Result) {
	t.Helper()
	d, ok := Find(name)
	if !ok {
		t.Fatalf("no design %q", name)
	}
	p, err := d.Program(c)
	if err != nil {
		t.Fatal(err)
	}
	return p, search(t, p, o, names...)
}

// search compiles a program with named properties (none: the default set) and searches it.
func search(t *testing.T, p *model.Program, o explore.Options, names ...string) *verdict.Result {
	t.Helper()
	ms := props.Default(p)
	if len(names) > 0 {
		var err error
		if ms, err = props.Select(p, names...); err != nil {
			t.Fatal(err)
		}
	}
	r, err := explore.Run(context.Background(), p, ms, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func violated(r *verdict.Result) string {
	var names []string
	for _, p := range r.Properties {
		if p.Violated {
			names = append(names, p.Name)
		}
	}
	return strings.Join(names, " ")
}

// pinned is what three designs must do in more configurations than the matrix has (verdicts_test.go
// is of all designs), how much was searched to say so, and why. The numbers are exact on purpose: a
// change that moves one must explain itself.
var pinned = []struct {
	model       string
	change      func(c *Config)
	violated    string
	states      uint64
	transitions uint64
	why         string
}{
	{"off", nil, "", 55, 88, "nothing is deferred: every request is an IPI that runs its callback"},
	{"off", func(c *Config) { c.Setters = 1 }, "", 18, 22, "as above, by hand: 3 places of the target's " +
		"first round, before and after the request, its IPI delivered where interrupts are on"},
	{"off", func(c *Config) { c.Works = 1 }, "", 71, 108, "two requests for one bit are two IPIs"},
	{"off", func(c *Config) { c.Setters, c.Rounds = 3, 3 }, "", 320, 627, "as above, more of it"},
	{"off", func(c *Config) { c.Rounds = 0 }, "", 28, 52, "finite, since the rounds are not counted"},
	{"off", func(c *Config) { c.Requests = 2 }, "", 493, 931, "each request has a csd of its own"},
	{"off", func(c *Config) { c.Start = StartBody }, "", 75, 124, "one more stay in the body"},
	{"off", func(c *Config) { c.Self = true }, "", 152, 259, "the self call runs its callback locally"},
	{"off", func(c *Config) { c.NMI = 1 }, "", 165, 312, "an NMI has nothing to flush: three times the " +
		"default's states, for before, during and after it"},
	{"off", func(c *Config) { c.NMI, c.NMIDepth = 2, 2 }, "", 330, 672, "as above: six times, for the " +
		"ways in which 0 to 2 NMIs can be over or on the stack"},

	{"peterz", nil, "no-double-execution", 1419, 2753, "the race of the RFC's changelog: a setter's bit is " +
		"in the mask when its cmpxchg fails, another setter's WORK makes the flush run it, and so does the IPI"},
	{"peterz", func(c *Config) { c.Setters = 1 }, "", 102, 143, "the race needs WORK set by somebody else"},
	{"peterz", func(c *Config) { c.Works = 1 }, "", 1062, 2075, "both runs of the one bit have a request"},
	{"peterz", func(c *Config) { c.Setters, c.Rounds = 3, 3 }, "no-double-execution", 46597, 124648,
		"as the default"},
	{"peterz", func(c *Config) { c.Rounds = 0 }, "no-double-execution no-lost-work no-late-work", 14379,
		32049, "the count is modulo 4 here, so a setter can sleep through four rounds and succeed on " +
			"the same seq, with its bit wiped by user_enter; the trace says that it wraps"},
	{"peterz", func(c *Config) { c.Requests = 2 }, "no-double-execution", 31443, 71296, "as the default"},
	{"peterz", func(c *Config) { c.Start = StartBody }, "no-double-execution", 1559, 3019, "as the default, " +
		"after an exit"},
	{"peterz", func(c *Config) { c.Self = true }, "no-double-execution", 3500, 7117, "as the default; the " +
		"self call finds seq not in user mode and is refused"},
	{"peterz", func(c *Config) { c.Setters, c.NMI = 1, 1 }, "no-double-execution", 712, 1124,
		"an NMI between a callback and its andnot finds WORK and the bit, and flushes it again"},
	{"peterz", func(c *Config) { c.NMI = 1 }, "no-double-execution", 12350, 25730, "as above"},
	{"peterz", func(c *Config) { c.NMI, c.NMIDepth = 2, 2 },
		"no-double-execution no-lost-work no-late-work no-set-in-kernel", 89054, 184940,
		"a nested NMI's add of CT_SEQ_NMI carries into CT_SEQ_USER: a setter takes the kernel for user mode"},

	{"valentin", nil, "", 493, 894, "DISABLED and the bits are in one word, so set and fetch are ordered"},
	{"valentin", func(c *Config) { c.Setters = 1 }, "", 78, 104, "as above"},
	{"valentin", func(c *Config) { c.Works = 1 }, "", 575, 1007, "a bit set twice serves both requests"},
	{"valentin", func(c *Config) { c.Setters, c.Rounds = 3, 3 }, "", 7360, 17011, "as the default"},
	{"valentin", func(c *Config) { c.Rounds = 0 }, "", 409, 789, "as the default; fewer states, since the " +
		"rounds are not counted"},
	{"valentin", func(c *Config) { c.Requests = 2 }, "", 8994, 18887, "as the default"},
	{"valentin", func(c *Config) { c.Start = StartBody }, "", 626, 1143, "as the default"},
	{"valentin", func(c *Config) { c.Self = true }, "", 1270, 2387, "the self call finds DISABLED"},
	{"valentin", func(c *Config) { c.Setters, c.NMI = 1, 1 },
		"no-double-execution no-lost-work no-late-work no-set-in-kernel no-warn", 590, 877,
		"an NMI between fetch_or and state_inc, or between state_inc and the clearing store, finds RCU not " +
			"watching: it flushes the bits that are still there, warns, and clears DISABLED on its way out"},
	{"valentin", func(c *Config) { c.NMI = 1 },
		"no-double-execution no-lost-work no-late-work no-set-in-kernel no-warn", 3765, 7372, "as above"},
	{"valentin", func(c *Config) { c.NMI, c.NMIDepth = 2, 2 },
		"no-double-execution no-lost-work no-late-work no-set-in-kernel no-warn", 20187, 40770, "as above"},
}

func TestPinned(t *testing.T) {
	for _, row := range pinned {
		c := with(row.change)
		for _, o := range []explore.Options{{}, {Search: explore.BreadthFirst}} {
			_, r := check(t, row.model, c, o)
			if got := violated(r); got != row.violated || r.States != row.states ||
				r.Transitions != row.transitions || !r.Complete {
				t.Errorf("%s %+v, search %d: violated %q, %d states, %d transitions, complete %t; "+
					"want %q, %d, %d: %s", row.model, c, o.Search, got, r.States, r.Transitions, r.Complete,
					row.violated, row.states, row.transitions, row.why)
			}
			for _, cl := range r.Claims {
				if !cl.Reached {
					t.Errorf("%s %+v: not reached: %s", row.model, c, cl.Name)
				}
			}
		}
	}
}
