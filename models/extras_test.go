package models_test

import (
	"strings"
	"testing"

	"ctcheck/models"
	"ctcheck/props"
)

// TestBeyondUserMode has the configurations in which idle, guest, ct->active, calls for two bits or
// urgent requests decide the verdict.
func TestBeyondUserMode(t *testing.T) {
	small := models.DefaultConfig()
	small.Setters, small.Works = 1, 1
	with := func(c models.Config, change func(c *models.Config)) models.Config {
		change(&c)
		return c
	}
	pair := models.DefaultConfig()
	idle := func(c *models.Config) { c.Context = models.ContextIdle }
	idleNMI := func(c *models.Config) { c.Context, c.NMI = models.ContextIdle, 1 }
	guest := func(c *models.Config) { c.Context = models.ContextGuest }
	all := func(c *models.Config) { c.Context = "user,idle,guest" }
	inactive := func(c *models.Config) { c.Active = false }
	inactiveIdle := func(c *models.Config) { c.Active, c.Context = false, models.ContextIdle }
	twoBits := func(c *models.Config) { c.BitsPerRequest = 2 }
	overlap := func(c *models.Config) { c.Works, c.BitsPerRequest = 3, 2 }
	urgent := func(c *models.Config) { c.Urgent = 1 }

	for _, tt := range []struct {
		name, design string
		config       models.Config
		violated     string
		why          string
	}{
		{"idle", "valentin", with(small, idle), "",
			"an IPI's handler in idle is an entry like any other, and the work is flushed before it"},
		{"guest", "valentin", with(small, guest), "", "guest is as user with another number"},
		{"all contexts", "valentin", with(pair, all), "", "DISABLED does not ask for the context"},
		{"all contexts", "frederic-fixed", with(pair, all), "",
			"guest is folded into USER, and an idle target refuses, whatever interrupts it"},
		{"one setter in idle", "valentin-v2-intended", with(small, idle), "",
			"what the only setter's IPI interrupts no other setter can use"},
		{"two setters in idle", "valentin-v2-intended", with(pair, idle),
			"no-lost-work no-late-work no-set-in-kernel",
			"an IPI's handler from idle leaves the context IDLE: the other setter's work is set " +
				"meanwhile and cleared by the handler's exit; no NMI is needed"},
		{"NMI in idle", "valentin-v4", with(small, idleNMI), "",
			"from IDLE, which is 0, the NMI's sum is KERNEL, as its author meant it"},
		{"all contexts", "valentin-v4", with(pair, all), "", "without NMIs only idle is interrupted"},
		{"all contexts", "valentin-v7", with(pair, all), "", "RCU watches in every interrupt"},
		{"NMI in idle", "valentin-v7", with(small, idleNMI), "", "RCU watches in every NMI"},

		{"inactive", "valentin", with(small, inactive), "", "DISABLED is set at boot and stays"},
		{"inactive idle", "valentin", with(small, inactiveIdle), "", "idle is as on any CPU"},
		{"inactive", "frederic-fixed", with(small, inactive), "no-lost-work no-late-work",
			"set_work sees USER, but the plain addition that leaves it runs nothing"},
		{"inactive", "valentin-v2-intended", with(small, inactive), "no-lost-work no-late-work",
			"set_work sees USER, but the plain addition that leaves it runs nothing"},
		{"inactive", "valentin-v4", with(small, inactive), "", "set_work tests ct->active"},
		{"inactive", "valentin-v5", with(small, inactive), "", "set_work tests ct->active"},
		{"inactive", "valentin-v7", with(small, inactive), "", "set_work tests ct->active"},

		{"two bits", "valentin", with(pair, twoBits), "", "both bits go in with one exchange"},
		{"two bits", "valentin-v7", with(pair, twoBits), "", "both bits go in with one exchange"},
		{"two bits", "luto", with(pair, twoBits), "", "both bits go in with one exchange"},
		{"overlapping pairs", "valentin-v7", with(pair, overlap), "", "the answer is the exchange"},
		{"overlapping pairs", "frederic", with(pair, overlap),
			"no-double-execution no-lost-work no-late-work",
			"set_work asks for any of its bits: it finds the one that the other setter set, and " +
				"is told true although its second bit is in no word"},

		{"urgent", "frederic-csd", with(pair, urgent),
			"no-late-work no-set-in-kernel no-starved-ipi",
			"the urgent item is not first in the queue, and the first one waits for the next entry"},
		{"urgent only", "frederic-csd", with(pair, func(c *models.Config) { c.Urgent = 2 }),
			"no-late-work no-set-in-kernel",
			"whoever is first in the queue sends the IPI, and its handler takes the whole queue"},
		{"one urgent", "frederic-csd", with(small, urgent), "", "it is first and sends the IPI"},
	} {
		t.Run(tt.design+"/"+tt.name, func(t *testing.T) {
			d, _ := models.Find(tt.design)
			r := check(t, d, tt.config)
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
		change func(c *models.Config)
		want   string
	}{
		{"peterz", func(c *models.Config) { c.Context = "idle" }, "does not say what idle and guest do"},
		{"luto", func(c *models.Config) { c.Active = false }, "has no ct->active"},
		{"tlb-v6", func(c *models.Config) { c.BitsPerRequest = 2 }, "is not a mask"},
		{"frederic-csd", func(c *models.Config) { c.BitsPerRequest = 2 }, "is not a mask"},
		{"valentin", func(c *models.Config) { c.Urgent = 1 }, "has no urgent requests"},
		{"valentin", func(c *models.Config) { c.Works, c.BitsPerRequest = 1, 2 }, "raise works"},
		{"valentin", func(c *models.Config) { c.BitsPerRequest = 3 }, "it can be 1 to 2"},
		{"valentin", func(c *models.Config) { c.Context = "user,,idle" }, "is not known"},
		{"valentin", func(c *models.Config) { c.Context = "idle,idle" }, "given twice"},
		{"frederic-csd", func(c *models.Config) { c.Setters, c.Urgent = 1, 2 }, "raise setters"},
		{"frederic-csd", func(c *models.Config) { c.Setters, c.Requests = 8, 8 }, "room for 16"},
	} {
		d, _ := models.Find(tt.design)
		c := models.DefaultConfig()
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
	} {
		d, _ := models.Find(tt.design)
		p, err := d.Program(models.DefaultConfig())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := props.Select(p, tt.property); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: the error is %v, want one with %q", tt.design, err, tt.want)
		}
		for _, name := range props.Applicable(p) {
			if name == tt.property {
				t.Errorf("%s: %s is void and applicable", tt.design, name)
			}
		}
	}
}
