package models_test

import (
	"context"
	"fmt"
	"testing"

	"ctcheck/explore"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/verdict"
)

// Reduced and not, every design gives the same verdicts by the same runs, and the reduced states
// stand for as many as there are.
func TestReducedDesignsAgree(t *testing.T) {
	configs := models.Matrix()
	more := func(name string, setters, works int, change func(c *models.Config)) {
		c := models.DefaultConfig()
		c.Setters, c.Works = setters, works
		if change != nil {
			change(&c)
		}
		configs = append(configs, models.NamedConfig{Name: name, Config: c})
	}
	more("3 setters, one bit", 3, 1, nil)
	more("3 setters, two bits", 3, 2, nil)
	more("2 setters, one bit + 1 NMI", 2, 1, func(c *models.Config) { c.NMI = 1 })
	more("2 setters, one bit, for ever", 2, 1, func(c *models.Config) { c.Rounds = 0 })
	more("2 setters, 2 requests each", 2, 1, func(c *models.Config) { c.Requests = 2 })
	more("2 setters + self call", 2, 1, func(c *models.Config) { c.Self = true })
	// These look at the setters one after the other, or give each a bit of its own.
	ordered := map[string]bool{"frederic-csd": true, "tlb-v6": true, "tlb-hansen": true,
		"valentin-v8": true, "valentin-v8-restore": true}
	reduced, dropped := 0, 0
	for _, d := range append(models.All(), models.Benchmarks()...) {
		for _, nc := range configs {
			p, err := d.Program(nc.Config)
			if err != nil {
				continue // the design has no answer to it
			}
			ms := props.Default(p)
			m, err := machine.Compile(machine.Options{}, p, ms...)
			if err != nil {
				t.Fatal(err)
			}
			o := explore.Options{Search: explore.BreadthFirst}
			full := search(t, p, ms, o)
			o.Reduce = explore.Symmetry
			less := search(t, p, ms, o)
			name := fmt.Sprintf("%s, %s", d.Name, nc.Name)
			same(t, name, full, less)
			red, states := less.Search.Reduced[0], less.States
			if red.Off == "" {
				states = red.StandFor
				reduced++
			} else if len(m.Symmetry().Classes()) > 0 {
				dropped++
			} else if nc.Works == 1 && nc.Setters > 1 && !ordered[d.Name] {
				t.Errorf("%s: not reduced: %s", name, red.Off)
			}
			if states != full.States {
				t.Errorf("%s: %d states stand for %d, there are %d", name, less.States, states, full.States)
			}
		}
	}
	t.Logf("%d reduced, %d dropped", reduced, dropped)
	if reduced < 100 || dropped > 20 {
		t.Errorf("%d configurations were reduced, and in %d the reduction was dropped", reduced, dropped)
	}
}

func search(t *testing.T, p *model.Program, ms []*model.Monitor, o explore.Options) *verdict.Result {
	t.Helper()
	r, err := explore.Run(context.Background(), p, ms, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// same compares verdicts and traces.
func same(t *testing.T, name string, full, less *verdict.Result) {
	t.Helper()
	if full.Verdict != less.Verdict || less.Complete != full.Complete {
		t.Errorf("%s: %v, reduced %v", name, full.Verdict, less.Verdict)
	}
	for i, pr := range full.Properties {
		q := less.Properties[i]
		if pr.Violated != q.Violated {
			t.Errorf("%s: %s violated: %t, reduced: %t", name, pr.Name, pr.Violated, q.Violated)
		} else if pr.Violated && !pr.Trace.SameRun(q.Trace) {
			t.Errorf("%s: %s has another trace when reduced", name, pr.Name)
		}
	}
	for i, c := range full.Claims {
		if c.Reached != less.Claims[i].Reached {
			t.Errorf("%s: %s reached: %t, reduced: %t", name, c.Name, c.Reached, less.Claims[i].Reached)
		}
	}
}
