package judge

import (
	"fmt"
	"strconv"

	"ctcheck/model"
	"ctcheck/verdict"
)

// This file makes a family of a protocol that is no design of deferred work.

// Replicas is the family of a protocol that is built for each number of CPUs of one kind, those that its
// Program.Replicated names. Claims on whole runs and on data races are left out; the family says which.
func Replicas(build func(n int) (*model.Program, []*model.Monitor)) Family {
	f := Family{Kind: "replica"}
	_, ms := build(1)
	for _, m := range ms {
		if m == nil {
			continue
		}
		if why := leftOf(m); why != "" {
			f.Left = append(f.Left, verdict.Left{Name: m.Name, Why: why})
		}
	}
	f.Instance = func(n int) (*model.Program, []*model.Monitor, error) {
		p, ms := build(n)
		if p == nil {
			return nil, nil, fmt.Errorf("there is no program with %d replicas", n)
		}
		if len(p.Replicated) != n {
			return nil, nil, fmt.Errorf("model %s: Program.Replicated names %d CPUs where the program was "+
				"asked for %d replicas", p.Name, len(p.Replicated), n)
		}
		return p, decidable(ms), nil
	}
	f.Rest = f.Instance
	f.Name = func(n, _ int) string { return strconv.Itoa(n) }
	return f
}

// decidable is the monitors but for those that are left out.
func decidable(ms []*model.Monitor) (kept []*model.Monitor) {
	for _, m := range ms {
		if why := leftOf(m); why == "" || why == leftHalf {
			kept = append(kept, m)
		}
	}
	return kept
}

// leftOf says why what a monitor claims is not decided, or not wholly; it is empty if it is.
func leftOf(m *model.Monitor) string {
	live := m.Progress != nil || len(m.NotForever) > 0 || m.Eventually != nil
	switch {
	case m.NoDataRace:
		return leftRace
	case live && len(safety([]*model.Monitor{m})) == 0:
		return leftLive
	case live:
		return leftHalf
	}
	return ""
}
