package judge_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"ctcheck/explore"
	"ctcheck/judge"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/report"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// anyConfig is any number of setters, with shared or own bits, and with any number of NMIs or none.
func anyConfig(works, nmi int) models.Config {
	c := models.DefaultConfig()
	c.Any, c.Rounds, c.Works, c.NMI = true, 0, works, nmi
	return c
}

// askable is the named properties that can be asked of a design with any number of setters.
func askable(t *testing.T, d models.Design, c models.Config) (names []string) {
	t.Helper()
	p, err := d.Program(c.Each(2, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range props.Names() {
		if props.Void(p, n) == "" || props.Stronger(p, n) != nil {
			names = append(names, n)
		}
	}
	return names
}

// decideAny is the verdict for any number of setters.
func decideAny(t *testing.T, d models.Design, c models.Config, mm model.MemoryModel) (judge.Family,
	*verdict.Result) {
	t.Helper()
	f, err := judge.FamilyOf(d, c, askable(t, d, c))
	if err != nil {
		t.Fatal(err)
	}
	r, err := judge.Any(context.Background(), f, explore.Options{Memory: mm, Search: explore.BreadthFirst,
		Reduce: explore.Symmetry | explore.PartialOrder})
	if err != nil {
		t.Fatalf("%s: %v", d.Name, err)
	}
	return f, r
}

// comesRound reports whether a counter comes round in a run that is longer in the kernel.
func comesRound(t *trace.Trace) bool { return len(report.Wraps(t)) > 0 }

// fixed is what a search with a fixed number says is violated, but for runs in which a counter comes round.
func fixed(t *testing.T, p *model.Program, ms []*model.Monitor, mm model.MemoryModel) (violated []string,
	whole bool) {
	t.Helper()
	var safe []*model.Monitor // without what they claim of whole runs
	for _, m := range ms {
		s := *m
		s.NotForever, s.Progress = nil, nil
		safe = append(safe, &s)
	}
	r, err := explore.Run(context.Background(), p, safe, explore.Options{Memory: mm, Search: explore.BreadthFirst,
		Reduce: explore.Symmetry, MaxStates: 30_000})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range r.Properties {
		if q.Violated && !comesRound(q.Trace) {
			violated = append(violated, q.Name)
		}
	}
	return violated, r.AllVisited
}

// The verdict for any number of setters is that of each fixed number that was searched: what one of them
// violates is violated, with no more setters than that, and what is violated is so with the number that is said
// and with no less.
func TestAnyAgainstFixedNumbers(t *testing.T) {
	held, broken := 0, 0
	for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
		for _, nmi := range []int{0, 1} {
			for _, works := range []int{2, 1} {
				if mm == model.TSO && works == 1 || testing.Short() && (mm == model.TSO || nmi == 1) {
					continue
				}
				for _, d := range models.All() {
					if d.Name == "frederic-csd" {
						continue
					}
					c := anyConfig(works, nmi)
					f, r := decideAny(t, d, c, mm)
					where := fmt.Sprintf("%s, %d works, %d NMIs, %s", d.Name, works, nmi, mm)
					smallest := map[string]int{}
					for _, p := range r.Properties {
						switch {
						case p.Open != "":
							t.Errorf("%s: %s is open: %s", where, p.Name, p.Open)
						case p.Violated:
							smallest[p.Name] = p.Setters
							broken++
						default:
							held++
						}
					}
					check := func(n int, violated []string, whole bool) {
						for _, name := range violated {
							if k := smallest[name]; k == 0 || k > n {
								t.Errorf("%s: %s is violated with %d setters; any number says %d", where, name,
									n, k)
							}
						}
						for name, k := range smallest {
							stronger := slices.Contains(f.Stronger, name)
							if !stronger && whole && k <= n && !slices.Contains(violated, name) {
								t.Errorf("%s: %s is violated with %d setters, and not with %d", where, name, k, n)
							}
						}
					}
					for n, whole := 1, true; n <= 3 && whole; n++ {
						p, ms, err := f.Instance(n)
						if err != nil {
							t.Fatal(err)
						}
						ms = slices.DeleteFunc(ms, func(m *model.Monitor) bool {
							return slices.Contains(f.Stronger, m.Name)
						})
						var violated []string
						violated, whole = fixed(t, p, ms, mm)
						check(n, violated, whole)
						for k := 1; k <= 2 && len(f.Stronger) > 0; k++ {
							p, ms, err := f.Bounded(n, k)
							if err != nil {
								t.Fatal(err)
							}
							ms = slices.DeleteFunc(ms, func(m *model.Monitor) bool {
								return !slices.Contains(f.Stronger, m.Name)
							})
							violated, _ := fixed(t, p, ms, mm)
							check(n, violated, false)
						}
					}
				}
			}
		}
	}
	t.Logf("%d properties hold for any number, %d are violated", held, broken)
}

// What the configurations of the matrix violate is violated with any number of setters, where that has as much
// in it.
func TestAnyAgainstTheMatrix(t *testing.T) {
	if testing.Short() {
		t.Skip("every design in many configurations takes long under the race detector")
	}
	for _, d := range models.All() {
		if d.Name == "frederic-csd" {
			continue
		}
		known := map[[2]int]*verdict.Result{}
		for _, n := range append(models.Matrix(), models.Endless()...) {
			if n.Self || n.NMIDepth > 1 {
				continue
			}
			r := known[[2]int{n.Works, n.NMI}]
			if r == nil {
				_, r = decideAny(t, d, anyConfig(n.Works, n.NMI), model.SC)
				known[[2]int{n.Works, n.NMI}] = r
			}
			p, err := d.Program(n.Config)
			if err != nil {
				t.Fatal(err)
			}
			ms, err := props.Select(p, props.Applicable(p)...)
			if err != nil {
				t.Fatal(err)
			}
			violated, _ := fixed(t, p, ms, model.SC)
			for _, name := range violated {
				i := slices.IndexFunc(r.Properties, func(p verdict.Property) bool { return p.Name == name })
				if i >= 0 && (!r.Properties[i].Violated || r.Properties[i].Setters > n.Setters) {
					t.Errorf("%s in %s violates %s; any number: violated %t, with %d", d.Name, n.Key, name,
						r.Properties[i].Violated, r.Properties[i].Setters)
				}
			}
		}
	}
}

// A design whose shared memory knows its setters apart is refused, and what is asked of whole runs too.
func TestNoFamily(t *testing.T) {
	d, _ := models.Find("frederic-csd")
	f, err := judge.FamilyOf(d, anyConfig(2, 0), []string{"no-lost-work"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = judge.Any(context.Background(), f, explore.Options{})
	if err == nil {
		t.Fatal("its queue holds which setter's request it is")
	}
	t.Log(err)
	d, _ = models.Find("valentin")
	f, err = judge.FamilyOf(d, anyConfig(2, 0), []string{"terminates", "no-lost-work", "no-starved-set"})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"terminates", "no-starved-set"} {
		if f.Undecided([]string{name}) == nil {
			t.Errorf("%s is decided", name)
		}
	}
	if err := f.Undecided([]string{"no-lost-work"}); err != nil {
		t.Error(err)
	}
}
