package models_test

import (
	"fmt"
	"slices"
	"testing"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
)

// safe is the monitors that make no claims on whole runs, of which partial-order reduction keeps off.
func safe(ms []*model.Monitor) []*model.Monitor {
	return slices.DeleteFunc(slices.Clone(ms), func(m *model.Monitor) bool {
		return m.Progress != nil || len(m.NotForever) > 0 || m.Eventually != nil
	})
}

// Leaving steps out or not, every design gives the same verdicts by the same runs.
func TestPrunedDesignsAgree(t *testing.T) {
	var configs []models.NamedConfig
	more := func(name string, change func(c *models.Config)) {
		c := models.DefaultConfig()
		change(&c)
		configs = append(configs, models.NamedConfig{Name: name, Config: c})
	}
	more("1 setter", func(c *models.Config) { c.Setters = 1 })
	more("2 setters", func(c *models.Config) {})
	more("2 setters + 1 NMI", func(c *models.Config) { c.NMI = 1 })
	more("1 setter + 2 nested NMIs", func(c *models.Config) { c.Setters, c.NMI, c.NMIDepth = 1, 2, 2 })
	more("3 setters, one bit", func(c *models.Config) { c.Setters, c.Works = 3, 1 })
	more("2 setters, for ever", func(c *models.Config) { c.Rounds = 0 })
	more("1 setter, 2 requests + self call", func(c *models.Config) { c.Setters, c.Requests, c.Self = 1, 2, true })
	more("1 setter, idle and guest", func(c *models.Config) { c.Setters, c.Context = 1, "user,idle,guest" })
	pruned, fewer, states := 0, 0, uint64(0)
	for _, d := range append(models.All(), models.Benchmarks()...) {
		for i, nc := range configs {
			p, err := d.Program(nc.Config)
			if err != nil {
				continue // the design has no answer to it
			}
			all, err := props.Select(p, props.Names()...)
			if err != nil {
				all = props.Default(p) // some are void
			}
			for k, ms := range [][]*model.Monitor{nil, safe(props.Default(p)), safe(all)} {
				o := explore.Options{Search: explore.BreadthFirst}
				full := search(t, p, ms, o)
				o.Reduce = explore.PartialOrder
				if k == 1 {
					o.Reduce |= explore.Symmetry
				}
				o.Search = explore.Order(i % 2)
				less := search(t, p, ms, o)
				same(t, fmt.Sprintf("%s, %s, properties %d", d.Name, nc.Name, k), full, less)
				if por := less.Search.Reduced[len(less.Search.Reduced)-1]; por.PrunedSteps > 0 {
					pruned++
				}
				if less.States < full.States {
					fewer++
				}
				states += full.States
			}
		}
	}
	t.Logf("%d pruned, %d with fewer states, %d states in all", pruned, fewer, states)
	if pruned < 400 || fewer < 300 {
		t.Errorf("%d configurations were pruned, %d to fewer states", pruned, fewer)
	}
}
