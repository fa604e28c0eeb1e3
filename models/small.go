package models

// This file has the small configurations over which the smallest one that breaks a property is
// looked for: more of them than Matrix has, and smaller ones.

// A shape is who asks for what.
type shape struct {
	setters, requests, works int
	self                     bool
}

func (s shape) config(rounds, nmi int, change func(c *Config)) Config {
	c := DefaultConfig()
	c.Setters, c.Requests, c.Works, c.Self = s.setters, s.requests, s.works, s.self
	c.Rounds, c.NMI, c.NMIDepth = rounds, nmi, max(nmi, 1)
	if change != nil {
		change(&c)
	}
	return c
}

// Small is that list. It has no duplicates; not every design accepts all of it.
func Small() []Config { return append(smallPlain(), smallExtras()...) }

// smallPlain is what every design has an answer to: up to two setters, requests and rounds, and up
// to two NMIs, nested, but no more than three calls and NMIs together.
func smallPlain() []Config {
	var cs []Config
	for _, s := range []shape{
		{1, 1, 1, false}, {2, 1, 1, false}, {2, 1, 2, false}, {1, 2, 1, false}, {1, 2, 2, false},
		{1, 1, 1, true}, {1, 1, 2, true},
	} {
		for nmi := 0; nmi+s.config(1, nmi, nil).Calls() <= 3; nmi++ {
			for rounds := 1; rounds <= 2; rounds++ {
				cs = append(cs, s.config(rounds, nmi, nil))
			}
		}
	}
	return cs
}

// smallExtras goes beyond that in one direction at a time: idle and guest, an inactive CPU, calls
// for two bits, urgent requests, and rounds without end.
func smallExtras() []Config {
	one, two := shape{setters: 1, requests: 1, works: 1}, shape{setters: 2, requests: 1, works: 2}
	var cs []Config
	both := func(s shape, nmi int, change func(c *Config)) {
		cs = append(cs, s.config(1, nmi, change), s.config(2, nmi, change))
	}
	for _, context := range []string{ContextIdle, ContextGuest, ContextUser + "," + ContextIdle} {
		for nmi := range 2 {
			both(one, nmi, func(c *Config) { c.Context = context })
			both(two, nmi, func(c *Config) { c.Context = context })
		}
	}
	for nmi := range 2 {
		both(one, nmi, func(c *Config) { c.Active = false })
		both(two, nmi, func(c *Config) { c.Active = false })
		both(one, nmi, func(c *Config) { c.Works, c.BitsPerRequest = 2, 2 })
	}
	both(two, 0, func(c *Config) { c.BitsPerRequest = 2 })
	both(two, 0, func(c *Config) { c.Works, c.BitsPerRequest = 3, 2 }) // the two share one bit
	both(one, 0, func(c *Config) { c.Urgent = 1 })
	both(two, 0, func(c *Config) { c.Urgent = 1 })
	both(two, 0, func(c *Config) { c.Urgent = 2 })
	for nmi := range 3 {
		cs = append(cs, one.config(0, nmi, nil))
	}
	return append(cs, two.config(0, 0, nil))
}
