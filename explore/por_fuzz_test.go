package explore_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"ctcheck/explore"
	"ctcheck/internal/plain"
	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/verdict"
)

// This file holds searches that leave steps out against the plain explorer, on random programs with
// interrupts and NMIs: the same violations and claims, and shortest traces.

// maxPruned is the most states of a program that is compared.
const maxPruned = 1500

var prunedModes = []explore.Options{
	{Reduce: explore.PartialOrder},
	{Reduce: explore.PartialOrder, Search: explore.BreadthFirst},
	{Reduce: explore.PartialOrder, Search: explore.BreadthFirst, Workers: 3},
	{Reduce: explore.PartialOrder | explore.Symmetry},
	{Reduce: explore.PartialOrder | explore.Symmetry, Search: explore.BreadthFirst, Workers: 2},
}

// A pruning is what became of the programs that were compared.
type pruning struct{ compared, pruned, fewer, both, violated, errors int }

// prunedDisagreement compares the modes on one program; it is empty where they agree.
func prunedDisagreement(mm model.MemoryModel, p *model.Program, ms []*model.Monitor, n *pruning) string {
	want := plain.Explore(mm, p, ms, maxPruned)
	if want.Truncated {
		return ""
	}
	if _, err := machine.Compile(machine.Options{}, p, ms...); err != nil {
		return ""
	}
	n.compared++
	var mem machine.Options
	var first [2]*verdict.Result // without symmetry, and with it
	for i, o := range prunedModes {
		o.Memory = mm
		r, err := explore.Run(context.Background(), p, ms, o)
		if (err != nil) != (want.Err != nil) {
			return fmt.Sprintf("%+v: error %v, plain %v", o, err, want.Err)
		}
		if err != nil {
			n.errors++
			return ""
		}
		if r.Bound == verdict.AtBuffer {
			return ""
		}
		mem = memoryOf(r)
		if d := samePruned(r, want); d != "" {
			return fmt.Sprintf("%+v: %s", o, d)
		}
		f := &first[o.Reduce&explore.Symmetry]
		if *f == nil {
			*f = r
		} else if r.States != (*f).States || r.Transitions != (*f).Transitions {
			return fmt.Sprintf("%+v: %d states, %d transitions, depth first %d, %d", o, r.States, r.Transitions,
				(*f).States, (*f).Transitions)
		}
		if i == 0 {
			n.tell(r, want)
		}
		if por := r.Search.Reduced[len(r.Search.Reduced)-1]; i == 3 && r.Search.Reduced[0].Off == "" &&
			por.PrunedSteps > 0 {
			n.both++
		}
	}
	m, err := machine.Compile(mem, p, ms...)
	if err != nil {
		return err.Error()
	}
	return sameStops(m)
}

func (n *pruning) tell(r *verdict.Result, want plain.Result) {
	if r.Search.Reduced[0].PrunedSteps > 0 {
		n.pruned++
		if r.Verdict == verdict.Violated {
			n.violated++
		}
	}
	if r.States < uint64(want.States) {
		n.fewer++
	}
}

// samePruned compares verdicts, and the length of traces.
func samePruned(r *verdict.Result, want plain.Result) string {
	if !r.Complete {
		return "cut"
	}
	for _, pr := range r.Properties {
		bad := want.Violated[pr.Name] || pr.Name == model.NoDeadlock && want.Deadlock
		if pr.Violated != bad {
			return fmt.Sprintf("%s violated: %t, plain: %t", pr.Name, pr.Violated, bad)
		}
		if bad && (len(pr.Trace.Steps) != want.MinDepth[pr.Name] || !pr.Trace.Shortest || !pr.Trace.Fewest) {
			return fmt.Sprintf("%s in %d steps, plain %d", pr.Name, len(pr.Trace.Steps), want.MinDepth[pr.Name])
		}
	}
	for _, c := range r.Claims {
		if c.Reached != want.Reached[c.Name] {
			return fmt.Sprintf("%s reached: %t, plain: %t", c.Name, c.Reached, want.Reached[c.Name])
		}
	}
	if r.States > uint64(want.States) || r.Transitions > uint64(want.Transitions) {
		return fmt.Sprintf("%d states, %d transitions, plain %d, %d", r.States, r.Transitions, want.States,
			want.Transitions)
	}
	return ""
}

