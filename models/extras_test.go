package models

import (
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/props"
)

// TestBeyondUserMode has the configurations in which idle, guest, ct->active, calls for two bits or
// urgent requests decide the verdict. It is long because its table is.
func TestBeyondUserMode(t *testing.T) {
	small := func(change func(c *Config)) Config {
		c := DefaultConfig()
		c.Setters, c.Works = 1, 1
		change(&c)
		return c
	}
	idle := func(c *Config) { c.Context = ContextIdle }
	idleNMI := func(c *Config) { c.Context, c.NMI = ContextIdle, 1 }
	guest := func(c *Config) { c.Context = ContextGuest }
	all := func(c *Config) { c.Context = "user,idle,guest" }
	inactive := func(c *Config) { c.Active = false }
	inactiveIdle := func(c *Config) { c.Active, c.Context = false, ContextIdle }
	twoBits := func(c *Config) { c.BitsPerRequest = 2 }
	overlap := func(c *Config) { c.Works, c.BitsPerRequest = 3, 2 }
	urgent := func(c *Config) { c.Urgent = 1 }

	for _, tt := range []struct {
		name, design string
		config       Config
		violated     string
		why          string
	}{
		{"idle", "valentin", small(idle), "",
			"an IPI's handler in idle is an entry like any other, and the work is flushed before it"},
		{"guest", "valentin", small(guest), "", "guest is as user with another number"},
		{"all contexts", "valentin", with(all), "", "DISABLED does not ask for the context"},
		{"all contexts", "frederic-fixed", with(all), "",
			"guest is folded into USER, and an idle target refuses, whatever interrupts it"},
		{"one setter in idle", "valentin-v2-intended", small(idle), "",
			"what the only setter's IPI interrupts no other setter can use"},
		{"two setters in idle", "valentin-v2-intended", with(idle),
			"no-lost-work no-late-work no-set-in-kernel",
			"an IPI's handler from idle leaves the context IDLE: the other setter's work is set " +
				"meanwhile and cleared by the handler's exit; no NMI is needed"},
		{"NMI in idle", "valentin-v4", small(idleNMI), "",
			"from IDLE, which is 0, the NMI's sum is KERNEL, as its author meant it"},
		{"all contexts", "valentin-v4", with(all), "", "without NMIs only idle is interrupted"},
		{"all contexts", "valentin-v7", with(all), "", "RCU watches in every interrupt"},
		{"NMI in idle", "valentin-v7", small(idleNMI), "", "RCU watches in every NMI"},

		{"inactive", "valentin", small(inactive), "", "DISABLED is set at boot and stays"},
		{"inactive idle", "valentin", small(inactiveIdle), "", "idle is as on any CPU"},
		{"inactive", "frederic-fixed", small(inactive), "no-lost-work no-late-work",
			"set_work sees USER, but the plain addition that leaves it runs nothing"},
		{"inactive", "valentin-v2-intended", small(inactive), "no-lost-work no-late-work",
			"set_work sees USER, but the plain addition that leaves it runs nothing"},
		{"inactive", "valentin-v4", small(inactive), "", "set_work tests ct->active"},
		{"inactive", "valentin-v5", small(inactive), "", "set_work tests ct->active"},
		{"inactive", "valentin-v7", small(inactive), "", "set_work tests ct->active"},

		{"two bits", "valentin", with(twoBits), "", "both bits go in with one exchange"},
		{"two bits", "valentin-v7", with(twoBits), "", "both bits go in with one exchange"},
		{"two bits", "luto", with(twoBits), "", "both bits go in with one exchange"},
		{"overlapping pairs", "valentin-v7", with(overlap), "", "the answer is the exchange"},
		{"overlapping pairs", "frederic", with(overlap),
			"no-double-execution no-lost-work no-late-work",
			"set_work asks for any of its bits: it finds the one that the other setter set, and " +
				"is told true although its second bit is in no word"},

		{"urgent", "frederic-csd", with(urgent),
			"no-late-work no-set-in-kernel no-starved-ipi",
			"the urgent item is not first in the queue, and the first one waits for the next entry"},
		{"urgent only", "frederic-csd", with(func(c *Config) { c.Urgent = 2 }),
			"no-late-work no-set-in-kernel",
			"whoever is first in the queue sends the IPI, and its handler takes the whole queue"},
		{"one urgent", "frederic-csd", small(urgent), "", "it is first and sends the IPI"},
	} {
		t.Run(tt.design+"/"+tt.name, func(t *testing.T) {
			_, r := check(t, tt.design, tt.config, explore.Options{})
			if got := violated(r); got != tt.violated {
				t.Errorf("violated %q, want %q: %s", got, tt.violated, tt.why)
			}
			if u := unreached(r); u != "" && tt.violated == "" {
				t.Errorf("not reached: %s", u)
			}
		})
	}
}

