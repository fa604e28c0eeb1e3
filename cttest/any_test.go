package cttest_test

import (
	"testing"

	"ctcheck/cttest"
	"ctcheck/internal/testkit"
	"ctcheck/model"
	"ctcheck/models"
)

// adders is CPUs that each add 1 to a count, in one step or in two, and claims that the count is what was added.
func adders(torn bool) func(n int) (*model.Program, []*model.Monitor) {
	return func(n int) (*model.Program, []*model.Monitor) {
		p := model.New("counters")
		x := p.Shared("x", model.UpTo(3).Mod(), model.Int(0))
		added := p.Ghost("added", model.UpTo(3).Mod(), model.Int(0))
		for i := range n {
			c := p.CPU("CPU" + string(rune('0'+i)))
			c.Run(p.Routine(c.Name, func(r *model.Routine) {
				v := r.LocalOf("v", x)
				r.Forever(func() {
					if torn {
						r.AtomicRead("v = x", v, x)
						r.AtomicSet("x = v + 1", x, v.Add(model.Int(1)).And(model.Int(3)))
					} else {
						r.AtomicAdd("x += 1", x, model.Int(1))
					}
					r.Set(added, added.Add(model.Int(1)))
					r.Set(v, model.Int(0))
				})
			}))
			p.Replicated = append(p.Replicated, c)
		}
		return p, []*model.Monitor{{Name: "counted", Never: x.Ne(added)}}
	}
}

func TestHoldsForAny(t *testing.T) {
	if r := cttest.HoldsForAny(t, adders(false)); r.Any.Views == 0 {
		t.Error("there are no views")
	}
	testkit.Mentions(t, says(func(t testing.TB) { cttest.HoldsForAny(t, adders(true)) }), "what, and a run",
		"counted is violated under sc with 2", "x = v + 1", "asserted to hold for any number")
	live := func(n int) (*model.Program, []*model.Monitor) {
		p, ms := adders(false)(n)
		return p, append(ms, &model.Monitor{Name: "again", NotForever: []model.Value{model.True}})
	}
	testkit.Mentions(t, says(func(t testing.TB) { cttest.HoldsForAny(t, live) }), "what is not decided",
		"again is a claim on whole runs")
	apart := func(n int) (*model.Program, []*model.Monitor) {
		p, ms := adders(false)(n)
		p.Replicated = p.Replicated[:1]
		return p, ms
	}
	testkit.Mentions(t, says(func(t testing.TB) { cttest.HoldsForAny(t, apart) }), "who is replicated",
		"names 1 CPUs", "2 replicas")
}

func TestDesignHoldsForAny(t *testing.T) {
	d, _ := models.Find("valentin-v7")
	c := models.DefaultConfig()
	c.NMI = 1
	cttest.DesignHoldsForAny(t, d, c, "no-lost-work", "no-double-execution", "no-warn")
	cttest.Under(model.TSO).DesignHoldsForAny(t, d, c, "no-late-work")
	d, _ = models.Find("valentin")
	testkit.Mentions(t, says(func(t testing.TB) { cttest.DesignHoldsForAny(t, d, c, "no-warn", "no-lost-work") }),
		"what, with how many, and a run", "no-warn is violated under sc with 1", "WARN_ON_ONCE")
	testkit.Mentions(t, says(func(t testing.TB) { cttest.DesignHoldsForAny(t, d, c, "terminates") }),
		"it is not decided", "terminates is a claim on whole runs")
}
