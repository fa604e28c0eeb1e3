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
	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/verdict"
)

// This file holds every way to search against the plain explorer, on random programs with interrupts
// and NMIs, under all memory models: the same states, transitions, violations and claims, and traces of
// the same length that another machine can follow.

// maxPlain is the most states of a program that is compared.
const maxPlain = 10_000

var memories = model.MemoryModels()

var modes = []explore.Options{
	{},
	{Search: explore.BreadthFirst},
	{Search: explore.BreadthFirst, Workers: 2},
	{Search: explore.BreadthFirst, Workers: 3},
	{Search: explore.BreadthFirst, Workers: 2, Checkpoint: "cut"},
	{Coverage: true},
	{Search: explore.BreadthFirst, Coverage: true},
}

// uncut is the modes that run through.
var uncut = slices.DeleteFunc(slices.Clone(modes), func(o explore.Options) bool { return o.Checkpoint != "" })

// skipped is true of most programs where the mode is interrupted and resumed, since writing files is slow.
func skipped(o explore.Options, data []byte) bool {
	return o.Checkpoint != "" && len(data) > 0 && data[len(data)-1]%4 != 0
}

// runMode searches; a mode with a checkpoint is one that is interrupted and resumed, with the memory that a
// mode before it ended with.
func runMode(mm model.MemoryModel, mem *machine.Options, p *model.Program, ms []*model.Monitor,
	o explore.Options) (*verdict.Result, error) {
	if o.Checkpoint != "" {
		m, err := machine.Compile(*mem, p, ms...)
		if err != nil {
			return nil, err
		}
		return resumed(m, o)
	}
	o.Memory = mm
	r, err := explore.Run(context.Background(), p, ms, o)
	if err == nil {
		*mem = memoryOf(r)
	}
	return r, err
}

// memoryOf is the memory model of a search, with the room that store buffers had.
func memoryOf(r *verdict.Result) machine.Options {
	return machine.Options{Memory: r.Memory, BufferSizes: r.Search.BufferSizes}
}

// A modesTally counts what the programs of a test had.
type modesTally struct{ compared, violated, waits, outgrown int }

// disagreement compares all modes on one program; it is empty where they agree, or where there is
// nothing to compare.
func disagreement(mm model.MemoryModel, data []byte, n *modesTally) string {
	p, ms := plain.Random(data)
	want := plain.Explore(mm, p, ms, maxPlain/(1+2*int(mm)))
	if want.Truncated {
		return ""
	}
	var traces []string
	room := machine.Options{Memory: mm}
	for _, o := range modes {
		if skipped(o, data) {
			continue
		}
		r, err := runMode(mm, &room, p, ms, o)
		if (err != nil) != (want.Err != nil) {
			return fmt.Sprintf("%+v: error %v, plain %v", o, err, want.Err)
		}
		if err != nil {
			continue
		}
		if r.Bound == verdict.AtBuffer && mm.HasBuffers() && r.Verdict != verdict.Holds {
			n.outgrown++
			return ""
		}
		if r.States != uint64(want.States) || r.Transitions != uint64(want.Transitions) || !r.Complete {
			return fmt.Sprintf("%+v: %d states, %d transitions, complete %t; plain %d, %d", o, r.States,
				r.Transitions, r.Complete, want.States, want.Transitions)
		}
		if d := miscounted(r); d != "" {
			return fmt.Sprintf("%+v: %s", o, d)
		}
		var told strings.Builder
		for _, pr := range r.Properties {
			bad := want.Violated[pr.Name] || pr.Name == model.NoDeadlock && want.Deadlock
			if pr.Violated != bad {
				return fmt.Sprintf("%+v: %s violated: %t, plain: %t", o, pr.Name, pr.Violated, bad)
			}
			if !bad {
				continue
			}
			if n := len(pr.Trace.Steps); n != want.MinDepth[pr.Name] {
				return fmt.Sprintf("%+v: %s in %d steps, plain %d", o, pr.Name, n, want.MinDepth[pr.Name])
			}
			n.violated++
			if d := follow(p, ms, memoryOf(r), pr, &n.waits); d != "" {
				return fmt.Sprintf("%+v: %s: %s", o, pr.Name, d)
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
		n.compared++
	}
	return ""
}

// follow takes the steps of a trace on a machine made anew, and counts flushes among them. It is empty if
// they can be taken and what is violated is violated at the end, and only there.
func follow(p *model.Program, ms []*model.Monitor, mem machine.Options, pr verdict.Property, flushes *int) string {
	m, err := machine.Compile(mem, p, ms...)
	if err != nil {
		return err.Error()
	}
	bit := slices.Index(m.Properties, pr.Name)
	init, fx := m.Initial()
	s, failed := slices.Clone(init), fx.Failed|m.Violated(init)
	fire := func(match func(tr ir.Transition) bool) bool {
		dst := make([]uint64, len(s))
		for t := range m.Transitions() {
			if match(m.Transition(t)) && m.Fire(s, t, dst, &fx) {
				s, failed = dst, fx.Failed|m.Violated(dst)
				return true
			}
		}
		return false
	}
	for i, step := range pr.Trace.Steps {
		if bit >= 0 && failed>>bit&1 != 0 {
			return fmt.Sprintf("violated before step %d", i+1)
		}
		if !fire(func(tr ir.Transition) bool { return tr == step.Transition }) {
			return fmt.Sprintf("step %d cannot be taken", i+1)
		}
		if step.Transition.Kind == ir.Flush {
			*flushes++
		}
	}
	switch {
	case bit >= 0 && failed>>bit&1 == 0:
		return "not violated at its end"
	case bit < 0 && (m.Ended(s) || fire(func(tr ir.Transition) bool { return tr.Kind.Obliged() })):
		return "no deadlock at its end"
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

// fewer is n, or a part of it under the memory model that is another one but for what interrupts do.
func fewer(mm model.MemoryModel, n int) int {
	if mm == model.TSOLazy {
		return (n + 3) / 4
	}
	return n
}

// some is n, or few of them where tests are to be short: under the race detector, where each is slow.
func some(n int) uint64 {
	if testing.Short() {
		return uint64(n+19) / 20
	}
	return uint64(n)
}

func TestModesAgree(t *testing.T) {
	for _, mm := range memories {
		var n modesTally
		for seed := range some(fewer(mm, 200/(1+int(mm)))) {
			if d := disagreement(mm, seedBytes(seed), &n); d != "" {
				t.Errorf("%v: seed %d: %s", mm, seed, d)
			}
		}
		t.Logf("%v: %+v", mm, n)
		if testing.Short() || mm == model.TSOLazy {
			continue
		}
		if n.compared < 300 || n.violated < 60 || mm.HasBuffers() && n.waits < 60 {
			t.Errorf("%v: %+v: the programs have become too large or too tame", mm, n)
		}
	}
}

func FuzzModesAgree(f *testing.F) {
	for seed := range uint64(4) {
		f.Add(seedBytes(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, mm := range memories {
			if d := disagreement(mm, slices.Clone(data), &modesTally{}); d != "" {
				t.Errorf("%v: %s", mm, d)
			}
		}
	})
}
