package models

// A NamedConfig is a configuration with the words that a table has for it.
type NamedConfig struct {
	Key  string // short, for the head of a column and for flags; without commas and spaces
	Name string
	Config
}

func named(key, name string, setters, works int, change func(c *Config)) NamedConfig {
	c := DefaultConfig()
	c.Setters, c.Works = setters, works
	if change != nil {
		change(&c)
	}
	return NamedConfig{key, name, c}
}

// Matrix is the configurations in which every design is looked at, the smallest in which each kind
// of trouble can show: one setter, setters that do and do not share a work bit, NMIs, and the
// target's own call.
func Matrix() []NamedConfig {
	nmi := func(c *Config) { c.NMI = 1 }
	return []NamedConfig{
		named("1", "1 setter", 1, 1, nil),
		named("2", "2 setters, own bits", 2, 2, nil),
		named("2-same", "2 setters, one bit", 2, 1, nil),
		named("1+nmi", "1 setter + 1 NMI", 1, 1, nmi),
		named("2+nmi", "2 setters + 1 NMI", 2, 2, nmi),
		named("1+2nmi", "1 setter + 2 nested NMIs", 1, 1, func(c *Config) { c.NMI, c.NMIDepth = 2, 2 }),
		named("1+self", "1 setter + self call", 1, 2, func(c *Config) { c.Self = true }),
	}
}

// Endless is the configurations in which the target goes back and forth for ever: only there is a
// request lost that waits for an entry which never takes it, and only there are counters of finite
// width all that tells one round from another.
func Endless() []NamedConfig {
	return []NamedConfig{
		named("2-endless", "2 setters, own bits, rounds without end", 2, 2,
			func(c *Config) { c.Rounds = 0 }),
		named("1+nmi-endless", "1 setter + 1 NMI, rounds without end", 1, 1,
			func(c *Config) { c.Rounds, c.NMI = 0, 1 }),
	}
}

// AnySetters is the configurations with any number of setters, and with any number of NMIs, one at a time.
func AnySetters() []NamedConfig {
	any := func(nmi int) func(c *Config) {
		return func(c *Config) { c.Any, c.Rounds, c.NMI = true, 0, nmi }
	}
	return []NamedConfig{
		named("any", "any number of setters, own bits", 2, 2, any(0)),
		named("any+nmi", "any number of setters and NMIs, own bits", 2, 2, any(1)),
		named("any-same", "any number of setters, one bit", 2, 1, any(0)),
		named("any-same+nmi", "any number of setters and NMIs, one bit", 2, 1, any(1)),
	}
}
