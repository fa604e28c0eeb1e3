package report_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/report"
)

// graphReport is a report with its state graph.
func graphReport(t *testing.T, mm model.MemoryModel, name string, c models.Config, names ...string) *report.Report {
	t.Helper()
	r := makeUnder(t, mm, name, c, breadthFirst, names...)
	ms, err := props.Select(r.Program, names...)
	if err != nil {
		t.Fatal(err)
	}
	o := explore.Options{Memory: r.Memory}
	r.Graph, err = explore.GraphOf(t.Context(), r.Program, ms, o, report.MostStates)
	if err != nil || r.Graph == nil {
		t.Fatalf("%v, %v", r.Graph, err)
	}
	return r
}

// A state graph has a box for every state and an arrow for every transition of the search, and the shortest run
// is on it.
func TestStateGraphs(t *testing.T) {
	small := models.DefaultConfig()
	small.Setters, small.NMI = 1, 1
	for _, row := range []struct {
		name string
		mm   model.MemoryModel
		prop string
	}{{"valentin", model.SC, "no-warn"}, {"luto", model.TSO, "no-needless-ipi"}, {"peterz", model.SC,
		"no-late-work"}} {
		r := graphReport(t, row.mm, row.name, small, row.prop)
		gv := written(t, "states", r)
		if n := strings.Count(gv, " [label=\"state "); uint64(n) != r.States {
			t.Errorf("%s: %d boxes, want %d", row.name, n, r.States)
		}
		if n := strings.Count(gv, " -> r0_s"); uint64(n) != r.Transitions {
			t.Errorf("%s: %d arrows, want %d", row.name, n, r.Transitions)
		}
		steps := 0
		for _, p := range r.Properties {
			if p.Trace != nil {
				steps += len(p.Trace.Steps)
			}
		}
		if n := strings.Count(gv, "on the run to "); n != steps {
			t.Errorf("%s: %d arrows are on the run, want %d", row.name, n, steps)
		}
		if ended := strings.Count(gv, "every CPU has ended"); ended == 0 || strings.Contains(gv, "DEADLOCK") {
			t.Errorf("%s: %d ends, or a deadlock", row.name, ended)
		}
		if dot := written(t, "dot", r); strings.Contains(dot, "state 0") !=
			(steps == 0 && r.States <= report.FewStates) {
			t.Errorf("%s: the states are with the traces, or nowhere", row.name)
		}
		if dot, err := exec.LookPath("dot"); err == nil {
			cmd := exec.Command(dot, "-Tdot")
			cmd.Stdin = strings.NewReader(gv)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", row.name, err, out)
			}
		}
	}
}

// The graph of a program with a deadlock and a violated claim, as a golden file; and one with too many states.
func TestStateGraphGolden(t *testing.T) {
	p := model.New("tiny")
	x := p.Shared("x", model.UpTo(2), model.Int(0))
	for _, name := range []string{"CPU0", "CPU1"} {
		p.CPU(name).Run(p.Routine(name, func(r *model.Routine) {
			v := r.LocalOf("v", x)
			r.AtomicAdd("x++", x, model.Int(1))
			r.CondLoadAcquire("wait for 1", v, x, v.Eq(model.Int(1)))
		}))
	}
	ms := []*model.Monitor{props.Never("x is 2", x.Eq(model.Int(2)))}
	res, err := explore.Run(t.Context(), p, ms, explore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &report.Report{Model: "tiny", Program: p, Result: res}
	if r.Graph, err = explore.GraphOf(t.Context(), p, ms, explore.Options{}, 100); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("formats", "tiny.gv"), []byte(written(t, "states", r)))
	fewer := int(res.States) - 1
	if r.Graph, err = explore.GraphOf(t.Context(), p, ms, explore.Options{}, fewer); err != nil || r.Graph != nil {
		t.Errorf("%v, %v: a graph with too many states", r.Graph, err)
	}
	if gv := written(t, "states", r); !strings.Contains(gv, "is not drawn") || strings.Contains(gv, "->") {
		t.Errorf("too many states:\n%s", gv)
	}
}