// A configuration that means nothing in a design is refused in words, not answered.
func TestRefusedConfigurations(t *testing.T) {
	for _, tt := range []struct {
		design string
		change func(c *Config)
		want   string
	}{
		{"peterz", func(c *Config) { c.Context = "idle" }, "has no idle or guest of its own"},
		{"luto", func(c *Config) { c.Active = false }, "has no ct->active"},
		{"tlb-v6", func(c *Config) { c.BitsPerRequest = 2 }, "is not a mask"},
		{"frederic-csd", func(c *Config) { c.BitsPerRequest = 2 }, "is not a mask"},
		{"valentin", func(c *Config) { c.Urgent = 1 }, "has no urgent requests"},
		{"bench-valentin", func(c *Config) { c.NMI = 1 }, "has rounds (at least one), setters and works"},
		{"bench-valentin", func(c *Config) { c.Rounds = 0 }, "has rounds (at least one), setters and works"},
		{"bench-valentin", func(c *Config) { c.Self = true }, "has rounds (at least one), setters and works"},
		{"valentin", func(c *Config) { c.Works, c.BitsPerRequest = 1, 2 }, "raise works"},
		{"valentin", func(c *Config) { c.BitsPerRequest = 3 }, "it can be 1 to 2"},
		{"valentin", func(c *Config) { c.Context = "user,,idle" }, "is not known"},
		{"valentin", func(c *Config) { c.Context = "idle,idle" }, "given twice"},
		{"frederic-csd", func(c *Config) { c.Setters, c.Urgent = 1, 2 }, "raise setters"},
		{"frederic-csd", func(c *Config) { c.Setters, c.Requests = 8, 8 }, "room for 16"},
	} {
		d, _ := Find(tt.design)
		c := DefaultConfig()
		tt.change(&c)
		if _, err := d.Program(c); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: the error is %v, want one with %q", tt.design, err, tt.want)
		}
	}
}

// What cannot be asked of a design is not answered either.
func TestVoidProperties(t *testing.T) {
	for _, tt := range []struct{ design, property, want string }{
		{"tlb-v6", "no-double-execution", "catches up at every entry"},
		{"valentin-v8", "no-double-execution", "catches up at every entry"},
		{"valentin", "no-starved-ipi", "no request is urgent"},
		{"valentin", "no-data-race", "no access is plain"},
	} {
		d, _ := Find(tt.design)
		p, err := d.Program(DefaultConfig())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := props.Select(p, tt.property); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: the error is %v, want one with %q", tt.design, err, tt.want)
		}
		for _, name := range props.Applicable(p) {
			if name == tt.property {
				t.Errorf("%s: %s is vacuous and applicable", tt.design, name)
			}
		}
	}
}

// The designs that signal by kernel_cr3_loaded race on it, as it is written and read by plain accesses; no
// other design has any. READ_ONCE() and WRITE_ONCE() would do, as they are the same instructions.
func TestDataRacesOfDesigns(t *testing.T) {
	c := DefaultConfig()
	c.Setters, c.Works, c.NMI = 1, 1, 1 // an NMI reads the CPU's own CR3, by what is no atomic access
	for _, d := range All() {
		p, err := d.Program(c)
		if err != nil {
			t.Fatal(err)
		}
		racy := strings.HasPrefix(d.Name, "tlb-") || strings.HasPrefix(d.Name, "valentin-v8")
		if void := props.Void(p, "no-data-race"); (void == "") != racy {
			t.Errorf("%s: no-data-race is void: %q", d.Name, void)
		}
		if !racy {
			continue
		}
		for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
			r, err := explore.Run(t.Context(), p, []*model.Monitor{props.NoDataRace()}, explore.Options{Memory: mm})
			if err != nil {
				t.Fatal(err)
			}
			if tr := r.Properties[0].Trace; tr == nil || tr.Race.Var.Name != "kernel_cr3_loaded" {
				t.Errorf("%s under %s: %+v", d.Name, mm, tr)
			}
		}
		for s := range p.Statements() {
			if s.Kind == model.StmtAccess && s.Order == model.Plain && s.Var.Name == "kernel_cr3_loaded" {
				s.Order = model.Relaxed
			}
		}
		if got := violated(search(t, p, explore.Options{}, "no-data-race")); got != "" {
			t.Errorf("%s, marked: violated %q", d.Name, got)
		}
	}
}
