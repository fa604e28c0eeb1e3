package weaken

import (
	"context"
	"slices"
	"testing"
	"time"

	"ctcheck/explore"
	"ctcheck/judge"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/report"
)

// What a weakened step breaks with any number of setters is what searches with one setter and with two say,
// with the same smallest number, or it is open: where an access to a count that does not end is torn, copies
// cannot age. It is long, as it goes through all at once.
func TestWeakenedWithAnySetters(t *testing.T) {
	names := []string{"no-double-execution", "no-lost-work", "no-flush-in-user", "no-late-work", "no-set-in-kernel",
		"no-warn"}
	decided, broken, open := 0, 0, 0
	designs := []string{"valentin", "luto", "valentin-v8", "valentin-v7", "peterz", "frederic-fixed"}
	if testing.Short() {
		designs = designs[:3] // the others have counts
	}
	for _, name := range designs {
		d, _ := models.Find(name)
		c := models.DefaultConfig()
		c.Any, c.Rounds = true, 0
		p, err := d.Program(c.Each(2, 0))
		if err != nil {
			t.Fatal(err)
		}
		asked := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return props.Void(p, n) != "" })
		found, _ := findings(p)
		for _, f := range found {
			if f.kind != Swap && f.kind != Torn {
				continue
			}
			weak := d
			weak.Build = func(p *model.Program, c models.Config) {
				d.Build(p, c)
				f.apply(p)
			}
			family, err := judge.FamilyOf(weak, c, asked)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			r, err := judge.Any(ctx, family, explore.Options{Search: explore.BreadthFirst,
				Reduce: explore.Symmetry})
			cancel()
			if err != nil {
				t.Fatalf("%s, %v of %+v: %v", name, f.kind, f.at, err)
			}
			decided++
			smallest := map[string]int{}
			for n := 2; n >= 1; n-- {
				p, ms, err := family.Instance(n)
				if err != nil {
					t.Fatal(err)
				}
				fixed, err := explore.Run(context.Background(), p, ms, explore.Options{Search: explore.BreadthFirst,
					Reduce: explore.Symmetry, MaxStates: 60_000})
				if err != nil {
					t.Fatal(err)
				}
				for _, q := range fixed.Properties {
					if q.Violated && q.Trace.Loop < 0 && len(report.Wraps(q.Trace)) == 0 {
						smallest[q.Name] = n
					}
				}
			}
			for _, q := range r.Properties {
				if q.Violated {
					broken++
				}
				if q.Open != "" {
					open++
					continue
				}
				if q.Violated != (smallest[q.Name] > 0) || q.Violated && q.Setters != smallest[q.Name] {
					t.Errorf("%s, %v of %+v: %s is violated with %d setters, searches say %d", name, f.kind,
						f.at, q.Name, q.Setters, smallest[q.Name])
				}
			}
		}
	}
	t.Logf("%d weakenings, %d properties violated, %d open", decided, broken, open)
	if decided < 8 || broken < 8 || open > broken {
		t.Error("that says little")
	}
}