// sameStops checks that every state in which nothing but NMIs can come, or the run has ended, is visited.
func sameStops(m *machine.Machine) string {
	full, less := stops(m, nil), stops(m, m.Persistent().NewChooser())
	if !slices.Equal(full, less) {
		return fmt.Sprintf("%d states in which the run may stop, reduced %d", len(full), len(less))
	}
	return ""
}

// stops is the states in which nothing but NMIs can come, or the run has ended.
func stops(m *machine.Machine, c *machine.Chooser) (list []string) {
	first, _ := m.Initial()
	seen := map[string]bool{fmt.Sprint(first): true}
	for queue := [][]uint64{slices.Clone(first)}; len(queue) > 0; queue = queue[1:] {
		s, cpus := queue[0], ^uint64(0)
		if c != nil {
			cpus, _ = c.Choose(s)
		}
		stop := true
		for t := range m.Transitions() {
			dst, fx := make([]uint64, m.Words()), machine.Effects{}
			if cpus>>m.Transition(t).CPU&1 == 0 || !m.Fire(s, t, dst, &fx) {
				continue
			}
			stop = stop && m.Transition(t).Kind == ir.PushNMI
			if k := fmt.Sprint(dst); !seen[k] {
				seen[k] = true
				queue = append(queue, dst)
			}
		}
		if stop || m.Ended(s) {
			list = append(list, fmt.Sprint(s))
		}
	}
	slices.Sort(list)
	return list
}

// safe is the monitors that this reduction goes with: without claims on whole runs, and on data races.
func safe(ms []*model.Monitor) []*model.Monitor {
	return slices.DeleteFunc(slices.Clone(ms), func(m *model.Monitor) bool {
		return m.NoDataRace || m.Progress != nil || len(m.NotForever) > 0 || m.Eventually != nil
	})
}

func TestPrunedAgrees(t *testing.T) {
	for _, mm := range memories {
		var n, twin pruning
		for seed := range some(fewer(mm, 200)) {
			p, ms := plain.Random(seedBytes(seed))
			if d := prunedDisagreement(mm, p, safe(ms), &n); d != "" {
				t.Errorf("%s, seed %d: %s", mm, seed, d)
			}
		}
		for seed := range some(fewer(mm, 80)) {
			p, ms := twins(seedBytes(seed))
			if d := prunedDisagreement(mm, p, safe(ms), &twin); d != "" {
				t.Errorf("%s, twins, seed %d: %s", mm, seed, d)
			}
		}
		t.Logf("%s: %+v, twins %+v", mm, n, twin)
		if testing.Short() || mm == model.TSOLazy {
			continue
		}
		if n.pruned*8 < n.compared || min(n.fewer, n.violated, twin.pruned, twin.both) < 6 || n.errors < 3 {
			t.Errorf("%s: %+v, twins %+v: too little is left out", mm, n, twin)
		}
	}
}

func FuzzPrunedAgrees(f *testing.F) {
	for seed := range uint64(4) {
		f.Add(seedBytes(seed), seed%4 == 3, uint8(seed%3))
	}
	f.Fuzz(func(t *testing.T, data []byte, alike bool, memory uint8) {
		mm := memories[int(memory)%len(memories)]
		p, ms := plain.Random(data)
		if alike {
			p, ms = twins(slices.Clone(data))
		}
		if d := prunedDisagreement(mm, p, safe(ms), &pruning{}); d != "" {
			t.Error(d)
		}
	})
}
