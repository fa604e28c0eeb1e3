package trace_test

import (
	"strings"
	"testing"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/trace"
)

// truthText is what each state of a trace says of the properties, a letter each.
func truthText(t *trace.Trace) string {
	var states []string
	for n := range len(t.Steps) + 1 {
		var s strings.Builder
		for _, tr := range t.Truths(n) {
			s.WriteString(tr.String()[:1])
		}
		states = append(states, s.String())
	}
	return strings.Join(states, " ")
}

// A run that somebody walks along says at each step what it says of the properties: what is broken there,
// what is owed, and whether it has come to a deadlock.
func TestTruths(t *testing.T) {
	p := model.New("truths")
	x := p.Shared("x", model.UpTo(3), no)
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		v := r.LocalOf("v", x)
		for i := range 3 {
			r.WriteOnce("x = "+string(rune('1'+i)), x, model.Int(i+1))
		}
		r.CondLoadAcquire("wait until x is 0", v, x, v.IsZero())
	}))
	m := compile(t, p, never("x is 2", x.Eq(model.Int(2))),
		&model.Monitor{Name: "x is 3 in the end", Eventually: x.Eq(model.Int(3))},
		&model.Monitor{Name: "x is not 1 for ever", NotForever: []model.Value{x.Eq(model.Int(1))}})
	tr, err := trace.Play(m, []ir.Transition{{}, {}, {}})
	if err != nil {
		t.Fatal(err)
	}
	// x is 2; x is 3 in the end; x is not 1 for ever; no-deadlock
	if got, want := truthText(tr), "kokk kook bokk kkkb"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if next, err := tr.Next(); err != nil || len(next) != 0 {
		t.Errorf("%v, %v may come after the deadlock", next, err)
	}
	if tr, err = trace.Play(m, nil); err != nil {
		t.Fatal(err)
	}
	if next, err := tr.Next(); err != nil || len(next) != 1 || next[0].Statement() != "x = 1" {
		t.Errorf("%v, %v may come first", next, err)
	}
	for _, path := range [][]ir.Transition{{{}, {}, {}, {}}, {{CPU: 3}}, {{Kind: ir.PushNMI}}} {
		if _, err := trace.Play(m, path); err == nil {
			t.Errorf("%v is played", path)
		}
	}
}

// A store that becomes visible is that of the statement that it waited for, not of another one that stores to the
// same variable.
func TestWhoseStoreBecomesVisible(t *testing.T) {
	p := model.New("stores")
	x, y := p.Shared("x", model.UpTo(3), no), p.Shared("y", model.UpTo(3), no)
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		r.WriteOnce("x = 1", x, model.Int(1))
		r.WriteOnce("y = 1", y, model.Int(1))
		r.WriteOnce("x = 2", x, model.Int(2))
	}))
	m, err := machine.Compile(machine.Options{Memory: model.TSO, BufferSizes: []int{3}}, p)
	if err != nil {
		t.Fatal(err)
	}
	flush := ir.Transition{Kind: ir.Flush}
	for _, path := range [][]ir.Transition{{{}, {}, {}, flush, flush, flush}, {{}, flush, {}, {}, flush,
		flush}} {
		tr, err := trace.Play(m, path)
		if err != nil {
			t.Fatal(err)
		}
		var stored []string
		for _, s := range tr.Steps {
			if s.Transition.Kind == ir.Flush {
				stored = append(stored, s.Stored.Stmt.Label)
			}
		}
		if got := strings.Join(stored, ", "); got != "x = 1, y = 1, x = 2" {
			t.Errorf("%v: %s become visible", path, got)
		}
	}
}

// A fault of the program is an error of what comes next, and of the step into it.
func TestPlayingFaults(t *testing.T) {
	p := model.New("fault")
	x := p.Shared("x", model.UpTo(1), no)
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		r.AtomicAdd("x += 2", x, model.Int(2))
	}))
	m := compile(t, p)
	tr, err := trace.Play(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Next(); err == nil || !strings.Contains(err.Error(), "x = 2") {
		t.Errorf("next: %v", err)
	}
	if _, err := trace.Play(m, []ir.Transition{{}}); err == nil || !strings.Contains(err.Error(), "x = 2") {
		t.Errorf("play: %v", err)
	}
}
