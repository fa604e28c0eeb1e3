package models

// A NamedConfig is a configuration with the words that a table has for it.
type NamedConfig struct {
	Name string
	Config
}

// Matrix is the configurations in which every design is looked at, the smallest in which each kind
// of trouble can show: one setter, setters that do and do not share a work bit, NMIs, and the
// target's own call.
func Matrix() []NamedConfig {
	with := func(name string, setters, works int, change func(c *Config)) NamedConfig {
		c := DefaultConfig()
		c.Setters, c.Works = setters, works
		if change != nil {
			change(&c)
		}
		return NamedConfig{name, c}
	}
	nmi := func(c *Config) { c.NMI = 1 }
	return []NamedConfig{
		with("1 setter", 1, 1, nil),
		with("2 setters, own bits", 2, 2, nil),
		with("2 setters, one bit", 2, 1, nil),
		with("1 setter + 1 NMI", 1, 1, nmi),
		with("2 setters + 1 NMI", 2, 2, nmi),
		with("1 setter + 2 nested NMIs", 1, 1, func(c *Config) { c.NMI, c.NMIDepth = 2, 2 }),
		with("1 setter + self call", 1, 2, func(c *Config) { c.Self = true }),
	}
}
