package explore_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/internal/plain"
	"ctcheck/model"
)

// This file holds every way to search against the plain explorer, on random programs with interrupts
// and NMIs: the same states, transitions, violations and claims, and traces of the same length.

// maxPlain is the most states of a program that is compared.
const maxPlain = 20_000

var modes = []explore.Options{
	{},
	{Search: explore.BreadthFirst},
	{Search: explore.BreadthFirst, Workers: 2},
	{Search: explore.BreadthFirst, Workers: 3},
	{Search: explore.BreadthFirst, Workers: 2, Checkpoint: "cut"},
}

// skipped is true of most programs where the mode is interrupted and resumed, since writing files is slow.
func skipped(o explore.Options, data []byte) bool {
	return o.Checkpoint != "" && len(data) > 0 && data[len(data)-1]%4 != 0
}

// runMode searches; a mode with a checkpoint is one that is interrupted and resumed.
func runMode(m *model.Machine, o explore.Options) (*explore.Result, error) {
	if o.Checkpoint != "" {
		return resumed(m, o)
	}
	return explore.Run(context.Background(), m, o)
}

// disagreement compares all modes on one program; it is empty where they agree, or where there is
// nothing to compare.
func disagreement(data []byte) string {
	p, ms := plain.Random(data)
	want := plain.Explore(p, ms, maxPlain)
	if want.Truncated {
		return ""
	}
	m, err := model.Compile(p, ms...)
	if err != nil {
		if want.Err == nil {
			return fmt.Sprintf("Compile: %v", err)
		}
		return ""
	}
	var traces []string
	for _, o := range modes {
		if skipped(o, data) {
			continue
		}
		r, err := runMode(m, o)
		if (err != nil) != (want.Err != nil) {
			return fmt.Sprintf("%+v: error %v, plain %v", o, err, want.Err)
		}
		if err != nil {
			continue
		}
		if r.States != uint64(want.States) || r.Transitions != uint64(want.Transitions) || !r.Complete {
			return fmt.Sprintf("%+v: %d states, %d transitions, complete %t; plain %d, %d", o, r.States,
				r.Transitions, r.Complete, want.States, want.Transitions)
		}
		var told strings.Builder
		for _, pr := range r.Properties {
			bad := want.Violated[pr.Name] || pr.Name == explore.NoDeadlock && want.Deadlock
			if pr.Violated != bad {
				return fmt.Sprintf("%+v: %s violated: %t, plain: %t", o, pr.Name, pr.Violated, bad)
			}
			if !bad {
				continue
			}
			if n := len(pr.Trace.Steps); n != want.MinDepth[pr.Name] {
				return fmt.Sprintf("%+v: %s in %d steps, plain %d", o, pr.Name, n, want.MinDepth[pr.Name])
			}
			told.WriteString(pr.Name)
			for _, s := range pr.Trace.Steps {
				told.WriteString(fmt.Sprint(" ", s.Transition))
			}
		}
		if traces = append(traces, told.String()); told.String() != traces[0] {
			return fmt.Sprintf("%+v: other traces: %s; %s", o, told.String(), traces[0])
		}
		for _, c := range r.Claims {
			if c.Reached != want.Reached[c.Name] {
				return fmt.Sprintf("%+v: %s reached: %t, plain: %t", o, c.Name, c.Reached, want.Reached[c.Name])
			}
		}
	}
	return ""
}

func seedBytes(seed uint64) []byte {
	var data []byte
	for i := range uint64(64) {
		data = binary.LittleEndian.AppendUint64(data, (seed+1)*0x9e3779b97f4a7c15^(i+1)*0xd6e8feb86659fd93)
	}
	return data
}

func TestModesAgree(t *testing.T) {
	for seed := range uint64(300) {
		if d := disagreement(seedBytes(seed)); d != "" {
			t.Errorf("seed %d: %s", seed, d)
		}
	}
}

func FuzzModesAgree(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seedBytes(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if d := disagreement(slices.Clone(data)); d != "" {
			t.Error(d)
		}
	})
}
